//! How long until the first page of a view is there, and the next? Filtering and sorting walk columns once: about
//! as long as a loop over flat arrays. A page of an order that is there is a lookup.

use std::time::Duration;

use benches::{Line, NOW_MS, Orders, Random, best, option};
use engine::analyze::AnalyzeCache;
use engine::query::{Parameters, Query};
use engine::view::{Frame, Order, Window};
use engine::{Base, Snapshot};
use serde_json::json;

/// The questions of this file.
pub(crate) fn run(base: &Base, ids: &Orders, rows: usize) -> Vec<Line> {
    let snapshot = base.snapshot();
    let codec = snapshot.ids();
    let (channel, gmv) = (codec.field(ids.channel), codec.field(ids.gmv));
    let options: Vec<String> = (0..6).map(|n| option(base, ids.channel, n)).collect();
    let parameters = Parameters { me: None, now_ms: NOW_MS };
    let read = |json| Query::read(snapshot.stored(), ids.orders, &json).expect("a query");
    let query = read(json!({
        "filter": {"and": [{"field": channel, "op": "isAnyOf", "value": options},
                           {"field": gmv, "op": "gt", "value": 250}]},
        "sort": [{"field": gmv, "desc": true}]
    }));
    let order = Order::new(&query, &snapshot, &parameters).expect("an order");
    let expected = order.len();
    let new_order = best(5, || {
        let order = Order::new(&query, &snapshot, &parameters).expect("an order");
        assert_eq!(order.slice(0, 100).len(), 100.min(expected));
    });
    let (raw, kept) = raw_filter_sort(rows);
    assert!(kept.abs_diff(expected) <= rows / 5 + 10, "{kept} {expected}");
    let all = read(json!({ "sort": [{"field": gmv}] }));
    let sort_all =
        best(3, || assert_eq!(Order::new(&all, &snapshot, &parameters).expect("an order").len(), rows));
    let order = Order::new(&all, &snapshot, &parameters).expect("an order");
    vec![
        Line::new("new filter by two fields + sort, first 100", new_order, "raw loop and sort", raw),
        Line::new("sort all by a number", sort_all, "raw sort of (key, row)", raw_sort(rows)),
        Line::alone(
            "page of 100 with links and lookups, far down",
            page(&order, &snapshot, ids),
            "from a cached order",
        ),
    ]
}

fn page(order: &Order, snapshot: &Snapshot, ids: &Orders) -> Duration {
    let fields = snapshot.schema().fields_of(ids.orders).map(|field| field.id).collect();
    let window = Window { from: order.len() / 2, len: 100, fields, summaries: Vec::new() };
    let cache = AnalyzeCache::default();
    best(20, || assert!(Frame::read(order, &window, &cache).is_ok_and(|frame| !frame.rows.is_empty())))
}

fn numbers(rows: usize) -> (Vec<u32>, Vec<f64>) {
    let mut random = Random(618);
    (0..rows).map(|_| (random.below(12) as u32, random.below(50_000) as f64 / 100.0)).unzip()
}

fn raw_filter_sort(rows: usize) -> (Duration, usize) {
    let (channels, gmv) = numbers(rows);
    let mut kept = 0;
    let took = best(5, || {
        let mut found: Vec<(f64, u32)> = (0..rows as u32)
            .filter(|row| channels[*row as usize] < 6 && gmv[*row as usize] > 250.0)
            .map(|row| (gmv[row as usize], row))
            .collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        kept = found.len();
    });
    (took, kept)
}

fn raw_sort(rows: usize) -> Duration {
    let (_, gmv) = numbers(rows);
    best(3, || {
        let mut all: Vec<(u64, u32)> =
            gmv.iter().zip(0..).map(|(number, row)| (number.to_bits(), row)).collect();
        all.sort_unstable();
        assert_eq!(all.len(), rows);
    })
}
