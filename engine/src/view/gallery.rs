//! `gallery`: records as cards of equal size.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Gallery;

impl ViewKind for Gallery {
    fn name(&self) -> &'static str {
        "gallery"
    }

    fn doc(&self) -> &'static str {
        "Records as large cards side by side."
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("gallery"))? else { return Ok(()) };
        crate::query::read::known_keys(own, &["cover", "cards"], "\"gallery\"")?;
        settings::field_of(stored, table, own, "cover")?;
        settings::fields(stored, table, own, "cards")
    }
}
