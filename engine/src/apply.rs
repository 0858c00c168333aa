//! Stored state × changes → stored state. The only code that writes stored state.
//!
//! It cannot fail: planning checked everything, and `before` is asserted. A planner applies each change to its
//! own copy as it goes, replay applies whole commits; both come through [`change`] and [`seal`].

use std::sync::Arc;

use formulas::column::{CHUNK, Chunk, Column, Kind, Vector};
use formulas::{FieldId, RecordId, TableId};

use crate::change::{Change, Commit, Edit, Ids, Version};
use crate::field::{self, Kept, Storage};
use crate::id::PersonId;
use crate::limits::{RECEIPT_AGE_MS_MAX, RECEIPTS_PER_CLIENT_MAX};
use crate::state::links::Reverse;
use crate::state::schema::{Field, Schema};
use crate::state::table::TableState;
use crate::state::{AutomationState, Stored};

/// Cells up to which `before` is compared in release builds too.
const ASSERTED_CELLS_MAX: usize = 1_000;

/// Who writes, when, and at which version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// The version of the commit that is being made.
    pub(crate) version: Version,
    /// Its time.
    pub(crate) time_ms: i64,
    /// Its author.
    pub(crate) author: Option<PersonId>,
}

/// Applies a whole commit, as replay does.
///
/// # Panics
///
/// If the commit does not follow the state: the log is not this base's.
pub(crate) fn commit(stored: &mut Stored, commit: &Commit) {
    assert_eq!(commit.version, stored.version + 1, "commits follow each other");
    let stamp = Stamp { version: commit.version, time_ms: commit.time_ms, author: commit.author };
    for one in &commit.changes {
        change(stored, one, stamp);
    }
    seal(stored, commit);
}

/// Notes the commit itself: version, time, and what its commands answered.
pub(crate) fn seal(stored: &mut Stored, commit: &Commit) {
    stored.version = commit.version;
    stored.time_ms = commit.time_ms;
    let Some(id) = commit.command else { return };
    let receipts = Arc::make_mut(&mut stored.receipts);
    if receipts.get(&id.client).is_none() {
        // Only when a new client appears: it bounds the map and costs nothing on the way of an edit.
        receipts.retain(|_, client| client.time_ms + RECEIPT_AGE_MS_MAX > commit.time_ms);
    }
    let client = receipts.entry(id.client).or_default();
    client.time_ms = commit.time_ms;
    let at = client.outcomes.partition_point(|(n, ..)| *n < id.n);
    client.outcomes.insert(at, (id.n, commit.version, commit.outcomes.clone().into()));
    if client.outcomes.len() > RECEIPTS_PER_CLIENT_MAX {
        client.outcomes.remove(0);
    }
}

/// Applies one change.
///
/// # Panics
///
/// If the state is not as the change's `before` says.
pub(crate) fn change(stored: &mut Stored, change: &Change, stamp: Stamp) {
    match change {
        Change::Base(edit) => {
            if let Some(info) = &edit.after {
                stored.info = Arc::clone(info);
            }
            let (id, dialect) = (stored.info.id, stored.info.dialect);
            let schema = touch_schema(stored, stamp);
            (schema.base, schema.dialect) = (id, dialect);
        }
        Change::Table(id, edit) => {
            let schema = touch_schema(stored, stamp);
            replace(&mut schema.tables, *id, edit);
            give(schema, 0, id.0);
            stored.tables.entry(*id).or_default();
        }
        Change::Field(id, edit) => apply_field(stored, *id, edit, stamp),
        Change::View(id, edit) => {
            let schema = touch_schema(stored, stamp);
            replace(&mut schema.views, *id, edit);
            give(schema, 2, id.0);
        }
        Change::Dashboard(id, edit) => {
            let schema = touch_schema(stored, stamp);
            replace(&mut schema.dashboards, *id, edit);
            give(schema, 3, id.0);
        }
        Change::Automation(id, edit) => {
            let schema = touch_schema(stored, stamp);
            replace(&mut schema.automations, *id, edit);
            give(schema, 4, id.0);
        }
        Change::Person(id, edit) => replace(&mut touch_schema(stored, stamp).people, *id, edit),
        Change::Records { table, ids, before, after } => {
            apply_records(table_mut(stored, *table), ids, *before, *after, stamp);
        }
        Change::Cells { table, field, ids, before, after } => {
            apply_cells(stored, *table, *field, ids, before, after, stamp);
        }
        Change::Run(id, edit) => {
            let state = automation_mut(stored);
            replace(&mut state.runs, *id, edit);
            state.next[0] = state.next[0].max(id + 1);
        }
        Change::Effect(id, edit) => {
            let state = automation_mut(stored);
            replace(&mut state.effects, *id, edit);
            state.next[1] = state.next[1].max(id + 1);
        }
        Change::Watched { before, after } => {
            let state = automation_mut(stored);
            assert_eq!(state.watched, *before, "how far automations have watched");
            state.watched = *after;
        }
        Change::Places { view, ids, before, after, .. } => {
            let places = stored.orders.entry(*view).or_default();
            for (at, record) in ids.iter().enumerate() {
                let (before, after) = (key_at(before, at), key_at(after, at));
                let own = places.get(record).map(AsRef::as_ref);
                assert!(own == before, "the place of record {record} is not as it was before");
                places.set(record, after);
            }
            if places.is_empty() {
                stored.orders.remove(view);
            }
        }
    }
}

/// The key that a cell of a change of places has.
pub(crate) fn key_at(keys: &Chunk, at: usize) -> Option<&str> {
    keys.texts().filter(|_| keys.is_valid(at)).map(|texts| texts.get(at))
}

fn replace<K: Ord + Copy + std::fmt::Debug, T: PartialEq>(
    map: &mut std::collections::BTreeMap<K, Arc<T>>,
    id: K,
    edit: &Edit<T>,
) {
    assert!(map.get(&id).map(AsRef::as_ref) == edit.before.as_deref(), "{id:?} is not as it was before");
    match &edit.after {
        Some(after) => map.insert(id, Arc::clone(after)),
        None => map.remove(&id),
    };
}

fn touch_schema(stored: &mut Stored, stamp: Stamp) -> &mut Schema {
    let schema = Arc::make_mut(&mut stored.schema);
    schema.version = stamp.version;
    schema
}

fn give(schema: &mut Schema, kind: usize, id: u32) {
    schema.next[kind] = schema.next[kind].max(id + 1);
}

fn automation_mut(stored: &mut Stored) -> &mut AutomationState {
    Arc::make_mut(&mut stored.automation)
}

fn table_mut(stored: &mut Stored, table: TableId) -> &mut TableState {
    Arc::make_mut(stored.tables.entry(table).or_default())
}

/// A field that appears gets its column; one whose cells become another kind gets a blank one, since planning
/// wrote the cells to be kept as changes of their own.
fn apply_field(stored: &mut Stored, id: FieldId, edit: &Edit<Field>, stamp: Stamp) {
    let schema = touch_schema(stored, stamp);
    replace(&mut schema.fields, id, edit);
    give(schema, 1, id.0);
    schema.index();
    let Some(after) = &edit.after else { return };
    let state = table_mut(stored, after.table);
    if !matches!(field::storage(after), Storage::Link { owner: true, .. }) {
        state.reverse.remove(&id);
    }
    match field::storage(after) {
        Storage::Cells(kind) => ensure_column(state, id, kind),
        Storage::Link { owner: true, .. } => {
            ensure_column(state, id, Kind::List(formulas::column::Item::Choice));
            state.reverse.entry(id).or_default();
        }
        Storage::Kept(Kept::ModifiedAtOf) => keep_column(state, id, |state| &state.modified_at),
        Storage::Kept(Kept::ModifiedByOf) => keep_column(state, id, |state| &state.modified_by),
        // What others wrote into a field that became computed again by an undo goes with its column.
        _ => drop(state.columns.remove(&id)),
    }
}

/// A column of its own that begins as a copy of another one.
fn keep_column(state: &mut TableState, id: FieldId, from: fn(&TableState) -> &Column) {
    let from = from(state);
    if state.columns.get(&id).is_none_or(|column| column.kind() != from.kind()) {
        let copy = from.clone();
        state.columns.insert(id, copy);
    }
}

fn ensure_column(state: &mut TableState, id: FieldId, kind: Kind) {
    let fits = state.columns.get(&id).is_some_and(|column| column.kind() == kind);
    if !fits {
        state.columns.insert(id, Column::new(kind, state.len));
    }
    if let Some(column) = state.columns.get_mut(&id) {
        column.resize(state.len);
    }
}

fn apply_records(state: &mut TableState, ids: &Ids, before: bool, after: bool, stamp: Stamp) {
    assert!(before != after, "records appear or go");
    if let Ids::Range { first, len } = ids {
        let end = (*first + *len) as usize;
        if after && end > state.len {
            assert_eq!(*first as usize, state.len, "new records stand at the end");
            grow(state, end);
            stamp_cells(&mut state.created_at, ids, &Vector::Date(vec![stamp.time_ms; ids.len()]), true);
            let author = Vector::Choice(vec![stamp.author.map_or(0, |id| id.0); ids.len()]);
            stamp_cells(&mut state.created_by, ids, &author, stamp.author.is_some());
            stamp_modified(state, ids, stamp);
        }
    }
    let alive = Arc::make_mut(&mut state.alive);
    match ids {
        Ids::Range { first, len } if after => {
            let (from, to) = (*first as usize, (*first + *len) as usize);
            debug_assert!(ids.iter().all(|id| !alive.contains(id)), "records that appear were not there");
            alive.insert_range(from, to);
        }
        _ if after => ids.iter().for_each(|id| assert!(alive.insert(id), "record {id} was there already")),
        _ => {
            // One by one: a set of the others would be made anew as a whole.
            ids.iter().for_each(|id| assert!(alive.remove(id), "record {id} was not there"));
        }
    }
    state.n_alive = if after { state.n_alive + ids.len() } else { state.n_alive - ids.len() };
}

fn grow(state: &mut TableState, len: usize) {
    state.len = len;
    let kept = [
        &mut state.created_at,
        &mut state.created_by,
        &mut state.modified_at,
        &mut state.modified_by,
        &mut state.versions,
    ];
    kept.into_iter().chain(state.columns.values_mut()).for_each(|column| column.resize(len));
}

fn apply_cells(
    stored: &mut Stored,
    table: TableId,
    field: FieldId,
    ids: &Ids,
    before: &Chunk,
    after: &Chunk,
    stamp: Stamp,
) {
    // Fields that keep when or by whom one of chosen fields was written.
    let kept: Vec<(FieldId, Kept)> = stored
        .schema
        .fields_of(table)
        .filter_map(|def| match field::storage(def) {
            Storage::Kept(kept @ (Kept::ModifiedAtOf | Kept::ModifiedByOf))
                if field::modified::watches(def, field, stored.info.ids()) =>
            {
                Some((def.id, kept))
            }
            _ => None,
        })
        .collect();
    let state = table_mut(stored, table);
    let column = state.columns.get_mut(&field).expect("a field whose cells change has a column");
    if ids.len() <= ASSERTED_CELLS_MAX {
        for (at, id) in ids.iter().enumerate() {
            let chunk = column.chunk(id.index() / CHUNK);
            assert!(
                chunk.same(id.index() % CHUNK, before, at),
                "cell of record {id} is not as it was before"
            );
        }
    }
    if let Some(reverse) = state.reverse.get_mut(&field) {
        relink(Arc::make_mut(reverse), ids, before, after);
    }
    write(column, ids, after);
    stamp_modified(state, ids, stamp);
    for (id, kept) in kept {
        let Some(column) = state.columns.get_mut(&id) else { continue };
        match (kept, stamp.author) {
            (Kept::ModifiedAtOf, _) => {
                stamp_cells(column, ids, &Vector::Date(vec![stamp.time_ms; ids.len()]), true);
            }
            (_, author) => {
                let code = author.map_or(0, |id| id.0);
                stamp_cells(column, ids, &Vector::Choice(vec![code; ids.len()]), author.is_some());
            }
        }
    }
}

fn relink(reverse: &mut Reverse, ids: &Ids, before: &Chunk, after: &Chunk) {
    for (at, source) in ids.iter().enumerate() {
        let (old, new) = (before.codes_at(at), after.codes_at(at));
        old.iter()
            .filter(|target| !new.contains(target))
            .for_each(|target| reverse.remove(*target, source.0));
        new.iter()
            .filter(|target| !old.contains(target))
            .for_each(|target| reverse.insert(*target, source.0));
    }
}

/// The other end of a link, built from its cells.
pub(crate) fn reverse_of(cells: &Column) -> Reverse {
    let mut reverse = Reverse::default();
    for (at, chunk) in cells.chunks().enumerate() {
        for row in 0..chunk.len() {
            let source = (at * CHUNK + row) as u32;
            chunk.codes_at(row).iter().for_each(|target| reverse.insert(*target, source));
        }
    }
    reverse
}

fn stamp_modified(state: &mut TableState, ids: &Ids, stamp: Stamp) {
    stamp_cells(&mut state.modified_at, ids, &Vector::Date(vec![stamp.time_ms; ids.len()]), true);
    let author = Vector::Choice(vec![stamp.author.map_or(0, |id| id.0); ids.len()]);
    stamp_cells(&mut state.modified_by, ids, &author, stamp.author.is_some());
    stamp_cells(&mut state.versions, ids, &Vector::Number(vec![stamp.version as f64; ids.len()]), true);
}

fn stamp_cells(column: &mut Column, ids: &Ids, values: &Vector, valid: bool) {
    let valid = formulas::column::Bitmap::filled(valid, values.len());
    write(column, ids, &Chunk::new(values.clone(), valid));
}

/// Writes one cell for each id, chunk by chunk.
fn write(column: &mut Column, ids: &Ids, cells: &Chunk) {
    let mut rows: Vec<u16> = Vec::new();
    let mut from = 0;
    let mut ids = ids.iter().peekable();
    while let Some(first) = ids.peek().copied() {
        let chunk = first.index() / CHUNK;
        rows.clear();
        while let Some(id) = ids.next_if(|id: &RecordId| id.index() / CHUNK == chunk) {
            rows.push((id.index() % CHUNK) as u16);
        }
        let to = from + rows.len();
        if rows.len() == cells.len() {
            column.chunk_mut(chunk).overlay(&rows, cells);
        } else {
            column.chunk_mut(chunk).overlay(&rows, &cells.slice(from, to));
        }
        from = to;
    }
}
