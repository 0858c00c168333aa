//! Batches of commands, atomic across tables; sending one twice with the same key does it once.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use engine::{CommandId, Error, Receipt, Request};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Credential;
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member};
use crate::secret::digest_128;
use crate::time::now_ms;
use crate::wire::{ops, results};

/// A batch of ops.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// 1 to 500 ops: `{"op": "records.create", …}` (docs/protocol.md section 3).
    #[schema(value_type = Vec<Object>)]
    ops: Json_,
    /// Refuse if the base is at another version.
    if_version: Option<u64>,
    /// Only answer what would happen.
    #[serde(default)]
    dry: bool,
}

pub(crate) async fn run(
    State(_app): State<App>,
    member: Member,
    headers: HeaderMap,
    Body(commands): Body<Commands>,
) -> Answer<Json<Json_>> {
    let snapshot = member.snapshot();
    let refused = |refusal| Problem::refused(&refusal, &snapshot);
    let batch = ops::batch(commands.ops, &snapshot, member.actor.person).map_err(refused)?;
    let mut request = Request::new(Some(member.actor.person), now_ms(), batch.commands);
    request.id = idempotency(&member, &headers)?.filter(|_| !commands.dry);
    request.stack = Some(stack(&member));
    request.if_version = commands.if_version;
    request.dry = commands.dry;
    let receipt = submit(&member, request).await.map_err(|error| Problem::from_engine(&error, &snapshot))?;
    let (results, skipped) = results::results(&member.snapshot(), &batch.asked, &receipt.outcomes);
    Ok(Json(json!({ "version": receipt.version, "results": results, "skipped": skipped })))
}

/// Submits and waits without holding a thread.
pub(crate) async fn submit(member: &Member, request: Request) -> Result<Receipt, Error> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    member.base.submit_with(request, Box::new(move |result| drop(sender.send(result))))?;
    receiver.await.unwrap_or_else(|_| Err(Error::Stopped("the base was closed".into())))
}

/// A key stands for one person's command: nobody gets another's answer by it.
fn idempotency(member: &Member, headers: &HeaderMap) -> Answer<Option<CommandId>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=200).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::malformed("an Idempotency-Key has 1 to 200 ASCII characters"))?;
    let person = member.actor.person.to_string();
    Ok(Some(CommandId { client: digest_128(&["key", &person, key]), n: 1 }))
}

/// Undo takes back what came by the same session or token.
fn stack(member: &Member) -> u128 {
    let (kind, id) = match member.actor.by {
        Credential::Session(id) => ("session", id),
        Credential::Token(id) => ("token", id),
    };
    digest_128(&["stack", kind, &id.to_string()])
}
