//! A campaign tracker from the template, a daily figure, and what follows from it.
//!
//! ```sh
//! cargo run -p examples --example campaign
//! ```

use engine::template::{self, Locale};
use engine::{Command, Engine, Input, PersonId, RecordId, Request};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path())?;
    let (me, now) = (PersonId(1), engine::now_ms());
    let base = engine.create_base(Request::new(
        None,
        now,
        vec![
            Command::CreateBase {
                id: 618,
                name: "618".into(),
                locale: "en".into(),
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
    let campaign = template::find("campaign").ok_or("no such template")?;
    template::create(&base, campaign, Locale::En, Some(me), now)?;
    template::sample::fill_campaign(&base, Some(me), &[me], Some(500), 618, now, &mut |_, _| {})?;

    let snapshot = base.snapshot();
    let table = |name: &str| snapshot.schema().table_named(name).map(|table| table.id).ok_or("no table");
    let (campaigns, figures) = (table("Campaigns")?, table("Daily figures")?);
    let field = |table, name: &str| {
        snapshot.schema().field_named(table, name).map(|field| field.id).ok_or("no field")
    };
    let (total, gmv, link) = (field(campaigns, "GMV")?, field(figures, "GMV")?, field(figures, "Campaign")?);

    let first = RecordId(0);
    println!("{}: GMV {}", snapshot.title(campaigns, first), snapshot.text(total, first));
    let columns = vec![
        (gmv, vec![Input::Number(618_000.0)]),
        (link, vec![Input::List(vec![Input::Text(snapshot.ids().record(campaigns, first))])]),
    ];
    let day = Command::CreateRecords { table: figures, columns, n_records: 1, typecast: false };
    base.submit(Request::new(Some(me), now, vec![day]))?;
    println!("and after one more day: {}", base.snapshot().text(total, first));
    engine.close();
    Ok(())
}
