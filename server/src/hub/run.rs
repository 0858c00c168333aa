//! The loop of one hub.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use engine::access::sees_view;
use engine::analyze::AnalyzeCache;
use engine::view::OrderCache;
use engine::{Base, Delta, IdCodec, PersonId, Snapshot, TableId, Watch, WatchEvent};
use serde_json::{Map, Value as Json, json};

use super::outbox::{Frame, Kind};
use super::session::{Session, Sub};
use super::window::{ROWS_MAX, Shared, Spec, Stepped, write_error};
use super::{Join, Message, Outcome, SessionId};
use crate::access::Principal;
use crate::app::App;
use crate::error::Problem;
use crate::socket::{COMMANDS_BURST, COMMANDS_PER_S, FRAME_BYTES_MAX};
use crate::wire::{describe, results};

/// Windows of one socket. A board has one for each column, a long grid up to eight.
pub(crate) const WINDOWS_MAX: usize = 64;
/// Messages that are taken before the sockets hear of what they did.
const MESSAGES_AT_ONCE: usize = 512;
/// How often a person's place is passed on at the most.
const PRESENCE_EVERY: Duration = Duration::from_millis(100);
/// How often a hub without work looks around.
const IDLE: Duration = Duration::from_secs(5);
/// How long and how many sockets that went are remembered, for when they come back.
const DEPARTED_FOR: Duration = Duration::from_secs(300);
const DEPARTED_MAX: usize = 1_000;

/// Starts the hub of a base.
pub(super) fn start(
    app: App,
    app_id: String,
    base: Base,
    sender: Sender<Message>,
    received: Receiver<Message>,
) {
    let run = move || {
        let news = Arc::new(AtomicBool::new(false));
        let wake = {
            let news = Arc::clone(&news);
            move || {
                if !news.swap(true, Ordering::SeqCst) {
                    drop(sender.send(Message::Wake));
                }
            }
        };
        let watch = base.watch_with(Some(Arc::new(wake)));
        let hub = Hub {
            epoch: base.epoch(),
            snapshot: watch.start.clone(),
            watch,
            news,
            app,
            app_id,
            orders: OrderCache::default(),
            sums: AnalyzeCache::default(),
            windows: HashMap::new(),
            sessions: BTreeMap::new(),
            departed: VecDeque::new(),
            tidied: Instant::now(),
        };
        hub.run(&received);
    };
    // Without a thread the sender's other end is gone, and sockets find that out when they say hello.
    let started = std::thread::Builder::new().name("sheaf-hub".into()).spawn(run);
    if let Err(error) = started {
        tracing::error!(%error, "cannot start a hub");
    }
}

struct Hub {
    app: App,
    app_id: String,
    epoch: u64,
    watch: Watch,
    news: Arc<AtomicBool>,
    /// What all windows show.
    snapshot: Snapshot,
    orders: OrderCache,
    sums: AnalyzeCache,
    windows: HashMap<Arc<str>, Shared>,
    sessions: BTreeMap<SessionId, Session>,
    departed: VecDeque<Departed>,
    tidied: Instant,
}

/// A socket that went: which windows it had whole, and since when.
struct Departed {
    cid: String,
    person: PersonId,
    at: Instant,
    windows: HashMap<String, (Arc<str>, u64)>,
}

/// Whether a hub goes on.
enum Go {
    On,
    End(u16, &'static str),
}

impl Hub {
    fn run(mut self, received: &Receiver<Message>) {
        loop {
            let first = match received.recv_timeout(self.patience()) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut answers = Vec::new();
            let rest = std::iter::from_fn(|| received.try_recv().ok()).take(MESSAGES_AT_ONCE);
            for message in first.into_iter().chain(rest).collect::<Vec<_>>() {
                if let Go::End(code, why) = self.hear(message, &mut answers) {
                    return self.close(code, why);
                }
            }
            // What was answered was published before, so it is among the deltas that wait here.
            if let Go::End(code, why) = self.catch_up() {
                return self.close(code, why);
            }
            for (session, n, outcome) in answers {
                self.answer(session, n, outcome);
            }
            self.send_presence();
            self.pump();
            if self.tidied.elapsed() > IDLE {
                self.tidied = Instant::now();
                if self.tidy() && self.sessions.is_empty() && self.app.hubs.may_end(&self.app_id) {
                    return;
                }
            }
        }
    }

    fn patience(&self) -> Duration {
        let due = self
            .sessions
            .values()
            .filter(|session| session.presence_due)
            .filter_map(|session| Some(PRESENCE_EVERY.saturating_sub(session.presence_sent?.elapsed())));
        due.min().unwrap_or(IDLE)
    }

    fn hear(&mut self, message: Message, answers: &mut Vec<(SessionId, u64, Outcome)>) -> Go {
        match message {
            Message::Wake => {}
            Message::Join(join) => {
                if let Go::End(code, why) = self.catch_up() {
                    join.outbox.close(code, why);
                    return Go::End(code, why);
                }
                self.join(*join);
            }
            Message::Leave(session) => self.leave(session),
            Message::Sub { session, sid, spec } => self.sub(session, sid, spec),
            Message::Unsub { session, sid } => self.unsub(session, &sid),
            Message::Expect { session, n } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.answers.insert(n, None);
                }
            }
            Message::Answer { session, n, outcome } => answers.push((session, n, outcome)),
            Message::Presence { session, place } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.presence = Some(place);
                    session.presence_due = true;
                }
            }
            // `pump` runs after every round.
            Message::Drained(_) => {}
            Message::Inbox { person, unread } => {
                let frame = Frame::control(json!({ "t": "inbox", "unread": unread }).to_string());
                for session in self.sessions.values_mut().filter(|session| session.person == person) {
                    session.push(vec![frame.clone()]);
                }
            }
            Message::End { code, why } => return Go::End(code, why),
        }
        Go::On
    }

    /* Sockets come and go. */

    fn join(&mut self, join: Join) {
        let (rev, schema_rev) = (self.snapshot.version(), self.snapshot.schema().version);
        // Witnesses of commits that we do not have: the end of the log was lost, or another one is served.
        let ahead = join.resume.iter().any(|(_, _, seen)| *seen > rev);
        let mut session = Session::new(join, rev, schema_rev);
        let mut frames = vec![Frame::control(
            json!({
                "t": "welcome", "session": session.name, "epoch": self.epoch, "rev": rev, "schema_rev": schema_rev,
                "person": IdCodec::person(session.person),
                "limits": {
                    "commands_per_s": COMMANDS_PER_S, "commands_burst": COMMANDS_BURST,
                    "frame_bytes": FRAME_BYTES_MAX, "windows": WINDOWS_MAX, "rows": ROWS_MAX,
                },
            })
            .to_string(),
        )];
        if ahead {
            tracing::error!(
                base = self.app_id,
                rev,
                "a client has seen versions that this base does not have"
            );
            session.resume.clear();
            let why = "the server does not have the newest versions that you have seen";
            frames.push(Frame::control(json!({ "t": "reset", "why": why }).to_string()));
        }
        for other in self.sessions.values() {
            if let Some(place) = &other.presence {
                frames.push(presence_frame(other, Some(place)));
            }
        }
        let unread = self.app.directory.read().unread(session.person);
        frames.push(Frame::control(json!({ "t": "inbox", "unread": unread }).to_string()));
        session.push(frames);
        self.sessions.insert(session.id, session);
    }

    fn leave(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else { return };
        if session.presence.is_some() {
            let gone = presence_frame(&session, None);
            for other in self.sessions.values_mut() {
                other.push(vec![gone.clone()]);
            }
        }
        let mut windows = HashMap::new();
        for (sid, sub) in session.subs {
            if let Some(shared) = self.windows.get_mut(&sub.key) {
                shared.used(false);
            }
            if !sub.stale {
                windows.insert(sid, (sub.key, sub.snapped));
            }
        }
        self.departed.push_back(Departed {
            cid: session.cid,
            person: session.person,
            at: Instant::now(),
            windows,
        });
        if self.departed.len() > DEPARTED_MAX {
            self.departed.pop_front();
        }
    }

    /// Forgets what nobody comes back to; tells whether nothing is left.
    fn tidy(&mut self) -> bool {
        self.windows.retain(|_, shared| !shared.is_forgotten());
        while self.departed.front().is_some_and(|departed| departed.at.elapsed() > DEPARTED_FOR) {
            self.departed.pop_front();
        }
        self.windows.is_empty()
    }

    fn close(self, code: u16, why: &'static str) {
        for session in self.sessions.values() {
            session.outbox.close(code, why);
        }
    }

    /* Windows. */

    fn sub(&mut self, id: SessionId, sid: String, spec: Map<String, Json>) {
        self.unsub(id, &sid);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let person = session.person;
        let opened = if session.subs.len() >= WINDOWS_MAX {
            Err(engine::Refusal::limit(format!("a socket has {WINDOWS_MAX} windows at the most")))
        } else {
            self.open(spec, person)
        };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let resume = session.resume.remove(&sid);
        match opened {
            Ok(key) => {
                let shared = self.windows.get_mut(&key).expect("the window was opened just now");
                shared.used(true);
                let known = self.departed.iter().rev().find(|departed| {
                    departed.cid == session.cid
                        && departed.person == person
                        && departed.windows.contains_key(&sid)
                });
                let known = known.and_then(|departed| departed.windows.get(&sid));
                let ops = match (known, resume) {
                    // A patch after the snap has arrived, so the snap has.
                    (Some((old, snapped)), Some((epoch, rev)))
                        if *old == key && epoch == self.epoch && rev > *snapped =>
                    {
                        shared.since(rev).map(|ops| (rev, ops, *snapped))
                    }
                    _ => None,
                };
                let rev = self.snapshot.version();
                let sub = match ops {
                    None => Sub { key, stale: true, snapped: 0 },
                    Some((from, ops, snapped)) => {
                        let before = std::mem::replace(&mut session.rev, from);
                        let frame = session.patch(rev, &[(&sid, &ops)]);
                        session.rev = before.max(rev);
                        let stale = !session.push(vec![frame]);
                        Sub { key, stale, snapped }
                    }
                };
                session.subs.insert(sid, sub);
            }
            Err(refusal) => {
                let (rev, schema_rev) = (self.snapshot.version(), self.snapshot.schema().version);
                let mut text = format!(
                    "{{\"t\":\"snap\",\"sid\":{},\"epoch\":{},\"rev\":{rev},\"schema_rev\":{schema_rev}",
                    Json::from(sid),
                    self.epoch
                );
                write_error(&mut text, &refusal, &self.snapshot);
                text.push('}');
                session.push(vec![Frame::control(text)]);
            }
        }
    }

    fn open(&mut self, spec: Map<String, Json>, who: PersonId) -> Result<Arc<str>, engine::Refusal> {
        let spec = Spec::read(spec, &self.snapshot, who)?;
        let common: Arc<str> = spec.key().into();
        if self.windows.contains_key(&common) {
            return Ok(common);
        }
        let own: Arc<str> = format!("{} {common}", who.0).into();
        if self.windows.contains_key(&own) {
            return Ok(own);
        }
        let (shared, follows_me) = Shared::open(spec, &self.snapshot, who, &self.orders, &self.sums)?;
        let key = if follows_me { own } else { common };
        self.windows.insert(Arc::clone(&key), shared);
        Ok(key)
    }

    fn unsub(&mut self, id: SessionId, sid: &str) {
        let Some(sub) = self.sessions.get_mut(&id).and_then(|session| session.subs.remove(sid)) else {
            return;
        };
        if let Some(shared) = self.windows.get_mut(&sub.key) {
            shared.used(false);
        }
    }

    /// Sends snaps to sockets that have room for them, and the answers that waited for those.
    fn pump(&mut self) {
        let rev = self.snapshot.version();
        let Self { sessions, windows, snapshot, epoch, app, .. } = self;
        for session in sessions.values_mut() {
            // An empty queue has room for anything; otherwise the socket's task wakes the hub when it is empty.
            while session.has_stale() && (session.outbox.has_room() || !session.outbox.await_room()) {
                let Some((sid, sub)) = session.subs.iter_mut().find(|(_, sub)| sub.stale) else { break };
                let Some(shared) = windows.get(&sub.key) else { break };
                let text: Utf8Bytes = shared.snap(sid, *epoch, snapshot).into();
                (sub.stale, sub.snapped) = (false, rev);
                let mut frames = Vec::new();
                // A session's versions never run behind its windows'.
                if session.rev < rev {
                    frames.push(session.patch(rev, &[]));
                }
                frames.push(Frame { kind: Kind::Snap, text });
                app.metrics.frames.inc_by(frames.len() as u64);
                if !session.push(frames) {
                    app.metrics.stale.inc();
                }
            }
            let due = session.due_answers();
            session.push(due);
        }
    }

    /* What happens in the base. */

    fn catch_up(&mut self) -> Go {
        self.news.store(false, Ordering::SeqCst);
        let mut merged: Option<Delta> = None;
        loop {
            match self.watch.try_next() {
                Ok(None) => break,
                Ok(Some(WatchEvent::Delta(delta))) => match &mut merged {
                    None => merged = Some(Delta::clone(&delta)),
                    Some(merged) => merge(merged, &delta),
                },
                Ok(Some(WatchEvent::Resync(snapshot))) => {
                    merged = None;
                    self.resync(snapshot);
                }
                Ok(Some(WatchEvent::Stopped(why))) => {
                    tracing::error!(base = self.app_id, why, "a base has stopped");
                    return Go::End(1011, "the base has stopped");
                }
                Err(_) => return Go::End(1001, "the base was closed"),
            }
        }
        if let Some(delta) = merged {
            self.step(&delta);
        }
        Go::On
    }

    fn step(&mut self, delta: &Delta) {
        self.orders.advance(delta);
        let tables = touched_tables(delta);
        let mut patches: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        let mut anew: Vec<Arc<str>> = Vec::new();
        for (key, shared) in &mut self.windows {
            match shared.step(delta, &tables, &self.orders, &self.sums) {
                Stepped::Same => {}
                Stepped::Ops(ops) => drop(patches.insert(Arc::clone(key), ops)),
                Stepped::Anew => anew.push(Arc::clone(key)),
            }
        }
        self.snapshot = delta.after.clone();
        let schemas = self.schemas(delta.schema);
        let rev = delta.after.version();
        for session in self.sessions.values_mut() {
            let mut frames = Vec::new();
            if let Some(schema) = schemas.get(&session.id) {
                frames.push(schema.clone());
                session.schema_rev = delta.after.schema().version;
            }
            let mut wins: Vec<(String, Arc<str>)> = Vec::new();
            for (sid, sub) in &mut session.subs {
                if anew.contains(&sub.key) && !sub.stale {
                    sub.stale = true;
                    wins.push((sid.clone(), "[\"x\",\"schema\"]".into()));
                } else if let (false, Some(ops)) = (sub.stale, patches.get(&sub.key)) {
                    wins.push((sid.clone(), Arc::clone(ops)));
                }
            }
            if !wins.is_empty() {
                let wins: Vec<_> = wins.iter().map(|(sid, ops)| (sid.as_str(), ops.as_ref())).collect();
                frames.push(session.patch(rev, &wins));
            }
            self.app.metrics.frames.inc_by(frames.len() as u64);
            if !session.push(frames) {
                self.app.metrics.stale.inc();
            }
        }
    }

    /// After missed deltas everything is read anew.
    fn resync(&mut self, snapshot: Snapshot) {
        let schema = snapshot.schema().version != self.snapshot.schema().version;
        self.snapshot = snapshot;
        self.windows.clear();
        let old: Vec<_> = self
            .sessions
            .values_mut()
            .map(|session| (session.id, std::mem::take(&mut session.subs)))
            .collect();
        let schemas = self.schemas(schema);
        let reset = json!({ "t": "reset", "why": "the server was too busy to follow" }).to_string();
        for (id, subs) in old {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            let mut frames: Vec<_> = schemas.get(&id).cloned().into_iter().collect();
            // The socket asks for its windows again.
            if !subs.is_empty() {
                frames.push(Frame::control(reset.clone()));
            }
            session.push(frames);
        }
    }

    /// The description of the base for each socket; written once for all who see the same.
    fn schemas(&self, changed: bool) -> HashMap<SessionId, Frame> {
        let mut frames = HashMap::new();
        if !changed {
            return frames;
        }
        let schema = self.snapshot.schema();
        let mut written: HashMap<(engine::state::schema::Role, Option<PersonId>), Frame> = HashMap::new();
        for session in self.sessions.values() {
            let Some(role) = self.app.directory.read().role(&self.app_id, session.person) else { continue };
            let own = schema
                .views
                .values()
                .any(|view| view.personal.is_some() && sees_view(session.person, view.personal));
            let key = (role, own.then_some(session.person));
            let frame = written.entry(key).or_insert_with(|| {
                let who = Principal { person: session.person, role };
                let base = describe::base(&self.snapshot, &self.app_id, who);
                let rev = self.snapshot.version();
                Frame::control(json!({ "t": "schema", "rev": rev, "base": base }).to_string())
            });
            frames.insert(session.id, frame.clone());
        }
        frames
    }

    /* Answers and presence. */

    fn answer(&mut self, id: SessionId, n: u64, outcome: Outcome) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let text = match outcome {
            Outcome::Done(Ok(receipt), asked) => {
                let (results, skipped) = results::results(&self.snapshot, &asked, &receipt.outcomes);
                json!({ "t": "ack", "n": n, "rev": receipt.version, "results": results, "skipped": skipped })
            }
            Outcome::Done(Err(error), _) => nack(n, &Problem::from_engine(&error, &self.snapshot)),
            Outcome::Refused(problem) => nack(n, &problem),
        };
        session.answers.insert(n, Some(text.to_string()));
    }

    fn send_presence(&mut self) {
        let is_due = |session: &Session| {
            session.presence_due && session.presence_sent.is_none_or(|sent| sent.elapsed() >= PRESENCE_EVERY)
        };
        let due: Vec<_> =
            self.sessions.values().filter(|session| is_due(session)).map(|session| session.id).collect();
        for id in due {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            session.presence_due = false;
            session.presence_sent = Some(Instant::now());
            let frame = presence_frame(session, session.presence.as_ref());
            for other in self.sessions.values_mut().filter(|other| other.id != id) {
                // Who has no room learns it the next time.
                if other.outbox.has_room() {
                    other.push(vec![frame.clone()]);
                }
            }
        }
    }
}

fn nack(n: u64, problem: &Problem) -> Json {
    let mut map = problem.fields();
    map.insert("t".into(), "nack".into());
    map.insert("n".into(), n.into());
    map.into()
}

fn presence_frame(session: &Session, place: Option<&Map<String, Json>>) -> Frame {
    let mut map = place.cloned().unwrap_or_default();
    map.insert("t".into(), "pres".into());
    map.insert("who".into(), IdCodec::person(session.person).into());
    map.insert("session".into(), session.name.clone().into());
    // That somebody is gone must arrive; where they are is said again.
    let kind = if place.is_some() { Kind::Presence } else { Kind::Control };
    if place.is_none() {
        map.insert("gone".into(), true.into());
    }
    Frame { kind, text: Json::Object(map).to_string().into() }
}

/// The tables in which anything differs.
fn touched_tables(delta: &Delta) -> BTreeSet<TableId> {
    let fields = delta.touched.iter().filter(|(_, records)| !records.is_empty());
    let tables = fields.filter_map(|(field, _)| Some(delta.after.field(*field)?.table));
    let views = &delta.after.schema().views;
    let placed = delta.placed.keys().filter_map(|view| Some(views.get(view)?.table));
    tables.chain(placed).chain(delta.added.keys().copied()).chain(delta.removed.keys().copied()).collect()
}

/// Makes one delta of two that follow each other.
fn merge(first: &mut Delta, second: &Delta) {
    first.to = second.to;
    first.commits = first.commits.iter().chain(second.commits.iter()).cloned().collect();
    for (field, records) in &second.touched {
        first.touched.entry(*field).or_default().union_with(records);
    }
    for (table, records) in &second.added {
        first.added.entry(*table).or_default().union_with(records);
    }
    for (table, records) in &second.removed {
        first.removed.entry(*table).or_default().union_with(records);
    }
    for (view, records) in &second.placed {
        first.placed.entry(*view).or_default().union_with(records);
    }
    first.schema |= second.schema;
    first.after = second.after.clone();
}
