//! Ops of a batch → commands: `docs/protocol.md` section 3, one arm for each op.
//!
//! Ids are read here; whether a table, field or value fits is the planner's to say, in one place for all doors.

use engine::field::Storage;
use engine::limits::BATCH_OPS_MAX;
use engine::{
    Command, FieldId, IdCodec, Input, NewField, PersonId, RecordUpdate, Refusal, Snapshot, TableId,
};
use serde_json::{Map, Value as Json};

use super::args::{Args, Read, kind, unknown};
use super::results::Asked;
use super::value::input;

/// Commands of a batch, and what is needed to write their results.
#[derive(Debug, Default)]
pub struct Batch {
    /// In order.
    pub commands: Vec<Command>,
    /// One for each.
    pub asked: Vec<Asked>,
}

/// Reads the ops of `person`.
///
/// # Errors
///
/// The first op that cannot be read, with its position.
pub fn batch(ops: Json, snapshot: &Snapshot, person: PersonId) -> Result<Batch, Refusal> {
    let Json::Array(ops) = ops else {
        return Err(Refusal::invalid(format!("\"ops\" is an array of ops, got {}", kind(&ops))));
    };
    if ops.is_empty() || ops.len() > BATCH_OPS_MAX {
        return Err(Refusal::limit(format!(
            "a batch has 1 to {BATCH_OPS_MAX} ops, this one has {}",
            ops.len()
        )));
    }
    let mut batch = Batch::default();
    for (position, op) in ops.into_iter().enumerate() {
        let place = |mut refusal: Refusal| {
            refusal.at.op = Some(position);
            refusal
        };
        let mut args = Args::new("an op", op, snapshot.ids()).map_err(place)?;
        let name = args.text("op").map_err(place)?;
        let command = command(&name, &mut args, snapshot, person).map_err(place)?;
        args.finish().map_err(place)?;
        let table = match &command {
            Command::ConvertField { field, .. } => snapshot.field(*field).map(|def| def.table),
            _ => None,
        };
        batch.asked.push(Asked { op: name, table: table.unwrap_or_default() });
        batch.commands.push(command);
    }
    Ok(batch)
}

fn command(op: &str, args: &mut Args, snapshot: &Snapshot, person: PersonId) -> Read<Command> {
    let family = op.split('.').next().unwrap_or_default();
    let read = match family {
        "tables" | "base" => table_command(op, args)?,
        "fields" => field_command(op, args)?,
        "records" => record_command(op, args, snapshot)?,
        "cells" => cell_command(op, args)?,
        "views" => view_command(op, args, person)?,
        "dashboards" => dashboard_command(op, args)?,
        "automations" => automation_command(op, args)?,
        "undo" => Some(Command::Undo),
        "redo" => Some(Command::Redo),
        _ => None,
    };
    read.ok_or_else(|| {
        let shown: String = op.chars().take(40).collect();
        Refusal::invalid(format!("there is no op \"{shown}\""))
    })
}

fn table_command(op: &str, args: &mut Args) -> Read<Option<Command>> {
    Ok(Some(match op {
        "base.update" => Command::UpdateBase {
            name: args.text_opt("name")?,
            locale: args.text_opt("locale")?,
            time_zone: args.text_opt("time_zone")?,
            dialect: args.text_opt("dialect")?,
        },
        "tables.create" => {
            let ids = args.ids();
            let fields =
                args.array("fields")?.into_iter().map(|field| new_field(field, ids)).collect::<Read<_>>()?;
            let description = args.text_opt("description")?.unwrap_or_default();
            Command::CreateTable { name: args.text("name")?, description, fields }
        }
        "tables.update" => Command::UpdateTable {
            table: args.table("table")?,
            name: args.text_opt("name")?,
            description: args.text_opt("description")?,
            primary: args.id_opt("primary", "field", IdCodec::read_field)?,
        },
        "tables.delete" => Command::DeleteTable(args.table("table")?),
        "tables.move" => Command::MoveTable {
            table: args.table("table")?,
            after: args.id_opt("after", "table", IdCodec::read_table)?,
        },
        _ => return Ok(None),
    }))
}

fn field_command(op: &str, args: &mut Args) -> Read<Option<Command>> {
    Ok(Some(match op {
        "fields.create" => Command::CreateField {
            table: args.table("table")?,
            after: args.id_opt("after", "field", IdCodec::read_field)?,
            field: new_field_of(args)?,
        },
        "fields.update" => Command::UpdateField {
            field: args.field("field")?,
            name: args.text_opt("name")?,
            description: args.text_opt("description")?,
            options: args.any("options"),
            default: args.given("default"),
            required: args.bool_opt("required")?,
            unique: args.bool_opt("unique")?,
        },
        "fields.convert" => Command::ConvertField {
            field: args.field("field")?,
            type_name: args.text("type")?,
            options: args.any("options").unwrap_or(Json::Null),
        },
        "fields.delete" => Command::DeleteField(args.field("field")?),
        "fields.move" => Command::MoveField {
            field: args.field("field")?,
            after: args.id_opt("after", "field", IdCodec::read_field)?,
        },
        _ => return Ok(None),
    }))
}

fn record_command(op: &str, args: &mut Args, snapshot: &Snapshot) -> Read<Option<Command>> {
    if !matches!(
        op,
        "records.create"
            | "records.update"
            | "records.delete"
            | "records.restore"
            | "records.upsert"
            | "records.move"
    ) {
        return Ok(None);
    }
    let table = args.table("table")?;
    let command = match op {
        "records.delete" => Command::DeleteRecords { table, records: args.records("records", table)? },
        "records.move" => Command::MoveRecords {
            table,
            view: args.view("view")?,
            records: args.records("records", table)?,
            after: args.id_opt("after", "record", |ids, text| ids.read_record(table, text))?,
        },
        "records.restore" => Command::RestoreRecords { table, records: args.records("records", table)? },
        "records.update" => {
            let typecast = args.bool_opt("typecast")?.unwrap_or(false);
            let ids = args.ids();
            let records = args.array("records")?;
            let records =
                records.into_iter().map(|record| update(record, table, ids)).collect::<Read<_>>()?;
            Command::UpdateRecords { table, records, typecast }
        }
        _ => {
            let typecast = args.bool_opt("typecast")?.unwrap_or(false);
            let ids = args.ids();
            let records = args.array("records")?;
            let n_records = records.len();
            let columns = columns(records, ids, snapshot, table)?;
            if op == "records.create" {
                Command::CreateRecords { table, columns, n_records, typecast }
            } else {
                Command::UpsertRecords { table, keys: args.fields("keys")?, columns, n_records, typecast }
            }
        }
    };
    Ok(Some(command))
}

fn cell_command(op: &str, args: &mut Args) -> Read<Option<Command>> {
    if !matches!(op, "cells.add" | "cells.remove" | "cells.increment" | "cells.paste") {
        return Ok(None);
    }
    let table = args.table("table")?;
    if op == "cells.paste" {
        let row = |row: Json| match row {
            Json::Array(cells) => cells.iter().map(pasted).collect::<Read<Vec<_>>>(),
            other => {
                Err(Refusal::invalid(format!("a row of \"rows\" is an array of texts, got {}", kind(&other))))
            }
        };
        return Ok(Some(Command::Paste {
            table,
            records: args.records("records", table)?,
            fields: args.fields("fields")?,
            rows: args.array("rows")?.into_iter().map(row).collect::<Read<_>>()?,
            create: args.bool_opt("create")?.unwrap_or(false),
        }));
    }
    let (record, field) = (args.record("record", table)?, args.field("field")?);
    Ok(Some(match op {
        "cells.add" => {
            Command::ChangeItems { table, record, field, add: args.inputs("items")?, remove: Vec::new() }
        }
        "cells.remove" => {
            Command::ChangeItems { table, record, field, add: Vec::new(), remove: args.inputs("items")? }
        }
        _ => Command::Increment { table, record, field, by: args.number("by")? },
    }))
}

fn view_command(op: &str, args: &mut Args, person: PersonId) -> Read<Option<Command>> {
    Ok(Some(match op {
        "views.create" => Command::CreateView {
            table: args.table("table")?,
            kind: args.text("kind")?,
            name: args.text("name")?,
            settings: args.any("settings").unwrap_or(Json::Null),
            personal: personal(args, person)?,
        },
        "views.update" => Command::UpdateView {
            view: args.view("view")?,
            name: args.text_opt("name")?,
            settings: args.any("settings"),
            locked: args.bool_opt("locked")?,
        },
        "views.delete" => Command::DeleteView(args.view("view")?),
        "views.move" => Command::MoveView {
            view: args.view("view")?,
            after: args.id_opt("after", "view", IdCodec::read_view)?,
        },
        _ => return Ok(None),
    }))
}

fn dashboard_command(op: &str, args: &mut Args) -> Read<Option<Command>> {
    Ok(Some(match op {
        "dashboards.create" => Command::CreateDashboard {
            name: args.text("name")?,
            blocks: args.any("blocks").unwrap_or_else(|| Json::Array(Vec::new())),
        },
        "dashboards.update" => Command::UpdateDashboard {
            dashboard: args.dashboard("dashboard")?,
            name: args.text_opt("name")?,
            blocks: args.any("blocks"),
        },
        "dashboards.delete" => Command::DeleteDashboard(args.dashboard("dashboard")?),
        _ => return Ok(None),
    }))
}

fn automation_command(op: &str, args: &mut Args) -> Read<Option<Command>> {
    let automation = |args: &mut Args| {
        let text = args.text("automation")?;
        args.ids().read_automation(&text).ok_or_else(|| unknown("automation", &text))
    };
    Ok(Some(match op {
        "automations.create" => Command::CreateAutomation {
            name: args.text("name")?,
            trigger: args.need("trigger")?,
            condition: args.any("condition").unwrap_or(Json::Null),
            actions: args.need("actions")?,
            enabled: args.bool_opt("enabled")?.unwrap_or(false),
        },
        "automations.update" => Command::UpdateAutomation {
            automation: automation(args)?,
            name: args.text_opt("name")?,
            trigger: args.any("trigger"),
            condition: args.given("condition"),
            actions: args.any("actions"),
            enabled: args.bool_opt("enabled")?,
        },
        "automations.delete" => Command::DeleteAutomation(automation(args)?),
        _ => return Ok(None),
    }))
}

fn new_field(json: Json, ids: IdCodec) -> Read<NewField> {
    let mut args = Args::new("a field", json, ids)?;
    let field = new_field_of(&mut args)?;
    args.finish()?;
    Ok(field)
}

fn new_field_of(args: &mut Args) -> Read<NewField> {
    Ok(NewField {
        name: args.text("name")?,
        type_name: args.text("type")?,
        options: args.any("options").unwrap_or(Json::Null),
        description: args.text_opt("description")?.unwrap_or_default(),
        default: args.any("default").unwrap_or(Json::Null),
        required: args.bool_opt("required")?.unwrap_or(false),
        unique: args.bool_opt("unique")?.unwrap_or(false),
    })
}

/// `personal` is `true` or one's own `usr…`.
fn personal(args: &mut Args, person: PersonId) -> Read<Option<PersonId>> {
    match args.any("personal") {
        None | Some(Json::Bool(false)) => Ok(None),
        Some(Json::Bool(true)) => Ok(Some(person)),
        Some(Json::String(id)) => IdCodec::read_person(&id).map(Some).ok_or_else(|| unknown("person", &id)),
        Some(other) => Err(Refusal::invalid(format!("\"personal\" is true or false, got {}", kind(&other)))),
    }
}

fn update(json: Json, table: TableId, ids: IdCodec) -> Read<RecordUpdate> {
    let mut args = Args::new("a record", json, ids)?;
    let record = args.record("id", table)?;
    let if_version = match args.any("if") {
        None => None,
        Some(condition) => {
            let mut condition = Args::new("\"if\"", condition, ids)?;
            let version = condition.whole_opt("version")?;
            condition.finish()?;
            version
        }
    };
    let cells = cells(args.need("fields")?, ids).map_err(|refusal| refusal.in_record(record))?;
    args.finish()?;
    Ok(RecordUpdate { record, if_version, cells })
}

fn cells(json: Json, ids: IdCodec) -> Read<Vec<(FieldId, Input)>> {
    let Json::Object(map) = json else {
        return Err(Refusal::invalid(format!("\"fields\" is an object of cells, got {}", kind(&json))));
    };
    map.iter().map(|(key, value)| cell(key, value, ids)).collect()
}

fn cell(key: &str, value: &Json, ids: IdCodec) -> Read<(FieldId, Input)> {
    let field = ids.read_field(key).ok_or_else(|| unknown("field", key))?;
    Ok((field, input(value).map_err(|refusal| refusal.in_field(field))?))
}

/// `{fields}[]` → columns. A field that only some records name is filled up with what a new record gets.
fn columns(
    records: Vec<Json>,
    ids: IdCodec,
    snapshot: &Snapshot,
    table: TableId,
) -> Read<Vec<(FieldId, Vec<Input>)>> {
    let n_records = records.len();
    let mut columns: Vec<(FieldId, Vec<Input>)> = Vec::new();
    for (row, json) in records.into_iter().enumerate() {
        let mut args = Args::new("a record", json, ids)?;
        let fields = args.any("fields").unwrap_or_else(|| Json::Object(Map::new()));
        args.finish()?;
        for (field, input) in cells(fields, ids)? {
            let at = match columns.iter().position(|(known, _)| *known == field) {
                Some(at) => at,
                None => {
                    columns.push((field, vec![default_of(snapshot, table, field); n_records]));
                    columns.len() - 1
                }
            };
            columns[at].1[row] = input;
        }
    }
    Ok(columns)
}

/// A record that does not name a field while others do gets the field's default.
fn default_of(snapshot: &Snapshot, table: TableId, field: FieldId) -> Input {
    let def = snapshot.field(field).filter(|def| def.table == table);
    let stored = def.filter(|def| !matches!(engine::field::storage(def), Storage::Computed(_)));
    stored.and_then(|def| input(&def.default).ok()).unwrap_or_default()
}

fn pasted(cell: &Json) -> Read<String> {
    match cell {
        Json::String(text) => Ok(text.clone()),
        Json::Null => Ok(String::new()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(bool) => Ok(bool.to_string()),
        other => Err(Refusal::invalid(format!("a pasted cell is a text, got {}", kind(other)))),
    }
}
