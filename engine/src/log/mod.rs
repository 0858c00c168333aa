//! The log of one base: the only copy of what people wrote.
//!
//! A log keeps opaque records, numbered 1, 2, 3 … without a hole. What is in a record is the business of the
//! codec of commits; what a base makes of it is the business of the engine. [`MemoryLog`] is for tests and
//! for embedding without a disk; [`SegmentLog`] is the log of files that a server uses.
//!
//! The one idea: **[`Log::append`] returns only after the group is durable, and a record that somebody may
//! have seen is never changed, dropped or reordered again.** Everything in this folder follows from it: a
//! failed sync stops the log instead of being retried, damage is reported instead of skipped, and what a
//! power cut left half written is cut only if it can be told apart from damage to something acknowledged
//! (`recover.rs`).
//!
//! Writers are kept apart by epochs: [`Log::claim`] grants a higher one and from then on refuses every older
//! [`Fence`]. The bytes on disk are drawn in `docs/format.md`.

pub mod codec;
mod disk;
mod epoch;
mod frame;
mod memory;
mod reader;
mod recover;
mod segments;
#[doc(hidden)]
pub mod sim;

use std::io;
use std::ops::RangeInclusive;

pub use disk::{Disk, DiskFile, Folder};
pub(crate) use disk::{lock_file, sync_dir};
pub use memory::{Fault, MemoryLog};
pub use recover::TornTail;
pub use segments::{SegmentLog, SegmentOptions};

/// The most bytes one record may carry, before compression: 256 MiB.
///
/// It bounds what a reader has to hold in memory for a damaged length; commits are kept far below it by
/// `limits.rs`.
pub const MAX_PAYLOAD_BYTES: usize = 256 << 20;

/// The most records one group may have: the position in the group is kept in 24 bits.
pub const MAX_GROUP_RECORDS: usize = 1 << 24;

/// One commit as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The position of the commit: the first is 1, the next one more.
    pub version: u64,
    /// The encoded commit; any bytes, also none.
    pub payload: Vec<u8>,
}

/// What a writer holds, and shows with each append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The turn of the writer; a higher one makes all lower ones invalid.
    pub epoch: u64,
}

/// The records of a base in order, see the [module](self).
pub trait Log: Send {
    /// Makes `owner` the writer; every [`Fence`] granted before is refused from now on.
    ///
    /// `owner` is for people: it is what [`LogError::HeldBy`] says to the next one who comes. At most 1,000
    /// bytes of it are kept.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] if the log is damaged and must not be written; [`LogError::Full`] and
    /// [`LogError::Io`] if the epoch could not be written, in which case nothing changed for a writer that
    /// holds a fence.
    fn claim(&mut self, owner: &str) -> Result<Fence, LogError>;

    /// Writes a group of records, and returns when it is durable (one sync for the whole group).
    ///
    /// `expected_version` is the version of the last record in the log, as the writer believes; the records
    /// are the ones right after it. A group may be empty, which checks the fence and the version.
    ///
    /// # Errors
    ///
    /// * [`LogError::Fenced`], [`LogError::WrongVersion`], [`LogError::TooLarge`]: nothing was written.
    /// * [`LogError::Full`], [`LogError::Io`]: how much of the group is in the log is known after reopening
    ///   it; until then every append is [`LogError::Stopped`].
    /// * [`LogError::Corrupt`]: the log was damaged when it was opened; it can be read up to there, and not
    ///   written.
    fn append(&mut self, fence: &Fence, expected_version: u64, records: &[Record]) -> Result<(), LogError>;

    /// The version of the last record; 0 if the log is empty.
    fn last_version(&self) -> u64;

    /// The records after version `after`, in order, read as they are asked for.
    ///
    /// At damage it ends with [`LogError::Corrupt`], after all that came before it. `after` beyond the end is
    /// an empty iterator.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if the first file does not open, [`LogError::Corrupt`] if it is missing or not one of
    /// this log.
    fn replay(&self, after: u64) -> Result<Replay<'_>, LogError>;

    /// What the log takes on disk (or in memory), with the space it reserved for what comes next.
    fn size_bytes(&self) -> u64;
}

/// What [`Log::replay`] gives.
pub type Replay<'log> = Box<dyn Iterator<Item = Result<Record, LogError>> + 'log>;

/// Why a log could not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Another writer has claimed the log since; this one must stop.
    #[error("another writer took over this base: epoch {held} is no longer valid, the newest is {newest}")]
    Fenced {
        /// The epoch of the fence that was shown.
        held: u64,
        /// The epoch that is valid now.
        newest: u64,
    },
    /// The records do not follow the last one in the log.
    #[error("the writer expected version {expected} at the end of the log and found {found}")]
    WrongVersion {
        /// What the writer believed, or the version that a record should have had.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// A record or a group is larger than this format can hold; nothing was written.
    #[error("{what} is larger than the log can hold ({found}, at most {limit})")]
    TooLarge {
        /// `"a record"` or `"a group"`.
        what: &'static str,
        /// Its bytes or records.
        found: u64,
        /// How many it may have.
        limit: u64,
    },
    /// Something that was written is no longer there as it was written.
    #[error("{file} is damaged at byte {offset}, versions {} to {}: {what}", versions.start(), versions.end())]
    Corrupt {
        /// The name of the file, without its folder.
        file: String,
        /// Where in the file the damage was noticed.
        offset: u64,
        /// The versions that cannot be read, as far as is known.
        versions: RangeInclusive<u64>,
        /// What does not fit.
        what: String,
    },
    /// The folder belongs to a different base.
    #[error("the folder holds base {found:032x}, not base {expected:032x}")]
    WrongBase {
        /// The base that was asked for.
        expected: u128,
        /// The base whose log this is.
        found: u128,
    },
    /// Another process, or another handle in this one, has the folder open.
    #[error("the base is open elsewhere: it is held by {0}")]
    HeldBy(String),
    /// A write or a sync failed before; the log must be opened again to know what it holds.
    #[error("the log stopped after a failed write and must be opened again")]
    Stopped,
    /// The disk is full. Reading goes on; writing does after space was made and the log was opened again.
    #[error("the disk is full: could not {doing}")]
    Full {
        /// What was being done, after "could not".
        doing: String,
    },
    /// The file system refused something else.
    #[error("could not {doing}: {cause}")]
    Io {
        /// What was being done, after "could not".
        doing: String,
        /// The kind of the failure, for programs.
        kind: io::ErrorKind,
        /// The failure in the words of the system.
        cause: String,
    },
}

impl LogError {
    /// The error for `cause`, met while `doing` (words that follow "could not").
    pub(crate) fn io(doing: impl Into<String>, cause: &io::Error) -> LogError {
        let doing = doing.into();
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                LogError::Full { doing }
            }
            kind => LogError::Io { doing, kind, cause: cause.to_string() },
        }
    }
}

/// The checks of [`Log::append`] that need no log: the group fits, and its records follow `expected_version`.
fn check_group(expected_version: u64, records: &[Record]) -> Result<(), LogError> {
    if records.len() > MAX_GROUP_RECORDS {
        let (found, limit) = (records.len() as u64, MAX_GROUP_RECORDS as u64);
        return Err(LogError::TooLarge { what: "a group", found, limit });
    }
    for (record, version) in records.iter().zip(expected_version + 1..) {
        if record.version != version {
            return Err(LogError::WrongVersion { expected: version, found: record.version });
        }
        if record.payload.len() > MAX_PAYLOAD_BYTES {
            let (found, limit) = (record.payload.len() as u64, MAX_PAYLOAD_BYTES as u64);
            return Err(LogError::TooLarge { what: "a record", found, limit });
        }
    }
    Ok(())
}
