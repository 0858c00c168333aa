//! Automations: what happened → what follows.
//!
//! The runner follows deltas, finds what triggers match, and commits what their actions do: all or nothing,
//! with the run as cause. What leaves the base (HTTP, mail, a notice to a person) is written as an [`Effect`]
//! in the same commit and sent from there, at least once, with the same key on each attempt.

use formulas::{RecordId, TableId};
use serde_json::Value as Json;

use crate::change::Version;
use crate::id::{AutomationId, PersonId};

/// One execution of an automation, as its history shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number in the base.
    pub id: u64,
    /// Whose.
    pub automation: AutomationId,
    /// The revision of the automation that ran.
    pub revision: u64,
    /// The version whose snapshot it read.
    pub version: Version,
    /// What triggered it, if it was a record.
    pub record: Option<(TableId, RecordId)>,
    /// When it started, milliseconds UTC.
    pub time_ms: i64,
    /// How long it took.
    pub duration_ms: u32,
    /// How it ended.
    pub status: RunStatus,
    /// Why it failed, or what is worth saying (late, skipped).
    pub message: String,
    /// What its script logged, a line each.
    pub log: Vec<String>,
    /// How many cells and records it changed.
    pub n_changes: u32,
    /// How many effects it left.
    pub n_effects: u32,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bincode::Encode, bincode::Decode)]
pub enum RunStatus {
    /// All actions done.
    Done,
    /// Nothing was written; the message says why.
    Failed,
    /// Not run: a loop, a limit, a missed tick.
    Skipped,
}

/// Something to be sent outside, written in the same commit as what caused it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Its number in the base; with the base's id the idempotency key that receivers see.
    pub id: u64,
    /// The run that left it.
    pub run: u64,
    /// What kind: `http`, `notify`.
    pub kind: String,
    /// What is sent: `{url, method, headers, body}` or `{person, text, table, record}`.
    pub payload: Json,
    /// On whose behalf.
    pub owner: PersonId,
    /// When it was written, milliseconds UTC.
    pub time_ms: i64,
    /// Attempts so far.
    pub attempts: u32,
    /// Not before this time.
    pub due_ms: i64,
    /// Pending, delivered or failed for good.
    pub status: EffectStatus,
    /// What the last attempt answered.
    pub answer: String,
}

/// The fate of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bincode::Encode, bincode::Decode)]
pub enum EffectStatus {
    /// Still to be sent.
    Pending,
    /// Sent and taken.
    Delivered,
    /// Given up.
    Failed,
}

/// Checks an automation before it is saved.
///
/// # Errors
///
/// A refusal that names the trigger or the action.
pub(crate) fn check(
    automation: &crate::state::schema::Automation,
    _stored: &crate::state::Stored,
) -> Result<(), crate::error::Refusal> {
    let named = |json: &Json| json.get("kind").is_some_and(Json::is_string);
    let fits = named(&automation.trigger)
        && automation.actions.as_array().is_some_and(|actions| actions.iter().all(named));
    fits.then_some(()).ok_or_else(|| {
        crate::error::Refusal::invalid("an automation has a trigger and actions, each with its kind")
    })
}
