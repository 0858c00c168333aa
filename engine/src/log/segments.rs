//! The log as files that are synced: what a server uses.
//!
//! A folder holds `segment-<first version>.log` files, the file `epoch` (who writes) and the file `lock`
//! (held by the process that has the folder open). A group is encoded into one buffer, written with one call
//! and synced once; that is all an append does on most days. A group never spans two segments.
//!
//! **Space is reserved by writing zeros behind the group, in the same call.** A sync inside space that was
//! already written only has to write data; one that makes the file longer also writes the journal of the file
//! system: 5,900 against 8,000 synced writes in a second on ext4 (`speed_of_small_appends`). Zeros cost no
//! sync of their own. A hole from `set_len` was as quick there, but is not reserved: the disk may be full when
//! it is filled. The reserve grows with the segment, 64 KiB to 4 MiB: many small bases stay small, and opening
//! looks at little that is empty.
//!
//! **Opening reads the newest segment only.** Older ones are checked when they are replayed: each header
//! repeats the hash of the record before it. What opening does with the end of the newest one is in
//! `recover.rs`. Its last group is written once more and synced, because after a failed sync the system may
//! show bytes that never reached the disk.

use std::path::Path;
use std::sync::Arc;

use super::disk::{Disk, DiskFile, Folder};
use super::epoch;
use super::frame::{Codec, SEGMENT_HEADER_BYTES, SegmentHeader};
use super::reader::{Position, Reader};
use super::recover::{Start, Tail, TornTail, examine_header, examine_tail};
use super::{Fence, Log, LogError, Record, Replay, check_group};

const LOCK: &str = "lock";
/// The reserve of a new segment, and the unit in which space is reserved.
const RESERVE_BYTES_MIN: u64 = 64 << 10;
/// The largest reserve: what is written twice is this much of 64 MiB, and a pause of it is a few
/// milliseconds.
const RESERVE_BYTES_MAX: u64 = 4 << 20;
/// A buffer that one large group made larger than this is given back.
const BUFFER_BYTES_KEPT: usize = 8 << 20;

/// What can be chosen about a [`SegmentLog`].
#[derive(Clone, Debug)]
pub struct SegmentOptions {
    /// When the newest segment would become longer than this, a new one is begun. A group that is larger has
    /// a segment of its own. 64 MiB if not said otherwise; tests take less.
    pub segment_bytes: u64,
}

impl Default for SegmentOptions {
    fn default() -> SegmentOptions {
        SegmentOptions { segment_bytes: 64 << 20 }
    }
}

/// A log of files in one folder, drawn in `docs/format.md`.
///
/// # Examples
///
/// ```
/// use engine::log::{Log, Record, SegmentLog};
///
/// let folder = tempfile::tempdir()?;
/// let mut log = SegmentLog::open(folder.path(), 42)?;
/// let fence = log.claim("me")?;
/// log.append(&fence, 0, &[Record { version: 1, payload: b"hello".to_vec() }])?;
/// drop(log);
///
/// let log = SegmentLog::open(folder.path(), 42)?;
/// let records = log.replay(0)?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(records[0].payload, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SegmentLog {
    disk: Arc<dyn Disk>,
    base_id: u128,
    codec: Codec,
    options: SegmentOptions,
    /// The newest epoch, or why it is not known.
    epoch: Result<u64, LogError>,
    /// By version. The last one is written.
    segments: Vec<Segment>,
    /// The last segment; none if there is none yet, or if it is damaged.
    file: Option<Box<dyn DiskFile>>,
    end: Position,
    /// The last group, the header of its segment before it, and zeros behind it.
    buffer: Vec<u8>,
    stopped: bool,
    damage: Option<LogError>,
    torn_tail: Option<TornTail>,
    /// Given back when the log is dropped.
    _lock: Box<dyn Send>,
}

#[derive(Clone, Debug)]
struct Segment {
    name: String,
    first_version: u64,
    /// The length of the file, with what is reserved in it.
    bytes: u64,
}

impl Segment {
    fn new(first_version: u64) -> Segment {
        Segment { name: format!("segment-{first_version:020}.log"), first_version, bytes: 0 }
    }

    fn parse(name: &str) -> Option<Segment> {
        let first_version =
            name.strip_prefix("segment-")?.strip_suffix(".log")?.parse().ok().filter(|v| *v > 0)?;
        Some(Segment::new(first_version)).filter(|segment| segment.name == name)
    }

    fn corrupt(&self, offset: u64, first: u64, last: u64, what: impl Into<String>) -> LogError {
        LogError::Corrupt {
            file: self.name.clone(),
            offset,
            versions: first..=last.max(first),
            what: what.into(),
        }
    }
}

impl SegmentLog {
    /// Opens the log of base `base_id` in `folder`, both made if they are not there.
    ///
    /// Damage in the newest segment does not keep a log from opening: see [`SegmentLog::damage`].
    ///
    /// # Errors
    ///
    /// [`LogError::HeldBy`] if the folder is open elsewhere, [`LogError::WrongBase`] if it is the log of
    /// another base, [`LogError::Full`] and [`LogError::Io`].
    pub fn open(folder: &Path, base_id: u128) -> Result<SegmentLog, LogError> {
        let disk =
            Folder::open(folder).map_err(|error| LogError::io("make the folder of the log", &error))?;
        SegmentLog::open_on(Arc::new(disk), base_id, SegmentOptions::default())
    }

    /// Opens a log on any [`Disk`], with options.
    ///
    /// # Errors
    ///
    /// Those of [`SegmentLog::open`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        base_id: u128,
        options: SegmentOptions,
    ) -> Result<SegmentLog, LogError> {
        let lock = disk.lock(LOCK).map_err(|error| LogError::io("lock the folder of the log", &error))?;
        let known_epoch = epoch::read(&*disk, base_id);
        let Some(lock) = lock else {
            let owner = known_epoch.map(|epoch| epoch.owner).unwrap_or_default();
            return Err(LogError::HeldBy(if owner.is_empty() {
                "another process".to_owned()
            } else {
                owner
            }));
        };
        let epoch = match known_epoch {
            Err(error) if !matches!(error, LogError::Corrupt { .. }) => return Err(error),
            known_epoch => known_epoch.map(|epoch| epoch.epoch),
        };
        let mut log = SegmentLog {
            segments: list_segments(&*disk)
                .map_err(|error| LogError::io("list the segments of the log", &error))?,
            disk,
            base_id,
            codec: Codec::new(base_id),
            options,
            epoch,
            file: None,
            end: Position::start(1, [0; 16]),
            buffer: Vec::new(),
            stopped: false,
            damage: None,
            torn_tail: None,
            _lock: lock,
        };
        match log.recover() {
            Err(damage @ LogError::Corrupt { .. }) => log.damage = Some(damage),
            result => result?,
        }
        Ok(log)
    }

    /// The damage that was found in the newest segment, if any. Such a log can be read up to there, and not
    /// written.
    pub fn damage(&self) -> Option<&LogError> {
        self.damage.as_ref()
    }

    /// What was cut off the newest segment when the log was opened: an append that never was acknowledged.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn_tail.as_ref()
    }

    /// Reads the whole log, and gives the number of its records.
    ///
    /// # Errors
    ///
    /// The first damage, as [`Log::replay`] would give it.
    pub fn verify(&self) -> Result<u64, LogError> {
        self.replay(0)?.try_fold(0, |n_records, record| record.map(|_| n_records + 1))
    }

    /// Finds the end of the log, and leaves the newest segment so that it can be written on.
    fn recover(&mut self) -> Result<(), LogError> {
        let abandoned = self.find_newest()?;
        if let Some(segment) = self.segments.last().cloned() {
            let mut reader = open_reader(&*self.disk, &segment)?;
            let reading = |error| LogError::io(format!("read {}", segment.name), &error);
            let header = self.check_header(&segment, &mut reader)?;
            self.end = Position::start(header.first_version, header.before);
            let mut group_at = 0;
            let what = loop {
                let found = match reader.record(&self.codec, self.end.offset).map_err(reading)? {
                    Ok(found) => found,
                    Err(what) => break what,
                };
                if let Err(what) = self.end.accepts(&found.header) {
                    break what;
                }
                if found.header.group_idx == 0 {
                    // The header of a segment was written together with its first group.
                    group_at =
                        if self.end.offset == SEGMENT_HEADER_BYTES as u64 { 0 } else { self.end.offset };
                }
                self.end.advance(&found.header, found.hash);
            };
            let (at, next) = (self.end.offset, self.end.version + 1);
            let zeros_to = match examine_tail(&mut reader, &self.codec, at, next).map_err(reading)? {
                Tail::Damaged { last } => return Err(segment.corrupt(at, next, last, what)),
                // A newer segment was begun, so all of this one had been synced.
                tail if abandoned.as_ref().is_some_and(|newer| newer.first_version != next) => {
                    let last = abandoned.map_or(next, |newer| newer.first_version - 1);
                    let what = if tail == Tail::Clean { "the records at the end are missing" } else { what };
                    return Err(segment.corrupt(at, next, last, what));
                }
                Tail::Torn { end } => end,
                Tail::Clean => at,
            };
            if zeros_to > at {
                self.torn_tail =
                    Some(TornTail { file: segment.name.clone(), offset: at, bytes: zeros_to - at });
            }
            self.settle(&segment, reader, group_at, zeros_to)?;
        }
        if let Some(segment) = abandoned {
            self.torn_tail = Some(TornTail { file: segment.name.clone(), offset: 0, bytes: segment.bytes });
            self.disk
                .remove(&segment.name)
                .and_then(|()| self.disk.sync_dir())
                .map_err(|error| LogError::io(format!("remove the unfinished {}", segment.name), &error))?;
        }
        Ok(())
    }

    /// Takes the newest segment off the list, and gives it, if it was being made when the power went.
    fn find_newest(&mut self) -> Result<Option<Segment>, LogError> {
        let Some(segment) = self.segments.last().cloned() else { return Ok(None) };
        self.end = Position::start(segment.first_version, [0; 16]);
        let mut reader = open_reader(&*self.disk, &segment)?;
        let start = examine_header(&mut reader, &self.codec, segment.first_version)
            .map_err(|error| LogError::io(format!("read {}", segment.name), &error))?;
        match start {
            Start::Written => Ok(None),
            Start::Damaged { last } => {
                Err(segment.corrupt(0, segment.first_version, last, "the header of the segment is missing"))
            }
            Start::Torn => {
                self.segments.pop();
                self.end = Position::start(1, [0; 16]);
                if self.segments.is_empty() && segment.first_version != 1 {
                    return Err(segment.corrupt(
                        0,
                        1,
                        segment.first_version - 1,
                        "the segments before it are missing",
                    ));
                }
                Ok(Some(segment))
            }
        }
    }

    /// Writes the last group again, cuts a torn tail by zeros, and syncs: what was read is durable from here
    /// on.
    fn settle(
        &mut self,
        segment: &Segment,
        mut reader: Reader,
        group_at: u64,
        zeros_to: u64,
    ) -> Result<(), LogError> {
        const STEP_BYTES: u64 = 1 << 20;
        let end = self.end.offset;
        let mut pieces = Vec::new();
        let mut at = group_at;
        let mut rewrite = || {
            while at < zeros_to {
                let stop = if at < end { end } else { zeros_to };
                let n = (stop - at).min(STEP_BYTES) as usize;
                pieces.clear();
                if at < end {
                    pieces.extend_from_slice(reader.bytes(at, n)?);
                } else {
                    pieces.resize(n, 0);
                }
                reader.write_at(at, &pieces)?;
                at += n as u64;
            }
            reader.sync()?;
            self.disk.sync_dir()
        };
        rewrite().map_err(|error| LogError::io(format!("settle the end of {}", segment.name), &error))?;
        self.file = Some(reader.into_file());
        Ok(())
    }

    fn check_header(&self, segment: &Segment, reader: &mut Reader) -> Result<SegmentHeader, LogError> {
        let bytes =
            reader.array(0).map_err(|error| LogError::io(format!("read {}", segment.name), &error))?;
        let first = segment.first_version;
        let header = SegmentHeader::decode(&bytes).map_err(|what| segment.corrupt(0, first, first, what))?;
        if header.base_id != self.base_id {
            return Err(LogError::WrongBase { expected: self.base_id, found: header.base_id });
        }
        if header.first_version != first {
            return Err(segment.corrupt(0, first, first, "the name of the segment does not fit its header"));
        }
        Ok(header)
    }

    /// Encodes the group into the buffer, behind room for the header of a segment, and gives the position
    /// after it.
    fn encode(&mut self, records: &[Record]) -> Position {
        self.buffer.clear();
        self.buffer.resize(SEGMENT_HEADER_BYTES, 0);
        let mut end = self.end.clone();
        for (record, group_idx) in records.iter().zip(0..) {
            end.hash =
                self.codec.encode(&mut self.buffer, record.version, group_idx, end.hash, &record.payload);
            end.version = record.version;
            end.group_idx = group_idx + 1;
        }
        end.offset += (self.buffer.len() - SEGMENT_HEADER_BYTES) as u64;
        end
    }

    /// Writes the encoded group where the log ends, and syncs it.
    fn write_group(&mut self, end: &mut Position) -> Result<(), LogError> {
        let is_room =
            end.offset <= self.options.segment_bytes || self.end.version == self.newest_first_version() - 1;
        if self.file.is_none() || !is_room {
            return self.write_new_segment(end);
        }
        let (Some(file), Some(segment)) = (self.file.as_mut(), self.segments.last_mut()) else {
            return Err(LogError::Stopped);
        };
        if end.offset > segment.bytes {
            let reserve = reserve_to(end.offset, self.options.segment_bytes);
            self.buffer.resize(SEGMENT_HEADER_BYTES + (reserve - self.end.offset) as usize, 0);
            segment.bytes = reserve;
        }
        file.write_at(self.end.offset, &self.buffer[SEGMENT_HEADER_BYTES..])
            .and_then(|()| file.sync())
            .map_err(|error| LogError::io(format!("append to {}", segment.name), &error))
    }

    /// Makes the next segment, with its header and the encoded group in one write.
    fn write_new_segment(&mut self, end: &mut Position) -> Result<(), LogError> {
        let mut segment = Segment::new(self.end.version + 1);
        let header = SegmentHeader {
            base_id: self.base_id,
            first_version: segment.first_version,
            before: self.end.hash,
        };
        self.buffer[..SEGMENT_HEADER_BYTES].copy_from_slice(&header.encode());
        end.offset = self.buffer.len() as u64;
        segment.bytes = reserve_to(end.offset, self.options.segment_bytes);
        self.buffer.resize(segment.bytes as usize, 0);
        let old = self.file.take();
        let make = || {
            if let (Some(mut old), Some(old_segment)) = (old, self.segments.last_mut()) {
                // What the old segment had reserved is given back. Zeros there mean the same as the end of
                // the file.
                old.set_len(self.end.offset)?;
                old_segment.bytes = self.end.offset;
            }
            let mut file = self.disk.create(&segment.name)?;
            file.write_at(0, &self.buffer)?;
            file.sync()?;
            self.disk.sync_dir()?;
            Ok(file)
        };
        let file = make().map_err(|error| LogError::io(format!("begin {}", segment.name), &error))?;
        self.file = Some(file);
        self.segments.push(segment);
        Ok(())
    }

    fn newest_first_version(&self) -> u64 {
        self.segments.last().map_or(1, |segment| segment.first_version)
    }
}

impl Log for SegmentLog {
    fn claim(&mut self, owner: &str) -> Result<Fence, LogError> {
        if self.stopped {
            return Err(LogError::Stopped);
        }
        if let Some(damage) = &self.damage {
            return Err(damage.clone());
        }
        let epoch = self.epoch.clone()? + 1;
        epoch::write(&*self.disk, self.base_id, epoch, owner)?;
        self.epoch = Ok(epoch);
        Ok(Fence { epoch })
    }

    fn append(&mut self, fence: &Fence, expected_version: u64, records: &[Record]) -> Result<(), LogError> {
        if self.stopped {
            return Err(LogError::Stopped);
        }
        if let Some(damage) = &self.damage {
            return Err(damage.clone());
        }
        let newest = self.epoch.clone()?;
        if fence.epoch != newest {
            return Err(LogError::Fenced { held: fence.epoch, newest });
        }
        let found = self.end.version;
        if expected_version != found {
            return Err(LogError::WrongVersion { expected: expected_version, found });
        }
        check_group(expected_version, records)?;
        if records.is_empty() {
            return Ok(());
        }
        let mut end = self.encode(records);
        // Not trusted again before it is opened again: after a failed sync the system may have dropped what
        // was written.
        self.stopped = true;
        self.write_group(&mut end)?;
        self.stopped = false;
        self.end = end;
        if self.buffer.capacity() > BUFFER_BYTES_KEPT {
            self.buffer = Vec::new();
        }
        Ok(())
    }

    fn last_version(&self) -> u64 {
        self.end.version
    }

    fn replay(&self, after: u64) -> Result<Replay<'_>, LogError> {
        let first = after.saturating_add(1);
        let segment_idx = self.segments.partition_point(|segment| segment.first_version <= first);
        let mut records = Records { log: self, next_segment: 0, reader: None, at: self.end.clone(), after };
        if after < self.end.version {
            let Some(segment_idx) = segment_idx.checked_sub(1) else {
                let segment = &self.segments[0];
                return Err(segment.corrupt(
                    0,
                    first,
                    segment.first_version - 1,
                    "the segments before it are missing",
                ));
            };
            records.next_segment = segment_idx;
            records.open_next(None)?;
        }
        Ok(Box::new(records))
    }

    fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}

/// The records of a [`SegmentLog`], read one after another.
struct Records<'log> {
    log: &'log SegmentLog,
    /// The index of the segment after the one that is read.
    next_segment: usize,
    /// None when the end was reached.
    reader: Option<Reader>,
    at: Position,
    after: u64,
}

impl Records<'_> {
    /// Goes on with the next segment; `before` is the hash its header must name, if that is known.
    fn open_next(&mut self, before: Option<[u8; 16]>) -> Result<(), LogError> {
        let segment = &self.log.segments[self.next_segment];
        let mut reader = open_reader(&*self.log.disk, segment)?;
        let header = self.log.check_header(segment, &mut reader)?;
        if before.is_some_and(|before| before != header.before) {
            let first = segment.first_version;
            return Err(segment.corrupt(0, first, first, "the segment does not follow the one before it"));
        }
        self.at = Position::start(header.first_version, header.before);
        self.next_segment += 1;
        self.reader = Some(reader);
        Ok(())
    }

    /// Reads the next record, and gives it if its version is asked for.
    fn step(&mut self) -> Result<Option<Record>, LogError> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let segment = &self.log.segments[self.next_segment - 1];
        let next_version = self.at.version + 1;
        let found = reader
            .record(&self.log.codec, self.at.offset)
            .map_err(|error| LogError::io(format!("read {}", segment.name), &error))?
            .and_then(|found| self.at.accepts(&found.header).map(|()| found));
        let next_segment = self.log.segments.get(self.next_segment);
        match found {
            Ok(found) => {
                let at = self.at.offset;
                self.at.advance(&found.header, found.hash);
                if next_version <= self.after {
                    return Ok(None);
                }
                let payload = found.header.payload(found.bytes);
                let payload =
                    payload.map_err(|what| segment.corrupt(at, next_version, next_version, what))?;
                Ok(Some(Record { version: next_version, payload }))
            }
            Err(_) if next_segment.is_some_and(|next| next.first_version == next_version) => {
                self.open_next(Some(self.at.hash)).map(|()| None)
            }
            Err(what) => {
                let last = next_segment.map_or(self.log.end.version, |next| next.first_version - 1);
                Err(segment.corrupt(self.at.offset, next_version, last, what))
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.reader.is_some() || self.at.version == self.log.end.version {
            if self.at.version == self.log.end.version {
                self.reader = None;
                self.at.version = u64::MAX;
                return self.log.damage.clone().map(Err);
            }
            match self.step() {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(error) => {
                    self.reader = None;
                    self.at.version = u64::MAX;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

fn open_reader(disk: &dyn Disk, segment: &Segment) -> Result<Reader, LogError> {
    disk.open(&segment.name)
        .and_then(Reader::new)
        .map_err(|error| LogError::io(format!("open {}", segment.name), &error))
}

/// The segments of the folder by version, with their lengths.
fn list_segments(disk: &dyn Disk) -> std::io::Result<Vec<Segment>> {
    let mut segments: Vec<Segment> = disk.list()?.iter().filter_map(|name| Segment::parse(name)).collect();
    segments.sort_by_key(|segment| segment.first_version);
    for segment in &mut segments {
        segment.bytes = disk.open(&segment.name)?.size_bytes()?;
    }
    Ok(segments)
}

/// To which length a segment whose data ends at `end` is filled with zeros.
fn reserve_to(end: u64, segment_bytes: u64) -> u64 {
    let reserve = end.clamp(RESERVE_BYTES_MIN, RESERVE_BYTES_MAX);
    let to = (end + reserve).next_multiple_of(RESERVE_BYTES_MIN);
    to.min(segment_bytes).max(end)
}
