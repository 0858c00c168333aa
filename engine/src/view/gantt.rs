//! `gantt`: records as bars from a start to an end, with what each waits for.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::field::{self, Storage};
use crate::query::read;
use crate::state::Stored;
use crate::state::schema::Field;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Gantt;

impl ViewKind for Gantt {
    fn name(&self) -> &'static str {
        "gantt"
    }

    fn doc(&self) -> &'static str {
        "Records as bars on a time line, with progress and dependencies."
    }

    fn default_settings(&self, stored: &Stored, table: TableId) -> Json {
        settings::guessed(stored, table, "gantt", "start", settings::is_date)
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("gantt"))? else { return Ok(()) };
        let keys = ["start", "end", "progress", "depends", "color", "zoom", "critical", "milestones"];
        read::known_keys(own, &keys, "\"gantt\"")?;
        settings::fitting_field(stored, table, own, "start", "a date field", settings::is_date)?;
        settings::fitting_field(stored, table, own, "end", "a date field", settings::is_date)?;
        settings::fitting_field(stored, table, own, "progress", "a number field", settings::is_number)?;
        let itself = |field: &Field, _: &Stored| matches!(field::storage(field), Storage::Link { table: target, .. } if target == table);
        settings::fitting_field(stored, table, own, "depends", "a link field to the own table", itself)?;
        settings::field_of(stored, table, own, "color")?;
        settings::flag(own, "critical")?;
        settings::flag(own, "milestones")?;
        match own.get("zoom") {
            None | Some(Json::Null) => Ok(()),
            Some(Json::String(zoom)) if ["day", "week", "month"].contains(&zoom.as_str()) => Ok(()),
            Some(other) => {
                let got = read::short(other);
                Err(Refusal::invalid(format!("\"zoom\" is one of day, week, month; got {got}")))
            }
        }
    }
}
