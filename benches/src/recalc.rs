//! How long does a new computed field take until every record has it? A vector at a time, chunks in parallel:
//! a few times a raw loop over flat arrays.

use benches::{Line, Orders, Random, best, submit};
use engine::{Base, Command, NewField, Value};
use serde_json::json;

/// The questions of this file.
pub(crate) fn run(base: &Base, ids: &Orders, rows: usize) -> Vec<Line> {
    let formula =
        added(base, ids.orders, "Profit", "formula", json!({ "formula": "({GMV} - {Cost}) * 0.9" }));
    let snapshot = base.snapshot();
    let profit = snapshot.schema().field_named(ids.orders, "Profit").expect("the field").id;
    let cell = snapshot.get(profit, engine::RecordId(0));
    assert!(matches!(cell, Value::Number(_)), "{cell:?}");
    let options = json!({ "link": "$Campaigns.Orders", "field": "$Orders.Cost", "function": "SUM" });
    let rollup = added(base, ids.campaigns, "Cost", "rollup", options);
    vec![
        Line::new("add a formula field", formula, "raw loop over two arrays", raw(rows)),
        Line::alone("add a rollup over all links", rollup, "200 parents"),
    ]
}

fn added(
    base: &Base,
    table: engine::TableId,
    name: &str,
    type_name: &str,
    options: serde_json::Value,
) -> std::time::Duration {
    let options = engine::text::resolve(&options, base.snapshot().stored()).expect("names");
    let field = NewField { name: name.into(), type_name: type_name.into(), options, ..NewField::default() };
    best(1, || submit(base, vec![Command::CreateField { table, field: field.clone(), after: None }]))
}

fn raw(rows: usize) -> std::time::Duration {
    let mut random = Random(1);
    let gmv: Vec<f64> = (0..rows).map(|_| random.below(50_000) as f64).collect();
    let cost: Vec<f64> = (0..rows).map(|_| random.below(50_000) as f64).collect();
    best(5, || {
        let profit: Vec<f64> = gmv.iter().zip(&cost).map(|(gmv, cost)| (gmv - cost) * 0.9).collect();
        assert_eq!(profit.len(), rows);
    })
}
