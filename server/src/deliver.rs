//! The outbox: what automations left to be sent is sent, at least once, with the same id on each attempt.
//!
//! What is due, and what an attempt means for the next one, is the engine's to say (`automation/effect.rs`).

use std::io;
use std::time::Duration;

use engine::automation::effect::{Attempt, after};
use engine::automation::{Effect, EffectStatus, outbox};
use engine::{Base, Cause, Command, Request};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::app::App;
use crate::directory::Notice;
use crate::outgoing::{Failure, Outbound, signature};
use crate::secret;
use crate::time::now_ms;

/// How often open bases are looked through.
const EVERY: Duration = Duration::from_secs(1);
/// Effects of one base that are sent before the next base has its turn.
const AT_ONCE: usize = 16;

/// Sends what is due until the server stops.
pub async fn run(app: App) {
    while !app.is_stopping() {
        for (app_id, live) in app.opened_bases() {
            let due = outbox(&live.base.snapshot(), now_ms());
            let sent = due.iter().take(AT_ONCE).map(|effect| deliver(&app, &app_id, &live.base, effect));
            futures_util::future::join_all(sent).await;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped.notified() => return,
        }
    }
}

async fn deliver(app: &App, app_id: &str, base: &Base, effect: &Effect) {
    let attempt = match effect.kind.as_str() {
        "notify" => notify(app, app_id, effect).await,
        "http" => send(app, app_id, effect).await,
        other => Attempt::Refused(format!("nothing here sends \"{other}\"")),
    };
    let after = after(effect, attempt, now_ms());
    match after.status {
        EffectStatus::Delivered => drop(app.metrics.delivered.inc()),
        EffectStatus::Failed => drop(app.metrics.undelivered.inc()),
        EffectStatus::Pending => {}
    }
    let mut request = Request::new(None, now_ms(), vec![Command::Sent(Box::new(after))]);
    request.cause = Cause::System;
    let base = base.clone();
    let noted = tokio::task::spawn_blocking(move || base.submit(request)).await;
    if let Ok(Err(error)) = noted {
        tracing::error!(%error, "the fate of an effect could not be noted");
    }
}

async fn notify(app: &App, app_id: &str, effect: &Effect) -> Attempt {
    let text = |key: &str| effect.payload.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let Some(person) = engine::IdCodec::read_person(&text("person")) else {
        return Attempt::Refused("there is no such person".into());
    };
    // Who left the base hears nothing of it any more.
    if app.directory.read().role(app_id, person).is_none() {
        return Attempt::Refused("the person is no member of the base".into());
    }
    let notice = Notice {
        person,
        time: now_ms(),
        app: app_id.to_owned(),
        table: text("table"),
        record: text("record"),
        text: text("text"),
        read: false,
    };
    let this = app.clone();
    let done = tokio::task::spawn_blocking(move || this.directory.notify(&notice)).await;
    app.hubs.inbox(app, person);
    let later = |answer: String| Attempt::Later { answer, retry_after_ms: None };
    match done {
        Ok(Ok(())) => Attempt::Delivered("in the inbox".into()),
        Ok(Err(error)) => later(error.to_string()),
        Err(error) => later(error.to_string()),
    }
}

async fn send(app: &App, app_id: &str, effect: &Effect) -> Attempt {
    let request = match outbound(app, app_id, effect) {
        Ok(request) => request,
        Err(why) => return Attempt::Refused(why),
    };
    match app.outgoing.send(request).await {
        Ok(reply) => {
            let answer = format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body));
            let retry_after_ms = reply.retry_after_s.and_then(|s| i64::try_from(s).ok()?.checked_mul(1_000));
            Attempt::of_status(Some(reply.status), answer, retry_after_ms)
        }
        Err(Failure::Refused(why)) => Attempt::Refused(why),
        Err(Failure::Network(why)) => Attempt::of_status(None, why, None),
    }
}

fn outbound(app: &App, app_id: &str, effect: &Effect) -> Result<Outbound, String> {
    let payload = &effect.payload;
    let url = payload.get("url").and_then(Json::as_str).ok_or("no \"url\"")?.to_owned();
    let method = payload.get("method").and_then(Json::as_str).unwrap_or("POST").to_owned();
    let body = match payload.get("body") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    };
    let given = payload.get("headers").and_then(Json::as_object);
    let mut headers: Vec<_> = given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
        .filter(|(name, _)| !name.starts_with("webhook-"))
        .collect();
    if !body.is_empty() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let key = signing_key(app, app_id).map_err(|error| error.to_string())?;
    headers.extend(signature(&key, &format!("{app_id}.{}", effect.id), now_ms() / 1_000, &body));
    Ok(Outbound { method, url, headers, body })
}

/// The key that signs what a base sends, derived from the installation's own.
///
/// # Errors
///
/// If the key file can neither be read nor made.
pub fn signing_key(app: &App, app_id: &str) -> io::Result<[u8; 32]> {
    let root = root_key(&app.options.data)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&root).expect("HMAC takes keys of any length");
    mac.update(b"webhooks ");
    mac.update(app_id.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

/// The installation's key, made on first use, for the owner of the folder alone.
fn root_key(data: &std::path::Path) -> io::Result<Vec<u8>> {
    let path = data.join("secret.key");
    match std::fs::read(&path) {
        Ok(key) if key.len() == 32 => return Ok(key),
        Ok(_) => return Err(io::Error::other("secret.key is damaged")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let key = secret::random::<32>();
    crate::control::write_private(&path, &key)?;
    Ok(key.to_vec())
}
