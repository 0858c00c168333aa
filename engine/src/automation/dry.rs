//! Dry runs: what an automation would do to one record, written and sent nowhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use formulas::{FieldId, RecordId, TableId};
use serde_json::Value as Json;

use super::definition::{Definition, bind};
use super::follow::Plans;
use super::script::Budget;
use super::work::Work;
use crate::base::Base;
use crate::change::Change;
use crate::id::{AutomationId, PersonId};
use crate::snapshot::Snapshot;
use crate::state::schema::Automation;

/// Changes that a dry run shows.
const SHOWN_MAX: usize = 500;
/// Scripts recurse; the threads that call here may have small stacks.
const STACK_BYTES: usize = 8 << 20;

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DryRun {
    /// The record that it was tried on.
    pub record: Option<(TableId, RecordId)>,
    /// Whether the condition holds for it; without that, a real run would not begin.
    pub condition: bool,
    /// What would be written, the first 500.
    pub changes: Vec<DryChange>,
    /// How many cells and records that is.
    pub n_changes: u32,
    /// What would be sent.
    pub effects: Vec<DryEffect>,
    /// What scripts logged.
    pub log: Vec<String>,
    /// Why the run would fail; then nothing of the above would happen.
    pub error: Option<String>,
}

/// One cell or record that would change.
#[derive(Clone, Debug, PartialEq)]
pub struct DryChange {
    /// Whose.
    pub table: TableId,
    /// Which record; one that would be new has the number it would get.
    pub record: RecordId,
    /// Which field; `None` if the record itself would appear or go.
    pub field: Option<FieldId>,
    /// The cell, or the record's title, as text; empty if there is none.
    pub before: String,
    /// The same after the run.
    pub after: String,
}

/// One effect that would be left.
#[derive(Clone, Debug, PartialEq)]
pub struct DryEffect {
    /// `http`, `notify`.
    pub kind: String,
    /// As in [`super::Effect`].
    pub payload: Json,
}

/// An automation that is not saved, for [`dry_run`].
pub fn unsaved(owner: PersonId, name: &str, trigger: Json, condition: Json, actions: Json) -> Automation {
    Automation {
        id: AutomationId(u32::MAX),
        name: name.to_owned(),
        enabled: true,
        owner,
        trigger,
        condition,
        actions,
        revision: 0,
        position: String::new(),
    }
}

/// Tries an automation on a record; without one, on the newest of its table. Nothing is written or sent.
pub fn dry_run(
    base: &Base,
    automation: &Automation,
    record: Option<RecordId>,
    now_ms: i64,
    budget: Budget,
) -> DryRun {
    let snapshot = base.snapshot();
    let tried = || catch_unwind(AssertUnwindSafe(|| try_on(&snapshot, automation, record, now_ms, budget)));
    let failed = |error: &str| DryRun { error: Some(error.to_owned()), ..DryRun::default() };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, tried);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(Ok(dry))) => dry,
            _ => failed("an internal error ended the run"),
        }
    })
}

fn try_on(
    snapshot: &Snapshot,
    automation: &Automation,
    record: Option<RecordId>,
    now_ms: i64,
    budget: Budget,
) -> DryRun {
    let mut dry = DryRun { condition: true, ..DryRun::default() };
    let definition = match Definition::read(automation, snapshot.stored()) {
        Ok(definition) => definition,
        Err(why) => return DryRun { error: Some(why), ..dry },
    };
    if let Some(table) = definition.trigger.table() {
        let alive = snapshot.alive(table);
        let Some(record) = record.or_else(|| alive.iter().last()).filter(|record| alive.contains(*record))
        else {
            return DryRun { error: Some("there is no record to try it on".into()), ..dry };
        };
        dry.record = Some((table, record));
        if let Some(condition) = &definition.condition {
            let plan = bind(condition, snapshot, automation.owner, now_ms);
            dry.condition = plan.is_ok_and(|plan| plan.matches(snapshot, record));
        }
    }
    let automation = Arc::new(automation.clone());
    let mut work = Work::new(automation, dry.record, snapshot.clone(), Plans::default(), now_ms);
    work.budget = budget;
    dry.error = work.run(&definition).err();
    dry.n_changes = work.draft.n_changes();
    dry.changes = changes(&mut work);
    let effects = work.effects.into_iter();
    dry.effects = effects.map(|(kind, payload)| DryEffect { kind: kind.to_owned(), payload }).collect();
    dry.log = work.log;
    dry
}

fn changes(work: &mut Work) -> Vec<DryChange> {
    let after = work.draft.snapshot().clone();
    let before = work.draft.start();
    let mut shown: Vec<DryChange> = Vec::new();
    for change in work.draft.changes() {
        let (table, field, ids) = match change {
            Change::Cells { table, field, ids, .. } => (*table, Some(*field), ids),
            Change::Records { table, ids, .. } => (*table, None, ids),
            _ => continue,
        };
        for record in ids.iter() {
            if shown.len() >= SHOWN_MAX {
                return shown;
            }
            let seen = |one: &DryChange| one.table == table && one.record == record && one.field == field;
            if shown.iter().any(seen) {
                continue;
            }
            let text = |snapshot: &Snapshot| match field {
                Some(field) => snapshot.text(field, record),
                None => snapshot.title(table, record),
            };
            let one = DryChange { table, record, field, before: text(before), after: text(&after) };
            if field.is_none() || one.before != one.after {
                shown.push(one);
            }
        }
    }
    shown
}
