//! `date`: a day, or a day and a time.
//!
//! A cell is milliseconds UTC, for a day without time those of its midnight UTC. A text without a zone is read
//! on the clocks of the base's time zone; the format is only how clients show the cell.

use formulas::column::Kind;
use formulas::{Type, Value};
#[cfg(test)]
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::given::{Given, to_json, wrong};
use super::moment::{
    Moment, Unread, day_ms, day_of, exact_day, exact_time, push_day, push_time, read_moment, today,
    zone_named,
};
use super::words::{expected, narrow};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Date;

/// How dates are shown; also of formulas.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateOptions {
    /// Whether the time of day is shown and meant.
    pub(super) time: bool,
    /// A pattern of `YYYY`, `YY`, `MM`, `M`, `DD` and `D`.
    pub(super) format: String,
}

impl Default for DateOptions {
    fn default() -> Self {
        Self { time: false, format: "YYYY-MM-DD".to_owned() }
    }
}

/// Bytes of a pattern.
const FORMAT_BYTES_MAX: usize = 40;

impl FieldType for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn doc(&self) -> &'static str {
        "A date, or a date and a time."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["time", "format"])?;
        let usual = DateOptions::default();
        let time = given.bool("time")?.unwrap_or(usual.time);
        let format = match given.text("format", FORMAT_BYTES_MAX, "a pattern such as \"YYYY-MM-DD\"")? {
            None => usual.format,
            Some(format) if is_pattern(format) => format.to_owned(),
            Some(format) => return Err(wrong("format", "a pattern such as \"YYYY-MM-DD\"", &format.into())),
        };
        Ok(to_json(&DateOptions { time, format }))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Date)
    }

    fn formula_type(&self, field: &Field, _schema: &Schema) -> Type {
        Type::Date { time: has_time(field) }
    }

    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let zone = zone_named(&stored.info.time_zone);
        Box::new(Dates { time: has_time(field), zone, buffer: String::new() })
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        let zone = has_time(field).then(|| zone_named(&stored.info.time_zone));
        Box::new(PrintDate { zone })
    }

    fn operators(&self) -> &'static [&'static str] {
        DATE_OPERATORS
    }
}

/// The operators of all types with date cells.
pub(super) const DATE_OPERATORS: &[&str] = &[
    "is",
    "isNot",
    "isBefore",
    "isAfter",
    "isOnOrBefore",
    "isOnOrAfter",
    "isWithin",
    "isEmpty",
    "isNotEmpty",
];

/// Whether a date field has times. Without parsing all options: storage and types are asked for often.
pub(super) fn has_time(field: &Field) -> bool {
    field.options.get("time").and_then(Json::as_bool).unwrap_or(false)
}

/// Whether a format has a part of a date and no letters beside those.
fn is_pattern(format: &str) -> bool {
    let letters = |char: char| char.is_ascii_alphabetic();
    let mut words = format.split(|char| !letters(char)).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some()
        && words.all(|word| ["YYYY", "YY", "MM", "M", "DD", "D"].contains(&word))
        && !format.contains(char::is_control)
}

struct Dates {
    time: bool,
    zone: TimeZone,
    buffer: String,
}

impl Acceptor for Dates {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        let text = match input {
            Input::Blank => return Ok(Value::Blank),
            Input::Text(text) if !context.typecast => return self.exact(text, input),
            Input::Text(text) => narrow(text, &mut self.buffer),
            other => return Err(expected(self.wanted(), other)),
        };
        if text.is_empty() {
            return Ok(Value::Blank);
        }
        if let Some(day) = exact_day(text) {
            // The usual form of files, and of our own texts.
            return Ok(self.cell(Moment::Day(day)));
        }
        let moment = read_moment(text, || today(context.now_ms, &self.zone));
        match moment {
            Ok(moment) => Ok(self.cell(moment)),
            Err(Unread::Because(why)) => Err(why),
            Err(Unread::Strange) if self.time => {
                Err(expected("a date and time such as 2026-06-18 14:30", input))
            }
            Err(Unread::Strange) => Err(expected("a date such as 2026-06-18", input)),
        }
    }
}

impl Dates {
    fn exact(&self, text: &str, input: &Input) -> Result<Value, String> {
        let moment = match self.time {
            true => exact_time(text).map(Moment::At),
            false => exact_day(text).map(Moment::Day),
        };
        moment.map(|moment| self.cell(moment)).ok_or_else(|| expected(self.wanted(), input))
    }

    /// A day for a field with times is its first moment; a time for a field without is its day here.
    fn cell(&self, moment: Moment) -> Value {
        let at = |local| self.zone.to_timestamp(local).unwrap_or_default();
        Value::Date(match (moment, self.time) {
            (Moment::Day(day), false) => day_ms(day),
            (Moment::Day(day), true) => at(day.to_datetime(jiff::civil::Time::midnight())).as_millisecond(),
            (Moment::Local(local), false) => day_ms(local.date()),
            (Moment::Local(local), true) => at(local).as_millisecond(),
            (Moment::At(at), false) => day_ms(self.zone.to_datetime(at).date()),
            (Moment::At(at), true) => at.as_millisecond(),
        })
    }

    const fn wanted(&self) -> &'static str {
        if self.time { "a time such as 2026-06-18T09:30:00Z" } else { "a date such as 2026-06-18" }
    }
}

struct PrintDate {
    /// `None` for a field without times.
    zone: Option<TimeZone>,
}

impl Printer for PrintDate {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Date(ms) = value {
            push_date(out, *ms, self.zone.as_ref());
        }
    }
}

/// Adds a date, with its time if a zone is given.
pub(super) fn push_date(out: &mut String, ms: i64, zone: Option<&TimeZone>) {
    match zone {
        Some(zone) => push_time(out, ms, zone),
        None => day_of(ms).into_iter().for_each(|day| push_day(out, day)),
    }
}

/// A moment as the wire writes it.
#[cfg(test)]
pub(super) fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default()
}
