//! `cargo run --release -p benches -- [rows …]`: the table of `benches/README.md` on this machine.

mod edit;
mod group;
mod http;
mod import;
mod open;
mod recalc;
mod view;

use benches::{Line, Orders, orders};
use engine::Base;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A bench: its questions asked of a base.
type Bench = fn(&Base, &Orders, usize) -> Vec<Line>;

/// In the order of the table; those that change the base come last.
const BENCHES: &[(&str, Bench)] =
    &[("view", view::run), ("group", group::run), ("edit", edit::run), ("recalc", recalc::run)];

fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|rows| rows.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 1_000_000];
    }
    for rows in sizes {
        let folder = tempfile::tempdir().expect("a folder");
        let start = std::time::Instant::now();
        let (engine, base, ids) = orders(folder.path(), rows);
        let filled = start.elapsed();
        println!("\n## {rows} orders\n\n| Question | Sheaf | Yardstick | Ratio |\n|---|---|---|---|");
        let per_second = rows as f64 / filled.as_secs_f64();
        let note = format!("{per_second:.0} records/s, 10 columns, log synced, formulas and links there");
        println!("{}", Line::alone("make all records through commands", filled, &note).row());
        for (_, bench) in BENCHES {
            for line in bench(&base, &ids, rows) {
                println!("{}", line.row());
            }
        }
        drop(base);
        engine.close();
        drop(engine);
        let elsewhere = tempfile::tempdir().expect("a folder");
        let lines = open::run(folder.path(), &ids, rows)
            .into_iter()
            .chain(http::run(folder.path(), &ids, rows))
            .chain(import::run(elsewhere.path(), rows));
        for line in lines {
            println!("{}", line.row());
        }
    }
}
