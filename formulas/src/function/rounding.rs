//! Rounding of all kinds. Numbers are rounded as they read in decimals: 1.005 to two digits is 1.01, although the
//! binary fraction nearest to 1.005 is below it.

use super::args::{Call, Given, Row, div_zero, not_a_number};
use super::pattern::scaled;
use super::{Eval, Function};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[
    &ROUND,
    &ROUNDUP,
    &ROUNDDOWN,
    &TRUNC,
    &INT,
    &FLOOR,
    &FLOOR_MATH,
    &FLOOR_PRECISE,
    &CEILING,
    &CEILING_MATH,
    &CEILING_PRECISE,
    &MROUND,
    &EVEN,
    &ODD,
];

const ROUND: Function = Function {
    name: "ROUND",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded to so many decimals, halves away from zero.",
    examples: &[("ROUND(2.345, 2)", "2.35"), ("ROUND(1250, -2)", "1300"), ("ROUND(-0.5)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), digits(row), f64::round)))),
};

const ROUNDUP: Function = Function {
    name: "ROUNDUP",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded to so many decimals, away from zero.",
    examples: &[("ROUNDUP(1.21, 1)", "1.3"), ("ROUNDUP(-1.1)", "-2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), digits(row), away_from_zero)))),
};

const ROUNDDOWN: Function = Function {
    name: "ROUNDDOWN",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded to so many decimals, towards zero.",
    examples: &[("ROUNDDOWN(1.29, 1)", "1.2"), ("ROUNDDOWN(-1.9)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), digits(row), f64::trunc)))),
};

const TRUNC: Function = Function {
    name: "TRUNC",
    signature: "(number, digits: number = 0) -> number",
    doc: "Without the decimals behind so many digits.",
    examples: &[("TRUNC(-8.9)", "-8"), ("TRUNC(3.14159, 2)", "3.14"), ("TRUNC(1999, -3)", "1000")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), digits(row), f64::trunc)))),
};

const INT: Function = Function {
    name: "INT",
    signature: "(number) -> number",
    doc: "The largest whole number that is not larger.",
    examples: &[("INT(1.9)", "1"), ("INT(-1.1)", "-2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).floor()))),
};

const FLOOR: Function = Function {
    name: "FLOOR",
    signature: "(number, step: number = 1) -> number",
    doc: "Rounded down to a multiple of `step`; with a negative step, a negative number is rounded up.",
    examples: &[("FLOOR(17, 5)", "15"), ("FLOOR(-1.5)", "-2"), ("FLOOR(-2.5, -2)", "-2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match (row.number(0), row.number(1)) {
            (number, step) if step == 0.0 && number != 0.0 => div_zero("a step is not zero"),
            (number, step) => signed(number, step, f64::floor),
        })
    }),
};

const FLOOR_MATH: Function = Function {
    name: "FLOOR.MATH",
    signature: "(number, step: number = 1, toward_zero: bool = FALSE) -> number",
    doc: "Rounded down to a multiple of `step`, or negative numbers towards zero.",
    examples: &[
        ("FLOOR.MATH(24.3, 5)", "20"),
        ("FLOOR.MATH(-8.1, 2)", "-10"),
        ("FLOOR.MATH(-5.5, 2, TRUE)", "-4"),
    ],
    eval: Eval::Rows(|call| mathematical(call, f64::floor, f64::trunc)),
};

const FLOOR_PRECISE: Function = Function {
    name: "FLOOR.PRECISE",
    signature: "(number, step: number = 1) -> number",
    doc: "Rounded down to a multiple of `step`, whatever the signs.",
    examples: &[("FLOOR.PRECISE(-3.2, -1)", "-4"), ("FLOOR.PRECISE(3.2)", "3")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(stepped(row.number(0), row.number(1), f64::floor)))),
};

const CEILING: Function = Function {
    name: "CEILING",
    signature: "(number, step: number = 1) -> number",
    doc: "Rounded up to a multiple of `step`; with a negative step, a negative number is rounded down.",
    examples: &[("CEILING(17, 5)", "20"), ("CEILING(1.1)", "2"), ("CEILING(-2.5, -2)", "-4")],
    eval: Eval::Rows(|call| call.numbers(|row| signed(row.number(0), row.number(1), f64::ceil))),
};

const CEILING_MATH: Function = Function {
    name: "CEILING.MATH",
    signature: "(number, step: number = 1, from_zero: bool = FALSE) -> number",
    doc: "Rounded up to a multiple of `step`, or negative numbers away from zero.",
    examples: &[
        ("CEILING.MATH(24.3, 5)", "25"),
        ("CEILING.MATH(-8.1, 2)", "-8"),
        ("CEILING.MATH(-5.5, 2, TRUE)", "-6"),
    ],
    eval: Eval::Rows(|call| mathematical(call, f64::ceil, away_from_zero)),
};

const CEILING_PRECISE: Function = Function {
    name: "CEILING.PRECISE",
    signature: "(number, step: number = 1) -> number",
    doc: "Rounded up to a multiple of `step`, whatever the signs.",
    examples: &[("CEILING.PRECISE(-4.1, -2)", "-4"), ("ISO.CEILING(4.3)", "5")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(stepped(row.number(0), row.number(1), f64::ceil)))),
};

const MROUND: Function = Function {
    name: "MROUND",
    signature: "(number, step: number) -> number",
    doc: "Rounded to the nearest multiple of `step`, halves away from zero; both have the same sign.",
    examples: &[("MROUND(10, 3)", "9"), ("MROUND(-10, -3)", "-9"), ("MROUND(7.5, 5)", "10")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match (row.number(0), row.number(1)) {
            (number, step) if number * step < 0.0 => not_a_number("number and step have the same sign"),
            (number, step) => Ok(stepped(number, step, f64::round)),
        })
    }),
};

const EVEN: Function = Function {
    name: "EVEN",
    signature: "(number) -> number",
    doc: "The next even number away from zero.",
    examples: &[("EVEN(3)", "4"), ("EVEN(-1)", "-2"), ("EVEN(2)", "2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| Ok((row.number(0).abs() / 2.0).ceil().copysign(row.number(0)) * 2.0))
    }),
};

const ODD: Function = Function {
    name: "ODD",
    signature: "(number) -> number",
    doc: "The next odd number away from zero.",
    examples: &[("ODD(2)", "3"), ("ODD(-2)", "-3"), ("ODD(1)", "1"), ("ODD(0)", "1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let number = row.number(0);
            let size = (((number.abs() - 1.0) / 2.0).ceil() * 2.0 + 1.0).max(1.0);
            Ok(if number < 0.0 { -size } else { size })
        })
    }),
};

/// A number of digits, kept within what matters to any number.
fn digits(row: Row<'_>) -> i32 {
    row.whole(1).clamp(-400, 400) as i32
}

fn away_from_zero(number: f64) -> f64 {
    number.abs().ceil().copysign(number)
}

/// Rounded to a multiple of a step that has the sign of the number: towards or away from zero, as `round` is for
/// positive numbers. A negative number may have a positive step, but not the other way round.
fn signed(number: f64, step: f64, round: fn(f64) -> f64) -> Given<f64> {
    if step < 0.0 && number > 0.0 {
        return not_a_number("the step of a positive number is positive");
    }
    let sign = if step < 0.0 { -1.0 } else { 1.0 };
    Ok(stepped(number * sign, step, round) * sign)
}

fn mathematical(call: &Call<'_>, round: fn(f64) -> f64, of_negative: fn(f64) -> f64) -> Chunk {
    call.numbers(|row| {
        let negative = row.is_true(2) && row.number(0) < 0.0;
        Ok(stepped(row.number(0), row.number(1), if negative { of_negative } else { round }))
    })
}

/// Rounded to a multiple of the size of `step`; of the step 0 the only multiple is 0.
fn stepped(number: f64, step: f64, round: fn(f64) -> f64) -> f64 {
    if step == 0.0 {
        return 0.0;
    }
    let step = step.abs();
    let steps = scaled(number / step, 0, round);
    // Three tenths are 3 / 10, which 3 * 0.1 is not.
    let per_one = (1.0 / step).round();
    let is_fraction = step < 1.0 && (per_one * step - 1.0).abs() < f64::EPSILON;
    if is_fraction { steps / per_one } else { steps * step }
}
