//! Seeded bases and the yardsticks that benches are measured with.
//!
//! A shared machine's absolute times drift, so each figure stands beside a yardstick of the same run (a raw loop
//! over a flat array, `fdatasync` of the same bytes) and the ratio is what counts. A bench checks its result.

use std::path::Path;
use std::time::{Duration, Instant};

use engine::{Base, Command, Engine, FieldId, Input, Request, TableId};

/// What a base of orders has: the ids that benches ask for.
#[derive(Clone, Copy, Debug)]
pub struct Orders {
    /// 200 campaigns with a rollup and a count.
    pub campaigns: TableId,
    /// The orders.
    pub orders: TableId,
    /// `Campaigns.GMV`, the sum of its orders' GMV.
    pub total: FieldId,
    /// The day of an order.
    pub date: FieldId,
    /// Its campaign.
    pub campaign: FieldId,
    /// Its channel, one of 12.
    pub channel: FieldId,
    /// Its value.
    pub gmv: FieldId,
    /// Its cost.
    pub cost: FieldId,
    /// A formula over both.
    pub roi: FieldId,
    /// A free text.
    pub note: FieldId,
}

const TEXT: &str = r#"
table Campaigns
  field Name text
table Orders
  field No autoNumber
  field Date date
  field Campaign link {"table": "$Campaigns", "inverse": "Orders", "many": false}
  field Channel singleSelect {"options": [
    {"name": "Tmall"}, {"name": "JD"}, {"name": "Douyin"}, {"name": "Kuaishou"}, {"name": "PDD"}, {"name": "Xiaohongshu"},
    {"name": "WeChat"}, {"name": "Weibo"}, {"name": "Bilibili"}, {"name": "App"}, {"name": "Store"}, {"name": "Other"}]}
  field Impressions number
  field Clicks number
  field Quantity number
  field Price number
  field GMV number {"format": "currency", "currency": "CNY", "decimals": 2}
  field Cost number {"format": "currency", "currency": "CNY", "decimals": 2}
  field Note text
  field ROI formula {"formula": "{GMV} / {Cost}"}
  field Margin formula {"formula": "IF({GMV} > 100, {GMV} - {Cost}, 0)"}
"#;

/// Records of one command while a base is filled.
const BATCH: usize = 50_000;

/// A small generator (splitmix64): the same seed gives the same base everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ x >> 31
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.draw() % n
    }
}

/// Opens the engine in `dir` and makes a base of `rows` orders.
///
/// # Panics
///
/// If anything is refused: a bench has no other use for an error.
pub fn orders(dir: &Path, rows: usize) -> (Engine, Base, Orders) {
    let engine = Engine::open(dir).expect("a new folder");
    let create = Command::CreateBase {
        id: 0xBE7C << 100,
        name: "Orders".into(),
        locale: "en".into(),
        time_zone: "Asia/Shanghai".into(),
    };
    let base = engine.create_base(request(vec![create])).expect("a base");
    let script = engine::text::parse(TEXT).expect("the text form");
    engine::text::build(&base, &script, None, NOW_MS).expect("the tables");
    let ids = ids(&base, FieldId(0));
    campaigns(&base, &ids);
    fill(&base, &ids, rows);
    let total = engine::NewField {
        name: "GMV".into(),
        type_name: "rollup".into(),
        options: engine::text::resolve(
            &serde_json::json!({ "link": "$Campaigns.Orders", "field": "$Orders.GMV", "function": "SUM" }),
            base.snapshot().stored(),
        )
        .expect("names"),
        ..engine::NewField::default()
    };
    submit(&base, vec![Command::CreateField { table: ids.campaigns, field: total, after: None }]);
    let total = base.snapshot().schema().field_named(ids.campaigns, "GMV").expect("the rollup").id;
    (engine, base, Orders { total, ..ids })
}

/// The door's clock in benches.
pub const NOW_MS: i64 = 1_781_748_000_000;

/// A request of the server itself.
pub fn request(commands: Vec<Command>) -> Request {
    Request::new(None, NOW_MS, commands)
}

/// Submits commands that are not refused.
///
/// # Panics
///
/// If they are.
pub fn submit(base: &Base, commands: Vec<Command>) {
    base.submit(request(commands)).unwrap_or_else(|error| panic!("{error}"));
}

fn ids(base: &Base, total: FieldId) -> Orders {
    let snapshot = base.snapshot();
    let table = |name| snapshot.schema().table_named(name).expect("a table").id;
    let (campaigns, orders) = (table("Campaigns"), table("Orders"));
    let field = |name| snapshot.schema().field_named(orders, name).expect("a field").id;
    Orders {
        campaigns,
        orders,
        total,
        date: field("Date"),
        campaign: field("Campaign"),
        channel: field("Channel"),
        gmv: field("GMV"),
        cost: field("Cost"),
        roi: field("ROI"),
        note: field("Note"),
    }
}

fn campaigns(base: &Base, ids: &Orders) {
    let snapshot = base.snapshot();
    let name = snapshot.schema().field_named(ids.campaigns, "Name").expect("a field").id;
    let names = (0..200).map(|n| Input::Text(format!("Campaign {n}"))).collect();
    let columns = vec![(name, names)];
    submit(
        base,
        vec![Command::CreateRecords { table: ids.campaigns, columns, n_records: 200, typecast: false }],
    );
}

/// Adds `rows` orders.
pub fn fill(base: &Base, ids: &Orders, rows: usize) {
    let mut random = Random(618);
    let mut done = 0;
    while done < rows {
        let n = BATCH.min(rows - done);
        submit(base, vec![batch(base, ids, n, &mut random)]);
        done += n;
    }
}

fn batch(base: &Base, ids: &Orders, n: usize, random: &mut Random) -> Command {
    let snapshot = base.snapshot();
    let codec = snapshot.ids();
    let campaigns: Vec<String> =
        (0..200).map(|record| codec.record(ids.campaigns, engine::RecordId(record))).collect();
    let channels: Vec<String> = (0..12).map(|n| option(base, ids.channel, n)).collect();
    let named = |name: &str| snapshot.schema().field_named(ids.orders, name).expect("a field").id;
    let mut column =
        |cell: &mut dyn FnMut(&mut Random) -> Input| (0..n).map(|_| cell(random)).collect::<Vec<_>>();
    let columns = vec![
        (ids.date, column(&mut |r| Input::Text(day(r.below(730))))),
        (
            ids.campaign,
            column(&mut |r| Input::List(vec![Input::Text(campaigns[r.below(200) as usize].clone())])),
        ),
        (ids.channel, column(&mut |r| Input::Text(channels[r.below(12) as usize].clone()))),
        (named("Impressions"), column(&mut |r| Input::Number(r.below(100_000) as f64))),
        (named("Clicks"), column(&mut |r| Input::Number(r.below(5_000) as f64))),
        (named("Quantity"), column(&mut |r| Input::Number(r.below(20) as f64))),
        (named("Price"), column(&mut |r| Input::Number(r.below(100_000) as f64 / 100.0))),
        (ids.gmv, column(&mut |r| Input::Number(r.below(50_000) as f64 / 100.0))),
        (ids.cost, column(&mut |r| Input::Number(r.below(20_000) as f64 / 100.0 + 1.0))),
        (ids.note, column(&mut |r| Input::Text(note(r)))),
    ];
    Command::CreateRecords { table: ids.orders, columns, n_records: n, typecast: false }
}

/// The outside id of the `n`th option of a select.
pub fn option(base: &Base, field: FieldId, n: usize) -> String {
    let snapshot = base.snapshot();
    let def = snapshot.field(field).expect("a select");
    def.options["options"][n]["id"].as_str().expect("an id").to_owned()
}

fn day(n: u64) -> String {
    // Months of 28 days are days enough.
    format!("{}-{:02}-{:02}", 2025 + n / 336, n / 28 % 12 + 1, n % 28 + 1)
}

fn note(random: &mut Random) -> String {
    const WORDS: [&str; 8] = ["gift", "urgent", "repeat", "coupon", "late", "vip", "bundle", "return"];
    let word = |random: &mut Random| WORDS[random.below(8) as usize];
    format!("{} {} {}", word(random), word(random), random.below(1_000_000))
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was asked.
    pub question: String,
    /// The figure.
    pub took: Duration,
    /// What it is compared with.
    pub yardstick: String,
    /// The yardstick's figure, if there is one.
    pub yardstick_took: Option<Duration>,
}

impl Line {
    /// A line with a yardstick.
    pub fn new(question: &str, took: Duration, yardstick: &str, yardstick_took: Duration) -> Self {
        let yardstick_took = Some(yardstick_took);
        Self { question: question.into(), took, yardstick: yardstick.into(), yardstick_took }
    }

    /// A line that stands alone; `note` says what it means.
    pub fn alone(question: &str, took: Duration, note: &str) -> Self {
        Self { question: question.into(), took, yardstick: note.into(), yardstick_took: None }
    }

    /// As a row of a Markdown table.
    pub fn row(&self) -> String {
        let (yardstick, ratio) = match self.yardstick_took {
            Some(took) => {
                let ratio = self.took.as_secs_f64() / took.as_secs_f64().max(1e-9);
                (format!("{} {}", shown(took), self.yardstick), format!("{ratio:.1}"))
            }
            None => (self.yardstick.clone(), String::new()),
        };
        format!("| {} | {} | {yardstick} | {ratio} |", self.question, shown(self.took))
    }
}

fn shown(took: Duration) -> String {
    match took.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 0.001 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{:.1} µs", seconds * 1e6),
    }
}

/// The best of `n` runs.
pub fn best(n: usize, mut run: impl FnMut()) -> Duration {
    let runs = (0..n).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    runs.min().unwrap_or_default()
}

/// The middle and the 99th percentile of `n` runs.
pub fn spread(n: usize, mut run: impl FnMut(usize)) -> (Duration, Duration) {
    let mut runs: Vec<Duration> = (0..n)
        .map(|at| {
            let start = Instant::now();
            run(at);
            start.elapsed()
        })
        .collect();
    runs.sort();
    (runs[n / 2], runs[n * 99 / 100])
}
