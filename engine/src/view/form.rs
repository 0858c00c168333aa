//! `form`: a page on which people enter a record.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::query::read;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Form;

impl ViewKind for Form {
    fn name(&self) -> &'static str {
        "form"
    }

    fn doc(&self) -> &'static str {
        "A page on which people enter new records."
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("form"))? else { return Ok(()) };
        read::known_keys(own, &["title", "description", "submit", "thanks", "required"], "\"form\"")?;
        for key in ["title", "description", "submit", "thanks"] {
            settings::text(own, key)?;
        }
        settings::fields(stored, table, own, "required")
    }
}
