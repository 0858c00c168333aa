//! `kanban`: records as cards in the columns of a select, a person or a link.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Kanban;

impl ViewKind for Kanban {
    fn name(&self) -> &'static str {
        "kanban"
    }

    fn doc(&self) -> &'static str {
        "Records as cards that are dragged between the options of a field."
    }

    fn default_settings(&self, stored: &Stored, table: TableId) -> Json {
        settings::guessed(stored, table, "kanban", "field", settings::is_choice)
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("kanban"))? else { return Ok(()) };
        crate::query::read::known_keys(own, &["field", "cards"], "\"kanban\"")?;
        let what = "a select, person or link field whose options are the columns";
        settings::fitting_field(stored, table, own, "field", what, settings::is_choice)?;
        settings::fields(stored, table, own, "cards")
    }
}
