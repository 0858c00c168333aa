//! How a segment and its records look as bytes: encoding, and decoding that trusts nothing.
//!
//! Drawn in `docs/format.md`. Three choices carry the recovery of torn tails (`recover.rs`):
//!
//! * The header of a record has its own checksum, so that a length is believed before the payload is read.
//! * A header begins and ends with a byte that is never 0, and so does each record: a part of a record that
//!   lies in one sector of the disk and is all zeros was never written.
//! * A record knows its position in the group it was appended with, hence which other records shared its
//!   sync.
//!
//! Checksums are CRC-32 (IEEE, the one of zip; `crc32fast`), begun with the id of the base, so that the bytes
//! of another base, or a record that somebody pasted into a cell, are not taken for a record of this one.

use super::MAX_PAYLOAD_BYTES;

/// What a disk writes whole or not at all.
pub(super) const SECTOR_BYTES: u64 = 512;
/// Bytes before the first record of a segment.
pub(super) const SEGMENT_HEADER_BYTES: usize = 64;
/// Bytes of a record before its payload.
pub(super) const RECORD_HEADER_BYTES: usize = 48;
/// Bytes of a record beside its payload: the header, and the mark at its end.
pub(super) const RECORD_OVERHEAD_BYTES: usize = RECORD_HEADER_BYTES + 1;

/// The first bytes of every record.
pub(super) const RECORD_MARK: [u8; 4] = *b"ReC\x01";
const END_MARK: u8 = 0xE5;
const SEGMENT_MAGIC: [u8; 8] = *b"SHEAFLOG";
const SEGMENT_FORMAT: u16 = 1;
/// Set in the flags of every record, so that a header never ends with 0.
const FLAG_ALWAYS: u8 = 0x80;
const FLAG_LZ4: u8 = 0x01;
/// Shorter payloads are kept as they are: lz4 gains little on them, and they have no room for a sector of
/// zeros.
const COMPRESS_FROM_BYTES: usize = 512;

/// The first 16 bytes of the BLAKE3 hash of a record; zeros before the first one.
pub(super) type Hash = [u8; 16];

/// The start of a segment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) base_id: u128,
    pub(super) first_version: u64,
    pub(super) before: Hash,
}

/// The start of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordHeader {
    pub(super) version: u64,
    pub(super) before: Hash,
    pub(super) stored_bytes: u32,
    pub(super) raw_bytes: u32,
    pub(super) payload_crc: u32,
    pub(super) group_idx: u32,
    flags: u8,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[0..8].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..10].copy_from_slice(&SEGMENT_FORMAT.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.base_id.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.first_version.to_le_bytes());
        bytes[40..56].copy_from_slice(&self.before);
        let crc = crc_around(crc32fast::Hasher::new(), &bytes, 12..16);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Result<SegmentHeader, String> {
        if bytes[0..8] != SEGMENT_MAGIC {
            return Err("this is not a segment of a log".to_owned());
        }
        let format = u16::from_le_bytes(array(bytes, 8));
        if format != SEGMENT_FORMAT {
            return Err(format!("segment format {format} is not known to this version of Sheaf"));
        }
        if crc_around(crc32fast::Hasher::new(), bytes, 12..16) != u32::from_le_bytes(array(bytes, 12)) {
            return Err("the checksum of the segment header does not fit".to_owned());
        }
        Ok(SegmentHeader {
            base_id: u128::from_le_bytes(array(bytes, 16)),
            first_version: u64::from_le_bytes(array(bytes, 32)),
            before: array(bytes, 40),
        })
    }
}

/// Encodes and decodes the records of one base.
#[derive(Clone, Debug)]
pub(super) struct Codec {
    /// A checksum that has seen the id of the base.
    seed: crc32fast::Hasher,
}

impl Codec {
    pub(super) fn new(base_id: u128) -> Codec {
        let mut seed = crc32fast::Hasher::new();
        seed.update(&base_id.to_le_bytes());
        Codec { seed }
    }

    /// Appends a record to `out`, and gives its hash.
    pub(super) fn encode(
        &self,
        out: &mut Vec<u8>,
        version: u64,
        group_idx: u32,
        before: Hash,
        raw: &[u8],
    ) -> Hash {
        let start = out.len();
        out.resize(start + RECORD_HEADER_BYTES, 0);
        let flags = FLAG_ALWAYS | push_payload(out, raw);
        let (header, stored) = out[start..].split_at_mut(RECORD_HEADER_BYTES);
        header[0..4].copy_from_slice(&RECORD_MARK);
        header[8..16].copy_from_slice(&version.to_le_bytes());
        header[16..32].copy_from_slice(&before);
        header[32..36].copy_from_slice(&(stored.len() as u32).to_le_bytes());
        header[36..40].copy_from_slice(&(raw.len() as u32).to_le_bytes());
        header[40..44].copy_from_slice(&self.crc(stored).to_le_bytes());
        header[44..47].copy_from_slice(&group_idx.to_le_bytes()[..3]);
        header[47] = flags;
        let crc = crc_around(self.seed.clone(), header, 4..8);
        header[4..8].copy_from_slice(&crc.to_le_bytes());
        let hash = hash_of(&out[start..]);
        out.push(END_MARK);
        hash
    }

    /// The header of a record, if that is what `bytes` are.
    pub(super) fn decode_header(
        &self,
        bytes: &[u8; RECORD_HEADER_BYTES],
    ) -> Result<RecordHeader, &'static str> {
        if bytes[0..4] != RECORD_MARK {
            return Err("a record should begin here");
        }
        if crc_around(self.seed.clone(), bytes, 4..8) != u32::from_le_bytes(array(bytes, 4)) {
            return Err("the checksum of the record header does not fit");
        }
        let header = RecordHeader {
            version: u64::from_le_bytes(array(bytes, 8)),
            before: array(bytes, 16),
            stored_bytes: u32::from_le_bytes(array(bytes, 32)),
            raw_bytes: u32::from_le_bytes(array(bytes, 36)),
            payload_crc: u32::from_le_bytes(array(bytes, 40)),
            group_idx: u32::from_le_bytes([bytes[44], bytes[45], bytes[46], 0]),
            flags: bytes[47],
        };
        if header.flags & !FLAG_LZ4 != FLAG_ALWAYS {
            return Err("the record was written by a newer version of Sheaf");
        }
        let is_raw = header.flags & FLAG_LZ4 == 0;
        if header.raw_bytes as usize > MAX_PAYLOAD_BYTES
            || header.stored_bytes > header.raw_bytes
            || (is_raw && header.stored_bytes != header.raw_bytes)
        {
            return Err("the length of the record is not possible");
        }
        Ok(header)
    }

    /// Checks the bytes of a whole record against its header, and gives the hash of the record.
    pub(super) fn check(&self, header: &RecordHeader, record: &[u8]) -> Result<Hash, &'static str> {
        let end = record.len() - 1;
        if self.crc(&record[RECORD_HEADER_BYTES..end]) != header.payload_crc {
            return Err("the checksum of the record does not fit");
        }
        if record[end] != END_MARK {
            return Err("the mark at the end of the record is missing");
        }
        Ok(hash_of(&record[..end]))
    }

    fn crc(&self, bytes: &[u8]) -> u32 {
        let mut crc = self.seed.clone();
        crc.update(bytes);
        crc.finalize()
    }
}

impl RecordHeader {
    /// Bytes from the start of this record to the start of the next.
    pub(super) fn record_bytes(&self) -> usize {
        self.stored_bytes as usize + RECORD_OVERHEAD_BYTES
    }

    /// The version of the first record that was appended together with this one.
    pub(super) fn group_version(&self) -> u64 {
        self.version.saturating_sub(u64::from(self.group_idx))
    }

    /// The payload of a checked record as it was appended.
    pub(super) fn payload(&self, record: &[u8]) -> Result<Vec<u8>, &'static str> {
        let stored = &record[RECORD_HEADER_BYTES..record.len() - 1];
        if self.flags & FLAG_LZ4 == 0 {
            return Ok(stored.to_vec());
        }
        let mut raw = vec![0; self.raw_bytes as usize];
        match lz4_flex::block::decompress_into(stored, &mut raw) {
            Ok(n) if n == raw.len() => Ok(raw),
            _ => Err("the compressed payload does not unpack to its length"),
        }
    }
}

/// Appends the payload, compressed if that makes it shorter, and gives the flags that say so.
fn push_payload(out: &mut Vec<u8>, raw: &[u8]) -> u8 {
    let start = out.len();
    if raw.len() >= COMPRESS_FROM_BYTES {
        out.resize(start + lz4_flex::block::get_maximum_output_size(raw.len()), 0);
        if let Ok(n) = lz4_flex::block::compress_into(raw, &mut out[start..])
            && n < raw.len()
        {
            out.truncate(start + n);
            return FLAG_LZ4;
        }
        out.truncate(start);
    }
    out.extend_from_slice(raw);
    0
}

fn hash_of(bytes: &[u8]) -> Hash {
    array(blake3::hash(bytes).as_bytes(), 0)
}

/// The checksum of `bytes` without those at `hole`, where the checksum itself is kept.
fn crc_around(mut crc: crc32fast::Hasher, bytes: &[u8], hole: std::ops::Range<usize>) -> u32 {
    crc.update(&bytes[..hole.start]);
    crc.update(&bytes[hole.end..]);
    crc.finalize()
}

/// The `N` bytes at `at`; `bytes` has them by the layout of the format.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}
