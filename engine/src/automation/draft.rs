//! [`Draft`]: a private copy of a snapshot in which a run does its writes at once.
//!
//! The real planner plans each command with the owner's rights, so a draft refuses what the base would refuse,
//! and what a run reads next has its own writes, computed fields and links included. Committing sends the same
//! commands to the base's writer, which plans them again on whatever the base has become meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use formulas::{FieldId, RecordId, TableId, Value};

use super::follow::Plans;
use crate::change::{Change, Commit, Outcome, Version};
use crate::command::planner::{Past, Planned, Planner};
use crate::command::{Command, RecordUpdate, Request};
use crate::error::{Error, Refusal};
use crate::field::{Storage, storage};
use crate::id::PersonId;
use crate::snapshot::Snapshot;

/// Writes of one run: each costs a private copy of a chunk.
const WRITES_MAX: usize = 20_000;

/// A run's private copy of the base.
pub(super) struct Draft {
    start: Snapshot,
    /// Stored state with all writes; computed columns without those in `behind`.
    now: Snapshot,
    /// The last snapshot of which everything was computed.
    computed: Snapshot,
    /// Writes since then.
    behind: Vec<Commit>,
    plans: Plans,
    owner: PersonId,
    now_ms: i64,
    commands: Vec<Command>,
    /// What was changed, in order.
    changes: Vec<Change>,
    created: BTreeSet<(TableId, RecordId)>,
    pinned: bool,
    n_writes: usize,
}

/// A run does not undo, so nothing is asked of the past.
struct NoPast;

impl Past for NoPast {
    fn commit(&self, _version: Version) -> Result<Arc<Commit>, Error> {
        Err(Refusal::not_found("a run cannot look into the past").into())
    }

    fn undoable(&self, _stack: u128) -> Option<Version> {
        None
    }

    fn redoable(&self, _stack: u128) -> Option<Version> {
        None
    }
}

impl Draft {
    /// A draft of `start` with the rights of `owner`.
    pub(super) fn new(start: Snapshot, plans: Plans, owner: PersonId, now_ms: i64) -> Self {
        Self {
            now: start.clone(),
            computed: start.clone(),
            start,
            behind: Vec::new(),
            plans,
            owner,
            now_ms,
            commands: Vec::new(),
            changes: Vec::new(),
            created: BTreeSet::new(),
            pinned: false,
            n_writes: 0,
        }
    }

    /// Does a command in the draft.
    ///
    /// # Errors
    ///
    /// Why the base would refuse it.
    pub(super) fn submit(&mut self, command: Command) -> Result<Outcome, String> {
        self.n_writes += 1;
        if self.n_writes > WRITES_MAX {
            return Err(format!("a run writes {WRITES_MAX} times at most"));
        }
        self.pin_if_mentioned(&command);
        let request = Request::new(Some(self.owner), self.now_ms, vec![command]);
        let planned = Planner::plan(self.now.stored(), &request, &NoPast, &self.now);
        let Planned { stored, mut commit } = planned.map_err(|error| error.to_string())?;
        let outcome = commit.outcomes.pop().unwrap_or(Outcome::Done);
        if commit.changes.is_empty() {
            return Ok(outcome);
        }
        if let Outcome::Records { table, created, .. } = &outcome {
            self.created.extend(created.iter().map(|record| (*table, record)));
        }
        self.changes.extend(commit.changes.iter().cloned());
        self.behind.push(commit);
        self.now = Snapshot::new(Arc::new(stored), Arc::clone(self.now.computed()));
        request.commands.into_iter().for_each(|command| push(&mut self.commands, command));
        Ok(outcome)
    }

    /// The snapshot that the run began with.
    pub(super) const fn start(&self) -> &Snapshot {
        &self.start
    }

    /// Everything as the run has made it, computed cells included.
    pub(super) fn snapshot(&mut self) -> &Snapshot {
        if !self.behind.is_empty() {
            let behind = std::mem::take(&mut self.behind);
            let after = Arc::clone(self.now.stored());
            let (now, _) = self.plans.advance(&self.computed, after, behind.iter());
            self.computed = now.clone();
            self.now = now;
        }
        &self.now
    }

    /// As [`Draft::snapshot`], but computed cells may be old: for what reads none of them.
    pub(super) const fn stored(&self) -> &Snapshot {
        &self.now
    }

    /// One cell.
    pub(super) fn get(&mut self, field: FieldId, record: RecordId) -> Value {
        let computed = self.now.field(field).is_some_and(|def| matches!(storage(def), Storage::Computed(_)));
        if computed { self.snapshot().get(field, record) } else { self.now.get(field, record) }
    }

    /// Notes that what is written depends on the number of a record. One that the run itself created has it
    /// only if nothing else is created meanwhile, so the run must commit on the version it began with.
    pub(super) fn mention(&mut self, table: TableId, record: RecordId) {
        self.pinned |= self.created.contains(&(table, record));
    }

    fn pin_if_mentioned(&mut self, command: &Command) {
        match command {
            Command::UpdateRecords { table, records, .. } => {
                records.iter().for_each(|update| self.mention(*table, update.record));
            }
            Command::DeleteRecords { table, records } => {
                records.iter().for_each(|record| self.mention(*table, *record));
            }
            _ => {}
        }
    }

    /// The version that the base must still have when this is committed, if it matters.
    pub(super) fn pinned(&self) -> Option<Version> {
        self.pinned.then(|| self.start.version())
    }

    /// What is to be committed.
    pub(super) fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// What was changed, in order.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How many cells and records were changed.
    pub(super) fn n_changes(&self) -> u32 {
        let n = |change: &Change| match change {
            Change::Cells { ids, .. } | Change::Records { ids, .. } => ids.len(),
            _ => 0,
        };
        self.changes.iter().map(n).sum::<usize>() as u32
    }
}

/// Adds a command, to the one before it where they are alike: a batch has few commands, a script writes often.
fn push(commands: &mut Vec<Command>, command: Command) {
    match (commands.last_mut(), command) {
        (
            Some(Command::UpdateRecords { table, records, typecast }),
            Command::UpdateRecords { table: other, records: more, typecast: cast },
        ) if *table == other && *typecast == cast => add_updates(records, more),
        (
            Some(Command::CreateRecords { table, columns, n_records, typecast }),
            Command::CreateRecords { table: other, columns: more, n_records: n_more, typecast: cast },
        ) if *table == other
            && *typecast == cast
            && columns.len() == more.len()
            && columns.iter().zip(&more).all(|(one, other)| one.0 == other.0) =>
        {
            columns.iter_mut().zip(more).for_each(|(one, other)| one.1.extend(other.1));
            *n_records += n_more;
        }
        (
            Some(Command::DeleteRecords { table, records }),
            Command::DeleteRecords { table: other, records: more },
        ) if *table == other => records.extend(more),
        (_, command) => commands.push(command),
    }
}

fn add_updates(records: &mut Vec<RecordUpdate>, more: Vec<RecordUpdate>) {
    for update in more {
        match records.last_mut().filter(|last| last.record == update.record) {
            Some(last) => {
                for (field, input) in update.cells {
                    last.cells.retain(|(other, _)| *other != field);
                    last.cells.push((field, input));
                }
            }
            None => records.push(update),
        }
    }
}
