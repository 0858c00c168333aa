//! `recordCreated`: a record is made in a table.

use formulas::{RecordSet, TableId};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::{config, table_of};
use super::{Step, Trigger, TriggerKind};
use crate::state::Stored;

/// See the module's head.
pub(super) struct RecordCreated;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    table: String,
}

impl TriggerKind for RecordCreated {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "recordCreated",
            doc: "When a record is created in a table.",
            example: r#"{"kind": "recordCreated", "table": "tbl…"}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored) -> Result<Box<dyn Trigger>, String> {
        let config: Config = config(json)?;
        Ok(Box::new(Created(table_of(stored, &config.table)?)))
    }
}

struct Created(TableId);

impl Trigger for Created {
    fn table(&self) -> Option<TableId> {
        Some(self.0)
    }

    fn records(&self, step: &Step<'_>) -> Result<RecordSet, String> {
        Ok(step.created(self.0))
    }
}
