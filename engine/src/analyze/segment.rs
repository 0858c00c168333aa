//! [`Segment`]: the partial result of some chunks, and what it was computed from.

use std::sync::Arc;

use formulas::column::Chunk;
use formulas::records::Bits;
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::axis::Axis;
use super::measure::{Bound, Sums};
use crate::query::Plan;
use crate::query::group::Atom;
use crate::query::reading::Reading;
use crate::query::sort::Level;
use crate::snapshot::Snapshot;

/// Chunks of a segment: 131,072 records. Sums are added up within a segment in order of record and between
/// segments in order, so this number is part of what a sum is, to the last bit.
pub(super) const SEGMENT_CHUNKS: usize = 32;

/// Slots up to which every combination of keys has its place in an array; beyond, those that occur.
const GRID_MAX: usize = 1 << 18;

/// An aggregate bound to a snapshot.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan,
    pub(super) levels: &'a [Level],
    pub(super) measures: &'a [Bound],
}

/// The partial result of one segment.
#[derive(Debug)]
pub(super) struct Segment {
    /// What it was computed from: alive records, and the chunks of the fields that were read.
    pub(super) source: Vec<(usize, Bits, Vec<Arc<Chunk>>)>,
    /// For each level what its numbers stand for.
    pub(super) atoms: Vec<Vec<Atom>>,
    /// The keys of the slots.
    pub(super) keys: Keys,
    /// Records of each slot.
    pub(super) records: Vec<u32>,
    /// One for each measure.
    pub(super) sums: Vec<Sums>,
}

/// The keys of the slots of a segment.
#[derive(Debug)]
pub(super) enum Keys {
    /// A slot for each combination of numbers, the last level running fastest; `Some`: those that are kept.
    Grid(Option<Vec<u32>>),
    /// The numbers of each slot, level by level, one slot after the other.
    Listed(Vec<u32>),
}

impl Task<'_> {
    /// The fields that are read, each once for each use.
    pub(super) fn readings(&self) -> impl Iterator<Item = &Reading> {
        let levels = self.levels.iter().map(|level| &level.reading);
        let measures = self.measures.iter().filter_map(|measure| measure.reading.as_ref());
        self.plan.readings().iter().chain(levels).chain(measures)
    }

    /// What a segment of these living records is computed from.
    pub(super) fn source(
        &self,
        snapshot: &Snapshot,
        alive: &[(usize, &Bits)],
    ) -> Vec<(usize, Bits, Vec<Arc<Chunk>>)> {
        let chunks = |chunk| self.readings().map(|reading| reading.chunk(snapshot, chunk)).collect();
        alive.iter().map(|(chunk, bits)| (*chunk, **bits, chunks(*chunk))).collect()
    }

    /// Computes a segment.
    pub(super) fn compute(
        &self,
        snapshot: &Snapshot,
        source: Vec<(usize, Bits, Vec<Arc<Chunk>>)>,
    ) -> Segment {
        let n_tested = self.plan.readings().len();
        let held: Vec<Bits> =
            source.iter().map(|(chunk, bits, _)| self.plan.hold(snapshot, *chunk, bits)).collect();
        let mut axes: Vec<Axis<'_>> = self.levels.iter().map(Axis::new).collect();
        let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); axes.len()];
        for ((_, _, chunks), bits) in source.iter().zip(&held) {
            for (level, axis) in axes.iter_mut().enumerate() {
                axis.number(&chunks[n_tested + level], bits, &mut numbers[level]);
            }
        }
        let n_records: usize = held.iter().flatten().map(|word| word.count_ones() as usize).sum();
        let slots = Slots::new(&axes, numbers, n_records);
        let mut records = vec![0u32; slots.len];
        if let [all] = records.as_mut_slice() {
            *all = n_records as u32;
        } else {
            slots.of_records.iter().for_each(|slot| records[*slot as usize] += 1);
        }
        let sums = self.sum(&source, &held, &slots);
        let atoms = axes.into_iter().map(|axis| axis.atoms).collect();
        let mut segment = Segment { source, atoms, keys: slots.keys, records, sums };
        segment.drop_unused();
        segment
    }

    fn sum(&self, source: &[(usize, Bits, Vec<Arc<Chunk>>)], held: &[Bits], slots: &Slots) -> Vec<Sums> {
        let mut next = self.plan.readings().len() + self.levels.len();
        let mut all = Vec::with_capacity(self.measures.len());
        for measure in self.measures {
            let mut sums = Sums::new(measure.function, slots.len);
            if measure.reading.is_some() {
                let mut from = 0;
                for ((_, _, chunks), bits) in source.iter().zip(held) {
                    let to = from + bits.iter().map(|word| word.count_ones() as usize).sum::<usize>();
                    sums.add(measure, &chunks[next], bits, &slots.of_records[from..to]);
                    from = to;
                }
                sums.seal();
                next += 1;
            }
            all.push(sums);
        }
        all
    }
}

impl Segment {
    /// Drops the slots without a record where most are.
    fn drop_unused(&mut self) {
        let Keys::Grid(kept) = &mut self.keys else { return };
        let n_used = self.records.iter().filter(|n| **n > 0).count();
        if n_used * 2 > self.records.len() {
            return;
        }
        let used: Vec<u32> =
            (0..self.records.len() as u32).filter(|slot| self.records[*slot as usize] > 0).collect();
        self.sums.iter_mut().for_each(|sums| sums.keep(&used));
        self.records = used.iter().map(|slot| self.records[*slot as usize]).collect();
        *kept = Some(used);
    }

    /// How many values its measures keep: what it costs to remember it.
    pub(super) fn n_slots(&self) -> usize {
        self.records.len() + self.sums.iter().map(Sums::len).sum::<usize>()
    }

    /// Whether it is what would be computed from `source`.
    pub(super) fn is_of(&self, source: &[(usize, Bits, Vec<Arc<Chunk>>)]) -> bool {
        self.source.len() == source.len()
            && self.source.iter().zip(source).all(|(own, other)| {
                own.0 == other.0
                    && own.1 == other.1
                    && own.2.len() == other.2.len()
                    && own.2.iter().zip(&other.2).all(|(own, other)| Arc::ptr_eq(own, other))
            })
    }
}

/// One slot for each combination of keys.
struct Slots {
    /// The slot of each record of the segment.
    of_records: Vec<u32>,
    len: usize,
    keys: Keys,
}

impl Slots {
    fn new(axes: &[Axis<'_>], numbers: Vec<Vec<u32>>, n_records: usize) -> Self {
        let sizes: Vec<usize> = axes.iter().map(|axis| axis.atoms.len()).collect();
        let len = sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        let mut numbers = numbers.into_iter();
        let Some(mut of_records) = numbers.next() else {
            return Self { of_records: vec![0; n_records], len: 1, keys: Keys::Grid(None) };
        };
        match len {
            Some(len) if len <= GRID_MAX || sizes.len() == 1 => {
                for (numbers, size) in numbers.zip(&sizes[1..]) {
                    let pairs = of_records.iter_mut().zip(numbers);
                    pairs.for_each(|(slot, number)| *slot = *slot * *size as u32 + number);
                }
                Self { of_records, len, keys: Keys::Grid(None) }
            }
            _ => Self::listed(of_records, &numbers.collect::<Vec<_>>()),
        }
    }

    /// Too many combinations for a grid: those that occur are numbered.
    fn listed(mut of_records: Vec<u32>, rest: &[Vec<u32>]) -> Self {
        let mut known: HashMap<SmallVec<[u32; 3]>, u32> = HashMap::new();
        let mut keys: Vec<u32> = Vec::new();
        for (at, slot) in of_records.iter_mut().enumerate() {
            let key: SmallVec<[u32; 3]> =
                std::iter::once(*slot).chain(rest.iter().map(|level| level[at])).collect();
            let next = known.len() as u32;
            *slot = *known.entry(key).or_insert_with_key(|key| {
                keys.extend_from_slice(key);
                next
            });
        }
        Self { of_records, len: known.len(), keys: Keys::Listed(keys) }
    }
}

/// Splits chunks into segments: chunk `c` is in segment `c / SEGMENT_CHUNKS`.
pub(super) fn split<'a, 'b>(alive: &'b [(usize, &'a Bits)]) -> Vec<&'b [(usize, &'a Bits)]> {
    alive.chunk_by(|a, b| a.0 / SEGMENT_CHUNKS == b.0 / SEGMENT_CHUNKS).collect()
}
