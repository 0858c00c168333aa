//! `createRecord`: makes a record.

use formulas::TableId;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::super::KindInfo;
use super::super::definition::{config, table_of};
use super::super::given::Cells;
use super::super::work::Work;
use super::{Action, ActionKind};
use crate::state::Stored;

/// See the module's head.
pub(super) struct CreateRecord;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    table: String,
    fields: Map<String, Json>,
}

impl ActionKind for CreateRecord {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "createRecord",
            doc: "Makes a record in a table.",
            example: r#"{"kind": "createRecord", "table": "tbl…", "fields": {"fld…": "Follow up on {{Name}}", "fld…": {"formula": "{Due} + 7"}}}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored, from: Option<TableId>) -> Result<Box<dyn Action>, String> {
        let config: Config = config(json)?;
        let table = table_of(stored, &config.table)?;
        Ok(Box::new(Create { table, cells: Cells::read(&config.fields, table, from, stored)? }))
    }
}

struct Create {
    table: TableId,
    cells: Cells,
}

impl Action for Create {
    fn act(&self, work: &mut Work) -> Result<(), String> {
        let cells = self.cells.inputs(work)?;
        work.create(self.table, cells).map(|_| ())
    }
}
