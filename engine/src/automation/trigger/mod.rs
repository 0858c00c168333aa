//! Triggers: when an automation runs. One file and one line in [`REGISTRY`] for each kind.

mod record_created;
mod record_matches;
mod record_updated;
mod schedule;

use std::collections::BTreeMap;

use formulas::{FieldId, RecordSet, TableId};
use serde_json::Value as Json;

use super::KindInfo;
use crate::id::PersonId;
use crate::snapshot::Snapshot;
use crate::state::Stored;

/// All kinds, in the order in which they are offered.
pub(super) const REGISTRY: &[&dyn TriggerKind] = &[
    &record_created::RecordCreated,
    &record_updated::RecordUpdated,
    &record_matches::RecordMatches,
    &schedule::Schedule,
];

/// One kind of trigger.
pub(super) trait TriggerKind: Sync {
    /// Name, doc and example.
    fn info(&self) -> KindInfo;

    /// Reads and checks what was configured.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    fn read(&self, json: &Json, stored: &Stored) -> Result<Box<dyn Trigger>, String>;
}

/// A trigger of an automation.
pub(super) trait Trigger: Send + Sync {
    /// Whose records trigger it; `None` for a trigger without a record.
    fn table(&self) -> Option<TableId> {
        None
    }

    /// The records that trigger it in one commit.
    ///
    /// # Errors
    ///
    /// A sentence, if its condition does not fit the base any more.
    fn records(&self, step: &Step<'_>) -> Result<RecordSet, String> {
        let _ = step;
        Ok(RecordSet::new())
    }

    /// When it comes due; for triggers of time.
    fn timetable(&self) -> Option<&dyn Timetable> {
        None
    }
}

/// When a trigger of time comes due.
pub(super) trait Timetable {
    /// The first moment after `ms`, milliseconds UTC.
    fn next_after(&self, ms: i64) -> Option<i64>;
    /// The last moment not after `ms`.
    fn last_until(&self, ms: i64) -> Option<i64>;
}

/// One commit with the snapshots around it.
pub(super) struct Step<'a> {
    pub(super) before: &'a Snapshot,
    pub(super) after: &'a Snapshot,
    /// Records whose cell of a field may differ.
    pub(super) touched: &'a BTreeMap<FieldId, RecordSet>,
    /// Records that appeared.
    pub(super) added: &'a BTreeMap<TableId, RecordSet>,
    /// The automation's owner, for filters by "me".
    pub(super) owner: PersonId,
    /// When.
    pub(super) now_ms: i64,
}

impl Step<'_> {
    /// The records of a table that are new and still there. One that was deleted and is brought back is not new:
    /// taking back a mistake should not send anything again.
    pub(super) fn created(&self, table: TableId) -> RecordSet {
        let alive = self.after.alive(table);
        let len = self.before.stored().table(table).map_or(0, |state| state.len);
        let added = self.added.get(&table).map(|added| added.intersection(&alive)).unwrap_or_default();
        added.iter().filter(|record| record.index() >= len).collect()
    }

    /// The records of a table that were deleted and are back.
    pub(super) fn restored(&self, table: TableId) -> RecordSet {
        self.added.get(&table).map(|added| added.difference(&self.created(table))).unwrap_or_default()
    }

    /// The records that were there before with a cell of `field` that differs.
    pub(super) fn differing(&self, field: FieldId, table: TableId) -> RecordSet {
        let Some(touched) = self.touched.get(&field) else { return RecordSet::new() };
        let there = touched.intersection(&self.before.alive(table)).intersection(&self.after.alive(table));
        there
            .iter()
            .filter(|record| self.before.get(field, *record) != self.after.get(field, *record))
            .collect()
    }
}

/// A kind by its name.
pub(super) fn named(name: &str) -> Option<&'static dyn TriggerKind> {
    REGISTRY.iter().copied().find(|kind| kind.info().name == name)
}

/// When a trigger of time comes due next after `ms`: for the editor, which shows it.
///
/// # Errors
///
/// What is wrong with the trigger.
pub fn next_tick(trigger: &Json, stored: &Stored, ms: i64) -> Result<i64, String> {
    let kind =
        trigger.get("kind").and_then(Json::as_str).and_then(named).ok_or("there is no such trigger")?;
    let mut config = trigger.clone();
    config.as_object_mut().into_iter().for_each(|map| drop(map.remove("kind")));
    let trigger = kind.read(&config, stored)?;
    let next = trigger.timetable().and_then(|timetable| timetable.next_after(ms));
    next.ok_or_else(|| "the trigger follows no clock".to_owned())
}
