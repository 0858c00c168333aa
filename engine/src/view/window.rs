//! [`Window`]: a part of an order that somebody sees, and [`PatchOp`]s: how what they hold becomes what it is
//! now.
//!
//! The promise: whoever holds the [`Frame`] of one version and applies the operations in sequence holds the
//! frame of the next, equal to one that is read anew (invariant I2 of `collaboration.md`).

use std::sync::Arc;

use formulas::column::Chunk;
use formulas::{FieldId, RecordId, TableId, Value};
use hashbrown::HashMap;

use super::order::Order;
use crate::analyze::{AnalyzeCache, Function};
use crate::change::Version;
use crate::delta::Delta;
use crate::error::Refusal;
use crate::query::GroupNode;
use crate::query::reading::{Meaning, Reading};
use crate::snapshot::Snapshot;
use crate::state::table::TableState;

/// What somebody sees of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    /// The fields of each row, in this order.
    pub fields: Vec<FieldId>,
    /// The position of the first row.
    pub from: usize,
    /// How many rows at the most.
    pub len: usize,
    /// What is summed up, for each group and in all.
    pub summaries: Vec<(FieldId, Function)>,
}

/// A record as a window shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub record: RecordId,
    /// The version of the commit that wrote to it last.
    pub version: Version,
    /// One for each field of the window.
    pub cells: Vec<Value>,
}

/// All that somebody holds of a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// How many records the order has.
    pub total: usize,
    /// The position of the first row.
    pub from: usize,
    /// The rows.
    pub rows: Vec<Arc<Row>>,
    /// The groups of the order, all of them.
    pub groups: Vec<GroupNode>,
    /// Over all records of the order.
    pub summaries: Vec<(FieldId, Option<f64>)>,
}

/// One operation on a frame. Positions are those in the whole order at the moment of the operation.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchOp {
    /// `u`: cells of a row, by their place among the window's fields, and its version.
    Update {
        /// The row's position.
        at: usize,
        /// Which.
        record: RecordId,
        /// Its version.
        version: Version,
        /// What differs. A link whose records were renamed is here with the value that it had.
        cells: Vec<(usize, Value)>,
    },
    /// `i`: a row comes in.
    Insert {
        /// Its position.
        at: usize,
        /// The row.
        row: Arc<Row>,
    },
    /// `d`: the row goes out.
    Delete {
        /// Its position.
        at: usize,
    },
    /// `m`: the row at `from` is taken out and put in at `to`.
    Move {
        /// Its position.
        from: usize,
        /// Its position afterwards.
        to: usize,
    },
    /// `t`: how many records the order has.
    Total(usize),
    /// `g`: all groups.
    Groups(Vec<GroupNode>),
    /// `s`: all summaries.
    Summaries(Vec<(FieldId, Option<f64>)>),
}

impl Frame {
    /// Reads the frame of a window.
    ///
    /// # Errors
    ///
    /// If a summary does not fit its field.
    pub fn read(order: &Order, window: &Window, cache: &AnalyzeCache) -> Result<Self, Refusal> {
        let rows = order.slice(window.from, window.len);
        let reader = Reader::new(order.snapshot(), order.query().table, &window.fields);
        let rows = rows.into_iter().map(|record| Arc::new(reader.row(record))).collect();
        let mut groups = order.groups();
        let summaries = cache.summaries(order, &window.summaries, &mut groups)?;
        Ok(Self { total: order.len(), from: window.from, rows, groups, summaries })
    }

    /// The frame after `delta`, whose version `order` has, and how this one becomes it. Rows that nothing
    /// happened to are not read again.
    ///
    /// # Errors
    ///
    /// As [`Frame::read`].
    pub fn step(
        &self,
        order: &Order,
        window: &Window,
        delta: &Delta,
        cache: &AnalyzeCache,
    ) -> Result<(Self, Vec<PatchOp>), Refusal> {
        let snapshot = order.snapshot();
        let records = order.slice(window.from, window.len);
        let held: HashMap<RecordId, &Arc<Row>> = self.rows.iter().map(|row| (row.record, row)).collect();
        let table = order.query().table;
        let reader = Reader::new(snapshot, table, &window.fields);
        let dirty = Dirty::new(table, window, delta);
        let mut rows = Vec::with_capacity(records.len());
        let mut renamed: HashMap<RecordId, Vec<usize>> = HashMap::new();
        for record in records {
            let same = |row: &&&Arc<Row>| !dirty.touches(record) && row.version == reader.version(record);
            let row = match held.get(&record).filter(same) {
                Some(row) => Arc::clone(row),
                None => Arc::new(reader.row(record)),
            };
            let links = dirty.renamed(&row);
            if !links.is_empty() {
                renamed.insert(record, links);
            }
            rows.push(row);
        }
        let mut groups = order.groups();
        let summaries = cache.summaries(order, &window.summaries, &mut groups)?;
        let next = Self { total: order.len(), from: window.from, rows, groups, summaries };
        let ops = self.ops_to(&next, &renamed);
        Ok((next, ops))
    }

    /// The operations that make this frame `next`, a later one of the same window.
    pub fn diff(&self, next: &Frame) -> Vec<PatchOp> {
        self.ops_to(next, &HashMap::new())
    }

    fn ops_to(&self, next: &Frame, renamed: &HashMap<RecordId, Vec<usize>>) -> Vec<PatchOp> {
        let old: Vec<RecordId> = self.rows.iter().map(|row| row.record).collect();
        let new: Vec<RecordId> = next.rows.iter().map(|row| row.record).collect();
        let mut ops = Vec::new();
        if old != new {
            let rows: HashMap<RecordId, &Arc<Row>> = next.rows.iter().map(|row| (row.record, row)).collect();
            rearrange(&old, &new, next.from, &mut ops, |record| Arc::clone(rows[&record]));
        }
        let held: HashMap<RecordId, &Arc<Row>> = self.rows.iter().map(|row| (row.record, row)).collect();
        for (idx, row) in next.rows.iter().enumerate() {
            let Some(before) = held.get(&row.record) else { continue };
            let links = renamed.get(&row.record).map(Vec::as_slice).unwrap_or_default();
            if (Arc::ptr_eq(before, row) || before == &row) && links.is_empty() {
                continue;
            }
            let cells = row.cells.iter().enumerate();
            let cells = cells.filter(|(at, cell)| before.cells.get(*at) != Some(cell) || links.contains(at));
            ops.push(PatchOp::Update {
                at: next.from + idx,
                record: row.record,
                version: row.version,
                cells: cells.map(|(at, cell)| (at, cell.clone())).collect(),
            });
        }
        if self.total != next.total {
            ops.push(PatchOp::Total(next.total));
        }
        if self.groups != next.groups {
            ops.push(PatchOp::Groups(next.groups.clone()));
        }
        if self.summaries != next.summaries {
            ops.push(PatchOp::Summaries(next.summaries.clone()));
        }
        ops
    }

    /// Applies operations, as a client does.
    ///
    /// # Panics
    ///
    /// If an operation does not fit: it was made for another frame.
    pub fn apply(&mut self, ops: &[PatchOp]) {
        let from = self.from;
        for op in ops {
            match op {
                PatchOp::Update { at, record, version, cells } => {
                    let row = Arc::make_mut(&mut self.rows[at - from]);
                    assert_eq!(row.record, *record, "an update is for the row at its position");
                    row.version = *version;
                    cells.iter().for_each(|(at, cell)| row.cells[*at] = cell.clone());
                }
                PatchOp::Insert { at, row } => self.rows.insert(at - from, Arc::clone(row)),
                PatchOp::Delete { at } => drop(self.rows.remove(at - from)),
                PatchOp::Move { from: was, to } => {
                    let row = self.rows.remove(was - from);
                    self.rows.insert(to - from, row);
                }
                PatchOp::Total(total) => self.total = *total,
                PatchOp::Groups(groups) => self.groups.clone_from(groups),
                PatchOp::Summaries(summaries) => self.summaries.clone_from(summaries),
            }
        }
    }
}

impl Row {
    /// Reads a record of `table`.
    pub fn read(snapshot: &Snapshot, table: TableId, record: RecordId, fields: &[FieldId]) -> Self {
        Reader::new(snapshot, table, fields).row(record)
    }
}

/// Reads rows; where the columns are is looked up once.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    state: Option<&'a TableState>,
    /// `None` for a field that is gone.
    readings: Vec<Option<Reading>>,
}

impl<'a> Reader<'a> {
    fn new(snapshot: &'a Snapshot, table: TableId, fields: &[FieldId]) -> Self {
        let readings = fields.iter().map(|field| Reading::of(snapshot, *field)).collect();
        Self { snapshot, state: snapshot.stored().table(table), readings }
    }

    fn version(&self, record: RecordId) -> Version {
        self.state.map_or(0, |table| table.version_of(record))
    }

    fn row(&self, record: RecordId) -> Row {
        let get = |cells: &Chunk, row: usize| if row < cells.len() { cells.get(row) } else { Value::Blank };
        let cell = |reading: &Option<Reading>| match reading {
            // Far ends of links are asked for one by one: whole lists of them are not made.
            Some(reading) if reading.is_made() => self.snapshot.get(reading.field.id, record),
            Some(reading) => reading.at(self.snapshot, record, get),
            None => Value::Blank,
        };
        let cells = self.readings.iter().map(cell).collect();
        Row { record, version: self.version(record), cells }
    }
}

/// Which cells of a window a delta touched.
struct Dirty<'a> {
    own: Vec<&'a formulas::RecordSet>,
    /// Places of link fields, with the records whose titles may differ.
    titles: Vec<(usize, formulas::RecordSet)>,
}

impl<'a> Dirty<'a> {
    fn new(table: TableId, window: &Window, delta: &'a Delta) -> Self {
        let own = window.fields.iter().filter_map(|field| delta.touched.get(field));
        // A record that went and came back under its number within the delta is read again.
        let own = own.chain(delta.added.get(&table)).collect();
        let mut titles = Vec::new();
        for (at, field) in window.fields.iter().enumerate() {
            let Some(reading) = Reading::of(&delta.after, *field) else { continue };
            let (Meaning::Record(linked), Some(primary)) = (reading.meaning, reading.foreign(&delta.after))
            else {
                continue;
            };
            let mut records = delta.touched.get(&primary).cloned().unwrap_or_default();
            for set in [delta.added.get(&linked), delta.removed.get(&linked)].into_iter().flatten() {
                records.union_with(set);
            }
            if !records.is_empty() {
                titles.push((at, records));
            }
        }
        Self { own, titles }
    }

    fn touches(&self, record: RecordId) -> bool {
        self.own.iter().any(|set| set.contains(record))
    }

    /// The places of links of a row that show a record whose title may differ.
    fn renamed(&self, row: &Row) -> Vec<usize> {
        let shows = |(at, records): &&(usize, formulas::RecordSet)| {
            row.cells[*at].as_codes().iter().any(|code| records.contains(RecordId(*code)))
        };
        self.titles.iter().filter(shows).map(|(at, _)| *at).collect()
    }
}

/// Turns the list `old` into `new` by few operations: what goes, goes; the longest run of rows that keep their
/// order stays; the others move or come in from the top down.
fn rearrange(
    old: &[RecordId],
    new: &[RecordId],
    from: usize,
    ops: &mut Vec<PatchOp>,
    row: impl Fn(RecordId) -> Arc<Row>,
) {
    let places: HashMap<RecordId, usize> = new.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut list: Vec<RecordId> = Vec::with_capacity(old.len());
    for id in old {
        if places.contains_key(id) {
            list.push(*id);
        } else {
            ops.push(PatchOp::Delete { at: from + list.len() });
        }
    }
    let stay: Vec<usize> = list.iter().map(|id| places[id]).collect();
    let stay = longest_ascending(&stay);
    let stays = |at: usize| stay.binary_search(&at).is_ok();
    for (at, id) in new.iter().enumerate() {
        if stays(at) {
            continue;
        }
        // Everything before `at` in `new` is in order already; the row goes behind its predecessor.
        let behind = |list: &[RecordId]| match at.checked_sub(1) {
            Some(before) => list.iter().position(|other| *other == new[before]).map_or(0, |at| at + 1),
            None => 0,
        };
        match list.iter().position(|other| other == id) {
            Some(was) => {
                list.remove(was);
                let to = behind(&list);
                list.insert(to, *id);
                if was != to {
                    ops.push(PatchOp::Move { from: from + was, to: from + to });
                }
            }
            None => {
                let to = behind(&list);
                list.insert(to, *id);
                ops.push(PatchOp::Insert { at: from + to, row: row(*id) });
            }
        }
    }
    debug_assert_eq!(list, new, "the operations lead to the new list");
}

/// The values of a longest ascending subsequence.
fn longest_ascending(values: &[usize]) -> Vec<usize> {
    // `ends[n]`: where a subsequence of n + 1 values ends with the smallest value.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let n = ends.partition_point(|end| values[*end] < *value);
        before.push(n.checked_sub(1).map(|n| ends[n]));
        if n == ends.len() {
            ends.push(at);
        } else {
            ends[n] = at;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(place) = at {
        run.push(values[place]);
        at = before[place];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rearranging_leads_to_the_new_list(old in proptest::sample::subsequence((0u32..30).collect::<Vec<_>>(), 0..30).prop_shuffle(),
                                             new in proptest::sample::subsequence((0u32..30).collect::<Vec<_>>(), 0..30).prop_shuffle()) {
            let frame = |ids: &[u32]| {
                let row = |id: &u32| Arc::new(Row { record: RecordId(*id), version: 1, cells: Vec::new() });
                Frame { from: 100, rows: ids.iter().map(row).collect(), ..Frame::default() }
            };
            let (mut held, wanted) = (frame(&old), frame(&new));
            let ops = held.diff(&wanted);
            held.apply(&ops);
            prop_assert_eq!(held, wanted);
        }
    }

    #[test]
    fn one_row_that_moves_is_one_operation() {
        let ids = |ids: &[u32]| ids.iter().map(|id| RecordId(*id)).collect::<Vec<_>>();
        let mut ops = Vec::new();
        let row = |record| Arc::new(Row { record, version: 1, cells: Vec::new() });
        rearrange(&ids(&[1, 2, 3, 4, 5]), &ids(&[2, 3, 4, 5, 1]), 0, &mut ops, row);
        assert_eq!(ops, [PatchOp::Move { from: 0, to: 4 }]);
    }
}
