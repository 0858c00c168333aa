//! [`Work`]: what one run has and does: a draft, a record, effects, a log.

use std::sync::Arc;

use formulas::{RecordId, TableId};
use serde_json::{Value as Json, json};

use super::definition::Definition;
use super::draft::Draft;
use super::follow::Plans;
use crate::change::Outcome;
use crate::command::{Command, RecordUpdate};
use crate::field::Input;
use crate::id::{IdCodec, PersonId};
use crate::snapshot::Snapshot;
use crate::state::schema::{Automation, Role};

/// Effects of one run.
const EFFECTS_MAX: usize = 100;
/// Bytes of one effect: what it sends.
const EFFECT_BYTES_MAX: usize = 256 << 10;
/// Lines that a run logs.
const LOG_LINES_MAX: usize = 1_000;
/// Bytes of them all.
const LOG_BYTES_MAX: usize = 64 << 10;

/// A run that is being done.
pub(super) struct Work {
    pub(super) draft: Draft,
    pub(super) automation: Arc<Automation>,
    pub(super) record: Option<(TableId, RecordId)>,
    pub(super) now_ms: i64,
    /// Kind and payload of each.
    pub(super) effects: Vec<(&'static str, Json)>,
    pub(super) log: Vec<String>,
    log_bytes: usize,
    pub(super) budget: super::script::Budget,
}

impl Work {
    /// A run of `automation` on `snapshot`.
    pub(super) fn new(
        automation: Arc<Automation>,
        record: Option<(TableId, RecordId)>,
        snapshot: Snapshot,
        plans: Plans,
        now_ms: i64,
    ) -> Self {
        let draft = Draft::new(snapshot, plans, automation.owner, now_ms);
        Self {
            draft,
            automation,
            record,
            now_ms,
            effects: Vec::new(),
            log: Vec::new(),
            log_bytes: 0,
            budget: super::script::Budget::default(),
        }
    }

    /// Does all actions.
    ///
    /// # Errors
    ///
    /// The sentence of the first that failed, with which it was; nothing of the run counts then.
    pub(super) fn run(&mut self, definition: &Definition) -> Result<(), String> {
        let owner = self.draft.start().schema().people.get(&self.automation.owner);
        if owner.and_then(|person| person.role) < Some(Role::Editor) {
            return Err("the owner of the automation may not edit this base any more".into());
        }
        for (at, action) in definition.actions.iter().enumerate() {
            action.act(self).map_err(|why| match definition.actions.len() {
                1 => why,
                _ => format!("action {}: {why}", at + 1),
            })?;
        }
        Ok(())
    }

    /// Writes cells of one record.
    ///
    /// # Errors
    ///
    /// Why the base refuses.
    pub(super) fn update(
        &mut self,
        table: TableId,
        record: RecordId,
        cells: Vec<(formulas::FieldId, Input)>,
    ) -> Result<(), String> {
        let records = vec![RecordUpdate { record, if_version: None, cells }];
        self.draft.submit(Command::UpdateRecords { table, records, typecast: true }).map(|_| ())
    }

    /// Makes one record.
    ///
    /// # Errors
    ///
    /// Why the base refuses.
    pub(super) fn create(
        &mut self,
        table: TableId,
        cells: Vec<(formulas::FieldId, Input)>,
    ) -> Result<RecordId, String> {
        let columns = cells.into_iter().map(|(field, input)| (field, vec![input])).collect();
        let command = Command::CreateRecords { table, columns, n_records: 1, typecast: true };
        match self.draft.submit(command)? {
            Outcome::Records { created, .. } if !created.is_empty() => Ok(created.at(0)),
            _ => Err("no record was created".into()),
        }
    }

    /// Takes a record away.
    ///
    /// # Errors
    ///
    /// Why the base refuses.
    pub(super) fn delete(&mut self, table: TableId, record: RecordId) -> Result<(), String> {
        self.draft.submit(Command::DeleteRecords { table, records: vec![record] }).map(|_| ())
    }

    /// Leaves something to be sent.
    ///
    /// # Errors
    ///
    /// If it is too much.
    pub(super) fn send(&mut self, kind: &'static str, payload: Json) -> Result<(), String> {
        if self.effects.len() >= EFFECTS_MAX {
            return Err(format!("a run sends {EFFECTS_MAX} times at most"));
        }
        if payload.to_string().len() > EFFECT_BYTES_MAX {
            return Err(format!("what a run sends at once has {EFFECT_BYTES_MAX} bytes at most"));
        }
        self.effects.push((kind, payload));
        Ok(())
    }

    /// Leaves a notice to people, each once.
    ///
    /// # Errors
    ///
    /// If it is too much.
    pub(super) fn notify(&mut self, mut people: Vec<PersonId>, text: &str) -> Result<(), String> {
        people.sort_unstable();
        people.dedup();
        let ids = self.draft.stored().ids();
        let table = self.record.map(|(table, _)| ids.table(table));
        let record = self.record.map(|(table, record)| ids.record(table, record));
        for person in people {
            let payload =
                json!({ "person": IdCodec::person(person), "text": text, "table": table, "record": record });
            self.send("notify", payload)?;
        }
        Ok(())
    }

    /// Adds a line to the run's log; what is too much is cut and said once.
    pub(super) fn log(&mut self, line: &str) {
        let full = self.log.len() >= LOG_LINES_MAX || self.log_bytes + line.len() > LOG_BYTES_MAX;
        if !full {
            self.log_bytes += line.len();
            self.log.push(line.to_owned());
        } else if self.log.last().is_none_or(|last| last != "…") {
            self.log.push("…".to_owned());
        }
    }
}
