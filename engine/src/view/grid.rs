//! `grid`: records as rows, fields as columns.

use formulas::TableId;
use serde_json::Value as Json;

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Grid;

impl ViewKind for Grid {
    fn name(&self) -> &'static str {
        "grid"
    }

    fn doc(&self) -> &'static str {
        "Records as rows and fields as columns, grouped, with a summary under each column."
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        settings::check(stored, table, given, None).map(|_| ())
    }
}
