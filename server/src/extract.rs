//! What handlers take: the actor, the member of a base, and a JSON body, each refused with a [`Problem`].

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::state::schema::Role;
use engine::{Base, IdCodec, RecordId, Snapshot, TableId};
use serde::de::DeserializeOwned;

use crate::access::Principal;
use crate::app::App;
use crate::auth::{self, Actor};
use crate::error::{Answer, Problem};
use crate::live::Live;
use crate::routes::Needs;

/// A person in a base that they may enter.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub actor: Actor,
    /// What they may do.
    pub role: Role,
    /// `app…`
    pub app_id: String,
    /// The base.
    pub base: Base,
    /// The same with what is kept for requests.
    pub live: Arc<Live>,
}

impl Member {
    /// Who, as the access check wants it.
    pub const fn principal(&self) -> Principal {
        Principal { person: self.actor.person, role: self.role }
    }

    /// The base as it is now.
    pub fn snapshot(&self) -> Snapshot {
        self.base.snapshot()
    }
}

/// Lets in who a route is for; runs before its handler and before the body is read.
pub async fn authorize(
    State((app, needs)): State<(App, Needs)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let base = params.iter().find(|(key, _)| *key == "base").map(|(_, value)| value.to_owned());
    match admit(&app, needs, base, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(app: &App, needs: Needs, base: Option<String>, request: &mut Request) -> Answer<()> {
    let role = match needs {
        Needs::Nobody => return Ok(()),
        Needs::Person => None,
        Needs::Viewer => Some(Role::Viewer),
        Needs::Editor => Some(Role::Editor),
        Needs::Owner => Some(Role::Owner),
    };
    let actor = auth::recognize(app, request.headers()).await?;
    request.extensions_mut().insert(actor);
    let Some(needed) = role else { return Ok(()) };
    let app_id = base.ok_or_else(|| Problem::internal("a route of a base without a base"))?;
    let member = member(app, actor, app_id).await?;
    if member.role < needed {
        let whom = if needed == Role::Owner { "an owner" } else { "an editor" };
        return Err(Problem::forbidden(format!("only {whom} of the base may do this")));
    }
    request.extensions_mut().insert(member);
    Ok(())
}

/// The base for a member. Whoever is none gets the same answer as for a base that is not there.
///
/// # Errors
///
/// `not_found`.
pub async fn member(app: &App, actor: Actor, app_id: String) -> Answer<Member> {
    let role = app.directory.read().role(&app_id, actor.person);
    let role = role.ok_or_else(|| Problem::not_found("base"))?;
    let live = app.base(&app_id).await?;
    Ok(Member { actor, role, app_id, base: live.base.clone(), live })
}

macro_rules! from_extensions {
    ($name:ty) => {
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Answer<Self> {
                // A route whose table entry asks for less than its handler does fails closed.
                parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
            }
        }
    };
}

from_extensions!(Actor);
from_extensions!(Member);

/// The `{tbl}` of a path, resolved inside the member's base.
#[derive(Clone, Copy, Debug)]
pub struct InTable(pub TableId);

impl<S: Send + Sync> FromRequestParts<S> for InTable {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let snapshot = Member::from_request_parts(parts, state).await?.snapshot();
        let text = path_part(parts, state, "tbl").await?;
        let table =
            snapshot.ids().read_table(&text).filter(|table| snapshot.schema().tables.contains_key(table));
        table.map(Self).ok_or_else(|| Problem::not_found("table"))
    }
}

/// The `{tbl}` and `{rec}` of a path, resolved inside the member's base. The record need not be there any more.
#[derive(Clone, Copy, Debug)]
pub struct OfRecord(pub TableId, pub RecordId);

impl<S: Send + Sync> FromRequestParts<S> for OfRecord {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let InTable(table) = InTable::from_request_parts(parts, state).await?;
        let snapshot = Member::from_request_parts(parts, state).await?.snapshot();
        let text = path_part(parts, state, "rec").await?;
        let known =
            |record: &RecordId| snapshot.stored().table(table).is_some_and(|rows| record.index() < rows.len);
        let record = snapshot.ids().read_record(table, &text).filter(known);
        record.map(|record| Self(table, record)).ok_or_else(|| Problem::not_found("record"))
    }
}

/// An `{aut}` of a path.
#[derive(Clone, Copy, Debug)]
pub struct OfAutomation(pub engine::AutomationId);

impl<S: Send + Sync> FromRequestParts<S> for OfAutomation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let snapshot = Member::from_request_parts(parts, state).await?.snapshot();
        let text = path_part(parts, state, "aut").await?;
        let found =
            snapshot.ids().read_automation(&text).filter(|id| snapshot.schema().automations.contains_key(id));
        found.map(Self).ok_or_else(|| Problem::not_found("automation"))
    }
}

async fn path_part<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Answer<String> {
    let all = Path::<std::collections::HashMap<String, String>>::from_request_parts(parts, state).await;
    let all = all.map_err(|_| Problem::malformed("the path is not readable"))?;
    all.get(name).cloned().ok_or_else(|| Problem::internal(format!("a route without {{{name}}}")))
}

/// A person named in a path or body.
///
/// # Errors
///
/// `not_found`.
pub fn person(text: &str) -> Answer<engine::PersonId> {
    IdCodec::read_person(text).ok_or_else(|| Problem::not_found("person"))
}

/// A JSON body of a form that serde knows.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        // Forms of other sites can send text/plain; JSON they cannot.
        if !essence.eq_ignore_ascii_case("application/json") {
            let message = "the body must be JSON, with content-type application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid", message));
        }
        let bytes = bytes(request, state).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Problem::malformed(format!("the body: {error}")))
    }
}

/// A body's bytes, within the route's limit.
///
/// # Errors
///
/// `too_large`.
pub async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Answer<Bytes> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::malformed("the body could not be read"),
    })
}

/// The answer to a body that is too large.
pub fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than this route takes")
}

/// A query string of a form that serde knows.
#[derive(Clone, Copy, Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|query| Self(query.0))
            .map_err(|error| Problem::malformed(format!("the query: {}", error.body_text())))
    }
}
