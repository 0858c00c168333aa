//! `duration`: a span of time in seconds, shown as `h:mm` or `h:mm:ss`.
//!
//! Typed, `1:30` is an hour and a half whatever the format; a bare number counts the smallest unit that the
//! format shows; and units may be written out: `2h`, `90m`, `1 h 30 min`, `1小时30分`.

use std::fmt::Write;

use formulas::column::Kind;
use formulas::{Type, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::figures::{push_number, read_number};
use super::given::{self, Given, to_json};
use super::number::{NUMBER_OPERATORS, finite};
use super::words::{expected, narrow};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Duration;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DurationOptions {
    format: String,
}

impl Default for DurationOptions {
    fn default() -> Self {
        Self { format: MINUTES.to_owned() }
    }
}

const MINUTES: &str = "h:mm";
const SECONDS: &str = "h:mm:ss";
/// Beyond it the seconds of an `f64` are no longer whole, and nobody counts hours.
const WHOLE_SECONDS_MAX: f64 = 9_007_199_254_740_992.0;

impl FieldType for Duration {
    fn name(&self) -> &'static str {
        "duration"
    }

    fn doc(&self) -> &'static str {
        "A span of time in hours, minutes and seconds."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["format"])?;
        let format = given.one_of("format", &[MINUTES, SECONDS])?.unwrap_or(MINUTES);
        Ok(to_json(&DurationOptions { format: format.to_owned() }))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Number)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Number
    }

    fn acceptor<'f>(&self, field: &'f Field, _stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        Box::new(Durations { seconds: shows_seconds(field), buffer: String::new() })
    }

    fn printer<'f>(&self, field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintDuration { seconds: shows_seconds(field) })
    }

    fn operators(&self) -> &'static [&'static str] {
        NUMBER_OPERATORS
    }
}

fn shows_seconds(field: &Field) -> bool {
    given::stored::<DurationOptions>(field).format == SECONDS
}

struct Durations {
    seconds: bool,
    buffer: String,
}

impl Acceptor for Durations {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        match input {
            Input::Blank => Ok(Value::Blank),
            Input::Number(number) => finite(*number).map(Value::Number),
            Input::Text(text) if context.typecast => {
                let text = narrow(text, &mut self.buffer);
                if text.is_empty() {
                    return Ok(Value::Blank);
                }
                let unit = if self.seconds { 1.0 } else { 60.0 };
                let seconds = read_duration(text, unit).and_then(|seconds| finite(seconds).ok());
                seconds
                    .map(Value::Number)
                    .ok_or_else(|| expected("a duration such as 1:30, 1:02:03, 90m or 2h", input))
            }
            other => Err(expected("a number of seconds", other)),
        }
    }
}

/// Seconds; a number without a unit counts `unit` seconds.
fn read_duration(text: &str, unit: f64) -> Option<f64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text),
    };
    let seconds = if text.contains(':') {
        read_clock(text)
    } else {
        read_bare(text).map(|number| number * unit).or_else(|| read_units(text))
    };
    seconds.filter(|seconds| *seconds >= 0.0).map(|seconds| sign * seconds)
}

/// A number without a unit; `¥90` and `90%` are no durations.
fn read_bare(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b".,e+-".contains(&byte));
    plain.then(|| read_number(text, false))?
}

/// `h:mm`, `h:mm:ss` or `h:mm:ss.s`
fn read_clock(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hours = part(parts.next()?, usize::MAX)?;
    let minutes = part(parts.next()?, 2)?;
    let seconds = match parts.next() {
        None => 0.0,
        Some(text) => match text.split_once('.') {
            None => part(text, 2)?,
            Some((whole, rest)) => {
                part(whole, 2)?;
                part(rest, 9)?;
                text.parse().ok()?
            }
        },
    };
    parts.next().is_none().then_some(hours * 3_600.0 + minutes * 60.0 + seconds)
}

fn part(text: &str, digits_max: usize) -> Option<f64> {
    let fits =
        (1..=digits_max.min(16)).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// Units by their words, the longer ones of one beginning first.
const UNITS: &[(&str, f64)] = &[
    ("days", 86_400.0),
    ("day", 86_400.0),
    ("d", 86_400.0),
    ("天", 86_400.0),
    ("hours", 3_600.0),
    ("hour", 3_600.0),
    ("hrs", 3_600.0),
    ("hr", 3_600.0),
    ("h", 3_600.0),
    ("个小时", 3_600.0),
    ("小时", 3_600.0),
    ("时", 3_600.0),
    ("minutes", 60.0),
    ("minute", 60.0),
    ("mins", 60.0),
    ("min", 60.0),
    ("m", 60.0),
    ("分钟", 60.0),
    ("分", 60.0),
    ("seconds", 1.0),
    ("second", 1.0),
    ("secs", 1.0),
    ("sec", 1.0),
    ("s", 1.0),
    ("秒钟", 1.0),
    ("秒", 1.0),
];

/// `1h 30m`: numbers with units, each smaller than the one before.
fn read_units(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut sum = 0.0;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let (number, after) = number_and_rest(rest)?;
        let word = |(word, _): &&(&str, f64)| {
            after.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let (word, unit) = UNITS.iter().find(word)?;
        if *unit >= last {
            return None;
        }
        (last, sum) = (*unit, sum + number * unit);
        rest = after[word.len()..].trim_start();
    }
    last.is_finite().then_some(sum)
}

/// The number that a text begins with, and what follows it.
fn number_and_rest(text: &str) -> Option<(f64, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if end > 0 && matches!(bytes.get(end), Some(b'e')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let n_digits = digits((end + 1 + sign).min(bytes.len()));
        end += if n_digits > 0 { 1 + sign + n_digits } else { 0 };
    }
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

struct PrintDuration {
    seconds: bool,
}

impl Printer for PrintDuration {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Number(seconds) = value {
            push_duration(out, *seconds, self.seconds);
        }
    }
}

/// Nothing is rounded: seconds are shown where there are some, and parts of seconds as a number of them.
fn push_duration(out: &mut String, seconds: f64, show_seconds: bool) {
    if seconds.fract() != 0.0 || seconds.abs() >= WHOLE_SECONDS_MAX {
        push_number(out, seconds);
        out.push('s');
        return;
    }
    let whole = seconds.abs() as u64;
    let sign = if seconds < 0.0 { "-" } else { "" };
    let _ = write!(out, "{sign}{}:{:02}", whole / 3_600, whole / 60 % 60);
    if show_seconds || !whole.is_multiple_of(60) {
        let _ = write!(out, ":{:02}", whole % 60);
    }
}
