//! The few things the log asks of a disk, so that tests can put a failing one in its place.
//!
//! A [`Disk`] is one folder; names have no path. [`Folder`] is the real one, on `std::fs`; `sim.rs` has the
//! one that loses power. Nothing here retries or interprets: an error of the system is handed up as it came.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// One folder of files.
pub trait Disk: Send + Sync {
    /// Makes an empty file, in place of one that has the name; it is durable after its sync and
    /// [`Disk::sync_dir`].
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for reading and writing.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Takes the lock with this name for as long as the guard lives; `None` if somebody else has it.
    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Send>>>;
    /// Gives the file `from` the name `to`, in place of one that has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// The names in the folder, in no order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Makes durable which names the folder has.
    fn sync_dir(&self) -> io::Result<()>;
}

/// One open file.
pub trait DiskFile: Send {
    /// The length of the file.
    fn size_bytes(&mut self) -> io::Result<u64>;
    /// Reads into `buf` from `offset` on; fewer bytes than `buf` has only at the end of the file.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`; in one call to the system, if the system takes all of it.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was written durable, with the length of the file.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file, or makes it longer by a hole of zeros.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made (and its name made durable) if it is not there.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn open(path: &Path) -> io::Result<Folder> {
        if !path.is_dir() {
            fs::create_dir_all(path)?;
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_dir(parent)?;
            }
        }
        Ok(Folder { path: path.to_owned() })
    }
}

impl Disk for Folder {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.path.join(name))?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(OpenOptions::new().read(true).write(true).open(self.path.join(name))?)))
    }

    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Send>>> {
        Ok(lock_file(&self.path.join(name))?.map(|file| Box::new(file) as Box<dyn Send>))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        // Names that are not UTF-8 are not ours.
        let names = fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn sync_dir(&self) -> io::Result<()> {
        sync_dir(&self.path)
    }
}

/// Locks the file at `path`, made if it is not there; `None` if another handle, here or elsewhere, has locked
/// it.
///
/// The system gives the lock back when the process ends, however it ends.
pub(crate) fn lock_file(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Makes durable which names are in the folder `path`. Where a folder cannot be opened as a file (Windows),
/// the file system journals names by itself.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn size_bytes(&mut self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.seek(SeekFrom::Start(offset))?;
        let mut n_read = 0;
        while n_read < buf.len() {
            match self.0.read(&mut buf[n_read..]) {
                Ok(0) => break,
                Ok(n) => n_read += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n_read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        // `fdatasync`: it includes the length of the file, and not its times.
        self.0.sync_data()
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}
