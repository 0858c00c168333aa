//! [`Variant`]: functions that give something else in some dialects. What each gives and why is in
//! `docs/decisions/005-dialects.md`.
//!
//! The checker chooses, so that evaluation never asks for the dialect again. To add one, write a `const` and a line in
//! [`ALL`]; the function itself is what the dialects without a variant get.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::Weekday;

use super::args::{Call, Given, Row, not_a_number, refuse};
use super::calendar::{civil, weekday};
use super::date::day_in;
use super::pattern::scaled;
use super::regex::extracted;
use super::{Entry, Eval, Function, Signature, entry};
use crate::column::{Bitmap, Chunk, Kind, ListVector, TextBuilder, Vector};
use crate::dialect::Dialect;
use crate::error::{CellError, ErrorKind};
use crate::eval::excerpt;

/// What a function is in some dialects.
#[derive(Debug)]
pub struct Variant {
    /// The name by which formulas call it.
    pub of: &'static str,
    /// In which dialects.
    pub dialects: &'static [Dialect],
    /// What it is there: signature, doc and examples.
    pub function: &'static Function,
    /// Whether it is given the function's result, and not its arguments: an aggregate stays one that can be kept up to
    /// date item by item.
    pub(crate) after: bool,
}

const AIRTABLE: &[Dialect] = &[Dialect::Airtable];
const FEISHU: &[Dialect] = &[Dialect::Feishu];
const EXCEL: &[Dialect] = &[Dialect::Excel];
const NOT_AIRTABLE: &[Dialect] = &[Dialect::Feishu, Dialect::Excel];

const ALL: &[Variant] = &[
    instead("ROUND", AIRTABLE, &ROUND),
    instead("INT", FEISHU, &INT),
    instead("DAYS", FEISHU, &DAYS),
    instead("ARRAYJOIN", FEISHU, &ARRAYJOIN),
    instead("DATE", EXCEL, &DATE),
    instead("REGEX_EXTRACT", EXCEL, &REGEX_EXTRACT),
    instead("WEEKDAY", NOT_AIRTABLE, &WEEKDAY),
    instead("WEEKNUM", NOT_AIRTABLE, &WEEKNUM),
    instead("DATEDIF", NOT_AIRTABLE, &DATEDIF),
    instead("SEARCH", EXCEL, &SEARCH),
    instead("TRIM", EXCEL, &TRIM),
    instead("ISBLANK", EXCEL, &ISBLANK),
    instead("COUNTA", EXCEL, &COUNTA),
    after("AVERAGE", EXCEL, &AVERAGE),
    after("MEDIAN", EXCEL, &MEDIAN),
    after("MIN", EXCEL, &MIN),
    after("MAX", EXCEL, &MAX),
    after("PRODUCT", EXCEL, &PRODUCT),
];

const fn instead(of: &'static str, dialects: &'static [Dialect], function: &'static Function) -> Variant {
    Variant { of, dialects, function, after: false }
}

const fn after(of: &'static str, dialects: &'static [Dialect], function: &'static Function) -> Variant {
    Variant { of, dialects, function, after: true }
}

/// All variants of functions.
pub fn variants() -> &'static [Variant] {
    ALL
}

/// What the function of this name, which is its own and no alias, is in a dialect, if it is something else.
pub(crate) fn variant(name: &str, dialect: Dialect) -> Option<(&'static Variant, &'static Entry)> {
    type Known = HashMap<&'static str, Vec<(&'static Variant, Entry)>>;
    static KNOWN: LazyLock<Known> = LazyLock::new(|| {
        let mut known = Known::new();
        for variant in ALL {
            let signature = Arc::new(Signature::parse(variant.function.signature));
            let entry = Entry { function: variant.function, signature };
            known.entry(variant.of).or_default().push((variant, entry));
        }
        known
    });
    let found = KNOWN.get(name)?.iter().find(|(variant, _)| variant.dialects.contains(&dialect));
    found.map(|(variant, entry)| (*variant, entry))
}

const ROUND: Function = Function {
    name: "ROUND (Airtable)",
    signature: "(number, digits: number = 0) -> number",
    doc: "Rounded to so many decimals, halves up, towards positive infinity.",
    examples: &[("ROUND(2.345, 2)", "2.35"), ("ROUND(-2.5)", "-2"), ("ROUND(-2.51)", "-3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| Ok(scaled(row.number(0), row.whole(1).clamp(-308, 400) as i32, half_up)))
    }),
};

const INT: Function = Function {
    name: "INT (Feishu)",
    signature: "(number) -> number",
    doc: "The number without its decimals.",
    examples: &[("INT(1.9)", "1"), ("INT(-1.1)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).trunc()))),
};

const DAYS: Function = Function {
    name: "DAYS (Feishu)",
    signature: "(end: date, start: date) -> number",
    doc: "Days from `start` to `end`, with the time of day as a fraction.",
    examples: &[(r#"DAYS(DATETIME_PARSE("2024-03-02 12:00"), DATE(2024, 3, 1))"#, "1.5")],
    eval: Eval::Rows(|call| {
        const DAY_MS: f64 = 86_400_000.0;
        call.numbers(|row| Ok((row.date(0) - row.date(1)) as f64 / DAY_MS))
    }),
};

const ARRAYJOIN: Function = Function {
    name: "ARRAYJOIN (Feishu)",
    signature: r#"(values: texts, delimiter: text = ",") -> text"#,
    doc: "The items as text with `delimiter` between them; blank ones are left out.",
    examples: &[("ARRAYJOIN(LIST(1, 2))", r#""1,2""#), (r#"ARRAYJOIN(LIST(1, 2), "-")"#, r#""1-2""#)],
    eval: Eval::Rows(|call| plain("ARRAYJOIN", call)),
};

const DATE: Function = Function {
    name: "DATE (since 1900)",
    signature: "(year: number, month: number, day: number) -> day",
    doc: "A day; years from 0 to 1899 are counted from 1900 on.",
    examples: &[("DATE(108, 1, 2)", "2008-01-02"), ("DATE(2008, 14, 2)", "2009-02-02")],
    eval: Eval::Rows(|call| {
        call.dates(|row| match row.whole(0) {
            year @ 0..=1899 => day_in(year + 1900, row.whole(1), row.whole(2)).map(Some),
            year @ 1900..=9999 => day_in(year, row.whole(1), row.whole(2)).map(Some),
            year => not_a_number(format!("a year is 0 to 9999, got {year}")),
        })
    }),
};

const REGEX_EXTRACT: Function = Function {
    name: "REGEX_EXTRACT (or nothing)",
    signature: "(text, pattern: text) -> text",
    doc: "What a regular expression finds first: its first group, or all of it; `#N/A` if it finds nothing.",
    examples: &[
        (r#"REGEX_EXTRACT("order 66", "\d+")"#, r#""66""#),
        (r#"ISNA(REGEXEXTRACT("order", "\d+"))"#, "true"),
    ],
    eval: Eval::Rows(|call| {
        extracted(call, || Err(CellError::new(ErrorKind::NotAvailable, "the pattern finds nothing")))
    }),
};

const WEEKDAY: Function = Function {
    name: "WEEKDAY (numbered)",
    signature: "(date, type: number = 1) -> number",
    doc: "The day of the week: from 1 for Sunday; of type 2 from 1 for Monday, of type 3 from 0 for Monday, of types 11 to 17 \
          from 1 for Monday to Sunday.",
    examples: &[
        ("WEEKDAY(DATE(2024, 3, 5))", "3"),
        ("WEEKDAY(DATE(2024, 3, 5), 2)", "2"),
        ("WEEKDAY(DATE(2024, 3, 5), 3)", "1"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (first, from) = match row.whole(1) {
                3 => (Weekday::Monday, 0),
                ty => (first_day(ty)?, 1),
            };
            let since = weekday(day_of(row)?) - i64::from(first.to_sunday_zero_offset());
            Ok((since.rem_euclid(7) + from) as f64)
        })
    }),
};

const WEEKNUM: Function = Function {
    name: "WEEKNUM (numbered)",
    signature: "(date, type: number = 1) -> number",
    doc: "The week of the year; weeks start on Sunday, of type 2 on Monday, of types 11 to 17 on Monday to Sunday; of type 21 it \
          is the week of ISO 8601.",
    examples: &[
        ("WEEKNUM(DATE(2024, 1, 7))", "2"),
        ("WEEKNUM(DATE(2024, 1, 7), 2)", "1"),
        ("WEEKNUM(DATE(2024, 12, 31))", "53"),
        ("WEEKNUM(DATE(2023, 1, 1), 21)", "52"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| super::span::numbered_week(day_of(row)?, row.whole(1)))),
};

const DATEDIF: Function = Function {
    name: "DATEDIF (forward)",
    signature: r#"(start: date, end: date, unit: text = "D") -> number"#,
    doc: "Whole years (`Y`), months (`M`) or days (`D`) between; `MD`, `YM` and `YD` leave out the larger units. Fails with \
          `#NUM!` if `start` is after `end`.",
    examples: &[
        (r#"DATEDIF(DATE(2020, 5, 20), DATE(2024, 3, 5), "Y")"#, "3"),
        (r#"IFERROR(DATEDIF(DATE(2024, 3, 5), DATE(2020, 5, 20)), "no")"#, r#""no""#),
    ],
    eval: Eval::Rows(|call| {
        let between = plain("DATEDIF", call);
        let backward = call.bools(|row| match row.date(0) > row.date(1) {
            true => not_a_number("the start is after the end"),
            false => Ok(true),
        });
        if backward.errors().is_empty() { between } else { with_errors_of(&between, &backward) }
    }),
};

const SEARCH: Function = Function {
    name: "SEARCH (Excel)",
    signature: "(wanted: text, text, start: number = 1) -> number",
    doc: "The position of `wanted` in `text` from `start` on, in any case; `?` stands for a character, `*` for any number of them, \
          `~` before one of these three for itself. Fails with `#VALUE!` if it is not there.",
    examples: &[
        (r#"SEARCH("LO", "hello")"#, "4"),
        (r#"SEARCH("l?o", "hello")"#, "3"),
        (r#"IFERROR(SEARCH("x", "hello"), "no")"#, r#""no""#),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(search(row)? as f64))),
};

const TRIM: Function = Function {
    name: "TRIM (Excel)",
    signature: "(text) -> text",
    doc: "Without blanks at both ends, and with one in place of several between words.",
    examples: &[(r#"TRIM("  a   b ")"#, r#""a b""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            for word in row.text(0).split(' ').filter(|word| !word.is_empty()) {
                out.push_str(if out.is_empty() { "" } else { " " });
                out.push_str(word);
            }
            Ok(())
        })
    }),
};

const ISBLANK: Function = Function {
    name: "ISBLANK (Excel)",
    signature: "(value: any) -> bool",
    doc: "Whether there is nothing: a blank cell. The empty text is something.",
    examples: &[("ISBLANK(BLANK())", "true"), (r#"ISBLANK("")"#, "false"), ("ISBLANK(0)", "false")],
    eval: Eval::Rows(|call| {
        call.bools(|row| Ok(if row.is_list(0) { row.items(0).1.is_empty() } else { row.is_blank(0) }))
    }),
};

const COUNTA: Function = Function {
    name: "COUNTA (Excel)",
    signature: "(values: any...) -> number",
    doc: "How many values there are that are not blank; the empty text is one.",
    examples: &[(r#"COUNTA(1, "", BLANK(), "a")"#, "3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let each = (0..row.n_args()).map(|arg| row.items(arg));
            Ok(each.map(|(items, range)| range.filter(|at| items.is_valid(*at)).count()).sum::<usize>()
                as f64)
        })
    }),
};

const AVERAGE: Function = Function {
    name: "AVERAGE (Excel)",
    signature: "(values: numbers...) -> number",
    doc: "The mean of all numbers; `#DIV/0!` if there is none.",
    examples: &[("AVERAGE(1, 3)", "2"), (r#"IFERROR(AVERAGE(BLANK()), "none")"#, r#""none""#)],
    eval: Eval::Rows(|call| some_number(call, ErrorKind::DivZero)),
};

const MEDIAN: Function = Function {
    name: "MEDIAN (Excel)",
    signature: "(values: numbers...) -> number",
    doc: "The number in the middle; of two the mean; `#NUM!` if there is none.",
    examples: &[("MEDIAN(3, 1, 2)", "2"), (r#"IFERROR(MEDIAN(BLANK()), "none")"#, r#""none""#)],
    eval: Eval::Rows(|call| some_number(call, ErrorKind::Num)),
};

const MIN: Function = Function {
    name: "MIN (Excel)",
    signature: "(values: ordered...) -> ordered",
    doc: "The smallest number, 0 if there is none; or the earliest date.",
    examples: &[("MIN(3, 1, 2)", "1"), ("MIN(BLANK())", "0")],
    eval: Eval::Rows(or_zero),
};

const MAX: Function = Function {
    name: "MAX (Excel)",
    signature: "(values: ordered...) -> ordered",
    doc: "The largest number, 0 if there is none; or the latest date.",
    examples: &[("MAX(3, 1, 2)", "3"), ("MAX(BLANK())", "0")],
    eval: Eval::Rows(or_zero),
};

const PRODUCT: Function = Function {
    name: "PRODUCT (Excel)",
    signature: "(values: numbers...) -> number",
    doc: "The product of all numbers; 0 if there is none.",
    examples: &[("PRODUCT(2, 3)", "6"), ("PRODUCT(BLANK())", "0")],
    eval: Eval::Rows(or_zero),
};

/// Text in small letters, as Excel compares it.
pub(crate) const FOLDED: Function = Function {
    name: "(FOLDED)",
    signature: "(text) -> text",
    doc: "In small letters; blank stays blank.",
    examples: &[],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            out.extend(row.text(0).chars().flat_map(char::to_lowercase));
            Ok(!row.is_blank(0))
        })
    }),
};

/// The place of a value's kind in Excel's order: numbers, texts, true and false. Values of two kinds are never equal.
pub(crate) const RANK: Function = Function {
    name: "(RANK)",
    signature: "(value: any) -> number",
    doc: "0 for a number, 1 for a text, 2 for true and false.",
    examples: &[],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.items(0).0.kind() {
            Kind::Text => Ok(1.0),
            Kind::Bool => Ok(2.0),
            _ => Ok(0.0),
        })
    }),
};

/// True and false, or lists of them, as words.
pub(crate) const WORDS: Function = Function {
    name: "(WORDS)",
    signature: "(value: any) -> text",
    doc: "TRUE or FALSE; blank stays blank.",
    examples: &[],
    eval: Eval::Rows(|call| {
        let arg = &call.args[0];
        let words = match arg.chunk.vector() {
            Vector::List(lists) => {
                let items = words(lists.items());
                let vector = ListVector::from_parts(crate::column::Item::Text, lists.ends().to_vec(), items);
                Chunk::with_errors(
                    Vector::List(vector),
                    arg.chunk.valid().clone(),
                    arg.chunk.errors().to_vec(),
                )
            }
            _ => words(&arg.chunk),
        };
        words.gather((0..call.len).map(|row| arg.at(row)))
    }),
};

/// What `IFS` and `SWITCH` give in Excel where nothing fits.
pub(crate) const NO_MATCH: Function = Function {
    name: "(NO MATCH)",
    signature: "() -> any",
    doc: "#N/A.",
    examples: &[],
    eval: Eval::Rows(|call| {
        let error = Arc::new(CellError::new(ErrorKind::NotAvailable, "none of the conditions is true"));
        let errors = (0..call.len as u32).map(|row| (row, Arc::clone(&error))).collect();
        Chunk::with_errors(Vector::zeros(call.kind, call.len), Bitmap::filled(false, call.len), errors)
    }),
};

/// To the nearest whole number, of two the larger. A number that [`scaled`] has moved away from zero by some units in the
/// last place is half of a whole still.
fn half_up(number: f64) -> f64 {
    let is_half = (number.fract().abs() - 0.5).abs() <= number.abs() * 4.0 * f64::EPSILON;
    if number < 0.0 && is_half { number.trunc() } else { number.round() }
}

/// What the function itself gives.
fn plain(name: &str, call: &Call<'_>) -> Chunk {
    entry(name).expect("a variant is one of a function").function.run(call)
}

fn day_of(row: Row<'_>) -> Given<jiff::civil::Date> {
    Ok(civil(row.date(0), row.zone())?.date())
}

/// On which day the weeks of a type start.
fn first_day(ty: i64) -> Given<Weekday> {
    match ty {
        1 | 17 => Ok(Weekday::Sunday),
        2 | 11 => Ok(Weekday::Monday),
        12 => Ok(Weekday::Tuesday),
        13 => Ok(Weekday::Wednesday),
        14 => Ok(Weekday::Thursday),
        15 => Ok(Weekday::Friday),
        16 => Ok(Weekday::Saturday),
        _ => not_a_number(format!("{ty} is no type of weeks; 1 starts them on Sunday, 2 on Monday")),
    }
}

/// `cells`, failed where others failed.
fn with_errors_of(cells: &Chunk, others: &Chunk) -> Chunk {
    let mut out = cells.clone();
    for (row, error) in others.errors() {
        out.set(*row as usize, &crate::Value::Error(Arc::clone(error)));
    }
    out
}

/// The argument, an aggregate of numbers, which is blank if there were none.
fn some_number(call: &Call<'_>, kind: ErrorKind) -> Chunk {
    call.numbers(|row| match row.is_blank(0) {
        true => Err(CellError::new(kind, "there is no number")),
        false => Ok(row.number(0)),
    })
}

fn or_zero(call: &Call<'_>) -> Chunk {
    match call.kind {
        Kind::Number => call.numbers(|row| Ok(row.number(0))),
        _ => call.args[0].chunk.gather((0..call.len).map(|row| call.args[0].at(row))),
    }
}

fn words(bools: &Chunk) -> Chunk {
    let bits = bools.bools().expect("the checker gives booleans");
    let mut texts = TextBuilder::default();
    for row in 0..bools.len() {
        texts.push(match (bools.is_valid(row), bits.get(row)) {
            (false, _) => "",
            (true, true) => "TRUE",
            (true, false) => "FALSE",
        });
    }
    Chunk::with_errors(Vector::Text(texts.finish()), bools.valid().clone(), bools.errors().to_vec())
}

/// A character of a pattern; `None` for any one.
type Wanted = Option<char>;

fn search(row: Row<'_>) -> Given<usize> {
    /// As many as Excel takes; also bounds the work to so many comparisons for each character of the text.
    const PATTERN_CHARS_MAX: usize = 255;
    let (wanted, text) = (row.text(0), row.text(1));
    if wanted.chars().nth(PATTERN_CHARS_MAX).is_some() {
        return refuse(format!("what is searched has at most {PATTERN_CHARS_MAX} characters"));
    }
    let text: Vec<char> = text.chars().map(small).collect();
    let start = match row.whole(2) {
        start if start >= 1 && start as u64 <= text.len() as u64 + 1 => start as usize - 1,
        start => return refuse(format!("{start} is no position in a text of {} characters", text.len())),
    };
    match find(&pattern(wanted), &text, start) {
        Some(at) => Ok(at + 1),
        None => refuse(format!("{} is not in the text", excerpt(wanted))),
    }
}

fn small(char: char) -> char {
    char.to_lowercase().next().unwrap_or(char)
}

/// The parts of a pattern between its `*`.
fn pattern(wanted: &str) -> Vec<Vec<Wanted>> {
    let mut parts = vec![Vec::new()];
    let mut chars = wanted.chars().map(small).peekable();
    while let Some(char) = chars.next() {
        let last = parts.last_mut().expect("there is always one");
        match char {
            '*' => parts.push(Vec::new()),
            '?' => last.push(None),
            '~' => last.push(Some(chars.next_if(|next| matches!(next, '~' | '*' | '?')).unwrap_or('~'))),
            char => last.push(Some(char)),
        }
    }
    parts
}

/// The first place from which the text goes on with all parts in order. Where the later parts are not found behind one
/// place of the first part, they are not behind a later one either.
fn find(parts: &[Vec<Wanted>], text: &[char], start: usize) -> Option<usize> {
    let matches = |part: &[Wanted], at: usize| {
        let here = text.get(at..at + part.len());
        here.is_some_and(|here| {
            part.iter().zip(here).all(|(wanted, char)| wanted.is_none_or(|wanted| wanted == *char))
        })
    };
    let next = |part: &[Wanted], from: usize| (from..=text.len()).find(|at| matches(part, *at));
    let (first, rest) = parts.split_first()?;
    let at = next(first, start)?;
    let mut end = at + first.len();
    for part in rest {
        end = next(part, end)? + part.len();
    }
    Some(at)
}
