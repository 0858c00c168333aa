//! [`Sums`]: what a measure keeps for each slot, and how cells come into it and results out of it.

use formulas::column::{Chunk, Vector};
use formulas::records::Bits;
use hashbrown::{HashMap, HashSet};

use super::axis::{Axis, each_valid};
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
    /// Sum, and how many numbers.
    Numbers(Vec<f64>, Vec<u32>),
    /// Smallest and largest.
    Bounds(Vec<f64>, Vec<f64>),
    /// Slots with what occurs in them.
    Distinct(HashSet<(u32, u32)>, Vec<Atom>),
    /// Slots with each of their numbers.
    Values(Vec<(u32, f64)>),
}

impl Sums {
    /// Nothing yet, for so many slots.
    pub(super) fn new(function: Function, n_slots: usize) -> Self {
        match function {
            Function::Count => Self::Records,
            Function::Empty | Function::Filled | Function::Checked => Self::Cells(vec![0; n_slots]),
            Function::Sum | Function::Average => Self::Numbers(vec![0.0; n_slots], vec![0; n_slots]),
            Function::Min | Function::Max | Function::Range => {
                Self::Bounds(vec![f64::INFINITY; n_slots], vec![f64::NEG_INFINITY; n_slots])
            }
            Function::Unique => Self::Distinct(HashSet::new(), Vec::new()),
            Function::Median | Function::Percentile(_) => Self::Values(Vec::new()),
        }
    }

    /// How many values it keeps.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Records => 0,
            Self::Cells(cells) => cells.len(),
            Self::Numbers(sums, _) | Self::Bounds(sums, _) => sums.len(),
            Self::Distinct(seen, atoms) => seen.len() + atoms.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Adds the cells at the rows of `bits`; `slots` has one slot for each of them.
    pub(super) fn add(
        &mut self,
        function: Function,
        chunk: &Chunk,
        bits: &Bits,
        slots: &[u32],
        axis: Option<&mut Axis<'_>>,
    ) {
        match self {
            Self::Records => {}
            Self::Cells(cells) if function == Function::Checked => {
                if let Some(bools) = chunk.bools() {
                    each_valid(bits, chunk.valid().words(), |place, row| {
                        cells[slots[place] as usize] += u32::from(bools.get(row));
                    });
                }
            }
            Self::Cells(cells) => add_filled(cells, chunk, bits, slots),
            Self::Numbers(sums, counts) => numbers(chunk, bits, |place, number| {
                let slot = slots[place] as usize;
                sums[slot] += number;
                counts[slot] += 1;
            }),
            Self::Bounds(min, max) => numbers(chunk, bits, |place, number| {
                let slot = slots[place] as usize;
                min[slot] = min[slot].min(number);
                max[slot] = max[slot].max(number);
            }),
            Self::Distinct(seen, _) => {
                let Some(axis) = axis else { return };
                let mut ids = Vec::with_capacity(slots.len());
                axis.number(chunk, bits, &mut ids);
                // Values often come in runs; the set is asked once for a run.
                let mut last = None;
                for pair in slots.iter().copied().zip(ids) {
                    if last != Some(pair) {
                        seen.insert(pair);
                        last = Some(pair);
                    }
                }
            }
            Self::Values(values) => numbers(chunk, bits, |place, number| values.push((slots[place], number))),
        }
    }

    /// Adds what a segment kept; `to` has the result's slot for each of the segment's, `n_slots` are there.
    pub(super) fn merge(&mut self, other: &Sums, to: &[u32], n_slots: usize, known: &mut HashMap<Atom, u32>) {
        match (self, other) {
            (Self::Cells(own), Self::Cells(more)) => {
                own.resize(n_slots, 0);
                to.iter().zip(more).for_each(|(to, more)| own[*to as usize] += more);
            }
            (Self::Numbers(sums, counts), Self::Numbers(more, more_counts)) => {
                sums.resize(n_slots, 0.0);
                counts.resize(n_slots, 0);
                for (to, (more, count)) in to.iter().zip(more.iter().zip(more_counts)) {
                    sums[*to as usize] += more;
                    counts[*to as usize] += count;
                }
            }
            (Self::Bounds(min, max), Self::Bounds(more_min, more_max)) => {
                min.resize(n_slots, f64::INFINITY);
                max.resize(n_slots, f64::NEG_INFINITY);
                for (to, (more_min, more_max)) in to.iter().zip(more_min.iter().zip(more_max)) {
                    let to = *to as usize;
                    min[to] = min[to].min(*more_min);
                    max[to] = max[to].max(*more_max);
                }
            }
            (Self::Distinct(own, atoms), Self::Distinct(more, more_atoms)) => {
                let ids: Vec<u32> = more_atoms
                    .iter()
                    .map(|atom| {
                        *known.entry(atom.clone()).or_insert_with(|| {
                            atoms.push(atom.clone());
                            atoms.len() as u32 - 1
                        })
                    })
                    .collect();
                own.extend(more.iter().map(|(slot, id)| (to[*slot as usize], ids[*id as usize])));
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
            Self::Numbers(sums, counts) => {
                pick(sums, used);
                pick(counts, used);
            }
            Self::Bounds(min, max) => {
                pick(min, used);
                pick(max, used);
            }
            Self::Distinct(seen, _) => {
                *seen = seen.iter().map(|(slot, id)| (renumbered(used, *slot), *id)).collect();
            }
            Self::Values(values) => values.iter_mut().for_each(|(slot, _)| *slot = renumbered(used, *slot)),
        }
    }

    /// The result of each slot and the one over all of them; `order` is the order in which slots are summed.
    pub(super) fn results(
        &self,
        function: Function,
        records: &[u32],
        order: &[u32],
    ) -> (Vec<Option<f64>>, Option<f64>) {
        let n = records.len();
        let all_records: f64 = records.iter().map(|n| f64::from(*n)).sum();
        match self {
            Self::Records => (records.iter().map(|n| Some(f64::from(*n))).collect(), Some(all_records)),
            Self::Cells(cells) => {
                let count = |records: f64, filled: f64| match function {
                    Function::Empty => Some(records - filled),
                    _ => Some(filled),
                };
                let pairs = records.iter().zip(cells);
                let each = pairs.map(|(n, filled)| count(f64::from(*n), f64::from(*filled))).collect();
                (each, count(all_records, cells.iter().map(|n| f64::from(*n)).sum()))
            }
            Self::Numbers(sums, counts) => {
                let one = |sum: f64, n: f64| match function {
                    Function::Sum => Some(sum),
                    _ => (n > 0.0).then(|| sum / n),
                };
                let each = sums.iter().zip(counts).map(|(sum, n)| one(*sum, f64::from(*n))).collect();
                let sum = order.iter().fold(0.0, |sum, slot| sum + sums[*slot as usize]);
                (each, one(sum, counts.iter().map(|n| f64::from(*n)).sum()))
            }
            Self::Bounds(min, max) => {
                let one = |min: f64, max: f64| {
                    (min <= max).then_some(match function {
                        Function::Min => min,
                        Function::Max => max,
                        _ => max - min,
                    })
                };
                let each = min.iter().zip(max).map(|(min, max)| one(*min, *max)).collect();
                let all_min = min.iter().copied().fold(f64::INFINITY, f64::min);
                (each, one(all_min, max.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
            }
            Self::Distinct(seen, atoms) => {
                let mut counts = vec![0.0; n];
                let mut all = vec![false; atoms.len()];
                for (slot, id) in seen {
                    // Blank and failed cells are not values.
                    if !matches!(atoms[*id as usize], Atom::Blank | Atom::Failed) {
                        counts[*slot as usize] += 1.0;
                        all[*id as usize] = true;
                    }
                }
                let total = all.iter().filter(|seen| **seen).count() as f64;
                (counts.into_iter().map(Some).collect(), Some(total))
            }
            Self::Values(values) => {
                let p = if let Function::Percentile(p) = function { f64::from(p) / 1_000.0 } else { 0.5 };
                (quantile::by_slot(values, n, p), quantile::of_all(values, p))
            }
        }
    }
}

fn renumbered(used: &[u32], slot: u32) -> u32 {
    used.binary_search(&slot).expect("a slot with a value has a record") as u32
}

/// The axis that tells apart the values of a measure.
pub(super) fn unique_level(reading: &Reading) -> Level {
    Level { reading: reading.clone(), desc: false, by: By::Value, exact: true }
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
