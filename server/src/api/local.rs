//! What the command line asks of a server that runs on the same folder. The secret stands in a file that only the
//! folder's owner can read (`control.rs`).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::app::{App, blocking};
use crate::error::{Answer, Problem};
use crate::extract::Body;
use crate::secret;

/// The header that holds the secret.
pub const HEADER: &str = "x-sheaf-control";

/// Whose token, and its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalToken {
    email: String,
    name: String,
}

pub(crate) async fn token(
    State(app): State<App>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(asked): Body<LocalToken>,
) -> Answer<Json<Json_>> {
    let near = peer.is_some_and(|Extension(ConnectInfo(peer))| peer.ip().to_canonical().is_loopback());
    let given = headers.get(HEADER).and_then(|secret| secret.to_str().ok()).unwrap_or_default();
    // Hashes are compared, so that the time tells nothing of the secret.
    let known = app.control_hash();
    if !near || known.is_none() || known != Some(secret::hash(given)) {
        return Err(Problem::not_found("route"));
    }
    blocking(move || {
        make_token(&app, &asked.email, &asked.name).map(|token| Json(json!({ "secret": token })))
    })
    .await
}

/// Addresses that the operator is told of who mistook one.
const LISTED_PEOPLE: usize = 10;

/// Makes a token for the person with this address. Blocks.
///
/// # Errors
///
/// `not_found` if there is nobody.
pub fn make_token(app: &App, email: &str, name: &str) -> Answer<String> {
    let person = {
        let index = app.directory.read();
        let known = || index.people.values().take(LISTED_PEOPLE).map(|person| person.email.as_str());
        index.person_by_email(email).map(|(id, _)| id).ok_or_else(|| {
            let known = known().collect::<Vec<_>>().join(", ");
            Problem::invalid(format!("there is nobody with the address {email}; there are {known}"))
        })?
    };
    let token = format!("{}{}", crate::auth::TOKEN_PREFIX, secret::random_256());
    app.directory.add_token(person, name, &secret::hash(&token)).map_err(Problem::internal)?;
    Ok(token)
}
