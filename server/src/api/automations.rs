//! Runs of automations, dry runs, scripts, and the key that signs what goes out.

use axum::Json;
use axum::extract::State;
use engine::automation::script::Budget;
use engine::automation::{DryRun, Run, RunStatus, dry_run};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member, OfAutomation};
use crate::time::{now_ms, rfc3339};

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
    member: Member,
    OfAutomation(id): OfAutomation,
    Body(asked): Body<TestRun>,
) -> Answer<Json<Json_>> {
    blocking(move || {
        let snapshot = member.snapshot();
        let automation =
            snapshot.schema().automations.get(&id).ok_or_else(|| Problem::not_found("automation"))?;
        // The record is of the trigger's table, whichever that is.
        let tables = || snapshot.schema().tables.keys();
        let record = match asked.record.as_deref() {
            None => None,
            Some(text) => {
                let found = tables().find_map(|table| snapshot.ids().read_record(*table, text));
                Some(found.ok_or_else(|| Problem::not_found("record"))?)
            }
        };
        let started = std::time::Instant::now();
        let dry = dry_run(&member.base, automation, record, now_ms(), Budget::default());
        Ok(Json(shown_dry(&dry, started.elapsed().as_millis() as u64, &snapshot)))
    })
    .await
}

fn shown_dry(dry: &DryRun, duration_ms: u64, snapshot: &engine::Snapshot) -> Json_ {
    let ids = snapshot.ids();
    let changes = dry.changes.iter().map(|change| {
        json!({
            "table": ids.table(change.table),
            "record": ids.record(change.table, change.record),
            "field": change.field.map(|field| ids.field(field)),
            "before": change.before,
            "after": change.after,
        })
    });
    let effects = dry.effects.iter().map(|effect| json!({ "kind": effect.kind, "payload": effect.payload }));
    let mut json = json!({
        "id": "dry",
        "time": rfc3339(now_ms()),
        "status": if dry.error.is_some() { "failed" } else { "done" },
        "cause": "test",
        "condition": dry.condition,
        "log": dry.log,
        "changes": changes.collect::<Vec<_>>(),
        "n_changes": dry.n_changes,
        "effects": effects.collect::<Vec<_>>(),
        "duration_ms": duration_ms,
    });
    if let Some((table, record)) = dry.record {
        json["table"] = json!(ids.table(table));
        json["record"] = json!(ids.record(table, record));
    }
    if let Some(error) = &dry.error {
        json["error"] = json!(error);
    }
    json
}

pub(crate) async fn check_script(_member: Member, Body(script): Body<Script>) -> Answer<Json<Json_>> {
    blocking(move || {
        let problems = engine::automation::script::check(&script.script);
        let shown = problems.iter().map(
            |problem| json!({ "line": problem.line, "column": problem.column, "message": problem.message }),
        );
        Ok(Json(json!({ "diagnostics": shown.collect::<Vec<_>>() })))
    })
    .await
}

pub(crate) async fn secret(State(app): State<App>, member: Member) -> Answer<Json<Json_>> {
    let key = crate::deliver::signing_key(&app, &member.app_id).map_err(Problem::internal)?;
    Ok(Json(json!({ "secret": format!("whsec_{}", crate::secret::base64(&key)) })))
}
