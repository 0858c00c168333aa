//! Live bases: [`Hubs`] has one hub for each base that somebody watches.
//!
//! A hub is a thread that follows the base's deltas, keeps each distinct window once, writes each patch once, and
//! puts it into the queues of all sockets that see the window. [`run`] is its loop, [`window`] what is shared,
//! [`session`] what belongs to one socket, [`outbox`] the queue between the two.

pub mod outbox;
mod run;
mod session;
mod window;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::{Error, PersonId, Receipt};
use serde_json::{Map, Value as Json};
use tokio::sync::Notify;

use crate::app::App;
use crate::error::Problem;
use crate::extract::Member;
use crate::wire::results::Asked;
use outbox::Outbox;

/// Names a socket within its hub.
pub type SessionId = u64;

/// What a hub is told.
#[derive(Debug)]
pub enum Message {
    /// The base has news.
    Wake,
    /// A socket has said hello.
    Join(Box<Join>),
    /// A socket is gone.
    Leave(SessionId),
    /// A socket wants a window, or another part of it.
    Sub {
        /// Which socket.
        session: SessionId,
        /// Its name for the window.
        sid: String,
        /// The rest of the message.
        spec: Map<String, Json>,
    },
    /// A socket has enough of a window.
    Unsub {
        /// Which socket.
        session: SessionId,
        /// Its name for the window.
        sid: String,
    },
    /// A command was taken; its answer comes later, and in turn.
    Expect {
        /// Which socket.
        session: SessionId,
        /// Its number.
        n: u64,
    },
    /// A command is done or refused.
    Answer {
        /// Which socket.
        session: SessionId,
        /// Its number.
        n: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// Where a person is.
    Presence {
        /// Which socket.
        session: SessionId,
        /// `{table?, view?, record?, field?, editing?}`
        place: Map<String, Json>,
    },
    /// A slow socket has room again.
    Drained(SessionId),
    /// A person's unread notices.
    Inbox {
        /// Who.
        person: PersonId,
        /// How many.
        unread: usize,
    },
    /// Everybody out.
    End {
        /// The close code.
        code: u16,
        /// Why.
        why: &'static str,
    },
}

/// What came of a command.
#[derive(Debug)]
pub enum Outcome {
    /// The base's answer, and what was asked.
    Done(Result<Receipt, Error>, Vec<Asked>),
    /// It did not get so far.
    Refused(Problem),
}

/// A socket that joins.
#[derive(Debug)]
pub struct Join {
    /// Its name in the hub.
    pub session: SessionId,
    /// Its name on the wire.
    pub name: String,
    /// The tab.
    pub cid: String,
    /// Who.
    pub person: PersonId,
    /// Its queue.
    pub outbox: Arc<Outbox>,
    /// Windows that the tab holds: name, epoch, version.
    pub resume: Vec<(String, u64, u64)>,
}

/// The hubs of all bases that somebody watches.
#[derive(Debug, Default)]
pub struct Hubs {
    hubs: Mutex<HashMap<String, Hub>>,
    next: std::sync::atomic::AtomicU64,
    /// Told when somebody's rights may have changed: sockets check theirs.
    pub rights: Notify,
}

#[derive(Debug)]
struct Hub {
    messages: Sender<Message>,
    /// How many sockets each person has here.
    sockets: HashMap<PersonId, usize>,
}

/// Sockets of one person in one base.
const SOCKETS_MAX: usize = 10;

impl Hubs {
    /// A socket's way into the hub of a base, which is started if need be; `None` if the person has too many.
    pub(crate) fn enter(&self, app: &App, member: &Member) -> Option<(SessionId, Sender<Message>)> {
        let mut hubs = self.lock();
        let person = member.actor.person;
        let hub = hubs.entry(member.app_id.clone()).or_insert_with(|| {
            let (messages, received) = channel();
            run::start(app.clone(), member.app_id.clone(), member.base.clone(), messages.clone(), received);
            Hub { messages, sockets: HashMap::new() }
        });
        let n_sockets = hub.sockets.entry(person).or_default();
        if *n_sockets >= SOCKETS_MAX {
            return None;
        }
        *n_sockets += 1;
        app.metrics.sockets.inc();
        Some((self.next.fetch_add(1, Ordering::Relaxed), hub.messages.clone()))
    }

    /// A socket is gone.
    pub(crate) fn leave(&self, app: &App, app_id: &str, person: PersonId, session: SessionId) {
        app.metrics.sockets.dec();
        let mut hubs = self.lock();
        let Some(hub) = hubs.get_mut(app_id) else { return };
        if let Some(n_sockets) = hub.sockets.get_mut(&person) {
            *n_sockets = n_sockets.saturating_sub(1);
            if *n_sockets == 0 {
                hub.sockets.remove(&person);
            }
        }
        drop(hub.messages.send(Message::Leave(session)));
    }

    /// A hub that nobody watches any more asks whether it may end.
    pub(crate) fn may_end(&self, app_id: &str) -> bool {
        let mut hubs = self.lock();
        let idle = hubs.get(app_id).is_none_or(|hub| hub.sockets.is_empty());
        if idle {
            hubs.remove(app_id);
        }
        idle
    }

    /// Sends everybody out of a base that is deleted.
    pub(crate) fn end(&self, app_id: &str) {
        if let Some(hub) = self.lock().remove(app_id) {
            drop(hub.messages.send(Message::End { code: 4403, why: "the base was deleted" }));
        }
    }

    /// Tells a person's sockets how many notices they have not read.
    pub fn inbox(&self, app: &App, person: PersonId) {
        let unread = app.directory.read().unread(person);
        for hub in self.lock().values() {
            if hub.sockets.contains_key(&person) {
                drop(hub.messages.send(Message::Inbox { person, unread }));
            }
        }
    }

    /// Lets all sockets check their rights now.
    pub fn recheck(&self) {
        self.rights.notify_waiters();
    }

    /// Ends all hubs: the server stops.
    pub(crate) fn stop(&self) {
        for (_, hub) in self.lock().drain() {
            drop(hub.messages.send(Message::End { code: 1001, why: "the server stops" }));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Hub>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
