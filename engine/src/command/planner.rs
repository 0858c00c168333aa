//! [`Planner`]: plans one batch against its own copy of the state, change by change.

use std::sync::Arc;

use formulas::column::Chunk;
use formulas::{FieldId, RecordId, TableId, Value};

use super::{Cell, Command, Request, automation, field, import, order, record, table, undo, view};
use crate::access;
use crate::apply::{self, Stamp};
use crate::change::{Change, Commit, Ids, Outcome, Version};
use crate::error::{Code, Error, Refusal};
use crate::field::{Storage, storage};
use crate::limits::{BATCH_OPS_MAX, NAME_BYTES_MAX};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::{Field, Table};
use crate::state::table::TableState;

/// What a planner may ask besides the state: all of it a function of the log.
pub(crate) trait Past {
    /// The commit at a version.
    fn commit(&self, version: Version) -> Result<Arc<Commit>, Error>;
    /// The version that an undo of this stack takes back.
    fn undoable(&self, stack: u128) -> Option<Version>;
    /// The undo that a redo of this stack does again.
    fn redoable(&self, stack: u128) -> Option<Version>;
}

/// Plans one batch. The copy it works on becomes the base's state when the batch is written, and is dropped
/// when it is refused.
pub(crate) struct Planner<'a> {
    /// The state as the commands planned so far leave it.
    pub(crate) stored: Stored,
    /// What they change.
    pub(crate) changes: Vec<Change>,
    /// The batch.
    pub(crate) request: &'a Request,
    /// Old commits and undo stacks.
    pub(crate) past: &'a dyn Past,
    /// The newest published snapshot: computed cells, for converting a computed field to a stored one.
    pub(crate) snapshot: &'a Snapshot,
    /// Who writes, when, at which version.
    pub(crate) stamp: Stamp,
    /// What undo and redo found to be the cause, which is more than the request could say.
    pub(crate) cause: Option<crate::change::Cause>,
}

/// A batch that was planned: its commit and the state after it.
pub(crate) struct Planned {
    pub(crate) stored: Stored,
    pub(crate) commit: Commit,
}

impl<'a> Planner<'a> {
    /// Plans all commands of `request` against `stored`.
    ///
    /// # Errors
    ///
    /// The first refusal, with the position of its command.
    pub(crate) fn plan(
        stored: &Stored,
        request: &'a Request,
        past: &'a dyn Past,
        snapshot: &'a Snapshot,
    ) -> Result<Planned, Error> {
        if request.commands.len() > BATCH_OPS_MAX {
            let n = request.commands.len();
            return Err(
                Refusal::limit(format!("a batch has {BATCH_OPS_MAX} commands at most, not {n}")).into()
            );
        }
        if let Some(version) = request.if_version.filter(|version| *version != stored.version) {
            let message = format!("the base is at version {}, not {version}", stored.version);
            return Err(Refusal::new(Code::Conflict, message).into());
        }
        let stamp = Stamp {
            version: stored.version + 1,
            // The log's time never goes back, whatever the clock does.
            time_ms: request.time_ms.max(stored.time_ms),
            author: request.author,
        };
        let mut planner = Planner {
            stored: stored.clone(),
            changes: Vec::new(),
            request,
            past,
            snapshot,
            stamp,
            cause: None,
        };
        let mut outcomes = Vec::with_capacity(request.commands.len());
        for (op, command) in request.commands.iter().enumerate() {
            let outcome = access::may(request.author, request.cause, command, &planner.stored)
                .map_err(Error::from)
                .and_then(|()| planner.command(command))
                .map_err(|error| at_op(error, op))?;
            outcomes.push(outcome);
        }
        let commit = Commit {
            version: stamp.version,
            time_ms: stamp.time_ms,
            author: request.author,
            cause: planner.cause.unwrap_or(request.cause),
            command: request.id,
            outcomes,
            changes: planner.changes,
        };
        apply::seal(&mut planner.stored, &commit);
        Ok(Planned { stored: planner.stored, commit })
    }

    fn command(&mut self, command: &Command) -> Result<Outcome, Error> {
        match command {
            Command::CreateBase { id, name, locale, time_zone } => {
                Ok(table::create_base(self, *id, name, locale, time_zone)?)
            }
            Command::UpdateBase { name, locale, time_zone, dialect } => {
                let given = [name, locale, time_zone, dialect].map(Option::as_deref);
                Ok(table::update_base(self, given)?)
            }
            Command::SetPerson { id, name, email, color, role } => {
                Ok(table::set_person(self, *id, name, email, color, *role))
            }
            Command::CreateTable { name, description, fields } => {
                Ok(table::create(self, name, description, fields)?)
            }
            Command::UpdateTable { table, name, description, primary } => {
                Ok(table::update(self, *table, name.as_deref(), description.as_deref(), *primary)?)
            }
            Command::DeleteTable(table) => Ok(table::delete(self, *table)?),
            Command::MoveTable { table, after } => Ok(table::move_after(self, *table, *after)?),
            Command::CreateField { table, field, after } => Ok(field::create(self, *table, field, *after)?),
            Command::UpdateField { .. } => Ok(field::update(self, command)?),
            Command::ConvertField { field, type_name, options } => {
                Ok(field::convert(self, *field, type_name, options)?)
            }
            Command::DeleteField(field) => Ok(field::delete(self, *field)?),
            Command::MoveField { field, after } => Ok(field::move_after(self, *field, *after)?),
            Command::CreateRecords { table, columns, n_records, typecast } => {
                Ok(record::create(self, *table, columns, *n_records, *typecast)?)
            }
            Command::UpdateRecords { table, records, typecast } => {
                Ok(record::update(self, *table, records, *typecast)?)
            }
            Command::DeleteRecords { table, records } => Ok(record::delete(self, *table, records)?),
            Command::RestoreRecords { table, records } => Ok(record::restore(self, *table, records)?),
            Command::UpsertRecords { table, keys, columns, n_records, typecast } => {
                Ok(import::upsert(self, *table, keys, columns, *n_records, *typecast)?)
            }
            Command::ChangeItems { table, record, field, add, remove } => {
                Ok(record::change_items(self, *table, *record, *field, add, remove)?)
            }
            Command::Increment { table, record, field, by } => {
                Ok(record::increment(self, *table, *record, *field, *by)?)
            }
            Command::Paste { table, records, fields, rows, create } => {
                Ok(import::paste(self, *table, records, fields, rows, *create)?)
            }
            Command::MoveRecords { table, view, records, after } => {
                Ok(order::move_records(self, *table, *view, records, *after)?)
            }
            Command::CreateView { .. }
            | Command::UpdateView { .. }
            | Command::DeleteView(_)
            | Command::MoveView { .. }
            | Command::CreateDashboard { .. }
            | Command::UpdateDashboard { .. }
            | Command::DeleteDashboard(_) => Ok(view::plan(self, command)?),
            Command::CreateAutomation { .. }
            | Command::UpdateAutomation { .. }
            | Command::DeleteAutomation(_)
            | Command::NoteRun(_)
            | Command::Send(_)
            | Command::Sent(_)
            | Command::Watched(_) => Ok(automation::plan(self, command)?),
            Command::Undo => undo::undo(self),
            Command::Redo => undo::redo(self),
            Command::UndoVersion(version) => undo::undo_version(self, *version),
        }
    }

    /// Records a change and applies it to the copy.
    pub(crate) fn change(&mut self, change: Change) {
        apply::change(&mut self.stored, &change, self.stamp);
        self.changes.push(change);
    }

    /// Writes cells of one field, leaving out those that have the value already. `cells` need not be sorted;
    /// of two for the same record the later one counts.
    pub(crate) fn write_cells(&mut self, table: TableId, field: FieldId, mut cells: Vec<Cell>) {
        cells.sort_by_key(|(record, _)| *record);
        // Stable sort: the last one of a record stands last in its run.
        let mut kept: Vec<Cell> = Vec::with_capacity(cells.len());
        for cell in cells {
            match kept.last_mut() {
                Some(last) if last.0 == cell.0 => *last = cell,
                _ => kept.push(cell),
            }
        }
        let Some(column) = self.stored.table(table).and_then(|state| state.columns.get(&field)) else {
            return;
        };
        let kind = column.kind();
        let before: Vec<Value> = kept.iter().map(|(record, _)| column.get(*record)).collect();
        let pairs = kept.into_iter().zip(before).filter(|((_, after), before)| after != before);
        let (mut ids, mut old, mut new) = (Vec::new(), Chunk::blank(kind, 0), Chunk::blank(kind, 0));
        for ((record, after), before) in pairs {
            ids.push(record.0);
            old.push(&before);
            new.push(&after);
        }
        if !ids.is_empty() {
            self.change(Change::Cells { table, field, ids: compact(ids), before: old, after: new });
        }
    }

    /// A table that is there.
    pub(crate) fn table(&self, table: TableId) -> Result<&Arc<Table>, Refusal> {
        let missing = || Refusal::not_found("there is no such table").in_table(table);
        self.stored.schema.tables.get(&table).ok_or_else(missing)
    }

    /// The records of a table that is there.
    pub(crate) fn state(&self, table: TableId) -> Result<&TableState, Refusal> {
        self.table(table)?;
        Ok(self.stored.table(table).expect("a table has its records"))
    }

    /// A field that is there.
    pub(crate) fn field(&self, field: FieldId) -> Result<Arc<Field>, Refusal> {
        let missing = || Refusal::not_found("there is no such field").in_field(field);
        self.stored.field(field).cloned().ok_or_else(missing)
    }

    /// A field of `table` that people write.
    pub(crate) fn written_field(&self, table: TableId, field: FieldId) -> Result<Arc<Field>, Refusal> {
        let def = self.field(field)?;
        if def.table != table {
            return Err(Refusal::not_found("the field is of another table").in_field(field).in_table(table));
        }
        match storage(&def) {
            Storage::Cells(_) | Storage::Link { .. } => Ok(def),
            Storage::Computed(_) | Storage::Kept(_) => {
                let message = format!("field \"{}\" is computed and cannot be written", def.name);
                Err(Refusal::invalid(message).in_field(field))
            }
        }
    }

    /// Refuses a record that is not there.
    pub(crate) fn require_record(&self, table: TableId, record: RecordId) -> Result<(), Refusal> {
        if self.state(table)?.is_alive(record) {
            return Ok(());
        }
        Err(Refusal::not_found("there is no such record").in_table(table).in_record(record))
    }
}

/// Ids as a range where they are one.
pub(crate) fn compact(ids: Vec<u32>) -> Ids {
    match (ids.first(), ids.last()) {
        (Some(first), Some(last)) if (last - first) as usize + 1 == ids.len() => {
            Ids::Range { first: *first, len: ids.len() as u32 }
        }
        _ => Ids::List(ids.into()),
    }
}

/// A name as it will be kept.
///
/// # Errors
///
/// If it is empty, too long or has control characters.
pub(crate) fn name(what: &str, given: &str) -> Result<String, Refusal> {
    let name = given.trim();
    if name.is_empty() {
        return Err(Refusal::invalid(format!("the name of a {what} must not be empty")));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Refusal::limit(format!("the name of a {what} has {NAME_BYTES_MAX} bytes at most")));
    }
    if name.chars().any(char::is_control) {
        return Err(Refusal::invalid(format!("the name of a {what} must be one line of text")));
    }
    Ok(name.to_owned())
}

fn at_op(error: Error, op: usize) -> Error {
    match error {
        Error::Refused(mut refusal) => {
            refusal.at.op = Some(op);
            Error::Refused(refusal)
        }
        other => other,
    }
}
