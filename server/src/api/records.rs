//! One record, and what happened to it.

use axum::Json;
use serde::Deserialize;
use serde_json::Value as Json_;

use crate::app::blocking;
use crate::error::{Answer, Problem};
use crate::extract::{Member, OfRecord, Params};
use crate::wire::{history, rows};

/// Lines of one answer.
const LINES_MAX: usize = 200;
/// Commits that are looked through for it.
const COMMITS_MAX: u64 = 50_000;
const BATCH: u64 = 1_000;

/// Before which version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    before: Option<u64>,
}

pub(crate) async fn show(member: Member, OfRecord(table, record): OfRecord) -> Answer {
    let snapshot = member.snapshot();
    if !snapshot.alive(table).contains(record) {
        return Err(Problem::not_found("record"));
    }
    let fields: Vec<_> = snapshot.schema().fields_of(table).map(|def| def.id).collect();
    Ok(rows::answer(rows::row(&snapshot, table, &fields, record)))
}

pub(crate) async fn history(
    member: Member,
    OfRecord(table, record): OfRecord,
    Params(page): Params<Page>,
) -> Answer<Json<Vec<Json_>>> {
    blocking(move || {
        let snapshot = member.snapshot();
        let mut upto =
            page.before.map_or(snapshot.version(), |before| before.saturating_sub(1)).min(snapshot.version());
        let oldest = upto.saturating_sub(COMMITS_MAX);
        let mut lines = Vec::new();
        while upto > oldest && lines.len() < LINES_MAX {
            let after = upto.saturating_sub(BATCH).max(oldest);
            let commits = member.base.commits_after(after, (upto - after) as usize);
            let commits = commits.map_err(|error| Problem::from_engine(&error, &snapshot))?;
            for commit in commits.iter().rev() {
                lines.extend(history::of_record(commit, table, record, &snapshot));
            }
            upto = after;
        }
        lines.truncate(LINES_MAX);
        Ok(Json(lines))
    })
    .await
}
