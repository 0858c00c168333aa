//! What commands answered, as the ops that asked for it want it (`docs/protocol.md` section 3).

use engine::{Ids, Outcome, Snapshot, TableId};
use serde_json::{Value as Json, json};

/// What of an op is needed to write its result.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Its name.
    pub op: String,
    /// The table of the records that it names, where the outcome does not say it.
    pub table: TableId,
}

/// `results` and `skipped` of a batch of such ops.
pub fn results(snapshot: &Snapshot, asked: &[Asked], outcomes: &[Outcome]) -> (Vec<Json>, Vec<Json>) {
    let mut skipped = Vec::new();
    let results =
        outcomes.iter().zip(asked).map(|(outcome, asked)| result(snapshot, asked, outcome, &mut skipped));
    (results.collect(), skipped)
}

fn result(snapshot: &Snapshot, asked: &Asked, outcome: &Outcome, skipped: &mut Vec<Json>) -> Json {
    let ids = snapshot.ids();
    let records = |table: TableId, of: &Ids| of.iter().map(|id| ids.record(table, id)).collect::<Vec<_>>();
    match outcome {
        Outcome::Done => json!({}),
        Outcome::Table { table, fields, view } => json!({
            "table": ids.table(*table),
            "fields": fields.iter().map(|field| ids.field(*field)).collect::<Vec<_>>(),
            "view": ids.view(*view),
        }),
        Outcome::Field { field, symmetric: Some(other) } => {
            json!({ "field": ids.field(*field), "symmetric": ids.field(*other) })
        }
        Outcome::Field { field, symmetric: None } => json!({ "field": ids.field(*field) }),
        Outcome::Converted { converted, blank, n_failed, failed } => {
            let failed: Vec<_> = failed
                .iter()
                .take(100)
                .map(|(record, text)| json!({ "record": ids.record(asked.table, *record), "text": text }))
                .collect();
            json!({ "converted": converted, "blank": blank, "failed": failed, "n_failed": n_failed })
        }
        Outcome::Records { table, created, updated, failed } => match asked.op.as_str() {
            "cells.paste" => json!({
                "created": records(*table, created),
                "failed": failed
                    .iter()
                    .map(|(row, column, message)| json!({ "row": row, "column": column, "message": message }))
                    .collect::<Vec<_>>(),
            }),
            "records.upsert" => {
                json!({ "created": records(*table, created), "updated": records(*table, updated) })
            }
            "records.create" => json!({ "records": records(*table, created) }),
            _ => json!({}),
        },
        Outcome::View(view) => json!({ "view": ids.view(*view) }),
        Outcome::Dashboard(dashboard) => json!({ "dashboard": ids.dashboard(*dashboard) }),
        Outcome::Automation(automation) => json!({ "automation": ids.automation(*automation) }),
        Outcome::Undone { version, skipped: left } => {
            for (table, field, record) in left {
                skipped.push(json!({
                    "table": ids.table(*table),
                    "field": field.map(|field| ids.field(field)),
                    "record": record.map(|record| ids.record(*table, record)),
                    "why": "somebody changed it since",
                }));
            }
            json!({ "undone": version })
        }
    }
}
