//! The engine in a program without a server: a base on disk, a formula, an edit, what it changed, and undo.
//!
//! ```sh
//! cargo run -p examples --example embed
//! ```

use engine::{Command, Engine, Outcome, PersonId, RecordId, Request, WatchEvent};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path())?;
    let now = engine::now_ms();

    // A base is made by its first command; whoever makes it says who may enter.
    let me = PersonId(1);
    let base = engine.create_base(Request::new(
        None,
        now,
        vec![
            Command::CreateBase {
                id: 0x5eaf,
                name: "Projects".into(),
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

    // The text form is the shortest way to tables with links and computed fields.
    let script = engine::text::parse(
        r#"
table Projects
  field Name text
  field Hours rollup {"link": "$Projects.Tasks", "field": "$Tasks.Hours", "function": "SUM"}
table Tasks
  field Name text
  field Hours number
  field Project link {"table": "$Projects", "inverse": "Tasks"}
record Projects {"Name": "Apollo"}
record Tasks {"Name": "Design", "Hours": 3, "Project": ["$Projects#1"]}
record Tasks {"Name": "Build", "Hours": 5, "Project": ["$Projects#1"]}
"#,
    )?;
    engine::text::build(&base, &script, Some(me), now)?;

    // Whoever watches sees each commit once, with everything that it changed.
    let watch = base.watch();
    let snapshot = base.snapshot();
    let tasks = snapshot.schema().table_named("Tasks").ok_or("no table")?.id;
    let projects = snapshot.schema().table_named("Projects").ok_or("no table")?.id;
    let field =
        |table, name| snapshot.schema().field_named(table, name).map(|field| field.id).ok_or("no field");
    let (hours, total) = (field(tasks, "Hours")?, field(projects, "Hours")?);
    let design = RecordId(0);

    let mut edit = Request::new(Some(me), now, vec![Command::set(tasks, design, hours, 4.0)]);
    edit.stack = Some(1);
    let receipt = base.submit(edit)?;
    println!("version {}: Apollo takes {} hours", receipt.version, base.snapshot().text(total, RecordId(0)));

    if let Some(WatchEvent::Delta(delta)) = watch.next() {
        for (field, records) in &delta.touched {
            let name = delta.after.field(*field).map_or("?", |field| field.name.as_str());
            println!("  {name}: {} cells", records.len());
        }
    }

    let mut undo = Request::new(Some(me), now, vec![Command::Undo]);
    undo.stack = Some(1);
    let receipt = base.submit(undo)?;
    assert!(matches!(receipt.outcomes[0], Outcome::Undone { .. }));
    println!("version {}: back to {}", receipt.version, base.snapshot().text(total, RecordId(0)));

    // A version, once acknowledged, can always be read again.
    let before = base.at(receipt.version - 1)?;
    println!("at version {} it was {}", before.version(), before.text(total, RecordId(0)));
    engine.close();
    Ok(())
}
