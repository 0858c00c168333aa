//! Aggregates against a plain model: maps and loops over single cells.

#![allow(missing_docs)]

mod common;

use std::collections::BTreeMap;

use common::{NOW_MS, base, field, submit, table};
use engine::analyze::{Aggregate, AnalyzeCache, Function, Measure, ResultOrder};
use engine::query::{Bucket, Group, Parameters, Query};
use engine::{Base, Command, Input, RecordId, Snapshot, TableId, Value};
use proptest::prelude::*;
use serde_json::json;

const ORDERS: &str = r#"
table Campaigns
  field Name text
table Orders
  field Note text
  field Amount number
  field At date {"time": true}
  field Paid checkbox
  field Channel singleSelect {"options": [{"name": "web", "color": "red"}, {"name": "shop"}, {"name": "phone"}]}
  field Tags multiSelect {"options": [{"name": "a"}, {"name": "b"}]}
  field Campaign link {"table": "$Campaigns", "inverse": "Orders"}
record Campaigns {"Name": "Spring"}
record Campaigns {"Name": "Autumn"}
record Campaigns {"Name": "Spring"}
"#;

const PARAMETERS: Parameters = Parameters { me: None, now_ms: NOW_MS };

type Row = (usize, Option<i16>, Option<usize>, bool, usize, usize, usize);

fn row() -> impl Strategy<Value = Row> {
    (
        0..4usize,
        proptest::option::of(-5i16..20),
        proptest::option::of(0usize..400),
        any::<bool>(),
        0..4usize,
        0..4usize,
        0..4usize,
    )
}

fn fill(base: &Base, rows: &[Row]) {
    let orders = table(base, "Orders");
    let column = |name: &str, cell: &dyn Fn(&Row) -> Input| {
        (field(base, orders, name), rows.iter().map(cell).collect())
    };
    let one_of = |names: &[&str], at: usize| at.checked_sub(1).map_or(Input::Blank, |at| names[at].into());
    let list = |names: &[&str]| Input::List(names.iter().map(|name| (*name).into()).collect());
    let columns = vec![
        column("Note", &|row| one_of(&["x", "y", "X"], row.0)),
        column("Amount", &|row| row.1.map_or(Input::Blank, |n| (f64::from(n) / 10.0).into())),
        column("At", &|row| {
            row.2.map_or(Input::Blank, |hours| {
                let day = 1 + hours / 24;
                let text = format!("2026-{:02}-{:02}T{:02}:15:00Z", 5 + day / 28, 1 + day % 28, hours % 24);
                text.as_str().into()
            })
        }),
        column("Paid", &|row| row.3.into()),
        column("Channel", &|row| one_of(&["web", "shop", "phone"], row.4)),
        column("Tags", &|row| match row.5 {
            0 => Input::Blank,
            1 => list(&["a"]),
            2 => list(&["a", "b"]),
            _ => list(&["b", "a"]),
        }),
        column("Campaign", &|row| match row.6 {
            0 => Input::Blank,
            1 => list(&["Autumn"]),
            _ => list(&["Spring"]),
        }),
    ];
    let command = Command::CreateRecords { table: orders, columns, n_records: rows.len(), typecast: true };
    submit(base, 1, vec![command]).expect("records fit");
}

/// The group of a record, in a form that can be compared.
fn key(snapshot: &Snapshot, group: &Group, record: RecordId) -> String {
    match snapshot.get(group.field, record) {
        Value::Date(ms) => {
            let moment = jiff::Timestamp::from_millisecond(ms).expect("a moment");
            let date = moment.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone")).date();
            match group.bucket {
                Some(Bucket::Month) => format!("{:04}-{:02}", date.year(), date.month()),
                Some(Bucket::Week) => {
                    let week = date.iso_week_date();
                    format!("{:04}-W{:02}", week.year(), week.week())
                }
                _ => date.to_string(),
            }
        }
        Value::Bool(false) => "false".into(),
        Value::Blank if snapshot.field(group.field).is_some_and(|field| field.type_name == "checkbox") => {
            "false".into()
        }
        Value::List(items) => {
            let mut codes: Vec<u32> = items.iter().flat_map(Value::as_codes).collect();
            codes.sort_unstable();
            format!("{codes:?}")
        }
        other => format!("{other:?}"),
    }
}

/// Our own name of a group of a result, in the same form.
fn key_of(value: &Value, label: &str) -> String {
    match value {
        Value::Date(_) => label.to_owned(),
        Value::Bool(false) => "false".into(),
        Value::List(items) => format!("{:?}", items.iter().flat_map(Value::as_codes).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

fn expected(snapshot: &Snapshot, measure: &Measure, records: &[RecordId]) -> Option<f64> {
    let n = records.len() as f64;
    let Some(field) = measure.field else { return Some(n) };
    let cells: Vec<Value> = records.iter().map(|record| snapshot.get(field, *record)).collect();
    let filled = cells.iter().filter(|cell| !cell.is_blank()).count() as f64;
    let mut numbers: Vec<f64> = cells
        .iter()
        .filter_map(|cell| match cell {
            Value::Number(number) => Some(*number),
            Value::Date(ms) => Some(*ms as f64),
            _ => None,
        })
        .collect();
    let sum: f64 = numbers.iter().sum();
    let some = !numbers.is_empty();
    numbers.sort_by(f64::total_cmp);
    let quantile = |p: f64| {
        let at = p * (numbers.len() - 1) as f64;
        let low = numbers[at.floor() as usize];
        low + (numbers[at.ceil() as usize] - low) * at.fract()
    };
    match measure.function {
        Function::Count => Some(n),
        Function::Filled => Some(filled),
        Function::Empty => Some(n - filled),
        Function::Checked => Some(cells.iter().filter(|cell| **cell == Value::Bool(true)).count() as f64),
        Function::Unique => {
            let mut keys: Vec<String> = cells
                .iter()
                .filter(|cell| !cell.is_blank())
                .map(|cell| match cell {
                    Value::List(_) => {
                        let mut codes = cell.as_codes();
                        codes.sort_unstable();
                        format!("{codes:?}")
                    }
                    other => format!("{other:?}"),
                })
                .collect();
            keys.sort();
            keys.dedup();
            Some(keys.len() as f64)
        }
        Function::Sum => Some(sum),
        Function::Average => some.then(|| sum / numbers.len() as f64),
        Function::Min => numbers.first().copied(),
        Function::Max => numbers.last().copied(),
        Function::Range => some.then(|| numbers[numbers.len() - 1] - numbers[0]),
        Function::Median => some.then(|| quantile(0.5)),
        Function::Percentile(p) => some.then(|| quantile(f64::from(p) / 1_000.0)),
    }
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a == b,
    }
}

fn measures(base: &Base, orders: TableId) -> Vec<Measure> {
    use Function::*;
    let of = |name: &str, functions: &[Function]| {
        let field = field(base, orders, name);
        functions
            .iter()
            .map(|function| Measure { field: Some(field), function: *function })
            .collect::<Vec<_>>()
    };
    [
        vec![Measure { field: None, function: Count }],
        of("Amount", &[Sum, Average, Min, Max, Range, Median, Percentile(900), Unique, Filled, Empty]),
        of("At", &[Min, Max, Unique]),
        of("Paid", &[Checked]),
        of("Note", &[Unique, Filled]),
        of("Tags", &[Unique, Empty]),
        of("Campaign", &[Unique, Filled]),
    ]
    .concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn aggregates_equal_a_plain_model(
        rows in proptest::collection::vec(row(), 0..120),
        by in proptest::collection::vec((0..7usize, any::<bool>(), 0..3usize), 0..=3),
        edit in (0..120usize, -50i16..50),
    ) {
        let base = base(ORDERS);
        fill(&base, &rows);
        let orders = table(&base, "Orders");
        let names = ["Note", "Amount", "At", "Paid", "Channel", "Tags", "Campaign"];
        let group = |(at, desc, bucket): &(usize, bool, usize)| Group {
            field: field(&base, orders, names[*at]),
            desc: *desc,
            bucket: (*at == 2).then_some([Bucket::Day, Bucket::Week, Bucket::Month][*bucket]),
        };
        let aggregate = Aggregate {
            by: by.iter().map(group).collect(),
            measures: measures(&base, orders),
            order: ResultOrder::Key,
            limit: None,
        };
        let query = Query::all(orders);
        let cache = AnalyzeCache::default();
        for round in 0..2 {
            let snapshot = base.snapshot();
            let result = cache.aggregate(&snapshot, &query, &aggregate, &PARAMETERS).expect("it fits");
            let fresh = aggregate.compute(&snapshot, &query, &PARAMETERS).expect("it fits");
            prop_assert_eq!(&result, &fresh, "what is kept equals what is computed anew, to the bit");
            let alive: Vec<RecordId> = snapshot.alive(orders).iter().collect();
            prop_assert_eq!(result.records, alive.len());
            for (measure, total) in aggregate.measures.iter().zip(&result.totals) {
                let wanted = expected(&snapshot, measure, &alive);
                prop_assert!(close(*total, wanted), "{:?}: {:?}, expected {:?}", measure, total, wanted);
            }
            let mut model: BTreeMap<Vec<String>, Vec<RecordId>> = BTreeMap::new();
            for record in alive {
                let keys = aggregate.by.iter().map(|group| key(&snapshot, group, record)).collect();
                model.entry(keys).or_default().push(record);
            }
            if aggregate.by.is_empty() {
                model.clear();
            }
            prop_assert_eq!(result.groups.len(), model.len());
            for group in &result.groups {
                let keys: Vec<String> = aggregate.by.iter().zip(group.keys.iter().zip(&group.labels))
                    .map(|(_, (key, label))| key_of(key, label)).collect();
                let records = model.get(&keys);
                prop_assert!(records.is_some(), "{:?} among {:?}", keys, model.keys());
                let records = records.map(Vec::as_slice).unwrap_or_default();
                for (measure, value) in aggregate.measures.iter().zip(&group.values) {
                    let wanted = expected(&snapshot, measure, records);
                    prop_assert!(close(*value, wanted), "{:?} {:?}: {:?}, expected {:?}", keys, measure, value, wanted);
                }
            }
            if round == 0 && !rows.is_empty() {
                let record = RecordId((edit.0 % rows.len()) as u32);
                let command = Command::set(orders, record, field(&base, orders, "Amount"), f64::from(edit.1));
                submit(&base, 1, vec![command]).expect("it fits");
            }
        }
    }
}

#[test]
fn groups_have_labels_and_colors_in_order_of_keys() {
    let base = base(ORDERS);
    let rows: Vec<Row> =
        (0..40).map(|n| (n % 4, Some(n as i16), Some(n * 9), n % 2 == 0, n % 4, 0, n % 3)).collect();
    fill(&base, &rows);
    let orders = table(&base, "Orders");
    let snapshot = base.snapshot();
    let ids = snapshot.ids();
    let read = |json: serde_json::Value| Aggregate::read(snapshot.stored(), orders, &json);
    let channel = ids.field(field(&base, orders, "Channel"));
    let amount = ids.field(field(&base, orders, "Amount"));
    let aggregate = read(json!({
        "by": [{"field": channel}], "measures": [{"field": amount, "function": "sum"}, {"function": "count"}],
        "order": "-value", "limit": 3,
    }));
    let result =
        aggregate.expect("it fits").compute(&snapshot, &Query::all(orders), &PARAMETERS).expect("it fits");
    let labels: Vec<&str> = result.groups.iter().map(|group| group.labels[0].as_ref()).collect();
    assert_eq!(labels.len(), 3);
    assert_eq!(labels[0], "phone");
    let web = result.groups.iter().find(|group| group.labels[0].as_ref() == "web").expect("a group");
    assert_eq!(web.colors[0].as_deref(), Some("red"));
    assert_eq!(result.totals, [Some(78.0), Some(40.0)]);
    let by_key = read(json!({"by": [{"field": channel, "desc": true}], "measures": []})).expect("it fits");
    let result = by_key.compute(&snapshot, &Query::all(orders), &PARAMETERS).expect("it fits");
    let labels: Vec<&str> = result.groups.iter().map(|group| group.labels[0].as_ref()).collect();
    assert_eq!(labels, ["phone", "shop", "web", ""]);
    let wrong =
        read(json!({"by": [], "measures": [{"field": channel, "function": "sum"}]})).expect("it reads");
    let refusal =
        wrong.compute(&snapshot, &Query::all(orders), &PARAMETERS).expect_err("a select has no sum");
    assert_eq!(refusal.message, r#""sum" is computed of numbers; field "Channel" is a select field"#);
}

/// Far apart records are in segments of their own, whose keys are numbered apart.
#[test]
fn results_of_segments_are_merged() {
    let base = base(ORDERS);
    let rows: Vec<Row> =
        (0..300).map(|n| (n % 4, Some(n as i16), Some(n % 400), n % 2 == 0, n % 4, n % 4, n % 4)).collect();
    fill(&base, &rows[..200]);
    let orders = table(&base, "Orders");
    let gap =
        Command::CreateRecords { table: orders, columns: Vec::new(), n_records: 131_072, typecast: false };
    submit(&base, 1, vec![gap]).expect("records fit");
    fill(&base, &rows[100..]);
    let group = |name: &str| Group { field: field(&base, orders, name), desc: false, bucket: None };
    let amount = base.snapshot().ids().field(field(&base, orders, "Amount"));
    let filter = json!({"filter": {"field": amount, "op": "isNotEmpty"}});
    let query = Query::read(base.snapshot().stored(), orders, &filter).expect("it fits");
    let cache = AnalyzeCache::default();
    for (names, edit) in
        [(vec!["Channel", "At"], 0), (vec!["Note"], 131_300), (vec!["Amount", "At", "Note"], 5), (vec![], 9)]
    {
        let aggregate = Aggregate {
            by: names.into_iter().map(group).collect(),
            measures: measures(&base, orders),
            order: ResultOrder::Key,
            limit: None,
        };
        for _ in 0..2 {
            let snapshot = base.snapshot();
            let result = cache.aggregate(&snapshot, &query, &aggregate, &PARAMETERS).expect("it fits");
            let fresh = aggregate.compute(&snapshot, &query, &PARAMETERS).expect("it fits");
            assert_eq!(result, fresh);
            let mut model: BTreeMap<Vec<String>, Vec<RecordId>> = BTreeMap::new();
            for record in snapshot.alive(orders).iter().filter(|record| record.0 < 200 || record.0 >= 131_272)
            {
                model
                    .entry(aggregate.by.iter().map(|group| key(&snapshot, group, record)).collect())
                    .or_default()
                    .push(record);
            }
            let groups = if aggregate.by.is_empty() { 0 } else { model.len() };
            assert_eq!(result.groups.len(), groups);
            for group in &result.groups {
                let keys: Vec<String> =
                    group.keys.iter().zip(&group.labels).map(|(key, label)| key_of(key, label)).collect();
                for (measure, value) in aggregate.measures.iter().zip(&group.values) {
                    assert!(
                        close(*value, expected(&snapshot, measure, &model[&keys])),
                        "{keys:?} {measure:?} {value:?}"
                    );
                }
            }
            let command = Command::set(orders, RecordId(edit), field(&base, orders, "Amount"), 12.5);
            submit(&base, 1, vec![command]).expect("it fits");
        }
    }
}
