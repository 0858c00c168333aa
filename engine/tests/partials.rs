//! Partial results of aggregates: whatever people do, they give the same bits as all items one after the other.

#![allow(missing_docs)]

mod common;

use common::{command, submit};
use engine::log::MemoryLog;
use engine::{Base, Command, Error};
use proptest::prelude::*;

const TEXT: &str = r#"
table Projects
  field Name text
  field Kind text
  field Budget number
  field Left number
table Tasks
  field Name text
  field Kind text
  field Hours number
  field Day date
  field Done checkbox
  field Project link {"table": "$Projects", "inverse": "Tasks"}
  field Next link {"table": "$Tasks"}
  field Share formula {"formula": "{Hours} / LEN({Name})"}
  field Cost formula {"formula": "IF({Done}, 0, {Hours} * 0.1)"}
record Projects {"Name": "P1", "Kind": "a", "Budget": 2}
record Projects {"Name": "P2", "Kind": "b"}
record Projects {"Name": "P3", "Kind": "a", "Budget": 0.1, "Left": 1}
record Tasks {"Name": "T", "Kind": "a", "Hours": 0.1, "Project": ["$Projects#1"]}
record Tasks {"Name": "TT", "Kind": "b", "Hours": 0.2, "Day": "2026-06-18", "Project": ["$Projects#1", "$Projects#2"]}
record Tasks {"Name": "T", "Kind": "a", "Hours": 1e16, "Done": true, "Project": ["$Projects#1"]}
record Tasks {"Name": "TTT", "Next": ["$Tasks#1", "$Tasks#2"]}
"#;

/// Computed fields of which each case has some: those that are followed item by item, and others beside them.
const FIELDS: &[&str] = &[
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "SUM"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Cost", "function": "AVERAGE"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "MIN"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Day", "function": "MAX"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Share", "function": "SUM"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Share", "function": "COUNT"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Kind", "function": "COUNTA"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Day", "function": "COUNTALL"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Done", "function": "AND"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Done", "function": "OR"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "MEDIAN"}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "SUM",
        "filter": {"and": [{"field": "$Tasks.Done", "op": "is", "value": true}]}}"#,
    r#"Projects rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "MAX",
        "filter": {"and": [{"field": "$Tasks.Hours", "op": "lt", "value": 4}]}}"#,
    r#"Projects conditionalRollup {"table": "$Tasks", "field": "$Tasks.Hours", "function": "SUM", "filter": {"and": [
        {"field": "$Tasks.Kind", "op": "is", "value": {"field": "$Projects.Kind"}}, {"field": "$Tasks.Done", "op": "is", "value": false}]}}"#,
    r#"Projects conditionalRollup {"table": "$Tasks", "function": "COUNTALL", "condition": "CurrentValue.[Kind] = [Kind]"}"#,
    r#"Projects conditionalRollup {"table": "$Tasks", "field": "$Tasks.Hours", "function": "AVERAGE",
        "filter": {"field": "$Tasks.Hours", "op": "gt", "value": {"field": "$Projects.Budget"}}}"#,
    r#"Projects lookup {"link": "$Projects.Tasks", "field": "$Tasks.Kind", "sort": {"field": "$Tasks.Hours", "desc": true}, "limit": 2}"#,
    r#"Projects count {"link": "$Projects.Tasks"}"#,
    r#"Projects count {"link": "$Projects.Tasks", "filter": {"and": [{"field": "$Tasks.Kind", "op": "is", "value": "a"}]}}"#,
    r#"Tasks rollup {"link": "$Tasks.Project", "field": "$Projects.Budget", "function": "SUM"}"#,
    r#"Tasks rollup {"link": "$Tasks.Next", "field": "$Tasks.Cost", "function": "SUM"}"#,
    r#"Projects formula {"formula": "{Tasks}.FILTER(CurrentValue.{Hours} > {Budget}).{Hours}.SUM()"}"#,
    r#"Projects formula {"formula": "IF({Budget} > 1, {Tasks}.{Hours}.SUM() + 1, {Tasks}.FILTER(CurrentValue.{Done}).{Cost}.SUM())"}"#,
    r#"Projects formula {"formula": "{Tasks}.{Project}.{Budget}.SUM()"}"#,
    r#"Projects formula {"formula": "{Tasks}.{Next}.{Hours}.AVERAGE()"}"#,
    r#"Projects formula {"formula": "SUMIF({Tasks}, CurrentValue.{Done}, CurrentValue.{Hours} * 3)"}"#,
    r#"Projects formula {"formula": "[Tasks].[Hours].SUM() / [Tasks].COUNTALL()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Done]).[Hours].MAX()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).[Hours].SUM()"}"#,
    r#"Projects formula {"formula": "[Tasks].COUNTIF(CurrentValue.[Kind] = [Kind]) & \"\""}"#,
    r#"Projects formula {"formula": "[Tasks].SUMIF(AND(CurrentValue.[Done], CurrentValue.[Kind] = [Kind]), CurrentValue.[Hours])"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).FILTER(CurrentValue.[Hours] > 1).[Share].SUM()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Share] = [Budget]).COUNTALL()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Hours] = [Budget] / [Left]).[Hours].AVERAGE()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(AND(CurrentValue.[Share] > 1, CurrentValue.[Kind] = [Kind])).[Day].MIN()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Project] = [Name]).[Hours].SUM()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).[Project].[Budget].SUM()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).[Hours].MEDIAN()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).SORTBY(CurrentValue.[Hours]).[Name].FIRST()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).FILTER(CurrentValue.[Done]).[Project].[Budget].ARRAYUNIQUE()"}"#,
    r#"Tasks formula {"formula": "[Projects].FILTER(CurrentValue.[Kind] = [Kind]).[Tasks].[Hours]"}"#,
    r#"Projects formula {"formula": "IF(AND([Tasks].FILTER(CurrentValue.[Kind] = [Kind]).[Done]), 1, 2)"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(AND(CurrentValue.[Kind] = [Kind], CurrentValue.[Hours] > [Budget])).[Hours].SUM()"}"#,
    r#"Projects formula {"formula": "[Tasks].FILTER(AND(CurrentValue.[Day] < TODAY(), CurrentValue.[Kind] = [Kind])).COUNTALL()"}"#,
    r#"Tasks formula {"formula": "[Tasks].FILTER(CurrentValue.[Kind] = [Kind]).[Hours].SUM()"}"#,
    r#"Tasks formula {"formula": "{Hours} / [Tasks].[Hours].SUM()"}"#,
    r#"Tasks formula {"formula": "[Tasks].FILTER(CurrentValue.[Day] = [Day]).[Hours].MIN()"}"#,
    r#"Tasks formula {"formula": "LIST(1, 2).MAP(CurrentValue * {Next}.{Hours}.SUM()).SUM()"}"#,
];

#[derive(Clone, Debug)]
enum Step {
    /// Lines that one request does, so that a group touches several things at once.
    Do(Vec<String>),
    Field(usize),
    Undo,
    Redo,
    Tick(i64),
}

fn number() -> impl Strategy<Value = String> {
    const SOME: &[&str] =
        &["0.1", "0.2", "0.3", "1e16", "-1e16", "1", "3", "-7.25", "1e-9", "0", "1e300", "1e308"];
    prop_oneof![1 => Just("null".to_owned()), 5 => proptest::sample::select(SOME).prop_map(str::to_owned)]
}

fn ids(table: &'static str, most: u32) -> impl Strategy<Value = String> {
    proptest::collection::btree_set(1..most, 0..4).prop_map(move |ids| {
        let names: Vec<String> = ids.into_iter().map(|id| format!("\"${table}#{id}\"")).collect();
        format!("[{}]", names.join(","))
    })
}

fn line() -> impl Strategy<Value = String> {
    let kind = || proptest::sample::select(&["\"a\"", "\"b\"", "\"\"", "null", "\"P1\""][..]);
    let day = proptest::sample::select(&["\"2026-06-18\"", "\"2026-06-19\"", "null", "\"1999-01-01\""][..]);
    prop_oneof![
        6 => (1u32..9, number()).prop_map(|(at, n)| format!("set Tasks.{at}.Hours {n}")),
        2 => (1u32..9, any::<bool>()).prop_map(|(at, done)| format!("set Tasks.{at}.Done {done}")),
        2 => (1u32..9, kind()).prop_map(|(at, kind)| format!("set Tasks.{at}.Kind {kind}")),
        1 => (1u32..9, day).prop_map(|(at, day)| format!("set Tasks.{at}.Day {day}")),
        1 => (1u32..9, kind()).prop_map(|(at, name)| format!("set Tasks.{at}.Name {name}")),
        2 => (1u32..9, ids("Projects", 6)).prop_map(|(at, ids)| format!("set Tasks.{at}.Project {ids}")),
        1 => (1u32..9, ids("Tasks", 9)).prop_map(|(at, ids)| format!("set Tasks.{at}.Next {ids}")),
        1 => (1u32..6, ids("Tasks", 9)).prop_map(|(at, ids)| format!("set Projects.{at}.Tasks {ids}")),
        1 => (1u32..6, number()).prop_map(|(at, n)| format!("set Projects.{at}.Budget {n}")),
        1 => (1u32..6, number()).prop_map(|(at, n)| format!("set Projects.{at}.Left {n}")),
        1 => (1u32..6, kind()).prop_map(|(at, kind)| format!("set Projects.{at}.Kind {kind}")),
        1 => (1u32..6, kind()).prop_map(|(at, name)| format!("set Projects.{at}.Name {name}")),
        2 => (number(), kind(), ids("Projects", 6)).prop_map(|(n, kind, ids)| {
            format!("create Tasks {{\"Name\": \"T\", \"Hours\": {n}, \"Kind\": {kind}, \"Project\": {ids}}}")
        }),
        1 => kind().prop_map(|kind| format!("create Projects {{\"Name\": \"P1\", \"Kind\": {kind}}}")),
        1 => (1u32..9).prop_map(|at| format!("delete Tasks.{at}")),
        1 => (1u32..9).prop_map(|at| format!("restore Tasks.{at}")),
        1 => (1u32..6).prop_map(|at| format!("delete Projects.{at}")),
        1 => (1u32..6).prop_map(|at| format!("restore Projects.{at}")),
        1 => Just("convert Tasks.Hours text".to_owned()),
        1 => Just("convert Tasks.Hours number".to_owned()),
        1 => Just("convert Tasks.Kind singleSelect".to_owned()),
        1 => Just("convert Tasks.Kind text".to_owned()),
        1 => Just("rename Tasks.Done Finished".to_owned()),
        1 => (0usize..9).prop_map(|at| format!("drop Projects.F{at}")),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => proptest::collection::vec(line(), 1..4).prop_map(Step::Do),
        1 => (0..FIELDS.len()).prop_map(Step::Field),
        2 => Just(Step::Undo),
        1 => Just(Step::Redo),
        1 => (1i64..400).prop_map(|days| Step::Tick(days * 86_400_000)),
    ]
}

/// The line that makes a field of [`FIELDS`].
fn field_line(at: usize, n: usize) -> String {
    let (table, rest) = FIELDS[at].split_once(' ').expect("a table");
    format!("field {table}.F{n} {rest}").replace('\n', " ")
}

/// The command of a line, if what it names is there.
fn parsed(base: &Base, line: &str) -> Option<Command> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| command(base, line))).ok()
}

fn take(base: &Base, step: &Step, n: usize) {
    let commands = match step {
        Step::Do(lines) => lines.iter().filter_map(|line| parsed(base, line)).collect(),
        Step::Field(at) => parsed(base, &field_line(*at, n)).into_iter().collect(),
        Step::Undo => vec![Command::Undo],
        Step::Redo => vec![Command::Redo],
        Step::Tick(later) => {
            base.tick(common::NOW_MS + later);
            return;
        }
    };
    match submit(base, 1, commands) {
        Ok(_) | Err(Error::Refused(_)) => {}
        Err(error) => panic!("{step:?}: {error}"),
    }
}

fn check(base: Base, fields: &[usize], steps: &[Step]) -> Result<(), TestCaseError> {
    let base = common::base_over(base, TEXT);
    for (n, at) in fields.iter().enumerate() {
        let line = field_line(*at, n);
        submit(&base, 1, vec![command(&base, &line)]).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for (n, step) in steps.iter().enumerate() {
        take(&base, step, fields.len() + n);
        let problems = engine::problems_by_hand(&base);
        prop_assert!(problems.is_empty(), "after step {} {:?}: {:?}", n, step, problems);
    }
    let problems = engine::problems(&base);
    prop_assert!(problems.is_empty(), "grouped from scratch: {:?}", problems);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn parents_of_any_size_keep_partial_results(
        fields in proptest::collection::btree_set(0..FIELDS.len(), 1..7),
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        let base = engine::base_keeping(Box::new(MemoryLog::new()), 0).expect("an empty log");
        check(base, &fields.into_iter().collect::<Vec<_>>(), &steps)?;
    }

    #[test]
    fn small_parents_are_folded(
        fields in proptest::collection::btree_set(0..FIELDS.len(), 1..7),
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        check(engine::memory_base(), &fields.into_iter().collect::<Vec<_>>(), &steps)?;
    }
}

/// Each field of the list alone, through the same steps.
#[test]
fn every_field_follows_its_items() {
    let steps: Vec<Step> = [
        "set Tasks.1.Hours 0.3",
        "set Tasks.3.Hours null",
        "set Tasks.2.Kind \"a\"",
        "set Tasks.2.Project [\"$Projects#3\"]",
        "set Projects.2.Kind \"a\"",
        "set Tasks.1.Name \"\"",
        "delete Tasks.2",
        "create Tasks {\"Name\": \"T\", \"Hours\": 4.5, \"Kind\": \"a\", \"Project\": [\"$Projects#1\"]}",
        "set Tasks.1.Name \"T\"",
        "restore Tasks.2",
        "set Projects.3.Left 0",
        "set Projects.1.Tasks [\"$Tasks#1\", \"$Tasks#4\"]",
        "delete Projects.1",
    ]
    .into_iter()
    .map(|line| Step::Do(vec![line.to_owned()]))
    .chain([Step::Undo, Step::Tick(86_400_000), Step::Do(vec!["set Tasks.1.Day \"2026-06-18\"".into()])])
    .collect();
    for (at, field) in FIELDS.iter().enumerate() {
        let base = engine::base_keeping(Box::new(MemoryLog::new()), 0).expect("an empty log");
        check(base, &[at], &steps).unwrap_or_else(|error| panic!("{field}: {error}"));
    }
}

/// A parent of more children than are folded each time, with the usual settings.
#[test]
fn a_parent_of_many_children_follows_them() {
    let base = common::base(TEXT);
    let n = engine::limits::PARTIAL_MEMBERS_MIN * 2;
    let table = common::table(&base, "Tasks");
    let snapshot = base.snapshot();
    let field = |name: &str| common::field(&base, table, name);
    let parent = snapshot.ids().record(common::table(&base, "Projects"), engine::RecordId(0));
    let columns = vec![
        (field("Hours"), (0..n).map(|n| engine::Input::Number(n as f64 / 10.0)).collect()),
        (
            field("Project"),
            (0..n).map(|_| engine::Input::List(vec![engine::Input::Text(parent.clone())])).collect(),
        ),
    ];
    submit(&base, 1, vec![Command::CreateRecords { table, columns, n_records: n, typecast: false }])
        .expect("done");
    for (n, at) in [0, 1, 2, 4, 11, 13, 24].into_iter().enumerate() {
        submit(&base, 1, vec![command(&base, &field_line(at, n))]).expect("a field");
    }
    let lines = [
        "set Tasks.9.Hours 0.7",
        "set Tasks.10.Hours 1e16",
        "set Tasks.11.Done true",
        "delete Tasks.12",
        "set Tasks.10.Hours 1",
        "set Tasks.5.Project []",
        "set Tasks.5.Project [\"$Projects#1\"]",
    ];
    for line in lines {
        submit(&base, 1, vec![command(&base, line)]).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(engine::problems_by_hand(&base), Vec::<String>::new(), "{line}");
    }
    // The smallest ones go one by one, until those that were kept are used up.
    for at in (5..45).filter(|at| *at != 12) {
        let line = format!("set Tasks.{at}.Hours 99");
        submit(&base, 1, vec![command(&base, &line)]).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    assert_eq!(engine::problems_by_hand(&base), Vec::<String>::new());
}
