//! [`Test`]: a filter bound to a snapshot, evaluated chunk by chunk to bits.
//!
//! Each leaf decides once for a chunk which vector it has before it, then loops over plain slices; only texts
//! and lists are looked at one by one, and only where the conditions before them left a record. One record is
//! tested by the same code, with one bit set.

use std::sync::Arc;

use formulas::column::{Chunk, Vector};
use formulas::records::{Bits, ones};

use super::formula::FormulaFilter;
use super::needle::Needle;
use crate::snapshot::Snapshot;

/// No row of a chunk.
pub(crate) const NONE: Bits = [0; 64];

/// A filter bound to a snapshot.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Always or never.
    Const(bool),
    /// All hold.
    And(Vec<Test>),
    /// One holds.
    Or(Vec<Test>),
    /// It does not hold.
    Not(Box<Test>),
    /// About the cells of one field, by its number among the plan's readings.
    Leaf(usize, Leaf),
    /// A formula.
    Formula(Arc<dyn FormulaFilter>),
}

/// What is asked of a cell. Lists hold if one of their items does, but for [`Codes`].
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// Neither blank nor an empty text or list; failed cells are not empty.
    Filled,
    /// True.
    Checked,
    /// From the first up to and with the second.
    Numbers(f64, f64),
    /// One of these numbers.
    NumberIn(Vec<f64>),
    /// From the first up to and without the second, in milliseconds.
    Moments(i64, i64),
    /// About codes.
    Codes(Codes),
    /// Contains this text.
    Contains(Needle),
    /// Starts with this text.
    StartsWith(Needle),
    /// Is one of these texts.
    TextIn(Vec<Needle>),
}

/// What is asked of the codes of a cell.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    /// The codes that are meant, as bits.
    pub(crate) set: Vec<u64>,
    /// How many those are.
    pub(crate) len: usize,
    /// What is to hold.
    pub(crate) how: How,
}

/// How a cell's codes compare with a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// One of the cell's is in the set.
    Any,
    /// All of the set are the cell's.
    All,
    /// The same.
    Exactly,
}

impl Codes {
    /// A set of codes.
    pub(crate) fn new(codes: impl IntoIterator<Item = u32>, how: How) -> Self {
        let mut set = Vec::new();
        for code in codes {
            let word = code as usize / 64;
            if set.len() <= word {
                set.resize(word + 1, 0);
            }
            set[word] |= 1u64 << (code % 64);
        }
        let len = set.iter().map(|word| word.count_ones() as usize).sum();
        Self { set, len, how }
    }

    #[inline]
    fn contains(&self, code: u32) -> bool {
        self.set.get(code as usize / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    fn hold(&self, codes: &[u32]) -> bool {
        match self.how {
            How::Any => codes.iter().any(|code| self.contains(*code)),
            How::All => self.len <= codes.len() && self.n_in(codes) == self.len,
            How::Exactly => self.len == codes.len() && self.n_in(codes) == self.len,
        }
    }

    fn n_in(&self, codes: &[u32]) -> usize {
        codes.iter().filter(|code| self.contains(**code)).count()
    }
}

/// The chunk before a test: its cells by reading.
pub(crate) struct Cells<'a> {
    /// One for each reading of the plan, all of the same rows.
    pub(crate) chunks: &'a [Arc<Chunk>],
    /// For formulas.
    pub(crate) snapshot: &'a Snapshot,
    /// For formulas.
    pub(crate) chunk: usize,
}

impl Test {
    /// The rows of `among` for which it holds.
    pub(crate) fn hold(&self, cells: &Cells<'_>, among: &Bits) -> Bits {
        match self {
            Self::Const(true) => *among,
            Self::Const(false) => NONE,
            Self::And(parts) => {
                let mut left = *among;
                for part in parts {
                    if left == NONE {
                        break;
                    }
                    left = part.hold(cells, &left);
                }
                left
            }
            Self::Or(parts) => {
                let (mut held, mut left) = (NONE, *among);
                for part in parts {
                    let more = part.hold(cells, &left);
                    for word in 0..64 {
                        held[word] |= more[word];
                        left[word] &= !more[word];
                    }
                }
                held
            }
            Self::Not(part) => {
                let mut held = part.hold(cells, among);
                held.iter_mut().zip(among).for_each(|(held, among)| *held = among & !*held);
                held
            }
            Self::Leaf(reading, leaf) => leaf.hold(&cells.chunks[*reading], among),
            Self::Formula(formula) => formula.test(cells.snapshot, cells.chunk, among),
        }
    }

    /// Whether a formula is asked, which needs whole chunks.
    pub(crate) fn has_formula(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_formula),
            Self::Not(part) => part.has_formula(),
            Self::Formula(_) => true,
            Self::Const(_) | Self::Leaf(..) => false,
        }
    }

    /// How much a record costs, roughly: cheap conditions of an "and" go first.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Const(_) => 0,
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::cost).sum(),
            Self::Not(part) => part.cost(),
            Self::Leaf(_, Leaf::Contains(_) | Leaf::StartsWith(_) | Leaf::TextIn(_)) => 20,
            Self::Leaf(..) => 1,
            Self::Formula(_) => 50,
        }
    }
}

impl Leaf {
    fn hold(&self, chunk: &Chunk, among: &Bits) -> Bits {
        match (self, chunk.vector()) {
            (Self::Filled, vector) => filled(chunk, vector, among),
            (Self::Checked, Vector::Bool(bits)) => {
                let words = bits.words();
                by_word(chunk, among, |word| words[word])
            }
            (Self::Numbers(from, to), Vector::Number(numbers)) => {
                by_value(chunk, numbers, among, |number| (number >= *from) & (number <= *to))
            }
            (Self::NumberIn(set), Vector::Number(numbers)) => {
                by_value(chunk, numbers, among, |number| set.contains(&number))
            }
            (Self::Moments(from, to), Vector::Date(dates)) => {
                by_value(chunk, dates, among, |date| (date >= *from) & (date < *to))
            }
            (Self::Codes(codes), Vector::Choice(cells)) if codes.how == How::Any || codes.len == 1 => {
                by_value(chunk, cells, among, |code| codes.contains(code))
            }
            (Self::Codes(codes), _) => by_row(chunk, among, |row| codes.hold(chunk.codes_at(row))),
            (leaf, Vector::Text(texts)) => by_row(chunk, among, |row| leaf.holds_text(texts.get(row))),
            (leaf, Vector::List(lists)) => by_row(chunk, among, |row| {
                let items = lists.range(row);
                items.into_iter().any(|item| leaf.holds_item(lists.items(), item))
            }),
            _ => NONE,
        }
    }

    pub(super) fn holds_text(&self, text: &str) -> bool {
        match self {
            Self::Contains(needle) => needle.is_in(text),
            Self::StartsWith(needle) => needle.starts(text),
            Self::TextIn(needles) => needles.iter().any(|needle| needle.is(text)),
            _ => false,
        }
    }

    /// The same for one item of a list.
    fn holds_item(&self, items: &Chunk, row: usize) -> bool {
        if !items.is_valid(row) {
            return false;
        }
        match (self, items.vector()) {
            (Self::Checked, Vector::Bool(bits)) => bits.get(row),
            (Self::Numbers(from, to), Vector::Number(numbers)) => (*from..=*to).contains(&numbers[row]),
            (Self::NumberIn(set), Vector::Number(numbers)) => set.contains(&numbers[row]),
            (Self::Moments(from, to), Vector::Date(dates)) => (*from..*to).contains(&dates[row]),
            (leaf, Vector::Text(texts)) => leaf.holds_text(texts.get(row)),
            _ => false,
        }
    }
}

fn filled(chunk: &Chunk, vector: &Vector, among: &Bits) -> Bits {
    let mut held = match vector {
        Vector::Text(texts) => by_row(chunk, among, |row| !texts.get(row).is_empty()),
        Vector::List(lists) => by_row(chunk, among, |row| !lists.range(row).is_empty()),
        _ => by_word(chunk, among, |_| u64::MAX),
    };
    for (row, _) in chunk.errors() {
        let row = *row as usize;
        held[row / 64] |= among[row / 64] & 1 << (row % 64);
    }
    held
}

fn by_word(chunk: &Chunk, among: &Bits, word: impl Fn(usize) -> u64) -> Bits {
    let mut held = NONE;
    for (idx, valid) in chunk.valid().words().iter().enumerate().take(64) {
        held[idx] = word(idx) & valid & among[idx];
    }
    held
}

/// Tests the valid rows of `among` by their values, 64 at a time without a branch.
#[inline]
fn by_value<T: Copy>(chunk: &Chunk, values: &[T], among: &Bits, test: impl Fn(T) -> bool) -> Bits {
    let mut held = NONE;
    for (idx, (values, valid)) in values.chunks(64).zip(chunk.valid().words()).enumerate() {
        let wanted = among[idx] & valid;
        if wanted == 0 {
            continue;
        }
        let mut flags = [0u8; 64];
        for (flag, value) in flags.iter_mut().zip(values) {
            *flag = u8::from(test(*value));
        }
        held[idx] = pack(&flags) & wanted;
    }
    held
}

/// Tests the valid rows of `among` one by one.
fn by_row(chunk: &Chunk, among: &Bits, test: impl Fn(usize) -> bool) -> Bits {
    let mut wanted = by_word(chunk, among, |_| u64::MAX);
    let asked = wanted;
    for row in ones(&asked) {
        let row = usize::from(row);
        if !test(row) {
            wanted[row / 64] &= !(1 << (row % 64));
        }
    }
    wanted
}

/// 64 bytes of 0 or 1 as a word. The product moves the lowest bit of byte `i` to bit `56 + i`.
fn pack(flags: &[u8; 64]) -> u64 {
    let mut word = 0;
    for (idx, bytes) in flags.as_chunks::<8>().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*bytes);
        word |= (eight.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * idx);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_keeps_the_place_of_each_flag(word: u64) {
            let mut flags = [0u8; 64];
            flags.iter_mut().enumerate().for_each(|(idx, flag)| *flag = (word >> idx & 1) as u8);
            prop_assert_eq!(pack(&flags), word);
        }
    }
}
