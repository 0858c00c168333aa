//! One live socket: reads what the browser says, sends what its queue holds, and ends when the person's rights do.
//!
//! Commands go straight to the base; windows, answers and presence are the hub's (`hub/`). Invariants:
//! `collaboration.md` section 3.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message as Ws, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use engine::{CommandId, Error, IdCodec, Request};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::auth;
use crate::error::{Answer, Problem};
use crate::extract::{self, Member};
use crate::hub::outbox::{Frame, Next, Outbox};
use crate::hub::{Join, Message, Outcome, SessionId};
use crate::secret::{digest_128, hex, random};
use crate::time::now_ms;
use crate::wire::args::Args;
use crate::wire::ops;

/// Commands that a socket may send each second, in the long run.
pub(crate) const COMMANDS_PER_S: f64 = 50.0;
/// Commands that it may send at once.
pub(crate) const COMMANDS_BURST: f64 = 200.0;
/// Bytes of a frame from the browser.
pub(crate) const FRAME_BYTES_MAX: usize = 1 << 20;
/// Messages of any kind: more is no browser of ours.
const MESSAGES_PER_S: f64 = 200.0;
const MESSAGES_BURST: f64 = 2_000.0;
/// How long a socket may take to say hello.
const HELLO: Duration = Duration::from_secs(5);
/// How often a socket asks whether its person may still be here.
const RIGHTS_EVERY: Duration = Duration::from_secs(2);
/// How long nothing may be read at the other end while frames wait.
const STALLED: Duration = Duration::from_secs(30);
/// How long a socket may be silent; the browser pings every 20 seconds.
const SILENT: Duration = Duration::from_secs(90);

type Sink = SplitSink<WebSocket, Ws>;
type Stream = SplitStream<WebSocket>;

pub(crate) async fn open(
    State(app): State<App>,
    Path(base): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => return Problem::malformed("this route is a WebSocket").into_response(),
    };
    // A browser does not see the status of a refused upgrade: it is told by the close code.
    let member = admit(&app, &headers, base).await;
    upgrade.max_message_size(FRAME_BYTES_MAX).max_frame_size(FRAME_BYTES_MAX).on_upgrade(
        move |mut socket| async move {
            match member {
                Ok(member) if app.is_stopping() => {
                    drop(member);
                    close(&mut socket, 1001, "the server stops").await;
                }
                Ok(member) => Socket::run(app, member, socket).await,
                Err(problem) => {
                    let code = if problem.code == "unauthenticated" { 4401 } else { 4403 };
                    close(&mut socket, code, problem.code).await;
                }
            }
        },
    )
}

async fn admit(app: &App, headers: &HeaderMap, base: String) -> Answer<Member> {
    let actor = auth::recognize(app, headers).await?;
    extract::member(app, actor, base).await
}

async fn close(socket: &mut WebSocket, code: u16, why: &'static str) {
    let frame = CloseFrame { code, reason: why.into() };
    // The other end may be gone, or not read any more.
    drop(tokio::time::timeout(Duration::from_secs(1), socket.send(Ws::Close(Some(frame)))).await);
}

struct Hello {
    cid: String,
    last_n: u64,
    resume: Vec<(String, u64, u64)>,
}

/// See the module's head.
struct Socket {
    app: App,
    member: Member,
    session: SessionId,
    hub: Sender<Message>,
    outbox: Arc<Outbox>,
    /// The tab, for the numbers of its commands: nobody gets another person's answers by it.
    client: u128,
    last_n: u64,
    commands: Bucket,
    messages: Bucket,
}

impl Socket {
    async fn run(app: App, member: Member, mut socket: WebSocket) {
        let hello = match tokio::time::timeout(HELLO, hello(&mut socket)).await {
            Ok(Ok(hello)) => hello,
            Ok(Err(why)) => return close(&mut socket, 4400, why).await,
            Err(_) => return close(&mut socket, 4408, "no hello").await,
        };
        let Some((session, hub)) = app.hubs.enter(&app, &member) else {
            return close(&mut socket, 4429, "too many sockets").await;
        };
        let outbox = Arc::new(Outbox::default());
        let person = member.actor.person;
        let join = Join {
            session,
            name: hex(&random::<8>()),
            cid: hello.cid.clone(),
            person,
            outbox: Arc::clone(&outbox),
            resume: hello.resume,
        };
        let (app_id, leaving) = (member.app_id.clone(), app.clone());
        if hub.send(Message::Join(Box::new(join))).is_ok() {
            let (sink, stream) = socket.split();
            let writer = tokio::spawn(write(app.clone(), sink, Arc::clone(&outbox), hub.clone(), session));
            let client = digest_128(&["tab", &person.to_string(), &hello.cid]);
            let socket = Self {
                app,
                member,
                session,
                hub,
                outbox,
                client,
                last_n: hello.last_n,
                commands: Bucket::new(COMMANDS_PER_S, COMMANDS_BURST),
                messages: Bucket::new(MESSAGES_PER_S, MESSAGES_BURST),
            };
            socket.read(stream, writer).await;
        }
        leaving.hubs.leave(&leaving, &app_id, person, session);
    }

    /// Reads until one side has enough.
    async fn read(mut self, mut stream: Stream, mut writer: tokio::task::JoinHandle<()>) {
        let mut rights = tokio::time::interval(RIGHTS_EVERY);
        let mut heard = Instant::now();
        loop {
            let app = self.app.clone();
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Ws::Text(text))) => {
                        heard = Instant::now();
                        if !self.messages.take() {
                            self.outbox.close(4429, "too many messages");
                        } else if let Err(why) = self.hear(&text) {
                            self.outbox.close(4400, why);
                        }
                    }
                    Some(Ok(Ws::Binary(_))) => self.outbox.close(1003, "frames are JSON texts"),
                    Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => heard = Instant::now(),
                    Some(Ok(Ws::Close(_))) | None => break,
                    Some(Err(error)) => {
                        tracing::debug!(%error, "a socket broke off");
                        self.outbox.close(1009, "the frame is not readable or too large");
                        // What can be sent is sent, then the writer ends.
                        drop(tokio::time::timeout(Duration::from_secs(2), &mut writer).await);
                        break;
                    }
                },
                _ = &mut writer => return,
                _ = rights.tick() => {
                    self.check_rights();
                    if heard.elapsed() > SILENT {
                        self.outbox.close(4408, "silent for too long");
                    }
                }
                () = app.hubs.rights.notified() => self.check_rights(),
            }
        }
        writer.abort();
    }

    fn check_rights(&mut self) {
        if !auth::still_holds(&self.app, &self.member.actor) {
            return self.outbox.close(4401, "logged out");
        }
        match self.app.directory.read().role(&self.member.app_id, self.member.actor.person) {
            Some(role) => self.member.role = role,
            None => self.outbox.close(4403, "no longer a member"),
        }
    }

    /// Does what one message says; an error ends the socket.
    fn hear(&mut self, text: &str) -> Result<(), &'static str> {
        let json: Json = serde_json::from_str(text).map_err(|_| "not JSON")?;
        let Json::Object(mut map) = json else { return Err("not an object") };
        let Some(Json::String(kind)) = map.remove("t") else { return Err("no \"t\"") };
        let session = self.session;
        match kind.as_str() {
            "sub" => {
                let sid = take_sid(&mut map)?;
                self.tell(Message::Sub { session, sid, spec: map });
            }
            "unsub" => {
                let sid = take_sid(&mut map)?;
                self.tell(Message::Unsub { session, sid });
            }
            "cmd" => self.command(map)?,
            "pres" => self.presence(map)?,
            "ping" => {
                let at = map.remove("at").unwrap_or(Json::Null);
                let frame = Frame::control(json!({ "t": "pong", "at": at }).to_string());
                self.outbox.push_control(frame);
            }
            "hello" => return Err("hello comes first and once"),
            _ => return Err("unknown message"),
        }
        Ok(())
    }

    fn tell(&self, message: Message) {
        // A hub that ended has closed the outbox.
        drop(self.hub.send(message));
    }

    fn command(&mut self, mut map: Map<String, Json>) -> Result<(), &'static str> {
        let n = map.remove("n").and_then(|n| n.as_u64()).ok_or("a cmd needs \"n\"")?;
        self.tell(Message::Expect { session: self.session, n });
        if let Err(problem) = self.submit(n, map) {
            self.tell(Message::Answer { session: self.session, n, outcome: Outcome::Refused(problem) });
        }
        Ok(())
    }

    fn submit(&mut self, n: u64, map: Map<String, Json>) -> Answer<()> {
        if !self.commands.take() {
            return Err(Problem::busy(format!("more than {COMMANDS_PER_S} commands a second"), 1));
        }
        if n > self.last_n + 1 {
            let message = format!("command {} is missing before {n}", self.last_n + 1);
            return Err(Problem::new(axum::http::StatusCode::CONFLICT, "gap", message));
        }
        self.last_n = self.last_n.max(n);
        let snapshot = self.member.snapshot();
        let refused = |refusal| Problem::refused(&refusal, &snapshot);
        let mut args = Args::new("a cmd", Json::Object(map), snapshot.ids()).map_err(refused)?;
        let batch = ops::batch(args.need("ops").map_err(refused)?, &snapshot, self.member.actor.person)
            .map_err(refused)?;
        let dry = args.bool_opt("dry").map_err(refused)?.unwrap_or(false);
        let if_version = match args.any("if") {
            None => None,
            Some(condition) => {
                let mut condition = Args::new("\"if\"", condition, snapshot.ids()).map_err(refused)?;
                condition.whole_opt("version").map_err(refused)?
            }
        };
        args.finish().map_err(refused)?;
        let mut request = Request::new(Some(self.member.actor.person), now_ms(), batch.commands);
        request.id = (!dry).then_some(CommandId { client: self.client, n });
        request.stack = Some(self.client);
        request.if_version = if_version;
        request.dry = dry;
        let (hub, session, asked) = (self.hub.clone(), self.session, batch.asked);
        let reply = move |result: Result<engine::Receipt, Error>| {
            drop(hub.send(Message::Answer { session, n, outcome: Outcome::Done(result, asked) }));
        };
        self.member
            .base
            .submit_with(request, Box::new(reply))
            .map_err(|error| Problem::from_engine(&error, &snapshot))
    }

    fn presence(&self, map: Map<String, Json>) -> Result<(), &'static str> {
        let ids: IdCodec = self.member.snapshot().ids();
        let text = |key: &str| map.get(key).and_then(Json::as_str);
        let table = text("table").and_then(|table| ids.read_table(table));
        let fits = |key: &str, known: bool| map.get(key).is_none_or(Json::is_null) || known;
        let known = fits("table", table.is_some())
            && fits("view", text("view").is_some_and(|view| ids.read_view(view).is_some()))
            && fits("field", text("field").is_some_and(|field| ids.read_field(field).is_some()))
            && fits(
                "record",
                table.zip(text("record")).is_some_and(|(table, id)| ids.read_record(table, id).is_some()),
            );
        let keys = ["table", "view", "record", "field", "editing"];
        if !known || map.keys().any(|key| !keys.contains(&key.as_str())) {
            return Err("a place names table, view, record, field of this base");
        }
        self.tell(Message::Presence { session: self.session, place: map });
        Ok(())
    }
}

async fn hello(socket: &mut WebSocket) -> Result<Hello, &'static str> {
    let text = loop {
        match socket.next().await {
            Some(Ok(Ws::Text(text))) => break text,
            Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => {}
            _ => return Err("the first frame is hello"),
        }
    };
    let json: Json = serde_json::from_str(&text).map_err(|_| "not JSON")?;
    if json["t"] != "hello" {
        return Err("the first frame is hello");
    }
    if json["proto"] != 1 {
        return Err("this server speaks protocol 1");
    }
    let cid =
        json["cid"].as_str().filter(|cid| (1..=64).contains(&cid.len())).ok_or("hello needs \"cid\"")?;
    let resume = json["resume"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entry = |entry: &Json| {
        Some((entry["sid"].as_str()?.to_owned(), entry["epoch"].as_u64()?, entry["rev"].as_u64()?))
    };
    let resume = resume.iter().take(100).filter_map(entry).collect();
    Ok(Hello { cid: cid.to_owned(), last_n: json["last_n"].as_u64().unwrap_or(0), resume })
}

fn take_sid(map: &mut Map<String, Json>) -> Result<String, &'static str> {
    match map.remove("sid") {
        Some(Json::String(sid)) if (1..=64).contains(&sid.len()) => Ok(sid),
        _ => Err("\"sid\" is a text of 1 to 64 bytes"),
    }
}

/// Sends what the outbox holds. What was queued together goes out together.
async fn write(app: App, mut sink: Sink, outbox: Arc<Outbox>, hub: Sender<Message>, session: SessionId) {
    loop {
        let (next, has_room) = outbox.next().await;
        match next {
            Next::Frames(frames) => {
                for frame in frames {
                    let sent = sink.feed(Ws::Text(frame.text));
                    if !within(&app, sent).await {
                        return stalled(sink).await;
                    }
                }
                if !within(&app, sink.flush()).await {
                    return stalled(sink).await;
                }
                if has_room {
                    drop(hub.send(Message::Drained(session)));
                }
            }
            Next::Close(code, why) => {
                let frame = CloseFrame { code, reason: why.into() };
                drop(tokio::time::timeout(Duration::from_secs(2), sink.send(Ws::Close(Some(frame)))).await);
                return;
            }
        }
    }
}

/// Whether a frame was taken in time.
async fn within<E>(app: &App, sent: impl Future<Output = Result<(), E>>) -> bool {
    match tokio::time::timeout(STALLED, sent).await {
        Ok(sent) => sent.is_ok(),
        Err(_) => {
            app.metrics.stalled.inc();
            false
        }
    }
}

async fn stalled(mut sink: Sink) {
    let frame = CloseFrame { code: 4008, reason: "nothing was read for 30 seconds".into() };
    drop(tokio::time::timeout(Duration::from_secs(1), sink.send(Ws::Close(Some(frame)))).await);
}

/// So many each second, and a few more at once.
struct Bucket {
    per_s: f64,
    burst: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_s: f64, burst: f64) -> Self {
        Self { per_s, burst, left: burst, at: Instant::now() }
    }

    fn take(&mut self) -> bool {
        let now = Instant::now();
        self.left = (self.left + now.duration_since(self.at).as_secs_f64() * self.per_s).min(self.burst);
        self.at = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}
