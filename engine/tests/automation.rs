//! Cases of automations as text: a base, automations, what is done, and what ran. Each case is run twice:
//! with one runner, and with a runner that is stopped and started after each step.
//!
//! `automation Name {…}` makes one on behalf of Ann; `refuse automation …` expects a refusal. `do` and `expect` are
//! those of `cases.rs`. `runs` lists what ran since the last such line, `effects` what waits in the outbox, `dry
//! Name Table.1` what a dry run says, `at time` sets the clock, `switch Name on|off` switches. `UPDATE=1` rewrites.

#![allow(missing_docs)]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{command, shown, submit};
use engine::automation::script::Budget;
use engine::automation::{ManualClock, Run, RunStatus, Runner, dry_run, outbox};
use engine::log::{Log, MemoryLog, Record};
use engine::{Base, Command, RecordId, Request};
use serde_json::Value as Json;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Steady,
    Restarted,
}

#[test]
fn every_case_holds() {
    each_case(Mode::Steady);
}

#[test]
fn every_case_holds_with_a_runner_that_restarts() {
    each_case(Mode::Restarted);
}

fn each_case(mode: Mode) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/automation");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("cases").map(|one| one.expect("a file").path()).collect();
    files.sort();
    let mut failures = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let cases: Vec<&str> = text.split("\n\n\n").collect();
        let out: Vec<String> = cases.iter().map(|case| run(case.trim_end(), mode, &mut failures)).collect();
        let out = out.join("\n\n\n") + "\n";
        if std::env::var_os("UPDATE").is_some() && mode == Mode::Steady && out != text {
            std::fs::write(&file, out).expect("the case file is written");
        }
    }
    if std::env::var_os("UPDATE").is_none() {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

struct World {
    base: Base,
    clock: Arc<ManualClock>,
    runner: Option<Runner>,
    n_runs: usize,
}

impl World {
    fn new(text: &str) -> Self {
        Self::over(common::base(text))
    }

    fn over(base: Base) -> Self {
        let clock = Arc::new(ManualClock::at(common::NOW_MS));
        let runner = Some(Runner::start(base.clone(), Arc::clone(&clock) as _));
        Self { base, clock, runner, n_runs: 0 }
    }

    /// The base as it was after the first `n` commits of its log, with a new runner.
    fn cut(log: &MemoryLog, n: usize) -> Self {
        let mut copy = MemoryLog::new();
        let records: Vec<Record> =
            log.replay(0).expect("the log").take(n).map(|one| one.expect("a record")).collect();
        let fence = copy.claim("test").expect("an empty log");
        copy.append(&fence, 0, &records).expect("appended");
        let base = engine::base_on(Box::new(copy)).expect("the log opens");
        let clock = Arc::new(ManualClock::at(common::NOW_MS));
        let runner = Runner::start(base.clone(), Arc::clone(&clock) as _);
        runner.settle();
        Self { base, clock, runner: Some(runner), n_runs: 0 }
    }

    fn settle(&mut self, mode: Mode) {
        self.runner.as_ref().expect("a runner").settle();
        if mode == Mode::Restarted {
            self.restart();
        }
    }

    fn restart(&mut self) {
        self.runner = None;
        let runner = Runner::start(self.base.clone(), Arc::clone(&self.clock) as _);
        runner.settle();
        self.runner = Some(runner);
    }

    fn automation(&self, rest: &str) -> Command {
        let (name, json) = rest.split_once(' ').expect("a name and JSON");
        let json: Json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{rest}: {error}"));
        let json = resolved(&json, &self.base);
        Command::CreateAutomation {
            name: name.into(),
            trigger: json["trigger"].clone(),
            condition: json.get("condition").cloned().unwrap_or(Json::Null),
            actions: json["actions"].clone(),
            enabled: true,
        }
    }

    fn runs(&mut self) -> String {
        let snapshot = self.base.snapshot();
        let runs: Vec<Arc<Run>> = snapshot.stored().automation.runs.values().cloned().collect();
        let said: Vec<String> = runs[self.n_runs..].iter().map(|run| self.run_text(run)).collect();
        self.n_runs = runs.len();
        if said.is_empty() { "none".into() } else { said.join("; ") }
    }

    fn run_text(&self, run: &Run) -> String {
        let snapshot = self.base.snapshot();
        let automation = snapshot.schema().automations.get(&run.automation);
        let name = automation.map_or("?", |one| one.name.as_str());
        let mut text = format!(
            "{name} {}",
            match run.status {
                RunStatus::Done => "done",
                RunStatus::Failed => "failed",
                RunStatus::Skipped => "skipped",
            }
        );
        if let Some((table, record)) = run.record {
            text += &format!(" {}.{}", snapshot.schema().tables[&table].name, record.0 + 1);
        }
        if !run.message.is_empty() {
            text += &format!(" ({})", run.message);
        }
        for line in &run.log {
            text += &format!(" [{line}]");
        }
        text
    }

    fn effects(&self) -> String {
        let due = outbox(&self.base.snapshot(), i64::MAX);
        let said: Vec<String> =
            due.iter().map(|one| effect_text(&self.base, &one.kind, &one.payload)).collect();
        if said.is_empty() { "none".into() } else { said.join("; ") }
    }

    fn dry(&self, rest: &str) -> String {
        let (name, at) = rest.split_once(' ').expect("a name and a record");
        let snapshot = self.base.snapshot();
        let automation =
            snapshot.schema().automations.values().find(|one| one.name == name).expect("an automation");
        let record = at.split_once('.').map(|(_, n)| RecordId(n.parse::<u32>().expect("a number") - 1));
        let version = snapshot.version();
        let dry = dry_run(&self.base, automation, record, common::NOW_MS, Budget::default());
        assert_eq!(self.base.snapshot().version(), version, "a dry run writes nothing");
        let mut said = Vec::new();
        if !dry.condition {
            said.push("not now".to_owned());
        }
        for one in &dry.changes {
            let field = one
                .field
                .map_or("record", |field| snapshot.field(field).map_or("?", |def| def.name.as_str()));
            let table = &snapshot.schema().tables[&one.table].name;
            said.push(format!("{table}.{}.{field}: {} → {}", one.record.0 + 1, one.before, one.after));
        }
        said.extend(dry.effects.iter().map(|one| effect_text(&self.base, &one.kind, &one.payload)));
        said.extend(dry.log.iter().map(|line| format!("[{line}]")));
        said.extend(dry.error.iter().map(|error| format!("error: {error}")));
        said.join("; ")
    }
}

fn effect_text(base: &Base, kind: &str, payload: &Json) -> String {
    let snapshot = base.snapshot();
    if kind == "notify" {
        let person = payload["person"].as_str().and_then(engine::IdCodec::read_person).expect("a person");
        let name = &snapshot.schema().people[&person].name;
        return format!("{name}: {}", payload["text"].as_str().expect("a text"));
    }
    let text = |key: &str| payload[key].as_str().unwrap_or_default();
    let mut said = format!("{} {}", text("method"), text("url"));
    for (name, value) in payload["headers"].as_object().expect("headers") {
        said += &format!(" {name}={}", value.as_str().expect("a text"));
    }
    format!("{said} {}", text("body")).trim().to_owned()
}

/// `$Table.Field` → ids, in keys too.
fn resolved(json: &Json, base: &Base) -> Json {
    let id = |text: &str| {
        let json = Json::from(text);
        engine::text::resolve(&json, base.snapshot().stored())
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    match json {
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let key = if key.starts_with('$') {
                    id(key).as_str().expect("an id").to_owned()
                } else {
                    key.clone()
                };
                (key, resolved(value, base))
            })
            .collect(),
        Json::Array(items) => items.iter().map(|item| resolved(item, base)).collect(),
        Json::String(text) if text.starts_with('$') && !text.starts_with("$$") => id(text),
        other => other.clone(),
    }
}

const STEPS: [&str; 10] =
    ["automation ", "refuse ", "do ", "expect ", "runs", "effects", "dry ", "at ", "switch ", "restart"];

fn run(case: &str, mode: Mode, failures: &mut Vec<String>) -> String {
    let is_step = |line: &str| STEPS.iter().any(|step| line.starts_with(step));
    let text: String = case.lines().take_while(|line| !is_step(line)).flat_map(|line| [line, "\n"]).collect();
    let mut world = World::new(&text);
    let mut out: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut check = |line: &str, expected: &str, said: &str| {
        if expected.trim() != said {
            failures.push(format!("{line}\n  said: {said}"));
        }
    };
    for line in case.lines().skip_while(|line| !is_step(line)) {
        let (step, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut kept = line.to_owned();
        match step {
            "automation" => {
                let command = world.automation(rest);
                submit(&world.base, 1, vec![command]).unwrap_or_else(|error| panic!("{line}: {error}"));
                world.settle(mode);
            }
            "refuse" => {
                let (what, words) = rest.split_once(" =>").unwrap_or((rest, ""));
                let made = what.strip_prefix("automation ").expect("an automation");
                let said = submit(&world.base, 1, vec![world.automation(made)]);
                let said = said.err().map_or_else(|| "it was done".into(), |error| error.to_string());
                kept = format!("refuse {what} => {said}");
                check(line, words, &said);
            }
            "do" => {
                // One commit for all commands of the line.
                let commands = rest.split(" ;; ").map(|one| command(&world.base, one)).collect();
                submit(&world.base, 1, commands).unwrap_or_else(|error| panic!("{line}: {error}"));
                world.settle(mode);
            }
            "expect" => {
                let at = rest.find(' ').unwrap_or(rest.len());
                let said = shown(&world.base, &rest[..at]);
                kept = format!("expect {} {said}", &rest[..at]);
                check(line, &rest[at..], &said);
            }
            "runs" => {
                let said = world.runs();
                kept = format!("runs {said}");
                check(line, rest, &said);
            }
            "effects" => {
                let said = world.effects();
                kept = format!("effects {said}");
                check(line, rest, &said);
            }
            "dry" => {
                let (what, words) = rest.split_once(" => ").unwrap_or((rest, ""));
                let said = world.dry(what);
                kept = format!("dry {what} => {said}");
                check(line, words, &said);
            }
            "at" => {
                let at: jiff::Timestamp = rest.parse().expect("a time");
                world.clock.set(at.as_millisecond());
                world.runner.as_ref().expect("a runner").nudge();
                world.settle(mode);
            }
            "switch" => {
                let (name, enabled) = rest.split_once(' ').expect("a name and on or off");
                let snapshot = world.base.snapshot();
                let one = snapshot
                    .schema()
                    .automations
                    .values()
                    .find(|one| one.name == name)
                    .expect("an automation");
                let command = Command::UpdateAutomation {
                    automation: one.id,
                    name: None,
                    trigger: None,
                    condition: None,
                    actions: None,
                    enabled: Some(enabled == "on"),
                };
                let request = Request::new(None, common::NOW_MS, vec![command]);
                world.base.submit(request).expect("switched");
                world.settle(mode);
            }
            "restart" => world.restart(),
            _ => {}
        }
        out.push(kept);
    }
    let problems = engine::problems(&world.base);
    assert!(problems.is_empty(), "{case}: {problems:?}");
    out.join("\n")
}

/// The runs of a base, whatever their order in time and their versions were.
fn outcome(base: &Base) -> Vec<(u32, Option<u32>, String)> {
    let snapshot = base.snapshot();
    let mut runs: Vec<_> = snapshot
        .stored()
        .automation
        .runs
        .values()
        .map(|run| (run.automation.0, run.record.map(|(_, record)| record.0), format!("{:?}", run.status)))
        .collect();
    runs.sort();
    runs
}

const SEEDED: &str = "table Tasks\n  field Name text\n  field N number\n  field Twice formula {\"formula\": \"{N} * 2\"}\ntable Log\n  field Text text\n";

fn seeded_automations(world: &World) {
    let lines = [
        r#"Made {"trigger": {"kind": "recordCreated", "table": "$Tasks"}, "actions": [{"kind": "createRecord", "table": "$Log", "fields": {"$Log.Text": "made {{Name}}"}}]}"#,
        r#"Big {"trigger": {"kind": "recordMatches", "table": "$Tasks", "filter": {"field": "$Tasks.Twice", "op": "gt", "value": 10}}, "actions": [{"kind": "createRecord", "table": "$Log", "fields": {"$Log.Text": "big {{N}}"}}]}"#,
        r#"Changed {"trigger": {"kind": "recordUpdated", "table": "$Tasks", "fields": ["$Tasks.N"]}, "actions": [{"kind": "notify", "to": "owner", "text": "{{Name}}"}]}"#,
    ];
    for line in lines {
        submit(&world.base, 1, vec![world.automation(line)]).expect("an automation");
    }
}

/// A seeded edit of the base.
fn edit(base: &Base, seed: &mut u64) {
    let mut roll = |n: u64| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % n
    };
    let tasks = common::table(base, "Tasks");
    let n = base.snapshot().stored().table(tasks).map_or(0, |state| state.len) as u64;
    let line = match roll(4) {
        0 => format!("create Tasks {{\"Name\": \"t{n}\", \"N\": {}}}", roll(10)),
        _ if n == 0 => "create Tasks {\"Name\": \"first\"}".to_owned(),
        1 => format!("delete Tasks.{}", roll(n) + 1),
        _ => format!("set Tasks.{}.N {}", roll(n) + 1, roll(10)),
    };
    drop(submit(base, 1, vec![command(base, &line)]));
}

#[test]
fn a_runner_that_comes_late_or_often_runs_the_same() {
    for seed in 0..6u64 {
        let world = |restart_every: Option<usize>| {
            let mut world = World::new(SEEDED);
            seeded_automations(&world);
            world.runner.as_ref().expect("a runner").settle();
            if restart_every.is_none() {
                world.runner = None;
            }
            let mut dice = seed;
            for at in 0..25 {
                edit(&world.base, &mut dice);
                if let Some(n) = restart_every {
                    world.runner.as_ref().expect("a runner").settle();
                    if at % n == n - 1 {
                        world.restart();
                    }
                }
            }
            world.restart();
            let ran = outcome(&world.base);
            // Nothing is new for the next one, either.
            world.restart();
            assert_eq!(outcome(&world.base), ran);
            ran
        };
        let steady = world(Some(1_000));
        assert!(steady.len() > 5, "{steady:?}");
        assert_eq!(world(Some(1)), steady, "seed {seed}: a restart after each step");
        let late = world(None);
        // A late runner finds records that were deleted meanwhile, and says so instead.
        let keys = |runs: &[(u32, Option<u32>, String)]| {
            runs.iter().map(|(automation, record, _)| (*automation, *record)).collect::<Vec<_>>()
        };
        assert_eq!(keys(&late), keys(&steady), "seed {seed}: one that comes late");
    }
}

/// What was triggered by commits up to `version`: automation, version, record.
fn triggered(base: &Base, version: u64) -> Vec<(u32, u64, Option<u32>)> {
    let snapshot = base.snapshot();
    let runs = snapshot.stored().automation.runs.values().filter(|run| run.version <= version);
    let mut runs: Vec<_> =
        runs.map(|run| (run.automation.0, run.version, run.record.map(|(_, record)| record.0))).collect();
    runs.sort_unstable();
    runs
}

#[test]
fn a_crash_after_any_commit_loses_no_run_and_doubles_none() {
    let log = MemoryLog::new();
    let base = engine::base_on(Box::new(log.share())).expect("an empty log");
    let world = World::over(common::base_over(base, SEEDED));
    seeded_automations(&world);
    let mut dice = 11;
    for _ in 0..12 {
        edit(&world.base, &mut dice);
        world.runner.as_ref().expect("a runner").settle();
    }
    let tasks = common::table(&world.base, "Tasks");
    let create = Command::CreateRecords { table: tasks, columns: Vec::new(), n_records: 6, typecast: false };
    submit(&world.base, 1, vec![create]).expect("records");
    world.runner.as_ref().expect("a runner").settle();
    let newest = world.base.snapshot().version();
    assert!(triggered(&world.base, newest).len() > 12);
    for version in 1..=newest {
        let recovered = World::cut(&log, version as usize);
        let ran = triggered(&recovered.base, version);
        assert_eq!(ran, triggered(&world.base, version), "the log ends after version {version}");
    }
}

#[test]
fn each_record_of_one_commit_has_its_run_once() {
    let mut world = World::new(SEEDED);
    seeded_automations(&world);
    let tasks = common::table(&world.base, "Tasks");
    let create =
        Command::CreateRecords { table: tasks, columns: Vec::new(), n_records: 400, typecast: false };
    submit(&world.base, 1, vec![create]).expect("records");
    world.restart();
    assert_eq!(outcome(&world.base).len(), 400);
    assert_eq!(world.base.snapshot().n_records(common::table(&world.base, "Log")), 400);
    world.restart();
    assert_eq!(outcome(&world.base).len(), 400);
}

#[test]
fn what_never_comes_to_rest_is_switched_off() {
    let world = World::new("table Tasks\n  field Name text\n");
    let line = r#"Busy {"trigger": {"kind": "recordCreated", "table": "$Tasks"}, "actions": [{"kind": "notify", "to": "owner", "text": "x"}]}"#;
    submit(&world.base, 1, vec![world.automation(line)]).expect("an automation");
    for _ in 0..205 {
        submit(&world.base, 1, vec![command(&world.base, "create Tasks {}")]).expect("a record");
    }
    world.runner.as_ref().expect("a runner").settle();
    let snapshot = world.base.snapshot();
    assert!(snapshot.schema().automations.values().all(|one| !one.enabled));
    let last = snapshot.stored().automation.runs.values().last().expect("a run").clone();
    assert_eq!(last.message, "switched off: more than 200 changes a minute triggered it");
    assert_eq!(snapshot.stored().automation.runs.len(), 201);
}

#[test]
fn runs_have_the_rights_that_their_owner_has_when_they_run() {
    let world = World::new("table Tasks\n  field Name text\n  field N number\n");
    let line = r#"Fill {"trigger": {"kind": "recordCreated", "table": "$Tasks"}, "actions": [{"kind": "updateRecord", "record": "trigger", "fields": {"$Tasks.N": 1}}]}"#;
    submit(&world.base, 1, vec![world.automation(line)]).expect("an automation");
    let viewer = Command::SetPerson {
        id: engine::PersonId(1),
        name: "Ann".into(),
        email: "ann@example.com".into(),
        color: "teal".into(),
        role: Some(engine::state::schema::Role::Viewer),
    };
    world.base.submit(Request::new(None, common::NOW_MS, vec![viewer])).expect("a viewer");
    submit(&world.base, 2, vec![command(&world.base, "create Tasks {}")]).expect("a record");
    world.runner.as_ref().expect("a runner").settle();
    assert_eq!(shown(&world.base, "Tasks.1.N"), "blank");
    let snapshot = world.base.snapshot();
    let run = snapshot.stored().automation.runs.values().next().expect("a run").clone();
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.message, "the owner of the automation may not edit this base any more");
}

#[test]
fn twenty_failures_in_a_row_switch_off() {
    let world = World::new("table Tasks\n  field Name text\n");
    let line = r#"Bad {"trigger": {"kind": "recordCreated", "table": "$Tasks"}, "actions": [{"kind": "script", "source": "throw \"no\""}]}"#;
    submit(&world.base, 1, vec![world.automation(line)]).expect("an automation");
    for _ in 0..25 {
        submit(&world.base, 1, vec![command(&world.base, "create Tasks {}")]).expect("a record");
        world.runner.as_ref().expect("a runner").settle();
    }
    let snapshot = world.base.snapshot();
    assert_eq!(snapshot.stored().automation.runs.len(), 21);
    assert!(snapshot.schema().automations.values().all(|one| !one.enabled));
}

/// Where a schedule runs in virtual time: `zone | cron | from | the next moments`.
#[test]
fn schedules_follow_the_clocks_of_their_zone() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schedules.txt");
    let text = std::fs::read_to_string(&path).expect("the table");
    let (mut out, mut failures) = (String::new(), Vec::new());
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            out += &format!("{line}\n");
            continue;
        }
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let (zone, cron, from) = (parts[0], parts[1], parts[2]);
        let n = parts.get(3).and_then(|text| text.parse().ok()).unwrap_or(3);
        let said = ticks(zone, cron, from, n).join(" ");
        if parts.get(4).copied().unwrap_or_default() != said {
            failures.push(format!("{line}\n  said: {said}"));
        }
        out += &format!("{zone} | {cron} | {from} | {n} | {said}\n");
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, out).expect("the table is written");
    } else {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

/// The next `n` runs, found by a runner whose clock is set to each second that it says it waits for.
fn ticks(zone: &str, cron: &str, from: &str, n: usize) -> Vec<String> {
    let from_ms = from.parse::<jiff::Timestamp>().expect("a time").as_millisecond();
    let trigger = serde_json::json!({ "kind": "schedule", "cron": cron, "zone": zone });
    let stored = engine::state::Stored::default();
    let zone = jiff::tz::TimeZone::get(zone).expect("a zone");
    let mut at = from_ms;
    let mut found = Vec::new();
    for _ in 0..n {
        at = match engine::automation::next_tick(&trigger, &stored, at) {
            Ok(at) => at,
            Err(_) => return [found, vec!["never".to_owned()]].concat(),
        };
        let local = jiff::Timestamp::from_millisecond(at).expect("a time").to_zoned(zone.clone());
        found.push(local.strftime("%Y-%m-%dT%H:%M%:z").to_string());
    }
    found
}
