//! [`Operand`]: what a node gives to the one above it.

use std::sync::Arc;

use super::frame::Selection;
use crate::column::{Bitmap, Chunk, Kind, ListVector, Vector};
use crate::error::CellError;
use crate::value::Value;

/// The cells of all rows, or one cell that stands for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) chunk: Arc<Chunk>,
    /// Whether `chunk` has one cell, whatever the number of rows.
    pub(crate) constant: bool,
}

impl Operand {
    pub(crate) fn rows(chunk: Chunk) -> Self {
        Self { chunk: Arc::new(chunk), constant: false }
    }

    pub(crate) fn shared(chunk: Arc<Chunk>) -> Self {
        Self { chunk, constant: false }
    }

    pub(crate) fn constant(kind: Kind, value: &Value) -> Self {
        Self { chunk: Arc::new(Chunk::from_values(kind, [value])), constant: true }
    }

    /// Where the cell of `row` is in the chunk.
    #[inline]
    pub(crate) const fn at(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    pub(crate) fn error(&self, row: usize) -> Option<&Arc<CellError>> {
        self.chunk.error(self.at(row))
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.chunk.errors().is_empty()
    }

    #[inline]
    pub(crate) fn is_valid(&self, row: usize) -> bool {
        self.chunk.is_valid(self.at(row))
    }

    /// Whether the cell is true; blank is false.
    #[inline]
    pub(crate) fn is_true(&self, row: usize) -> bool {
        let at = self.at(row);
        self.chunk.is_valid(at) && self.chunk.bools().is_some_and(|bits| bits.get(at))
    }

    /// The same cells for the rows of a selection.
    pub(crate) fn select(&self, selection: &Selection) -> Operand {
        match selection {
            Selection::Some(rows) if !self.constant => {
                Self::rows(self.chunk.gather(rows.iter().map(|row| *row as usize)))
            }
            _ => self.clone(),
        }
    }

    /// One cell for each of `len` rows.
    pub(crate) fn dense(self, len: usize) -> Arc<Chunk> {
        if self.constant {
            return Arc::new(self.chunk.gather(std::iter::repeat_n(0, len)));
        }
        self.chunk
    }
}

/// Collects cells row by row: values from one side, errors and blanks from the other.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    valid: Bitmap,
    errors: Vec<(u32, Arc<CellError>)>,
}

impl Cells {
    pub(crate) fn valid(&mut self) {
        self.valid.push(true);
    }

    pub(crate) fn blank(&mut self) {
        self.valid.push(false);
    }

    pub(crate) fn error(&mut self, error: Arc<CellError>) {
        self.errors.push((self.valid.len() as u32, error));
        self.valid.push(false);
    }

    /// The chunk of these cells and their array.
    pub(crate) fn finish(self, vector: Vector) -> Chunk {
        Chunk::with_errors(vector, self.valid, self.errors)
    }
}

/// The lists of a chunk of lists.
pub(crate) fn lists(chunk: &Chunk) -> &ListVector {
    chunk.lists().expect("the checker gives lists where lists are wanted")
}

/// Whether the first bit pattern is valid in both: the rows on which a loop over numbers counts.
pub(crate) fn both_valid(left: &Operand, right: &Operand, len: usize) -> Bitmap {
    match (left.constant, right.constant) {
        (true, true) => Bitmap::filled(left.is_valid(0) && right.is_valid(0), len),
        (true, false) if left.is_valid(0) => right.chunk.valid().clone(),
        (false, true) if right.is_valid(0) => left.chunk.valid().clone(),
        (true, false) | (false, true) => Bitmap::filled(false, len),
        (false, false) => {
            let (left, right) = (left.chunk.valid(), right.chunk.valid());
            let words = left.words().iter().zip(right.words()).map(|(a, b)| a & b).collect();
            Bitmap::from_words(words, len)
        }
    }
}

/// The errors of several operands by row, the leftmost of each row; empty where none failed.
pub(crate) fn first_errors(operands: &[&Operand], len: usize) -> Vec<(u32, Arc<CellError>)> {
    if operands.iter().all(|operand| !operand.has_errors()) {
        return Vec::new();
    }
    let first = |row: usize| operands.iter().find_map(|operand| operand.error(row)).map(Arc::clone);
    (0..len).filter_map(|row| Some((row as u32, first(row)?))).collect()
}
