//! Orders and windows: what is kept up to date equals what is made anew, and filters keep what they say.

#![allow(missing_docs)]

mod common;

use common::{NOW_MS, base, field, submit, table, view_at};
use engine::analyze::{AnalyzeCache, Function};
use engine::query::{Filter, Parameters, Query, Sort};
use engine::view::{Frame, Order, OrderCache, OrderDelta, PatchOp, Step, Window};
use engine::{Base, Command, Delta, Input, PersonId, RecordId, RecordUpdate, Snapshot, TableId, WatchEvent};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const TASKS: &str = r#"
table Projects
  field Name text
table Tasks
  field Name text
  field Hours number
  field Due date
  field At date {"time": true}
  field Done checkbox
  field Status singleSelect {"options": [{"name": "Open"}, {"name": "Doing"}, {"name": "Closed"}]}
  field Tags multiSelect {"options": [{"name": "red"}, {"name": "blue"}, {"name": "green"}]}
  field Who person {"many": true}
  field Project link {"table": "$Projects", "inverse": "Tasks"}
  field Twice formula {"formula": "{Hours} * 2"}
record Projects {"Name": "Apollo"}
record Projects {"Name": "Zephyr"}
record Projects {"Name": "item 10"}
record Projects {"Name": "item 9"}
"#;

const FIELDS: [&str; 10] =
    ["Name", "Hours", "Due", "At", "Done", "Status", "Tags", "Who", "Project", "Twice"];

const PARAMETERS: Parameters = Parameters { me: Some(PersonId(1)), now_ms: NOW_MS };

/// One edit, as numbers that mean something on any base.
#[derive(Clone, Debug)]
enum Edit {
    Set { record: usize, field: usize, value: usize },
    Add { name: usize, hours: usize },
    Delete { record: usize },
    Rename { project: usize, name: usize },
    Place { records: usize, n: usize, after: usize },
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        8 => (0..200usize, 0..9usize, 0..8usize).prop_map(|(record, field, value)| Edit::Set { record, field, value }),
        2 => (0..8usize, 0..8usize).prop_map(|(name, hours)| Edit::Add { name, hours }),
        1 => (0..200usize).prop_map(|record| Edit::Delete { record }),
        3 => (0..200usize, 1..4usize, 0..200usize).prop_map(|(records, n, after)| Edit::Place { records, n, after }),
        1 => (0..4usize, 0..8usize).prop_map(|(project, name)| Edit::Rename { project, name }),
    ]
}

fn name(at: usize) -> Input {
    match at {
        0 => Input::Blank,
        _ => ["", "b", "B", "item 2", "item 10", "北京", "上海", "élan"][at].into(),
    }
}

fn input(base: &Base, field: usize, value: usize) -> Input {
    if value == 0 {
        return Input::Blank;
    }
    let texts = |texts: &[&str]| Input::List(texts.iter().map(|text| (*text).into()).collect());
    match FIELDS[field] {
        "Name" => name(value),
        "Hours" => (value as f64 / 2.0 - 2.0).into(),
        "Due" => format!("2026-06-{:02}", 13 + value).as_str().into(),
        "At" => format!("2026-06-{:02}T{:02}:30:00Z", 14 + value / 3, value * 3).as_str().into(),
        "Done" => (value > 3).into(),
        "Status" => ["Open", "Doing", "Closed"][value % 3].into(),
        "Tags" => texts(&["red", "blue", "green", "red"][value % 3..][..1 + value % 2]),
        "Who" => texts(&["Ann", "Bob"][value % 2..]),
        _ => {
            let project = base.snapshot().ids().record(table(base, "Projects"), RecordId(value as u32 % 4));
            texts(&[&project])
        }
    }
}

/// The command of an edit; `alive` are the records that are left by the edits before.
fn command(base: &Base, edit: &Edit, alive: &mut Vec<RecordId>) -> Vec<Command> {
    let tasks = table(base, "Tasks");
    let pick = |at: usize| alive.get(at % alive.len().max(1)).copied();
    let update = |table, record, field, input| Command::UpdateRecords {
        table,
        records: vec![RecordUpdate { record, if_version: None, cells: vec![(field, input)] }],
        typecast: true,
    };
    match edit {
        Edit::Set { record, field: at, value } => pick(*record)
            .map(|record| update(tasks, record, field(base, tasks, FIELDS[*at]), input(base, *at, *value)))
            .into_iter()
            .collect(),
        Edit::Add { name: at, hours } => vec![Command::CreateRecords {
            table: tasks,
            columns: vec![
                (field(base, tasks, "Name"), vec![name(*at)]),
                (field(base, tasks, "Hours"), vec![input(base, 1, *hours)]),
            ],
            n_records: 1,
            typecast: true,
        }],
        Edit::Delete { record } => {
            let Some(record) = pick(*record) else { return Vec::new() };
            alive.retain(|other| *other != record);
            vec![Command::DeleteRecords { table: tasks, records: vec![record] }]
        }
        Edit::Place { records, n, after } => {
            let records: Vec<RecordId> = (*records..records + n).filter_map(&pick).collect();
            let records: Vec<RecordId> = records
                .iter()
                .enumerate()
                .filter(|(at, id)| !records[..*at].contains(id))
                .map(|(_, id)| *id)
                .collect();
            // One place of seven is the start.
            let after = pick(*after).filter(|id| after % 7 != 0 && !records.contains(id));
            vec![Command::MoveRecords { table: tasks, view: view_at(base, "Tasks"), records, after }]
        }
        Edit::Rename { project, name: at } => {
            let projects = table(base, "Projects");
            vec![update(projects, RecordId(*project as u32), field(base, projects, "Name"), name(*at))]
        }
    }
}

fn apply(base: &Base, edits: &[Edit]) {
    let mut alive: Vec<RecordId> = base.snapshot().alive(table(base, "Tasks")).iter().collect();
    let commands: Vec<Command> = edits.iter().flat_map(|edit| command(base, edit, &mut alive)).collect();
    if !commands.is_empty() {
        submit(base, 1, commands).expect("edits fit");
    }
}

/// A query of the wire whose fields are names.
fn query(base: &Base, json: &Json) -> Query {
    let tasks = table(base, "Tasks");
    let json = with_ids(base, tasks, json);
    Query::read(base.snapshot().stored(), tasks, &json).unwrap_or_else(|refusal| panic!("{refusal}: {json}"))
}

fn with_ids(base: &Base, table: TableId, json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(|item| with_ids(base, table, item)).collect(),
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("field", Json::String(name)) => {
                    (key.clone(), json!(base.snapshot().ids().field(field(base, table, name))))
                }
                _ => (key.clone(), with_ids(base, table, value)),
            })
            .collect(),
        other => other.clone(),
    }
}

fn queries() -> impl Strategy<Value = Json> {
    let filter = proptest::sample::select(vec![
        json!(null),
        json!({"field": "Hours", "op": "gt", "value": 0}),
        json!({"or": [{"field": "Name", "op": "contains", "value": "B"}, {"field": "Done", "op": "is", "value": true}]}),
        json!({"and": [{"field": "Status", "op": "isAnyOf", "value": ["Open", "Doing"]},
                       {"field": "Project", "op": "isNotEmpty"}]}),
        json!({"field": "Project", "op": "contains", "value": "item"}),
        json!({"field": "Who", "op": "hasAnyOf", "value": [{"me": true}]}),
        json!({"field": "At", "op": "isWithin", "value": {"relative": "thisWeek"}}),
        json!({"field": "Twice", "op": "lte", "value": 2}),
        json!({"formula": "{Hours} > 0"}),
        json!({"field": "Tags", "op": "doesNotContain", "value": "red"}),
    ]);
    let key = || (proptest::sample::select(FIELDS.to_vec()), any::<bool>());
    let sort = proptest::collection::vec(key(), 0..3);
    let group = proptest::collection::vec(key(), 0..3);
    let search = proptest::sample::select(vec![None, None, None, Some("item"), Some("b ann")]);
    (filter, sort, group, search).prop_map(|(filter, sort, group, search)| {
        let keys = |keys: Vec<(&str, bool)>| -> Json {
            keys.into_iter().map(|(field, desc)| json!({"field": field, "desc": desc})).collect()
        };
        json!({"filter": filter, "sort": keys(sort), "group": keys(group), "search": search})
    })
}

fn records(order: &Order) -> Vec<u32> {
    order.iter().map(|record| record.0).collect()
}

fn next_delta(watch: &engine::Watch) -> Option<Arc<Delta>> {
    match watch.try_next() {
        Ok(Some(WatchEvent::Delta(delta))) => Some(delta),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_kept_equals_what_is_made_anew(
        first in proptest::collection::vec(edits(), 1..60),
        rounds in proptest::collection::vec(proptest::collection::vec(edits(), 1..5), 1..8),
        json in queries(),
        (from, len) in (0usize..20, 1usize..20),
        by_hand in any::<bool>(),
    ) {
        let base = base(TASKS);
        apply(&base, &vec![Edit::Add { name: 1, hours: 1 }; 12]);
        apply(&base, &first);
        let tasks = table(&base, "Tasks");
        let mut query = query(&base, &json);
        query.by_hand = by_hand.then(|| view_at(&base, "Tasks"));
        let watch = base.watch();
        let cache = OrderCache::default();
        let sums = AnalyzeCache::default();
        let window = Window {
            fields: FIELDS.iter().map(|name| field(&base, tasks, name)).collect(),
            from,
            len,
            summaries: vec![(field(&base, tasks, "Hours"), Function::Sum), (field(&base, tasks, "Name"), Function::Unique)],
        };
        let mut order = cache.order(&watch.start, &query, &PARAMETERS).expect("the query fits");
        let start = order.clone();
        let mut frame = Frame::read(&order, &window, &sums).expect("summaries fit");
        for edits in &rounds {
            apply(&base, edits);
            while let Some(delta) = next_delta(&watch) {
                cache.advance(&delta);
                let next = cache.order(&delta.after, &query, &PARAMETERS).expect("the query fits");
                let fresh = Order::new(&query, &delta.after, &PARAMETERS).expect("the query fits");
                prop_assert_eq!(records(&next), records(&fresh));
                prop_assert_eq!(next.groups(), fresh.groups());
                if let (version, OrderDelta::Steps(steps)) = next.steps() && version == order.version() {
                    let mut list = records(&order);
                    for step in steps {
                        match step {
                            Step::Insert { at, record } => list.insert(*at, record.0),
                            Step::Delete { at, .. } => drop(list.remove(*at)),
                            Step::Move { from, to, .. } => {
                                let record = list.remove(*from);
                                list.insert(*to, record);
                            }
                        }
                    }
                    prop_assert_eq!(list, records(&next));
                }
                let (after, ops) = frame.step(&next, &window, &delta, &sums).expect("summaries fit");
                frame.apply(&ops);
                let read = Frame::read(&fresh, &window, &AnalyzeCache::default()).expect("summaries fit");
                prop_assert_eq!(&after, &read);
                prop_assert_eq!(&frame, &read);
                for (at, record) in fresh.iter().enumerate() {
                    prop_assert_eq!(next.position(record), Some(at));
                }
                order = next;
            }
        }
        let caught_up = start.catch_up(order.snapshot()).expect("the query fits");
        prop_assert_eq!(records(&caught_up), records(&order));
        prop_assert_eq!(caught_up.groups(), order.groups());
        check_plainly(&query, order.snapshot(), &order)?;
    }
}

/// The order against one record at a time: `matches` for the filter, the first of a page, counts of groups.
fn check_plainly(query: &Query, snapshot: &Snapshot, order: &Order) -> Result<(), TestCaseError> {
    let plan = query.plan(snapshot, &PARAMETERS).expect("the query fits");
    let mut kept: Vec<u32> = snapshot
        .alive(query.table)
        .iter()
        .filter(|record| plan.matches(snapshot, *record))
        .map(|record| record.0)
        .collect();
    let ordered = records(order);
    let mut sorted = ordered.clone();
    sorted.sort_unstable();
    kept.sort_unstable();
    prop_assert_eq!(sorted, kept);
    let (total, first) = plan.first(snapshot, 2);
    prop_assert_eq!(total, ordered.len());
    prop_assert_eq!(first, order.slice(0, 2));
    let groups = order.groups();
    for level in 0..query.group.len() {
        let count: usize = groups.iter().filter(|group| group.level == level).map(|group| group.count).sum();
        prop_assert_eq!(count, ordered.len());
    }
    for group in &groups {
        let field = query.group[group.level].field;
        for record in order.slice(group.from, group.count) {
            let text = snapshot.text(field, record);
            prop_assert!(
                group.count == 1
                    || !text.is_empty()
                    || group.key.is_blank()
                    || group.label.as_ref() == "false"
                    || group.label.is_empty(),
                "{group:?} has {text:?}"
            );
        }
    }
    Ok(())
}

/// Cases as text: `filter => records`, and `sort => records`.
#[test]
fn filters_and_sorts_keep_what_they_say() {
    let text = include_str!("cases/queries.txt");
    let (setup, cases) = text.split_once("\n---\n").expect("a base, then cases");
    let base = base(setup);
    let mut out = format!("{setup}\n---\n");
    let mut failures = Vec::new();
    for line in cases.lines() {
        let Some((json, expected)) = line.split_once(" => ") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let parsed: Json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{line}: {error}"));
        let got = answer(&base, &parsed);
        if got != expected {
            failures.push(format!("{json}\n  expected {expected}\n  got      {got}"));
        }
        out.push_str(&format!("{json} => {got}\n"));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/queries.txt"), out)
            .expect("it is written");
    } else {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

/// The names of the records, or why the query was refused.
fn answer(base: &Base, json: &Json) -> String {
    let tasks = table(base, "Tasks");
    let snapshot = base.snapshot();
    let json = with_ids(base, tasks, json);
    let order = Query::read(snapshot.stored(), tasks, &json)
        .and_then(|query| Order::new(&query, &snapshot, &PARAMETERS));
    let order = match order {
        Ok(order) => order,
        Err(refusal) => return format!("refused: {refusal}"),
    };
    let names = order.iter().map(|record| (record.0 + 1).to_string()).collect::<Vec<_>>().join(" ");
    let groups = order.groups();
    let groups =
        groups.iter().map(|group| format!("{}{}:{}", ">".repeat(group.level), group.label, group.count));
    let groups = groups.collect::<Vec<_>>().join(", ");
    if groups.is_empty() { names } else { format!("{names} | {groups}") }
}

#[test]
fn one_edit_is_one_step_and_one_operation() {
    let base = base(TASKS);
    apply(&base, &(0..50).map(|at| Edit::Add { name: 1 + at % 7, hours: at % 8 }).collect::<Vec<_>>());
    let tasks = table(&base, "Tasks");
    let hours = field(&base, tasks, "Hours");
    let query = Query { sort: vec![Sort { field: hours, desc: false }], ..Query::all(tasks) };
    let watch = base.watch();
    let order = Order::new(&query, &watch.start, &PARAMETERS).expect("the query fits");
    let window = Window { fields: vec![hours], from: 0, len: 50, summaries: Vec::new() };
    let cache = AnalyzeCache::default();
    let frame = Frame::read(&order, &window, &cache).expect("it is read");
    let first = order.slice(0, 1)[0];
    submit(&base, 1, vec![Command::set(tasks, first, hours, 1e9)]).expect("it fits");
    let delta = next_delta(&watch).expect("a delta");
    let after = order.advance(&delta).expect("the query fits");
    let (_, steps) = after.steps();
    assert!(
        matches!(steps, OrderDelta::Steps(steps) if matches!(steps[..], [Step::Move { from: 0, .. }])),
        "{steps:?}"
    );
    let (_, ops) = frame.step(&after, &window, &delta, &cache).expect("it is read");
    assert!(matches!(ops[..], [PatchOp::Move { from: 0, .. }, PatchOp::Update { .. }]), "{ops:?}");
    // An edit of another field moves nothing and shares the numbers.
    submit(&base, 1, vec![Command::set(tasks, first, field(&base, tasks, "Name"), "x")]).expect("it fits");
    let delta = next_delta(&watch).expect("a delta");
    let same = after.advance(&delta).expect("the query fits");
    assert!(same.same_ids(&after));
}

#[test]
fn a_view_and_a_request_are_combined() {
    let base = base(TASKS);
    let view = query(
        &base,
        &json!({"filter": {"field": "Hours", "op": "gt", "value": 1}, "sort": [{"field": "Name"}]}),
    );
    let request = query(
        &base,
        &json!({"filter": {"field": "Done", "op": "is", "value": true}, "group": [{"field": "Status"}]}),
    );
    let both = view.clone().with(request.clone());
    assert_eq!(both.sort, view.sort);
    assert_eq!(both.group, request.group);
    assert!(matches!(both.filter, Some(Filter::And(parts)) if parts.len() == 2));
    assert_eq!(view.clone().with(Query::all(view.table)), view);
}

#[test]
fn orders_are_shared_and_follow_the_day() {
    let base = base(TASKS);
    let cache = OrderCache::default();
    let today =
        query(&base, &json!({"filter": {"field": "Due", "op": "is", "value": {"relative": "today"}}}));
    let mine = query(&base, &json!({"filter": {"field": "Who", "op": "is", "value": {"me": true}}}));
    let snapshot = base.snapshot();
    let order =
        |query: &Query, parameters: Parameters| cache.order(&snapshot, query, &parameters).expect("it fits");
    let bob = Parameters { me: Some(PersonId(2)), ..PARAMETERS };
    let tomorrow = Parameters { now_ms: NOW_MS + 86_400_000, ..PARAMETERS };
    assert!(Arc::ptr_eq(&order(&today, PARAMETERS), &order(&today, bob)));
    assert!(!Arc::ptr_eq(&order(&today, PARAMETERS), &order(&today, tomorrow)));
    assert!(Arc::ptr_eq(&order(&mine, PARAMETERS), &order(&mine, tomorrow)));
    assert!(!Arc::ptr_eq(&order(&mine, PARAMETERS), &order(&mine, bob)));
}

#[test]
fn every_kind_of_view_is_documented_and_accepts_its_defaults() {
    let base = base(TASKS);
    let tasks = table(&base, "Tasks");
    let snapshot = base.snapshot();
    for kind in engine::view::KINDS {
        assert!(kind.doc().ends_with('.'), "{}", kind.name());
        let settings = kind.default_settings(snapshot.stored(), tasks);
        kind.check(snapshot.stored(), tasks, &settings)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", kind.name()));
        let wrong =
            kind.check(snapshot.stored(), tasks, &json!({"colour": 1})).expect_err("it is not a setting");
        assert!(wrong.message.contains("colour"), "{wrong}");
    }
}

/// Moves between the same two records halve the room again and again, until what stands there is spread anew.
#[test]
fn there_is_room_for_any_number_of_moves() {
    let base = base(TASKS);
    apply(&base, &(0..6).map(|at| Edit::Add { name: 1 + at, hours: at }).collect::<Vec<_>>());
    let tasks = table(&base, "Tasks");
    let view = view_at(&base, "Tasks");
    let query = Query { by_hand: Some(view), ..Query::all(tasks) };
    let mut list: Vec<u32> = (0..6).collect();
    for turn in 0..1_200u32 {
        let record = 1 + turn % 4;
        let after = if turn % 400 < 200 { Some(RecordId(0)) } else { None };
        let moved = vec![RecordId(record)];
        submit(&base, 1, vec![Command::MoveRecords { table: tasks, view, records: moved, after }])
            .expect("it fits");
        list.retain(|other| *other != record);
        let at = after.map_or(0, |_| 1 + list.iter().position(|other| *other == 0).expect("it is there"));
        list.insert(at, record);
        let order = Order::new(&query, &base.snapshot(), &PARAMETERS).expect("the query fits");
        assert_eq!(records(&order), list, "turn {turn}");
    }
    let snapshot = base.snapshot();
    assert!(snapshot.stored().orders[&view].iter().all(|(_, key)| key.len() <= 48));
    assert!(engine::problems(&base).is_empty());
}

#[test]
fn settings_of_a_kind_are_checked_by_it() {
    let base = base(TASKS);
    let tasks = table(&base, "Tasks");
    let snapshot = base.snapshot();
    let check = |kind: &str, own: Json| {
        let settings = with_ids(&base, tasks, &json!({ kind: own }));
        let kind = engine::view::KINDS.iter().find(|other| other.name() == kind).expect("a kind");
        kind.check(snapshot.stored(), tasks, &settings).map_err(|refusal| refusal.message)
    };
    let columns = |columns: Json| check("kanban", json!({"field": "Status", "columns": columns}));
    assert_eq!(columns(json!([{"key": "selA", "hidden": true}, {"key": null, "collapsed": true}])), Ok(()));
    assert_eq!(
        columns(json!([{"key": "selA"}, {"key": "selA"}])),
        Err("column \"selA\" is named twice".into())
    );
    let key = "the \"key\" of a column is an option, or null for no value; got 3";
    assert_eq!(columns(json!([{"key": 3}])), Err(key.into()));
    let flag = "\"hidden\" is true or false, got 1";
    assert_eq!(columns(json!([{"key": "selA", "hidden": 1}])), Err(flag.into()));
    assert_eq!(check("gantt", json!({"critical": false, "milestones": true})), Ok(()));
    let flag = "\"critical\" is true or false, got \"no\"";
    assert_eq!(check("gantt", json!({"critical": "no"})), Err(flag.into()));
}
