//! The file `epoch`: who writes this log, and the how many-th writer that is.
//!
//! It is replaced whole (temporary file, sync, rename, sync of the folder), so a crash leaves the old one or
//! the new one. The epoch protects against writers that live on in this process or come back from another
//! machine; writers of two processes on one machine are kept apart by the lock of the system on the file
//! `lock`.

use std::io;

use super::LogError;
use super::disk::Disk;

const NAME: &str = "epoch";
/// Where the next epoch file is prepared; a leftover is overwritten.
const TEMPORARY: &str = "epoch.tmp";
const MAGIC: [u8; 8] = *b"SHEAFEPO";
const FORMAT: u16 = 1;
const HEADER_BYTES: usize = 40;
const OWNER_BYTES_MAX: usize = 1_000;

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch {
    pub(super) epoch: u64,
    pub(super) owner: String,
}

/// Reads the file; epoch 0 without an owner if there is none.
pub(super) fn read(disk: &dyn Disk, base_id: u128) -> Result<Epoch, LogError> {
    let bytes = match read_all(disk) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Epoch::default()),
        Err(error) => return Err(LogError::io("read the epoch file", &error)),
    };
    let (found, epoch) = decode(&bytes).map_err(|what| LogError::Corrupt {
        file: NAME.to_owned(),
        offset: 0,
        versions: 0..=0,
        what: format!("{what}; it holds no data and can be removed while no server is running"),
    })?;
    if found != base_id {
        return Err(LogError::WrongBase { expected: base_id, found });
    }
    Ok(epoch)
}

/// Replaces the file.
pub(super) fn write(disk: &dyn Disk, base_id: u128, epoch: u64, owner: &str) -> Result<(), LogError> {
    let bytes = encode(base_id, epoch, owner);
    let replace = || {
        let mut file = disk.create(TEMPORARY)?;
        file.write_at(0, &bytes)?;
        file.sync()?;
        disk.rename(TEMPORARY, NAME)?;
        disk.sync_dir()
    };
    replace().map_err(|error| LogError::io("write the epoch file", &error))
}

fn read_all(disk: &dyn Disk) -> io::Result<Vec<u8>> {
    let mut file = disk.open(NAME)?;
    let len = file.size_bytes()?.min((HEADER_BYTES + OWNER_BYTES_MAX + 1) as u64);
    let mut bytes = vec![0; len as usize];
    let n_read = file.read_at(0, &mut bytes)?;
    bytes.truncate(n_read);
    Ok(bytes)
}

fn encode(base_id: u128, epoch: u64, owner: &str) -> Vec<u8> {
    let owner = &owner[..owner.floor_char_boundary(OWNER_BYTES_MAX)];
    let mut bytes = vec![0; HEADER_BYTES];
    bytes[0..8].copy_from_slice(&MAGIC);
    bytes[8..10].copy_from_slice(&FORMAT.to_le_bytes());
    bytes[10..12].copy_from_slice(&(owner.len() as u16).to_le_bytes());
    bytes[16..32].copy_from_slice(&base_id.to_le_bytes());
    bytes[32..40].copy_from_slice(&epoch.to_le_bytes());
    bytes.extend_from_slice(owner.as_bytes());
    let crc = crc_of(&bytes);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Result<(u128, Epoch), String> {
    if bytes.len() < HEADER_BYTES || bytes[0..8] != MAGIC {
        return Err("this is not an epoch file".to_owned());
    }
    let format = u16::from_le_bytes([bytes[8], bytes[9]]);
    if format != FORMAT {
        return Err(format!("epoch format {format} is not known to this version of Sheaf"));
    }
    let owner = &bytes[HEADER_BYTES..];
    let owner_bytes = u16::from_le_bytes([bytes[10], bytes[11]]);
    if owner.len() != usize::from(owner_bytes) || crc_of(bytes).to_le_bytes() != bytes[12..16] {
        return Err("the checksum of the epoch file does not fit".to_owned());
    }
    let mut base_id = [0; 16];
    base_id.copy_from_slice(&bytes[16..32]);
    let mut epoch = [0; 8];
    epoch.copy_from_slice(&bytes[32..40]);
    let owner = String::from_utf8_lossy(owner).into_owned();
    Ok((u128::from_le_bytes(base_id), Epoch { epoch: u64::from_le_bytes(epoch), owner }))
}

fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&bytes[..12]);
    crc.update(&bytes[16..]);
    crc.finalize()
}
