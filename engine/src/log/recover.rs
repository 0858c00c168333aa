//! What is behind the last whole record of the newest segment: nothing, a torn tail, or damage.
//!
//! A power cut during an append leaves any of the sectors that were being written, in any order, and the
//! others as they were, which is zeros. Nothing of that group was acknowledged, so what is not whole may be
//! cut. A flipped bit in an acknowledged record also makes it unreadable, and must be reported instead. Two
//! facts tell them apart:
//!
//! * A group is written after the one before it was synced. So if a record of a *later* group is found behind
//!   the bad place, the bad place was acknowledged. Records of the same group may follow a hole: sectors are
//!   written in any order.
//! * A sector that was not written is zeros, and our encoding has no such sector (`frame.rs`; 512 zeros in
//!   the midst of 128 KiB of noise, which no codec of ours writes, would be the exception). A bad record
//!   without one was written whole and changed later. For the same reason a record whose last byte is 0, with
//!   zeros behind, was not written to its end.
//!
//! What cannot be told apart: zeros over a sector of the last group, or a file cut short within it, look like
//! a torn tail. Whoever knows a later version (a checkpoint, a client) will notice that the log ends too
//! early.

use std::io;

use super::frame::{
    Codec, RECORD_HEADER_BYTES, RECORD_MARK, RECORD_OVERHEAD_BYTES, SECTOR_BYTES, SEGMENT_HEADER_BYTES,
};
use super::reader::Reader;

/// What was cut off when a log was opened: the rest of an append that a crash interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The name of the segment.
    pub file: String,
    /// Where the cut was made.
    pub offset: u64,
    /// How many bytes were cut, zeros included.
    pub bytes: u64,
}

/// What [`examine_tail`] finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing was written there.
    Clean,
    /// An interrupted append, up to this offset.
    Torn { end: u64 },
    /// Something acknowledged is damaged; `last` is the last version seen behind it.
    Damaged { last: u64 },
}

/// What [`examine_header`] finds at the start of the newest segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A header stands there; whether it is right is for the caller to see.
    Written,
    /// The file was being made when the power went: it holds nothing acknowledged.
    Torn,
    /// It was there and is gone; `last` is the last version seen behind it.
    Damaged { last: u64 },
}

/// Judges what stands at `at`, where `next_version` should begin and cannot be read.
pub(super) fn examine_tail(
    reader: &mut Reader,
    codec: &Codec,
    at: u64,
    next_version: u64,
) -> io::Result<Tail> {
    let end = reader.end_of_data(at)?;
    if end == at {
        return Ok(Tail::Clean);
    }
    let behind = search(reader, codec, at + 1, end, next_version)?;
    if behind.has_later_group || !looks_torn(reader, codec, at, end, next_version)? {
        return Ok(Tail::Damaged { last: behind.last_version });
    }
    Ok(Tail::Torn { end })
}

/// Judges the start of a segment that should begin with `first_version`.
pub(super) fn examine_header(reader: &mut Reader, codec: &Codec, first_version: u64) -> io::Result<Start> {
    // So short a file holds no record. A disk that was full may have taken a part of the header.
    if reader.file_bytes() < (SEGMENT_HEADER_BYTES + RECORD_OVERHEAD_BYTES) as u64 {
        return Ok(Start::Torn);
    }
    if !reader.has_zero_sector(0, SEGMENT_HEADER_BYTES as u64)? {
        return Ok(Start::Written);
    }
    let end = reader.end_of_data(0)?;
    let behind = search(reader, codec, 0, end, first_version)?;
    if behind.has_later_group || !reader.has_zero_sector(0, SECTOR_BYTES)? {
        return Ok(Start::Damaged { last: behind.last_version });
    }
    Ok(Start::Torn)
}

struct Behind {
    last_version: u64,
    has_later_group: bool,
}

/// Looks for headers of records, from version `next_version` on, at every byte between `from` and `end`.
fn search(
    reader: &mut Reader,
    codec: &Codec,
    mut from: u64,
    end: u64,
    next_version: u64,
) -> io::Result<Behind> {
    const STEP_BYTES: usize = 64 << 10;
    let mut behind = Behind { last_version: next_version, has_later_group: false };
    while from < end {
        // Each step sees so much of the next one that a header on the border is found once.
        let step_bytes = (end - from).min(STEP_BYTES as u64) as usize;
        let bytes = reader.bytes(from, step_bytes + RECORD_HEADER_BYTES - 1)?;
        for candidate in bytes.windows(RECORD_HEADER_BYTES).filter(|bytes| bytes.starts_with(&RECORD_MARK)) {
            let Some(Ok(header)) = candidate.first_chunk().map(|bytes| codec.decode_header(bytes)) else {
                continue;
            };
            if header.version >= next_version {
                behind.last_version = behind.last_version.max(header.version);
                behind.has_later_group |= header.group_version() > next_version;
            }
        }
        from += step_bytes as u64;
    }
    Ok(behind)
}

/// Whether the bad record at `at` misses a sector or its end, as after an interrupted write. All is zeros
/// from `end` on.
fn looks_torn(reader: &mut Reader, codec: &Codec, at: u64, end: u64, next_version: u64) -> io::Result<bool> {
    let bytes = reader.array::<RECORD_HEADER_BYTES>(at)?;
    // A header has more bytes that are not 0 than this in its mark alone: here none was ever written, and
    // what is not 0 was changed in the reserved space.
    if bytes.iter().filter(|byte| **byte != 0).count() < RECORD_MARK.len() {
        return Ok(true);
    }
    let record_end = match codec.decode_header(&bytes) {
        Ok(header) if header.version != next_version => return Ok(false),
        Ok(header) => at + header.record_bytes() as u64,
        Err(_) => at + RECORD_HEADER_BYTES as u64,
    };
    // A full disk may take any first part of a write. The last byte of a header and of a record is never 0,
    // and a changed bit does not make all of one zeros.
    Ok(end < record_end || reader.has_zero_sector(at, record_end)?)
}
