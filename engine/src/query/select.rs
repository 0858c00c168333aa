//! [`Selection`]: the records that a filter kept, as bits by chunk.

use formulas::column::CHUNK;
use formulas::records::{Bits, ones};

/// The records that a filter kept, ascending. Only chunks that have one are here.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    chunks: Vec<(u32, Bits)>,
    /// How many records stand before each chunk.
    starts: Vec<usize>,
    len: usize,
}

impl Selection {
    /// From bits by chunk, ascending.
    pub(crate) fn new(chunks: impl IntoIterator<Item = (usize, Bits)>) -> Self {
        let mut selection = Self::default();
        for (chunk, bits) in chunks {
            let n = bits.iter().map(|word| word.count_ones() as usize).sum::<usize>();
            if n > 0 {
                selection.chunks.push((chunk as u32, bits));
                selection.starts.push(selection.len);
                selection.len += n;
            }
        }
        selection
    }

    /// How many records.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The chunks with their bits.
    pub fn chunks(&self) -> impl Iterator<Item = (usize, &Bits)> + '_ {
        self.chunks.iter().map(|(chunk, bits)| (*chunk as usize, bits))
    }

    /// How many records stand before each chunk.
    pub(crate) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The records, ascending.
    pub fn records(&self) -> Vec<u32> {
        let mut records = Vec::with_capacity(self.len);
        for (chunk, bits) in &self.chunks {
            let base = chunk * CHUNK as u32;
            if bits.iter().all(|word| *word == u64::MAX) {
                records.extend(base..base + CHUNK as u32);
            } else {
                records.extend(ones(bits).map(|row| base + u32::from(row)));
            }
        }
        records
    }

    /// Splits `out`, which has a place for each record, by chunk.
    pub(crate) fn split<'a, T>(&'a self, mut out: &'a mut [T]) -> Vec<(usize, &'a Bits, &'a mut [T])> {
        assert_eq!(out.len(), self.len, "a place for each record");
        let mut parts = Vec::with_capacity(self.chunks.len());
        for (at, (chunk, bits)) in self.chunks.iter().enumerate() {
            let end = self.starts.get(at + 1).copied().unwrap_or(self.len);
            let (own, rest) = out.split_at_mut(end - self.starts[at]);
            parts.push((*chunk as usize, bits, own));
            out = rest;
        }
        parts
    }
}
