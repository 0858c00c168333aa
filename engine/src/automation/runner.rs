//! [`Runner`]: follows a base on a thread of its own and runs what its automations want.
//!
//! Commits are looked at one by one in order, and each run commits before the next begins, so runs of one base
//! never overlap and see what those before wrote. A run's commit carries everything: the writes, its history
//! entry, its effects, and how far the runner has watched. What makes a restart harmless is the command id of a
//! run, made from the automation, the version and the record: looking at a commit twice runs it once.
//!
//! How far the runner has watched is written with runs, every [`WATCHED_LAG_MAX`] versions, and on closing; not
//! with each edit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use formulas::{RecordId, RecordSet, TableId};

use super::clock::Clock;
use super::definition::{Definition, bind};
use super::follow::{Plans, Stepped, is_interesting, stepped};
use super::trigger::Step;
use super::work::Work;
use super::{Effect, EffectStatus, Run, RunStatus};
use crate::base::{Base, Watch, WatchEvent};
use crate::change::{Cause, Change, CommandId, Commit, Version};
use crate::command::{Command, Request};
use crate::delta::Delta;
use crate::error::{Code, Error};
use crate::id::{AutomationId, IdCodec};
use crate::limits::{
    CATCH_UP_MAX, RUN_COMMITS_PER_MINUTE_MAX, RUN_DEPTH_MAX, RUN_FAILURES_MAX, RUNS_PER_COMMIT_MAX,
    WATCHED_LAG_MAX,
};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::{Automation, Schema};

/// Times that a run is done again because the base changed meanwhile.
const ATTEMPTS_MAX: usize = 20;
/// A scheduled run that starts later than this says so.
const LATE_MS: i64 = 60_000;
const LOG_BATCH: usize = 256;
/// Scripts recurse.
const STACK_BYTES: usize = 8 << 20;
/// The longest sleep: clocks may be set.
const SLEEP_MAX: Duration = Duration::from_secs(20);

/// The runner of one base; stops when it is dropped.
pub struct Runner {
    signals: SyncSender<Signal>,
    thread: Option<JoinHandle<()>>,
}

enum Signal {
    /// There may be something to do.
    Look,
    /// As that; answer when everything that is known now is done.
    Settle(SyncSender<()>),
    Stop,
}

impl Runner {
    /// Starts to follow `base`: first what was committed since it was last watched, then what comes.
    ///
    /// # Panics
    ///
    /// If the system gives no thread.
    pub fn start(base: Base, clock: Arc<dyn Clock>) -> Self {
        let (signals, receiver) = sync_channel(16);
        let wake = signals.clone();
        // A full queue wakes the thread as well.
        let watch = base.watch_with(Some(Arc::new(move || drop(wake.try_send(Signal::Look)))));
        let thread = std::thread::Builder::new().name("sheaf-runner".into()).stack_size(STACK_BYTES);
        let thread = thread.spawn(move || {
            let mut follower = Follower::new(base, clock, watch);
            if follower.recover().is_ok() {
                follower.serve(&receiver);
            }
        });
        Self { signals, thread: Some(thread.expect("the system gives a thread")) }
    }

    /// Looks at the clock and the base now.
    pub fn nudge(&self) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.signals.try_send(Signal::Look)
        {}
    }

    /// Waits until everything that is committed and due by now was looked at, and what followed from it too.
    pub fn settle(&self) {
        let (sender, receiver) = sync_channel(1);
        if self.signals.send(Signal::Settle(sender)).is_ok() {
            let _ = receiver.recv();
        }
    }

    /// Stops, and waits for the run at hand.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.signals.send(Signal::Stop));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

/// The base is closed or has stopped.
struct Closed;

/// A schedule and when it is due.
struct Due {
    revision: u64,
    next_ms: Option<i64>,
}

type Known = BTreeMap<AutomationId, (u64, Result<Arc<Definition>, String>)>;

struct Follower {
    base: Base,
    clock: Arc<dyn Clock>,
    watch: Watch,
    /// The snapshot of the last commit that was looked at.
    at: Snapshot,
    plans: Plans,
    /// Definitions of the schema beside them.
    known: (Option<Arc<Schema>>, Known),
    schedules: (Option<Arc<Schema>>, BTreeMap<AutomationId, Due>),
    /// The times at which commits triggered each automation in the last minute.
    recent: BTreeMap<AutomationId, VecDeque<i64>>,
    /// Runs that were done before the start, beyond what the base has noted as watched.
    done: BTreeSet<(AutomationId, Version, RecordId)>,
    /// Whether there was anything since it was noted how far the runner has watched.
    news: bool,
}

/// What triggers one run.
#[derive(Clone, Copy)]
struct Occasion {
    id: CommandId,
    version: Version,
    record: Option<(TableId, RecordId)>,
    depth: u32,
}

impl Follower {
    fn new(base: Base, clock: Arc<dyn Clock>, watch: Watch) -> Self {
        let at = watch.start.clone();
        Self {
            base,
            clock,
            watch,
            at,
            plans: Plans::default(),
            known: (None, BTreeMap::new()),
            schedules: (None, BTreeMap::new()),
            recent: BTreeMap::new(),
            done: BTreeSet::new(),
            news: false,
        }
    }

    /// Finds where to go on.
    fn recover(&mut self) -> Result<(), Closed> {
        let newest = self.watch.start.clone();
        let stored = newest.stored();
        // Ticks until the last commit were seen by whoever ran then.
        self.sync_schedules(stored.time_ms);
        let watched = stored.automation.watched;
        let acts = stored.schema.automations.values().any(|automation| automation.enabled);
        if !acts || watched >= newest.version() {
            return Ok(());
        }
        let behind = newest.version() - watched;
        if behind > CATCH_UP_MAX {
            self.note_gap(behind);
            return Ok(());
        }
        let done = stored.automation.runs.values().filter(|run| run.version > watched);
        self.done = done.filter_map(|run| Some((run.automation, run.version, run.record?.1))).collect();
        let commits = self.base.commits_after(watched, behind as usize).map_err(|_| Closed)?;
        if let Some(first) = commits.iter().find(|commit| is_interesting(commit)) {
            self.at = self.base.at(first.version - 1).map_err(|_| Closed)?;
        }
        Ok(())
    }

    fn note_gap(&mut self, behind: u64) {
        let time_ms = self.clock.now_ms();
        let automations: Vec<_> =
            self.at.schema().automations.values().filter(|one| one.enabled).cloned().collect();
        for automation in automations {
            let run = Run {
                message: format!("{behind} changes were not looked at: the base was too far ahead"),
                ..blank_run(&automation, RunStatus::Skipped, self.at.version(), None, time_ms)
            };
            let commands = vec![Command::NoteRun(Box::new(run)), Command::Watched(self.at.version())];
            drop(self.submit(Request { cause: Cause::System, ..Request::new(None, time_ms, commands) }));
        }
    }

    fn serve(&mut self, signals: &Receiver<Signal>) {
        let mut waiting: Vec<SyncSender<()>> = Vec::new();
        loop {
            if self.catch_up().is_err() || self.tick().is_err() {
                return;
            }
            if self.at.version() < self.base.snapshot().version() {
                continue;
            }
            waiting.drain(..).for_each(|sender| {
                let _ = sender.send(());
            });
            match signals.recv_timeout(self.sleep()) {
                Ok(Signal::Look) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Signal::Settle(sender)) => waiting.push(sender),
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.note_watched(0);
                    return;
                }
            }
        }
    }

    fn sleep(&self) -> Duration {
        let next = self.schedules.1.values().filter_map(|due| due.next_ms).min();
        let wait = next.map(|next| Duration::from_millis((next - self.clock.now_ms()).max(1) as u64));
        wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX)
    }

    /// Looks at everything committed until now.
    fn catch_up(&mut self) -> Result<(), Closed> {
        loop {
            match self.watch.try_next() {
                Ok(Some(WatchEvent::Delta(delta))) => self.delta(&delta)?,
                // What was left out is in the log.
                Ok(Some(WatchEvent::Resync(_))) => {}
                Ok(Some(WatchEvent::Stopped(_))) | Err(_) => return Err(Closed),
                Ok(None) if self.at.version() < self.base.snapshot().version() => {
                    let newest = self.base.snapshot().version();
                    self.read_log(newest)?;
                }
                Ok(None) => return Ok(()),
            }
        }
    }

    fn delta(&mut self, delta: &Delta) -> Result<(), Closed> {
        if delta.commits.is_empty() {
            return if delta.to == self.at.version() { self.passed(delta) } else { Ok(()) };
        }
        if delta.to <= self.at.version() {
            return Ok(());
        }
        let idle = |snapshot: &Snapshot| !snapshot.schema().automations.values().any(|one| one.enabled);
        if delta.from == self.at.version() && idle(&delta.before) && idle(&delta.after) {
            self.at = delta.after.clone();
            self.sync_schedules(self.clock.now_ms());
            return Ok(());
        }
        match stepped(delta) {
            Some(step) if delta.from == self.at.version() => self.step(step)?,
            _ => {
                if delta.from > self.at.version() {
                    self.read_log(delta.from)?;
                }
                for commit in delta.commits.iter() {
                    self.commit(commit)?;
                }
            }
        }
        self.at = delta.after.clone();
        Ok(())
    }

    fn read_log(&mut self, upto: Version) -> Result<(), Closed> {
        while self.at.version() < upto {
            let n = LOG_BATCH.min((upto - self.at.version()) as usize);
            let commits = self.base.commits_after(self.at.version(), n).map_err(|_| Closed)?;
            if commits.is_empty() {
                return Err(Closed);
            }
            for commit in commits {
                self.commit(&commit)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, commit: &Arc<Commit>) -> Result<(), Closed> {
        if commit.version <= self.at.version() {
            return Ok(());
        }
        let step = self.plans.step(&self.at, commit);
        self.step(step)
    }

    /// Looks at one commit.
    fn step(&mut self, step: Stepped) -> Result<(), Closed> {
        let commit = &step.commit;
        if is_interesting(commit) {
            self.news = true;
            let now_ms = self.clock.now_ms();
            let depth = match commit.cause {
                Cause::Run { depth, .. } => depth + 1,
                _ => 1,
            };
            let occasion =
                Occasion { id: CommandId { client: 0, n: 0 }, version: commit.version, record: None, depth };
            let look = Step {
                before: &step.before,
                after: &step.after,
                touched: &step.touched,
                added: &step.added,
                owner: crate::id::PersonId::default(),
                now_ms,
            };
            self.look(&look, occasion, "change")?;
        }
        self.at = step.after;
        self.sync_schedules(self.clock.now_ms());
        let automations = step.commit.changes.iter().any(|change| matches!(change, Change::Automation(..)));
        // A new automation has nothing to do with what was before it, so a restart need not look there.
        self.note_watched(if automations { 0 } else { WATCHED_LAG_MAX });
        Ok(())
    }

    /// Looks at what changed since time passed: computed cells that read the clock.
    fn passed(&mut self, delta: &Delta) -> Result<(), Closed> {
        let n = delta.after.computed().as_of_ms as u64 / 1_000;
        let occasion = Occasion { id: CommandId { client: 0, n }, version: delta.to, record: None, depth: 1 };
        let look = Step {
            before: &delta.before,
            after: &delta.after,
            touched: &delta.touched,
            added: &delta.added,
            owner: crate::id::PersonId::default(),
            now_ms: delta.after.computed().as_of_ms,
        };
        self.look(&look, occasion, "clock")?;
        self.at = delta.after.clone();
        Ok(())
    }

    /// Runs what one commit, or the clock, triggers.
    fn look(&mut self, step: &Step<'_>, occasion: Occasion, salt: &str) -> Result<(), Closed> {
        if step.touched.is_empty() && step.added.is_empty() {
            return Ok(());
        }
        // An automation that came with the commit is not triggered by it.
        let automations: Vec<Arc<Automation>> = step
            .before
            .schema()
            .automations
            .values()
            .filter(|one| one.enabled && step.after.schema().automations.contains_key(&one.id))
            .cloned()
            .collect();
        for automation in automations {
            let step = Step { owner: automation.owner, ..*step };
            let Ok(definition) = self.definition(&automation, step.after.stored()) else { continue };
            let Some(table) = definition.trigger.table() else { continue };
            let (records, why) = match triggering(&definition, &step) {
                Ok(records) => (records, None),
                Err(why) => (RecordSet::new(), Some(why)),
            };
            let client = client(&self.base.snapshot(), automation.id, salt);
            let high = if occasion.id.n > 0 { occasion.id.n } else { occasion.version };
            if let Some(why) = why {
                let id = CommandId { client, n: high << 32 | u64::from(u32::MAX) };
                self.note(&automation, RunStatus::Failed, Occasion { id, ..occasion }, why)?;
                continue;
            }
            if records.is_empty() || self.too_often(&automation, occasion)? {
                continue;
            }
            let n = records.len();
            for record in records.iter().take(RUNS_PER_COMMIT_MAX) {
                let id = CommandId { client, n: high << 32 | u64::from(record.0) };
                self.run(
                    &automation,
                    &definition,
                    Occasion { id, record: Some((table, record)), ..occasion },
                    "",
                )?;
            }
            if n > RUNS_PER_COMMIT_MAX {
                let id = CommandId { client, n: high << 32 | u64::from(u32::MAX) };
                let why = format!(
                    "{} more records were left out: one change may start {RUNS_PER_COMMIT_MAX} runs",
                    n - RUNS_PER_COMMIT_MAX
                );
                self.note(&automation, RunStatus::Skipped, Occasion { id, ..occasion }, why)?;
            }
        }
        Ok(())
    }

    fn definition(&mut self, automation: &Automation, stored: &Stored) -> Result<Arc<Definition>, String> {
        if !self.known.0.as_ref().is_some_and(|schema| Arc::ptr_eq(schema, &stored.schema)) {
            self.known = (Some(Arc::clone(&stored.schema)), BTreeMap::new());
        }
        let known = self.known.1.get(&automation.id).filter(|(revision, _)| *revision == automation.revision);
        if let Some((_, definition)) = known {
            return definition.clone();
        }
        let definition = Definition::read(automation, stored).map(Arc::new);
        self.known.1.insert(automation.id, (automation.revision, definition.clone()));
        definition
    }

    /// Counts the commits that trigger an automation, and switches off one that comes to rest nowhere.
    fn too_often(&mut self, automation: &Arc<Automation>, occasion: Occasion) -> Result<bool, Closed> {
        let now_ms = self.clock.now_ms();
        let times = self.recent.entry(automation.id).or_default();
        times.retain(|time| *time > now_ms - 60_000 && *time <= now_ms);
        times.push_back(now_ms);
        if times.len() <= RUN_COMMITS_PER_MINUTE_MAX {
            return Ok(false);
        }
        times.clear();
        let id = CommandId { client: client(&self.at, automation.id, "off"), n: occasion.version };
        let why =
            format!("switched off: more than {RUN_COMMITS_PER_MINUTE_MAX} changes a minute triggered it");
        self.switch_off(automation, Occasion { id, ..occasion }, &why)?;
        Ok(true)
    }

    fn switch_off(
        &mut self,
        automation: &Arc<Automation>,
        occasion: Occasion,
        why: &str,
    ) -> Result<(), Closed> {
        let time_ms = self.clock.now_ms();
        let run = self.base.snapshot().stored().automation.next[0];
        let record = blank_run(automation, RunStatus::Skipped, occasion.version, occasion.record, time_ms);
        let text = format!("The automation \"{}\" was {why}", automation.name);
        let payload = serde_json::json!({
            "person": IdCodec::person(automation.owner), "text": text, "table": null, "record": null,
        });
        let commands = vec![
            off(automation.id),
            Command::NoteRun(Box::new(Run { message: why.to_owned(), n_effects: 1, ..record })),
            Command::Send(Box::new(pending("notify", payload, automation, run, time_ms))),
        ];
        let request =
            Request { id: Some(occasion.id), cause: Cause::System, ..Request::new(None, time_ms, commands) };
        self.submit(request).map(|_| ())
    }

    fn run(
        &mut self,
        automation: &Arc<Automation>,
        definition: &Arc<Definition>,
        occasion: Occasion,
        remark: &str,
    ) -> Result<(), Closed> {
        let newest = self.base.snapshot();
        let known = occasion
            .record
            .is_some_and(|(_, record)| self.done.contains(&(automation.id, occasion.version, record)));
        if known || newest.stored().receipt(occasion.id).is_some() {
            return Ok(());
        }
        // Switched off or deleted meanwhile: its runs that have not begun do not begin.
        if !newest.schema().automations.get(&automation.id).is_some_and(|one| one.enabled) {
            return Ok(());
        }
        if let Some(why) = self.hindered(automation, occasion, &newest) {
            return self.note(automation, RunStatus::Skipped, occasion, why);
        }
        let (started, time_ms) = (Instant::now(), self.clock.now_ms());
        for _ in 0..ATTEMPTS_MAX {
            let snapshot = self.base.snapshot();
            self.plans.of(snapshot.stored());
            let plans = self.plans.clone();
            // The definition may be of an older schema, if the base was changed meanwhile; ids never get another
            // meaning, and the planner refuses what is gone.
            let mut work = Work::new(Arc::clone(automation), occasion.record, snapshot, plans, time_ms);
            let result = catch_unwind(AssertUnwindSafe(|| work.run(definition)));
            let result = result.unwrap_or_else(|_| Err("an internal error ended the run".into()));
            let record = Run {
                duration_ms: started.elapsed().as_millis() as u32,
                message: remark.to_owned(),
                log: std::mem::take(&mut work.log),
                ..blank_run(automation, RunStatus::Done, occasion.version, occasion.record, time_ms)
            };
            if let Err(why) = result {
                return self.fail(automation, occasion, Run { message: why, ..record });
            }
            match self.submit(self.request(&work, occasion, record.clone()))? {
                Ok(()) => return Ok(()),
                Err(refusal) if refusal.code == Code::Conflict && work.draft.pinned().is_some() => {}
                Err(refusal) => {
                    return self.fail(automation, occasion, Run { message: refusal.message, ..record });
                }
            }
        }
        let why = "the base changed too fast for a run that uses the ids of its own new records";
        self.note(automation, RunStatus::Failed, occasion, why.to_owned())
    }

    /// What is committed of a run.
    fn request(&self, work: &Work, occasion: Occasion, record: Run) -> Request {
        let automation = &work.automation;
        let run = self.base.snapshot().stored().automation.next[0];
        let mut commands = work.draft.commands().to_vec();
        let n_effects = work.effects.len() as u32;
        commands.push(Command::NoteRun(Box::new(Run {
            n_changes: work.draft.n_changes(),
            n_effects,
            ..record
        })));
        for (kind, payload) in &work.effects {
            let effect = pending(kind, payload.clone(), automation, run, work.now_ms);
            commands.push(Command::Send(Box::new(effect)));
        }
        commands.push(Command::Watched(self.at.version()));
        Request {
            id: Some(occasion.id),
            cause: Cause::Run { automation: automation.id, run, depth: occasion.depth },
            if_version: work.draft.pinned(),
            ..Request::new(Some(automation.owner), work.now_ms, commands)
        }
    }

    /// Why a run does not begin: a loop, or a record that is gone.
    fn hindered(&self, automation: &Automation, occasion: Occasion, newest: &Snapshot) -> Option<String> {
        if occasion.depth > RUN_DEPTH_MAX {
            return Some(format!("a chain of runs that start runs ends after {RUN_DEPTH_MAX}"));
        }
        let (table, record) = occasion.record?;
        if !newest.alive(table).contains(record) {
            return Some("the record was deleted before the run".into());
        }
        let again = self.chain(occasion.version);
        let again = again.iter().filter(|one| **one == (automation.id, occasion.record)).count();
        (again > 1).then(|| "the automation keeps changing the record that starts it".into())
    }

    /// The runs that led to a commit, the last one first.
    fn chain(&self, version: Version) -> Vec<(AutomationId, Option<(TableId, RecordId)>)> {
        let mut chain = Vec::new();
        let mut version = version;
        while chain.len() <= RUN_DEPTH_MAX as usize {
            let Ok(commits) = self.base.commits_after(version.saturating_sub(1), 1) else { return chain };
            let Some(Cause::Run { automation, run, .. }) = commits.first().map(|commit| commit.cause) else {
                return chain;
            };
            let snapshot = self.base.snapshot();
            let Some(run) = snapshot.stored().automation.runs.get(&run) else { return chain };
            chain.push((automation, run.record));
            if run.version >= version {
                return chain;
            }
            version = run.version;
        }
        chain
    }

    fn fail(&mut self, automation: &Arc<Automation>, occasion: Occasion, record: Run) -> Result<(), Closed> {
        let record = Run { status: RunStatus::Failed, ..record };
        self.note_run(record, occasion)?;
        let snapshot = self.base.snapshot();
        let runs = snapshot.stored().automation.runs.values().rev();
        let last = runs.filter(|run| run.automation == automation.id && run.status != RunStatus::Skipped);
        let failed = last.take(RUN_FAILURES_MAX).take_while(|run| run.status == RunStatus::Failed).count();
        if failed < RUN_FAILURES_MAX {
            return Ok(());
        }
        let id = CommandId { client: client(&self.at, automation.id, "failing"), n: occasion.id.n };
        let why = format!("switched off: it failed {RUN_FAILURES_MAX} times in a row");
        self.switch_off(automation, Occasion { id, ..occasion }, &why)
    }

    fn note(
        &mut self,
        automation: &Automation,
        status: RunStatus,
        occasion: Occasion,
        message: String,
    ) -> Result<(), Closed> {
        let time_ms = self.clock.now_ms();
        let record = blank_run(automation, status, occasion.version, occasion.record, time_ms);
        self.note_run(Run { message, ..record }, occasion)
    }

    /// Notes a run that wrote nothing. By the server itself: its owner may have no rights any more.
    fn note_run(&mut self, record: Run, occasion: Occasion) -> Result<(), Closed> {
        let run = self.base.snapshot().stored().automation.next[0];
        let (automation, time_ms) = (record.automation, record.time_ms);
        let commands = vec![Command::NoteRun(Box::new(record)), Command::Watched(self.at.version())];
        let cause = Cause::Run { automation, run, depth: occasion.depth };
        let request = Request { id: Some(occasion.id), cause, ..Request::new(None, time_ms, commands) };
        self.submit(request).map(|_| ())
    }

    /// Notes how far the runner has watched, if that is more than `lag` versions ahead of what is noted.
    fn note_watched(&mut self, lag: u64) {
        let watched = self.base.snapshot().stored().automation.watched;
        if !self.news || self.at.version() <= watched + lag {
            return;
        }
        let acts = self.at.schema().automations.values().any(|automation| automation.enabled);
        if !acts {
            return;
        }
        self.news = false;
        let commands = vec![Command::Watched(self.at.version())];
        drop(
            self.submit(Request {
                cause: Cause::System,
                ..Request::new(None, self.clock.now_ms(), commands)
            }),
        );
    }

    /// Submits, waiting while the base is busy.
    fn submit(&self, request: Request) -> Result<Result<(), crate::error::Refusal>, Closed> {
        loop {
            match self.base.submit(request.clone()) {
                Ok(_) => return Ok(Ok(())),
                Err(Error::Refused(refusal)) if refusal.code == Code::Busy => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(Error::Refused(refusal)) => return Ok(Err(refusal)),
                Err(Error::Bug(why)) => return Ok(Err(crate::error::Refusal::invalid(why))),
                Err(Error::Stopped(_) | Error::Open(_)) => return Err(Closed),
            }
        }
    }

    /// Brings the timetable up to date with the schema; schedules that are new count from `from_ms`.
    fn sync_schedules(&mut self, from_ms: i64) {
        let stored = Arc::clone(self.at.stored());
        if self.schedules.0.as_ref().is_some_and(|schema| Arc::ptr_eq(schema, &stored.schema)) {
            return;
        }
        let mut before = std::mem::take(&mut self.schedules.1);
        let mut schedules = BTreeMap::new();
        for automation in stored.schema.automations.values().filter(|one| one.enabled) {
            let Ok(definition) = self.definition(automation, &stored) else { continue };
            let Some(timetable) = definition.trigger.timetable() else { continue };
            let old = before.remove(&automation.id).filter(|due| due.revision == automation.revision);
            let due = old.unwrap_or_else(|| Due {
                revision: automation.revision,
                next_ms: timetable.next_after(from_ms),
            });
            schedules.insert(automation.id, due);
        }
        self.schedules = (Some(Arc::clone(&stored.schema)), schedules);
    }

    /// Runs the schedules that are due: each once, however many of its times went by.
    fn tick(&mut self) -> Result<(), Closed> {
        let now_ms = self.clock.now_ms();
        let due = self.schedules.1.iter().filter_map(|(id, due)| Some((*id, due.next_ms?)));
        let mut due: Vec<(i64, AutomationId)> =
            due.filter(|(_, next)| *next <= now_ms).map(|(id, next)| (next, id)).collect();
        due.sort_unstable();
        for (first_ms, id) in due {
            let stored = Arc::clone(self.at.stored());
            let Some(automation) = stored.schema.automations.get(&id).cloned() else { continue };
            let Ok(definition) = self.definition(&automation, &stored) else { continue };
            let Some(timetable) = definition.trigger.timetable() else { continue };
            let tick_ms = timetable.last_until(now_ms).unwrap_or(first_ms).max(first_ms);
            let next_ms = timetable.next_after(now_ms);
            if let Some(due) = self.schedules.1.get_mut(&id) {
                due.next_ms = next_ms;
            }
            let remark = lateness(first_ms, tick_ms, now_ms);
            let command = CommandId { client: client(&self.at, id, "schedule"), n: tick_ms as u64 / 1_000 };
            let occasion = Occasion { id: command, version: self.at.version(), record: None, depth: 1 };
            self.run(&automation, &definition, occasion, &remark)?;
        }
        Ok(())
    }
}

fn triggering(definition: &Definition, step: &Step<'_>) -> Result<RecordSet, String> {
    let records = definition.trigger.records(step).map_err(|why| format!("the trigger: {why}"))?;
    let Some(condition) = definition.condition.as_ref().filter(|_| !records.is_empty()) else {
        return Ok(records);
    };
    let plan = bind(condition, step.after, step.owner, step.now_ms)
        .map_err(|why| format!("the condition: {why}"))?;
    Ok(records.iter().filter(|record| plan.matches(step.after, *record)).collect())
}

/// What makes the command ids of an automation's runs its own.
fn client(snapshot: &Snapshot, automation: AutomationId, salt: &str) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"automation");
    hasher.update(&snapshot.stored().info.id.to_le_bytes());
    hasher.update(&automation.0.to_le_bytes());
    hasher.update(salt.as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

fn lateness(first_ms: i64, tick_ms: i64, now_ms: i64) -> String {
    if first_ms == tick_ms && now_ms - tick_ms <= LATE_MS {
        return String::new();
    }
    let missed = if first_ms == tick_ms { "" } else { ", and once for all times missed since " };
    let since = if first_ms == tick_ms { String::new() } else { super::template::iso(first_ms) };
    format!("late: was due at {}{missed}{since}", super::template::iso(tick_ms))
}

fn off(automation: AutomationId) -> Command {
    Command::UpdateAutomation {
        automation,
        name: None,
        trigger: None,
        condition: None,
        actions: None,
        enabled: Some(false),
    }
}

fn pending(
    kind: &str,
    payload: serde_json::Value,
    automation: &Automation,
    run: u64,
    time_ms: i64,
) -> Effect {
    Effect {
        id: 0,
        run,
        kind: kind.to_owned(),
        payload,
        owner: automation.owner,
        time_ms,
        attempts: 0,
        due_ms: time_ms,
        status: EffectStatus::Pending,
        answer: String::new(),
    }
}

fn blank_run(
    automation: &Automation,
    status: RunStatus,
    version: Version,
    record: Option<(TableId, RecordId)>,
    time_ms: i64,
) -> Run {
    Run {
        id: 0,
        automation: automation.id,
        revision: automation.revision,
        version,
        record,
        time_ms,
        duration_ms: 0,
        status,
        message: String::new(),
        log: Vec::new(),
        n_changes: 0,
        n_effects: 0,
    }
}
