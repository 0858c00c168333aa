//! [`Plan`]: a query bound to a snapshot: which records, and by which keys they are ordered.
//!
//! It stays good for later snapshots as long as the schema, the titles it was made from and the day are the
//! same: [`Plan::outdated`] tells.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use formulas::column::{CHUNK, Chunk};
use formulas::records::Bits;
use formulas::{FieldId, RecordId, RecordSet, TableId};
use rayon::prelude::*;
use smallvec::SmallVec;

use super::collate::Collation;
use super::compile::Compiler;
use super::group;
use super::reading::Reading;
use super::select::Selection;
use super::sort::{KeyContext, KeyPart, Level, first_by_words, sort_by_words};
use super::test::{Cells, NONE, Test};
use super::{Parameters, Query};
use crate::delta::Delta;
use crate::error::Refusal;
use crate::id::ViewId;
use crate::snapshot::Snapshot;
use crate::state::places::{Place, Places};

/// Records above which the chunks of a filter are shared among threads.
const PARALLEL_CHUNKS_MIN: usize = 4;

/// A query bound to a snapshot.
#[derive(Clone, Debug)]
pub struct Plan {
    table: TableId,
    readings: Vec<Reading>,
    test: Test,
    /// Groups first, then sort keys.
    pub(crate) levels: Vec<Level>,
    /// How many of the levels are groups.
    pub(crate) n_groups: usize,
    /// The view whose order by hand decides between records that the levels do not tell apart.
    by_hand: Option<ViewId>,
    collation: Collation,
    own: BTreeSet<FieldId>,
    /// Fields of other records that the test was made from.
    foreign: BTreeSet<FieldId>,
    /// Titles of linked records that keys are made of.
    titles: BTreeSet<FieldId>,
    follows_day: bool,
    follows_clock: bool,
    follows_me: bool,
}

/// The keys of a record: one for each level, its place if people order by hand, and the record itself, so that
/// no two are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordKey {
    pub(crate) parts: SmallVec<[KeyPart; 3]>,
    pub(crate) place: Place,
    pub(crate) record: u32,
}

impl Plan {
    pub(super) fn new(query: &Query, snapshot: &Snapshot, parameters: &Parameters) -> Result<Self, Refusal> {
        let mut compiler = Compiler::new(snapshot, query.table, parameters);
        let mut tests = Vec::new();
        if let Some(filter) = &query.filter {
            tests.push(compiler.filter(filter)?);
        }
        if let Some(search) = &query.search {
            tests.push(compiler.search(search));
        }
        let mut levels: Vec<Level> = Vec::new();
        for one in &query.group {
            levels.push(group::level(snapshot, one)?);
        }
        for sort in &query.sort {
            let reading = Reading::of(snapshot, sort.field)
                .ok_or_else(|| Refusal::invalid("the field of a sort key is gone").in_field(sort.field))?;
            levels.push(Level::new(snapshot, reading, sort.desc, None));
        }
        let mut own: BTreeSet<FieldId> = std::mem::take(&mut compiler.more);
        let mut titles = BTreeSet::new();
        own.extend(compiler.readings.iter().map(|reading| reading.field.id));
        for level in &levels {
            own.insert(level.reading.field.id);
            titles.extend(level.reading.foreign(snapshot));
        }
        Ok(Self {
            table: query.table,
            readings: std::mem::take(&mut compiler.readings),
            test: if tests.is_empty() { Test::Const(true) } else { Test::And(tests) },
            levels,
            n_groups: query.group.len(),
            by_hand: query.by_hand.filter(|_| query.sort.is_empty()),
            collation: Collation::new(&snapshot.stored().info.locale),
            own,
            foreign: std::mem::take(&mut compiler.foreign),
            titles,
            follows_day: compiler.follows_day,
            follows_clock: compiler.follows_clock,
            follows_me: compiler.follows_me,
        })
    }

    /// Whose records.
    pub const fn table(&self) -> TableId {
        self.table
    }

    /// Whether the same query at another time may have other records: asked again when the day changes.
    pub const fn follows_time(&self) -> bool {
        self.follows_day || self.follows_clock
    }

    /// Whether it has other records for other people.
    pub const fn follows_me(&self) -> bool {
        self.follows_me
    }

    /// The fields that the filter reads, by their numbers.
    pub(crate) fn readings(&self) -> &[Reading] {
        &self.readings
    }

    pub(crate) const fn follows_clock(&self) -> bool {
        self.follows_clock
    }

    /// The fields of its table that decide which records it has and in which order.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> + '_ {
        self.own.iter().copied()
    }

    /// The view whose order by hand counts.
    pub(crate) const fn by_hand(&self) -> Option<ViewId> {
        self.by_hand
    }

    /// The places that count, if anybody moved a record.
    fn places<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Places> {
        self.by_hand.and_then(|view| snapshot.stored().orders.get(&view))
    }

    /// Whether an order of this plan has to be made again to hold after `delta`.
    pub fn outdated(&self, delta: &Delta) -> bool {
        if delta.schema || self.follows_clock {
            return true;
        }
        let table_of = |field: FieldId| delta.after.field(field).map(|field| field.table);
        let came_or_went = |field: FieldId| {
            table_of(field)
                .is_some_and(|table| delta.added.contains_key(&table) || delta.removed.contains_key(&table))
        };
        // A record that comes or goes has no links yet or any more: only titles that were shown matter.
        let renamed = |field: FieldId| {
            let Some(touched) = delta.touched.get(&field) else { return false };
            let table = table_of(field).unwrap_or_default();
            let known = |set: Option<&RecordSet>, record| set.is_some_and(|set| set.contains(record));
            touched.iter().any(|record| {
                !known(delta.added.get(&table), record) && !known(delta.removed.get(&table), record)
            })
        };
        self.foreign.iter().any(|field| delta.touched.contains_key(field) || came_or_went(*field))
            || self.titles.iter().any(|field| renamed(*field))
    }

    /// Fields of other records that the test was made from.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = FieldId> + '_ {
        self.foreign.iter().copied()
    }

    /// Titles of linked records that keys are made of.
    pub(crate) fn titles(&self) -> impl Iterator<Item = FieldId> + '_ {
        self.titles.iter().copied()
    }

    /// The records that the filter keeps.
    pub fn select(&self, snapshot: &Snapshot) -> Selection {
        let alive = snapshot.alive(self.table);
        if let Test::Const(true) = self.test {
            return Selection::new(alive.chunks().map(|(chunk, bits)| (chunk, *bits)));
        }
        let chunks: Vec<(usize, &Bits)> = alive.chunks().collect();
        let hold = |(chunk, bits): &(usize, &Bits)| (*chunk, self.hold(snapshot, *chunk, bits));
        let held: Vec<(usize, Bits)> = if chunks.len() < PARALLEL_CHUNKS_MIN {
            chunks.iter().map(hold).collect()
        } else {
            chunks.par_iter().map(hold).collect()
        };
        Selection::new(held)
    }

    /// The rows of `among`, living records of one chunk, that the filter keeps.
    pub(crate) fn hold(&self, snapshot: &Snapshot, chunk: usize, among: &Bits) -> Bits {
        let chunks: SmallVec<[Arc<Chunk>; 8]> =
            self.readings.iter().map(|reading| reading.chunk(snapshot, chunk)).collect();
        self.test.hold(&Cells { chunks: &chunks, snapshot, chunk }, among)
    }

    /// Whether the filter keeps a record; false for one that is not there.
    pub fn matches(&self, snapshot: &Snapshot, record: RecordId) -> bool {
        if !snapshot.stored().table(self.table).is_some_and(|table| table.is_alive(record)) {
            return false;
        }
        let (chunk, row) = (record.index() / CHUNK, record.index() % CHUNK);
        let mut among = NONE;
        // Cells that are made for each question are made for one record only, and the others cut to it.
        if self.readings.iter().any(Reading::is_made) {
            let cut = |reading: &Reading| {
                let (cells, row) = reading.cell(snapshot, record);
                let there = row < cells.len();
                if cells.len() == 1 { cells } else { Arc::new(cells.slice(row, row + usize::from(there))) }
            };
            let has_formula = self.test.has_formula();
            if !has_formula {
                let chunks: SmallVec<[Arc<Chunk>; 8]> = self.readings.iter().map(cut).collect();
                among[0] = 1;
                return self.test.hold(&Cells { chunks: &chunks, snapshot, chunk }, &among) != NONE;
            }
        }
        among[row / 64] = 1 << (row % 64);
        self.hold(snapshot, chunk, &among) != NONE
    }

    /// The selected records in order, and where in it each group of the innermost level begins.
    pub(crate) fn sorted(&self, snapshot: &Snapshot, selection: &Selection) -> (Vec<u32>, Vec<usize>) {
        let words = self.words(snapshot, selection);
        let places = sort_by_words(selection.len(), &words);
        let groups = &words[..self.n_groups];
        let mut starts = Vec::new();
        if !groups.is_empty() {
            let same = |a: u32, b: u32| groups.iter().all(|words| words[a as usize] == words[b as usize]);
            starts.extend((0..places.len()).filter(|at| *at == 0 || !same(places[at - 1], places[*at])));
        }
        let records = selection.records();
        (places.into_iter().map(|at| records[at as usize]).collect(), starts)
    }

    /// How many records the query has, and the first `n` of them: quicker than an order for a page that is
    /// asked for once.
    pub fn first(&self, snapshot: &Snapshot, n: usize) -> (usize, Vec<RecordId>) {
        let selection = self.select(snapshot);
        let places = first_by_words(selection.len(), &self.words(snapshot, &selection), n);
        let records = selection.records();
        (selection.len(), places.into_iter().map(|at| RecordId(records[at as usize])).collect())
    }

    fn words(&self, snapshot: &Snapshot, selection: &Selection) -> Vec<Vec<u64>> {
        let ctx = self.context(snapshot);
        let mut words: Vec<Vec<u64>> = self.levels.iter().map(|level| level.words(&ctx, selection)).collect();
        words.extend(self.places(snapshot).map(|places| places.words(&selection.records())));
        words
    }

    pub(crate) fn context<'a>(&'a self, snapshot: &'a Snapshot) -> KeyContext<'a> {
        KeyContext { snapshot, collation: &self.collation }
    }

    /// The keys of a record in a snapshot.
    pub(crate) fn key(&self, snapshot: &Snapshot, record: u32) -> RecordKey {
        let ctx = self.context(snapshot);
        let part = |level: &Level| {
            level.reading.at(snapshot, RecordId(record), |cells, row| level.part(&ctx, cells, row))
        };
        let place = self.places(snapshot).map_or(Place::Implied, |places| places.place(record));
        RecordKey { parts: self.levels.iter().map(part).collect(), place, record }
    }

    /// The parts of a key that are groups.
    pub(crate) fn group_parts<'a>(&self, key: &'a RecordKey) -> &'a [KeyPart] {
        &key.parts[..self.n_groups]
    }

    /// Compares `key` with a record, reading no more of its keys than decide.
    pub(crate) fn compare_with(&self, snapshot: &Snapshot, key: &RecordKey, record: u32) -> Ordering {
        let ctx = self.context(snapshot);
        for (level, part) in self.levels.iter().zip(&key.parts) {
            let other =
                level.reading.at(snapshot, RecordId(record), |cells, row| level.part(&ctx, cells, row));
            match level.compare(part, &other) {
                Ordering::Equal => {}
                other => return other,
            }
        }
        match self.places(snapshot) {
            Some(places) => places.compare((key.record, &key.place), record),
            None => key.record.cmp(&record),
        }
    }

    /// The group keys of a record.
    pub(crate) fn atoms(&self, snapshot: &Snapshot, record: u32) -> Vec<group::Atom> {
        let atom =
            |level: &Level| level.reading.at(snapshot, RecordId(record), |cells, row| level.atom(cells, row));
        self.levels[..self.n_groups].iter().map(atom).collect()
    }
}

/// Compares the first `n` keys of two records.
pub(crate) fn compare_keys(levels: &[Level], a: &[KeyPart], b: &[KeyPart]) -> Ordering {
    let parts = levels.iter().zip(a.iter().zip(b)).map(|(level, (a, b))| level.compare(a, b));
    parts.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
}
