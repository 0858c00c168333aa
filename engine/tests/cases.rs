//! Cases as text: a base, what is done to it, what is expected. Each also holds on a base that replays the log.
//!
//! `do` submits a command (`do by 2` as the second person), `refuse … => words` expects a refusal with these words,
//! `expect Table.record.Field text` looks at a cell, `recalculated Table.Field n` says how many cells of a computed
//! field the last `do` changed or looked at again: too much work fails like a wrong value. `skipped n` counts
//! what an undo left alone, `order Table/View = numbers` in which order a view has its records. `UPDATE=1` rewrites what is expected.

#![allow(missing_docs)]

mod common;

use std::path::{Path, PathBuf};

use common::{command, field_at, shown, skipped, submit};
use engine::log::MemoryLog;
use engine::{Base, WatchEvent};

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/base");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("cases").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut failures = Vec::new();
    let mut n_cases = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let mut out = String::new();
        for case in text.split_inclusive("\n\n\n") {
            n_cases += 1;
            out.push_str(&run(case, &file, &mut failures));
        }
        if std::env::var_os("UPDATE").is_some() && out != text {
            std::fs::write(&file, out).expect("the case file is written");
        }
    }
    assert!(n_cases > 6, "{n_cases} cases");
    if std::env::var_os("UPDATE").is_none() {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

fn run(case: &str, file: &Path, failures: &mut Vec<String>) -> String {
    let steps = ["do ", "expect ", "order ", "refuse ", "recalculated ", "skipped "];
    let is_step = |line: &str| steps.iter().any(|step| line.starts_with(step));
    let text: String = case.lines().take_while(|line| !is_step(line)).flat_map(|line| [line, "\n"]).collect();
    let log = MemoryLog::new();
    let base = common::base_over(engine::base_on(Box::new(log.share())).expect("an empty log"), &text);
    let watch = base.watch();
    let mut out = text.trim_end_matches('\n').to_owned();
    out.push('\n');
    let mut touched = std::collections::BTreeMap::new();
    let mut n_skipped = 0;
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    for line in case.lines().skip_while(|line| !is_step(line)) {
        let mut kept = line.to_owned();
        let (step, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match step {
            "do" => {
                let (who, what) = match rest.strip_prefix("by ") {
                    Some(rest) => (rest[..1].parse().expect("a person"), rest[1..].trim()),
                    None => (1, rest),
                };
                let receipt = submit(&base, who, vec![command(&base, what)]);
                let receipt = receipt.unwrap_or_else(|error| panic!("{name}: {line}: {error}, after\n{out}"));
                n_skipped = skipped(&receipt);
                touched.clear();
                while let Ok(Some(WatchEvent::Delta(delta))) = watch.try_next() {
                    for (field, records) in &delta.touched {
                        *touched.entry(*field).or_insert(0) += records.len();
                    }
                }
            }
            "refuse" => {
                let (what, words) = rest.split_once(" => ").unwrap_or((rest, ""));
                let said = match submit(&base, 1, vec![command(&base, what)]) {
                    Ok(_) => "it was done".to_owned(),
                    Err(error) => error.to_string(),
                };
                kept = format!("refuse {what} => {said}");
                check(&mut *failures, &name, line, words, &said);
            }
            "expect" => {
                let at = rest.find(' ').unwrap_or(rest.len());
                let said = shown(&base, &rest[..at]);
                kept = format!("expect {} {said}", &rest[..at]);
                check(&mut *failures, &name, line, rest[at..].trim(), &said);
            }
            "order" => {
                let (view, records) = rest.split_once(" = ").unwrap_or((rest, ""));
                let said = common::order_of(&base, view);
                kept = format!("order {view} = {said}");
                check(&mut *failures, &name, line, records, &said);
            }
            "recalculated" => {
                let at = rest.rfind(' ').unwrap_or(rest.len());
                let (_, field) = field_at(&base, &rest[..at]);
                let said = touched.get(&field).copied().unwrap_or(0).to_string();
                kept = format!("recalculated {} {said}", &rest[..at]);
                check(&mut *failures, &name, line, rest[at..].trim(), &said);
            }
            "skipped" => {
                kept = format!("skipped {n_skipped}");
                check(&mut *failures, &name, line, rest, &n_skipped.to_string());
            }
            _ => {}
        }
        out.push_str(&kept);
        out.push('\n');
    }
    sound(&base, log, &name, &text);
    if case.ends_with("\n\n\n") {
        while !out.ends_with("\n\n\n") {
            out.push('\n');
        }
    }
    out
}

fn check(failures: &mut Vec<String>, file: &str, line: &str, expected: &str, said: &str) {
    if expected != said {
        failures.push(format!("{file}: {line}\n  said: {said}"));
    }
}

/// What holds after every case: incremental equals from scratch, links from both ends, replay equals live.
fn sound(base: &Base, log: MemoryLog, file: &str, text: &str) {
    let problems = engine::problems(base);
    assert!(problems.is_empty(), "{file}: {problems:?}\n{text}");
    let live = engine::text::print(&base.snapshot(), true);
    let version = base.snapshot().version();
    let reopened = engine::base_on(Box::new(log)).expect("the log opens again");
    assert_eq!(reopened.snapshot().version(), version);
    assert_eq!(engine::text::print(&reopened.snapshot(), true), live, "{file}: replay differs");
    assert_eq!(engine::text::print(&base.at(version).expect("the newest version"), true), live);
}
