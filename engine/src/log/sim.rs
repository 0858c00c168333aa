//! A disk in memory that loses power, fails syncs, is full, and flips bits; for tests only.
//!
//! What was written is kept twice: as the system would show it now, and as it would be after a power cut.
//! Between the two are the writes since the last sync, in order; [`Fate`] says what becomes of them. Each
//! call that changes something is one step, and the power can be cut at any of them ([`SimDisk::cut_at`]):
//! that step may happen or not, as its fate has it, and every call after it fails until [`SimDisk::restart`].
//!
//! A sync of a file that fails behaves as on Linux: the writes it should have made durable can still be read,
//! are lost at the next power cut, and no later sync brings them back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, DiskFile};
use super::frame::SECTOR_BYTES;

/// What becomes of the writes that were not synced when the power is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All are kept, as when only the process is killed.
    Kept,
    /// None is kept.
    Dropped,
    /// They are kept in order up to a random one, of which the first sectors are kept.
    Torn,
    /// Any sectors of any of them are kept.
    Scattered,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Fate; 4] = [Fate::Kept, Fate::Dropped, Fate::Torn, Fate::Scattered];
}

/// A disk of one folder; clones are the same disk.
#[derive(Clone, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: Vec<SimFile>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
    locks: BTreeSet<String>,
    n_steps: u64,
    n_syncs: u64,
    n_writes: u64,
    cut_at: Option<u64>,
    is_off: bool,
    fail_sync: Option<u64>,
    capacity_bytes: Option<u64>,
    n_power_cuts: u64,
}

#[derive(Clone, Default)]
struct SimFile {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Clone)]
enum Pending {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

#[derive(Clone)]
enum NameChange {
    Set(String, usize),
    Remove(String),
}

impl SimDisk {
    /// An empty disk that has not been asked to fail.
    pub fn new() -> SimDisk {
        SimDisk::default()
    }

    /// Cuts the power at the step with this number, counted from the first one of the disk, which is 1.
    pub fn cut_at(&self, step: u64) {
        self.state().cut_at = Some(step);
    }

    /// Cuts the power if it is on, decides the fate of what was not synced, and turns it on again.
    pub fn restart(&self, fate: Fate, seed: u64) {
        let mut state = self.state();
        let mut random = Random(seed);
        for file in &mut state.files {
            let pending = std::mem::take(&mut file.pending);
            let survivors = survivors(pending.len(), fate, &mut random);
            for (change, survives) in pending.iter().zip(survivors) {
                apply(&mut file.durable, change, survives, &mut random);
            }
            file.bytes = file.durable.clone();
        }
        let changes = std::mem::take(&mut state.name_changes);
        let survivors = survivors(changes.len(), fate, &mut random);
        for (change, survives) in changes.iter().zip(survivors) {
            let is_kept = match survives {
                Survives::Whole => true,
                Survives::Nothing => false,
                Survives::FirstSectors | Survives::AnySectors => random.below(2) == 0,
            };
            if is_kept {
                rename_in(&mut state.durable_names, change);
            }
        }
        state.names = state.durable_names.clone();
        state.locks.clear();
        state.cut_at = None;
        state.is_off = false;
        state.n_power_cuts += 1;
    }

    /// Starts the writer again where only its process ended: all that was written is there, and not yet durable.
    pub fn restart_process(&self) {
        let mut state = self.state();
        state.locks.clear();
        state.cut_at = None;
        state.is_off = false;
    }

    /// Lets the sync with this number fail, counted from the first one of the disk, which is 1. Folders count
    /// too.
    pub fn fail_sync(&self, sync: u64) {
        self.state().fail_sync = Some(sync);
    }

    /// Lets all files together have at most this many bytes.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity_bytes = bytes;
    }

    /// Changes one bit of a file, also in what is durable.
    ///
    /// # Panics
    ///
    /// If the file does not exist or is not so long.
    pub fn flip(&self, name: &str, byte: usize, bit: u8) {
        self.edit(name, |bytes| bytes[byte] ^= 1 << bit);
    }

    /// Changes a file as nobody should, also in what is durable; makes it if it is not there.
    pub fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file_idx = state.names.get(name).copied().unwrap_or_else(|| {
            state.files.push(SimFile::default());
            let file_idx = state.files.len() - 1;
            state.names.insert(name.to_owned(), file_idx);
            state.durable_names.insert(name.to_owned(), file_idx);
            file_idx
        });
        let file = &mut state.files[file_idx];
        change(&mut file.bytes);
        file.durable = file.bytes.clone();
        file.pending.clear();
    }

    /// The bytes of a file as they are read now.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|file_idx| state.files[*file_idx].bytes.clone())
    }

    /// A disk of its own with the same files.
    pub fn fork(&self) -> SimDisk {
        let state = self.state();
        let copy = State {
            files: state.files.clone(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            name_changes: state.name_changes.clone(),
            n_steps: state.n_steps,
            n_syncs: state.n_syncs,
            n_writes: state.n_writes,
            ..State::default()
        };
        SimDisk(Arc::new(Mutex::new(copy)))
    }

    /// How many steps were made: calls that change something.
    pub fn n_steps(&self) -> u64 {
        self.state().n_steps
    }

    /// How many syncs were made, those of the folder included.
    pub fn n_syncs(&self) -> u64 {
        self.state().n_syncs
    }

    /// How many writes were made.
    pub fn n_writes(&self) -> u64 {
        self.state().n_writes
    }

    /// Whether the power was cut and the disk has not been restarted.
    pub fn is_off(&self) -> bool {
        self.state().is_off
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check_power(&self) -> io::Result<()> {
        if self.is_off { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Counts a step, and says whether the power goes at it.
    fn step(&mut self) -> io::Result<bool> {
        self.check_power()?;
        self.n_steps += 1;
        self.is_off = self.cut_at == Some(self.n_steps);
        Ok(self.is_off)
    }

    /// Counts a sync. One that fails gives up what it should have synced.
    fn sync(&mut self) -> io::Result<Sync> {
        if self.step()? {
            return Err(io::Error::other("the power went at a sync"));
        }
        self.n_syncs += 1;
        Ok(if self.fail_sync == Some(self.n_syncs) { Sync::Fails } else { Sync::Works })
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such file"))
    }

    fn change_name(&mut self, change: NameChange) -> io::Result<()> {
        let is_cut = self.step()?;
        rename_in(&mut self.names, &change);
        self.name_changes.push(change);
        if is_cut { self.check_power() } else { Ok(()) }
    }

    fn change_file(&mut self, file_idx: usize, change: Pending) -> io::Result<()> {
        let is_cut = self.step()?;
        let file = &mut self.files[file_idx];
        apply(&mut file.bytes, &change, Survives::Whole, &mut Random(0));
        file.pending.push(change);
        if is_cut { self.check_power() } else { Ok(()) }
    }

    fn free_bytes(&self) -> u64 {
        let used: u64 = self.names.values().map(|file_idx| self.files[*file_idx].bytes.len() as u64).sum();
        self.capacity_bytes.map_or(u64::MAX, |capacity| capacity.saturating_sub(used))
    }
}

enum Sync {
    Works,
    Fails,
}

impl Disk for SimDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.files.push(SimFile::default());
        let file_idx = state.files.len() - 1;
        state.change_name(NameChange::Set(name.to_owned(), file_idx))?;
        Ok(Box::new(Handle { disk: self.clone(), file_idx, n_power_cuts: state.n_power_cuts }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let state = self.state();
        state.check_power()?;
        Ok(Box::new(Handle {
            disk: self.clone(),
            file_idx: state.find(name)?,
            n_power_cuts: state.n_power_cuts,
        }))
    }

    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Send>>> {
        let mut state = self.state();
        state.check_power()?;
        let is_free = state.locks.insert(name.to_owned());
        let guard = Guard { disk: self.clone(), name: name.to_owned(), n_power_cuts: state.n_power_cuts };
        Ok(is_free.then(|| Box::new(guard) as Box<dyn Send>))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let file_idx = state.find(from)?;
        state.change_name(NameChange::Set(to.to_owned(), file_idx))?;
        state.change_name(NameChange::Remove(from.to_owned()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.find(name)?;
        state.change_name(NameChange::Remove(name.to_owned()))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.state();
        state.check_power()?;
        Ok(state.names.keys().cloned().collect())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.state();
        match state.sync()? {
            Sync::Works => {
                let changes = std::mem::take(&mut state.name_changes);
                changes.iter().for_each(|change| rename_in(&mut state.durable_names, change));
                Ok(())
            }
            // The changes wait on: names are in the journal, which a file system does not drop and go on.
            Sync::Fails => Err(io::Error::other("the sync of the folder failed")),
        }
    }
}

/// Holds a lock until it is dropped, or until the power was cut.
struct Guard {
    disk: SimDisk,
    name: String,
    n_power_cuts: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.n_power_cuts == self.n_power_cuts {
            state.locks.remove(&self.name);
        }
    }
}

struct Handle {
    disk: SimDisk,
    file_idx: usize,
    n_power_cuts: u64,
}

impl Handle {
    /// The disk, unless the handle was opened before the power was cut.
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        if state.n_power_cuts == self.n_power_cuts {
            Ok(state)
        } else {
            Err(io::Error::other("the power was cut"))
        }
    }
}

impl DiskFile for Handle {
    fn size_bytes(&mut self) -> io::Result<u64> {
        let state = self.state()?;
        state.check_power()?;
        Ok(state.files[self.file_idx].bytes.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let state = self.state()?;
        state.check_power()?;
        let bytes = &state.files[self.file_idx].bytes;
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state()?;
        state.n_writes += 1;
        let len = state.files[self.file_idx].bytes.len() as u64;
        let room = len.saturating_add(state.free_bytes()).saturating_sub(offset);
        let n = room.min(bytes.len() as u64) as usize;
        state.change_file(self.file_idx, Pending::Write(offset, bytes[..n].to_vec()))?;
        if n < bytes.len() {
            Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"))
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.state()?;
        let result = state.sync()?;
        let file = &mut state.files[self.file_idx];
        let pending = std::mem::take(&mut file.pending);
        match result {
            Sync::Works => {
                let random = &mut Random(0);
                pending.iter().for_each(|change| apply(&mut file.durable, change, Survives::Whole, random));
                Ok(())
            }
            Sync::Fails => Err(io::Error::other("the sync failed")),
        }
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.state()?.change_file(self.file_idx, Pending::SetLen(len))
    }
}

/// How much of one change survives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Survives {
    Whole,
    Nothing,
    FirstSectors,
    AnySectors,
}

/// The fate of each of `n` changes, in order.
fn survivors(n: usize, fate: Fate, random: &mut Random) -> Vec<Survives> {
    let torn_idx = random.below(n as u64 + 1) as usize;
    (0..n)
        .map(|idx| match fate {
            Fate::Kept => Survives::Whole,
            Fate::Dropped => Survives::Nothing,
            Fate::Scattered => Survives::AnySectors,
            Fate::Torn if idx < torn_idx => Survives::Whole,
            Fate::Torn if idx == torn_idx => Survives::FirstSectors,
            Fate::Torn => Survives::Nothing,
        })
        .collect()
}

fn apply(bytes: &mut Vec<u8>, change: &Pending, survives: Survives, random: &mut Random) {
    let (offset, written) = match change {
        Pending::SetLen(len) => {
            if survives == Survives::Whole || (survives != Survives::Nothing && random.below(2) == 0) {
                bytes.resize(*len as usize, 0);
            }
            return;
        }
        Pending::Write(offset, written) => (*offset, written),
    };
    let sectors = sectors(offset, written.len() as u64);
    let n_first = random.below(sectors.len() as u64 + 1) as usize;
    for (sector_idx, (from, to)) in sectors.into_iter().enumerate() {
        let is_kept = match survives {
            Survives::Whole => true,
            Survives::Nothing => false,
            Survives::FirstSectors => sector_idx < n_first,
            Survives::AnySectors => random.below(2) == 0,
        };
        if is_kept {
            bytes.resize(bytes.len().max(to as usize), 0);
            let part = &written[(from - offset) as usize..(to - offset) as usize];
            bytes[from as usize..to as usize].copy_from_slice(part);
        }
    }
}

/// The parts of `[offset, offset + len)` that lie in one sector each.
fn sectors(offset: u64, len: u64) -> Vec<(u64, u64)> {
    let end = offset + len;
    let mut parts = Vec::new();
    let mut from = offset;
    while from < end {
        let to = ((from / SECTOR_BYTES + 1) * SECTOR_BYTES).min(end);
        parts.push((from, to));
        from = to;
    }
    parts
}

fn rename_in(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    match change {
        NameChange::Set(name, file_idx) => names.insert(name.clone(), *file_idx),
        NameChange::Remove(name) => names.remove(name),
    };
}

/// SplitMix64: repeatable, and good enough to scatter sectors.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}
