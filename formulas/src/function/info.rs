//! What a value is: text, number, error. These look at failed values too, instead of failing with them.

use super::args::{Call, Given, Row};
use super::sheet_date::Clock;
use super::{Eval, Function};
use crate::column::{Bitmap, Chunk, Kind, Vector};
use crate::error::ErrorKind;

pub(super) const ALL: &[&Function] =
    &[&ISTEXT, &ISNONTEXT, &ISNUMBER, &ISLOGICAL, &ISNULL, &ISNA, &ISERR, &N, &TYPE];

const ISTEXT: Function = Function {
    name: "ISTEXT",
    signature: "(value: any) -> bool",
    doc: "Whether the value is text; blank is not.",
    examples: &[(r#"ISTEXT("a")"#, "true"), ("ISTEXT(1)", "false")],
    eval: Eval::Rows(|call| tell(call, |what| what == What::Text)),
};

const ISNONTEXT: Function = Function {
    name: "ISNONTEXT",
    signature: "(value: any) -> bool",
    doc: "Whether the value is anything but text.",
    examples: &[("ISNONTEXT(1)", "true"), (r#"ISNONTEXT("a")"#, "false"), ("ISNONTEXT(BLANK())", "true")],
    eval: Eval::Rows(|call| tell(call, |what| what != What::Text)),
};

const ISNUMBER: Function = Function {
    name: "ISNUMBER",
    signature: "(value: any) -> bool",
    doc: "Whether the value is a number or a date; text that reads as a number is not.",
    examples: &[("ISNUMBER(1)", "true"), (r#"ISNUMBER("1")"#, "false"), ("ISNUMBER(1/0)", "false")],
    eval: Eval::Rows(|call| tell(call, |what| matches!(what, What::Number | What::Date))),
};

const ISLOGICAL: Function = Function {
    name: "ISLOGICAL",
    signature: "(value: any) -> bool",
    doc: "Whether the value is true or false.",
    examples: &[("ISLOGICAL(1 > 2)", "true"), ("ISLOGICAL(1)", "false")],
    eval: Eval::Rows(|call| tell(call, |what| what == What::Logical)),
};

const ISNULL: Function = Function {
    name: "ISNULL",
    signature: "(value: any) -> bool",
    doc: "Whether there is no value at all; unlike for ISBLANK, the empty text is one.",
    examples: &[("ISNULL(BLANK())", "true"), (r#"ISNULL("")"#, "false")],
    eval: Eval::Rows(|call| tell(call, |what| what == What::Nothing)),
};

const ISNA: Function = Function {
    name: "ISNA",
    signature: "(value: any) -> bool",
    doc: "Whether the value failed with `#N/A`: nothing was found.",
    examples: &[(r#"ISNA(TEXTAFTER("a", "b"))"#, "true"), ("ISNA(1/0)", "false")],
    eval: Eval::Rows(|call| tell(call, |what| what == What::Error(ErrorKind::NotAvailable))),
};

const ISERR: Function = Function {
    name: "ISERR",
    signature: "(value: any) -> bool",
    doc: "Whether the value failed with anything but `#N/A`.",
    examples: &[("ISERR(1/0)", "true"), (r#"ISERR(TEXTAFTER("a", "b"))"#, "false")],
    eval: Eval::Rows(|call| {
        tell(call, |what| matches!(what, What::Error(kind) if kind != ErrorKind::NotAvailable))
    }),
};

const N: Function = Function {
    name: "N",
    signature: "(value: any) -> number",
    doc: "A number as it is, true as 1, a date as spreadsheets number it, and 0 for everything else.",
    examples: &[("N(7)", "7"), (r#"N("7")"#, "0"), ("N(DATE(2024, 3, 5))", "45356")],
    eval: Eval::Rows(|call| call.numbers(number_of)),
};

const TYPE: Function = Function {
    name: "TYPE",
    signature: "(value: any) -> number",
    doc: "1 for a number, a date or blank, 2 for text, 4 for true and false, 16 for an error, 64 for a list.",
    examples: &[("TYPE(1)", "1"), (r#"TYPE("a")"#, "2"), ("TYPE(1/0)", "16")],
    eval: Eval::Rows(|call| {
        let types = whats(call).map(|what| match what {
            What::Nothing | What::Number | What::Date => 1.0,
            What::Text => 2.0,
            What::Logical => 4.0,
            What::Error(_) => 16.0,
            What::List => 64.0,
        });
        Chunk::full(Vector::Number(types.collect()))
    }),
};

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Nothing,
    Text,
    Number,
    Date,
    Logical,
    Error(ErrorKind),
    List,
}

fn tell(call: &Call<'_>, is: fn(What) -> bool) -> Chunk {
    Chunk::full(Vector::Bool(whats(call).map(is).collect::<Bitmap>()))
}

/// What the first argument is in each row; a list of one, as a lookup gives, is what its item is.
fn whats(call: &Call<'_>) -> impl Iterator<Item = What> {
    let arg = &call.args[0];
    (0..call.len).map(move |row| {
        let at = arg.at(row);
        match arg.chunk.lists() {
            _ if arg.chunk.error(at).is_some() => what(&arg.chunk, at),
            Some(_) if !arg.is_valid(row) => What::Nothing,
            Some(lists) => match lists.range(at) {
                range if range.len() == 1 => what(lists.items(), range.start),
                range if range.is_empty() => What::Nothing,
                _ => What::List,
            },
            None => what(&arg.chunk, at),
        }
    })
}

fn what(chunk: &Chunk, at: usize) -> What {
    if let Some(error) = chunk.error(at) {
        return What::Error(error.kind);
    }
    match chunk.kind() {
        _ if !chunk.is_valid(at) => What::Nothing,
        Kind::Text | Kind::Choice => What::Text,
        Kind::Number => What::Number,
        Kind::Date => What::Date,
        Kind::Bool => What::Logical,
        Kind::List(_) => What::List,
    }
}

fn number_of(row: Row<'_>) -> Given<f64> {
    let Some((items, at)) = row.single(0) else { return Ok(0.0) };
    match (items.vector(), what(items, at)) {
        (Vector::Number(numbers), What::Number) => Ok(numbers[at]),
        (Vector::Bool(bits), What::Logical) => Ok(f64::from(u8::from(bits.get(at)))),
        (Vector::Date(dates), What::Date) => {
            Ok(Clock::of_civil(super::calendar::civil(dates[at], row.zone())?).serial())
        }
        (_, What::Error(_)) => super::args::no_error(items, at..at + 1).map(|()| 0.0),
        _ => Ok(0.0),
    }
}
