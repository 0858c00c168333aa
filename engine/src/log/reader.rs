//! Reading one segment file: bytes through a window, and records at a place.

use std::io;

use super::disk::DiskFile;
use super::frame::{Codec, Hash, RECORD_HEADER_BYTES, RecordHeader, SECTOR_BYTES, SEGMENT_HEADER_BYTES};

/// How much is read at once; larger records are read whole.
const WINDOW_BYTES: usize = 256 << 10;

/// A place between two records, and all that decides what may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Where in its segment the next record begins.
    pub(super) offset: u64,
    /// The version of the record before; 0 at the start of the log.
    pub(super) version: u64,
    /// The hash of the record before.
    pub(super) hash: Hash,
    /// The position in its group that the next record has, if it belongs to the group of the one before.
    pub(super) group_idx: u32,
}

impl Position {
    /// The place before the first record of a segment.
    pub(super) fn start(first_version: u64, before: Hash) -> Position {
        Position {
            offset: SEGMENT_HEADER_BYTES as u64,
            version: first_version - 1,
            hash: before,
            group_idx: 0,
        }
    }

    /// Whether a record with this header may stand here.
    pub(super) fn accepts(&self, header: &RecordHeader) -> Result<(), &'static str> {
        if header.version != self.version + 1 {
            return Err("the record has the wrong version");
        }
        if header.before != self.hash {
            return Err("the record does not follow the one before it");
        }
        if header.group_idx != 0 && header.group_idx != self.group_idx {
            return Err("the record has the wrong place in its group");
        }
        Ok(())
    }

    /// Goes behind the record.
    pub(super) fn advance(&mut self, header: &RecordHeader, hash: Hash) {
        self.offset += header.record_bytes() as u64;
        self.version = header.version;
        self.hash = hash;
        self.group_idx = header.group_idx + 1;
    }
}

/// A record that was read and whose checksums fit.
pub(super) struct Found<'reader> {
    pub(super) header: RecordHeader,
    pub(super) hash: Hash,
    /// Header, payload and end mark.
    pub(super) bytes: &'reader [u8],
}

/// A segment file behind a window. Beyond its end the file reads as zeros, as the space reserved in it does.
pub(super) struct Reader {
    file: Box<dyn DiskFile>,
    len: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl Reader {
    pub(super) fn new(mut file: Box<dyn DiskFile>) -> io::Result<Reader> {
        let len = file.size_bytes()?;
        Ok(Reader { file, len, window: Vec::new(), window_at: 0 })
    }

    /// Writes inside of the file. The window does not follow: what was read before stays as it was read.
    pub(super) fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(at, bytes)
    }

    /// Makes what was written durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    /// The length of the file when it was opened.
    pub(super) fn file_bytes(&self) -> u64 {
        self.len
    }

    /// The file, for writing on.
    pub(super) fn into_file(self) -> Box<dyn DiskFile> {
        self.file
    }

    /// The `n` bytes at `at`. `n` is bounded by the caller.
    pub(super) fn bytes(&mut self, at: u64, n: usize) -> io::Result<&[u8]> {
        let window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || at + n as u64 > window_end {
            let rest = self.len.saturating_sub(at).min(WINDOW_BYTES as u64) as usize;
            self.window.clear();
            self.window.resize(n.max(rest), 0);
            self.window_at = at;
            self.file.read_at(at, &mut self.window)?;
        }
        let start = (at - self.window_at) as usize;
        Ok(&self.window[start..start + n])
    }

    /// The `N` bytes at `at`.
    pub(super) fn array<const N: usize>(&mut self, at: u64) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(at, N)?);
        Ok(out)
    }

    /// The record at `at`, or why there is none. That it may stand there is for the caller to see.
    pub(super) fn record(&mut self, codec: &Codec, at: u64) -> io::Result<Result<Found<'_>, &'static str>> {
        let header = match codec.decode_header(&self.array::<RECORD_HEADER_BYTES>(at)?) {
            Ok(header) => header,
            Err(what) => return Ok(Err(what)),
        };
        // Before anything of that size is allocated: a length is at most what the file has.
        if at + header.record_bytes() as u64 > self.len {
            return Ok(Err("the record is longer than the file"));
        }
        let bytes = self.bytes(at, header.record_bytes())?;
        Ok(codec.check(&header, bytes).map(|hash| Found { header, hash, bytes }))
    }

    /// Behind the last byte that is not 0; `at` if there is none from there on.
    pub(super) fn end_of_data(&mut self, at: u64) -> io::Result<u64> {
        let (mut end, mut from) = (at, at);
        while from < self.len {
            let n = (self.len - from).min(WINDOW_BYTES as u64) as usize;
            if let Some(idx) = self.bytes(from, n)?.iter().rposition(|byte| *byte != 0) {
                end = from + idx as u64 + 1;
            }
            from += n as u64;
        }
        Ok(end)
    }

    /// Whether one of the sectors that hold the bytes from `from` to `to` is zeros in all that it holds of
    /// them.
    pub(super) fn has_zero_sector(&mut self, mut from: u64, to: u64) -> io::Result<bool> {
        while from < to {
            if from >= self.len {
                return Ok(true);
            }
            let sector_end = (from / SECTOR_BYTES + 1) * SECTOR_BYTES;
            let n = (sector_end.min(to) - from) as usize;
            if self.bytes(from, n)?.iter().all(|byte| *byte == 0) {
                return Ok(true);
            }
            from += n as u64;
        }
        Ok(false)
    }
}
