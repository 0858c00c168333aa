//! How keys and values of the store are kept in sled: cut into pieces, each with what is needed to notice
//! damage.
//!
//! Drawn in `docs/format.md`. A key is escaped so that it ends where it ends, and so that the order of the
//! stored keys is the order of the keys; the number of the piece follows.

use super::Entry;

/// The bytes of a value in one piece.
pub(super) const PIECE_BYTES: usize = 16 << 10;
const PIECE_HEADER_BYTES: usize = 24;
const FORMAT: u8 = 1;

/// A key with its end mark: what the stored keys of all its pieces begin with.
pub(super) struct StoredKey {
    stem: Vec<u8>,
}

impl StoredKey {
    pub(super) fn new(key: &[u8]) -> StoredKey {
        let mut stem = escape(key);
        stem.extend([0, 0]);
        StoredKey { stem }
    }

    pub(super) fn stem(&self) -> &[u8] {
        &self.stem
    }

    /// Greater than the stored keys of all pieces, and not greater than any other stored key that is greater
    /// than these.
    pub(super) fn behind(&self) -> Vec<u8> {
        let mut behind = self.stem.clone();
        behind.pop();
        behind.push(1);
        behind
    }

    /// The pieces of `value` with their stored keys; an empty value is one empty piece.
    pub(super) fn split(&self, value: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        let value_crc = crc32fast::hash(value);
        let parts = if value.is_empty() { vec![value] } else { value.chunks(PIECE_BYTES).collect() };
        parts.into_iter().zip(0_u32..).map(move |(part, piece_idx)| {
            let mut key = self.stem.clone();
            key.extend(piece_idx.to_be_bytes());
            let mut piece = vec![0; PIECE_HEADER_BYTES];
            piece[0] = FORMAT;
            piece[8..16].copy_from_slice(&(value.len() as u64).to_le_bytes());
            piece[16..20].copy_from_slice(&value_crc.to_le_bytes());
            piece.extend_from_slice(part);
            let crc = piece_crc(&key, &piece);
            piece[4..8].copy_from_slice(&crc.to_le_bytes());
            (key, piece)
        })
    }
}

/// `key` with each 0 as 0 255: an end mark of 0 0 is then less than whatever the key goes on with.
pub(super) fn escape(key: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(key.len() + 8);
    for byte in key {
        escaped.push(*byte);
        if *byte == 0 {
            escaped.push(255);
        }
    }
    escaped
}

/// A stored key greater than those of all pieces of the value that `stored_key` belongs to.
pub(super) fn behind(stored_key: &[u8]) -> Vec<u8> {
    match parse_key(stored_key) {
        Some((key, _)) => StoredKey::new(&key).behind(),
        // Not one of ours: the next one that is possible.
        None => [stored_key, &[0]].concat(),
    }
}

/// One checked piece.
pub(super) struct Piece<'a> {
    key: Vec<u8>,
    piece_idx: u32,
    value_bytes: u64,
    value_crc: u32,
    part: &'a [u8],
}

impl<'a> Piece<'a> {
    pub(super) fn decode(stored_key: &[u8], piece: &'a [u8]) -> Result<Piece<'a>, String> {
        let Some((key, piece_idx)) = parse_key(stored_key) else {
            return Err(format!("a key of {} bytes is not one of the store", stored_key.len()));
        };
        let name = String::from_utf8_lossy(&key).into_owned();
        let Some((header, part)) = piece.split_first_chunk::<PIECE_HEADER_BYTES>() else {
            return Err(format!("piece {piece_idx} of {name:?} is too short"));
        };
        if piece_crc(stored_key, piece).to_le_bytes() != header[4..8] {
            return Err(format!("the checksum of piece {piece_idx} of {name:?} does not fit"));
        }
        if header[0] != FORMAT {
            return Err(format!(
                "piece {piece_idx} of {name:?} has format {}, which is not known",
                header[0]
            ));
        }
        let mut value_bytes = [0; 8];
        value_bytes.copy_from_slice(&header[8..16]);
        let mut value_crc = [0; 4];
        value_crc.copy_from_slice(&header[16..20]);
        let (value_bytes, value_crc) = (u64::from_le_bytes(value_bytes), u32::from_le_bytes(value_crc));
        Ok(Piece { key, piece_idx, value_bytes, value_crc, part })
    }
}

/// A value that is being put together from its pieces.
#[derive(Default)]
pub(super) struct Joined {
    key: Vec<u8>,
    value: Vec<u8>,
    n_pieces: u32,
    value_bytes: u64,
    value_crc: u32,
}

impl Joined {
    /// Adds the next piece, and says whether it was the last one.
    pub(super) fn push(&mut self, piece: Piece<'_>) -> Result<bool, String> {
        if self.n_pieces == 0 {
            self.key = piece.key;
            (self.value_bytes, self.value_crc) = (piece.value_bytes, piece.value_crc);
        } else if (self.value_bytes, self.value_crc) != (piece.value_bytes, piece.value_crc) {
            return Err(format!("pieces of {} are of different values", self.name()));
        }
        if piece.piece_idx != self.n_pieces {
            return Err(format!("piece {} of {} is missing", self.n_pieces, self.name()));
        }
        self.n_pieces += 1;
        self.value.extend_from_slice(piece.part);
        Ok(self.value.len() as u64 >= self.value_bytes)
    }

    /// The key and its value; none if there was no piece.
    pub(super) fn finish(self) -> Result<Option<Entry>, String> {
        if self.n_pieces == 0 {
            return Ok(None);
        }
        if self.value.len() as u64 != self.value_bytes || crc32fast::hash(&self.value) != self.value_crc {
            return Err(format!("the value of {} is not whole", self.name()));
        }
        Ok(Some((self.key, self.value)))
    }

    fn name(&self) -> String {
        format!("{:?}", String::from_utf8_lossy(&self.key))
    }
}

/// The key and the number of the piece.
fn parse_key(stored_key: &[u8]) -> Option<(Vec<u8>, u32)> {
    let (stem, piece_idx) = stored_key.split_last_chunk::<4>()?;
    let escaped = stem.strip_suffix(&[0, 0])?;
    let mut key = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        key.push(*byte);
        if *byte == 0 && bytes.next() != Some(&255) {
            return None;
        }
    }
    Some((key, u32::from_be_bytes(*piece_idx)))
}

/// The checksum of a piece: its stored key and all of it but the checksum itself.
fn piece_crc(stored_key: &[u8], piece: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(stored_key);
    crc.update(&piece[..4]);
    crc.update(&piece[8..]);
    crc.finalize()
}
