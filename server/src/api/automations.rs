//! Runs of automations, dry runs, scripts, and the key that signs what goes out.

use axum::Json;
use axum::extract::State;
use engine::automation::{Run, RunStatus};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member, OfAutomation};
use crate::time::rfc3339;

/// Runs of one answer.
const RUNS_MAX: usize = 100;

/// What a dry run is tried on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRun {
    /// `rec…`
    record: Option<String>,
}

/// A script that somebody types.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    script: String,
}

pub(crate) async fn runs(member: Member, OfAutomation(automation): OfAutomation) -> Json<Json_> {
    let snapshot = member.snapshot();
    let runs = snapshot.stored().automation.runs.values().rev().filter(|run| run.automation == automation);
    Json(runs.take(RUNS_MAX).map(|run| shown(run, &snapshot)).collect())
}

fn shown(run: &Run, snapshot: &engine::Snapshot) -> Json_ {
    let mut json = json!({
        "id": run.id.to_string(),
        "time": rfc3339(run.time_ms),
        "status": match run.status {
            RunStatus::Done => "done",
            RunStatus::Failed => "failed",
            RunStatus::Skipped => "skipped",
        },
        "cause": run.record.map_or("schedule", |_| "record"),
        "log": run.log,
        "changes": run.n_changes,
        "effects": run.n_effects,
        "duration_ms": run.duration_ms,
    });
    if let Some((table, record)) = run.record {
        json["table"] = json!(snapshot.ids().table(table));
        json["record"] = json!(snapshot.ids().record(table, record));
    }
    if !run.message.is_empty() {
        json["error"] = json!(run.message);
    }
    json
}

pub(crate) async fn test(
    _member: Member,
    OfAutomation(_automation): OfAutomation,
    Body(test): Body<TestRun>,
) -> Answer<Json<Json_>> {
    let _ = test.record;
    Err(Problem::invalid("this server cannot run automations yet"))
}

pub(crate) async fn check_script(_member: Member, Body(script): Body<Script>) -> Answer<Json<Json_>> {
    let _ = script.script;
    Err(Problem::invalid("this server cannot run scripts yet"))
}

pub(crate) async fn secret(State(app): State<App>, member: Member) -> Answer<Json<Json_>> {
    let key = crate::deliver::signing_key(&app, &member.app_id).map_err(Problem::internal)?;
    Ok(Json(json!({ "secret": format!("whsec_{}", crate::secret::base64(&key)) })))
}
