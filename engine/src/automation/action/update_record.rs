//! `updateRecord`: writes cells of the trigger's record, or of all records of a table that match a filter.

use formulas::{RecordId, TableId};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::super::KindInfo;
use super::super::definition::{bind, config, filter, table_of};
use super::super::given::Cells;
use super::super::work::Work;
use super::{Action, ActionKind};
use crate::command::{Command, RecordUpdate};
use crate::query::Query;
use crate::state::Stored;

/// Records that one action writes to.
const RECORDS_MAX: usize = 10_000;

/// See the module's head.
pub(super) struct UpdateRecord;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    record: Json,
    fields: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Others {
    table: String,
    filter: Json,
}

impl ActionKind for UpdateRecord {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "updateRecord",
            doc: "Writes cells of the record that triggered, or of all records that match a condition.",
            example: r#"{"kind": "updateRecord", "record": "trigger", "fields": {"fld…": "Done"}}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored, from: Option<TableId>) -> Result<Box<dyn Action>, String> {
        let config: Config = config(json)?;
        let (table, which) = match &config.record {
            Json::String(text) if text == "trigger" => {
                (from.ok_or("\"record\" is \"trigger\", but this trigger has no record")?, None)
            }
            Json::Object(_) => {
                let others: Others = super::super::definition::config(&config.record)?;
                let table = table_of(stored, &others.table)?;
                let filter = filter(&others.filter, table, stored)?.ok_or("\"filter\" has no condition")?;
                (table, Some(filter))
            }
            _ => return Err("\"record\" is \"trigger\" or {\"table\": …, \"filter\": …}".into()),
        };
        Ok(Box::new(Update { table, which, cells: Cells::read(&config.fields, table, from, stored)? }))
    }
}

struct Update {
    table: TableId,
    /// `None`: the trigger's record.
    which: Option<Query>,
    cells: Cells,
}

impl Action for Update {
    fn act(&self, work: &mut Work) -> Result<(), String> {
        let records = self.records(work)?;
        if records.len() > RECORDS_MAX {
            let n = records.len();
            return Err(format!("an action writes to {RECORDS_MAX} records at most, and {n} match"));
        }
        let cells = self.cells.inputs(work)?;
        if records.is_empty() {
            return Ok(());
        }
        let update = |record| RecordUpdate { record, if_version: None, cells: cells.clone() };
        let records = records.into_iter().map(update).collect();
        work.draft.submit(Command::UpdateRecords { table: self.table, records, typecast: true }).map(|_| ())
    }
}

impl Update {
    fn records(&self, work: &mut Work) -> Result<Vec<RecordId>, String> {
        let Some(filter) = &self.which else {
            return Ok(work.record.map(|(_, record)| record).into_iter().collect());
        };
        let (owner, now_ms) = (work.automation.owner, work.now_ms);
        let snapshot = work.draft.snapshot();
        let plan = bind(filter, snapshot, owner, now_ms)?;
        Ok(plan.select(snapshot).records().into_iter().map(RecordId).collect())
    }
}
