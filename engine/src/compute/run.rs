//! Running a plan: for everything, or for what a group of commits touched.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use formulas::column::{Bitmap, CHUNK, Chunk, Column, Item, Kind, ListVector, Vector};
use formulas::records::ones;
use formulas::{Context, FieldId, Path, Prepared, RecordId, RecordSet, Rows, TableId};
use rayon::prelude::*;

use super::partial::{Partials, Side, Step};
use super::plan::{Computation, Plan};
use super::source::CellSource;
use crate::change::{Change, Commit};
use crate::field::{self, Kept, Storage, storage};
use crate::id::ViewId;
use crate::snapshot::Computed;
use crate::state::schema::{Field, Table};
use crate::state::{LinkEnd, Stored};

/// What differs between two states, before and while it is computed what follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// Records whose cell of a field may differ.
    pub(crate) cells: BTreeMap<FieldId, RecordSet>,
    /// Records that appeared, by table.
    pub(crate) added: BTreeMap<TableId, RecordSet>,
    /// Records that went, by table.
    pub(crate) removed: BTreeMap<TableId, RecordSet>,
    /// Records of which any cell was written, by table.
    pub(crate) written: BTreeMap<TableId, RecordSet>,
    /// Records that were put elsewhere by hand, by view.
    pub(crate) placed: BTreeMap<ViewId, RecordSet>,
    /// Whether anything of the schema changed.
    pub(crate) schema: bool,
    /// Whether something of it changed that decides how cells are kept or read.
    pub(crate) types: bool,
    /// Whether everything may differ: the base's time zone or dialect changed.
    pub(crate) everything: bool,
    /// Whether the clock moved: what reads it is computed anew.
    pub(crate) ticked: bool,
}

impl Touched {
    /// The records whose cell of a field that is read may differ, if there are any.
    pub(super) fn of(&self, field: FieldId) -> Option<&RecordSet> {
        let cells = match field::times::time_of(field) {
            Some((_, Kept::CreatedAt)) => None,
            Some((table, _)) => self.written.get(&table),
            None => self.cells.get(&field),
        };
        cells.filter(|cells| !cells.is_empty())
    }
}

/// Cells that have no column and are made when they are asked for: auto numbers and the far ends of links.
pub(crate) fn made_cells(stored: &Stored, def: &Field, rows: Range<usize>) -> Chunk {
    match (storage(def), stored.link_end(def.id)) {
        (Storage::Kept(Kept::Number), _) => {
            Chunk::full(Vector::Number(rows.map(|row| row as f64 + 1.0).collect()))
        }
        (_, Some(LinkEnd::Other(reverse))) => {
            let (mut ends, mut codes, mut valid) = (Vec::new(), Vec::new(), Bitmap::default());
            for row in rows {
                let start = codes.len();
                codes.extend(reverse.sources(row as u32));
                ends.push(codes.len() as u32);
                valid.push(codes.len() > start);
            }
            let items = Chunk::full(Vector::Choice(codes));
            Chunk::new(Vector::List(ListVector::from_parts(Item::Choice, ends, items)), valid)
        }
        (Storage::Link { .. }, None) => Chunk::blank(Kind::List(Item::Choice), rows.len()),
        _ => Chunk::blank(Kind::Text, rows.len()),
    }
}

/// What `commits` touched in stored state; `after` is the state they led to.
pub(crate) fn touched_by<'c>(commits: impl Iterator<Item = &'c Commit>, after: &Stored) -> Touched {
    let mut touched = Touched::default();
    for change in commits.flat_map(|commit| &commit.changes) {
        note(&mut touched, change, after);
    }
    for (table, records) in &touched.added {
        for def in after.schema.fields_of(*table) {
            touched.cells.entry(def.id).or_default().union_with(records);
        }
    }
    touched
}

fn note(touched: &mut Touched, change: &Change, after: &Stored) {
    match change {
        Change::Cells { table, field, ids, before, after: cells } => {
            touched.cells.entry(*field).or_default().union_with(&ids.iter().collect());
            if let Some(Storage::Link { other: Some(other), .. }) =
                after.field(*field).map(|def| storage(def))
            {
                let far = touched.cells.entry(other).or_default();
                (0..ids.len()).for_each(|at| {
                    before.codes_at(at).iter().chain(cells.codes_at(at)).for_each(|target| {
                        far.insert(RecordId(*target));
                    });
                });
            }
            let records: RecordSet = ids.iter().collect();
            touched.written.entry(*table).or_default().union_with(&records);
            for def in after.schema.fields_of(*table) {
                let kept = match storage(def) {
                    Storage::Kept(Kept::ModifiedAt | Kept::ModifiedBy) => true,
                    Storage::Kept(Kept::ModifiedAtOf | Kept::ModifiedByOf) => {
                        field::modified::watches(def, *field, after.ids())
                    }
                    _ => false,
                };
                if kept {
                    touched.cells.entry(def.id).or_default().union_with(&records);
                }
            }
        }
        Change::Records { table, ids, after: appear, .. } => {
            let records: RecordSet = ids.iter().collect();
            let (to, from) = match appear {
                true => (&mut touched.added, &mut touched.removed),
                false => (&mut touched.removed, &mut touched.added),
            };
            to.entry(*table).or_default().union_with(&records);
            if let Some(other) = from.get_mut(table) {
                *other = other.difference(&records);
            }
        }
        Change::Field(id, edit) => {
            touched.schema = true;
            let reads_alike = match (&edit.before, &edit.after) {
                (Some(before), Some(after)) => {
                    before.type_name == after.type_name && before.options == after.options
                }
                (_, None) => true,
                (None, Some(_)) => false,
            };
            // What reads a field that appears is computed anew in any case.
            touched.types |= !reads_alike && edit.before.is_some();
            if let (false, Some(def)) = (reads_alike, after.field(*id)) {
                touched.cells.entry(*id).or_default().union_with(&alive(after, def.table));
            }
        }
        Change::Person(..) => {
            touched.schema = true;
            touched.types = true;
            let people =
                |def: &&Arc<Field>| matches!(def.type_name.as_str(), "person" | "createdBy" | "modifiedBy");
            for def in after.schema.fields.values().filter(people) {
                touched.cells.entry(def.id).or_default().union_with(&alive(after, def.table));
            }
        }
        Change::Base(edit) => {
            touched.schema = true;
            let reads = |side: &Option<Arc<crate::state::schema::BaseInfo>>| {
                side.as_ref().map(|info| (info.time_zone.clone(), info.dialect))
            };
            touched.everything |= reads(&edit.before) != reads(&edit.after);
        }
        Change::Table(_, edit) => {
            touched.schema = true;
            let primary = |side: &Option<Arc<Table>>| side.as_ref().map(|table| table.primary);
            if let (Some(before), Some(after)) = (primary(&edit.before), primary(&edit.after)) {
                // Records as text are what their primary field says.
                touched.everything |= before != after;
            }
        }
        Change::View(..) | Change::Dashboard(..) | Change::Automation(..) => {
            touched.schema = true;
        }
        Change::Places { view, ids, .. } => {
            touched.placed.entry(*view).or_default().union_with(&ids.iter().collect());
        }
        Change::Run(..) | Change::Effect(..) | Change::Watched { .. } => {}
    }
}

pub(super) fn alive(stored: &Stored, table: TableId) -> RecordSet {
    stored.table(table).map(|state| RecordSet::clone(&state.alive)).unwrap_or_default()
}

/// Computes everything; leaves in `partials` what can follow from there.
pub(crate) fn scratch(stored: &Stored, plan: &Plan, as_of_ms: i64, partials: &mut Partials) -> Computed {
    let mut computed = Computed { as_of_ms, broken: plan.broken.clone(), ..Computed::default() };
    let mut everything = Touched { everything: true, ..Touched::default() };
    run(stored, plan, None, None, &mut computed, &mut everything, partials);
    computed
}

/// Brings `computed` from the version before to that of `stored`, and adds to `touched` the computed cells that
/// came out different. `before` is the version before, and `old` the plan that made `computed`, if it is another one.
pub(crate) fn run(
    stored: &Stored,
    plan: &Plan,
    before: Option<Side<'_>>,
    old: Option<&Plan>,
    computed: &mut Computed,
    touched: &mut Touched,
    partials: &mut Partials,
) {
    let zone = zone(stored);
    partials.begin(before, touched);
    computed.broken = plan.broken.clone();
    let kept: BTreeSet<FieldId> = plan.order.iter().map(|one| one.field).collect();
    let gone: Vec<FieldId> = computed.columns.keys().filter(|field| !kept.contains(field)).copied().collect();
    for field in gone {
        computed.columns.remove(&field);
        // Formulas that read a field that broke see blanks from now on.
        if let Some(def) = stored.field(field) {
            touched.cells.entry(field).or_default().union_with(&alive(stored, def.table));
        }
    }
    for one in &plan.order {
        let Some(state) = stored.table(one.table) else { continue };
        let kind = one.expr.kind();
        let fresh = touched.everything
            || (touched.ticked && one.expr.is_volatile())
            || computed.columns.get(&one.field).is_none_or(|column| column.kind() != kind)
            || old.is_some_and(|old| !same_text(old, one));
        let mut need = if fresh { RecordSet::clone(&state.alive) } else { needed(stored, one, touched) };
        let step = Step { before, after: Side { stored, computed }, touched, names: &plan.names };
        partials.bring(one, step, fresh, &mut need);
        let mut column = match computed.columns.remove(&one.field) {
            Some(column) if column.kind() == kind => column,
            _ => Column::new(kind, 0),
        };
        column.resize(state.len);
        if !need.is_empty() {
            let (zone, dialect) = (zone.clone(), stored.info.dialect);
            let context = Context { now_ms: computed.as_of_ms, zone, dialect, table: one.table };
            let source = CellSource::naming(stored, computed, &plan.names);
            let values = partials.values(one);
            let prepared = match one.aggregates.is_empty() {
                true => one.expr.prepare(&source, &context),
                false => one.expr.prepare_with(&source, &context, &one.aggregates, &values),
            };
            let changed = evaluate(&prepared, &need, &mut column);
            if !changed.is_empty() {
                touched.cells.entry(one.field).or_default().union_with(&changed);
            }
        }
        computed.columns.insert(one.field, column);
    }
    partials.end(stored);
}

/// The zone in which a base reads dates with a time.
pub(super) fn zone(stored: &Stored) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(&stored.info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
}

fn same_text(before: &Plan, one: &Computation) -> bool {
    before.order.iter().any(|other| other.field == one.field && other.text == one.text)
}

/// The records whose cell may differ, given what was touched.
fn needed(stored: &Stored, one: &Computation, touched: &Touched) -> RecordSet {
    let state = stored.table(one.table);
    let mut need = touched.added.get(&one.table).cloned().unwrap_or_default();
    let all = || state.map(|state| RecordSet::clone(&state.alive)).unwrap_or_default();
    let moved = |table: &TableId| {
        let any = |sets: &BTreeMap<TableId, RecordSet>| sets.get(table).is_some_and(|set| !set.is_empty());
        any(&touched.added) || any(&touched.removed)
    };
    if one.whole.iter().any(moved) {
        return all();
    }
    for (field, path) in &one.reads {
        let Some(cells) = touched.of(*field) else { continue };
        if let Path::Whole(_) = path {
            return all();
        }
        need.union_with(&targets_of(stored, path, cells));
    }
    match state {
        Some(state) => need.intersection(&state.alive),
        None => RecordSet::new(),
    }
}

/// The records from which `path` leads to one of `cells`; of a whole table's path that is not asked.
pub(super) fn targets_of(stored: &Stored, path: &Path, cells: &RecordSet) -> RecordSet {
    match path {
        Path::Through(links) => {
            let mut records = sources_of(stored, links[links.len() - 1], cells);
            for link in links.iter().rev().skip(1) {
                records = sources_of(stored, *link, &records);
            }
            records
        }
        Path::Same | Path::Whole(_) => cells.clone(),
    }
}

/// The records whose cell of `link` names one of `targets`.
fn sources_of(stored: &Stored, link: FieldId, targets: &RecordSet) -> RecordSet {
    let Some(def) = stored.field(link) else { return RecordSet::new() };
    match storage(def) {
        Storage::Link { owner: true, .. } => {
            let Some(reverse) = stored.table(def.table).and_then(|state| state.reverse.get(&link)) else {
                return RecordSet::new();
            };
            targets.iter().flat_map(|target| reverse.sources(target.0).map(RecordId)).collect()
        }
        Storage::Link { table, owner: false, other: Some(other), .. } => {
            let Some(column) = stored.table(table).and_then(|state| state.columns.get(&other)) else {
                return RecordSet::new();
            };
            let mut found = RecordSet::new();
            for target in targets.iter().filter(|target| target.index() < column.len()) {
                let codes = column.chunk(target.index() / CHUNK).codes_at(target.index() % CHUNK);
                codes.iter().for_each(|code| {
                    found.insert(RecordId(*code));
                });
            }
            found
        }
        // Lists of records that somebody computes have no other end.
        _ => alive(stored, def.table),
    }
}

/// Evaluates the needed cells, chunk by chunk in parallel, and writes those that differ. Returns which did.
fn evaluate(prepared: &Prepared<'_>, need: &RecordSet, column: &mut Column) -> RecordSet {
    let chunks: Vec<(usize, Vec<u16>)> =
        need.chunks().map(|(chunk, bits)| (chunk, ones(bits).collect())).collect();
    let cells = |(chunk, rows): &(usize, Vec<u16>)| {
        let len = column.chunk(*chunk).len();
        let rows = if rows.len() == len { Rows::All(len) } else { Rows::Some(rows) };
        prepared.evaluate(*chunk, rows)
    };
    let results: Vec<Chunk> = if chunks.len() > 1 {
        chunks.par_iter().map(cells).collect()
    } else {
        chunks.iter().map(cells).collect()
    };
    let mut changed = RecordSet::new();
    for ((chunk, rows), cells) in chunks.into_iter().zip(results) {
        let old = column.chunk(chunk);
        let (mut at, mut differing) = (Vec::new(), Vec::new());
        for (idx, row) in rows.iter().enumerate() {
            if !old.same(usize::from(*row), &cells, idx) {
                at.push(idx);
                differing.push(*row);
            }
        }
        if differing.is_empty() {
            continue;
        }
        differing.iter().for_each(|row| {
            changed.insert(RecordId((chunk * CHUNK) as u32 + u32::from(*row)));
        });
        if differing.len() == old.len() {
            column.set_chunk(chunk, Arc::new(cells));
        } else if differing.len() == rows.len() {
            column.chunk_mut(chunk).overlay(&differing, &cells);
        } else {
            column.chunk_mut(chunk).overlay(&differing, &cells.gather(at.into_iter()));
        }
    }
    changed
}
