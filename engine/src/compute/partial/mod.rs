//! [`Partials`]: what the writer keeps beside the computed columns, so that an aggregate of many records follows
//! when one of them changes.
//!
//! They belong to one version, are in no snapshot and in no file, and can be dropped at any time: what is not kept is
//! computed from all items, which gives the same bits (`docs/decisions/006-partial-results.md`). To bring them to the
//! next version, what the touched records contributed before is taken away, and what they contribute now is added;
//! both are evaluated, on the snapshot before and on the state that is being computed.

mod grouped;
mod linked;

use std::collections::BTreeMap;

use formulas::column::Chunk;
use formulas::records::ones;
use formulas::{
    Aggregate, Context, Expr, FieldId, Grouped as Over, Known, Read, RecordId, RecordSet, Rows, TableId,
    Value,
};
use rayon::prelude::*;

use super::plan::Computation;
use super::run::{Touched, alive, targets_of};
use super::source::{CellSource, Names};
use crate::change::Version;
use crate::limits::PARTIAL_MEMBERS_MIN;
use crate::snapshot::Computed;
use crate::state::Stored;
use grouped::Grouped;
use linked::Linked;

/// Chunks whose contributions are in memory at once.
const CHUNKS_AT_ONCE: usize = 64;

/// Partial results of the aggregates of a base's computed fields.
#[derive(Debug)]
pub(crate) struct Partials {
    /// Items of a parent from which on something is kept for it; `None` where nothing is kept at all.
    members_min: Option<usize>,
    /// The version whose items they have.
    version: Version,
    of: BTreeMap<FieldId, Vec<Kept>>,
}

impl Default for Partials {
    fn default() -> Self {
        Self::from(PARTIAL_MEMBERS_MIN)
    }
}

/// What is kept for one aggregate of a formula.
#[derive(Debug)]
enum Kept {
    Linked(Linked),
    Grouped(Option<Grouped>),
}

/// A base at one version, or on the way to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) stored: &'a Stored,
    pub(crate) computed: &'a Computed,
}

/// From one version to the next, as far as it has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    /// There is something kept only if this is there.
    pub(super) before: Option<Side<'a>>,
    pub(super) after: Side<'a>,
    pub(super) touched: &'a Touched,
    /// Names of options and people: where something is kept, they are the same before and after.
    pub(super) names: &'a Names,
}

impl Partials {
    /// Partial results for parents of at least so many items.
    pub(crate) fn from(members_min: usize) -> Self {
        Self { members_min: Some(members_min.max(1)), version: 0, of: BTreeMap::new() }
    }

    /// None, ever: every aggregate is computed from its items.
    pub(crate) const fn off() -> Self {
        Self { members_min: None, version: 0, of: BTreeMap::new() }
    }

    /// Drops what does not belong to `before`, or was made by other expressions than there may be now.
    pub(super) fn begin(&mut self, before: Option<Side<'_>>, touched: &Touched) {
        let fits = before.is_some_and(|before| before.stored.version == self.version);
        if !fits || touched.everything || touched.types {
            self.of.clear();
        }
    }

    /// Notes to which version everything was brought.
    pub(super) fn end(&mut self, stored: &Stored) {
        self.version = stored.version;
        self.of.retain(|field, _| stored.field(*field).is_some());
    }

    /// Brings what is kept for a computed field to the next version, and adds to `need` the records whose aggregates
    /// over whole tables come out different. `fresh`: the field is computed anew.
    pub(super) fn bring(&mut self, one: &Computation, step: Step<'_>, fresh: bool, need: &mut RecordSet) {
        if one.aggregates.is_empty() {
            return;
        }
        let Some(members_min) = self.members_min else {
            for aggregate in &one.aggregates {
                grouped::need_all(one, aggregate, step, need);
            }
            return;
        };
        let kept = self.of.entry(one.field).or_default();
        if kept.len() != one.aggregates.len() {
            *kept = one.aggregates.iter().map(Kept::new).collect();
        }
        for (aggregate, kept) in one.aggregates.iter().zip(kept) {
            match kept {
                Kept::Linked(linked) if fresh => *linked = Linked::default(),
                Kept::Linked(linked) => linked.bring(aggregate, step, need, members_min),
                Kept::Grouped(grouped) => {
                    if fresh {
                        *grouped = None;
                    }
                    Grouped::bring(grouped, one, aggregate, step, need);
                }
            }
        }
    }

    /// The results of a computed field's aggregates.
    pub(super) fn values<'a>(&'a self, one: &'a Computation) -> Values<'a> {
        Values { aggregates: &one.aggregates, kept: self.of.get(&one.field).map_or(&[], Vec::as_slice) }
    }
}

impl Kept {
    fn new(aggregate: &Aggregate) -> Self {
        match aggregate.over {
            Over::Field(_) => Self::Linked(Linked::default()),
            Over::All(_) | Over::Key { .. } => Self::Grouped(None),
        }
    }
}

/// See [`Partials::values`].
#[derive(Debug)]
pub(super) struct Values<'a> {
    aggregates: &'a [Aggregate],
    kept: &'a [Kept],
}

impl Known for Values<'_> {
    fn known(&self, at: usize, record: u32) -> Option<Value> {
        let aggregate = self.aggregates.get(at)?;
        let partial = match self.kept.get(at)? {
            Kept::Linked(linked) => linked.of(record),
            Kept::Grouped(grouped) => grouped.as_ref()?.of(record),
        };
        partial?.result(aggregate.kind, aggregate.is_bounded)
    }
}

/// The records of the items' table whose contribution or key may be another one.
fn touched_items(reads: &[Read], step: Step<'_>) -> RecordSet {
    let mut items = RecordSet::new();
    for read in reads {
        if let Some(cells) = step.touched.of(read.field) {
            items.union_with(&targets_of(step.after.stored, &read.path, cells));
        }
    }
    items
}

/// The results of formulas of `table` for some records, chunk by chunk.
fn visit<const N: usize>(
    exprs: [&Expr; N],
    (side, names): (Side<'_>, &Names),
    table: TableId,
    records: &RecordSet,
    mut each: impl FnMut(u32, [&Chunk; N], usize),
) {
    let source = CellSource::naming(side.stored, side.computed, names);
    let (zone, dialect) = (super::run::zone(side.stored), side.stored.info.dialect);
    let context = Context { now_ms: side.computed.as_of_ms, zone, dialect, table };
    let prepared = exprs.map(|expr| expr.prepare(&source, &context));
    let len = side.stored.table(table).map_or(0, |state| state.len);
    let chunks: Vec<(usize, Vec<u16>)> =
        records.chunks().map(|(chunk, bits)| (chunk, ones(bits).collect())).collect();
    let cells = |(chunk, rows): &(usize, Vec<u16>)| {
        let base = chunk * formulas::column::CHUNK;
        let is_all = rows.len() == formulas::column::CHUNK.min(len.saturating_sub(base));
        let rows = if is_all { Rows::All(rows.len()) } else { Rows::Some(rows) };
        prepared.each_ref().map(|prepared| prepared.evaluate(*chunk, rows))
    };
    for chunks in chunks.chunks(CHUNKS_AT_ONCE) {
        let results: Vec<[Chunk; N]> = match chunks {
            [one] => vec![cells(one)],
            many => many.par_iter().map(cells).collect(),
        };
        for ((chunk, rows), cells) in chunks.iter().zip(&results) {
            let base = (chunk * formulas::column::CHUNK) as u32;
            for (at, row) in rows.iter().enumerate() {
                each(base + u32::from(*row), cells.each_ref(), at);
            }
        }
    }
}

/// The records of a set that a table ever had at a version.
fn there(records: &RecordSet, stored: &Stored, table: TableId) -> RecordSet {
    let len = stored.table(table).map_or(0, |state| state.len);
    match records.iter().any(|record| record.index() >= len) {
        true => records.iter().filter(|record| record.index() < len).collect(),
        false => records.clone(),
    }
}

/// The records of a set that are there.
fn living(records: &RecordSet, stored: &Stored, table: TableId) -> RecordSet {
    stored.table(table).map(|state| records.intersection(&state.alive)).unwrap_or_default()
}

fn is_in(set: Option<&RecordSet>, record: RecordId) -> bool {
    set.is_some_and(|set| set.contains(record))
}
