//! Places in the order of a sample: medians, percentiles, ranks.

use std::collections::HashMap;

use super::args::{Call, Given, Row, not_a_number, not_available};
use super::sample::accept;
use super::{Eval, Function};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[
    &MEDIAN,
    &MODE,
    &MODE_MULT,
    &LARGE,
    &SMALL,
    &PERCENTILE_INC,
    &PERCENTILE_EXC,
    &QUARTILE_INC,
    &QUARTILE_EXC,
    &PERCENTRANK_INC,
    &PERCENTRANK_EXC,
    &RANK_EQ,
    &RANK_AVG,
    &FREQUENCY,
];

const MEDIAN: Function = Function {
    name: "MEDIAN",
    signature: "(values: sample...) -> number",
    doc: "The number in the middle, of two the mean; blank if there is none.",
    examples: &[("MEDIAN(3, 1, 2)", "2"), ("MEDIAN(1, 2, 3, 4)", "2.5")],
    eval: Eval::Rows(|call| {
        call.samples(0..usize::MAX, |_, sample| {
            let n = sample.len();
            if n == 0 {
                return Ok(None);
            }
            let (below, middle, _) = sample.select_nth_unstable_by(n / 2, f64::total_cmp);
            let before = below.iter().copied().reduce(f64::max).filter(|_| n.is_multiple_of(2));
            Ok(Some(before.map_or(*middle, |before| f64::midpoint(before, *middle))))
        })
    }),
};

const MODE: Function = Function {
    name: "MODE.SNGL",
    signature: "(values: sample...) -> number",
    doc: "The number that is there most often, of several the first; `#N/A` if none is there twice.",
    examples: &[("MODE.SNGL(5.6, 4, 4, 3, 2, 4)", "4"), ("MODE(1, 2, 2, 1)", "1")],
    eval: Eval::Rows(|call| {
        call.samples(0..usize::MAX, |_, sample| {
            let counts = counts(sample);
            let most = counts.values().copied().max().unwrap_or(0);
            let first = sample.iter().find(|number| most > 1 && counts[&bits(**number)] == most);
            first.map_or_else(|| not_available("no number is there twice"), |number| Ok(Some(*number)))
        })
    }),
};

const MODE_MULT: Function = Function {
    name: "MODE.MULT",
    signature: "(values: sample...) -> numbers",
    doc: "The numbers that are there most often; `#N/A` if none is there twice.",
    examples: &[("MODE.MULT(1, 2, 2, 3, 1)", "[1, 2]"), ("MODE.MULT(LIST(7, 7, 8))", "[7]")],
    eval: Eval::Rows(|call| {
        call.number_lists(|row, list| {
            let mut sample = Vec::new();
            row.each_number(|number| sample.push(number))?;
            let mut counts = counts(&sample);
            let most = counts.values().copied().max().unwrap_or(0);
            if most < 2 {
                return not_available("no number is there twice");
            }
            list.extend(sample.into_iter().filter(|number| counts.remove(&bits(*number)) == Some(most)));
            Ok(())
        })
    }),
};

const LARGE: Function = Function {
    name: "LARGE",
    signature: "(values: sample, place: number) -> number",
    doc: "The largest number, or the one at a place counted from it.",
    examples: &[("LARGE(LIST(3, 5, 3, 5, 4), 3)", "4"), ("LARGE(LIST(1, 7), 1)", "7")],
    eval: Eval::Rows(|call| {
        call.sorted(0, |row, sorted| {
            let place = place(row, sorted)?;
            Ok(Some(sorted[sorted.len() - 1 - place]))
        })
    }),
};

const SMALL: Function = Function {
    name: "SMALL",
    signature: "(values: sample, place: number) -> number",
    doc: "The smallest number, or the one at a place counted from it.",
    examples: &[("SMALL(LIST(3, 5, 3, 5, 4), 3)", "4"), ("SMALL(LIST(1, 7), 1)", "1")],
    eval: Eval::Rows(|call| call.sorted(0, |row, sorted| Ok(Some(sorted[place(row, sorted)?])))),
};

const PERCENTILE_INC: Function = Function {
    name: "PERCENTILE.INC",
    signature: "(values: sample, share: number) -> number",
    doc: "The number below which a share of the numbers is, the smallest at 0 and the largest at 1.",
    examples: &[("PERCENTILE.INC(LIST(1, 3, 2, 4), 0.3)", "1.9"), ("PERCENTILE(LIST(1, 2, 3), 0.5)", "2")],
    eval: Eval::Rows(|call| call.sorted(0, |row, sorted| percentile_inc(sorted, row.number(1)))),
};

const PERCENTILE_EXC: Function = Function {
    name: "PERCENTILE.EXC",
    signature: "(values: sample, share: number) -> number",
    doc: "The number below which a share of the numbers is, where 0 and 1 are beyond the ends.",
    examples: &[
        ("PERCENTILE.EXC(LIST(6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49), 0.25)", "15"),
        ("IFERROR(PERCENTILE.EXC(LIST(1, 2), 0.9), 0)", "0"),
    ],
    eval: Eval::Rows(|call| call.sorted(0, |row, sorted| percentile_exc(sorted, row.number(1)))),
};

const QUARTILE_INC: Function = Function {
    name: "QUARTILE.INC",
    signature: "(values: sample, quarter: number) -> number",
    doc: "The number below which so many quarters of the numbers are, from 0 to 4.",
    examples: &[
        ("QUARTILE.INC(LIST(1, 2, 4, 7, 8, 9, 10, 12), 1)", "3.5"),
        ("QUARTILE(LIST(1, 2, 9), 4)", "9"),
    ],
    eval: Eval::Rows(|call| {
        call.sorted(0, |row, sorted| percentile_inc(sorted, row.number(1).trunc() / 4.0))
    }),
};

const QUARTILE_EXC: Function = Function {
    name: "QUARTILE.EXC",
    signature: "(values: sample, quarter: number) -> number",
    doc: "The number below which so many quarters of the numbers are, where 0 and 4 are beyond the ends.",
    examples: &[
        ("QUARTILE.EXC(LIST(6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49), 1)", "15"),
        ("QUARTILE.EXC(LIST(6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49), 3)", "43"),
    ],
    eval: Eval::Rows(|call| {
        call.sorted(0, |row, sorted| percentile_exc(sorted, row.number(1).trunc() / 4.0))
    }),
};

const PERCENTRANK_INC: Function = Function {
    name: "PERCENTRANK.INC",
    signature: "(values: sample, number, digits: number = 3) -> number",
    doc: "The share of the other numbers that are smaller, cut to so many digits; between two it is estimated.",
    examples: &[
        ("PERCENTRANK.INC(LIST(13, 12, 11, 8, 4, 3, 2, 1, 1, 1), 2)", "0.333"),
        ("PERCENTRANK(LIST(13, 12, 11, 8, 4, 3, 2, 1, 1, 1), 5)", "0.583"),
    ],
    eval: Eval::Rows(|call| {
        call.sorted(0, |row, sorted| {
            percent_rank(row, sorted, |below, n| if n == 1 { 1.0 } else { below / (n - 1) as f64 })
        })
    }),
};

const PERCENTRANK_EXC: Function = Function {
    name: "PERCENTRANK.EXC",
    signature: "(values: sample, number, digits: number = 3) -> number",
    doc: "The place of a number between 0 and 1, which are beyond the ends; cut to so many digits.",
    examples: &[
        ("PERCENTRANK.EXC(LIST(1, 2, 3, 6, 6, 6, 7, 8, 9), 7)", "0.7"),
        ("PERCENTRANK.EXC(LIST(1, 2, 3, 6, 6, 6, 7, 8, 9), 5.43)", "0.381"),
    ],
    eval: Eval::Rows(|call| {
        call.sorted(0, |row, sorted| percent_rank(row, sorted, |below, n| (below + 1.0) / (n + 1) as f64))
    }),
};

const RANK_EQ: Function = Function {
    name: "RANK.EQ",
    signature: "(number, values: sample, ascending: bool = FALSE) -> number",
    doc: "The place of a number among others, the largest first; equal numbers have the first of their places.",
    examples: &[("RANK.EQ(3, LIST(7, 3.5, 3.5, 1, 3))", "4"), ("RANK(3, LIST(7, 3.5, 3.5, 1, 3), 1)", "2")],
    eval: Eval::Rows(|call| ranks(call, |before, _| before as f64 + 1.0)),
};

const RANK_AVG: Function = Function {
    name: "RANK.AVG",
    signature: "(number, values: sample, ascending: bool = FALSE) -> number",
    doc: "The place of a number among others, the largest first; equal numbers have the mean of their places.",
    examples: &[("RANK.AVG(3.5, LIST(7, 3.5, 3.5, 1, 2))", "2.5"), ("RANK.AVG(7, LIST(7, 1), TRUE)", "2")],
    eval: Eval::Rows(|call| ranks(call, |before, equal| before as f64 + (equal + 1) as f64 / 2.0)),
};

const FREQUENCY: Function = Function {
    name: "FREQUENCY",
    signature: "(values: sample, bounds: sample) -> numbers",
    doc: "How many numbers there are up to each bound, above the one before; at last, how many are above all.",
    examples: &[
        ("FREQUENCY(LIST(79, 85, 78, 85, 50, 81, 95, 88, 97), LIST(70, 79, 89))", "[1, 2, 4, 2]"),
        ("FREQUENCY(LIST(1, 2), LIST(1))", "[1, 1]"),
    ],
    eval: Eval::Rows(|call| {
        call.number_lists(|row, list| {
            let (mut sample, mut bounds) = (Vec::new(), Vec::new());
            row.numbers_of(0, |number| sample.push(number))?;
            row.numbers_of(1, |number| bounds.push(number))?;
            sample.sort_unstable_by(f64::total_cmp);
            let up_to = |bound: f64| sample.partition_point(|number| *number <= bound);
            let mut sorted = bounds.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let mut seen = HashMap::new();
            for bound in bounds {
                let below = sorted.partition_point(|other| *other < bound).checked_sub(1);
                let before = below.map_or(0, |at| up_to(sorted[at]));
                // A bound that is there twice counts at its first place.
                let is_first = seen.insert(bits(bound), ()).is_none();
                list.push(if is_first { (up_to(bound) - before) as f64 } else { 0.0 });
            }
            let all = sorted.last().map_or(0, |last| up_to(*last));
            list.push((sample.len() - all) as f64);
            Ok(())
        })
    }),
};

/// What is the same for equal numbers: zero has no sign.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

fn counts(sample: &[f64]) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    sample.iter().for_each(|number| *counts.entry(bits(*number)).or_insert(0) += 1);
    counts
}

/// A place that was counted from 1, counted from 0.
fn place(row: Row<'_>, sample: &[f64]) -> Given<usize> {
    let place = row.whole(1);
    if place < 1 || place as u64 > sample.len() as u64 {
        return not_a_number(format!("the place is from 1 to {}, got {place}", sample.len()));
    }
    Ok(place as usize - 1)
}

/// The number at a place in an order that has one, on the line between its neighbors.
fn between(sorted: &[f64], place: f64) -> f64 {
    let at = (place as usize).min(sorted.len() - 1);
    let (low, share) = (sorted[at], place - at as f64);
    match sorted.get(at + 1) {
        Some(high) if share == 0.5 => f64::midpoint(low, *high),
        Some(high) if share > 0.0 => low + (high - low) * share,
        _ => low,
    }
}

fn percentile_inc(sorted: &[f64], share: f64) -> Given<Option<f64>> {
    accept(!sorted.is_empty(), "at least one number is needed")?;
    accept((0.0..=1.0).contains(&share), "the share is from 0 to 1, of quarters from 0 to 4")?;
    Ok(Some(between(sorted, snapped((sorted.len() - 1) as f64 * share))))
}

fn percentile_exc(sorted: &[f64], share: f64) -> Given<Option<f64>> {
    let n = sorted.len() as f64;
    let place = snapped((n + 1.0) * share);
    accept(!sorted.is_empty(), "at least one number is needed")?;
    accept((1.0..=n).contains(&place), "the share lies outside of what so few numbers can say")?;
    Ok(Some(between(sorted, place - 1.0)))
}

/// A place that is whole but for the last digits: the share 0.7 of 10 numbers is 7 of them.
fn snapped(place: f64) -> f64 {
    if (place - place.round()).abs() < 1e-12 * place.abs() { place.round() } else { place }
}

/// The share of a number among others: `share` of how many are below and how many there are.
fn percent_rank(row: Row<'_>, sorted: &[f64], share: fn(f64, usize) -> f64) -> Given<Option<f64>> {
    let (number, digits) = (row.number(1), row.number(2).trunc());
    accept(!sorted.is_empty() && digits >= 1.0, "numbers and at least one digit are needed")?;
    let (n, below) = (sorted.len(), sorted.partition_point(|other| *other < number));
    if below == n || number < sorted[0] {
        return not_available("the number is not between the smallest and the largest");
    }
    let share = if sorted[below] == number {
        share(below as f64, n)
    } else {
        let (low, high) = (sorted[below - 1], sorted[below]);
        let (from, to) = (share((below - 1) as f64, n), share(below as f64, n));
        from + (to - from) * (number - low) / (high - low)
    };
    Ok(Some(super::pattern::scaled(share, digits.min(300.0) as i32, f64::trunc)))
}

/// The rank of each number: `rank` of how many stand before it and how many are equal to it.
fn ranks(call: &Call<'_>, rank: fn(usize, usize) -> f64) -> Chunk {
    call.sorted(1, |row, sorted| {
        let number = row.number(0);
        let below = sorted.partition_point(|other| *other < number);
        let equal = sorted[below..].partition_point(|other| *other <= number);
        if equal == 0 {
            return not_available("the number is not among the others");
        }
        let before = if row.is_true(2) { below } else { sorted.len() - below - equal };
        Ok(Some(rank(before, equal)))
    })
}
