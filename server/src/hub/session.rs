//! [`Session`]: what a hub knows of one socket.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use engine::PersonId;
use serde_json::{Map, Value as Json};

use super::outbox::{Frame, Kind, Outbox};
use super::{Join, SessionId};

/// A socket's own name for a window, and how it stands with it.
#[derive(Debug)]
pub(super) struct Sub {
    /// Which shared window.
    pub(super) key: Arc<str>,
    /// The socket does not have what it is now: a snap is to be sent.
    pub(super) stale: bool,
    /// The version of its last snap.
    pub(super) snapped: u64,
}

/// See the module's head.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) name: String,
    pub(super) cid: String,
    pub(super) person: PersonId,
    pub(super) outbox: Arc<Outbox>,
    pub(super) subs: BTreeMap<String, Sub>,
    /// Windows that the tab says it holds, until it asks for them: epoch and version.
    pub(super) resume: HashMap<String, (u64, u64)>,
    /// The version up to which it has all patches.
    pub(super) rev: u64,
    /// The description of the base that it has.
    pub(super) schema_rev: u64,
    /// Answers by number; one that is not there yet holds those behind it back.
    pub(super) answers: BTreeMap<u64, Option<String>>,
    pub(super) presence: Option<Map<String, Json>>,
    pub(super) presence_due: bool,
    pub(super) presence_sent: Option<Instant>,
}

impl Session {
    pub(super) fn new(join: Join, rev: u64, schema_rev: u64) -> Self {
        let resume = join.resume.into_iter().map(|(sid, epoch, rev)| (sid, (epoch, rev))).collect();
        Self {
            id: join.session,
            name: join.name,
            cid: join.cid,
            person: join.person,
            outbox: join.outbox,
            subs: BTreeMap::new(),
            resume,
            rev,
            schema_rev,
            answers: BTreeMap::new(),
            presence: None,
            presence_due: false,
            presence_sent: None,
        }
    }

    /// Whether a window waits for its snap.
    pub(super) fn has_stale(&self) -> bool {
        self.subs.values().any(|sub| sub.stale)
    }

    /// Queues frames; if they do not fit, every window is stale.
    pub(super) fn push(&mut self, frames: Vec<Frame>) -> bool {
        if frames.is_empty() {
            return true;
        }
        match self.outbox.push(frames) {
            Ok(()) => true,
            Err(dropped_from) => {
                self.rev = dropped_from.unwrap_or(self.rev);
                self.subs.values_mut().for_each(|sub| sub.stale = true);
                false
            }
        }
    }

    /// The patch that brings the session to `rev`, with these windows' operations.
    pub(super) fn patch(&mut self, rev: u64, wins: &[(&str, &str)]) -> Frame {
        use crate::wire::value::write_text;
        let mut text = format!("{{\"t\":\"patch\",\"from_rev\":{},\"to_rev\":{rev},\"wins\":[", self.rev);
        for (at, (sid, ops)) in wins.iter().enumerate() {
            text.push_str(if at > 0 { ",{\"sid\":" } else { "{\"sid\":" });
            write_text(&mut text, sid);
            text.push_str(",\"ops\":[");
            text.push_str(ops);
            text.push_str("]}");
        }
        text.push_str("]}");
        let kind = Kind::Patch(self.rev);
        self.rev = rev;
        Frame { kind, text: text.into() }
    }

    /// Answers that may go: in turn, and none before the windows show what it did.
    pub(super) fn due_answers(&mut self) -> Vec<Frame> {
        let mut due = Vec::new();
        if self.has_stale() {
            return due;
        }
        while let Some(first) = self.answers.first_entry() {
            if first.get().is_none() {
                break;
            }
            if let Some(text) = first.remove() {
                due.push(Frame::control(text));
            }
        }
        due
    }
}
