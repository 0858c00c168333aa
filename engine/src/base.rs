//! [`Base`]: a handle on one open base: submit commands, take snapshots, watch. No logic of its own.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::change::{Commit, Outcome, Version};
use crate::command::Request;
use crate::delta::Delta;
use crate::error::{Code, Error, Refusal};
use crate::limits::WATCHER_DELTAS_MAX;
use crate::snapshot::Snapshot;
use crate::writer::{Message, Recent};

/// A handle on one open base; cheap to clone and to send.
#[derive(Clone)]
pub struct Base {
    shared: Arc<Shared>,
    /// Not among what is shared: the writer ends when the last handle is gone.
    queue: SyncSender<Message>,
}

/// What a done command answers.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The version of its commit; the base's version if nothing changed.
    pub version: Version,
    /// One outcome for each command of the batch.
    pub outcomes: Arc<[Outcome]>,
    /// Whether this is the answer to an earlier submission with the same [`crate::CommandId`].
    pub repeated: bool,
}

/// What waits for the answer to a request.
pub type Reply = Box<dyn FnOnce(Result<Receipt, Error>) + Send>;

/// What the writer and the handles share.
pub(crate) struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) watchers: Mutex<Vec<Watcher>>,
    pub(crate) recent: Mutex<Recent>,
    /// Why the base stopped, if it did.
    pub(crate) stopped: Mutex<Option<String>>,
    /// Distinguishes this opening of the base from earlier ones.
    pub(crate) epoch: u64,
    /// Reads the log for versions that are no longer in memory.
    pub(crate) history: Box<dyn History>,
}

/// Old commits, straight from the log.
pub(crate) trait History: Send + Sync {
    /// The commits `after + 1 ..= upto`, in order.
    fn commits(&self, after: Version, upto: Version) -> Result<Vec<Commit>, Error>;
    /// The state at a version.
    fn at(&self, version: Version) -> Result<Snapshot, Error>;
}

/// The sending end of a [`Watch`].
pub(crate) struct Watcher {
    pub(crate) events: SyncSender<WatchEvent>,
    /// Wakes the receiver, whatever it waits with.
    pub(crate) wake: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Set while the queue is full: what was missed is told as one resync.
    pub(crate) behind: bool,
}

/// What a watcher receives.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// The next delta; follows the one before without a gap.
    Delta(Arc<Delta>),
    /// The watcher fell behind: deltas up to this snapshot's version were left out.
    Resync(Snapshot),
    /// The base stopped or closes.
    Stopped(String),
}

/// Follows a base: the snapshot it starts from, then every delta.
pub struct Watch {
    /// Where the deltas start.
    pub start: Snapshot,
    events: Receiver<WatchEvent>,
}

impl Watch {
    /// Waits for the next event; `None` when the base is closed.
    pub fn next(&self) -> Option<WatchEvent> {
        self.events.recv().ok()
    }

    /// The next event if there is one.
    ///
    /// # Errors
    ///
    /// When the base is closed.
    pub fn try_next(&self) -> Result<Option<WatchEvent>, Closed> {
        match self.events.try_recv() {
            Ok(event) => Ok(Some(event)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Closed),
        }
    }

    /// Waits up to `timeout` for the next event.
    ///
    /// # Errors
    ///
    /// When the base is closed.
    pub fn next_timeout(&self, timeout: std::time::Duration) -> Result<Option<WatchEvent>, Closed> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.events.recv_timeout(timeout) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Closed),
        }
    }
}

/// The base is closed: nothing comes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl Base {
    pub(crate) fn new(shared: Arc<Shared>, queue: SyncSender<Message>) -> Self {
        Self { shared, queue }
    }

    /// Tells the writer to end when it has done what waits.
    pub(crate) fn close(&self) {
        drop(self.queue.send(Message::Close));
    }

    /// The newest snapshot. Costs a few nanoseconds and never waits.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::clone(&self.shared.snapshot.load())
    }

    /// Submits `request` and waits until its commit is durable and its computed cells are published.
    ///
    /// Submitting a [`crate::CommandId`] a second time returns the first outcome and writes nothing.
    ///
    /// # Errors
    ///
    /// * [`Error::Refused`]: the commands do not fit the base as it is now; nothing was written.
    /// * [`Error::Stopped`]: the log failed; whether the commit exists is known after reopening the base.
    pub fn submit(&self, request: Request) -> Result<Receipt, Error> {
        let (sender, receiver) = sync_channel(1);
        self.submit_with(request, Box::new(move |result| drop(sender.send(result))))?;
        receiver.recv().unwrap_or_else(|_| Err(Error::Stopped("the base was closed".into())))
    }

    /// Submits `request`; `reply` is called on the writer's thread when the commit is published, or refused.
    ///
    /// # Errors
    ///
    /// [`Code::Busy`] if too many commands wait, [`Error::Stopped`] if the base is closed. `reply` is dropped.
    pub fn submit_with(&self, request: Request, reply: Reply) -> Result<(), Error> {
        match self.queue.try_send(Message::Request(Box::new(request), reply)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => {
                Err(Refusal::new(Code::Busy, "the base has too much work waiting; try again in a second")
                    .into())
            }
            Err(TrySendError::Disconnected(_)) => Err(Error::Stopped(self.why_stopped())),
        }
    }

    /// Follows the base from its newest snapshot on.
    pub fn watch(&self) -> Watch {
        self.watch_with(None)
    }

    /// As [`Base::watch`]; `wake` is called after each event, from the writer's thread.
    pub fn watch_with(&self, wake: Option<Arc<dyn Fn() + Send + Sync>>) -> Watch {
        let (sender, events) = sync_channel(WATCHER_DELTAS_MAX);
        // The writer publishes under this lock, so the start and the first delta fit without a gap.
        let mut watchers = self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.push(Watcher { events: sender, wake, behind: false });
        Watch { start: self.snapshot(), events }
    }

    /// The commits after `after`, oldest first, `limit` at the most.
    ///
    /// # Errors
    ///
    /// If the log cannot be read.
    pub fn commits_after(&self, after: Version, limit: usize) -> Result<Vec<Arc<Commit>>, Error> {
        let upto = self.snapshot().version().min(after.saturating_add(limit as u64));
        if after >= upto {
            return Ok(Vec::new());
        }
        let recent = self.shared.recent.lock().unwrap_or_else(PoisonError::into_inner).range(after, upto);
        if let Some(commits) = recent {
            return Ok(commits);
        }
        Ok(self.shared.history.commits(after, upto)?.into_iter().map(Arc::new).collect())
    }

    /// All of the base as it was at `version`, computed cells included; read from the log, so not cheap.
    ///
    /// # Errors
    ///
    /// If there is no such version yet, or the log cannot be read.
    pub fn at(&self, version: Version) -> Result<Snapshot, Error> {
        let newest = self.snapshot();
        match version.cmp(&newest.version()) {
            std::cmp::Ordering::Equal => Ok(newest),
            std::cmp::Ordering::Less => self.shared.history.at(version),
            std::cmp::Ordering::Greater => {
                Err(Refusal::not_found(format!("the base has {} versions", newest.version())).into())
            }
        }
    }

    /// Recomputes what follows the clock (`NOW`, `TODAY`) as of `now_ms`, and publishes it.
    pub fn tick(&self, now_ms: i64) {
        drop(self.queue.try_send(Message::Tick(now_ms)));
    }

    /// Distinguishes this opening of the base from earlier ones.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch
    }

    /// Why the base stopped; empty if it did not.
    pub fn why_stopped(&self) -> String {
        self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }
}

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Base").field("version", &self.snapshot().version()).finish_non_exhaustive()
    }
}
