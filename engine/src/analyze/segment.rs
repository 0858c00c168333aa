//! [`Segment`]: the partial result of some chunks, and what it was computed from.

use std::sync::Arc;

use formulas::column::Chunk;
use formulas::records::Bits;
use hashbrown::HashMap;

use super::axis::Axis;
use super::measure::{Sums, unique_level};
use super::{Function, Measure};
use crate::query::Plan;
use crate::query::group::Atom;
use crate::query::reading::Reading;
use crate::query::sort::Level;
use crate::snapshot::Snapshot;

/// Chunks of a segment: 131,072 records. Sums are added up within a segment in order of record and between
/// segments in order, so this number is part of what a sum is, to the last bit.
pub(super) const SEGMENT_CHUNKS: usize = 32;

/// Slots up to which every combination of keys has its place in an array; beyond, those that occur.
const DENSE_MAX: usize = 1 << 18;

/// An aggregate bound to a snapshot.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan,
    pub(super) levels: &'a [Level],
    pub(super) measures: &'a [(Measure, Option<Reading>)],
}

/// The partial result of one segment.
#[derive(Debug)]
pub(super) struct Segment {
    /// What it was computed from: alive records, and the chunks of the fields that were read.
    pub(super) source: Vec<(usize, Bits, Vec<Arc<Chunk>>)>,
    /// For each level what its numbers stand for.
    pub(super) atoms: Vec<Vec<Atom>>,
    /// The numbers of each slot, level by level, one slot after the other.
    pub(super) keys: Vec<u32>,
    /// Records of each slot.
    pub(super) records: Vec<u32>,
    /// One for each measure.
    pub(super) sums: Vec<Sums>,
}

impl Task<'_> {
    /// The fields that are read, each once for each use.
    pub(super) fn readings(&self) -> impl Iterator<Item = &Reading> {
        let levels = self.levels.iter().map(|level| &level.reading);
        let measures = self.measures.iter().filter_map(|(_, reading)| reading.as_ref());
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
        slots.of_records.iter().for_each(|slot| records[*slot as usize] += 1);
        let sums = self.sum(&source, &held, &slots);
        let mut segment = Segment {
            source,
            atoms: axes.into_iter().map(|axis| axis.atoms).collect(),
            keys: Vec::new(),
            records,
            sums,
        };
        segment.keep_used(&slots);
        segment
    }

    fn sum(&self, source: &[(usize, Bits, Vec<Arc<Chunk>>)], held: &[Bits], slots: &Slots) -> Vec<Sums> {
        let mut next = self.plan.readings().len() + self.levels.len();
        let mut all = Vec::with_capacity(self.measures.len());
        for (measure, reading) in self.measures {
            let mut sums = Sums::new(measure.function, slots.len);
            let Some(reading) = reading else {
                all.push(sums);
                continue;
            };
            let level = unique_level(reading);
            let mut axis = (measure.function == Function::Unique).then(|| Axis::new(&level));
            let mut from = 0;
            for ((_, _, chunks), bits) in source.iter().zip(held) {
                let to = from + bits.iter().map(|word| word.count_ones() as usize).sum::<usize>();
                let slots = &slots.of_records[from..to];
                sums.add(measure.function, &chunks[next], bits, slots, axis.as_mut());
                from = to;
            }
            if let (Sums::Distinct(_, atoms), Some(axis)) = (&mut sums, axis) {
                *atoms = axis.atoms;
            }
            all.push(sums);
            next += 1;
        }
        all
    }
}

impl Segment {
    /// Drops the slots without a record and writes down the keys of the others.
    fn keep_used(&mut self, slots: &Slots) {
        let used: Vec<u32> = (0..slots.len as u32).filter(|slot| self.records[*slot as usize] > 0).collect();
        if used.len() < slots.len {
            self.sums.iter_mut().for_each(|sums| sums.keep(&used));
            self.records = used.iter().map(|slot| self.records[*slot as usize]).collect();
        }
        for slot in used {
            slots.push_keys(slot, &mut self.keys);
        }
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
    /// How many numbers each level has.
    sizes: Vec<usize>,
    /// The combinations of slots that were numbered as they occurred.
    sparse: Option<Vec<Vec<u32>>>,
}

impl Slots {
    fn new(axes: &[Axis<'_>], mut numbers: Vec<Vec<u32>>, n_records: usize) -> Self {
        let sizes: Vec<usize> = axes.iter().map(|axis| axis.atoms.len()).collect();
        let n_dense = sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size)).unwrap_or(usize::MAX);
        if axes.is_empty() {
            return Self { of_records: vec![0; n_records], len: 1, sizes, sparse: None };
        }
        if axes.len() == 1 {
            let of_records = numbers.swap_remove(0);
            return Self { of_records, len: sizes[0], sizes, sparse: None };
        }
        let mut of_records = numbers.swap_remove(0);
        let rest: Vec<Vec<u32>> = {
            // `swap_remove` put the last level first.
            let n = numbers.len();
            numbers.rotate_left(usize::from(n > 1));
            numbers
        };
        if n_dense <= DENSE_MAX {
            for (numbers, size) in rest.iter().zip(&sizes[1..]) {
                let pairs = of_records.iter_mut().zip(numbers);
                pairs.for_each(|(slot, number)| *slot = *slot * *size as u32 + number);
            }
            return Self { of_records, len: n_dense, sizes, sparse: None };
        }
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut keys: Vec<Vec<u32>> = Vec::new();
        for (at, slot) in of_records.iter_mut().enumerate() {
            let key: Vec<u32> = std::iter::once(*slot).chain(rest.iter().map(|level| level[at])).collect();
            *slot = *known.entry(key).or_insert_with_key(|key| {
                keys.push(key.clone());
                keys.len() as u32 - 1
            });
        }
        Self { of_records, len: keys.len(), sizes, sparse: Some(keys) }
    }

    fn push_keys(&self, slot: u32, keys: &mut Vec<u32>) {
        if let Some(sparse) = &self.sparse {
            keys.extend_from_slice(&sparse[slot as usize]);
            return;
        }
        let at = keys.len();
        keys.resize(at + self.sizes.len(), 0);
        let mut rest = slot;
        for (key, size) in keys[at..].iter_mut().zip(&self.sizes).rev() {
            *key = rest % *size as u32;
            rest /= *size as u32;
        }
    }
}

/// Splits chunks into segments: chunk `c` is in segment `c / SEGMENT_CHUNKS`.
pub(super) fn split<'a, 'b>(alive: &'b [(usize, &'a Bits)]) -> Vec<&'b [(usize, &'a Bits)]> {
    alive.chunk_by(|a, b| a.0 / SEGMENT_CHUNKS == b.0 / SEGMENT_CHUNKS).collect()
}

#[cfg(test)]
mod tests {
    use crate::analyze::axis::each;

    #[test]
    fn rows_are_visited_once_in_order() {
        let mut bits = [0u64; 64];
        bits[0] = u64::MAX;
        bits[3] = 0b1010;
        let mut rows = Vec::new();
        each(&bits, |row| rows.push(row));
        assert_eq!(rows, (0..64).chain([193, 195]).collect::<Vec<_>>());
    }
}
