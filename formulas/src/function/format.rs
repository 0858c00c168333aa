//! Numbers and dates as texts in given formats, and back: Excel's `TEXT`, `FIXED`, `DOLLAR`, `NUMBERVALUE` …

use super::args::{Given, Row, refuse};
use super::calendar::civil;
use super::pattern::{Last, round_half_away, short_format};
use super::sheet_date::Clock;
use super::sheet_format::{SheetFormat, Shown};
use super::{Eval, Function, date_text, number_text, parse_number};
use crate::column::Vector;

pub(super) const ALL: &[&Function] = &[&TEXT, &FIXED, &DOLLAR, &NUMBERVALUE, &VALUETOTEXT];

const TEXT: Function = Function {
    name: "TEXT",
    signature: "(value: any, format: text) -> text",
    doc: "A number, a date or a text in a format of spreadsheets, such as `0.00`, `#,##0`, `0%` or `yyyy-mm-dd`.",
    examples: &[
        (r##"TEXT(1234.5, "#,##0.00")"##, r#""1,234.50""#),
        (r#"TEXT(0.256, "0.0%")"#, r#""25.6%""#),
        (r#"TEXT(DATE(2024, 3, 5), "yyyy-mm-dd")"#, r#""2024-03-05""#),
    ],
    eval: Eval::Rows(|call| {
        let formats: Last<SheetFormat> = Last::default();
        call.maybe_texts(|row, out| {
            let format = formats.get(row.text(1), |format| Ok(SheetFormat::new(short_format(format)?)))?;
            write(row, &format, out)
        })
    }),
};

const FIXED: Function = Function {
    name: "FIXED",
    signature: "(number, decimals: number = 2, no_commas: bool = FALSE) -> text",
    doc: "A number with so many decimals, rounded, and with commas between thousands.",
    examples: &[("FIXED(1234.567, 1)", r#""1,234.6""#), ("FIXED(-1234.567, -1, TRUE)", r#""-1230""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (number, decimals) = (row.number(0), decimals(row)?);
            let text = fixed(number.abs(), decimals, !row.is_true(2));
            if number < 0.0 && text.contains(|char: char| matches!(char, '1'..='9')) {
                out.push('-');
            }
            out.push_str(&text);
            Ok(())
        })
    }),
};

const DOLLAR: Function = Function {
    name: "DOLLAR",
    signature: "(number, decimals: number = 2) -> text",
    doc: "A number as an amount of dollars, negative ones in parentheses.",
    examples: &[("DOLLAR(1234.567)", r#""$1,234.57""#), ("DOLLAR(-1234.567, -2)", r#""($1,200)""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (number, decimals) = (row.number(0), decimals(row)?);
            let text = fixed(number.abs(), decimals, true);
            let negative = number < 0.0 && text.contains(|char: char| matches!(char, '1'..='9'));
            match negative {
                true => out.push_str(&format!("(${text})")),
                false => out.push_str(&format!("${text}")),
            }
            Ok(())
        })
    }),
};

const NUMBERVALUE: Function = Function {
    name: "NUMBERVALUE",
    signature: r#"(text, decimal: text = ".", group: text = ",") -> number"#,
    doc: "The number that a text says, with the given signs for decimals and between groups of digits.",
    examples: &[(r#"NUMBERVALUE("2.500,27", ",", ".")"#, "2500.27"), (r#"NUMBERVALUE("3.5%")"#, "0.035")],
    eval: Eval::Rows(|call| call.numbers(number_value)),
};

const VALUETOTEXT: Function = Function {
    name: "VALUETOTEXT",
    signature: "(value: any, strict: number = 0) -> text",
    doc: "Any value as text; with 1 behind it, texts in quotes.",
    examples: &[("VALUETOTEXT(1.5)", r#""1.5""#), (r#"VALUETOTEXT("a", 1)"#, r#""\"a\"""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let strict = row.number(1) == 1.0;
            let (items, range) = row.items(0);
            super::args::no_error(items, range.clone())?;
            for (nth, at) in range.enumerate() {
                if nth > 0 {
                    out.push_str(", ");
                }
                let text = match items.vector() {
                    _ if !items.is_valid(at) => String::new(),
                    Vector::Text(texts) if strict => format!("\"{}\"", texts.get(at).replace('"', "\"\"")),
                    Vector::Text(texts) => texts.get(at).to_owned(),
                    Vector::Number(numbers) => number_text(numbers[at]),
                    Vector::Bool(bits) => if bits.get(at) { "TRUE" } else { "FALSE" }.to_owned(),
                    Vector::Date(dates) => date_text(dates[at], dates[at] % super::calendar::DAY_MS != 0),
                    Vector::Choice(codes) => codes[at].to_string(),
                    Vector::List(_) => String::new(),
                };
                out.push_str(&text);
                if out.len() > crate::limits::TEXT_BYTES_MAX {
                    return Ok(());
                }
            }
            Ok(())
        })
    }),
};

/// Writes a value in a format; false for a blank date, which has none.
fn write(row: Row<'_>, format: &SheetFormat, out: &mut String) -> Given<bool> {
    let (items, range) = row.items(0);
    super::args::no_error(items, range.clone())?;
    let at = match range.len() {
        1 => range.start,
        n if n > 1 => return refuse(format!("one value is expected, the list has {n}")),
        _ => return Ok(false),
    };
    let valid = items.is_valid(at);
    match items.vector() {
        Vector::Date(_) if !valid => return Ok(false),
        _ if !valid => format.write(Shown::Number(0.0), out),
        Vector::Date(dates) => format.write(Shown::Date(Clock::of_civil(civil(dates[at], row.zone())?)), out),
        Vector::Number(numbers) => format.write(Shown::Number(numbers[at]), out),
        Vector::Bool(bits) => format.write(Shown::Text(if bits.get(at) { "TRUE" } else { "FALSE" }), out),
        Vector::Text(texts) => {
            let text = texts.get(at);
            match parse_number(text) {
                Some(number) => format.write(Shown::Number(number), out),
                None => format.write(Shown::Text(text), out),
            }
        }
        Vector::Choice(codes) => format.write(Shown::Number(f64::from(codes[at])), out),
        Vector::List(_) => return Ok(false),
    }
    Ok(true)
}

fn decimals(row: Row<'_>) -> Given<i32> {
    match row.whole(1) {
        n @ -127..=127 => Ok(n as i32),
        n => refuse(format!("a number has at most 127 decimals, got {n}")),
    }
}

/// A number that is not negative with so many decimals; negative ones round before the point.
fn fixed(number: f64, decimals: i32, commas: bool) -> String {
    let places = decimals.max(0) as usize;
    let text = format!("{:.places$}", round_half_away(number, decimals));
    if !commas {
        return text;
    }
    let (units, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (at, digit) in units.chars().enumerate() {
        if at > 0 && (units.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn number_value(row: Row<'_>) -> Given<f64> {
    let sign = |arg: usize| row.text(arg).chars().next();
    let (decimal, group) = (sign(1).unwrap_or('.'), sign(2));
    if group == Some(decimal) {
        return refuse("the signs for decimals and between groups are the same");
    }
    let (mut text, mut behind_point) = (String::new(), false);
    let failed = || refuse(format!("{} is not a number", crate::eval::excerpt(row.text(0))));
    for char in row.text(0).chars().filter(|char| !char.is_whitespace()) {
        if char == decimal {
            if std::mem::replace(&mut behind_point, true) {
                return failed();
            }
            text.push('.');
        } else if Some(char) == group {
            if behind_point {
                return failed();
            }
        } else {
            text.push(char);
        }
    }
    let digits = text.trim_end_matches('%');
    let percents = text.len() - digits.len();
    if text.is_empty() {
        return Ok(0.0);
    }
    let is_number =
        digits.chars().all(|char| char.is_ascii_digit() || matches!(char, '.' | '-' | '+' | 'e' | 'E'));
    match digits.parse::<f64>() {
        Ok(number) if is_number && number.is_finite() => Ok(number / 100f64.powi(percents as i32)),
        _ => failed(),
    }
}
