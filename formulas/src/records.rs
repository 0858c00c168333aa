//! [`RecordSet`]: a set of records, kept as a bitmap per chunk of [`CHUNK`] records.
//!
//! It names what was touched, what a filter kept and what is alive. Iteration is in order of record and by
//! chunk, so that a consumer decides once for a chunk and then loops. Cloning shares the bitmaps.

use std::sync::Arc;

use crate::column::CHUNK;
use crate::ids::RecordId;

const WORDS: usize = CHUNK / 64;

/// The bits of one chunk.
pub type Bits = [u64; WORDS];

/// A set of records of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordSet {
    /// Sorted by chunk; a chunk without a record is absent.
    chunks: Vec<(u32, Arc<Bits>)>,
}

impl RecordSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// All records from 0 up to and without `len`.
    pub fn full(len: usize) -> Self {
        let mut set = Self::new();
        set.insert_range(0, len);
        set
    }

    /// One record.
    pub fn one(record: RecordId) -> Self {
        let mut set = Self::new();
        set.insert(record);
        set
    }

    /// Adds the records `from..to`.
    pub fn insert_range(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let chunk = at / CHUNK;
            let end = to.min((chunk + 1) * CHUNK);
            let bits = self.bits_mut(chunk as u32);
            for row in at % CHUNK..end - chunk * CHUNK {
                bits[row / 64] |= 1 << (row % 64);
            }
            at = end;
        }
    }

    /// Adds a record; tells whether it was new.
    pub fn insert(&mut self, record: RecordId) -> bool {
        let (chunk, row) = split(record);
        let word = &mut self.bits_mut(chunk)[row / 64];
        let new = *word & (1 << (row % 64)) == 0;
        *word |= 1 << (row % 64);
        new
    }

    /// Takes a record out; tells whether it was there.
    pub fn remove(&mut self, record: RecordId) -> bool {
        let (chunk, row) = split(record);
        let Ok(at) = self.position(chunk) else { return false };
        let bits = Arc::make_mut(&mut self.chunks[at].1);
        let was = bits[row / 64] & (1 << (row % 64)) != 0;
        bits[row / 64] &= !(1 << (row % 64));
        if bits.iter().all(|word| *word == 0) {
            self.chunks.remove(at);
        }
        was
    }

    /// Whether the record is in the set.
    pub fn contains(&self, record: RecordId) -> bool {
        let (chunk, row) = split(record);
        self.bits(chunk).is_some_and(|bits| bits[row / 64] & (1 << (row % 64)) != 0)
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.chunks.iter().flat_map(|(_, bits)| bits.iter()).map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The records in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.chunks.iter().flat_map(|(chunk, bits)| {
            let base = *chunk * CHUNK as u32;
            ones(bits).map(move |row| RecordId(base + u32::from(row)))
        })
    }

    /// The chunks that have a record, in order, with their bits.
    pub fn chunks(&self) -> impl Iterator<Item = (usize, &Bits)> + '_ {
        self.chunks.iter().map(|(chunk, bits)| (*chunk as usize, bits.as_ref()))
    }

    /// The bits of a chunk, if it has a record.
    pub fn bits(&self, chunk: u32) -> Option<&Bits> {
        self.position(chunk).ok().map(|at| self.chunks[at].1.as_ref())
    }

    /// The rows of the set inside `chunk`, ascending.
    pub fn rows(&self, chunk: usize) -> Vec<u16> {
        self.bits(chunk as u32).map(|bits| ones(bits).collect()).unwrap_or_default()
    }

    /// Adds all of `other`.
    pub fn union_with(&mut self, other: &RecordSet) {
        for (chunk, bits) in &other.chunks {
            match self.position(*chunk) {
                Ok(at) => {
                    let own = Arc::make_mut(&mut self.chunks[at].1);
                    own.iter_mut().zip(bits.iter()).for_each(|(a, b)| *a |= b);
                }
                Err(at) => self.chunks.insert(at, (*chunk, Arc::clone(bits))),
            }
        }
    }

    /// What is in both.
    pub fn intersection(&self, other: &RecordSet) -> RecordSet {
        self.combine(other, |a, b| a & b)
    }

    /// What is in `self` and not in `other`.
    pub fn difference(&self, other: &RecordSet) -> RecordSet {
        self.combine(other, |a, b| a & !b)
    }

    fn combine(&self, other: &RecordSet, op: impl Fn(u64, u64) -> u64) -> RecordSet {
        const NONE: Bits = [0; WORDS];
        let mut chunks = Vec::new();
        for (chunk, bits) in &self.chunks {
            let others = other.bits(*chunk).unwrap_or(&NONE);
            let mut out = NONE;
            for (word, (a, b)) in out.iter_mut().zip(bits.iter().zip(others)) {
                *word = op(*a, *b);
            }
            if out.iter().any(|word| *word != 0) {
                chunks.push((*chunk, Arc::new(out)));
            }
        }
        RecordSet { chunks }
    }

    fn position(&self, chunk: u32) -> Result<usize, usize> {
        // Most sets are dense from zero, where a chunk stands at its own number.
        match self.chunks.get(chunk as usize) {
            Some((found, _)) if *found == chunk => Ok(chunk as usize),
            _ => self.chunks.binary_search_by_key(&chunk, |(chunk, _)| *chunk),
        }
    }

    fn bits_mut(&mut self, chunk: u32) -> &mut Bits {
        let at = match self.position(chunk) {
            Ok(at) => at,
            Err(at) => {
                self.chunks.insert(at, (chunk, Arc::new([0; WORDS])));
                at
            }
        };
        Arc::make_mut(&mut self.chunks[at].1)
    }
}

impl FromIterator<RecordId> for RecordSet {
    fn from_iter<I: IntoIterator<Item = RecordId>>(records: I) -> Self {
        let mut set = Self::new();
        for record in records {
            set.insert(record);
        }
        set
    }
}

/// The positions of the ones among `bits`, ascending.
pub fn ones(bits: &Bits) -> impl Iterator<Item = u16> + '_ {
    bits.iter().enumerate().flat_map(|(idx, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let bit = rest.trailing_zeros() as u16;
                rest &= rest - 1;
                idx as u16 * 64 + bit
            })
        })
    })
}

fn split(record: RecordId) -> (u32, usize) {
    (record.0 / CHUNK as u32, record.index() % CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_as_a_set_of_numbers(a in proptest::collection::btree_set(0u32..20_000, 0..200),
                                       b in proptest::collection::btree_set(0u32..20_000, 0..200)) {
            let set = |of: &BTreeSet<u32>| of.iter().map(|id| RecordId(*id)).collect::<RecordSet>();
            let ids = |of: &RecordSet| of.iter().map(|record| record.0).collect::<Vec<_>>();
            let (sa, sb) = (set(&a), set(&b));
            prop_assert_eq!(sa.len(), a.len());
            prop_assert_eq!(ids(&sa.intersection(&sb)), a.intersection(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(ids(&sa.difference(&sb)), a.difference(&b).copied().collect::<Vec<_>>());
            let mut union = sa.clone();
            union.union_with(&sb);
            prop_assert_eq!(ids(&union), a.union(&b).copied().collect::<Vec<_>>());
            for id in &b {
                union.remove(RecordId(*id));
            }
            prop_assert_eq!(union, sa.difference(&sb));
        }
    }

    #[test]
    fn a_range_crosses_chunks() {
        let mut set = RecordSet::new();
        set.insert_range(4_000, 9_000);
        assert_eq!(set.len(), 5_000);
        assert_eq!(set.rows(2), (0..808).collect::<Vec<u16>>());
        assert_eq!(RecordSet::full(9_000).difference(&set).len(), 4_000);
    }
}
