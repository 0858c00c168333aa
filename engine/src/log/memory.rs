//! A log in memory: for tests, and for a base that need not outlive its process.
//!
//! Handles made by [`MemoryLog::share`] see the same records, so that two writers can be set against each
//! other, and "reopening after a crash" is dropping one handle and sharing another. [`MemoryLog::fail_next`]
//! plays the failures a writer must survive, among them the worst: an append that failed and is there all the
//! same.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Fence, Log, LogError, Record, Replay, check_group};

/// What the next append of a [`MemoryLog`] does instead of succeeding; the handle is stopped afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is kept, and the append fails.
    Lost,
    /// All is kept, and the append fails all the same, as when the acknowledgment of a sync is lost.
    Kept,
    /// The first half of the group is kept, and the append fails.
    Half,
    /// Nothing is kept, because the disk is full.
    Full,
}

#[derive(Debug, Default)]
struct Shared {
    epoch: u64,
    payloads: Vec<Vec<u8>>,
    bytes: u64,
    fault: Option<Fault>,
}

/// A log in memory: for tests, and for a base that need not outlive its process.
///
/// # Examples
///
/// ```
/// use engine::log::{Log, MemoryLog, Record};
///
/// let mut log = MemoryLog::new();
/// let fence = log.claim("me")?;
/// log.append(&fence, 0, &[Record { version: 1, payload: b"hello".to_vec() }])?;
/// assert_eq!(log.last_version(), 1);
///
/// let mut other = log.share();
/// other.claim("you")?;
/// assert!(log.append(&fence, 1, &[]).is_err());
/// # Ok::<(), engine::log::LogError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryLog {
    shared: Arc<Mutex<Shared>>,
    stopped: bool,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> MemoryLog {
        MemoryLog::default()
    }

    /// A second handle on the same records, as a second process would have; it is not stopped.
    pub fn share(&self) -> MemoryLog {
        MemoryLog { shared: Arc::clone(&self.shared), stopped: false }
    }

    /// Lets the next append, through any handle, end in `fault`.
    pub fn fail_next(&self, fault: Fault) {
        self.shared().fault = Some(fault);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // A panic while the lock was held cannot have left the records half changed: they are pushed whole.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn push(&mut self, records: &[Record]) {
        self.bytes += records.iter().map(|record| record.payload.len() as u64).sum::<u64>();
        self.payloads.extend(records.iter().map(|record| record.payload.clone()));
    }

    fn last_version(&self) -> u64 {
        self.payloads.len() as u64
    }
}

impl Log for MemoryLog {
    fn claim(&mut self, _owner: &str) -> Result<Fence, LogError> {
        let mut shared = self.shared();
        shared.epoch += 1;
        Ok(Fence { epoch: shared.epoch })
    }

    fn append(&mut self, fence: &Fence, expected_version: u64, records: &[Record]) -> Result<(), LogError> {
        if self.stopped {
            return Err(LogError::Stopped);
        }
        let mut shared = self.shared();
        if fence.epoch != shared.epoch {
            return Err(LogError::Fenced { held: fence.epoch, newest: shared.epoch });
        }
        let found = shared.last_version();
        if expected_version != found {
            return Err(LogError::WrongVersion { expected: expected_version, found });
        }
        check_group(expected_version, records)?;
        let Some(fault) = shared.fault.take() else {
            shared.push(records);
            return Ok(());
        };
        match fault {
            Fault::Lost | Fault::Full => {}
            Fault::Kept => shared.push(records),
            Fault::Half => shared.push(&records[..records.len() / 2]),
        }
        drop(shared);
        self.stopped = true;
        let kind =
            if fault == Fault::Full { std::io::ErrorKind::StorageFull } else { std::io::ErrorKind::Other };
        Err(LogError::io("append to the log in memory", &std::io::Error::new(kind, "a fault was asked for")))
    }

    fn last_version(&self) -> u64 {
        self.shared().last_version()
    }

    fn replay(&self, after: u64) -> Result<Replay<'_>, LogError> {
        let last = self.last_version();
        Ok(Box::new((after.saturating_add(1)..=last).map(|version| {
            let payload = self.shared().payloads[(version - 1) as usize].clone();
            Ok(Record { version, payload })
        })))
    }

    fn size_bytes(&self) -> u64 {
        self.shared().bytes
    }
}
