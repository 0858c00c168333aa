//! What several test programs share: a base from its text form, and commands as a line of text.

#![allow(dead_code, missing_docs, unreachable_pub)]

use engine::change::Outcome;
use engine::command::input_of;
use engine::query::{Parameters, Query};
use engine::view::Order;
use engine::{
    Base, Command, CommandId, Error, FieldId, NewField, PersonId, Receipt, RecordId, RecordUpdate, Request,
    TableId, ViewId,
};
use serde_json::Value as Json;

/// 2026-06-18T02:00:00Z
pub const NOW_MS: i64 = 1_781_748_000_000;

/// A base in memory with one owner, built from its text form.
pub fn base(text: &str) -> Base {
    base_over(engine::memory_base(), text)
}

/// As [`base`], on a base that is there and empty.
pub fn base_over(base: Base, text: &str) -> Base {
    let create = Command::CreateBase {
        id: 0x5eaf,
        name: "Test".into(),
        locale: "en".into(),
        time_zone: "Asia/Shanghai".into(),
    };
    let person = |id, name: &str| Command::SetPerson {
        id: PersonId(id),
        name: name.into(),
        email: format!("{}@example.com", name.to_lowercase()),
        color: "teal".into(),
        role: Some(engine::state::schema::Role::Owner),
    };
    let request = Request::new(None, NOW_MS, vec![create, person(1, "Ann"), person(2, "Bob")]);
    base.submit(request).expect("a base is made");
    let script = engine::text::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    engine::text::build(&base, &script, Some(PersonId(1)), NOW_MS)
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    base
}

/// Submits commands of person `who`, on that person's undo stack.
pub fn submit(base: &Base, who: u32, commands: Vec<Command>) -> Result<Receipt, Error> {
    let mut request = Request::new(Some(PersonId(who)), NOW_MS, commands);
    request.stack = Some(u128::from(who));
    // The number only has to be new: the version is, as long as each request is answered before the next.
    request.id = Some(CommandId { client: u128::from(who), n: base.snapshot().version() + 1_000 });
    base.submit(request)
}

pub fn table(base: &Base, name: &str) -> TableId {
    let snapshot = base.snapshot();
    snapshot.schema().table_named(name).unwrap_or_else(|| panic!("no table {name}")).id
}

pub fn field(base: &Base, table: TableId, name: &str) -> FieldId {
    let snapshot = base.snapshot();
    snapshot.schema().field_named(table, name).unwrap_or_else(|| panic!("no field {name}")).id
}

/// `Tasks.Status`
pub fn field_at(base: &Base, path: &str) -> (TableId, FieldId) {
    let (name, rest) = path.split_once('.').unwrap_or_else(|| panic!("{path} names no field"));
    let table = table(base, name);
    (table, field(base, table, rest))
}

/// `Tasks/Board`, or `Tasks` for its first view.
pub fn view_at(base: &Base, path: &str) -> ViewId {
    let (name, view) = path.split_once('/').unwrap_or((path, ""));
    let table = table(base, name);
    let snapshot = base.snapshot();
    let views = snapshot.schema().views_of(table);
    let found = if view.is_empty() { views.first() } else { views.iter().find(|other| other.name == view) };
    found.unwrap_or_else(|| panic!("no view {path}")).id
}

/// The records of a view in its order, as numbers from 1.
pub fn order_of(base: &Base, path: &str) -> String {
    let snapshot = base.snapshot();
    let query = Query::of_view(snapshot.stored(), &snapshot.schema().views[&view_at(base, path)]);
    let parameters = Parameters { me: Some(PersonId(1)), now_ms: NOW_MS };
    let order = Order::new(&query.expect("settings fit"), &snapshot, &parameters).expect("the query fits");
    order.iter().map(|record| (record.0 + 1).to_string()).collect::<Vec<_>>().join(" ")
}

/// `Tasks.3.Status`: the third record of the table.
pub fn cell_at(base: &Base, path: &str) -> (TableId, RecordId, FieldId) {
    let mut parts = path.splitn(3, '.');
    let mut part = || parts.next().unwrap_or_else(|| panic!("{path} names no cell"));
    let table = table(base, part());
    let record = part().parse::<u32>().unwrap_or_else(|_| panic!("{path} names no record"));
    (table, RecordId(record - 1), field(base, table, part()))
}

/// The command that a line of a case says.
pub fn command(base: &Base, line: &str) -> Command {
    let (verb, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let (what, arguments) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    let json = || -> Json {
        let json = serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{line}: {error}"));
        engine::text::resolve(&json, base.snapshot().stored())
            .unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    match verb {
        "set" => {
            let (table, record, field) = cell_at(base, what);
            let cells = vec![(field, input_of(&json()))];
            let records = vec![RecordUpdate { record, if_version: None, cells }];
            Command::UpdateRecords { table, records, typecast: true }
        }
        "create" => {
            let table = table(base, what);
            let cells = json();
            let cells = cells.as_object().expect("cells");
            let columns =
                cells.iter().map(|(name, cell)| (field(base, table, name), vec![input_of(cell)])).collect();
            Command::CreateRecords { table, columns, n_records: 1, typecast: true }
        }
        "delete" => {
            let (name, record) = what.split_once('.').expect("a record");
            let record = RecordId(record.parse::<u32>().expect("a number") - 1);
            Command::DeleteRecords { table: table(base, name), records: vec![record] }
        }
        "restore" => {
            let (name, record) = what.split_once('.').expect("a record");
            let record = RecordId(record.parse::<u32>().expect("a number") - 1);
            Command::RestoreRecords { table: table(base, name), records: vec![record] }
        }
        "move" => {
            // `move Tasks/Board {"records": [3, 1], "after": 2}`
            let (view, json) = (view_at(base, what), json());
            let table = base.snapshot().schema().views[&view].table;
            let record = |json: &Json| RecordId(json.as_u64().expect("a number") as u32 - 1);
            let records = json["records"].as_array().expect("records").iter().map(record).collect();
            let after = json.get("after").filter(|json| !json.is_null()).map(record);
            Command::MoveRecords { table, view, records, after }
        }
        "add" | "remove" => {
            let (table, record, field) = cell_at(base, what);
            let items = json().as_array().expect("items").iter().map(input_of).collect::<Vec<_>>();
            let (add, remove) = if verb == "add" { (items, Vec::new()) } else { (Vec::new(), items) };
            Command::ChangeItems { table, record, field, add, remove }
        }
        "increment" => {
            let (table, record, field) = cell_at(base, what);
            Command::Increment { table, record, field, by: json().as_f64().expect("a number") }
        }
        "upsert" => {
            let table = table(base, what);
            let json = json();
            let keys = json["keys"].as_array().expect("keys").iter();
            let keys = keys.map(|key| field(base, table, key.as_str().expect("a name"))).collect();
            let rows = json["records"].as_array().expect("records");
            let names: Vec<&String> = rows[0].as_object().expect("cells").keys().collect();
            let column = |name: &&String| {
                (field(base, table, name), rows.iter().map(|row| input_of(&row[name.as_str()])).collect())
            };
            let columns = names.iter().map(column).collect();
            Command::UpsertRecords { table, keys, columns, n_records: rows.len(), typecast: true }
        }
        "base" => {
            let settings: Json = serde_json::from_str(rest).unwrap_or_else(|error| panic!("{line}: {error}"));
            let text = |name: &str| settings[name].as_str().map(str::to_owned);
            let (name, locale) = (text("name"), text("locale"));
            Command::UpdateBase { name, locale, time_zone: text("time_zone"), dialect: text("dialect") }
        }
        "field" => {
            let (name, rest) = what.split_once('.').expect("a field");
            let (type_name, options) = arguments.split_once(' ').unwrap_or((arguments, "null"));
            let options = serde_json::from_str(options).unwrap_or_else(|error| panic!("{line}: {error}"));
            let options = engine::text::resolve(&options, base.snapshot().stored()).expect("names");
            let new =
                NewField { name: rest.into(), type_name: type_name.into(), options, ..NewField::default() };
            Command::CreateField { table: table(base, name), field: new, after: None }
        }
        "convert" => {
            let (type_name, options) = arguments.split_once(' ').unwrap_or((arguments, "null"));
            let options = serde_json::from_str(options).unwrap_or_else(|error| panic!("{line}: {error}"));
            let options = engine::text::resolve(&options, base.snapshot().stored()).expect("names");
            Command::ConvertField { field: field_at(base, what).1, type_name: type_name.into(), options }
        }
        "rename" => Command::UpdateField {
            field: field_at(base, what).1,
            name: Some(arguments.into()),
            description: None,
            options: None,
            default: None,
            required: None,
            unique: None,
        },
        "change" => {
            let json = json();
            Command::UpdateField {
                field: field_at(base, what).1,
                name: None,
                description: None,
                options: json.get("options").cloned(),
                default: json.get("default").cloned(),
                required: json.get("required").and_then(Json::as_bool),
                unique: json.get("unique").and_then(Json::as_bool),
            }
        }
        "drop" => Command::DeleteField(field_at(base, what).1),
        "drop-table" => Command::DeleteTable(table(base, what)),
        "undo" => Command::Undo,
        "redo" => Command::Redo,
        other => panic!("no verb {other}"),
    }
}

/// A cell as a case writes it.
pub fn shown(base: &Base, path: &str) -> String {
    let (table, record, field) = cell_at(base, path);
    let snapshot = base.snapshot();
    if !snapshot.alive(table).contains(record) {
        return "gone".into();
    }
    match snapshot.get(field, record) {
        engine::Value::Blank => "blank".into(),
        engine::Value::Error(error) => error.kind.to_string(),
        _ => snapshot.text(field, record),
    }
}

/// What a receipt's undo left alone.
pub fn skipped(receipt: &Receipt) -> usize {
    let outcomes = receipt.outcomes.iter();
    outcomes
        .map(|outcome| if let Outcome::Undone { skipped, .. } = outcome { skipped.len() } else { 0 })
        .sum()
}
