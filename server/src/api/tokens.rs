//! API tokens: what programs log in with. The secret is shown once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::auth::{Actor, Credential, TOKEN_PREFIX};
use crate::error::{Answer, Problem};
use crate::extract::Body;
use crate::secret;
use crate::time::{now_ms, rfc3339};

/// Tokens of one person.
const TOKENS_MAX: usize = 100;

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// For what it is.
    name: String,
}

pub(crate) async fn list(State(app): State<App>, actor: Actor) -> Json<Json_> {
    let index = app.directory.read();
    let own = index.tokens.iter().filter(|(_, token)| token.person == actor.person);
    let shown = own.map(|(id, token)| {
        json!({
            "id": app.directory.token_text(*id),
            "name": token.name,
            "created": rfc3339(token.created),
            "last_used": (token.last_used > 0).then(|| rfc3339(token.last_used)),
        })
    });
    Json(shown.collect())
}

pub(crate) async fn create(State(app): State<App>, actor: Actor, Body(new): Body<NewToken>) -> Answer {
    if let Credential::Token(_) = actor.by {
        return Err(Problem::forbidden("a token is made in the browser, not with another token"));
    }
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::invalid("a token has a name of 1 to 100 characters"));
    }
    let n_tokens = app.directory.read().tokens.values().filter(|token| token.person == actor.person).count();
    if n_tokens >= TOKENS_MAX {
        let mut problem = Problem::invalid(format!("a person has {TOKENS_MAX} tokens at the most"));
        problem.code = "limit";
        return Err(problem);
    }
    let token = format!("{TOKEN_PREFIX}{}", secret::random_256());
    let (this, hash, shown) = (app.clone(), secret::hash(&token), name.clone());
    let id =
        blocking(move || this.directory.add_token(actor.person, &name, &hash).map_err(Problem::internal))
            .await?;
    let body = json!({
        "id": app.directory.token_text(id),
        "name": shown,
        "created": rfc3339(now_ms()),
        "last_used": null,
        "secret": token,
    });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

pub(crate) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let token = app.directory.token_named(&id).filter(|token| {
        let index = app.directory.read();
        index.tokens.get(token).is_some_and(|row| row.person == actor.person)
    });
    let token = token.ok_or_else(|| Problem::not_found("token"))?;
    let this = app.clone();
    blocking(move || this.directory.delete_token(token).map_err(Problem::internal)).await?;
    app.hubs.recheck();
    Ok(StatusCode::NO_CONTENT)
}
