//! How functions of samples see their arguments: the numbers of a row in one slice, or two lists side by side.
//!
//! Blank items, and with `sample` in the signature texts that say no number, are passed over, as spreadsheets do
//! with the cells of a range; of two lists that are read side by side a place is passed over if either is blank.
//! Slices are filled into buffers that are kept from row to row.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::args::{Call, Given, Row, div_zero, no_error, not_a_number, not_available};
use crate::column::Chunk;
use crate::error::CellError;

impl Call<'_> {
    /// A number or blank for each row, from the numbers of its arguments `args`, or of all there are.
    pub(super) fn samples(
        &self,
        args: Range<usize>,
        of: impl Fn(Row<'_>, &mut [f64]) -> Given<Option<f64>>,
    ) -> Chunk {
        let buffer = RefCell::new(Vec::new());
        self.maybe_numbers(|row| {
            let mut numbers = buffer.borrow_mut();
            numbers.clear();
            for arg in args.start..args.end.min(row.n_args()) {
                row.numbers_of(arg, |number| numbers.push(number))?;
            }
            of(row, &mut numbers)
        })
    }

    /// A number for each row, from the numbers of all its arguments, of which there is at least one.
    pub(super) fn some_sample(&self, of: impl Fn(&mut [f64]) -> Given<f64>) -> Chunk {
        self.samples(0..usize::MAX, |_, numbers| match numbers.len() {
            0 => not_a_number("at least one number is needed"),
            _ => of(numbers).map(Some),
        })
    }

    /// A number or blank for each row, from the numbers of one argument in order. One list for all rows is put in order
    /// once, so that asking it for each row is not quadratic.
    pub(super) fn sorted(&self, arg: usize, of: impl Fn(Row<'_>, &[f64]) -> Given<Option<f64>>) -> Chunk {
        let (buffer, is_known) = (RefCell::new(Vec::new()), Cell::new(false));
        self.maybe_numbers(|row| {
            let mut numbers = buffer.borrow_mut();
            if !is_known.get() {
                numbers.clear();
                row.numbers_of(arg, |number| numbers.push(number))?;
                numbers.sort_unstable_by(f64::total_cmp);
                is_known.set(self.args[arg].constant);
            }
            of(row, &numbers)
        })
    }

    /// A number for each row, from two lists of one length.
    ///
    /// Lists of different lengths are `#N/A`.
    pub(super) fn pairs(
        &self,
        first: usize,
        second: usize,
        of: impl Fn(Row<'_>, &[f64], &[f64]) -> Given<f64>,
    ) -> Chunk {
        let buffers = RefCell::new((Vec::new(), Vec::new()));
        self.numbers(|row| {
            let (a, b) = &mut *buffers.borrow_mut();
            a.clear();
            b.clear();
            let ((left, at), (right, other)) = (row.items(first), row.items(second));
            if at.len() != other.len() {
                return not_available(format!(
                    "both lists have one length, got {} and {}",
                    at.len(),
                    other.len()
                ));
            }
            no_error(left, at.clone())?;
            no_error(right, other.clone())?;
            let (x, y) = (numbers(left), numbers(right));
            for (at, other) in at.zip(other) {
                if left.is_valid(at) && right.is_valid(other) {
                    a.push(x[at]);
                    b.push(y[other]);
                }
            }
            of(row, a, b)
        })
    }
}

impl Row<'_> {
    /// The numbers of an argument that are not blank.
    pub(super) fn numbers_of(&self, arg: usize, visit: impl FnMut(f64)) -> Given<()> {
        let (items, range) = self.items(arg);
        let all = numbers(items);
        no_error(items, range.clone())?;
        range.filter(|at| items.is_valid(*at)).map(|at| all[at]).for_each(visit);
        Ok(())
    }
}

fn numbers(items: &Chunk) -> &[f64] {
    items.numbers().expect("the signature says numbers")
}

/// The mean; of no numbers it is not a number.
pub(super) fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The sum of the squared distances from the mean, in two passes so that large means cost no digits.
pub(super) fn squares(numbers: &[f64]) -> f64 {
    let mean = mean(numbers);
    numbers.iter().map(|number| (number - mean).powi(2)).sum()
}

/// `a / b`, or `#DIV/0!` with `message`.
pub(super) fn divided(a: f64, b: f64, message: &str) -> Given<f64> {
    if b == 0.0 { div_zero(message) } else { Ok(a / b) }
}

/// Whether a result may be given, or the `#NUM!` that says what is accepted.
pub(super) fn accept(is_good: bool, message: &str) -> Result<(), CellError> {
    if is_good { Ok(()) } else { not_a_number(message) }
}
