//! A campaign tracker from its template: one more day of figures, and what it does to the campaign.
//!
//! ```sh
//! cargo run -p examples --example campaign
//! ```

use engine::template::{self, Locale, Sample};
use engine::{Command, Engine, Input, Outcome, PersonId, RecordId, Request, Snapshot, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path())?;
    let now = engine::now_ms();
    let me = PersonId(1);
    let base = engine.create_base(Request::new(
        None,
        now,
        vec![
            Command::CreateBase {
                id: 0x5eaf,
                name: "Autumn sales".into(),
                locale: Locale::En.tag().into(),
                time_zone: "Asia/Shanghai".into(),
            },
            Command::SetPerson {
                id: me,
                name: "Ann".into(),
                email: "ann@example.com".into(),
                color: "teal".into(),
                role: Some(engine::state::schema::Role::Owner),
            },
        ],
    ))?;

    // The template is tables, views, a dashboard and automations; the sample is what a team wrote into it.
    let campaign = template::find("campaign").ok_or("no such template")?;
    template::create(&base, campaign, Locale::En, Some(me), now)?;
    let sample = Sample { author: Some(me), people: &[me], rows: None, seed: 1, now_ms: now };
    (campaign.fill)(&base, &sample, &mut |_, _| {})?;

    // Fields are found by their names, and cells are read as a person would see them.
    let snapshot = base.snapshot();
    let table = |name| snapshot.schema().table_named(name).map(|table| table.id).ok_or("no such table");
    let (campaigns, figures, channels) = (table("Campaigns")?, table("Daily figures")?, table("Channels")?);
    let field =
        |table, name| snapshot.schema().field_named(table, name).map(|field| field.id).ok_or("no such field");
    let gmv = field(campaigns, "GMV")?;
    // The sample's second campaign is the one that is running.
    let running = RecordId(1);
    let sold = |snapshot: &Snapshot| match snapshot.get(gmv, running) {
        Value::Number(amount) => format!("{}: GMV ¥{amount:.2}", snapshot.title(campaigns, running)),
        _ => "nothing sold yet".to_owned(),
    };
    println!("{}", sold(&snapshot));

    // One more record, linked to its campaign and channel; the rollups follow.
    let link = |table, record| Input::List(vec![Input::Text(snapshot.ids().record(table, record))]);
    let columns = vec![
        (field(figures, "Date")?, vec!["today".into()]),
        (field(figures, "Campaign")?, vec![link(campaigns, running)]),
        (field(figures, "Channel")?, vec![link(channels, RecordId(0))]),
        (field(figures, "Orders")?, vec![80.0.into()]),
        (field(figures, "GMV")?, vec![20_000.0.into()]),
        (field(figures, "Cost")?, vec![5_000.0.into()]),
    ];
    let create = Command::CreateRecords { table: figures, columns, n_records: 1, typecast: true };
    let receipt = base.submit(Request::new(Some(me), now, vec![create]))?;
    if let Some(Outcome::Records { created, .. }) = receipt.outcomes.first() {
        let record = created.at(0);
        println!("one more record, ROI {}", base.snapshot().text(field(figures, "ROI")?, record));
    }

    let after = base.snapshot();
    println!("{}", sold(&after));
    for name in ["Tasks done %", "Late tasks", "Open risks"] {
        println!("  {name}: {}", after.text(field(campaigns, name)?, running));
    }
    engine.close();
    Ok(())
}
