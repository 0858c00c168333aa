//! Automations: what happened → what follows.
//!
//! The [`Runner`] follows a base, finds what triggers match, and commits what their actions do: all or nothing,
//! with the run as cause. What leaves the base (HTTP, a notice to a person) is written as an [`Effect`] in the
//! same commit and sent from there by the server, at least once, with the same key on each attempt.
//!
//! A kind of trigger or action is one file and one line in its folder's list. A run works on a [`work::Work`]:
//! a private draft of the newest snapshot that plans and computes each write at once, so that actions and
//! scripts see their own writes and a mistake is found where it is made.

mod action;
mod clock;
mod definition;
mod draft;
mod dry;
pub mod effect;
mod follow;
mod given;
mod runner;
pub mod script;
mod template;
mod trigger;
mod work;

use formulas::{RecordId, TableId};
use serde_json::Value as Json;

pub use clock::{Clock, ManualClock, SystemClock};
pub use dry::{DryChange, DryEffect, DryRun, dry_run, unsaved};
pub use effect::outbox;
pub use runner::Runner;
pub use trigger::next_tick;

use crate::change::Version;
use crate::error::Refusal;
use crate::id::{AutomationId, PersonId};
use crate::state::Stored;
use crate::state::schema::Automation;

/// One execution of an automation, as its history shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number in the base.
    pub id: u64,
    /// Whose.
    pub automation: AutomationId,
    /// The revision of the automation that ran.
    pub revision: u64,
    /// The version of the commit that triggered it; for a schedule, the version that the base had. What it read
    /// is the newest snapshot when it started, so that runs one after the other see what those before wrote.
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

/// One kind of trigger or action, for the editor and the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// Its `kind` in JSON.
    pub name: &'static str,
    /// One sentence for people.
    pub doc: &'static str,
    /// What its JSON looks like; `tbl…`, `fld…` stand for ids.
    pub example: &'static str,
}

/// The kinds of triggers, in the order in which they are offered.
pub fn trigger_kinds() -> Vec<KindInfo> {
    trigger::REGISTRY.iter().map(|kind| kind.info()).collect()
}

/// The kinds of actions, in the order in which they are offered.
pub fn action_kinds() -> Vec<KindInfo> {
    action::REGISTRY.iter().map(|kind| kind.info()).collect()
}

/// What is wrong with an automation by now, for example since a field that it names was renamed or deleted.
pub fn problem(automation: &Automation, stored: &Stored) -> Option<String> {
    definition::Definition::read(automation, stored).err()
}

/// Checks an automation before it is saved.
///
/// # Errors
///
/// A refusal that names the trigger, the condition or the action.
pub(crate) fn check(automation: &Automation, stored: &Stored) -> Result<(), Refusal> {
    definition::Definition::read(automation, stored).map(|_| ()).map_err(Refusal::invalid)
}
