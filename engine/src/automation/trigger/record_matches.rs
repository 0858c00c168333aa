//! `recordMatches`: a record begins to match a filter: it did not before a commit and does after it. A new
//! record that matches counts, one that is brought back does not. When the filter itself is edited nothing
//! begins to match.

use formulas::{RecordSet, TableId};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::{bind, config, filter, table_of};
use super::{Step, Trigger, TriggerKind};
use crate::query::Query;
use crate::state::Stored;

/// See the module's head.
pub(super) struct RecordMatches;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    table: String,
    filter: Json,
}

impl TriggerKind for RecordMatches {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "recordMatches",
            doc: "When a record begins to match a condition.",
            example: r#"{"kind": "recordMatches", "table": "tbl…", "filter": {"field": "fld…", "op": "is", "value": "Done"}}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored) -> Result<Box<dyn Trigger>, String> {
        let config: Config = config(json)?;
        let table = table_of(stored, &config.table)?;
        let filter = filter(&config.filter, table, stored)?.ok_or("\"filter\" has no condition")?;
        Ok(Box::new(Matches { table, filter }))
    }
}

struct Matches {
    table: TableId,
    filter: Query,
}

impl Trigger for Matches {
    fn table(&self) -> Option<TableId> {
        Some(self.table)
    }

    fn records(&self, step: &Step<'_>) -> Result<RecordSet, String> {
        let after = bind(&self.filter, step.after, step.owner, step.now_ms)?;
        // A record can only begin to match where something that the filter reads was touched: its own cells,
        // computed ones included. Titles of linked records are the one exception, so links count as read whole.
        let mut candidates = step.created(self.table);
        for (field, records) in step.touched {
            if step.after.field(*field).is_some_and(|def| def.table == self.table) {
                candidates.union_with(records);
            }
        }
        let candidates = candidates.intersection(&step.after.alive(self.table));
        let candidates = candidates.difference(&step.restored(self.table));
        let now: Vec<_> = candidates.iter().filter(|record| after.matches(step.after, *record)).collect();
        if now.is_empty() {
            return Ok(RecordSet::new());
        }
        // A filter that did not fit the base before (a field came with this commit) matched nothing.
        let before = bind(&self.filter, step.before, step.owner, step.now_ms).ok();
        let matched = |record| before.as_ref().is_some_and(|plan| plan.matches(step.before, record));
        Ok(now.into_iter().filter(|record| !matched(*record)).collect())
    }
}
