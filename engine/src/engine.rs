//! [`Engine`]: opens, creates, closes and lists the bases of a data folder. The only owner of threads.
//!
//! Each base is a folder `bases/<key>/` with its log and its checkpoint store; `bases/directory/` is base 0, an
//! ordinary base in which the server keeps people, sessions and what they may enter. A base is opened when it is
//! first asked for: checkpoint, then the tail of the log, then everything computed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::base::{Base, History, Shared};
use crate::change::{Commit, Version};
use crate::checkpoint::{self, Checkpoints};
use crate::command::{Command, Request};
use crate::compute::{self, Partials, Plan};
use crate::error::Error;
use crate::id::base_id;
use crate::limits::QUEUE_COMMANDS_MAX;
use crate::log::{Log, MemoryLog, SegmentLog, codec};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::writer::{Recent, Stacks, Writer, is_undoable};

/// The name of base 0's folder.
const DIRECTORY: &str = "directory";
/// Commits read from the log at once: bounds how long a reader keeps the writer from the log.
const HISTORY_BATCH: u64 = 256;

/// The bases of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    /// Held as long as the engine lives: one process for one folder.
    _lock: std::fs::File,
    open: Mutex<BTreeMap<String, OpenBase>>,
}

struct OpenBase {
    base: Base,
    writer: Option<JoinHandle<()>>,
}

impl Engine {
    /// Opens the data folder `dir`, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] if another process has the folder, or it cannot be written.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let bases = dir.join("bases");
        std::fs::create_dir_all(&bases)
            .map_err(|error| open_error("cannot make the data folder", dir, &error))?;
        let path = dir.join("lock");
        let lock = std::fs::File::options().create(true).append(true).open(&path);
        let lock = lock.map_err(|error| open_error("cannot write to the data folder", dir, &error))?;
        if lock.try_lock().is_err() {
            let message = format!("the data folder {} is in use by another Sheaf", dir.display());
            return Err(Error::Open(message));
        }
        let inner = Inner { dir: dir.to_owned(), _lock: lock, open: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Base 0.
    ///
    /// # Errors
    ///
    /// As [`Engine::base`].
    pub fn directory(&self) -> Result<Base, Error> {
        self.open_folder(DIRECTORY, 0)
    }

    /// The outside ids of all bases but base 0, in order.
    pub fn bases(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.inner.dir.join("bases")) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ids: Vec<String> = names.filter_map(|name| Some(base_id(key_of(&name)?))).collect();
        ids.sort();
        ids
    }

    /// Makes a base. The first command of `request` is [`Command::CreateBase`].
    ///
    /// # Errors
    ///
    /// What the commands are refused for; then nothing is left behind. [`Error::Open`] if the folder cannot be
    /// made.
    pub fn create_base(&self, request: Request) -> Result<Base, Error> {
        let Some(Command::CreateBase { id, .. }) = request.commands.first() else {
            return Err(Error::Open("a new base starts with a command that names it".into()));
        };
        let (id, folder) = (*id, format!("{id:032x}"));
        let base = self.open_folder(&folder, id)?;
        match base.submit(request) {
            Ok(_) => Ok(base),
            Err(error) => {
                if base.snapshot().version() == 0 {
                    self.remove(&folder)?;
                }
                Err(error)
            }
        }
    }

    /// An open base by its outside id, `app…`.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] if there is none, or its log is damaged: the message says which file and versions.
    pub fn base(&self, id: &str) -> Result<Base, Error> {
        let missing = || Error::Open(format!("there is no base {id}"));
        let folder = self.folder_of(id).ok_or_else(missing)?;
        let key = key_of(&folder).ok_or_else(missing)?;
        self.open_folder(&folder, key)
    }

    /// Takes a base and all of its history away for good.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] if there is none or its files cannot be removed.
    pub fn delete_base(&self, id: &str) -> Result<(), Error> {
        let folder = self.folder_of(id).ok_or_else(|| Error::Open(format!("there is no base {id}")))?;
        self.remove(&folder)
    }

    /// Closes all bases; what was submitted before is done first.
    pub fn close(&self) {
        let open = std::mem::take(&mut *self.inner.open.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, base) in open {
            close(base);
        }
    }

    /// Reads everything in `dir` and tells what is wrong: checksums, order of commits, links, computed cells.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] if the folder is in use or not one of Sheaf's.
    pub fn check(dir: &Path) -> Result<Vec<String>, Error> {
        if !dir.join("bases").is_dir() {
            return Err(Error::Open(format!("{} is not a data folder of Sheaf", dir.display())));
        }
        let engine = Self::open(dir)?;
        let mut problems = Vec::new();
        let mut folders: Vec<String> = engine.inner.folders();
        folders.sort();
        for folder in folders {
            let key = if folder == DIRECTORY { Some(0) } else { key_of(&folder) };
            let Some(key) = key else {
                problems.push(format!("bases/{folder}: not the folder of a base"));
                continue;
            };
            match engine.open_folder(&folder, key) {
                Ok(base) => {
                    let found = crate::check::problems(&base);
                    problems.extend(found.into_iter().map(|problem| format!("bases/{folder}: {problem}")));
                }
                Err(error) => problems.push(format!("bases/{folder}: {error}")),
            }
        }
        engine.close();
        Ok(problems)
    }

    fn folder_of(&self, id: &str) -> Option<String> {
        self.inner.folders().into_iter().find(|folder| key_of(folder).is_some_and(|key| base_id(key) == id))
    }

    fn open_folder(&self, folder: &str, key: u128) -> Result<Base, Error> {
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(present) = open.get(folder) {
            return Ok(present.base.clone());
        }
        let opened = open_base(&self.inner.dir.join("bases").join(folder), key)?;
        let base = opened.base.clone();
        open.insert(folder.to_owned(), opened);
        Ok(base)
    }

    fn remove(&self, folder: &str) -> Result<(), Error> {
        let open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
        if let Some(base) = open {
            close(base);
        }
        // Renamed first: a crash in between leaves no half base behind.
        let from = self.inner.dir.join("bases").join(folder);
        let gone = self.inner.dir.join(format!("removed-{folder}"));
        let removed = std::fs::rename(&from, &gone).and_then(|()| std::fs::remove_dir_all(&gone));
        removed.map_err(|error| open_error("cannot remove the base", &from, &error))
    }
}

impl Inner {
    fn folders(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.dir.join("bases")) else { return Vec::new() };
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("dir", &self.inner.dir).finish_non_exhaustive()
    }
}

/// A base in memory, without a folder: for tests and programs that need no disk. It lives as long as a handle.
///
/// # Panics
///
/// If the system gives no thread.
pub fn memory_base() -> Base {
    let base = start(Box::new(MemoryLog::new()), Stored::default(), None, Partials::default())
        .expect("an empty log in memory opens");
    base.base
}

/// A base over any log, replayed from its first record: for tests of logs and of recovery.
///
/// # Errors
///
/// [`Error::Open`] if the log cannot be read or claimed.
pub fn base_on(log: Box<dyn Log>) -> Result<Base, Error> {
    start(log, Stored::default(), None, Partials::default()).map(|open| open.base)
}

/// As [`base_on`], where aggregates keep partial results for parents of at least so many children: for tests, which
/// have few records.
///
/// # Errors
///
/// [`Error::Open`] if the log cannot be read or claimed.
pub fn base_keeping(log: Box<dyn Log>, members_min: usize) -> Result<Base, Error> {
    start(log, Stored::default(), None, Partials::from(members_min)).map(|open| open.base)
}

fn open_base(dir: &Path, key: u128) -> Result<OpenBase, Error> {
    let log = SegmentLog::open(&dir.join("log"), key).map_err(|error| Error::Open(error.to_string()))?;
    if let Some(damage) = log.damage() {
        return Err(Error::Open(damage.to_string()));
    }
    if let Some(torn) = log.torn_tail() {
        tracing::warn!(?torn, "a record that was never acknowledged was cut from the end of the log");
    }
    let (checkpoints, stored) = checkpoint::open(&dir.join("store"), log.last_version());
    start(Box::new(log), stored, Some(checkpoints), Partials::default())
}

/// Replays the tail of the log on `stored`, computes everything and starts the writer's thread.
fn start(
    mut log: Box<dyn Log>,
    mut stored: Stored,
    checkpoints: Option<Checkpoints>,
    mut partials: Partials,
) -> Result<OpenBase, Error> {
    let wrong = |error: &dyn std::fmt::Display| Error::Open(error.to_string());
    let fence = log.claim(&format!("process {}", std::process::id())).map_err(|error| wrong(&error))?;
    let mut recent = Recent::default();
    let mut stacks = Stacks::default();
    for record in log.replay(stored.version).map_err(|error| wrong(&error))? {
        let record = record.map_err(|error| wrong(&error))?;
        let bytes = record.payload.len();
        let commit = codec::decode(&record.payload)
            .map_err(|error| Error::Open(format!("version {} of the log: {error}", record.version)))?;
        crate::apply::commit(&mut stored, &commit);
        if let (Some(id), true) = (commit.command, is_undoable(&commit)) {
            stacks.note(id.client, &commit);
        }
        recent.push(Arc::new(commit), bytes);
    }
    let plan = Plan::new(&stored);
    let computed = compute::scratch(&stored, &plan, now_ms().max(stored.time_ms), &mut partials);
    let computed = Arc::new(computed);
    let stored = Arc::new(stored);
    let log: Arc<Mutex<Box<dyn Log>>> = Arc::new(Mutex::new(log));
    let (sender, queue) = sync_channel(QUEUE_COMMANDS_MAX);
    let shared = Arc::new(Shared {
        snapshot: ArcSwap::from_pointee(Snapshot::new(Arc::clone(&stored), Arc::clone(&computed))),
        watchers: Mutex::default(),
        recent: Mutex::new(recent),
        stopped: Mutex::default(),
        epoch: fence.epoch,
        history: Box::new(LogHistory { log: Arc::clone(&log) }),
    });
    let writer = Writer {
        stored,
        computed,
        plan: Arc::new(plan),
        partials,
        log,
        fence,
        shared: Arc::clone(&shared),
        stacks,
        checkpoints,
    };
    let thread = std::thread::Builder::new().name("sheaf-writer".into()).spawn(move || writer.run(&queue));
    let thread = thread.map_err(|error| Error::Open(format!("cannot start a thread: {error}")))?;
    Ok(OpenBase { base: Base::new(shared, sender), writer: Some(thread) })
}

fn close(mut base: OpenBase) {
    base.base.close();
    if let Some(writer) = base.writer.take() {
        drop(writer.join());
    }
}

struct LogHistory {
    log: Arc<Mutex<Box<dyn Log>>>,
}

impl LogHistory {
    /// Calls `each` with the commits `after + 1 ..= upto`, holding the log for a batch at a time.
    fn each(&self, after: Version, upto: Version, mut each: impl FnMut(Commit)) -> Result<(), Error> {
        let wrong = |error: &dyn std::fmt::Display| Error::Stopped(error.to_string());
        let mut at = after;
        while at < upto {
            let end = upto.min(at + HISTORY_BATCH);
            let mut batch = Vec::new();
            {
                let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
                let records = log.replay(at).map_err(|error| wrong(&error))?;
                for record in records.take((end - at) as usize) {
                    batch.push(record.map_err(|error| wrong(&error))?);
                }
            }
            if batch.is_empty() {
                return Ok(());
            }
            for record in batch {
                at = record.version;
                each(codec::decode(&record.payload).map_err(|error| wrong(&error))?);
            }
        }
        Ok(())
    }
}

impl History for LogHistory {
    fn commits(&self, after: Version, upto: Version) -> Result<Vec<Commit>, Error> {
        let mut commits = Vec::new();
        self.each(after, upto, |commit| commits.push(commit))?;
        Ok(commits)
    }

    fn at(&self, version: Version) -> Result<Snapshot, Error> {
        let mut stored = Stored::default();
        self.each(0, version, |commit| crate::apply::commit(&mut stored, &commit))?;
        let computed =
            compute::scratch(&stored, &Plan::new(&stored), stored.time_ms, &mut Partials::default());
        Ok(Snapshot::new(Arc::new(stored), Arc::new(computed)))
    }
}

fn key_of(folder: &str) -> Option<u128> {
    if folder.len() == 32 { u128::from_str_radix(folder, 16).ok() } else { None }
}

fn open_error(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::Open(format!("{what} {}: {error}", path.display()))
}

/// The clock, milliseconds UTC. Only for what is not decided by it: `NOW()` until the first tick.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
