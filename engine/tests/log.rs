//! The conformance suite: what every log does, run on each of them. A new log is one line in `LOGS`.

use std::path::Path;
use std::sync::Arc;

use engine::log::sim::SimDisk;
use engine::log::{Fault, Fence, Folder, Log, LogError, MemoryLog, Record, SegmentLog, SegmentOptions};

const BASE_ID: u128 = 0x5eaf;

/// A place where one log lives, through any number of openings.
trait Home {
    fn open(&self) -> Box<dyn Log>;
}

type MakeHome = fn(&Path) -> Box<dyn Home>;

const LOGS: &[(&str, MakeHome)] = &[
    ("memory", |_| Box::new(MemoryLog::new())),
    ("segments in a folder", |path| Box::new(FolderHome(path.to_owned(), 64 << 20))),
    ("short segments in a folder", |path| Box::new(FolderHome(path.to_owned(), 4 << 10))),
    ("short segments on a simulated disk", |_| Box::new(SimDisk::new())),
];

type Check = fn(&dyn Home);

const CHECKS: &[(&str, Check)] = &[
    ("an empty log", an_empty_log),
    ("append and replay", append_and_replay),
    ("replay from the middle", replay_from_the_middle),
    ("reopening keeps all records", reopening_keeps_all_records),
    ("an older fence is refused", an_older_fence_is_refused),
    ("epochs grow across openings", epochs_grow_across_openings),
    ("a wrong expected version is refused", a_wrong_expected_version_is_refused),
    ("records of a group must be contiguous", records_must_be_contiguous),
    ("large and empty records", large_and_empty_records),
    ("many groups across many segments", many_groups),
    ("an empty group checks the fence", an_empty_group_checks_the_fence),
];

#[test]
fn every_log_conforms() {
    for (log_name, make_home) in LOGS {
        for (check_name, check) in CHECKS {
            let folder = tempfile::tempdir().expect("a temporary folder");
            println!("{log_name}: {check_name}");
            check(&*make_home(&folder.path().join("log")));
        }
    }
}

fn an_empty_log(home: &dyn Home) {
    let log = home.open();
    assert_eq!(log.last_version(), 0);
    assert_eq!(log.size_bytes(), 0);
    assert_eq!(replay(&*log, 0), []);
    assert_eq!(replay(&*log, 7), []);
}

fn append_and_replay(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    append(&mut log, &fence, 1..=1);
    append(&mut log, &fence, 2..=5);
    assert_eq!(log.last_version(), 5);
    assert!(log.size_bytes() > 0);
    assert_eq!(replay(&*log, 0), records(1..=5));
}

fn replay_from_the_middle(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    append(&mut log, &fence, 1..=4);
    append(&mut log, &fence, 5..=90);
    for after in [1, 3, 4, 5, 44, 89] {
        assert_eq!(replay(&*log, after), records(after + 1..=90));
    }
    for after in [90, 91, u64::MAX] {
        assert_eq!(replay(&*log, after), []);
    }
}

fn reopening_keeps_all_records(home: &dyn Home) {
    for last in 1..=20 {
        let mut log = home.open();
        assert_eq!(log.last_version(), last - 1);
        let fence = claim(&mut log);
        append(&mut log, &fence, last..=last);
        drop(log);
        assert_eq!(replay(&*home.open(), 0), records(1..=last));
    }
}

fn an_older_fence_is_refused(home: &dyn Home) {
    let mut log = home.open();
    let old = claim(&mut log);
    append(&mut log, &old, 1..=2);
    let new = claim(&mut log);
    assert!(new.epoch > old.epoch);
    let refused = log.append(&old, 2, &records(3..=3));
    assert_eq!(refused, Err(LogError::Fenced { held: old.epoch, newest: new.epoch }));
    assert_eq!(log.last_version(), 2);
    append(&mut log, &new, 3..=3);
    assert_eq!(replay(&*log, 0), records(1..=3));
}

fn epochs_grow_across_openings(home: &dyn Home) {
    let mut epochs = Vec::new();
    for _ in 0..4 {
        epochs.push(claim(&mut home.open()).epoch);
    }
    assert!(epochs.is_sorted_by(|a, b| a < b), "{epochs:?}");
    let mut log = home.open();
    let refused = log.append(&Fence { epoch: epochs[0] }, 0, &records(1..=1));
    assert_eq!(refused, Err(LogError::Fenced { held: epochs[0], newest: epochs[3] }));
}

fn a_wrong_expected_version_is_refused(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    append(&mut log, &fence, 1..=3);
    for expected in [0, 2, 4] {
        let refused = log.append(&fence, expected, &records(expected + 1..=expected + 1));
        assert_eq!(refused, Err(LogError::WrongVersion { expected, found: 3 }));
    }
    append(&mut log, &fence, 4..=4);
}

fn records_must_be_contiguous(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    for versions in [[2, 3], [1, 1], [1, 3], [0, 1]] {
        let group = versions.map(|version| Record { version, payload: vec![] });
        let refused = log.append(&fence, 0, &group);
        assert!(matches!(refused, Err(LogError::WrongVersion { .. })), "{versions:?}: {refused:?}");
    }
    assert_eq!(log.last_version(), 0);
}

fn large_and_empty_records(home: &dyn Home) {
    let sizes = [0, 1, 511, 512, 4096, 70_000, 0, 3 << 20];
    let group: Vec<Record> = (1..)
        .zip(sizes.into_iter().chain(sizes))
        .map(|(version, n_bytes)| {
            // The first half is noise, the second half packs well.
            let payload = if version <= 8 { noise(version, n_bytes) } else { vec![b'x'; n_bytes] };
            Record { version, payload }
        })
        .collect();
    let mut log = home.open();
    let fence = claim(&mut log);
    log.append(&fence, 0, &group[..5]).expect("appends");
    log.append(&fence, 5, &group[5..]).expect("appends");
    drop(log);
    assert_eq!(replay(&*home.open(), 0), group);
}

fn many_groups(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    let mut next = 1;
    for n_records in (1..8).cycle().take(70) {
        append(&mut log, &fence, next..=next + n_records - 1);
        next += n_records;
    }
    assert_eq!(replay(&*log, 0), records(1..=next - 1));
    drop(log);
    assert_eq!(replay(&*home.open(), 0), records(1..=next - 1));
}

fn an_empty_group_checks_the_fence(home: &dyn Home) {
    let mut log = home.open();
    let fence = claim(&mut log);
    log.append(&fence, 0, &[]).expect("nothing to append is fine");
    assert!(log.append(&fence, 1, &[]).is_err());
    let newer = claim(&mut log);
    assert!(log.append(&fence, 0, &[]).is_err());
    log.append(&newer, 0, &[]).expect("nothing to append is fine");
}

#[test]
fn two_writers_on_one_memory_are_kept_apart() {
    let mut old = MemoryLog::new();
    let mut new = old.share();
    let old_fence = old.claim("old").expect("claims");
    old.append(&old_fence, 0, &records(1..=1)).expect("appends");
    let new_fence = new.claim("new").expect("claims");
    assert!(matches!(old.append(&old_fence, 1, &records(2..=2)), Err(LogError::Fenced { .. })));
    new.append(&new_fence, 1, &records(2..=2)).expect("appends");
    assert_eq!(replay(&old, 0), records(1..=2));
}

#[test]
fn faults_in_memory_stop_the_handle() {
    for (fault, n_kept) in [(Fault::Lost, 0), (Fault::Full, 0), (Fault::Half, 2), (Fault::Kept, 4)] {
        let mut log = MemoryLog::new();
        let fence = log.claim("me").expect("claims");
        log.fail_next(fault);
        let failed = log.append(&fence, 0, &records(1..=4));
        assert_eq!(matches!(failed, Err(LogError::Full { .. })), fault == Fault::Full, "{failed:?}");
        assert_eq!(log.append(&fence, n_kept, &[]), Err(LogError::Stopped));
        let mut reopened = log.share();
        assert_eq!(reopened.last_version(), n_kept);
        reopened.append(&fence, n_kept, &[]).expect("goes on");
    }
}

#[test]
fn a_folder_is_held_by_one_handle() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut log = SegmentLog::open(folder.path(), BASE_ID).expect("opens");
    log.claim("node 7").expect("claims");
    let refused = SegmentLog::open(folder.path(), BASE_ID).map(|_| ()).expect_err("is held");
    assert_eq!(refused, LogError::HeldBy("node 7".to_owned()));
    drop(log);
    SegmentLog::open(folder.path(), BASE_ID).expect("is free again");
}

#[test]
fn the_log_of_another_base_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut log = SegmentLog::open(folder.path(), BASE_ID).expect("opens");
    let fence = log.claim("me").expect("claims");
    log.append(&fence, 0, &records(1..=1)).expect("appends");
    drop(log);
    let wrong = LogError::WrongBase { expected: 9, found: BASE_ID };
    assert_eq!(SegmentLog::open(folder.path(), 9).map(|_| ()), Err(wrong.clone()));
    std::fs::remove_file(folder.path().join("epoch")).expect("removes");
    assert_eq!(SegmentLog::open(folder.path(), 9).map(|_| ()), Err(wrong));
}

#[test]
fn an_append_is_one_write_and_one_sync() {
    let disk = SimDisk::new();
    let mut log = open_segments(&disk, 64 << 20);
    let fence = log.claim("me").expect("claims");
    log.append(&fence, 0, &records(1..=1)).expect("appends");
    let (n_writes, n_syncs) = (disk.n_writes(), disk.n_syncs());
    for version in 2..=2_001 {
        log.append(&fence, version - 1, &records(version..=version)).expect("appends");
    }
    assert_eq!((disk.n_writes() - n_writes, disk.n_syncs() - n_syncs), (2_000, 2_000));
}

/// Prints how many records of 200 bytes are appended in a second, beside the same bytes written and synced
/// without a log.
///
/// `cargo test -p engine --test log -- --ignored --nocapture speed`
#[test]
#[ignore = "measures"]
fn speed_of_small_appends() {
    use std::io::Write;
    use std::time::Instant;

    const N_RECORDS: u64 = 2_000;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let payload = noise(1, 200);
    let raw = |name: &str, reserve: &dyn Fn(&mut std::fs::File)| {
        let mut file = std::fs::File::create(folder.path().join(name)).expect("creates");
        reserve(&mut file);
        file.sync_all().expect("syncs");
        let bytes = noise(2, 249);
        let start = Instant::now();
        for _ in 0..N_RECORDS {
            file.write_all(&bytes).and_then(|()| file.sync_data()).expect("writes");
        }
        N_RECORDS as f64 / start.elapsed().as_secs_f64()
    };
    for round in 0..5 {
        let growing = raw(&format!("growing-{round}"), &|_| {});
        let hole = raw(&format!("hole-{round}"), &|file| file.set_len(1 << 20).expect("grows"));
        let zeros = raw(&format!("zeros-{round}"), &|file| {
            file.write_all(&vec![0; 1 << 20]).expect("writes");
            std::io::Seek::rewind(file).expect("seeks");
        });
        let mut log = SegmentLog::open(&folder.path().join(format!("log-{round}")), BASE_ID).expect("opens");
        let fence = log.claim("me").expect("claims");
        let start = Instant::now();
        for version in 1..=N_RECORDS {
            let record = Record { version, payload: payload.clone() };
            log.append(&fence, version - 1, &[record]).expect("appends");
        }
        let appends = N_RECORDS as f64 / start.elapsed().as_secs_f64();
        println!(
            "log {appends:.0}/s; raw: growing file {growing:.0}/s, hole {hole:.0}/s, zeros {zeros:.0}/s; \
             log to raw on zeros {:.2}",
            appends / zeros
        );
    }
}

impl Home for MemoryLog {
    fn open(&self) -> Box<dyn Log> {
        Box::new(self.share())
    }
}

impl Home for SimDisk {
    fn open(&self) -> Box<dyn Log> {
        Box::new(open_segments(self, 4 << 10))
    }
}

struct FolderHome(std::path::PathBuf, u64);

impl Home for FolderHome {
    fn open(&self) -> Box<dyn Log> {
        let folder = Arc::new(Folder::open(&self.0).expect("makes the folder"));
        let options = SegmentOptions { segment_bytes: self.1 };
        Box::new(SegmentLog::open_on(folder, BASE_ID, options).expect("opens"))
    }
}

fn open_segments(disk: &SimDisk, segment_bytes: u64) -> SegmentLog {
    let options = SegmentOptions { segment_bytes };
    SegmentLog::open_on(Arc::new(disk.clone()), BASE_ID, options).expect("opens")
}

fn claim(log: &mut Box<dyn Log>) -> Fence {
    log.claim("the suite").expect("claims")
}

fn append(log: &mut Box<dyn Log>, fence: &Fence, versions: std::ops::RangeInclusive<u64>) {
    log.append(fence, versions.start() - 1, &records(versions)).expect("appends");
}

fn replay(log: &dyn Log, after: u64) -> Vec<Record> {
    log.replay(after).expect("replays").collect::<Result<_, _>>().expect("reads")
}

fn records(versions: std::ops::RangeInclusive<u64>) -> Vec<Record> {
    versions
        .map(|version| Record { version, payload: noise(version, (version as usize * 37) % 300) })
        .collect()
}

/// Bytes that do not pack, other ones for each seed.
fn noise(seed: u64, n_bytes: usize) -> Vec<u8> {
    let mut bytes = vec![0; n_bytes];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state as u8;
    }
    bytes
}
