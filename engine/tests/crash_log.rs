//! What the log keeps when the world fails: power cuts at every step, failed syncs, a full disk, flipped
//! bits, any bytes at all, and a process that is killed.
//!
//! The promise in every test: a record that was acknowledged is there, byte for byte; no record is there in
//! half or with other bytes; versions have no hole; what cannot be kept is said.

use std::sync::Arc;

use engine::log::sim::{Fate, SimDisk};
use engine::log::{Log, LogError, Record, SegmentLog, SegmentOptions};
use proptest::prelude::*;

const BASE_ID: u128 = 0xba5e;
/// Short enough that the workload makes several segments, and that some groups have one of their own.
const SEGMENT_BYTES: u64 = 4 << 10;
/// Sizes of the groups of the workload, in records; each record has its own length, see [`payload`].
const GROUPS: &[u64] = &[1, 1, 3, 2, 1, 4, 1, 1, 2, 6, 1, 1];

#[test]
fn a_power_cut_at_any_step_loses_nothing() {
    let n_steps = steps_of(|disk| run(disk).map(|_| ()));
    let mut n_cut_tails = 0;
    for step in 1..=n_steps {
        for fate in Fate::ALL {
            for seed in 0..6 {
                let disk = SimDisk::new();
                disk.cut_at(step);
                let progress = run(&disk).expect_err("the power goes");
                disk.restart(fate, seed * 1_000 + step);
                let log = check(&disk, progress, &format!("step {step}, {fate:?}, seed {seed}"));
                n_cut_tails += u64::from(log.torn_tail().is_some());
            }
        }
    }
    println!("{n_steps} steps, {n_cut_tails} torn tails cut");
    assert!(n_cut_tails > 100, "the disk does not tear");
}

#[test]
fn a_second_power_cut_while_reopening_loses_nothing() {
    let n_steps = steps_of(|disk| run(disk).map(|_| ()));
    for step in 1..=n_steps {
        for (fate, seed) in [(Fate::Torn, 1), (Fate::Scattered, 2), (Fate::Scattered, 3)] {
            let disk = SimDisk::new();
            disk.cut_at(step);
            let progress = run(&disk).expect_err("the power goes");
            disk.restart(fate, seed + step);
            let n_steps_before = disk.n_steps();
            for reopening_step in 1..=6 {
                let disk = disk.fork();
                disk.cut_at(n_steps_before + reopening_step);
                let _ = open(&disk);
                disk.restart(Fate::Scattered, seed * step + reopening_step);
                check(&disk, progress, &format!("step {step}, {fate:?}, then step {reopening_step}"));
            }
        }
    }
}

#[test]
fn what_was_seen_after_reopening_outlives_the_next_power_cut() {
    let n_steps = steps_of(|disk| run(disk).map(|_| ()));
    for step in 1..=n_steps {
        let disk = SimDisk::new();
        disk.cut_at(step);
        let progress = run(&disk).expect_err("the process ends");
        disk.restart_process();
        let seen = open(&disk).expect("opens").last_version();
        disk.restart(Fate::Dropped, step);
        let log =
            check(&disk, Progress { acknowledged: seen.max(progress.acknowledged), ..progress }, "seen");
        assert!(log.last_version() >= seen);
    }
}

#[test]
fn a_failed_sync_stops_the_log_and_is_never_retried() {
    let n_syncs = {
        let disk = SimDisk::new();
        run(&disk).expect("nothing fails");
        disk.n_syncs()
    };
    for sync in 1..=n_syncs {
        let disk = SimDisk::new();
        disk.fail_sync(sync);
        let Err(progress) = run(&disk) else { panic!("sync {sync} should fail") };
        // The same process opens the log again: it sees bytes in memory that never reached the disk, and must
        // not build on them as they are.
        let mut log = open(&disk).expect("opens");
        let seen = log.last_version();
        let fence = log.claim("again").expect("claims");
        log.append(&fence, seen, &[record(seen + 1)]).expect("appends");
        drop(log);
        disk.restart(Fate::Dropped, sync);
        let progress = Progress { acknowledged: seen + 1, attempted: progress.attempted.max(seen + 1) };
        check(&disk, progress, &format!("sync {sync}"));
    }
}

#[test]
fn a_stopped_log_refuses_everything_but_reading() {
    let disk = SimDisk::new();
    let mut log = open(&disk).expect("opens");
    let fence = log.claim("me").expect("claims");
    log.append(&fence, 0, &[record(1)]).expect("appends");
    disk.fail_sync(disk.n_syncs() + 1);
    let failed = log.append(&fence, 1, &[record(2)]);
    assert!(matches!(failed, Err(LogError::Io { .. })), "{failed:?}");
    let n_steps = disk.n_steps();
    assert_eq!(log.append(&fence, 1, &[record(2)]), Err(LogError::Stopped));
    assert_eq!(log.append(&fence, 1, &[]), Err(LogError::Stopped));
    assert_eq!(log.claim("me"), Err(LogError::Stopped));
    assert_eq!(disk.n_steps(), n_steps, "a stopped log touched the disk");
    assert_eq!(replay(&log).0, [record(1)]);
}

#[test]
fn a_full_disk_stops_writing_and_not_reading() {
    let n_bytes = {
        let disk = SimDisk::new();
        run(&disk).expect("nothing fails");
        open(&disk).expect("opens").size_bytes() + 200
    };
    for capacity in (0..n_bytes).step_by(97) {
        let disk = SimDisk::new();
        disk.set_capacity(Some(capacity));
        let Err(progress) = run(&disk) else { continue };
        let mut log = open(&disk).expect("opens while the disk is full");
        assert!(log.damage().is_none());
        check_records(&log, progress, &format!("capacity {capacity}"));
        if let Err(error) = log.claim("while full") {
            assert!(matches!(error, LogError::Full { .. }), "{error}");
        }
        drop(log);
        disk.set_capacity(None);
        check(&disk, progress, &format!("capacity {capacity}, after space was made"));
    }
}

#[test]
fn a_flipped_bit_is_detected_wherever_it_is() {
    let disk = SimDisk::new();
    let progress = run(&disk).expect("nothing fails");
    let names = segment_names(&disk);
    assert!(names.len() >= 3);
    for (name_idx, name) in names.iter().enumerate() {
        let bytes = disk.read(name).expect("is there");
        let data_end = bytes.iter().rposition(|byte| *byte != 0).expect("has data") + 1;
        // All of the newest segment, and every third byte of the others: each kind of byte is met often.
        let is_newest = name_idx + 1 == names.len();
        let step = if is_newest { 1 } else { 3 };
        for byte in (0..bytes.len()).step_by(step) {
            let disk = disk.fork();
            disk.flip(name, byte, (byte % 8) as u8);
            let at = format!("{name} byte {byte} of {data_end}");
            let (records, error) = match open(&disk) {
                Ok(log) => replay_result(&log),
                Err(error) => (Vec::new(), Some(error)),
            };
            assert_prefix(&records, &at);
            if byte < data_end {
                assert!(matches!(error, Some(LogError::Corrupt { .. })), "{at}: {error:?}");
            } else {
                assert_eq!((records.len() as u64, error), (progress.acknowledged, None), "{at}");
            }
        }
    }
}

#[test]
fn zeros_before_the_last_group_are_damage() {
    let disk = SimDisk::new();
    let mut log = open(&disk).expect("opens");
    let fence = log.claim("me").expect("claims");
    let (mut n_records, mut last_group_at) = (0, 0);
    for n_group in [2, 1, 3, 1, 2] {
        let bytes = disk.read("segment-00000000000000000001.log").unwrap_or_default();
        last_group_at = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |idx| idx + 1);
        let payload = vec![7; 300];
        let group =
            (n_records + 1..=n_records + n_group).map(|version| Record { version, payload: payload.clone() });
        log.append(&fence, n_records, &group.collect::<Vec<_>>()).expect("appends");
        n_records += n_group;
    }
    drop(log);
    for n_bytes in [512, 1_024, last_group_at] {
        for at in (0..=last_group_at - n_bytes).step_by(64) {
            let disk = disk.fork();
            disk.edit("segment-00000000000000000001.log", |bytes| bytes[at..at + n_bytes].fill(0));
            let (records, error) = replay_result(&open(&disk).expect("opens"));
            assert!(records.len() < n_records as usize);
            assert!(matches!(error, Some(LogError::Corrupt { .. })), "{n_bytes} zeros at {at}: {error:?}");
        }
    }
}

#[test]
fn damage_is_named_and_everything_before_it_is_read() {
    let disk = SimDisk::new();
    let mut log = open(&disk).expect("opens");
    let fence = log.claim("me").expect("claims");
    for version in 1..=5 {
        let payload = vec![version as u8; 100];
        log.append(&fence, version - 1, &[Record { version, payload }]).expect("appends");
    }
    drop(log);
    let name = "segment-00000000000000000001.log";
    let third_record = 64 + 2 * 149;
    disk.flip(name, third_record + 60, 0);
    let mut log = open(&disk).expect("opens for reading");
    let damage = log.damage().cloned().expect("is damaged");
    let text = "segment-00000000000000000001.log is damaged at byte 362, versions 3 to 5: \
                the checksum of the record does not fit";
    assert_eq!(damage.to_string(), text);
    let (records, error) = replay(&log);
    assert_eq!((records.len(), error.as_ref()), (2, Some(&damage)));
    assert_eq!(log.claim("me"), Err(damage.clone()));
    assert_eq!(log.append(&fence, 2, &[record(3)]), Err(damage));
    assert_eq!(log.last_version(), 2);
}

#[test]
fn a_missing_or_cut_older_segment_is_damage() {
    let disk = SimDisk::new();
    run(&disk).expect("nothing fails");
    let names = segment_names(&disk);
    for name in &names[..names.len() - 1] {
        let missing = disk.fork();
        engine::log::Disk::remove(&missing, name).expect("removes");
        let error = replay_result(&open(&missing).expect("opens")).1;
        assert!(matches!(error, Some(LogError::Corrupt { .. })), "{name} missing: {error:?}");
        let cut = disk.fork();
        cut.edit(name, |bytes| bytes.truncate(bytes.len() - 1));
        let error = replay_result(&open(&cut).expect("opens")).1;
        assert!(matches!(error, Some(LogError::Corrupt { .. })), "{name} cut: {error:?}");
    }
}

#[test]
fn a_record_pasted_into_a_record_is_not_taken_for_one() {
    // The segment of another base, in a record that is then torn: nothing in it counts as a later record.
    let other = SimDisk::new();
    let options = SegmentOptions { segment_bytes: 1 << 20 };
    let mut log = SegmentLog::open_on(Arc::new(other.clone()), 1, options.clone()).expect("opens");
    let fence = log.claim("me").expect("claims");
    for version in 1..=9 {
        log.append(&fence, version - 1, &[record(version)]).expect("appends");
    }
    let pasted = other.read("segment-00000000000000000001.log").expect("is there");
    let disk = SimDisk::new();
    let mut log = SegmentLog::open_on(Arc::new(disk.clone()), 2, options.clone()).expect("opens");
    let fence = log.claim("me").expect("claims");
    log.append(&fence, 0, &[record(1)]).expect("appends");
    disk.cut_at(disk.n_steps() + 1);
    log.append(&fence, 1, &[Record { version: 2, payload: pasted }]).expect_err("the power goes");
    disk.restart(Fate::Scattered, 3);
    let log = SegmentLog::open_on(Arc::new(disk), 2, options).expect("opens");
    assert_eq!((log.damage(), replay(&log)), (None, (vec![record(1)], None)));
    assert!(log.torn_tail().is_some());
}

#[test]
fn a_damaged_epoch_file_refuses_writers_only() {
    let disk = SimDisk::new();
    let progress = run(&disk).expect("nothing fails");
    for byte in 0..disk.read("epoch").expect("is there").len() {
        let disk = disk.fork();
        disk.flip("epoch", byte, (byte % 8) as u8);
        let mut log = open(&disk).expect("opens for reading");
        check_records(&log, progress, "epoch");
        assert!(matches!(log.claim("me"), Err(LogError::Corrupt { .. })), "byte {byte}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_an_error_or_a_prefix(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let disk = SimDisk::new();
        disk.edit("segment-00000000000000000001.log", |file| *file = bytes);
        if let Ok(log) = open(&disk) {
            prop_assert_eq!(replay_result(&log).0.len(), 0);
        }
    }

    #[test]
    fn any_change_to_a_log_leaves_a_prefix(
        segment_idx in 0..4_usize,
        at in 0..4_500_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        is_cut in any::<bool>(),
    ) {
        let disk = SimDisk::new();
        run(&disk).expect("nothing fails");
        let names = segment_names(&disk);
        disk.edit(&names[segment_idx % names.len()], |file| {
            let at = at.min(file.len());
            if is_cut {
                file.truncate(at);
            }
            let end = file.len().min(at + bytes.len());
            file.splice(at..end, bytes);
        });
        if let Ok(log) = open(&disk) {
            assert_prefix(&replay_result(&log).0, "changed");
        }
    }
}

/// How far a workload came.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// The last version that was acknowledged.
    acknowledged: u64,
    /// The last version that was handed to the log.
    attempted: u64,
}

/// Claims, appends all groups, with a second claim in the middle; ends at the first failure.
fn run(disk: &SimDisk) -> Result<Progress, Progress> {
    let mut progress = Progress { acknowledged: 0, attempted: 0 };
    let Ok(mut log) = open(disk) else { return Err(progress) };
    let Ok(mut fence) = log.claim("the workload") else { return Err(progress) };
    for (group_idx, n_records) in GROUPS.iter().enumerate() {
        if group_idx == GROUPS.len() / 2 {
            fence = log.claim("the workload").map_err(|_| progress)?;
        }
        let first = progress.acknowledged + 1;
        progress.attempted = progress.acknowledged + n_records;
        let group: Vec<Record> = (first..=progress.attempted).map(record).collect();
        log.append(&fence, progress.acknowledged, &group).map_err(|_| progress)?;
        progress.acknowledged = progress.attempted;
    }
    Ok(progress)
}

/// Opens the log, checks its records, and that it can be written on and opened once more.
fn check(disk: &SimDisk, progress: Progress, at: &str) -> SegmentLog {
    let mut log = open(disk).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_eq!(log.damage(), None, "{at}");
    check_records(&log, progress, at);
    let last = log.last_version();
    let disk = disk.fork();
    let mut copy = open(&disk).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_eq!(copy.torn_tail(), None, "{at}: the tail was not cut for good");
    let fence = copy.claim("after the crash").unwrap_or_else(|error| panic!("{at}: {error}"));
    let group = [record(last + 1), record(last + 2)];
    copy.append(&fence, last, &group).unwrap_or_else(|error| panic!("{at}: {error}"));
    drop(copy);
    disk.restart(Fate::Dropped, 0);
    let copy = open(&disk).unwrap_or_else(|error| panic!("{at}: {error}"));
    check_records(&copy, Progress { acknowledged: last + 2, attempted: last + 2 }, at);
    // Nothing of the fence is shared: the log can be claimed again.
    log.claim("the check").unwrap_or_else(|error| panic!("{at}: {error}"));
    log
}

fn check_records(log: &SegmentLog, progress: Progress, at: &str) {
    let (records, error) = replay(log);
    assert_eq!(error, None, "{at}");
    assert_prefix(&records, at);
    assert_eq!(records.len() as u64, log.last_version(), "{at}");
    let kept = progress.acknowledged..=progress.attempted;
    assert!(kept.contains(&log.last_version()), "{at}: {} of {kept:?}", log.last_version());
}

/// The records are 1, 2, 3 … with the bytes that were written.
fn assert_prefix(records: &[Record], at: &str) {
    for (found, version) in records.iter().zip(1..) {
        assert!(*found == record(version), "{at}: version {version} has other bytes");
    }
}

fn open(disk: &SimDisk) -> Result<SegmentLog, LogError> {
    let options = SegmentOptions { segment_bytes: SEGMENT_BYTES };
    SegmentLog::open_on(Arc::new(disk.clone()), BASE_ID, options)
}

/// All records that are read, and the error that ended the reading.
fn replay(log: &SegmentLog) -> (Vec<Record>, Option<LogError>) {
    let mut records = Vec::new();
    for record in log.replay(0).expect("the first segment opens") {
        match record {
            Ok(record) => records.push(record),
            Err(error) => return (records, Some(error)),
        }
    }
    (records, None)
}

/// Like [`replay`], where the log may be so damaged that reading does not begin.
fn replay_result(log: &SegmentLog) -> (Vec<Record>, Option<LogError>) {
    match log.replay(0).map(|_| ()) {
        Ok(()) => replay(log),
        Err(error) => (Vec::new(), Some(error)),
    }
}

fn segment_names(disk: &SimDisk) -> Vec<String> {
    let names = engine::log::Disk::list(disk).expect("lists");
    names.into_iter().filter(|name| name.starts_with("segment-")).collect()
}

fn steps_of(workload: impl Fn(&SimDisk) -> Result<(), Progress>) -> u64 {
    let disk = SimDisk::new();
    workload(&disk).expect("nothing fails");
    disk.n_steps()
}

fn record(version: u64) -> Record {
    Record { version, payload: payload(version) }
}

/// From empty to longer than some sectors; every third one packs well.
fn payload(version: u64) -> Vec<u8> {
    let n_bytes = (version * version * 131 % 1_700) as usize;
    if version.is_multiple_of(3) {
        return b"sheaf ".iter().copied().cycle().take(n_bytes).collect();
    }
    let mut state = version.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = vec![0; n_bytes];
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state as u8;
    }
    bytes
}

/// A real process on a real folder, killed at random moments.
mod kill {
    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    /// Set for the child: the folder it works on.
    pub(crate) const FOLDER: &str = "SHEAF_TEST_FOLDER";
    const N_ROUNDS: u64 = 40;

    /// This test executable once more, running one ignored test that writes until it is killed.
    pub(crate) struct Child(std::process::Child);

    impl Child {
        pub(crate) fn start(test: &str, folder: &Path) -> Child {
            let child = Command::new(std::env::current_exe().expect("has a name"))
                .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
                .env(FOLDER, folder)
                .stdout(Stdio::piped())
                .spawn();
            Child(child.expect("starts"))
        }

        /// Kills the child after it has acknowledged so many times, and gives the last one.
        pub(crate) fn kill_after(mut self, n_acknowledged: u64) -> Option<u64> {
            let lines = BufReader::new(self.0.stdout.take().expect("is piped")).lines();
            let mut acknowledged = lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
            let deadline = Instant::now() + Duration::from_millis(300);
            let mut last = None;
            for _ in 0..n_acknowledged {
                last = acknowledged.next();
                if Instant::now() > deadline {
                    break;
                }
            }
            self.0.kill().expect("is killed");
            self.0.wait().expect("ends");
            // What the child said before it died counts too.
            acknowledged.last().or(last)
        }
    }

    #[test]
    fn a_killed_process_loses_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut acknowledged = 0;
        for round in 0..N_ROUNDS {
            let child = Child::start("kill::child", folder.path());
            // From no append at all to some hundred of them.
            acknowledged = child.kill_after(round * 17 % 150).unwrap_or(acknowledged);
            verify(folder.path(), acknowledged);
        }
        println!("{N_ROUNDS} rounds, {acknowledged} versions acknowledged");
    }

    fn verify(folder: &Path, acknowledged: u64) -> u64 {
        let log = SegmentLog::open(folder, BASE_ID).expect("opens");
        assert_eq!(log.damage(), None);
        let (records, error) = replay(&log);
        assert_eq!(error, None);
        assert_prefix(&records, "after the crash");
        assert!(log.last_version() >= acknowledged, "{} of {acknowledged}", log.last_version());
        log.last_version()
    }

    /// Checks what [`child`] has left in the folder that the environment names.
    #[test]
    #[ignore = "is for power cuts of a real disk, see `reliability.md`"]
    fn verify_after_a_power_cut() {
        let Ok(folder) = std::env::var(FOLDER) else { return };
        println!("generation {}", verify(folder.as_ref(), 0));
    }

    /// The child: appends until it is killed, and says what was acknowledged.
    #[test]
    #[ignore = "is the child of a_killed_process_loses_nothing"]
    fn child() {
        let Ok(folder) = std::env::var(FOLDER) else { return };
        let mut log = SegmentLog::open(folder.as_ref(), BASE_ID).expect("opens");
        let fence = log.claim("the child").expect("claims");
        let mut version = log.last_version();
        for n_records in (1..6).cycle() {
            let group: Vec<Record> = (version + 1..=version + n_records).map(record).collect();
            log.append(&fence, version, &group).expect("appends");
            version += n_records;
            println!("acknowledged {version}");
        }
    }
}

/// The checkpoint store: what it gives is what was put, or an error, or nothing.
mod store {
    use std::fs;
    use std::path::Path;

    use engine::store::{Batch, Opened, Store, StoreError};

    const SIZES: &[usize] = &[0, 1, 200, 16_383, 16_384, 16_385, 100_000, 700_000];

    #[test]
    fn values_of_any_size_come_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("store");
        let (store, opened) = Store::open(&dir).expect("opens");
        assert_eq!(opened, Opened::Fresh);
        fill(&store, 0);
        check_all(&store, 0);
        // Each value becomes longer or shorter.
        fill(&store, 3);
        check_all(&store, 3);
        assert!(store.size_bytes() > 700_000);
        drop(store);
        let (store, opened) = Store::open(&dir).expect("opens again");
        assert_eq!(opened, Opened::Found);
        check_all(&store, 3);
        assert_eq!(store.verify(), Vec::<String>::new());
        assert_eq!(fs::read_dir(dir.join("blobs")).expect("lists").count(), 0, "sled made blob files");
    }

    #[test]
    fn keys_are_in_order_and_do_not_mix() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (store, _) = Store::open(&folder.path().join("store")).expect("opens");
        let keys: [&[u8]; 8] = [b"", b"a", b"a\0", b"a\0\0b", b"a\0b", b"a\x01", b"ab", b"b\xff"];
        let mut batch = Batch::new();
        for key in keys.iter().rev() {
            batch.put(*key, vec![9; 40_000]);
            batch.put(*key, key.to_vec());
        }
        batch.put("gone", vec![1; 40_000]);
        batch.remove("gone");
        store.commit(batch).expect("commits");
        let scan = |prefix: &[u8]| -> Vec<Vec<u8>> {
            let found = store.scan(prefix).collect::<Result<Vec<_>, _>>().expect("reads");
            assert!(found.iter().all(|(key, value)| key == value));
            found.into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(scan(b""), keys);
        assert_eq!(scan(b"a\0"), keys[2..5]);
        assert_eq!(scan(b"ab"), keys[6..7]);
        let mut batch = Batch::new();
        batch.remove("a");
        batch.remove("never there");
        store.commit(batch).expect("commits");
        assert_eq!((store.get(b"a"), store.get(b"a\0")), (Ok(None), Ok(Some(b"a\0".to_vec()))));
    }

    #[test]
    fn a_store_is_held_and_can_be_cleared() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("store");
        let (store, _) = Store::open(&dir).expect("opens");
        fill(&store, 0);
        assert_eq!(Store::open(&dir).map(|_| ()), Err(StoreError::Held(dir.clone())));
        let store = store.clear().expect("clears");
        assert_eq!(store.scan(b"").count(), 0);
        fill(&store, 1);
        drop(store);
        check_all(&Store::open(&dir).expect("opens").0, 1);
    }

    #[test]
    fn a_removed_or_cut_store_is_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let good = folder.path().join("good");
        make(&good);
        let cuts: [fn(u64) -> u64; 5] = [|n| n - 1, |n| n - 4_096, |n| n / 2, |_| 1, |_| 0];
        for (idx, cut) in cuts.into_iter().enumerate() {
            let dir = folder.path().join(format!("cut-{idx}"));
            copy(&good, &dir);
            let file = fs::File::options().write(true).open(dir.join("db")).expect("opens");
            file.set_len(cut(file.metadata().expect("has a length").len())).expect("cuts");
            let (n_values, opened) = check_damaged(&dir);
            println!("cut {idx}: {opened:?}, {n_values} values");
            assert!(n_values > 0 || matches!(opened, Opened::Replaced { .. }), "was emptied without a word");
        }
        for name in ["db", "conf"] {
            let dir = folder.path().join(format!("without-{name}"));
            copy(&good, &dir);
            fs::remove_file(dir.join(name)).expect("removes");
            let (n_values, opened) = check_damaged(&dir);
            assert!(n_values > 0 || matches!(opened, Opened::Replaced { .. }), "{name}: {opened:?}");
        }
        let dir = folder.path().join("good");
        fs::remove_dir_all(&dir).expect("removes");
        let (n_values, opened) = check_damaged(&dir);
        assert_eq!((n_values, opened), (0, Opened::Fresh));
    }

    #[test]
    fn flipped_bits_in_the_store_never_give_a_wrong_value() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let good = folder.path().join("good");
        make(&good);
        let db = fs::read(good.join("db")).expect("reads");
        let (mut n_replaced, mut n_values) = (0, 0);
        for round in 0..24 {
            let dir = folder.path().join(format!("flip-{round}"));
            copy(&good, &dir);
            let mut bytes = db.clone();
            let byte = (round * 7_919 * 131 + round * round * 977) % bytes.len();
            bytes[byte] ^= 1 << (round % 8);
            fs::write(dir.join("db"), bytes).expect("writes");
            let (n_found, opened) = check_damaged(&dir);
            n_replaced += u64::from(matches!(opened, Opened::Replaced { .. }));
            n_values += n_found;
            fs::remove_dir_all(&dir).expect("removes");
        }
        println!("24 flips in {} bytes: {n_replaced} stores replaced, {n_values} of 192 values", db.len());
    }

    #[test]
    fn only_the_newest_damaged_stores_are_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("store");
        for round in 1..=5 {
            fs::create_dir_all(&dir).expect("makes");
            fs::write(dir.join("filled"), "").expect("writes");
            let opened = Store::open(&dir).expect("opens").1;
            let moved_to = folder.path().join(format!("store-damaged-{round}"));
            assert!(
                matches!(&opened, Opened::Replaced { moved_to: found, .. } if *found == moved_to),
                "{opened:?}"
            );
        }
        let kept = (1..=5).filter(|n| folder.path().join(format!("store-damaged-{n}")).exists());
        assert_eq!(kept.collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn a_killed_process_leaves_whole_commits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("store");
        let mut acknowledged = 0;
        for round in 0..12 {
            let child = super::kill::Child::start("store::child", &dir);
            acknowledged = child.kill_after(round * 5 % 23).unwrap_or(acknowledged);
            let (store, _) = Store::open(&dir).expect("opens");
            let generation = check_generation(&store);
            assert!(generation >= acknowledged, "{generation} of {acknowledged}");
        }
    }

    /// Checks what [`child`] has left in the folder that the environment names.
    #[test]
    #[ignore = "is for power cuts of a real disk, see `reliability.md`"]
    fn verify_after_a_power_cut() {
        let Ok(dir) = std::env::var(super::kill::FOLDER) else { return };
        let (store, opened) = Store::open(dir.as_ref()).expect("opens");
        println!("generation {} {opened:?}", check_generation(&store));
    }

    /// The child: commits until it is killed, and says what was acknowledged.
    #[test]
    #[ignore = "is the child of a_killed_process_leaves_whole_commits"]
    fn child() {
        let Ok(dir) = std::env::var(super::kill::FOLDER) else { return };
        let (store, _) = Store::open(dir.as_ref()).expect("opens");
        for generation in check_generation(&store) + 1.. {
            let mut batch = Batch::new();
            batch.put("generation", generation.to_le_bytes().to_vec());
            for key_idx in 0..SIZES.len() - 1 {
                batch.put(key(key_idx), value(key_idx, generation as usize));
            }
            store.commit(batch).expect("commits");
            println!("acknowledged {generation}");
        }
    }

    /// The generation of the last commit, all of whose values must be there.
    fn check_generation(store: &Store) -> u64 {
        let Some(generation) = store.get(b"generation").expect("reads") else { return 0 };
        let generation = u64::from_le_bytes(generation.try_into().expect("has eight bytes"));
        for key_idx in 0..SIZES.len() - 1 {
            let found = store.get(&key(key_idx)).expect("reads").expect("is there");
            assert!(found == value(key_idx, generation as usize), "value {key_idx} is of another commit");
        }
        generation
    }

    fn make(dir: &Path) {
        let (store, _) = Store::open(dir).expect("opens");
        fill(&store, 0);
        fill(&store, 1);
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to.join("blobs")).expect("makes");
        for entry in fs::read_dir(from).expect("lists") {
            let path = entry.expect("lists").path();
            if path.is_file() {
                fs::copy(&path, to.join(path.file_name().expect("has a name"))).expect("copies");
            }
        }
    }

    /// Opens what somebody damaged: each value is right, absent or an error; and the store can be filled
    /// again.
    fn check_damaged(dir: &Path) -> (u64, Opened) {
        let (store, opened) = Store::open(dir).expect("opens, if need be an empty one");
        let mut n_values = 0;
        for key_idx in 0..SIZES.len() {
            if let Ok(Some(found)) = store.get(&key(key_idx)) {
                assert!(found == value(key_idx, 1) || found == value(key_idx, 0), "a wrong value");
                n_values += 1;
            }
        }
        let store = store.clear().expect("clears");
        fill(&store, 2);
        check_all(&store, 2);
        (n_values, opened)
    }

    fn fill(store: &Store, turn: usize) {
        let mut batch = Batch::new();
        for key_idx in 0..SIZES.len() {
            batch.put(key(key_idx), value(key_idx, turn));
        }
        store.commit(batch).expect("commits");
    }

    fn check_all(store: &Store, turn: usize) {
        for key_idx in 0..SIZES.len() {
            let found = store.get(&key(key_idx)).expect("reads").expect("is there");
            assert!(found == value(key_idx, turn), "value {key_idx} is not what was put");
        }
        assert_eq!(store.scan(b"key").count(), SIZES.len());
    }

    fn key(key_idx: usize) -> Vec<u8> {
        format!("key {key_idx}").into_bytes()
    }

    /// Bytes that do not pack; which size a key has moves on with each turn.
    fn value(key_idx: usize, turn: usize) -> Vec<u8> {
        let n_bytes = SIZES[(key_idx + turn) % SIZES.len()];
        (0..n_bytes).map(|idx| (idx * idx / 7 + key_idx + turn * 31) as u8).collect()
    }
}
