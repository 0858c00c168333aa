//! The outbox: what automations left to be sent is sent, at least once, with the same id on each attempt.
//!
//! Effects stand in the base until they were taken. Attempts are 5 s · 2ⁿ apart, ± 20 %, eight in all; refusals
//! that would come again end it at once.

use std::io;
use std::time::Duration;

use engine::automation::{Effect, EffectStatus};
use engine::{Base, Cause, Command, Request};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::app::App;
use crate::directory::Notice;
use crate::outgoing::{Failure, Outbound, Reply, signature};
use crate::secret;
use crate::time::now_ms;

/// Attempts until an effect is given up.
const ATTEMPTS_MAX: u32 = 8;
/// How often open bases are looked through.
const EVERY: Duration = Duration::from_secs(1);
/// Effects of one base that are sent at once.
const AT_ONCE: usize = 16;
/// Characters of an answer that are kept.
const ANSWER_CHARS: usize = 500;

/// Sends what is due until the server stops.
pub async fn run(app: App) {
    while !app.is_stopping() {
        for (app_id, base) in app.opened_bases() {
            for effect in due(&base) {
                deliver(&app, &app_id, &base, effect).await;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped.notified() => return,
        }
    }
}

fn due(base: &Base) -> Vec<Effect> {
    let now = now_ms();
    let snapshot = base.snapshot();
    let effects = snapshot.stored().automation.effects.values();
    let due = effects.filter(|effect| effect.status == EffectStatus::Pending && effect.due_ms <= now);
    due.take(AT_ONCE).map(|effect| Effect::clone(effect)).collect()
}

async fn deliver(app: &App, app_id: &str, base: &Base, mut effect: Effect) {
    let outcome = match effect.kind.as_str() {
        "notify" => notify(app, app_id, &effect).await,
        "http" => send(app, app_id, &effect).await,
        other => Err(Fate::Hopeless(format!("nothing here sends \"{other}\""))),
    };
    effect.attempts += 1;
    match outcome {
        Ok(answer) => {
            effect.status = EffectStatus::Delivered;
            effect.answer = answer;
            app.metrics.delivered.inc();
        }
        Err(Fate::Later(answer, wait_s)) if effect.attempts < ATTEMPTS_MAX => {
            effect.due_ms = now_ms() + wait_s.map_or_else(|| backoff_ms(effect.attempts), |s| s as i64 * 1_000);
            effect.answer = answer;
        }
        Err(Fate::Later(answer, _) | Fate::Hopeless(answer)) => {
            effect.status = EffectStatus::Failed;
            effect.answer = answer;
            app.metrics.undelivered.inc();
        }
    }
    let mut request = Request::new(None, now_ms(), vec![Command::Sent(Box::new(effect))]);
    request.cause = Cause::System;
    let base = base.clone();
    let noted = tokio::task::spawn_blocking(move || base.submit(request)).await;
    if let Ok(Err(error)) = noted {
        tracing::error!(%error, "the fate of an effect could not be noted");
    }
}

enum Fate {
    /// It may work another time, after so many seconds if the other side said so.
    Later(String, Option<u64>),
    /// It never will.
    Hopeless(String),
}

fn backoff_ms(attempts: u32) -> i64 {
    let base = 5_000i64 << attempts.saturating_sub(1).min(16);
    let jitter = i64::from(secret::random::<1>()[0]) - 128;
    base + base * jitter / 640
}

async fn notify(app: &App, app_id: &str, effect: &Effect) -> Result<String, Fate> {
    let text = |key: &str| effect.payload.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let person = engine::IdCodec::read_person(&text("person"));
    let person = person.ok_or_else(|| Fate::Hopeless("there is no such person".into()))?;
    // Who left the base hears nothing of it any more.
    if app.directory.read().role(app_id, person).is_none() {
        return Err(Fate::Hopeless("the person is no member of the base".into()));
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
    match done {
        Ok(Ok(())) => Ok("in the inbox".into()),
        Ok(Err(error)) => Err(Fate::Later(error.to_string(), None)),
        Err(error) => Err(Fate::Later(error.to_string(), None)),
    }
}

async fn send(app: &App, app_id: &str, effect: &Effect) -> Result<String, Fate> {
    let request = outbound(app, app_id, effect).map_err(Fate::Hopeless)?;
    match app.outgoing.send(request).await {
        Ok(reply) => judge(&reply),
        Err(Failure::Refused(why)) => Err(Fate::Hopeless(why)),
        Err(Failure::Network(why)) => Err(Fate::Later(why, None)),
    }
}

fn judge(reply: &Reply) -> Result<String, Fate> {
    let text: String = String::from_utf8_lossy(&reply.body).chars().take(ANSWER_CHARS).collect();
    let answer = format!("{} {text}", reply.status);
    match reply.status {
        200..=299 => Ok(answer),
        408 | 429 | 500..=599 => Err(Fate::Later(answer, reply.retry_after_s.map(|s| s.min(24 * 3_600)))),
        _ => Err(Fate::Hopeless(answer)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_ever_further_apart() {
        for attempts in 1..8u32 {
            let base = 5_000 << (attempts - 1);
            let wait = backoff_ms(attempts);
            assert!((base * 8 / 10..=base * 12 / 10).contains(&wait), "{attempts}: {wait}");
        }
    }

    #[test]
    fn answers_decide_whether_it_is_tried_again() {
        let reply = |status| Reply { status, retry_after_s: Some(7), body: Vec::new() };
        assert!(judge(&reply(204)).is_ok());
        for status in [408, 429, 500, 503] {
            assert!(matches!(judge(&reply(status)), Err(Fate::Later(_, Some(7)))));
        }
        for status in [301, 400, 404, 410] {
            assert!(matches!(judge(&reply(status)), Err(Fate::Hopeless(_))));
        }
    }
}
