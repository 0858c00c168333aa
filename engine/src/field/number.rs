//! `number`: plain, with separators of thousands, a percentage, an amount of money or a progress bar.
//!
//! The format is how a number is shown; the cell is the number itself, 0.45 for 45 %. Typed into a percent or
//! progress field, "45" and "45%" both mean 45 %, as in other spreadsheets; a number that is given as one
//! (not as text) is the fraction.

use formulas::column::Kind;
use formulas::{Type, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::figures::{CURRENCIES, push_number, push_percent, read_number};
use super::given::{self, Given, to_json, wrong};
use super::words::{expected, narrow};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Number;

/// How numbers are shown; also of formulas and rollups.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberOptions {
    /// One of [`FORMATS`].
    pub(super) format: String,
    /// Digits behind the point; as many as there are if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decimals: Option<u8>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<String>,
}

const FORMATS: &[&str] = &["plain", "thousands", "percent", "currency", "progress"];

impl NumberOptions {
    /// Reads and completes the options of a number.
    pub(super) fn read(given: &Json, stored: &Stored) -> Result<Self, String> {
        let given = Given::read(given, &["format", "decimals", "currency"])?;
        let format = given.one_of("format", FORMATS)?.unwrap_or("plain");
        let decimals = given.integer("decimals", 0..=8)?;
        let currency = match given.get("currency") {
            None => (format == "currency").then(|| usual_currency(&stored.info.locale)),
            Some(code) => {
                match code.as_str().and_then(|code| CURRENCIES.iter().find(|known| **known == code)) {
                    Some(code) => Some(*code),
                    None => return Err(wrong("currency", "a code of ISO 4217 such as \"CNY\"", code)),
                }
            }
        };
        Ok(Self { format: format.to_owned(), decimals, currency: currency.map(str::to_owned) })
    }

    /// Whether 0.45 is shown as 45 %.
    pub(super) fn is_percent(&self) -> bool {
        matches!(self.format.as_str(), "percent" | "progress")
    }

    /// Adds a number as a person would type it.
    pub(super) fn push(&self, out: &mut String, number: f64) {
        if self.is_percent() { push_percent(out, number) } else { push_number(out, number) }
    }
}

fn usual_currency(locale: &str) -> &'static str {
    match locale {
        "zh-TW" | "zh-Hant-TW" => "TWD",
        "zh-HK" | "zh-Hant-HK" => "HKD",
        "en-GB" => "GBP",
        _ if locale.starts_with("zh") => "CNY",
        _ if locale.starts_with("ja") => "JPY",
        _ if ["de", "fr", "es", "it", "nl"].contains(&locale) => "EUR",
        _ => "USD",
    }
}

impl FieldType for Number {
    fn name(&self) -> &'static str {
        "number"
    }

    fn doc(&self) -> &'static str {
        "A number, shown plain, with separators, as a percentage, an amount of money or a progress bar."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        NumberOptions::read(given, context.stored).map(|options| to_json(&options))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Number)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Number
    }

    fn acceptor<'f>(&self, field: &'f Field, _stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let percent = given::stored::<NumberOptions>(field).is_percent();
        Box::new(NumberCells { percent, buffer: String::new() })
    }

    fn printer<'f>(&self, field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintNumber(given::stored(field)))
    }

    fn operators(&self) -> &'static [&'static str] {
        NUMBER_OPERATORS
    }
}

/// The operators of all types with number cells.
pub(super) const NUMBER_OPERATORS: &[&str] =
    &["is", "isNot", "gt", "gte", "lt", "lte", "isEmpty", "isNotEmpty"];

struct NumberCells {
    percent: bool,
    buffer: String,
}

impl Acceptor for NumberCells {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        match input {
            Input::Blank => Ok(Value::Blank),
            Input::Number(number) => finite(*number).map(Value::Number),
            Input::Bool(bool) if context.typecast => Ok(Value::Number(f64::from(u8::from(*bool)))),
            Input::Text(text) if context.typecast => {
                let text = narrow(text, &mut self.buffer);
                if text.is_empty() {
                    return Ok(Value::Blank);
                }
                let number = read_number(text, self.percent);
                number.map(Value::Number).ok_or_else(|| expected(self.wanted(), input))
            }
            other => Err(expected("a number", other)),
        }
    }
}

impl NumberCells {
    const fn wanted(&self) -> &'static str {
        if self.percent { "a percentage such as 45 or 45%" } else { "a number such as 1234.5 or 1,234.5" }
    }
}

/// The number, if it is finite, and zero without a sign.
pub(super) fn finite(number: f64) -> Result<f64, String> {
    if !number.is_finite() {
        return Err("expects a finite number".into());
    }
    Ok(if number == 0.0 { 0.0 } else { number })
}

struct PrintNumber(NumberOptions);

impl Printer for PrintNumber {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Number(number) = value {
            self.0.push(out, *number);
        }
    }
}
