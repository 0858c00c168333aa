//! The change feed: every commit after a version, in order; ask again from the last one.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::app::blocking;
use crate::error::{Answer, Problem};
use crate::extract::{Member, Params};
use crate::wire::history;

/// Commits of one answer.
const LIMIT_MAX: usize = 1_000;

/// From where, and how many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

pub(crate) async fn list(member: Member, Params(feed): Params<Feed>) -> Answer<Json<Json_>> {
    let limit = feed.limit.unwrap_or(100).clamp(1, LIMIT_MAX);
    blocking(move || {
        let snapshot = member.snapshot();
        let commits = member.base.commits_after(feed.after, limit);
        let commits = commits.map_err(|error| Problem::from_engine(&error, &snapshot))?;
        let commits: Vec<_> = commits.iter().map(|commit| history::commit(commit, &snapshot)).collect();
        Ok(Json(json!({ "version": snapshot.version(), "commits": commits })))
    })
    .await
}
