//! How long does a new computed field take until every record has it, and how long an edit until what follows from it
//! is published? A vector at a time, chunks in parallel: a few times a raw loop over flat arrays. An edit costs the
//! disk's sync and little else, however many records stand under a parent or have an equal key: partial results
//! follow the one record that changed.

use std::collections::HashMap;
use std::time::Duration;

use benches::{Line, Orders, Random, best, spread, submit};
use engine::{Base, Command, FieldId, Input, NewField, RecordId, RecordUpdate, TableId, Value};
use serde_json::json;

/// Records of one command.
const BATCH: usize = 50_000;
/// Orders of one SKU.
const PER_SKU: usize = 50;

/// The questions of this file.
pub(crate) fn run(base: &Base, ids: &Orders, rows: usize) -> Vec<Line> {
    let (sync, _) = super::edit::fdatasync();
    let formula =
        added(base, ids.orders, "Profit", "formula", json!({ "formula": "({GMV} - {Cost}) * 0.9" }));
    let profit = field(base, ids.orders, "Profit");
    let cell = base.snapshot().get(profit, RecordId(0));
    assert!(matches!(cell, Value::Number(_)), "{cell:?}");
    let options = json!({ "link": "$Campaigns.Orders", "field": "$Orders.Cost", "function": "SUM" });
    let rollup = added(base, ids.campaigns, "Cost", "rollup", options);
    let mut lines = vec![
        Line::new("add a formula field", formula, "raw loop over two arrays", raw(rows)),
        Line::new("add a rollup over all links", rollup, "raw loop: sums by 200 parents", raw_sums(rows)),
    ];
    lines.extend(one_parent(base, ids, rows, sync));
    lines.extend(whole_table(base, ids, rows, sync));
    lines
}

/// All orders under one record.
fn one_parent(base: &Base, ids: &Orders, rows: usize, sync: Duration) -> Vec<Line> {
    submit(base, vec![create_table("Whole")]);
    let whole = base.snapshot().schema().table_named("Whole").expect("the table").id;
    records(base, whole, 1);
    let options = json!({ "table": "$Whole", "inverse": "Orders" });
    added(base, ids.orders, "Whole", "link", options);
    let link = field(base, ids.orders, "Whole");
    let parent = base.snapshot().ids().record(whole, RecordId(0));
    for from in (0..rows).step_by(BATCH) {
        let cells = || vec![(link, Input::List(vec![Input::Text(parent.clone())]))];
        let update = |record: usize| RecordUpdate {
            record: RecordId(record as u32),
            if_version: None,
            cells: cells(),
        };
        let records = (from..rows.min(from + BATCH)).map(update).collect();
        submit(base, vec![Command::UpdateRecords { table: ids.orders, records, typecast: false }]);
    }
    let options = json!({ "link": "$Whole.Orders", "field": "$Orders.GMV", "function": "SUM" });
    let add = added(base, whole, "Total", "rollup", options);
    let total = field(base, whole, "Total");
    let (first, later) = edits(base, ids, rows, 1_000_000.0, || base.snapshot().get(total, RecordId(0)));
    let what = format!("one edit under a parent of {rows} until the new sum is published");
    vec![
        Line::new(
            &format!("add a rollup over a parent of {rows}"),
            add,
            "raw loop over one array",
            raw_sum(rows),
        ),
        Line::alone(&format!("{what}: the first"), first, "all children are looked at once"),
        Line::new(&format!("{what}: the next ones, p50"), later, "fdatasync", sync),
    ]
}

/// A sum for each SKU, without a link.
fn whole_table(base: &Base, ids: &Orders, rows: usize, sync: Duration) -> Vec<Line> {
    let n_skus = (rows / PER_SKU).max(1);
    submit(base, vec![create_table("SKUs")]);
    let skus = base.snapshot().schema().table_named("SKUs").expect("the table").id;
    records(base, skus, n_skus);
    added(base, ids.orders, "SKU", "formula", json!({ "formula": format!("\"S\" & MOD({{No}}, {n_skus})") }));
    let formula = "[Orders].FILTER(CurrentValue.[SKU] = [Name]).[GMV].SUM()";
    let add = added(base, skus, "GMV", "formula", json!({ "formula": formula }));
    let gmv = field(base, skus, "GMV");
    let (_, later) = edits(base, ids, rows, 2_000_000.0, || {
        // The order that was edited last is of one of these.
        Value::List((0..n_skus as u32).map(|sku| base.snapshot().get(gmv, RecordId(sku))).collect())
    });
    let formula = "[Orders].FILTER(CurrentValue.[SKU] = [Name]).[Price].MEDIAN()";
    let list = added(base, skus, "Price", "formula", json!({ "formula": formula }));
    let question = format!("{n_skus} SKUs ask for the sum of their orders in the whole table");
    vec![
        Line::new(&question, add, "raw loop: sums in a hash map", raw_keys(rows, n_skus)),
        Line::new("the same, one edit of an order, p50", later, "fdatasync", sync),
        Line::alone("the same with a median", list, "the orders of each SKU are listed"),
    ]
}

/// The first edit of an order and the middle of others, with values that no others have had; `follows` has to be
/// another one behind the first.
fn edits(
    base: &Base,
    ids: &Orders,
    rows: usize,
    value: f64,
    follows: impl Fn() -> Value,
) -> (Duration, Duration) {
    let set = |n: usize| {
        let record = RecordId((n * 7_919 % rows) as u32);
        Command::set(ids.orders, record, ids.gmv, value + n as f64 / 8.0)
    };
    let before = follows();
    let (first, _) = spread(1, |_| submit(base, vec![set(1)]));
    assert!(follows() != before, "the sum follows");
    // The other parents of these orders, 200 campaigns, are looked at once as well: not what is asked.
    spread(600, |n| submit(base, vec![set(n + 2)]));
    let (later, _) = spread(300, |n| submit(base, vec![set(n + 602)]));
    (first, later)
}

fn create_table(name: &str) -> Command {
    let field = NewField { name: "Name".into(), type_name: "text".into(), ..NewField::default() };
    Command::CreateTable { name: name.into(), description: String::new(), fields: vec![field] }
}

fn records(base: &Base, table: TableId, n: usize) {
    let name = field(base, table, "Name");
    for from in (0..n).step_by(BATCH) {
        let to = n.min(from + BATCH);
        let names = (from..to).map(|n| Input::Text(format!("S{n}"))).collect();
        let columns = vec![(name, names)];
        submit(base, vec![Command::CreateRecords { table, columns, n_records: to - from, typecast: false }]);
    }
}

fn field(base: &Base, table: TableId, name: &str) -> FieldId {
    base.snapshot().schema().field_named(table, name).expect("the field").id
}

fn added(base: &Base, table: TableId, name: &str, type_name: &str, options: serde_json::Value) -> Duration {
    let options = engine::text::resolve(&options, base.snapshot().stored()).expect("names");
    let field = NewField { name: name.into(), type_name: type_name.into(), options, ..NewField::default() };
    best(1, || submit(base, vec![Command::CreateField { table, field: field.clone(), after: None }]))
}

fn numbers(rows: usize) -> Vec<f64> {
    let mut random = Random(1);
    (0..rows).map(|_| random.below(50_000) as f64 / 100.0).collect()
}

fn raw(rows: usize) -> Duration {
    let (gmv, cost) = (numbers(rows), numbers(rows));
    best(5, || {
        let profit: Vec<f64> = gmv.iter().zip(&cost).map(|(gmv, cost)| (gmv - cost) * 0.9).collect();
        assert_eq!(profit.len(), rows);
    })
}

fn raw_sum(rows: usize) -> Duration {
    let gmv = numbers(rows);
    best(5, || assert!(gmv.iter().fold(0.0, |sum, number| sum + number) > 0.0))
}

fn raw_sums(rows: usize) -> Duration {
    let gmv = numbers(rows);
    let mut random = Random(2);
    let parents: Vec<u8> = (0..rows).map(|_| random.below(200) as u8).collect();
    best(5, || {
        let mut sums = [0.0; 256];
        gmv.iter().zip(&parents).for_each(|(number, parent)| sums[usize::from(*parent)] += number);
        assert!(sums[0] > 0.0);
    })
}

fn raw_keys(rows: usize, n_skus: usize) -> Duration {
    let gmv = numbers(rows);
    let keys: Vec<String> = (0..rows).map(|row| format!("S{}", (row + 1) % n_skus)).collect();
    best(3, || {
        let mut sums: HashMap<&str, f64> = HashMap::new();
        gmv.iter().zip(&keys).for_each(|(number, key)| *sums.entry(key).or_default() += number);
        assert_eq!(sums.len(), n_skus);
    })
}
