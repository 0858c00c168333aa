//! Planning undo and redo: a new commit that takes an old one back where nobody touched it meanwhile.
//!
//! A cell is restored if it still has the value that the old commit gave it and no commit since, that is not
//! itself taken back, wrote to it. What others changed is left alone and named.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use formulas::column::{Chunk, Kind};
use formulas::{FieldId, RecordId, TableId, Value};

use super::planner::{Planner, compact};
use super::record;
use crate::apply::key_at;
use crate::change::{Cause, Change, Edit, Ids, Outcome, Version};
use crate::error::{Error, Refusal};
use crate::field::{self, Storage, storage};
use crate::id::ViewId;
use crate::limits::RECENT_COMMITS_MAX;
use crate::state::schema::Field;

type Skipped = Vec<(TableId, Option<FieldId>, Option<RecordId>)>;

/// Takes back the last commit of the request's stack.
pub(super) fn undo(planner: &mut Planner<'_>) -> Result<Outcome, Error> {
    let version = planner.request.stack.and_then(|stack| planner.past.undoable(stack));
    let version = version.ok_or_else(|| Refusal::not_found("there is nothing to undo"))?;
    undo_version(planner, version)
}

/// Does again what the last undo of the request's stack took back.
pub(super) fn redo(planner: &mut Planner<'_>) -> Result<Outcome, Error> {
    let version = planner.request.stack.and_then(|stack| planner.past.redoable(stack));
    let version = version.ok_or_else(|| Refusal::not_found("there is nothing to redo"))?;
    let outcome = take_back(planner, version)?;
    planner.cause = Some(Cause::Redo(version));
    Ok(outcome)
}

/// Takes back the commit at `version`.
pub(super) fn undo_version(planner: &mut Planner<'_>, version: Version) -> Result<Outcome, Error> {
    let outcome = take_back(planner, version)?;
    planner.cause = Some(Cause::Undo(version));
    Ok(outcome)
}

fn take_back(planner: &mut Planner<'_>, version: Version) -> Result<Outcome, Error> {
    if version == 0 || version >= planner.stamp.version {
        return Err(Refusal::not_found("there is no such version").into());
    }
    let commit = planner.past.commit(version)?;
    let touched = touched_since(planner, version)?;
    let mut skipped = Skipped::new();
    for change in commit.changes.iter().rev() {
        invert(planner, change, &touched, &mut skipped)?;
    }
    mend_links(planner, &mut skipped);
    skipped.sort();
    skipped.dedup();
    Ok(Outcome::Undone { version, skipped })
}

/// A link whose other end is not there any more is one-way: its own end came back, but others had changed the far
/// one meanwhile.
fn mend_links(planner: &mut Planner<'_>, skipped: &mut Skipped) {
    let is_whole = |def: &Field| {
        let Storage::Link { owner, other: Some(other), .. } = storage(def) else { return true };
        let far = planner.stored.field(other).map(|far| storage(far));
        matches!(far, Some(Storage::Link { owner: far_owner, other: Some(back), .. }) if back == def.id && far_owner != owner)
    };
    let halves: Vec<Arc<Field>> =
        planner.stored.schema.fields.values().filter(|def| !is_whole(def)).cloned().collect();
    for def in halves {
        let Storage::Link { table, many, other, .. } = storage(&def) else { continue };
        let far =
            other.and_then(|other| planner.stored.field(other)).map(|far| (far.table, Some(far.id), None));
        skipped.extend(far);
        let options = field::link_end_options(table, many, None, true);
        planner.change(Change::Field(def.id, Edit::replace(&def, Field { options, ..Field::clone(&def) })));
    }
}

/// The cells that commits after `version` wrote to, but for commits that were taken back themselves.
fn touched_since(planner: &Planner<'_>, version: Version) -> Result<HashSet<(FieldId, u32)>, Error> {
    let newest = planner.stamp.version - 1;
    let from = (version + 1).max(newest.saturating_sub(RECENT_COMMITS_MAX as u64));
    let commits = (from..=newest).map(|v| planner.past.commit(v)).collect::<Result<Vec<_>, _>>()?;
    // A commit that was taken back, and what took it back, cancel out; an undo of something before `version` is a
    // write like any other.
    let mut taken_back: BTreeSet<Version> = BTreeSet::new();
    let mut cancelled: BTreeSet<Version> = BTreeSet::new();
    for commit in commits.iter().rev() {
        let (Cause::Undo(of) | Cause::Redo(of)) = commit.cause else { continue };
        if of > version && !taken_back.contains(&commit.version) {
            taken_back.insert(of);
            cancelled.extend([of, commit.version]);
        }
    }
    let mut touched = HashSet::new();
    for commit in commits.iter().filter(|commit| !cancelled.contains(&commit.version)) {
        for change in &commit.changes {
            if let Change::Cells { field, ids, .. } = change {
                touched.extend(ids.iter().map(|id| (*field, id.0)));
            }
        }
    }
    Ok(touched)
}

fn invert(
    planner: &mut Planner<'_>,
    change: &Change,
    touched: &HashSet<(FieldId, u32)>,
    skipped: &mut Skipped,
) -> Result<(), Error> {
    match change {
        Change::Cells { table, field, ids, before, after } => {
            restore_cells(planner, (*table, *field), ids.iter().collect(), (before, after), touched, skipped);
        }
        Change::Records { table, ids, before: false, .. } => {
            let alive = ids.iter().filter(|id| planner.stored.table(*table).is_some_and(|t| t.is_alive(*id)));
            let alive: Vec<RecordId> = alive.collect();
            if planner.stored.schema.tables.contains_key(table) {
                record::delete(planner, *table, &alive)?;
            }
        }
        Change::Records { table, ids, .. } => {
            let Some(state) = planner.stored.table(*table) else { return Ok(()) };
            let gone: Vec<u32> = ids.iter().filter(|id| !state.is_alive(*id)).map(|id| id.0).collect();
            if !gone.is_empty() {
                planner.change(Change::Records {
                    table: *table,
                    ids: compact(gone),
                    before: false,
                    after: true,
                });
            }
        }
        Change::Base(edit) => {
            if edit.before.is_some() && edit.after.as_ref() == Some(&planner.stored.info) {
                planner.change(change.invert());
            }
        }
        Change::Table(id, edit) => {
            restore(planner, change, planner.stored.schema.tables.get(id).cloned(), edit)
        }
        Change::Field(id, edit) => {
            let present = planner.stored.schema.fields.get(id).cloned();
            if present != edit.after {
                let table = edit.after.as_ref().or(edit.before.as_ref()).map(|def| def.table);
                skipped.extend(table.map(|table| (table, Some(*id), None)));
            }
            restore(planner, change, present, edit);
        }
        Change::View(id, edit) => {
            restore(planner, change, planner.stored.schema.views.get(id).cloned(), edit)
        }
        Change::Dashboard(id, edit) => {
            restore(planner, change, planner.stored.schema.dashboards.get(id).cloned(), edit);
        }
        Change::Automation(id, edit) => {
            restore(planner, change, planner.stored.schema.automations.get(id).cloned(), edit);
        }
        Change::Places { table, view, ids, before, after } => {
            restore_places(planner, (*table, *view), ids, (before, after), skipped);
        }
        // Who may enter, what ran and what was sent is not taken back.
        Change::Person(..) | Change::Run(..) | Change::Effect(..) | Change::Watched { .. } => {}
    }
    Ok(())
}

fn restore<T: PartialEq>(
    planner: &mut Planner<'_>,
    change: &Change,
    present: Option<Arc<T>>,
    edit: &Edit<T>,
) {
    if present == edit.after {
        planner.change(change.invert());
    }
}

/// A record goes back to where it was unless somebody moved it since.
fn restore_places(
    planner: &mut Planner<'_>,
    (table, view): (TableId, ViewId),
    ids: &Ids,
    (before, after): (&Chunk, &Chunk),
    skipped: &mut Skipped,
) {
    let places = planner.stored.orders.get(&view).cloned().unwrap_or_default();
    let (mut kept, mut old, mut new) = (Vec::new(), Chunk::blank(Kind::Text, 0), Chunk::blank(Kind::Text, 0));
    for (at, record) in ids.iter().enumerate() {
        let present = places.get(record).map(AsRef::as_ref);
        if present == key_at(after, at) {
            kept.push(record.0);
            old.push(&after.get(at));
            new.push(&before.get(at));
        } else if present != key_at(before, at) {
            skipped.push((table, None, Some(record)));
        }
    }
    if !kept.is_empty() {
        let ids = compact(kept);
        planner.change(Change::Places { table, view, ids, before: old, after: new });
    }
}

fn restore_cells(
    planner: &mut Planner<'_>,
    (table, field): (TableId, FieldId),
    ids: Vec<RecordId>,
    (before, after): (&Chunk, &Chunk),
    touched: &HashSet<(FieldId, u32)>,
    skipped: &mut Skipped,
) {
    let Some(state) = planner.stored.table(table) else { return };
    let kind = state.columns.get(&field).map(formulas::column::Column::kind);
    if kind != Some(before.kind()) || !planner.stored.schema.fields.contains_key(&field) {
        skipped.push((table, Some(field), None));
        return;
    }
    let far = match planner.stored.field(field).map(|def| storage(def)) {
        Some(Storage::Link { table, .. }) => planner.stored.table(table),
        _ => None,
    };
    let mut cells: HashMap<RecordId, Value> = HashMap::new();
    for (at, record) in ids.into_iter().enumerate() {
        let present = state.get(field, record);
        if touched.contains(&(field, record.0)) || present != after.get(at) {
            if present != before.get(at) {
                skipped.push((table, Some(field), Some(record)));
            }
            continue;
        }
        let value = before.get(at);
        let Some(far) = far else {
            cells.insert(record, value);
            continue;
        };
        // A link comes back only between records that are there.
        let codes = value.as_codes();
        let alive: Vec<u32> = codes.iter().copied().filter(|code| far.is_alive(RecordId(*code))).collect();
        if alive.len() < codes.len() || !state.is_alive(record) {
            skipped.push((table, Some(field), Some(record)));
        }
        if state.is_alive(record) {
            cells.insert(record, record::list(alive));
        }
    }
    planner.write_cells(table, field, cells.into_iter().collect());
}
