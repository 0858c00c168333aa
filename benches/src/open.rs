//! How long until a base that was closed answers its first page? The checkpoint is read, the log's tail replayed,
//! and everything computed.

use std::path::Path;
use std::time::Duration;

use benches::{Line, NOW_MS, Orders, best};
use engine::Engine;
use engine::query::{Parameters, Query};
use engine::view::Order;

/// The questions of this file.
pub(crate) fn run(dir: &Path, ids: &Orders, rows: usize) -> Vec<Line> {
    let parameters = Parameters { me: None, now_ms: NOW_MS };
    let took = best(1, || {
        let engine = Engine::open(dir).expect("the folder");
        let id = engine.bases().into_iter().next().expect("the base");
        let base = engine.base(&id).expect("the base opens");
        let order = Order::new(&Query::all(ids.orders), &base.snapshot(), &parameters).expect("an order");
        assert_eq!(order.slice(0, 100).len(), 100.min(rows));
        drop(base);
        engine.close();
    });
    let on_disk = bytes(dir);
    let note = format!(
        "{} MB on disk, {} bytes a record (log and checkpoint)",
        on_disk >> 20,
        on_disk / rows.max(1) as u64
    );
    vec![Line::alone("open until the first page, and close", took.max(Duration::from_nanos(1)), &note)]
}

fn bytes(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
