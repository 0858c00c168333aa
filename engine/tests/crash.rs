//! A base that is killed, and a store that is damaged: everything acknowledged is there afterwards.
//!
//! The child is this test program itself, told by an environment variable to write until it is killed; it prints
//! each version after it was acknowledged. Power cuts at every step of the log are in `crash_log.rs`.

#![allow(missing_docs)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};

use engine::{Base, Command, Engine, Input, RecordId, Request};

const CHILD: &str = "SHEAF_CRASH_CHILD";
const ROUNDS: u64 = 200;

const TEXT: &str = r#"
table Parents
  field Name text
table Children
  field Name text
  field N number
  field Parent link {"table": "$Parents", "inverse": "Children"}
record Parents {"Name": "a"}
record Parents {"Name": "b"}
"#;

fn create(engine: &Engine) -> Base {
    let request = Request::new(
        None,
        common::NOW_MS,
        vec![Command::CreateBase {
            id: 0xC0FFEE << 64,
            name: "Crash".into(),
            locale: "en".into(),
            time_zone: "UTC".into(),
        }],
    );
    let base = engine.create_base(request).expect("a new base");
    let script = engine::text::parse(TEXT).expect("the text form");
    engine::text::build(&base, &script, None, common::NOW_MS).expect("a base from its text form");
    let total = r#"field Parents.Total rollup {"link": "$Parents.Children", "field": "$Children.N", "function": "SUM"}"#;
    let total = common::command(&base, total);
    base.submit(Request::new(None, common::NOW_MS, vec![total])).expect("a rollup");
    base
}

fn open(dir: &Path) -> (Engine, Base) {
    // The lock of a killed process goes with it, but not at once on every system.
    let engine = (0..).find_map(|attempt| match Engine::open(dir) {
        Ok(engine) => Some(engine),
        Err(error) if attempt > 1_000 => panic!("{error}"),
        Err(_) => {
            std::thread::yield_now();
            None
        }
    });
    let engine = engine.expect("the folder opens");
    let id = engine.bases().into_iter().next().expect("the base");
    let base = engine.base(&id).unwrap_or_else(|error| panic!("{error}"));
    (engine, base)
}

/// What the `n`th commit after the base was made does: each is told by its number.
fn step(base: &Base, n: u64) -> Request {
    let children = common::table(base, "Children");
    let field = |name| common::field(base, children, name);
    let len = base.snapshot().stored().table(children).map_or(0, |state| state.len) as u64;
    let commands = match n % 3 {
        0 if len > 0 => {
            let record = RecordId((n / 3 % len) as u32);
            vec![Command::set(children, record, field("N"), n as f64)]
        }
        1 if len > 1 => {
            let record = |n: u64| RecordId((n % len) as u32);
            let after = Some(record(n / 3)).filter(|after| *after != record(n));
            let view = common::view_at(base, "Children");
            vec![Command::MoveRecords { table: children, view, records: vec![record(n)], after }]
        }
        _ => {
            let parents = common::table(base, "Parents");
            let parent = base.snapshot().ids().record(parents, RecordId((n % 2) as u32));
            let columns = vec![
                (field("Name"), vec![Input::from(format!("child {n}").as_str())]),
                (field("N"), vec![Input::Number(n as f64)]),
                (field("Parent"), vec![Input::List(vec![Input::Text(parent)])]),
            ];
            vec![Command::CreateRecords { table: children, columns, n_records: 1, typecast: false }]
        }
    };
    Request::new(None, common::NOW_MS + n as i64, commands)
}

/// Not a test: what the child does until it is killed.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let (_engine, base) = open(Path::new(&dir));
    let mut out = std::io::stdout();
    for n in base.snapshot().version().. {
        let receipt = base.submit(step(&base, n)).expect("a commit");
        writeln!(out, "acknowledged {}", receipt.version)
            .and_then(|()| out.flush())
            .expect("the parent listens");
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (engine, base) = {
        let engine = Engine::open(folder.path()).expect("a new folder");
        let base = create(&engine);
        (engine, base)
    };
    drop(base);
    engine.close();
    drop(engine);
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let mut child = Process::new(std::env::current_exe().expect("this program"))
            .args(["child", "--exact", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        // Killed after a number of acknowledgments that differs from round to round, between any two steps.
        let upto = 1 + round * 7 % 23;
        let mut seen = 0;
        while seen < upto {
            let line = lines.next().expect("the child writes").expect("a line");
            if let Some(version) = line.strip_prefix("acknowledged ") {
                acknowledged = version.parse::<u64>().expect("a version");
                seen += 1;
            }
        }
        child.kill().expect("the child is killed");
        child.wait().expect("the child ends");
        for line in lines.map_while(Result::ok) {
            if let Some(version) = line.strip_prefix("acknowledged ") {
                acknowledged = acknowledged.max(version.parse().unwrap_or(0));
            }
        }
    }
    let (engine, base) = open(folder.path());
    let version = base.snapshot().version();
    assert!(version >= acknowledged, "{acknowledged} were acknowledged, {version} are there");
    assert_eq!(engine::problems(&base), Vec::<String>::new());
    drop(base);
    engine.close();
}

fn fill(dir: &Path, n_commits: u64) -> String {
    let engine = Engine::open(dir).expect("a new folder");
    let base = create(&engine);
    for n in 100..100 + n_commits {
        base.submit(step(&base, n)).expect("a commit");
    }
    let text = engine::text::print(&base.snapshot(), true);
    drop(base);
    // Closing writes a checkpoint.
    engine.close();
    text
}

fn stores(dir: &Path) -> Vec<std::path::PathBuf> {
    let bases = std::fs::read_dir(dir.join("bases")).expect("bases");
    bases.map(|base| base.expect("a base").path().join("store")).filter(|store| store.is_dir()).collect()
}

fn same_after(dir: &Path, text: &str, what: &str) {
    let (engine, base) = open(dir);
    assert_eq!(engine::text::print(&base.snapshot(), true), text, "after {what}");
    assert_eq!(engine::problems(&base), Vec::<String>::new(), "after {what}");
    // It goes on, and what comes after is kept as well.
    base.submit(step(&base, 7)).unwrap_or_else(|error| panic!("after {what}: {error}"));
    let text = engine::text::print(&base.snapshot(), true);
    drop(base);
    engine.close();
    drop(engine);
    let (engine, base) = open(dir);
    assert_eq!(engine::text::print(&base.snapshot(), true), text, "after {what} and going on");
    drop(base);
    engine.close();
}

#[test]
fn a_checkpoint_gives_the_same_base_as_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fill(folder.path(), 40);
    same_after(folder.path(), &text, "opening from a checkpoint");
}

#[test]
fn a_deleted_or_damaged_store_loses_nothing() {
    for round in 0..12usize {
        let folder = tempfile::tempdir().expect("a folder");
        let text = fill(folder.path(), 10);
        for store in stores(folder.path()) {
            if round == 0 {
                std::fs::remove_dir_all(&store).expect("the store goes");
                continue;
            }
            let mut files: Vec<_> =
                std::fs::read_dir(&store).expect("files").map(|file| file.expect("a file").path()).collect();
            files.sort();
            let file = files.iter().filter(|file| file.is_file()).cycle().nth(round).expect("a file");
            let mut bytes = std::fs::read(file).expect("its bytes");
            match round % 3 {
                0 => bytes.truncate(bytes.len() / 2),
                1 if !bytes.is_empty() => {
                    let at = bytes.len() * round / 13;
                    bytes[at] ^= 1 << (round % 8);
                }
                _ => {
                    let len = bytes.len();
                    bytes[len / 3..len / 3 * 2].fill(0);
                }
            }
            std::fs::write(file, bytes).expect("the damage is done");
        }
        same_after(folder.path(), &text, &format!("damage {round}"));
    }
}
