//! Comparisons of cells of one kind. Blank equals 0, the empty text, false and the empty list; a blank date is
//! equal only to a blank date and neither before nor after any.

use std::cmp::Ordering;

use super::operand::{Operand, first_errors};
use crate::column::{Bitmap, Chunk, Vector};
use crate::expr::Comparison;

pub(super) fn compare(op: Comparison, left: &Operand, right: &Operand, len: usize) -> Operand {
    let mut bits = match (left.chunk.vector(), right.chunk.vector()) {
        (Vector::Number(a), Vector::Number(b)) => numbers(op, (left, a), (right, b), len),
        (Vector::Text(a), Vector::Text(b)) => {
            words(len, |row| op.holds(a.get(left.at(row)).cmp(b.get(right.at(row)))))
        }
        (Vector::Bool(a), Vector::Bool(b)) => {
            words(len, |row| op.holds(a.get(left.at(row)).cmp(&b.get(right.at(row)))))
        }
        (Vector::Date(a), Vector::Date(b)) => {
            words(len, |row| match (left.is_valid(row), right.is_valid(row)) {
                (true, true) => op.holds(a[left.at(row)].cmp(&b[right.at(row)])),
                (false, false) => op == Comparison::Equal,
                _ => op == Comparison::NotEqual,
            })
        }
        (Vector::Choice(a), Vector::Choice(b)) => words(len, |row| {
            let key =
                |operand: &Operand, codes: &[u32]| operand.is_valid(row).then(|| codes[operand.at(row)]);
            op.holds(key(left, a).cmp(&key(right, b)))
        }),
        (a, b) => panic!("the checker compares one kind, not {:?} with {:?}", a.kind(), b.kind()),
    };
    let errors = first_errors(&[left, right], len);
    if errors.is_empty() {
        return Operand::rows(Chunk::full(Vector::Bool(bits)));
    }
    let mut valid = Bitmap::filled(true, len);
    for (row, _) in &errors {
        valid.set(*row as usize, false);
        bits.set(*row as usize, false);
    }
    Operand::rows(Chunk::with_errors(Vector::Bool(bits), valid, errors))
}

impl Comparison {
    /// Whether operands in this order satisfy the comparison.
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        }
    }
}

/// One loop for each operator, so that none decides within it.
fn numbers(op: Comparison, left: (&Operand, &[f64]), right: (&Operand, &[f64]), len: usize) -> Bitmap {
    match op {
        Comparison::Equal => number_rows(left, right, len, |a, b| a == b),
        Comparison::NotEqual => number_rows(left, right, len, |a, b| a != b),
        Comparison::Less => number_rows(left, right, len, |a, b| a < b),
        Comparison::LessEqual => number_rows(left, right, len, |a, b| a <= b),
        Comparison::Greater => number_rows(left, right, len, |a, b| a > b),
        Comparison::GreaterEqual => number_rows(left, right, len, |a, b| a >= b),
    }
}

fn number_rows(
    (left, a): (&Operand, &[f64]),
    (right, b): (&Operand, &[f64]),
    len: usize,
    holds: impl Fn(f64, f64) -> bool,
) -> Bitmap {
    match (left.constant, right.constant) {
        (true, true) => Bitmap::filled(holds(a[0], b[0]), len),
        (false, true) => words(len, |row| holds(a[row], b[0])),
        (true, false) => words(len, |row| holds(a[0], b[row])),
        (false, false) => words(len, |row| holds(a[row], b[row])),
    }
}

/// Bits made a word at a time, so that the compiler keeps the word in a register.
fn words(len: usize, bit: impl Fn(usize) -> bool) -> Bitmap {
    let word = |at: usize| {
        let rows = at * 64..((at + 1) * 64).min(len);
        rows.enumerate().fold(0u64, |word, (shift, row)| word | u64::from(bit(row)) << shift)
    };
    Bitmap::from_words((0..len.div_ceil(64)).map(word).collect(), len)
}
