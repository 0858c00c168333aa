//! `autoNumber`: the record's number in order of creation, as text with a prefix, a date and zeros in front.

use formulas::{RecordId, Type, Value};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::given::{self, Given, to_json};
use super::moment::{today, zone_named};
use super::number::NUMBER_OPERATORS;
use super::{FieldType, Kept, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct AutoNumber;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AutoNumberOptions {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
    /// Zeros are put in front up to so many digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digits: Option<u8>,
    /// Whether the day of creation stands before the number, as `20260618`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    date: bool,
}

/// Bytes of a prefix.
const PREFIX_BYTES_MAX: usize = 60;

impl FieldType for AutoNumber {
    fn name(&self) -> &'static str {
        "autoNumber"
    }

    fn doc(&self) -> &'static str {
        "A number for each record in order of creation."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["prefix", "digits", "date"])?;
        Ok(to_json(&AutoNumberOptions {
            prefix: given.text("prefix", PREFIX_BYTES_MAX, "a text")?.unwrap_or_default().to_owned(),
            digits: given.integer("digits", 1..=12)?,
            date: given.bool("date")?.unwrap_or(false),
        }))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Kept(Kept::Number)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Number
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        let zone = zone_named(&stored.info.time_zone);
        Box::new(PrintAutoNumber { options: given::stored(field), field, stored, zone })
    }

    fn operators(&self) -> &'static [&'static str] {
        NUMBER_OPERATORS
    }
}

struct PrintAutoNumber<'f> {
    options: AutoNumberOptions,
    field: &'f Field,
    stored: &'f Stored,
    zone: TimeZone,
}

impl Printer for PrintAutoNumber<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        let Value::Number(number) = value else { return };
        let number = *number as u32;
        out.push_str(&self.options.prefix);
        if self.options.date {
            self.push_day(number, out);
        }
        let width = self.options.digits.map_or(0, usize::from);
        out.push_str(&format!("{number:0width$}"));
    }
}

impl PrintAutoNumber<'_> {
    /// The day on which the record was created, on the clocks of the base.
    fn push_day(&self, number: u32, out: &mut String) {
        let Some(state) = self.stored.table(self.field.table) else { return };
        if let Value::Date(ms) = state.created_at.get(RecordId(number.saturating_sub(1))) {
            let day = today(ms, &self.zone);
            out.push_str(&format!("{:04}{:02}{:02}-", day.year(), day.month(), day.day()));
        }
    }
}
