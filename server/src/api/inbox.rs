//! Notices to a person, from all bases.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value as Json_, json};

use crate::app::{App, blocking};
use crate::auth::Actor;
use crate::error::{Answer, Problem};
use crate::time::rfc3339;

/// Notices of one answer.
const NOTICES_MAX: usize = 200;

pub(crate) async fn list(State(app): State<App>, actor: Actor) -> Json<Json_> {
    let index = app.directory.read();
    let mut notices: Vec<_> = index.notices(actor.person).collect();
    notices.reverse();
    notices.truncate(NOTICES_MAX);
    let shown = notices.into_iter().map(|(id, notice)| {
        let mut json = json!({
            "id": app.directory.notice_text(id),
            "time": rfc3339(notice.time),
            "base": notice.app,
            "text": notice.text,
            "read": notice.read,
        });
        for (key, value) in [("table", &notice.table), ("record", &notice.record)] {
            if !value.is_empty() {
                json[key] = json!(value);
            }
        }
        json
    });
    Json(shown.collect())
}

pub(crate) async fn read(State(app): State<App>, actor: Actor) -> Answer<StatusCode> {
    let this = app.clone();
    blocking(move || this.directory.mark_read(actor.person).map_err(Problem::internal)).await?;
    app.hubs.inbox(&app, actor.person);
    Ok(StatusCode::NO_CONTENT)
}
