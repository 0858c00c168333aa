//! Numbers: rounding, powers, and aggregates over arguments and lists.

use std::ops::Range;

use super::args::{Call, Given, not_a_number, refuse};
use super::pattern::scaled;
use super::{Eval, Function};
use crate::column::{Chunk, Kind, Vector};
use crate::error::{CellError, ErrorKind};
use crate::exact::{ExactSum, exact_sum};

pub(super) const ALL: &[&Function] = &[
    &SUM, &AVERAGE, &MIN, &MAX, &MEDIAN, &PRODUCT, &COUNT, &COUNTA, &COUNTALL, &STDEV, &VAR, &ABS, &ROUND,
    &ROUNDUP, &ROUNDDOWN, &INT, &FLOOR, &CEILING, &MOD, &POWER, &SQRT, &EXP, &LN, &LOG, &LOG10, &SIGN, &EVEN,
    &ODD, &PI, &VALUE,
];

const SUM: Function = Function {
    name: "SUM",
    signature: "(values: numbers...) -> number",
    doc: "The sum of all numbers and of those in lists: the number nearest to the exact sum, in whatever order.",
    examples: &[("SUM(1, 2, 3)", "6"), ("SUM()", "0")],
    eval: Eval::Rows(|call| match sum_lists(call) {
        Some(sums) => sums,
        None => call.fold(ExactSum::new, ExactSum::add, |sum| Ok(Some(sum.round()))),
    }),
};

const AVERAGE: Function = Function {
    name: "AVERAGE",
    signature: "(values: numbers...) -> number",
    doc: "The mean of all numbers; blank if there is none.",
    examples: &[("AVERAGE(1, 2, 6)", "3"), ("AVERAGE(BLANK())", "blank")],
    eval: Eval::Rows(|call| {
        call.fold(
            || (ExactSum::new(), 0.0),
            |(sum, n), number| {
                sum.add(number);
                *n += 1.0;
            },
            |(sum, n)| Ok((n > 0.0).then(|| sum.round() / n)),
        )
    }),
};

const MIN: Function = Function {
    name: "MIN",
    signature: "(values: ordered...) -> ordered",
    doc: "The smallest number, or the earliest date; blank if there is none.",
    examples: &[("MIN(3, 1, 2)", "1"), ("MIN(DATE(2024, 1, 2), DATE(2024, 1, 1))", "2024-01-01")],
    eval: Eval::Rows(|call| extreme(call, f64::min, i64::min)),
};

const MAX: Function = Function {
    name: "MAX",
    signature: "(values: ordered...) -> ordered",
    doc: "The largest number, or the latest date; blank if there is none.",
    examples: &[("MAX(3, 1, 2)", "3"), ("MAX(BLANK())", "blank")],
    eval: Eval::Rows(|call| extreme(call, f64::max, i64::max)),
};

const MEDIAN: Function = Function {
    name: "MEDIAN",
    signature: "(values: numbers...) -> number",
    doc: "The number in the middle; of two the mean.",
    examples: &[("MEDIAN(3, 1, 2)", "2"), ("MEDIAN(1, 2, 3, 4)", "2.5")],
    eval: Eval::Rows(|call| {
        call.fold(Vec::new, Vec::push, |mut numbers: Vec<f64>| {
            numbers.sort_by(f64::total_cmp);
            let middle = numbers.len() / 2;
            Ok(match numbers.len() {
                0 => None,
                n if n % 2 == 1 => Some(numbers[middle]),
                _ => Some(f64::midpoint(numbers[middle - 1], numbers[middle])),
            })
        })
    }),
};

const PRODUCT: Function = Function {
    name: "PRODUCT",
    signature: "(values: numbers...) -> number",
    doc: "The product of all numbers; blank if there is none.",
    examples: &[("PRODUCT(2, 3, 4)", "24")],
    eval: Eval::Rows(|call| {
        call.fold(|| None, |product, number| *product = Some(product.unwrap_or(1.0) * number), Ok)
    }),
};

const COUNT: Function = Function {
    name: "COUNT",
    signature: "(values: any...) -> number",
    doc: "How many numbers and dates there are.",
    examples: &[(r#"COUNT(1, "a", BLANK(), 2)"#, "2")],
    eval: Eval::Rows(|call| {
        count(call, |items, range| match items.kind() {
            Kind::Number | Kind::Date => range.filter(|at| items.is_valid(*at)).count(),
            _ => 0,
        })
    }),
};

const COUNTA: Function = Function {
    name: "COUNTA",
    signature: "(values: any...) -> number",
    doc: "How many values there are that are neither blank nor the empty text.",
    examples: &[(r#"COUNTA(1, "", BLANK(), "a")"#, "2")],
    eval: Eval::Rows(|call| {
        count(call, |items, range| {
            let is_something =
                |at: usize| items.is_valid(at) && items.texts().is_none_or(|texts| !texts.get(at).is_empty());
            range.filter(|at| is_something(*at)).count()
        })
    }),
};

const COUNTALL: Function = Function {
    name: "COUNTALL",
    signature: "(values: any...) -> number",
    doc: "How many values there are, blank ones too; of a list its length.",
    examples: &[(r#"COUNTALL(1, "", BLANK())"#, "3")],
    eval: Eval::Rows(|call| count(call, |_, range| range.len())),
};

const STDEV: Function = Function {
    name: "STDEV.S",
    signature: "(values: numbers...) -> number",
    doc: "The standard deviation of a sample.",
    examples: &[("STDEV.S(2, 4, 4, 6)", "1.632993161855452")],
    eval: Eval::Rows(|call| call.fold(Vec::new, Vec::push, |numbers| Ok(Some(variance(&numbers)?.sqrt())))),
};

const VAR: Function = Function {
    name: "VAR.S",
    signature: "(values: numbers...) -> number",
    doc: "The variance of a sample.",
    examples: &[("VAR.S(1, 2, 3)", "1")],
    eval: Eval::Rows(|call| call.fold(Vec::new, Vec::push, |numbers| Ok(Some(variance(&numbers)?)))),
};

const ABS: Function = Function {
    name: "ABS",
    signature: "(number) -> number",
    doc: "Without its sign.",
    examples: &[("ABS(-2)", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).abs()))),
};

const ROUND: Function = Function {
    name: "ROUND",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded to so many decimals, halves away from zero.",
    examples: &[("ROUND(2.345, 2)", "2.35"), ("ROUND(1250, -2)", "1300"), ("ROUND(-0.5)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), row.whole(1) as i32, f64::round)))),
};

const ROUNDUP: Function = Function {
    name: "ROUNDUP",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded away from zero.",
    examples: &[("ROUNDUP(1.21, 1)", "1.3"), ("ROUNDUP(-1.1)", "-2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            Ok(scaled(row.number(0), row.whole(1) as i32, |number| number.abs().ceil().copysign(number)))
        })
    }),
};

const ROUNDDOWN: Function = Function {
    name: "ROUNDDOWN",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded towards zero.",
    examples: &[("ROUNDDOWN(1.29, 1)", "1.2"), ("ROUNDDOWN(-1.9)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(scaled(row.number(0), row.whole(1) as i32, f64::trunc)))),
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
    doc: "Rounded down to a multiple of `step`.",
    examples: &[("FLOOR(17, 5)", "15"), ("FLOOR(-1.5)", "-2")],
    eval: Eval::Rows(|call| call.numbers(|row| stepped(row.number(0), row.number(1), f64::floor))),
};

const CEILING: Function = Function {
    name: "CEILING",
    signature: "(number, step: number = 1) -> number",
    doc: "Rounded up to a multiple of `step`.",
    examples: &[("CEILING(17, 5)", "20"), ("CEILING(1.1)", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| stepped(row.number(0), row.number(1), f64::ceil))),
};

const MOD: Function = Function {
    name: "MOD",
    signature: "(number, divisor: number) -> number",
    doc: "What remains of a division; it has the divisor's sign.",
    examples: &[("MOD(7, 3)", "1"), ("MOD(-7, 3)", "2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.number(1) {
            0.0 => Err(CellError::new(ErrorKind::DivZero, "a division by zero")),
            divisor => {
                let rest = row.number(0) % divisor;
                Ok(if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) { rest + divisor } else { rest })
            }
        })
    }),
};

const POWER: Function = Function {
    name: "POWER",
    signature: "(base: number, exponent: number) -> number",
    doc: "The base to the exponent, as `^` gives.",
    examples: &[("POWER(2, 10)", "1024")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).powf(row.number(1))))),
};

const SQRT: Function = Function {
    name: "SQRT",
    signature: "(number) -> number",
    doc: "The square root.",
    examples: &[("SQRT(9)", "3"), ("IFERROR(SQRT(-1), 0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.number(0) {
            number if number < 0.0 => not_a_number("a negative number has no square root"),
            number => Ok(number.sqrt()),
        })
    }),
};

const EXP: Function = Function {
    name: "EXP",
    signature: "(number) -> number",
    doc: "e to the number.",
    examples: &[("EXP(0)", "1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).exp()))),
};

const LN: Function = Function {
    name: "LN",
    signature: "(number) -> number",
    doc: "The natural logarithm.",
    examples: &[("LN(1)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(positive(row.number(0))?.ln()))),
};

const LOG: Function = Function {
    name: "LOG",
    signature: "(number, base: number = 10) -> number",
    doc: "The logarithm to a base.",
    examples: &[("LOG(1000)", "3"), ("LOG(8, 2)", "3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (number, base) = (positive(row.number(0))?, positive(row.number(1))?);
            match base {
                10.0 => Ok(number.log10()),
                2.0 => Ok(number.log2()),
                1.0 => Err(CellError::new(ErrorKind::DivZero, "1 is no base of logarithms")),
                _ => Ok(number.ln() / base.ln()),
            }
        })
    }),
};

const LOG10: Function = Function {
    name: "LOG10",
    signature: "(number) -> number",
    doc: "The logarithm to the base 10.",
    examples: &[("LOG10(100)", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(positive(row.number(0))?.log10()))),
};

const SIGN: Function = Function {
    name: "SIGN",
    signature: "(number) -> number",
    doc: "1, 0 or -1.",
    examples: &[("SIGN(-3)", "-1"), ("SIGN(0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| Ok(if row.number(0) == 0.0 { 0.0 } else { row.number(0).signum() }))
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

const PI: Function = Function {
    name: "PI",
    signature: "() -> number",
    doc: "The ratio of a circle's circumference to its diameter.",
    examples: &[("ROUND(PI(), 2)", "3.14")],
    eval: Eval::Rows(|call| call.numbers(|_| Ok(std::f64::consts::PI))),
};

const VALUE: Function = Function {
    name: "VALUE",
    signature: "(text) -> number",
    doc: "The number that a text says, such as `$1,234.50` or `12%`.",
    examples: &[(r#"VALUE("1,234.5")"#, "1234.5"), (r#"VALUE("12%")"#, "0.12")],
    eval: Eval::Rows(|call| {
        call.maybe_numbers(|row| match row.text(0) {
            text if text.trim().is_empty() => Ok(None),
            text => match super::parse_number(text) {
                Some(number) => Ok(Some(number)),
                None => refuse(format!("{} is not a number", crate::eval::excerpt(text))),
            },
        })
    }),
};

/// The sums of one list for each row: what rollups are made of.
fn sum_lists(call: &Call<'_>) -> Option<Chunk> {
    let [arg] = call.args.as_slice() else { return None };
    let lists = arg.chunk.lists()?;
    let numbers = lists.items().numbers()?;
    if arg.constant || !arg.chunk.errors().is_empty() || !lists.items().errors().is_empty() {
        return None;
    }
    // A blank item is a zero in the array, and so is nothing in a sum.
    let sums: Vec<f64> = (0..call.len).map(|row| exact_sum(&numbers[lists.range(row)])).collect();
    sums.iter().all(|sum| sum.is_finite()).then(|| Chunk::full(Vector::Number(sums)))
}

fn extreme(call: &Call<'_>, number: fn(f64, f64) -> f64, date: fn(i64, i64) -> i64) -> Chunk {
    if call.kind == Kind::Date {
        return call.dates(|row| {
            let mut best = None;
            row.each_date(|ms| best = Some(best.map_or(ms, |best| date(best, ms))))?;
            Ok(best)
        });
    }
    call.fold(|| None, |best, next| *best = Some(best.map_or(next, |best| number(best, next))), Ok)
}

/// Sums what `of` counts among the items of each argument.
fn count(call: &Call<'_>, of: impl Fn(&Chunk, Range<usize>) -> usize) -> Chunk {
    call.numbers(|row| {
        let each = (0..row.n_args()).map(|arg| row.items(arg));
        Ok(each.map(|(items, range)| of(items, range)).sum::<usize>() as f64)
    })
}

fn variance(numbers: &[f64]) -> Given<f64> {
    if numbers.len() < 2 {
        return Err(CellError::new(ErrorKind::DivZero, "at least two numbers are needed"));
    }
    let n = numbers.len() as f64;
    let mean = exact_sum(numbers) / n;
    let squares: Vec<f64> = numbers.iter().map(|number| (number - mean).powi(2)).collect();
    Ok(exact_sum(&squares) / (n - 1.0))
}

fn positive(number: f64) -> Given<f64> {
    if number > 0.0 { Ok(number) } else { not_a_number("only positive numbers have a logarithm") }
}

fn stepped(number: f64, step: f64, round: fn(f64) -> f64) -> Given<f64> {
    if step == 0.0 {
        return Err(CellError::new(ErrorKind::DivZero, "a step is not zero"));
    }
    let step = step.abs();
    let steps = scaled(number / step, 0, round);
    // Three tenths are 3 / 10, which 3 * 0.1 is not.
    let per_one = (1.0 / step).round();
    let is_fraction = step < 1.0 && (per_one * step - 1.0).abs() < f64::EPSILON;
    Ok(if is_fraction { steps / per_one } else { steps * step })
}
