//! How long does one cell take until it is safe, and until others see what follows from it? The disk's sync and
//! little else; 64 writers share it.

use std::io::Write;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use benches::{Line, Orders, request, spread, submit};
use engine::{Base, Command, RecordId, WatchEvent};

/// The questions of this file.
pub(crate) fn run(base: &Base, ids: &Orders, rows: usize) -> Vec<Line> {
    let (sync, sync_p99) = fdatasync();
    let set =
        |n: usize| Command::set(ids.orders, RecordId((n * 7_919 % rows) as u32), ids.gmv, n as f64 + 0.5);
    // The reader that most bases have: somebody who looks at the version before.
    let held = base.snapshot();
    let (one, one_p99) = spread(500, |n| submit(base, vec![set(n)]));
    drop(held);
    let watch = base.watch();
    let (seen, _) = spread(200, |n| {
        submit(base, vec![set(n + 10_000)]);
        let Some(WatchEvent::Delta(delta)) = watch.next() else { panic!("no delta") };
        assert!(delta.touched.contains_key(&ids.total), "the campaign's rollup follows");
    });
    let (each, total) = many(base, ids, rows);
    vec![
        Line::new(
            "one cell, durable and its formulas and rollup published, p50",
            one,
            "fdatasync of as many bytes",
            sync,
        ),
        Line::new("the same, p99", one_p99, "fdatasync, p99", sync_p99),
        Line::new("one cell until a watcher has the delta, p50", seen, "fdatasync", sync),
        Line::alone("64 writers: time for each acknowledged cell", each, &format!("{total:.0} a second")),
    ]
}

fn many(base: &Base, ids: &Orders, rows: usize) -> (Duration, f64) {
    const WRITERS: usize = 64;
    const EACH: usize = 100;
    let barrier = Barrier::new(WRITERS + 1);
    let took = std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                for n in 0..EACH {
                    let record = RecordId(((writer * EACH + n) * 31 % rows) as u32);
                    let value = (writer * EACH + n) as f64 + 0.25;
                    base.submit(request(vec![Command::set(ids.orders, record, ids.gmv, value)]))
                        .expect("done");
                }
            });
        }
        barrier.wait();
        Instant::now()
    })
    .elapsed();
    (took / (WRITERS * EACH) as u32, (WRITERS * EACH) as f64 / took.as_secs_f64())
}

/// The disk alone: the middle and the 99th percentile.
pub(crate) fn fdatasync() -> (Duration, Duration) {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&vec![0; 1 << 20]).and_then(|()| file.sync_all()).expect("space");
    let mut at = 0;
    spread(500, |_| {
        use std::os::unix::fs::FileExt;
        file.write_at(&[7; 160], at).and_then(|_| file.sync_data()).expect("a sync");
        at += 160;
    })
}
