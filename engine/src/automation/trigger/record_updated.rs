//! `recordUpdated`: a cell of a record that was there becomes another, in any field or in chosen ones.

use formulas::{FieldId, RecordSet, TableId};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::{config, field_of, table_of};
use super::{Step, Trigger, TriggerKind};
use crate::field::{Storage, storage};
use crate::state::Stored;

/// See the module's head.
pub(super) struct RecordUpdated;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    table: String,
    fields: Option<Vec<String>>,
}

impl TriggerKind for RecordUpdated {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "recordUpdated",
            doc: "When a record changes, in chosen fields (computed ones too) or in any that people write.",
            example: r#"{"kind": "recordUpdated", "table": "tbl…", "fields": ["fld…"]}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored) -> Result<Box<dyn Trigger>, String> {
        let config: Config = config(json)?;
        let table = table_of(stored, &config.table)?;
        let fields = config.fields.unwrap_or_default();
        let fields = fields.iter().map(|id| field_of(stored, table, id)).collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(Updated { table, fields }))
    }
}

struct Updated {
    table: TableId,
    /// None: any that people write.
    fields: Vec<FieldId>,
}

impl Trigger for Updated {
    fn table(&self) -> Option<TableId> {
        Some(self.table)
    }

    fn records(&self, step: &Step<'_>) -> Result<RecordSet, String> {
        let written = |field: &FieldId| {
            let def = step.after.field(*field).filter(|def| def.table == self.table);
            def.is_some_and(|def| matches!(storage(def), Storage::Cells(_) | Storage::Link { .. }))
        };
        let mut found = RecordSet::new();
        if self.fields.is_empty() {
            let fields = step.touched.keys().filter(|field| written(field));
            fields.for_each(|field| found.union_with(&step.differing(*field, self.table)));
        } else {
            self.fields.iter().for_each(|field| found.union_with(&step.differing(*field, self.table)));
        }
        Ok(found)
    }
}
