//! Flows of money at regular times and at dates: what they are worth, and the rate at which that is nothing.

use std::cell::RefCell;

use super::args::{Call, Given, Row, div_zero, no_error, not_a_number};
use super::calendar::civil;
use super::sample::accept;
use super::{Eval, Function, root};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[&NPV, &IRR, &MIRR, &XNPV, &XIRR];

const NPV: Function = Function {
    name: "NPV",
    signature: "(rate: number, values: sample...) -> number",
    doc: "What values at the ends of periods are worth now.",
    examples: &[("ROUND(NPV(0.1, -10000, 3000, 4200, 6800), 2)", "1188.44"), ("NPV(1, LIST(2, 4))", "2")],
    eval: Eval::Rows(|call| {
        call.samples(1..usize::MAX, |row, values| {
            let rate = row.number(0);
            if rate == -1.0 {
                return div_zero("at a rate of -1 nothing is left");
            }
            Ok(Some(present(rate, values) / (1.0 + rate)))
        })
    }),
};

const IRR: Function = Function {
    name: "IRR",
    signature: "(values: sample, guess: number = 0.1) -> number",
    doc: "The rate at which values at regular times are worth nothing together.",
    examples: &[
        ("ROUND(IRR(LIST(-70000, 12000, 15000, 18000, 21000, 26000)), 6)", "0.086631"),
        ("ROUND(IRR(LIST(-100, 110)), 12)", "0.1"),
    ],
    eval: Eval::Rows(|call| {
        call.samples(0..1, |row, values| {
            let flows = values.iter().enumerate().map(|(at, value)| (at as f64, *value));
            internal_rate(flows.clone(), row.number(1)).map(Some)
        })
    }),
};

const MIRR: Function = Function {
    name: "MIRR",
    signature: "(values: sample, finance_rate: number, reinvest_rate: number) -> number",
    doc: "The rate of return of values at regular times, where what is paid costs and what is earned bears interest.",
    examples: &[
        ("ROUND(MIRR(LIST(-120000, 39000, 30000, 21000, 37000, 46000), 0.1, 0.12), 6)", "0.126094"),
        ("ROUND(MIRR(LIST(-120000, 39000, 30000, 21000), 0.1, 0.12), 6)", "-0.048045"),
    ],
    eval: Eval::Rows(|call| {
        call.samples(0..1, |row, values| {
            let (finance, reinvest) = (row.number(1), row.number(2));
            accept(finance > -1.0 && reinvest > -1.0, "rates are above -1")?;
            let (mut paid, mut earned) = (0.0, 0.0);
            for (at, value) in values.iter().enumerate() {
                match *value {
                    value if value < 0.0 => paid -= value / (1.0 + finance).powi(at as i32),
                    value => earned += value * (1.0 + reinvest).powi((values.len() - 1 - at) as i32),
                }
            }
            if paid == 0.0 || earned == 0.0 {
                return div_zero("at least one value is negative and one positive");
            }
            Ok(Some((earned / paid).powf(1.0 / (values.len() - 1) as f64) - 1.0))
        })
    }),
};

const XNPV: Function = Function {
    name: "XNPV",
    signature: "(rate: number, values: sample, dates: dates) -> number",
    doc: "What values at dates are worth at the first of them, at a rate for 365 days.",
    examples: &[
        ("ROUND(XNPV(0.1, LIST(-100, 110), LIST(DATE(2023, 1, 1), DATE(2024, 1, 1))), 9)", "0"),
        (
            "ROUND(XNPV(0.09, LIST(-10000, 2750, 4250, 3250, 2750), LIST(DATE(2008, 1, 1), DATE(2008, 3, 1), \
             DATE(2008, 10, 30), DATE(2009, 2, 15), DATE(2009, 4, 1))), 2)",
            "2086.65",
        ),
    ],
    eval: Eval::Rows(|call| {
        dated(call, 1, 2, |row, flows| {
            let rate = row.number(0);
            accept(rate > -1.0, "a rate is above -1")?;
            Ok(flows.iter().map(|(years, value)| value / (1.0 + rate).powf(*years)).sum())
        })
    }),
};

const XIRR: Function = Function {
    name: "XIRR",
    signature: "(values: sample, dates: dates, guess: number = 0.1) -> number",
    doc: "The rate for 365 days at which values at dates are worth nothing together.",
    examples: &[
        ("ROUND(XIRR(LIST(-100, 110), LIST(DATE(2023, 1, 1), DATE(2024, 1, 1))), 12)", "0.1"),
        (
            "ROUND(XIRR(LIST(-10000, 2750, 4250, 3250, 2750), LIST(DATE(2008, 1, 1), DATE(2008, 3, 1), \
             DATE(2008, 10, 30), DATE(2009, 2, 15), DATE(2009, 4, 1))), 6)",
            "0.373363",
        ),
    ],
    eval: Eval::Rows(|call| {
        dated(call, 0, 1, |row, flows| internal_rate(flows.iter().copied(), row.number(2)))
    }),
};

/// What values are worth at the time of the first, by Horner's rule.
fn present(rate: f64, values: &[f64]) -> f64 {
    values.iter().rev().fold(0.0, |sum, value| sum / (1.0 + rate) + value)
}

/// The rate at which flows, each after so many years, are worth nothing together.
fn internal_rate(flows: impl Iterator<Item = (f64, f64)> + Clone, guess: f64) -> Given<f64> {
    let has = |is: fn(f64) -> bool| flows.clone().any(|(_, value)| is(value));
    accept(
        has(|value| value > 0.0) && has(|value| value < 0.0),
        "at least one value is negative and one positive",
    )?;
    accept(guess > -1.0, "a rate is above -1")?;
    // In x = ln(1 + rate) each flow is an exponential, and so is its slope.
    let of = |x: f64| {
        flows.clone().fold((0.0, 0.0), |(sum, slope), (years, value)| {
            let worth = value * (-years * x).exp();
            (sum + worth, slope - years * worth)
        })
    };
    match root::rate(of, guess) {
        Some(rate) => Ok(rate),
        None => not_a_number("there is no rate at which the values are worth nothing together"),
    }
}

/// A number for each row, of values and the years of 365 days from the first date to theirs.
fn dated(
    call: &Call<'_>,
    values: usize,
    dates: usize,
    of: impl Fn(Row<'_>, &[(f64, f64)]) -> Given<f64>,
) -> Chunk {
    let buffer = RefCell::new(Vec::new());
    call.numbers(|row| {
        let mut flows = buffer.borrow_mut();
        flows.clear();
        let ((items, range), (at, days)) = (row.items(values), row.items(dates));
        no_error(items, range.clone())?;
        no_error(at, days.clone())?;
        accept(!range.is_empty(), "at least one value is needed")?;
        accept(range.len() == days.len(), "there are as many values as dates")?;
        let numbers = items.numbers().expect("the signature says numbers");
        let ms = at.dates().expect("the signature says dates");
        let mut first = None;
        for (value, day) in range.zip(days) {
            accept(items.is_valid(value) && at.is_valid(day), "each value has a date")?;
            let day = civil(ms[day], row.zone())?.date();
            let first = *first.get_or_insert(day);
            accept(day >= first, "no date is before the first")?;
            let days = (day - first).get_days();
            flows.push((f64::from(days) / 365.0, numbers[value]));
        }
        of(row, &flows)
    })
}
