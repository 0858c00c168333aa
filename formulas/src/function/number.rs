//! Numbers: powers, and aggregates over arguments and lists.

use std::ops::Range;

use super::args::{Call, Given, not_a_number, refuse};
use super::{Eval, Function};
use crate::column::{Chunk, Kind, Vector};
use crate::error::{CellError, ErrorKind};
use crate::exact::{ExactSum, exact_sum};

pub(super) const ALL: &[&Function] = &[
    &SUM, &AVERAGE, &MIN, &MAX, &PRODUCT, &COUNT, &COUNTA, &COUNTALL, &ABS, &POWER, &SQRT, &EXP, &LN, &LOG,
    &LOG10, &SIGN, &PI, &VALUE,
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

const ABS: Function = Function {
    name: "ABS",
    signature: "(number) -> number",
    doc: "Without its sign.",
    examples: &[("ABS(-2)", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).abs()))),
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

fn positive(number: f64) -> Given<f64> {
    if number > 0.0 { Ok(number) } else { not_a_number("only positive numbers have a logarithm") }
}
