//! Logging in and out, the first run, one's password.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine::PersonId;
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::auth::{self, Actor, Credential};
use crate::error::{Answer, Problem};
use crate::extract::{Body, Params};
use crate::guard::ClientIp;
use crate::wire::describe::person_of;

/// What logs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: String,
    password: String,
}

/// What makes the first person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the link that the server printed.
    token: String,
    name: String,
    email: String,
    /// 12 to 256 characters.
    password: String,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// The present one; not for those who have none yet.
    #[serde(default)]
    old: String,
    /// 12 to 256 characters.
    new: String,
}

/// A one-time link.
#[derive(Debug, Deserialize)]
pub struct Link {
    token: String,
}

pub(crate) async fn show(State(app): State<App>, actor: Actor) -> Answer<Json<Json_>> {
    who(&app, actor.person).map(Json)
}

pub(crate) async fn log_in(
    State(app): State<App>,
    ClientIp(from): ClientIp,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Answer {
    let person = auth::log_in(&app, from, &login.email, login.password).await?;
    logged_in(&app, person, &headers).await
}

pub(crate) async fn log_out(State(app): State<App>, actor: Actor) -> Answer {
    if let Credential::Session(session) = actor.by {
        let this = app.clone();
        blocking(move || this.directory.end_sessions(vec![session]).map_err(Problem::internal)).await?;
    }
    app.hubs.recheck();
    Ok(([(header::SET_COOKIE, auth::closing_cookie(&app)?)], StatusCode::NO_CONTENT).into_response())
}

pub(crate) async fn link(State(app): State<App>, headers: HeaderMap, Params(link): Params<Link>) -> Answer {
    let person =
        app.auth.take_link(&link.token).filter(|person| app.directory.read().person(*person).is_some());
    let Some(person) = person else {
        return Err(Problem::forbidden("this login link was used already or is too old"));
    };
    let cookie = auth::open_session(&app, person, &headers).await?;
    Ok(with_cookie(Redirect::to("/").into_response(), cookie))
}

pub(crate) async fn setup_needed(State(app): State<App>) -> Json<Json_> {
    Json(json!({ "needed": app.directory.read().people.is_empty() }))
}

pub(crate) async fn set_up(State(app): State<App>, headers: HeaderMap, Body(setup): Body<Setup>) -> Answer {
    check_name(&setup.name)?;
    auth::check_email(&setup.email)?;
    auth::check_password(&setup.password, &setup.name, &setup.email)?;
    let hash = app.auth.hash_password(setup.password).await?;
    let this = app.clone();
    let person =
        blocking(move || this.auth.set_up(&this, &setup.token, setup.name.trim(), &setup.email, &hash))
            .await?;
    logged_in(&app, person, &headers).await
}

pub(crate) async fn set_password(
    State(app): State<App>,
    actor: Actor,
    ClientIp(from): ClientIp,
    Body(password): Body<Password>,
) -> Answer {
    let Credential::Session(own) = actor.by else {
        return Err(Problem::forbidden("a password is set in the browser, not with a token"));
    };
    let row = app.directory.read().person(actor.person).cloned().ok_or_else(Problem::unauthenticated)?;
    if !row.password_hash.is_empty() {
        auth::log_in(&app, from, &row.email, password.old).await?;
    }
    auth::check_password(&password.new, &row.name, &row.email)?;
    let hash = app.auth.hash_password(password.new).await?;
    let this = app.clone();
    blocking(move || {
        let others: Vec<_> = {
            let index = this.directory.read();
            let of_person =
                index.sessions.iter().filter(|(id, session)| session.person == actor.person && **id != own);
            of_person.map(|(id, _)| *id).collect()
        };
        this.directory.set_password(actor.person, &hash).map_err(Problem::internal)?;
        this.directory.end_sessions(others).map_err(Problem::internal)
    })
    .await?;
    app.hubs.recheck();
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn logged_in(app: &App, person: PersonId, headers: &HeaderMap) -> Answer {
    let cookie = auth::open_session(app, person, headers).await?;
    Ok(with_cookie(Json(who(app, person)?).into_response(), cookie))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

fn who(app: &App, person: PersonId) -> Answer<Json_> {
    let index = app.directory.read();
    let row = index.person(person).ok_or_else(Problem::unauthenticated)?;
    let has_password = !row.password_hash.is_empty();
    let person = person_of(person, &row.name, &row.email, &row.color);
    Ok(json!({ "person": person, "has_password": has_password, "csrf": null }))
}

/// Checks a person's name.
///
/// # Errors
///
/// A sentence for people.
pub fn check_name(name: &str) -> Answer<()> {
    let fits = !name.trim().is_empty() && name.chars().count() <= 100 && !name.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Problem::invalid("a name has 1 to 100 characters")) }
}
