//! [`Sums`]: what a measure keeps for each slot, and how cells come into it and results out of it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use formulas::column::{Chunk, Vector};
use formulas::records::Bits;
use rayon::prelude::*;

use super::axis::{all_of, each_valid};
use super::quantile;
use super::{Function, Measure};
use crate::query::group::Atom;
use crate::query::reading::{Meaning, Reading};
use crate::query::sort::{By, Level};

/// What a measure keeps for each slot of a segment or of a result.
#[derive(Clone, Debug)]
pub(super) enum Sums {
    /// The count of records is enough.
    Records,
    /// Cells that are filled, or checked.
    Cells(Vec<u32>),
    /// Sums.
    Total(Vec<f64>),
    /// Sums, and of how many numbers.
    Mean(Vec<f64>, Vec<u32>),
    /// Smallest and largest.
    Bounds(Vec<f64>, Vec<f64>),
    /// Slots with what occurs in them, as fingerprints.
    Distinct(Vec<(u32, u64)>),
    /// Slots with each of their numbers.
    Values(Vec<(u32, f64)>),
}

impl Sums {
    /// Nothing yet, for so many slots.
    pub(super) fn new(function: Function, n_slots: usize) -> Self {
        match function {
            Function::Count => Self::Records,
            Function::Empty | Function::Filled | Function::Checked => Self::Cells(vec![0; n_slots]),
            Function::Sum => Self::Total(vec![0.0; n_slots]),
            Function::Average => Self::Mean(vec![0.0; n_slots], vec![0; n_slots]),
            Function::Min | Function::Max | Function::Range => {
                Self::Bounds(vec![f64::INFINITY; n_slots], vec![f64::NEG_INFINITY; n_slots])
            }
            Function::Unique => Self::Distinct(Vec::new()),
            Function::Median | Function::Percentile(_) => Self::Values(Vec::new()),
        }
    }

    /// How many values it keeps.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Records => 0,
            Self::Cells(cells) => cells.len(),
            Self::Total(sums) | Self::Mean(sums, _) | Self::Bounds(sums, _) => sums.len(),
            Self::Distinct(seen) => seen.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Adds the cells at the rows of `bits`; `slots` has one slot for each of them.
    pub(super) fn add(&mut self, measure: &Bound, chunk: &Chunk, bits: &Bits, slots: &[u32]) {
        match self {
            Self::Records => {}
            Self::Cells(cells) if measure.function == Function::Checked => {
                if let Some(bools) = chunk.bools() {
                    each_valid(bits, chunk.valid().words(), |place, row| {
                        cells[slots[place] as usize] += u32::from(bools.get(row));
                    });
                }
            }
            Self::Cells(cells) => add_filled(cells, chunk, bits, slots),
            Self::Total(sums) => match (chunk.numbers(), sums.as_mut_slice()) {
                (Some(numbers), [sum]) if all_of(chunk, bits) => *sum += lane_sum(numbers),
                (_, sums) => numbers(chunk, bits, |place, number| sums[slots[place] as usize] += number),
            },
            Self::Mean(sums, counts) => numbers(chunk, bits, |place, number| {
                let slot = slots[place] as usize;
                sums[slot] += number;
                counts[slot] += 1;
            }),
            Self::Bounds(min, max) => numbers(chunk, bits, |place, number| {
                let slot = slots[place] as usize;
                min[slot] = min[slot].min(number);
                max[slot] = max[slot].max(number);
            }),
            Self::Distinct(seen) => {
                fingerprints(measure, chunk, bits, |place, print| seen.push((slots[place], print)));
            }
            Self::Values(values) => numbers(chunk, bits, |place, number| values.push((slots[place], number))),
        }
    }

    /// Adds what a segment kept; `to` has the result's slot for each of the segment's, `n_slots` are there.
    pub(super) fn merge(&mut self, other: &Sums, to: &[u32], n_slots: usize) {
        match (self, other) {
            (Self::Cells(own), Self::Cells(more)) => {
                add_each(own, more, to, n_slots, 0, |own, more| own + more)
            }
            (Self::Total(own), Self::Total(more)) => {
                add_each(own, more, to, n_slots, 0.0, |own, more| own + more);
            }
            (Self::Mean(sums, counts), Self::Mean(more, more_counts)) => {
                add_each(sums, more, to, n_slots, 0.0, |own, more| own + more);
                add_each(counts, more_counts, to, n_slots, 0, |own, more| own + more);
            }
            (Self::Bounds(min, max), Self::Bounds(more_min, more_max)) => {
                add_each(min, more_min, to, n_slots, f64::INFINITY, f64::min);
                add_each(max, more_max, to, n_slots, f64::NEG_INFINITY, f64::max);
            }
            (Self::Distinct(own), Self::Distinct(more)) => {
                own.extend(more.iter().map(|(slot, print)| (to[*slot as usize], *print)));
            }
            (Self::Values(own), Self::Values(more)) => {
                own.extend(more.iter().map(|(slot, number)| (to[*slot as usize], *number)));
            }
            _ => {}
        }
    }

    /// Keeps the slots of `used` alone, which get numbers in that order.
    pub(super) fn keep(&mut self, used: &[u32]) {
        fn pick<T: Copy>(all: &mut Vec<T>, used: &[u32]) {
            *all = used.iter().map(|slot| all[*slot as usize]).collect();
        }
        match self {
            Self::Records => {}
            Self::Cells(cells) => pick(cells, used),
            Self::Total(sums) => pick(sums, used),
            Self::Mean(sums, counts) => {
                pick(sums, used);
                pick(counts, used);
            }
            Self::Bounds(min, max) => {
                pick(min, used);
                pick(max, used);
            }
            Self::Distinct(seen) => seen.iter_mut().for_each(|(slot, _)| *slot = renumbered(used, *slot)),
            Self::Values(values) => values.iter_mut().for_each(|(slot, _)| *slot = renumbered(used, *slot)),
        }
    }

    /// Brings what was collected into its final form.
    pub(super) fn seal(&mut self) {
        if let Self::Distinct(seen) = self {
            seen.sort_unstable();
            seen.dedup();
            seen.shrink_to_fit();
        }
    }

    /// The result of each slot of `order`, and the one over all of them.
    pub(super) fn results(
        &mut self,
        function: Function,
        records: &[u32],
        order: &[u32],
    ) -> (Vec<Option<f64>>, Option<f64>) {
        let all = |cells: &[u32]| cells.iter().map(|n| f64::from(*n)).sum::<f64>();
        let of = |cells: &[u32], slot: u32| f64::from(cells[slot as usize]);
        let each = |value: &dyn Fn(u32) -> Option<f64>| order.iter().map(|slot| value(*slot)).collect();
        let in_order = |sums: &[f64]| order.iter().fold(0.0, |sum, slot| sum + sums[*slot as usize]);
        match self {
            Self::Records => (each(&|slot| Some(of(records, slot))), Some(all(records))),
            Self::Cells(cells) if function == Function::Empty => {
                let empty = all(records) - all(cells);
                (each(&|slot| Some(of(records, slot) - of(cells, slot))), Some(empty))
            }
            Self::Cells(cells) => (each(&|slot| Some(of(cells, slot))), Some(all(cells))),
            Self::Total(sums) => (each(&|slot| Some(sums[slot as usize])), Some(in_order(sums))),
            Self::Mean(sums, counts) => {
                let mean = |sum: f64, n: f64| (n > 0.0).then(|| sum / n);
                let total = mean(in_order(sums), all(counts));
                (each(&|slot| mean(sums[slot as usize], of(counts, slot))), total)
            }
            Self::Bounds(min, max) => {
                let bound = |min: f64, max: f64| {
                    (min <= max).then_some(match function {
                        Function::Min => min,
                        Function::Max => max,
                        _ => max - min,
                    })
                };
                let all_min = min.iter().copied().fold(f64::INFINITY, f64::min);
                let all_max = max.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (each(&|slot| bound(min[slot as usize], max[slot as usize])), bound(all_min, all_max))
            }
            Self::Distinct(seen) => {
                seen.par_sort_unstable();
                seen.dedup();
                let mut counts = vec![0u32; records.len()];
                seen.iter().for_each(|(slot, _)| counts[*slot as usize] += 1);
                let total = if order.len() == 1 {
                    seen.len()
                } else {
                    let mut prints: Vec<u64> = seen.iter().map(|(_, print)| *print).collect();
                    prints.par_sort_unstable();
                    prints.dedup();
                    prints.len()
                };
                (each(&|slot| Some(of(&counts, slot))), Some(total as f64))
            }
            Self::Values(values) => {
                let p = if let Function::Percentile(p) = function { f64::from(p) / 1_000.0 } else { 0.5 };
                let by_slot = quantile::by_slot(values, records.len(), p);
                (each(&|slot| by_slot[slot as usize]), quantile::of_all(values, p))
            }
        }
    }
}

/// A measure bound to its field.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) function: Function,
    /// `None` for a count of records.
    pub(super) reading: Option<Reading>,
    /// Tells apart the values of the field.
    level: Option<Level>,
}

impl Bound {
    pub(super) fn new(function: Function, reading: Option<Reading>) -> Self {
        let level = reading.clone().map(|reading| Level { reading, desc: false, by: By::Value, exact: true });
        Self { function, reading, level }
    }
}

fn renumbered(used: &[u32], slot: u32) -> u32 {
    used.binary_search(&slot).expect("a slot with a value has a record") as u32
}

fn add_each<T: Copy>(
    own: &mut Vec<T>,
    more: &[T],
    to: &[u32],
    n_slots: usize,
    zero: T,
    add: impl Fn(T, T) -> T,
) {
    own.resize(n_slots, zero);
    for (to, more) in to.iter().zip(more) {
        let own = &mut own[*to as usize];
        *own = add(*own, *more);
    }
}

/// The sum in eight lanes, which are added up in a fixed order.
fn lane_sum(numbers: &[f64]) -> f64 {
    let (blocks, rest) = numbers.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for block in blocks {
        lanes.iter_mut().zip(block).for_each(|(lane, number)| *lane += number);
    }
    lanes.iter().chain(rest).fold(0.0, |sum, number| sum + number)
}

/// Calls `each` with a number that tells apart the value of each row of `bits` from others, and the place of the
/// row among them. Texts and sets are hashed to 64 bits: of a million different ones two are taken for one with
/// a chance of 1 in 40 million.
fn fingerprints(measure: &Bound, chunk: &Chunk, bits: &Bits, mut each: impl FnMut(usize, u64)) {
    let valid = chunk.valid().words();
    match chunk.vector() {
        Vector::Number(numbers) => {
            each_valid(bits, valid, |place, row| each(place, (numbers[row] + 0.0).to_bits()));
        }
        Vector::Date(dates) => each_valid(bits, valid, |place, row| each(place, dates[row] as u64)),
        Vector::Choice(codes) => each_valid(bits, valid, |place, row| each(place, u64::from(codes[row]))),
        Vector::Text(texts) => each_valid(bits, valid, |place, row| match texts.get(row) {
            "" => {}
            text => each(place, hash(text)),
        }),
        Vector::Bool(_) | Vector::List(_) => {
            let Some(level) = &measure.level else { return };
            each_valid(bits, valid, |place, row| match level.atom(chunk, row) {
                Atom::Blank | Atom::Failed => {}
                Atom::Code(code) => each(place, u64::from(code)),
                atom => each(place, hash(&atom)),
            });
        }
    }
}

/// The same in every run.
fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Whether a function makes sense of a meaning; the sentence says of which.
pub(super) fn check(measure: &Measure, meaning: Option<Meaning>) -> Result<(), &'static str> {
    let Some(meaning) = meaning else { return Ok(()) };
    let number = matches!(meaning, Meaning::Number);
    match measure.function {
        Function::Sum | Function::Average | Function::Median | Function::Percentile(_) if !number => {
            Err("is computed of numbers")
        }
        Function::Min | Function::Max | Function::Range
            if !number && !matches!(meaning, Meaning::Date { .. }) =>
        {
            Err("is computed of numbers and dates")
        }
        Function::Checked if meaning != Meaning::Bool => Err("is computed of checkboxes"),
        _ => Ok(()),
    }
}

fn add_filled(cells: &mut [u32], chunk: &Chunk, bits: &Bits, slots: &[u32]) {
    let valid = chunk.valid().words();
    match chunk.vector() {
        Vector::List(lists) => each_valid(bits, valid, |place, row| {
            cells[slots[place] as usize] += u32::from(!lists.range(row).is_empty());
        }),
        Vector::Text(texts) => each_valid(bits, valid, |place, row| {
            cells[slots[place] as usize] += u32::from(!texts.get(row).is_empty());
        }),
        _ => each_valid(bits, valid, |place, _| cells[slots[place] as usize] += 1),
    }
    if !chunk.errors().is_empty() {
        let mut failed = vec![0u64; chunk.valid().words().len()];
        chunk.errors().iter().for_each(|(row, _)| failed[*row as usize / 64] |= 1 << (row % 64));
        each_valid(bits, &failed, |place, _| cells[slots[place] as usize] += 1);
    }
}

/// Calls `each` with each number of the rows of `bits`, and the place of its row among them.
#[inline]
fn numbers(chunk: &Chunk, bits: &Bits, mut each: impl FnMut(usize, f64)) {
    let valid = chunk.valid().words();
    match chunk.vector() {
        Vector::Number(numbers) if all_of(chunk, bits) => {
            numbers.iter().enumerate().for_each(|(place, number)| each(place, *number));
        }
        Vector::Number(numbers) => each_valid(bits, valid, |place, row| each(place, numbers[row])),
        Vector::Date(dates) => each_valid(bits, valid, |place, row| each(place, dates[row] as f64)),
        Vector::List(lists) => each_valid(bits, valid, |place, row| {
            for item in lists.range(row).filter(|item| lists.items().is_valid(*item)) {
                match lists.items().vector() {
                    Vector::Number(numbers) => each(place, numbers[item]),
                    Vector::Date(dates) => each(place, dates[item] as f64),
                    _ => {}
                }
            }
        }),
        _ => {}
    }
}
