//! One base's writer: a group of requests → plan → apply → append → compute → publish → answer.
//!
//! It owns the newest state; nobody else writes it. A group is synced once, computed once and published once.
//! Nothing is published or answered before it is durable. A planner that panics refuses its own request; a log
//! that fails stops the base: readers keep the last snapshot, writers must reopen.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Receipt, Reply, Shared, WatchEvent};
use crate::change::{Cause, Change, Commit, Version};
use crate::checkpoint::Checkpoints;
use crate::command::planner::{Past, Planned, Planner};
use crate::command::{Command, Request};
use crate::compute::{self, Plan, Touched};
use crate::delta::Delta;
use crate::error::{Error, Refusal};
use crate::limits::{GROUP_COMMANDS_MAX, RECENT_BYTES_MAX, RECENT_COMMITS_MAX};
use crate::log::{Fence, Log, Record, codec};
use crate::snapshot::{Computed, Snapshot};
use crate::state::Stored;

/// What the writer's thread is sent.
pub(crate) enum Message {
    /// Commands and who waits for them.
    Request(Box<Request>, Reply),
    /// The clock moved.
    Tick(i64),
    /// No more work comes; the sender waits until the thread ends.
    Close,
}

/// The newest commits, kept in memory for watchers that resume and for undo.
#[derive(Default)]
pub(crate) struct Recent {
    commits: VecDeque<(Arc<Commit>, usize)>,
    bytes: usize,
}

impl Recent {
    /// The commits `after + 1 ..= upto`, if all of them are still here.
    pub(crate) fn range(&self, after: Version, upto: Version) -> Option<Vec<Arc<Commit>>> {
        let first = self.commits.front()?.0.version;
        if after + 1 < first {
            return None;
        }
        let skip = (after + 1 - first) as usize;
        let commits = self.commits.iter().skip(skip).take_while(|(commit, _)| commit.version <= upto);
        Some(commits.map(|(commit, _)| Arc::clone(commit)).collect())
    }

    pub(crate) fn push(&mut self, commit: Arc<Commit>, bytes: usize) {
        self.commits.push_back((commit, bytes));
        self.bytes += bytes;
        while self.commits.len() > RECENT_COMMITS_MAX
            || (self.bytes > RECENT_BYTES_MAX && self.commits.len() > 1)
        {
            let Some((_, bytes)) = self.commits.pop_front() else { break };
            self.bytes -= bytes;
        }
    }
}

/// The undo and redo stacks, a pair for each browser tab or other client. A function of the log's tail, as far
/// as commits say which client they came from.
#[derive(Default)]
pub(crate) struct Stacks {
    of: HashMap<u128, (Vec<Version>, Vec<Version>)>,
}

/// Commits that a stack remembers.
const STACK_MAX: usize = 500;

impl Stacks {
    pub(crate) fn note(&mut self, stack: u128, commit: &Commit) {
        let (undo, redo) = self.of.entry(stack).or_default();
        match commit.cause {
            // One that found nothing left to do was no commit: it only leaves its stack.
            Cause::Undo(version) => {
                undo.retain(|other| *other != version);
                redo.extend(Some(commit.version).filter(|_| !commit.changes.is_empty()));
            }
            Cause::Redo(version) => {
                redo.retain(|other| *other != version);
                undo.extend(Some(commit.version).filter(|_| !commit.changes.is_empty()));
            }
            _ if commit.changes.is_empty() => {}
            _ => {
                undo.push(commit.version);
                redo.clear();
            }
        }
        if undo.len() > STACK_MAX {
            undo.remove(0);
        }
    }
}

/// The owner of a base's newest state.
pub(crate) struct Writer {
    pub(crate) stored: Arc<Stored>,
    pub(crate) computed: Arc<Computed>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) log: Arc<Mutex<Box<dyn Log>>>,
    pub(crate) fence: Fence,
    pub(crate) shared: Arc<Shared>,
    pub(crate) stacks: Stacks,
    /// Told each published state, to write checkpoints from.
    pub(crate) checkpoints: Option<Checkpoints>,
}

/// Planned and not yet durable.
#[derive(Default)]
struct Group {
    commits: Vec<Arc<Commit>>,
    replies: Vec<(Reply, Result<Receipt, Error>)>,
}

struct PastOf<'a> {
    group: &'a [Arc<Commit>],
    shared: &'a Shared,
    stacks: &'a Stacks,
}

impl Past for PastOf<'_> {
    fn commit(&self, version: Version) -> Result<Arc<Commit>, Error> {
        if let Some(commit) = self.group.iter().find(|commit| commit.version == version) {
            return Ok(Arc::clone(commit));
        }
        let recent =
            self.shared.recent.lock().unwrap_or_else(PoisonError::into_inner).range(version - 1, version);
        if let Some(commit) = recent.and_then(|commits| commits.into_iter().next()) {
            return Ok(commit);
        }
        let commits = self.shared.history.commits(version - 1, version)?;
        let missing = || Error::from(Refusal::not_found(format!("version {version} is not in the log")));
        commits.into_iter().next().map(Arc::new).ok_or_else(missing)
    }

    fn undoable(&self, stack: u128) -> Option<Version> {
        self.stacks.of.get(&stack)?.0.last().copied()
    }

    fn redoable(&self, stack: u128) -> Option<Version> {
        self.stacks.of.get(&stack)?.1.last().copied()
    }
}

impl Writer {
    /// Works until the queue closes or the log fails.
    pub(crate) fn run(mut self, queue: &Receiver<Message>) {
        while let Ok(first) = queue.recv() {
            let mut messages = vec![first];
            while messages.len() < GROUP_COMMANDS_MAX {
                match queue.try_recv() {
                    Ok(message) => messages.push(message),
                    Err(_) => break,
                }
            }
            let close = messages.iter().any(|message| matches!(message, Message::Close));
            if let Err(why) = self.group(messages) {
                self.stop(&why);
                return;
            }
            if close {
                break;
            }
        }
        if let Some(checkpoints) = self.checkpoints.take() {
            checkpoints.close(&self.stored);
        }
    }

    /// Does a group of messages; an error stops the base.
    fn group(&mut self, messages: Vec<Message>) -> Result<(), String> {
        let mut group = Group::default();
        for message in messages {
            match message {
                Message::Request(request, reply) => {
                    // Converting a computed field reads its published cells, so they must be of this version.
                    let reads_computed = request
                        .commands
                        .iter()
                        .any(|command| matches!(command, Command::ConvertField { .. }));
                    if reads_computed {
                        self.finish(std::mem::take(&mut group))?;
                    }
                    let result = self.plan_one(&request, &mut group);
                    group.replies.push((reply, result));
                }
                Message::Tick(now_ms) => {
                    self.finish(std::mem::take(&mut group))?;
                    self.tick(now_ms);
                }
                Message::Close => {}
            }
        }
        self.finish(group)
    }

    fn plan_one(&mut self, request: &Request, group: &mut Group) -> Result<Receipt, Error> {
        if let Some((version, outcomes)) = request.id.and_then(|id| self.stored.receipt(id)) {
            return Ok(Receipt { version, outcomes: Arc::clone(outcomes), repeated: true });
        }
        let snapshot = Snapshot::clone(&self.shared.snapshot.load());
        let past = PastOf { group: &group.commits, shared: &self.shared, stacks: &self.stacks };
        let planned =
            catch_unwind(AssertUnwindSafe(|| Planner::plan(&self.stored, request, &past, &snapshot)));
        let Planned { stored, commit } = planned.unwrap_or_else(|panic| Err(Error::Bug(said(&*panic))))?;
        let outcomes: Arc<[crate::change::Outcome]> = commit.outcomes.clone().into();
        if let (Some(stack), false) = (request.stack, request.dry) {
            self.stacks.note(stack, &commit);
        }
        if request.dry || commit.changes.is_empty() {
            return Ok(Receipt { version: self.stored.version, outcomes, repeated: false });
        }
        self.stored = Arc::new(stored);
        let version = commit.version;
        group.commits.push(Arc::new(commit));
        Ok(Receipt { version, outcomes, repeated: false })
    }

    /// Makes a group durable, computes what follows from it, publishes and answers.
    fn finish(&mut self, group: Group) -> Result<(), String> {
        let log_bytes = match self.append(&group.commits) {
            Ok(log_bytes) => log_bytes,
            Err(why) => {
                for (reply, _) in group.replies {
                    reply(Err(Error::Stopped(why.clone())));
                }
                return Err(why);
            }
        };
        if !group.commits.is_empty() {
            self.publish(group.commits);
            if let Some(checkpoints) = &mut self.checkpoints {
                checkpoints.offer(&self.stored, log_bytes);
            }
        }
        for (reply, result) in group.replies {
            reply(result);
        }
        Ok(())
    }

    /// Makes commits durable; returns what they took.
    fn append(&mut self, commits: &[Arc<Commit>]) -> Result<u64, String> {
        let Some(first) = commits.first() else { return Ok(0) };
        let records: Vec<Record> = commits
            .iter()
            .map(|commit| Record { version: commit.version, payload: codec::encode(commit) })
            .collect();
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.append(&self.fence, first.version - 1, &records).map_err(|error| error.to_string())?;
        drop(log);
        let mut recent = self.shared.recent.lock().unwrap_or_else(PoisonError::into_inner);
        for (commit, record) in commits.iter().zip(&records) {
            recent.push(Arc::clone(commit), record.payload.len());
        }
        Ok(records.iter().map(|record| record.payload.len() as u64).sum())
    }

    fn publish(&mut self, commits: Vec<Arc<Commit>>) {
        let mut touched = compute::touched_by(commits.iter().map(AsRef::as_ref), &self.stored);
        let before = touched.schema.then(|| Arc::clone(&self.plan));
        if touched.schema {
            self.plan = Arc::new(Plan::new(&self.stored));
        }
        let mut computed = Computed::clone(&self.computed);
        compute::run(&self.stored, &self.plan, before.as_deref(), &mut computed, &mut touched);
        self.computed = Arc::new(computed);
        let commits: Arc<[Arc<Commit>]> = commits.into();
        self.deliver(touched, commits);
    }

    fn tick(&mut self, now_ms: i64) {
        let volatile = self.plan.order.iter().any(|one| one.expr.is_volatile());
        if now_ms <= self.computed.as_of_ms {
            return;
        }
        let mut computed = Computed::clone(&self.computed);
        computed.as_of_ms = now_ms;
        let mut touched = Touched { ticked: true, ..Touched::default() };
        if volatile {
            compute::run(&self.stored, &self.plan, None, &mut computed, &mut touched);
        }
        self.computed = Arc::new(computed);
        self.deliver(touched, Arc::new([]));
    }

    /// Publishes the newest state with what differs from the one before.
    fn deliver(&self, touched: Touched, commits: Arc<[Arc<Commit>]>) {
        let before = Snapshot::clone(&self.shared.snapshot.load());
        let after = Snapshot::new(Arc::clone(&self.stored), Arc::clone(&self.computed));
        let delta = Arc::new(Delta {
            from: before.version(),
            to: after.version(),
            commits,
            touched: touched.cells,
            added: touched.added,
            removed: touched.removed,
            placed: touched.placed,
            schema: touched.schema,
            before,
            after: after.clone(),
        });
        let mut watchers = self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.snapshot.store(Arc::new(after.clone()));
        watchers.retain_mut(|watcher| {
            let event = match watcher.behind {
                true => WatchEvent::Resync(after.clone()),
                false => WatchEvent::Delta(Arc::clone(&delta)),
            };
            let open = match watcher.events.try_send(event) {
                Ok(()) => {
                    watcher.behind = false;
                    true
                }
                Err(TrySendError::Full(_)) => {
                    watcher.behind = true;
                    true
                }
                Err(TrySendError::Disconnected(_)) => false,
            };
            if let (true, Some(wake)) = (open, &watcher.wake) {
                wake();
            }
            open
        });
    }

    fn stop(&self, why: &str) {
        tracing::error!(why, "the base has stopped");
        *self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
        let mut watchers = self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers.drain(..) {
            drop(watcher.events.try_send(WatchEvent::Stopped(why.to_owned())));
            if let Some(wake) = watcher.wake {
                wake();
            }
        }
    }
}

/// Whether a commit is one that its author may want to take back.
pub(crate) fn is_undoable(commit: &Commit) -> bool {
    commit.changes.iter().any(|change| {
        !matches!(change, Change::Person(..) | Change::Run(..) | Change::Effect(..) | Change::Watched { .. })
    })
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a planner failed").to_owned()
}
