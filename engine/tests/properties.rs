//! What holds whatever people do: incremental equals from scratch, replay equals live, undo after do is nothing.

#![allow(missing_docs)]

mod common;

use common::{cell_at, command, submit};
use engine::log::MemoryLog;
use engine::{Base, Command, Error};
use proptest::prelude::*;

const TEXT: &str = r#"
table Projects
  field Name text
  field Budget number
  field Parent link {"table": "$Projects"}
table Tasks
  field Name text
  field Hours number
  field Done checkbox
  field Status singleSelect {"options": [{"name": "open"}, {"name": "done"}]}
  field Project link {"table": "$Projects", "inverse": "Tasks"}
  field Cost formula {"formula": "IF({Done}, 0, {Hours} * 10)"}
  field Share formula {"formula": "{Cost} / {Hours}"}
  field Label formula {"formula": "{Name} & \": \" & {Status}"}
  field Client lookup {"link": "$Tasks.Project", "field": "$Projects.Name"}
table Ends
  field Name text
record Projects {"Name": "P1", "Budget": 100}
record Projects {"Name": "P2"}
record Projects {"Name": "P3", "Parent": ["$Projects#1"]}
record Tasks {"Name": "T1", "Hours": 1, "Project": ["$Projects#1"]}
record Tasks {"Name": "T2", "Hours": 2, "Project": ["$Projects#1", "$Projects#2"]}
record Tasks {"Name": "T3"}
"#;

/// Computed fields that read through the links, made when the links are there.
const LATER: &[&str] = &[
    r#"field Projects.Total rollup {"link": "$Projects.Tasks", "field": "$Tasks.Cost", "function": "SUM"}"#,
    r#"field Projects.Count count {"link": "$Projects.Tasks"}"#,
    r#"field Projects.Left formula {"formula": "{Budget} - {Total}"}"#,
    r#"field Projects.Up lookup {"link": "$Projects.Parent", "field": "$Projects.Left"}"#,
    r#"field Projects.Above formula {"formula": "ANCESTORS({Parent}).{Name}.ARRAYJOIN(\" < \")"}"#,
    r#"field Projects.Below formula {"formula": "{Budget} + SUM(DESCENDANTS({Parent}).{Budget})"}"#,
    r#"field Projects.Place formula {"formula": "PATH({Parent}, {Name})"}"#,
    r#"field Projects.Richer formula {"formula": "LET(rich, [Projects].FILTER(LAMBDA(p, p.[Budget] > [Budget])), COUNTALL(rich) & \":\" & SUM(rich.[Budget]))"}"#,
    r#"field Tasks.Price formula {"formula": "XLOOKUP({Hours}, [Projects].[Budget], [Projects].[Name], \"none\", -1)"}"#,
    r#"field Tasks.Running formula {"formula": "REDUCE({Hours}, {Project}, LAMBDA(sum, p, sum + p.{Below}))"}"#,
    r#"field Tasks.Siblings rollup {"link": "$Tasks.Project", "field": "$Projects.Count", "function": "MAX"}"#,
];

#[derive(Clone, Debug)]
enum Step {
    Do(u32, String),
    Undo(u32),
    Redo(u32),
}

fn line() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("null".to_owned()), (-5i32..50).prop_map(|n| n.to_string())];
    let projects = proptest::collection::vec(1u32..6, 0..3).prop_map(|ids| {
        let ids: std::collections::BTreeSet<_> = ids.into_iter().collect();
        let names: Vec<String> = ids.into_iter().map(|id| format!("\"$Projects#{id}\"")).collect();
        format!("[{}]", names.join(","))
    });
    prop_oneof![
        4 => (1u32..7, number.clone()).prop_map(|(at, n)| format!("set Tasks.{at}.Hours {n}")),
        2 => (1u32..7, any::<bool>()).prop_map(|(at, done)| format!("set Tasks.{at}.Done {done}")),
        1 => (1u32..7, prop_oneof![Just("open"), Just("done"), Just("new")])
            .prop_map(|(at, status)| format!("set Tasks.{at}.Status \"{status}\"")),
        3 => (1u32..7, projects.clone()).prop_map(|(at, ids)| format!("set Tasks.{at}.Project {ids}")),
        1 => (1u32..6, projects.clone()).prop_map(|(at, ids)| format!("set Projects.{at}.Parent {ids}")),
        1 => (1u32..6, number).prop_map(|(at, n)| format!("set Projects.{at}.Budget {n}")),
        1 => (1u32..6, "[a-z]{0,3}").prop_map(|(at, name)| format!("set Projects.{at}.Name \"{name}\"")),
        1 => (1u32..6, proptest::collection::btree_set(1u32..7, 0..3)).prop_map(|(at, ids)| {
            let names: Vec<String> = ids.into_iter().map(|id| format!("\"$Tasks#{id}\"")).collect();
            format!("set Projects.{at}.Tasks [{}]", names.join(","))
        }),
        2 => (0i32..9, projects).prop_map(|(n, ids)| {
            format!("create Tasks {{\"Name\": \"T\", \"Hours\": {n}, \"Project\": {ids}}}")
        }),
        1 => Just("create Projects {\"Name\": \"P\"}".to_owned()),
        1 => (1u32..7).prop_map(|at| format!("delete Tasks.{at}")),
        1 => (1u32..6).prop_map(|at| format!("delete Projects.{at}")),
        2 => (1u32..7, proptest::option::of(1u32..7)).prop_map(|(at, after)| {
            let after = after.map_or("null".to_owned(), |after| after.to_string());
            format!("move Tasks {{\"records\": [{at}], \"after\": {after}}}")
        }),
        1 => Just("field Tasks.Extra formula {\"formula\": \"{Hours} + {Siblings}\"}".to_owned()),
        1 => Just("drop Tasks.Extra".to_owned()),
        1 => Just("convert Tasks.Hours text".to_owned()),
        1 => Just("convert Tasks.Hours number".to_owned()),
        1 => Just("convert Tasks.Project text".to_owned()),
        1 => Just("convert Projects.Tasks text".to_owned()),
        1 => Just("convert Tasks.Project link {\"table\": \"$Projects\", \"inverse\": \"Tasks\"}".to_owned()),
        1 => Just("rename Tasks.Done Finished".to_owned()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1u32..3, line()).prop_map(|(who, line)| Step::Do(who, line)),
        2 => (1u32..3).prop_map(Step::Undo),
        1 => (1u32..3).prop_map(Step::Redo),
    ]
}

/// Does a step; a refusal is an answer like any other.
fn take(base: &Base, step: &Step) -> bool {
    let (who, command) = match step {
        Step::Do(who, line) => {
            // A command may name a field that is not there at the moment.
            let Some(command) =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| command(base, line))).ok()
            else {
                return false;
            };
            (*who, command)
        }
        Step::Undo(who) => (*who, Command::Undo),
        Step::Redo(who) => (*who, Command::Redo),
    };
    match submit(base, who, vec![command]) {
        Ok(_) => true,
        Err(Error::Refused(_)) => false,
        Err(error) => panic!("{step:?}: {error}"),
    }
}

fn start(log: &MemoryLog) -> Base {
    let base = common::base_over(engine::base_on(Box::new(log.share())).expect("an empty log"), TEXT);
    for line in LATER {
        submit(&base, 1, vec![command(&base, line)]).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    base
}

fn printed(base: &Base) -> String {
    engine::text::print(&base.snapshot(), true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_scratch_and_replay_equals_live(steps in proptest::collection::vec(step(), 1..40)) {
        let log = MemoryLog::new();
        let base = start(&log);
        for step in &steps {
            take(&base, step);
            let problems = engine::problems(&base);
            prop_assert!(problems.is_empty(), "after {:?}: {:?}", step, problems);
        }
        let reopened = engine::base_on(Box::new(log)).expect("the log opens again");
        prop_assert_eq!(printed(&reopened), printed(&base));
        for version in [1, base.snapshot().version() / 2, base.snapshot().version()] {
            prop_assert_eq!(base.at(version).expect("a version").version(), version);
        }
    }

    #[test]
    fn who_undoes_everything_leaves_nothing(lines in proptest::collection::vec(line(), 1..25)) {
        let base = start(&MemoryLog::new());
        let before = cells(&base);
        let mut n_done = 0;
        for line in lines {
            let version = base.snapshot().version();
            take(&base, &Step::Do(2, line));
            n_done += usize::from(base.snapshot().version() > version);
        }
        for _ in 0..n_done {
            prop_assert!(take(&base, &Step::Undo(2)));
        }
        prop_assert!(!take(&base, &Step::Undo(2)));
        prop_assert_eq!(cells(&base), before);
    }
}

/// Steps that once went wrong: whoever reads what they broke must hear of it.
#[test]
fn known_steps_leave_no_problem() {
    let to_link = r#"convert Tasks.Project link {"table": "$Projects", "inverse": "Tasks"}"#;
    let steps =
        |lines: &[&str]| -> Vec<Step> { lines.iter().map(|line| Step::Do(1, (*line).to_owned())).collect() };
    let cases = [
        [steps(&["convert Projects.Tasks text"]), vec![]],
        [steps(&["convert Tasks.Project text", to_link]), vec![Step::Undo(1), Step::Undo(1)]],
        [
            steps(&["convert Projects.Tasks text", "convert Projects.Tasks text"]),
            vec![
                Step::Do(2, "convert Tasks.Project text".into()),
                Step::Undo(1),
                Step::Undo(1),
                Step::Do(1, "set Projects.1.Tasks [\"$Tasks#1\"]".into()),
            ],
        ],
    ];
    let again = "convert Projects.Tasks text";
    let cases = cases.into_iter().chain([[
        vec![Step::Do(1, again.into()), Step::Do(2, again.into())],
        vec![Step::Undo(1), Step::Do(1, again.into())],
    ]]);
    for case in cases {
        let base = start(&MemoryLog::new());
        for step in case.concat() {
            take(&base, &step);
            let problems = engine::problems(&base);
            assert!(problems.is_empty(), "after {step:?}: {problems:?}");
        }
    }
}

/// All that a person sees of the cells, but for options that typing a new name made.
fn cells(base: &Base) -> Vec<String> {
    let snapshot = base.snapshot();
    let mut all = Vec::new();
    for table in snapshot.schema().tables_in_order() {
        for def in snapshot.schema().fields_of(table.id) {
            for record in snapshot.alive(table.id).iter() {
                let text = snapshot.text(def.id, record);
                all.push(format!("{}.{}.{} {text}", table.name, record.0 + 1, def.name));
            }
        }
    }
    all
}

#[test]
fn a_command_sent_twice_is_done_once() {
    let log = MemoryLog::new();
    let base = start(&log);
    let (table, record, field) = cell_at(&base, "Tasks.1.Hours");
    let mut request = engine::Request::new(
        Some(engine::PersonId(1)),
        common::NOW_MS,
        vec![Command::Increment { table, record, field, by: 1.0 }],
    );
    request.id = Some(engine::CommandId { client: 77, n: 1 });
    let first = base.submit(request.clone()).expect("done");
    let second = base.submit(request.clone()).expect("done before");
    assert!(second.repeated && second.version == first.version);
    assert_eq!(common::shown(&base, "Tasks.1.Hours"), "2");
    let reopened = engine::base_on(Box::new(log)).expect("the log opens again");
    assert!(reopened.submit(request).expect("done before").repeated);
}

#[test]
fn a_batch_is_all_or_nothing() {
    let base = start(&MemoryLog::new());
    let version = base.snapshot().version();
    let good = command(&base, "set Tasks.1.Hours 8");
    let bad = command(&base, "set Tasks.1.Done \"perhaps\"");
    let refused = submit(&base, 1, vec![good, bad]).expect_err("refused");
    let Error::Refused(refusal) = refused else { panic!("{refused}") };
    assert_eq!(refusal.at.op, Some(1));
    assert_eq!(base.snapshot().version(), version);
    assert_eq!(common::shown(&base, "Tasks.1.Hours"), "1");
}
