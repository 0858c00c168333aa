//! The checkpoint store of one base: what makes opening quick, and nothing that cannot be rebuilt from the
//! log.
//!
//! Keys and values are bytes; the engine decides what they mean. It is kept in sled 0.34.7, and only this
//! folder knows. sled alone does not survive a power cut, so the rules of `storage.md` are followed here:
//!
//! * one commit is one batch on one tree, flushed, and then synced by a handle of our own: sled's flush is
//!   not a sync;
//! * values are cut into pieces of 16 KiB, because whole nodes (16 pieces and more) are written as one item,
//!   and items larger than a quarter of sled's segment become files of their own that sled never syncs. The
//!   pieces and a segment of 2 MiB keep them below that; should there be such files all the same, they are
//!   synced too;
//! * every piece has a checksum over its key and bytes, and the value one over all of them (`value.rs`);
//! * if sled does not open, its folder is moved aside and an empty one takes its place. Of a file that was
//!   cut short sled may make an empty store without a word; the file `filled` says that there was something;
//! * sled is not opened, nor written, when the disk is full. std does not tell how much is free, so a file is
//!   written and removed to find out.

mod value;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::log::{lock_file, sync_dir};
use value::{Piece, StoredKey};

/// sled's cache. Our columns are the cache that counts, and sled takes several times of what it is given.
const CACHE_BYTES: u64 = 64 << 20;
/// A quarter of it is more than the largest node: 17 pieces with their keys, twice.
const SLED_SEGMENT_BYTES: usize = 2 << 20;
/// What must be free before sled is opened, and beyond twice the batch before it is written.
const FREE_BYTES_MIN: u64 = 4 << 20;
/// The file in the folder that says that something was committed.
const FILLED: &str = "filled";
/// How many damaged stores are kept for whoever wants to look.
const N_DAMAGED_KEPT: u64 = 3;
/// The longest key that [`Batch`] takes.
pub const KEY_BYTES_MAX: usize = 512;

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// What [`Store::open`] met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// There was no store; this one is empty.
    Fresh,
    /// The store was there.
    Found,
    /// The store was there and did not open; this one is empty.
    Replaced {
        /// Where the old one is now.
        moved_to: PathBuf,
        /// Why it did not open.
        why: String,
    },
}

/// Why the store could not do what it was asked to. Nothing is lost by it: the log has everything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A value is not as it was written. The store should be cleared and filled again.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The disk is full, or nearly so.
    #[error("the disk is full: could not {0}")]
    Full(String),
    /// The store is open elsewhere, in this process or another.
    #[error("the store in {} is open elsewhere", .0.display())]
    Held(PathBuf),
    /// A commit failed before; the store can be read, and written after it was opened again.
    #[error("the store stopped after a failed commit and must be opened again")]
    Stopped,
    /// The file system refused something else.
    #[error("could not {doing}: {cause}")]
    Io {
        /// What was being done, after "could not".
        doing: String,
        /// The failure in the words of the system.
        cause: String,
    },
}

/// Puts and removals that are committed together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// In order; a later one for the same key wins.
    changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// A batch without changes.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Gives `key` this value, of any size.
    ///
    /// # Panics
    ///
    /// If the key is longer than [`KEY_BYTES_MAX`].
    pub fn put(&mut self, key: impl Into<Vec<u8>>, value: Vec<u8>) {
        let key = key.into();
        assert!(key.len() <= KEY_BYTES_MAX, "keys of the store are short");
        self.changes.push((key, Some(value)));
    }

    /// Removes `key` and its value, if it is there.
    pub fn remove(&mut self, key: impl Into<Vec<u8>>) {
        self.changes.push((key.into(), None));
    }

    /// Bytes of all keys and values.
    pub fn size_bytes(&self) -> u64 {
        let sizes = self.changes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len));
        sizes.sum::<usize>() as u64
    }
}

/// The checkpoint store of one base, see the [module](self).
///
/// # Examples
///
/// ```
/// use engine::store::{Batch, Opened, Store};
///
/// let folder = tempfile::tempdir()?;
/// let (store, opened) = Store::open(&folder.path().join("store"))?;
/// assert_eq!(opened, Opened::Fresh);
/// let mut batch = Batch::new();
/// batch.put("chunk/1", vec![7; 100_000]);
/// store.commit(batch)?;
/// assert_eq!(store.get(b"chunk/1")?, Some(vec![7; 100_000]));
/// assert_eq!(store.get(b"chunk/2")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Store {
    dir: PathBuf,
    db: sled::Db,
    /// Our own handle on sled's file: syncing it syncs what sled wrote.
    file: File,
    /// Held for reading while the pieces of one value are read, and for writing while a batch is applied.
    pieces: RwLock<()>,
    stopped: AtomicBool,
    /// Whether the file [`FILLED`] is there.
    is_filled: AtomicBool,
    lock: File,
}

impl Store {
    /// Opens the store in folder `dir`, made if it is not there. `dir` and names that begin with it are the
    /// store's own.
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`], [`StoreError::Full`], and [`StoreError::Io`] for what is not the fault of what
    /// the folder holds: that would be moved aside.
    pub fn open(dir: &Path) -> Result<(Store, Opened), StoreError> {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| StoreError::io("make the folder of the store", &error))?;
        }
        let lock =
            lock_file(&beside(dir, ".lock")).map_err(|error| StoreError::io("lock the store", &error))?;
        let lock = lock.ok_or_else(|| StoreError::Held(dir.to_owned()))?;
        Store::open_locked(dir, lock)
    }

    fn open_locked(dir: &Path, lock: File) -> Result<(Store, Opened), StoreError> {
        // A store that was being cleared when the power went.
        remove_dir(&beside(dir, "-cleared"))
            .map_err(|error| StoreError::io("remove the old store", &error))?;
        let is_there = dir.exists();
        let io = |error| StoreError::io("open the store", &error);
        fs::create_dir_all(dir).map_err(io)?;
        require_free(dir, FREE_BYTES_MIN, "open the store, which needs some free space")?;
        let found = open_sled(dir).and_then(|db| {
            if dir.join(FILLED).exists() && guard(|| Ok(db.is_empty()))? {
                return Err(StoreError::Damaged("something was in the store, and it is empty".to_owned()));
            }
            Ok(db)
        });
        let (db, opened) = match found {
            Ok(db) => (db, if is_there { Opened::Found } else { Opened::Fresh }),
            Err(StoreError::Damaged(why)) => {
                let moved_to =
                    move_aside(dir).map_err(|error| StoreError::io("move the store aside", &error))?;
                (open_sled(dir)?, Opened::Replaced { moved_to, why })
            }
            Err(error) => return Err(error),
        };
        let file = File::options().read(true).write(true).open(dir.join("db")).map_err(io)?;
        file.sync_all().and_then(|()| sync_folders(dir)).map_err(io)?;
        let store = Store {
            dir: dir.to_owned(),
            db,
            file,
            pieces: RwLock::new(()),
            stopped: AtomicBool::new(false),
            is_filled: AtomicBool::new(dir.join(FILLED).exists()),
            lock,
        };
        Ok((store, opened))
    }

    /// Applies the batch, all of it or nothing, and returns when it is durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] before anything was written if there may not be room for it. After any other
    /// error commits are [`StoreError::Stopped`] until the store is opened again.
    pub fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(StoreError::Stopped);
        }
        require_free(&self.dir, 2 * batch.size_bytes() + FREE_BYTES_MIN, "write a checkpoint")?;
        let result = guard(|| self.apply(batch)).and_then(|()| {
            let synced = sync_written(&self.file, &self.dir).and_then(|()| self.mark_filled());
            synced.map_err(|error| StoreError::io("sync the store", &error))
        });
        if result.is_err() {
            self.stopped.store(true, Ordering::Release);
        }
        result
    }

    /// Notes durably, at the first commit, that there is something in the store.
    fn mark_filled(&self) -> io::Result<()> {
        if self.is_filled.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        File::create(self.dir.join(FILLED))?.sync_all()?;
        sync_dir(&self.dir)
    }

    fn apply(&self, batch: Batch) -> Result<(), sled::Error> {
        let _alone = self.pieces.write().unwrap_or_else(PoisonError::into_inner);
        // The last change of each key is the one that counts, and all others must leave no pieces.
        let changes: BTreeMap<_, _> = batch.changes.into_iter().collect();
        let mut sled_batch = sled::Batch::default();
        for (key, value) in changes {
            let key = StoredKey::new(&key);
            // sled as well keeps the last change of each key: what comes again below is not removed.
            for piece_key in self.db.scan_prefix(key.stem()).keys() {
                sled_batch.remove(piece_key?);
            }
            let Some(value) = value else { continue };
            for (piece_key, piece) in key.split(&value) {
                sled_batch.insert(piece_key, piece);
            }
        }
        self.db.apply_batch(sled_batch)?;
        self.db.flush().map(|_| ())
    }

    /// The value of `key`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] if it is not as it was written.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let key = StoredKey::new(key);
        let (from, to) = (key.stem().to_vec(), key.behind());
        Ok(self.read_first(from, Some(to))?.map(|(_, value)| value))
    }

    /// All keys that begin with `prefix`, in the order of their bytes, with their values.
    ///
    /// A value is read when it is asked for, so a scan sees commits that come meanwhile. A damaged value is
    /// one error; the scan goes on behind it.
    pub fn scan(&self, prefix: &[u8]) -> impl Iterator<Item = Result<Entry, StoreError>> {
        let prefix = value::escape(prefix);
        let mut from = Some(prefix.clone());
        std::iter::from_fn(move || {
            let cursor = from.take()?;
            let first = match guard(|| self.db.range(cursor..).keys().next().transpose()) {
                Ok(first) => first.filter(|key| key.starts_with(&prefix))?,
                // What comes next is not known, so this ends the scan.
                Err(error) => return Some(Err(error)),
            };
            from = Some(value::behind(&first));
            self.read_first(first.to_vec(), from.clone()).transpose()
        })
    }

    /// Reads everything, and gives a sentence for each thing that is not as it was written.
    pub fn verify(&self) -> Vec<String> {
        self.scan(b"").filter_map(Result::err).map(|error| error.to_string()).collect()
    }

    /// What the store takes on disk.
    pub fn size_bytes(&self) -> u64 {
        folder_bytes(&self.dir)
    }

    /// Throws everything away, and gives the empty store.
    ///
    /// # Errors
    ///
    /// Those of [`Store::open`]; the old store is gone or as it was.
    pub fn clear(self) -> Result<Store, StoreError> {
        let Store { dir, db, file, lock, .. } = self;
        drop((db, file));
        let aside = beside(&dir, "-cleared");
        remove_dir(&aside)
            .and_then(|()| fs::rename(&dir, &aside))
            .and_then(|()| remove_dir(&aside))
            .map_err(|error| StoreError::io("remove the store", &error))?;
        Store::open_locked(&dir, lock).map(|(store, _)| store)
    }

    /// The first value whose pieces lie between the stored keys `from` and `to`.
    fn read_first(&self, from: Vec<u8>, to: Option<Vec<u8>>) -> Result<Option<Entry>, StoreError> {
        let _no_commit = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        let mut joined = value::Joined::default();
        let mut pieces = match to {
            Some(to) => self.db.range(from..to),
            None => self.db.range(from..),
        };
        while let Some((key, piece)) = guard(|| pieces.next().transpose())? {
            let piece = Piece::decode(&key, &piece).map_err(StoreError::Damaged)?;
            if joined.push(piece).map_err(StoreError::Damaged)? {
                break;
            }
        }
        joined.finish().map_err(StoreError::Damaged)
    }
}

impl StoreError {
    fn io(doing: &str, cause: &io::Error) -> StoreError {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(doing.to_owned()),
            _ => StoreError::Io { doing: doing.to_owned(), cause: cause.to_string() },
        }
    }
}

/// Calls sled. On damage it has been seen to panic as well as to say so; either is the same to us.
fn guard<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) if !is_damage(&error) => Err(StoreError::io("use the store", &error)),
        Ok(Err(error)) => Err(StoreError::Damaged(error.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(StoreError::Damaged(text.unwrap_or_else(|| "sled panicked".to_owned())))
        }
    }
}

/// Whether an error that sled hands up as one of the file system is about what the files hold.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, NotFound, Other, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | NotFound | Other | UnexpectedEof)
}

fn open_sled(dir: &Path) -> Result<sled::Db, StoreError> {
    let give_up_at = Instant::now() + Duration::from_secs(3);
    loop {
        let config = sled::Config::new()
            .path(dir)
            .mode(sled::Mode::LowSpace)
            .segment_size(SLED_SEGMENT_BYTES)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        let opened = guard(|| config.open());
        // We hold the store's lock, so this is a thread of sled that has not ended since the store was
        // closed.
        let is_closing =
            matches!(&opened, Err(StoreError::Damaged(why)) if why.contains("could not acquire lock"));
        if !is_closing {
            return opened;
        }
        if Instant::now() > give_up_at {
            return Err(StoreError::Held(dir.to_owned()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Gives a damaged store the next name of its kind and makes an empty folder in its place. The newest of them
/// are kept.
fn move_aside(dir: &Path) -> io::Result<PathBuf> {
    let name = |n: u64| beside(dir, &format!("-damaged-{n}"));
    let prefix = name(0).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut newest = 0;
    for entry in fs::read_dir(dir.parent().unwrap_or(Path::new(".")))? {
        let entry = entry?.file_name();
        let n =
            entry.to_str().and_then(|entry| entry.strip_prefix(&prefix[..prefix.len() - 1])?.parse().ok());
        newest = newest.max(n.unwrap_or(0));
    }
    let moved_to = name(newest + 1);
    fs::rename(dir, &moved_to)?;
    fs::create_dir_all(dir)?;
    if newest >= N_DAMAGED_KEPT {
        remove_dir(&name(newest + 1 - N_DAMAGED_KEPT))?;
    }
    Ok(moved_to)
}

/// Syncs what sled wrote and did not sync.
fn sync_written(file: &File, dir: &Path) -> io::Result<()> {
    file.sync_data()?;
    let blobs = dir.join("blobs");
    let mut n_blobs = 0;
    for blob in fs::read_dir(&blobs)? {
        File::open(blob?.path())?.sync_all()?;
        n_blobs += 1;
    }
    if n_blobs > 0 { sync_dir(&blobs) } else { Ok(()) }
}

/// Makes the names in the folder durable, and that of the folder itself.
fn sync_folders(dir: &Path) -> io::Result<()> {
    sync_dir(dir)?;
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Fails if there is not room for `bytes` more. It writes them, which is all that std can do to find out;
/// they are removed before the system has taken them to the disk.
fn require_free(dir: &Path, bytes: u64, doing: &str) -> Result<(), StoreError> {
    const STEP: &[u8] = &[0; 256 << 10];
    let probe = beside(dir, "-probe");
    let write = || {
        let mut file = File::create(&probe)?;
        (0..bytes.div_ceil(STEP.len() as u64)).try_for_each(|_| file.write_all(STEP))
    };
    let written = write();
    let removed = fs::remove_file(&probe);
    written.and(removed).map_err(|error| StoreError::io(doing, &error))
}

/// The name of `dir` with `suffix`, in the same folder.
fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a folder with all that is in it, if it is there.
fn remove_dir(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn folder_bytes(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        // It was removed meanwhile.
        Err(_) => 0,
    });
    sizes.sum()
}
