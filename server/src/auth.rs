//! Who asks: passwords, sessions, API tokens, one-time links, and the delays that make guessing slow.
//!
//! Secrets are 256 random bits and kept as SHA-256; passwords are argon2id. An unknown address costs the same
//! hash and gets the same answer as a wrong password. An error in here is a "no".

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::http::{HeaderMap, HeaderValue, header};
use engine::{PersonId, RecordId};
use tokio::sync::Semaphore;

use crate::app::{App, blocking};
use crate::directory::SessionRow;
use crate::error::{Answer, Problem};
use crate::secret;
use crate::time::now_ms;

/// The cookie of a session; over https with the `__Host-` prefix.
const COOKIE: &str = "sheaf_session";
/// What API tokens begin with, so that scanners of leaked secrets know them.
pub const TOKEN_PREFIX: &str = "shf_";
const IDLE_MS: i64 = 14 * 24 * 3_600 * 1_000;
const ABSOLUTE_MS: i64 = 90 * 24 * 3_600 * 1_000;
/// How exact `last_seen` and `last_used` are: a write for each request would be too many.
const SEEN_MS: i64 = 10 * 60 * 1_000;
/// Passwords hashed at once: each takes 19 MiB.
const HASHES_AT_ONCE: usize = 4;
/// Requests that wait for their turn to hash; beyond, they are told to come back.
const HASHES_WAITING_MAX: usize = 64;
/// Characters of a password.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=256;
/// How long a one-time login link works.
const LINK_LIFE: Duration = Duration::from_secs(24 * 3_600);
/// Entries of the table of delays; the oldest go.
const DELAYS_MAX: usize = 50_000;

/// By what a person was recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A browser's cookie.
    Session(RecordId),
    /// An API token.
    Token(RecordId),
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// Recognized by this.
    pub by: Credential,
}

/// See the module's head.
#[derive(Debug)]
pub struct Auth {
    hashing: Semaphore,
    delays: Mutex<HashMap<String, Delay>>,
    links: Mutex<HashMap<String, (PersonId, Instant)>>,
    setup: Mutex<Option<String>>,
}

#[derive(Clone, Copy, Debug)]
struct Delay {
    failures: u32,
    until: Instant,
    last: Instant,
}

impl Auth {
    pub(crate) fn new() -> Self {
        Self {
            hashing: Semaphore::new(HASHES_AT_ONCE),
            delays: Mutex::default(),
            links: Mutex::default(),
            setup: Mutex::default(),
        }
    }

    /// Hashes a password in PHC form.
    ///
    /// # Errors
    ///
    /// `busy` if too many wait already.
    pub async fn hash_password(&self, password: String) -> Answer<String> {
        let _turn = self.turn().await?;
        blocking(move || hash_blocking(&password)).await
    }

    /// Whether a password fits; takes the same time for an empty hash.
    async fn verify_password(&self, password: String, hash: String) -> Answer<bool> {
        let _turn = self.turn().await?;
        blocking(move || {
            if hash.is_empty() {
                // The same work as a real check.
                hash_blocking(&password)?;
                return Ok(false);
            }
            let parsed = PasswordHash::new(&hash).map_err(Problem::internal)?;
            Ok(hasher()?.verify_password(password.as_bytes(), &parsed).is_ok())
        })
        .await
    }

    async fn turn(&self) -> Answer<tokio::sync::SemaphorePermit<'_>> {
        static WAITING: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        struct Waiting;
        impl Drop for Waiting {
            fn drop(&mut self) {
                WAITING.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let waiting = WAITING.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let _waiting = Waiting;
        if waiting >= HASHES_WAITING_MAX {
            return Err(Problem::busy("too many people are logging in; try again in a moment", 2));
        }
        self.hashing.acquire().await.map_err(Problem::internal)
    }

    /// Refuses an attempt that comes too early after failed ones.
    fn check_delay(&self, keys: &[(String, u32)]) -> Answer<()> {
        let now = Instant::now();
        let delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        let until = keys.iter().filter_map(|(key, _)| delays.get(key)).map(|delay| delay.until).max();
        match until.and_then(|until| until.checked_duration_since(now)) {
            Some(wait) if !wait.is_zero() => {
                let seconds = wait.as_secs() + 1;
                Err(Problem::busy(
                    format!("too many failed attempts; try again in {seconds} seconds"),
                    seconds,
                ))
            }
            _ => Ok(()),
        }
    }

    /// Notes how an attempt ended. Each key has the number of failures that cost nothing; after them the delay
    /// doubles, up to a minute.
    fn note_attempt(&self, keys: &[(String, u32)], succeeded: bool) {
        let now = Instant::now();
        let mut delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        if succeeded {
            for (key, _) in keys {
                delays.remove(key);
            }
            return;
        }
        if delays.len() >= DELAYS_MAX {
            delays.retain(|_, delay| now.duration_since(delay.last) < Duration::from_secs(600));
        }
        for (key, free) in keys {
            let fresh = Delay { failures: 0, until: now, last: now };
            let delay = delays.entry(key.clone()).or_insert(fresh);
            delay.failures = if now.duration_since(delay.last) > Duration::from_secs(3_600) {
                1
            } else {
                delay.failures + 1
            };
            delay.last = now;
            if let Some(over) = delay.failures.checked_sub(*free) {
                delay.until = now + Duration::from_millis((500u64 << over.min(7)).min(60_000));
            }
        }
    }

    /// A secret that logs `person` in once.
    pub fn login_link(&self, person: PersonId) -> String {
        let token = secret::random_256();
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, (_, made)| made.elapsed() < LINK_LIFE);
        links.insert(secret::hash(&token), (person, Instant::now()));
        token
    }

    /// Takes a login link's secret: it works once.
    pub fn take_link(&self, token: &str) -> Option<PersonId> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let (person, made) = links.remove(&secret::hash(token))?;
        (made.elapsed() < LINK_LIFE).then_some(person)
    }

    /// The secret of the first run, made anew with each start.
    pub fn setup_token(&self) -> String {
        let token = secret::random_256();
        *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret::hash(&token));
        token
    }

    /// Makes the first person, if `token` is the setup's and nobody is there yet. Two at once: one wins.
    ///
    /// # Errors
    ///
    /// `forbidden` otherwise.
    pub fn set_up(&self, app: &App, token: &str, name: &str, email: &str, hash: &str) -> Answer<PersonId> {
        let mut setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = setup.as_deref().is_some_and(|known| known == secret::hash(token));
        if !fits || !app.directory.read().people.is_empty() {
            return Err(Problem::forbidden(
                "the setup link does not work (any more); the server's console shows it at start",
            ));
        }
        let person = app.directory.add_person(name, email, hash).map_err(Problem::internal)?;
        *setup = None;
        Ok(person)
    }
}

fn hasher() -> Answer<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_blocking(password: &str) -> Answer<String> {
    let hash: PasswordHash = hasher()?.hash_password(password.as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

/// Refuses passwords that are too short, too long or contain the person's own words.
///
/// # Errors
///
/// A sentence for people.
pub fn check_password(password: &str, name: &str, email: &str) -> Answer<()> {
    let n_chars = password.chars().count();
    let problem = |message: &str| {
        let mut problem = Problem::invalid(message);
        problem.field = Some("password".into());
        Err(problem)
    };
    if !PASSWORD_CHARS.contains(&n_chars) {
        return problem("a password has 12 to 256 characters");
    }
    let folded = password.to_lowercase();
    let mut chars: Vec<_> = folded.chars().collect();
    chars.sort_unstable();
    chars.dedup();
    if chars.len() < 5 {
        return problem("this password repeats too few characters");
    }
    let common = ["password", "qwerty", "letmein", "iloveyou", "welcome", "sheaf", "123456", "admin"];
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let own = [local, name.to_lowercase()];
    let words = common.iter().copied().chain(own.iter().map(String::as_str));
    // A word that is most of the password leaves too little to guess.
    let weak = words.filter(|word| word.chars().count() >= 4).any(|word| {
        folded.contains(word)
            && folded.replace(word, "").chars().filter(|char| char.is_alphabetic()).count() < 6
    });
    if weak { problem("this password is easy to guess; take several unrelated words") } else { Ok(()) }
}

/// Checks an e-mail address as far as that makes sense.
///
/// # Errors
///
/// A sentence for people.
pub fn check_email(email: &str) -> Answer<()> {
    let (local, domain) = email.trim().split_once('@').unwrap_or_default();
    let fits = !local.is_empty()
        && !domain.is_empty()
        && email.len() <= 254
        && !email.trim().contains(|char: char| char.is_whitespace() || char.is_control());
    if fits { Ok(()) } else { Err(Problem::invalid("an e-mail address looks like name@example.org")) }
}

/// Who logs in by e-mail and password; otherwise the same answer whatever was wrong.
///
/// # Errors
///
/// `unauthenticated`, or `busy` after failed attempts.
pub async fn log_in(app: &App, from: IpAddr, email: &str, password: String) -> Answer<PersonId> {
    let email = crate::directory::fold_email(email);
    let bucket = bucket(from);
    let keys = [(format!("{email} {bucket}"), 3), (email.clone(), 10), (format!("ip {bucket}"), 30)];
    app.auth.check_delay(&keys)?;
    let known = {
        let index = app.directory.read();
        index
            .person_by_email(&email)
            .filter(|(_, row)| !row.disabled)
            .map(|(id, row)| (id, row.password_hash.clone()))
    };
    let hash = known.as_ref().map(|(_, hash)| hash.clone()).unwrap_or_default();
    let too_long = password.chars().count() > *PASSWORD_CHARS.end();
    let fits =
        app.auth.verify_password(if too_long { String::new() } else { password }, hash).await? && !too_long;
    app.auth.note_attempt(&keys, fits);
    match known {
        Some((person, _)) if fits => Ok(person),
        _ => {
            tracing::info!(%from, "failed login");
            app.metrics.failed_logins.inc();
            let mut problem = Problem::unauthenticated();
            problem.message = "the e-mail address or the password is wrong".into();
            Err(problem)
        }
    }
}

/// Makes a session and the cookie for it.
///
/// # Errors
///
/// If the directory has stopped.
pub async fn open_session(app: &App, person: PersonId, headers: &HeaderMap) -> Answer<HeaderValue> {
    let token = secret::random_256();
    let now = now_ms();
    let row = SessionRow {
        hash: secret::hash(&token),
        person,
        created: now,
        last_seen: now,
        expires: now + ABSOLUTE_MS,
    };
    let agent =
        headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned();
    let this = app.clone();
    blocking(move || {
        let expired: Vec<_> = {
            let index = this.directory.read();
            index
                .sessions
                .iter()
                .filter(|(_, session)| !is_live(session, now))
                .map(|(id, _)| *id)
                .take(100)
                .collect()
        };
        this.directory.end_sessions(expired).map_err(Problem::internal)?;
        this.directory.add_session(&row, &agent).map_err(Problem::internal)
    })
    .await?;
    cookie(app, &token, ABSOLUTE_MS / 1_000)
}

/// The cookie that ends a session in the browser.
///
/// # Errors
///
/// Never in practice.
pub fn closing_cookie(app: &App) -> Answer<HeaderValue> {
    cookie(app, "", 0)
}

fn cookie_name(app: &App) -> String {
    if app.is_https() { format!("__Host-{COOKIE}") } else { COOKIE.to_owned() }
}

fn cookie(app: &App, token: &str, max_age_s: i64) -> Answer<HeaderValue> {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let name = cookie_name(app);
    let text = format!("{name}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(Problem::internal)
}

fn is_live(session: &SessionRow, now: i64) -> bool {
    session.expires > now && session.last_seen + IDLE_MS > now
}

/// Recognizes who asks by token or cookie.
///
/// # Errors
///
/// `unauthenticated` for a missing, unknown or expired one.
pub async fn recognize(app: &App, headers: &HeaderMap) -> Answer<Actor> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().map_err(|_| Problem::unauthenticated())?;
        let (scheme, token) = text.split_once(' ').ok_or_else(Problem::unauthenticated)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthenticated());
        }
        return recognize_token(app, token.trim()).await;
    }
    let token = cookie_of(app, headers).ok_or_else(Problem::unauthenticated)?;
    let now = now_ms();
    let found = {
        let index = app.directory.read();
        index
            .session(&secret::hash(&token))
            .filter(|(_, session)| is_live(session, now) && index.person(session.person).is_some())
            .map(|(id, session)| (id, session.person, session.last_seen))
    };
    let (id, person, last_seen) = found.ok_or_else(Problem::unauthenticated)?;
    if last_seen + SEEN_MS < now {
        let this = app.clone();
        blocking(move || this.directory.touch_session(id, now).map_err(Problem::internal)).await?;
    }
    Ok(Actor { person, by: Credential::Session(id) })
}

/// Recognizes an API token.
///
/// # Errors
///
/// `unauthenticated` for an unknown one.
pub async fn recognize_token(app: &App, token: &str) -> Answer<Actor> {
    let now = now_ms();
    let found = {
        let index = app.directory.read();
        let is_ours = token.starts_with(TOKEN_PREFIX);
        let row = index.token(&secret::hash(token)).filter(|_| is_ours);
        row.filter(|(_, row)| index.person(row.person).is_some())
            .map(|(id, row)| (id, row.person, row.last_used))
    };
    let (id, person, last_used) = found.ok_or_else(Problem::unauthenticated)?;
    if last_used + SEEN_MS < now {
        let this = app.clone();
        blocking(move || this.directory.touch_token(id, now).map_err(Problem::internal)).await?;
    }
    Ok(Actor { person, by: Credential::Token(id) })
}

/// Whether a credential still holds: what open sockets ask every other second.
pub fn still_holds(app: &App, actor: &Actor) -> bool {
    let index = app.directory.read();
    let holds = match actor.by {
        Credential::Session(id) => index.sessions.get(&id).is_some_and(|session| is_live(session, now_ms())),
        Credential::Token(id) => index.tokens.contains_key(&id),
    };
    holds && index.person(actor.person).is_some()
}

/// Whether a request carries our cookie.
pub fn has_cookie(app: &App, headers: &HeaderMap) -> bool {
    cookie_of(app, headers).is_some()
}

fn cookie_of(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(app);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// Addresses that are likely one person's: a /24 or a /64.
fn bucket(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(ip) => ip.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_not_obvious() {
        let check = |password: &str| check_password(password, "Ada Lovelace", "ada@example.org").is_ok();
        assert!(check("correct horse battery"));
        assert!(check("密码是十二个汉字以上的句子吧"));
        assert!(check(&"ab\0cde".repeat(42)));
        for weak in ["", "short", "password1234", "aaaaaaaaaaaaaaa", "ada lovelace 1815", "123456123456789"] {
            assert!(!check(weak), "{weak}");
        }
        assert!(!check(&"abcdefg ".repeat(33)));
    }

    #[test]
    fn failures_cost_time_only_after_some() {
        let auth = Auth::new();
        let keys = [("ada".to_owned(), 3)];
        for _ in 0..2 {
            auth.note_attempt(&keys, false);
            assert!(auth.check_delay(&keys).is_ok());
        }
        auth.note_attempt(&keys, false);
        assert_eq!(auth.check_delay(&keys).map_err(|problem| problem.code), Err("busy"));
        auth.note_attempt(&keys, true);
        assert!(auth.check_delay(&keys).is_ok());
    }

    #[test]
    fn a_link_works_once() {
        let auth = Auth::new();
        let link = auth.login_link(PersonId(3));
        assert_eq!(auth.take_link(&link), Some(PersonId(3)));
        assert_eq!(auth.take_link(&link), None);
    }
}
