//! `calendar`: records on the days of a month.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Calendar;

impl ViewKind for Calendar {
    fn name(&self) -> &'static str {
        "calendar"
    }

    fn doc(&self) -> &'static str {
        "Records on the days of a calendar."
    }

    fn default_settings(&self, stored: &Stored, table: TableId) -> Json {
        settings::guessed(stored, table, "calendar", "start", settings::is_date)
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("calendar"))? else { return Ok(()) };
        crate::query::read::known_keys(own, &["start", "end", "color"], "\"calendar\"")?;
        settings::fitting_field(stored, table, own, "start", "a date field", settings::is_date)?;
        settings::fitting_field(stored, table, own, "end", "a date field", settings::is_date)?;
        settings::field_of(stored, table, own, "color").map(|_| ())
    }
}
