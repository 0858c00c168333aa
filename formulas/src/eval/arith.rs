//! Arithmetic on whole slices of numbers and dates. Blank counts as 0; no result is NaN, infinite or a negative
//! zero, which adding zero takes the sign from.

use std::sync::Arc;

use super::operand::{Cells, Operand, first_errors};
use crate::column::{Bitmap, Chunk, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::Arith;

/// Milliseconds in a day.
pub(crate) const DAY_MS: f64 = 86_400_000.0;

pub(super) fn arith(op: Arith, left: &Operand, right: &Operand, len: usize) -> Operand {
    match op {
        Arith::Add => numbers(left, right, len, |a, b| a + b),
        Arith::Subtract => numbers(left, right, len, |a, b| a - b),
        Arith::Multiply => numbers(left, right, len, |a, b| a * b + 0.0),
        Arith::Divide => numbers(left, right, len, |a, b| a / b + 0.0),
        Arith::Power => numbers(left, right, len, f64::powf),
        Arith::Later => shift(left, right, len, 1.0),
        Arith::Earlier => shift(left, right, len, -1.0),
        Arith::Between => between(left, right, len),
    }
}

/// The numbers of an operand; a blank or failed cell has 0 here.
fn slice(operand: &Operand) -> &[f64] {
    operand.chunk.numbers().expect("the checker gives numbers")
}

fn numbers(left: &Operand, right: &Operand, len: usize, op: impl Fn(f64, f64) -> f64) -> Operand {
    let (a, b) = (slice(left), slice(right));
    let mut out: Vec<f64> = match (left.constant, right.constant) {
        (true, true) => vec![op(a[0], b[0]); len],
        (true, false) => b.iter().map(|b| op(a[0], *b)).collect(),
        (false, true) => a.iter().map(|a| op(*a, b[0])).collect(),
        (false, false) => a.iter().zip(b).map(|(a, b)| op(*a, *b)).collect(),
    };
    let mut errors = first_errors(&[left, right], len);
    if !out.iter().all(|number| number.is_finite()) {
        let divisor = |row: usize| b[right.at(row)];
        errors = with_overflows(&out, errors, divisor);
    }
    if errors.is_empty() {
        return Operand::rows(Chunk::full(Vector::Number(out)));
    }
    let mut valid = Bitmap::filled(true, len);
    for (row, _) in &errors {
        valid.set(*row as usize, false);
        out[*row as usize] = 0.0;
    }
    Operand::rows(Chunk::with_errors(Vector::Number(out), valid, errors))
}

type Errors = Vec<(u32, Arc<CellError>)>;

/// Adds an error for each result that is no number, unless the row failed before.
fn with_overflows(out: &[f64], before: Errors, divisor: impl Fn(usize) -> f64) -> Errors {
    let by_zero = Arc::new(CellError::new(ErrorKind::DivZero, "a division by zero"));
    let too_large =
        Arc::new(CellError::new(ErrorKind::Num, "the result is not a number that can be represented"));
    let mut before = before.into_iter().peekable();
    let mut errors = Vec::new();
    for (row, number) in out.iter().enumerate() {
        if let Some(error) = before.next_if(|(at, _)| *at as usize == row) {
            errors.push(error);
        } else if !number.is_finite() {
            let error = if divisor(row) == 0.0 { &by_zero } else { &too_large };
            errors.push((row as u32, Arc::clone(error)));
        }
    }
    errors
}

/// Dates some days later or earlier; a blank date stays blank.
fn shift(dates: &Operand, days: &Operand, len: usize, sign: f64) -> Operand {
    let (from, by) = (dates.chunk.dates().expect("the checker gives dates"), slice(days));
    date_rows(dates, days, len, |row| {
        if !dates.is_valid(row) {
            return Ok(None);
        }
        let ms = from[dates.at(row)] as f64 + sign * by[days.at(row)] * DAY_MS;
        crate::function::checked_date(ms).map(Some)
    })
}

fn date_rows(
    left: &Operand,
    right: &Operand,
    len: usize,
    date: impl Fn(usize) -> Result<Option<i64>, CellError>,
) -> Operand {
    let mut out = vec![0; len];
    let mut cells = Cells::default();
    for (row, ms) in out.iter_mut().enumerate() {
        if let Some(error) = left.error(row).or_else(|| right.error(row)) {
            cells.error(Arc::clone(error));
            continue;
        }
        match date(row) {
            Ok(Some(found)) => {
                *ms = found;
                cells.valid();
            }
            Ok(None) => cells.blank(),
            Err(error) => cells.error(Arc::new(error)),
        }
    }
    Operand::rows(cells.finish(Vector::Date(out)))
}

/// Days from the right date to the left one; blank if either is.
fn between(left: &Operand, right: &Operand, len: usize) -> Operand {
    let (a, b) = (left.chunk.dates(), right.chunk.dates());
    let (a, b) = (a.expect("the checker gives dates"), b.expect("the checker gives dates"));
    let valid = super::operand::both_valid(left, right, len);
    let days = |row: usize| (a[left.at(row)] - b[right.at(row)]) as f64 / DAY_MS;
    let out = (0..len).map(|row| if valid.get(row) { days(row) } else { 0.0 }).collect();
    let errors = first_errors(&[left, right], len);
    Operand::rows(Chunk::with_errors(Vector::Number(out), valid, errors))
}
