//! How long does a dashboard's block take, first and after an edit? Keys are dense codes, so a sum by key is a loop
//! with an addition; partial sums of chunks make the next one cheaper.

use benches::{Line, NOW_MS, Orders, Random, best, submit};
use engine::analyze::{Aggregate, AnalyzeCache};
use engine::query::{Parameters, Query};
use engine::{Base, Command, RecordId};
use serde_json::json;

/// The questions of this file.
pub(crate) fn run(base: &Base, ids: &Orders, rows: usize) -> Vec<Line> {
    let snapshot = base.snapshot();
    let codec = snapshot.ids();
    let (campaign, date, channel, gmv) =
        (codec.field(ids.campaign), codec.field(ids.date), codec.field(ids.channel), codec.field(ids.gmv));
    let parameters = Parameters { me: None, now_ms: NOW_MS };
    let query = Query::all(ids.orders);
    let read = |json| Aggregate::read(snapshot.stored(), ids.orders, &json).expect("an aggregate");
    let by_day = read(json!({
        "by": [{"field": campaign}, {"field": date, "bucket": "day"}], "order": "-value", "limit": 1000,
        "measures": [{"field": gmv, "function": "sum"}]
    }));
    let by_week = read(json!({
        "by": [{"field": channel}, {"field": date, "bucket": "week"}],
        "measures": [{"field": gmv, "function": "sum"}]
    }));
    let first = |aggregate: &Aggregate| {
        best(5, || {
            assert!(!aggregate.compute(&snapshot, &query, &parameters).expect("groups").groups.is_empty())
        })
    };
    let raw = raw_sum(rows);
    let mut lines = vec![
        Line::new("sum by campaign and day", first(&by_day), "raw loop", raw),
        Line::new("pivot channel × week", first(&by_week), "raw loop", raw),
    ];
    let cache = AnalyzeCache::default();
    cache.aggregate(&snapshot, &query, &by_week, &parameters).expect("groups");
    let mut n = 0;
    let again = best(10, || {
        n += 1;
        submit(base, vec![Command::set(ids.orders, RecordId(n), ids.gmv, f64::from(n))]);
        let snapshot = base.snapshot();
        cache.aggregate(&snapshot, &query, &by_week, &parameters).expect("groups");
    });
    lines.push(Line::alone("the same after one edit, with the edit", again, "one chunk is read again"));
    lines
}

fn raw_sum(rows: usize) -> std::time::Duration {
    let mut random = Random(618);
    let keys: Vec<(u8, u16)> =
        (0..rows).map(|_| (random.below(200) as u8, random.below(730) as u16)).collect();
    let values: Vec<f64> = (0..rows).map(|_| random.below(50_000) as f64).collect();
    best(5, || {
        let mut sums = vec![0.0f64; 200 * 730];
        for ((campaign, day), value) in keys.iter().zip(&values) {
            sums[usize::from(*campaign) * 730 + usize::from(*day)] += value;
        }
        assert!(sums.iter().any(|sum| *sum > 0.0));
    })
}
