//! How long does a file take to come in? Parsing is a small part: what counts is that records go through the same
//! commands, the same checks and the same log as everything else, with formulas and links there.

use std::io::Write;
use std::path::Path;

use benches::{Line, NOW_MS, Random, best};
use engine::{Command, Engine, PersonId, Request};
use server::import::{Target, import};

/// The questions of this file.
pub(crate) fn run(dir: &Path, rows: usize) -> Vec<Line> {
    let file = dir.join("orders.csv");
    let bytes = write(&file, rows).expect("a file of orders");
    let engine = Engine::open(dir.join("imported").as_path()).expect("a new folder");
    let create = Command::CreateBase {
        id: 0x1497 << 100,
        name: "Imported".into(),
        locale: "en".into(),
        time_zone: "Asia/Shanghai".into(),
    };
    let base = engine.create_base(Request::new(None, NOW_MS, vec![create])).expect("a base");
    let me = PersonId(1);
    let person = Command::SetPerson {
        id: me,
        name: "Ann".into(),
        email: "ann@example.com".into(),
        color: "teal".into(),
        role: Some(engine::state::schema::Role::Owner),
    };
    base.submit(Request::new(None, NOW_MS, vec![person])).expect("a person");
    let took = best(1, || {
        let target = Target::New("Orders".into());
        let report = import(&base, me, &target, &file, &mut |_| {}).expect("an import");
        assert_eq!((report.records, report.n_issues), (rows as u64, 0));
    });
    let raw = best(3, || {
        let mut reader = csv::Reader::from_path(&file).expect("the file");
        let mut line = csv::StringRecord::new();
        let mut n = 0;
        while reader.read_record(&mut line).expect("a line") {
            n += usize::from(!line[0].is_empty());
        }
        assert_eq!(n, rows);
    });
    drop(base);
    engine.close();
    let per_second = rows as f64 / took.as_secs_f64();
    let yardstick = format!("reading the {} MB as CSV twice; {per_second:.0} records/s", bytes >> 20);
    vec![Line::new("import a CSV into a new table", took, &yardstick, raw * 2)]
}

/// Orders as a shop's system exports them; returns how many bytes.
fn write(file: &Path, rows: usize) -> std::io::Result<u64> {
    let mut random = Random(1_111);
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    writeln!(out, "Order,Date,Campaign,Channel,Impressions,Clicks,Quantity,Price,GMV,Cost,Note")?;
    let channels = ["Tmall", "JD", "Douyin", "Kuaishou", "PDD", "WeChat", "App", "Store"];
    for row in 0..rows {
        let (quantity, price) = (1 + random.below(5), random.below(50_000) as f64 / 100.0);
        writeln!(
            out,
            "SO{row:09},2026-{:02}-{:02},Campaign {},{},{},{},{quantity},{price:.2},{:.2},{:.2},\"for customer {}, by {}\"",
            1 + random.below(12),
            1 + random.below(28),
            random.below(200),
            channels[random.below(8) as usize],
            random.below(100_000),
            random.below(5_000),
            quantity as f64 * price,
            price * 0.4,
            random.below(90_000),
            channels[random.below(8) as usize],
        )?;
    }
    out.flush()?;
    Ok(file.metadata()?.len())
}
