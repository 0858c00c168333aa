//! A base → its text form.

use std::fmt::Write;

use formulas::{Dialect, RecordId};
use serde_json::{Map, Value as Json, json};

use crate::field::{self, Storage, storage};
use crate::id::IdCodec;
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::Field;

/// The text form of a base; parsing and building it gives an equal one, but for ids and times.
///
/// `with_records`: a template may want the tables alone.
pub fn print(snapshot: &Snapshot, with_records: bool) -> String {
    let stored = snapshot.stored();
    let names = Names { stored };
    let info = &stored.info;
    let mut out = String::new();
    let mut settings = json!({ "locale": info.locale, "time_zone": info.time_zone });
    if info.dialect != Dialect::default() {
        settings["dialect"] = info.dialect.name().into();
    }
    let _ = writeln!(out, "base {} {settings}", quoted(&info.name));
    for table in stored.schema.tables_in_order() {
        let description = match table.description.is_empty() {
            true => String::new(),
            false => format!(" {}", json!({ "description": table.description })),
        };
        let _ = writeln!(out, "\ntable {}{description}", quoted(&table.name));
        for def in stored.schema.fields_of(table.id) {
            let options = names.options(def);
            let options = if options == json!({}) { String::new() } else { format!(" {options}") };
            let _ = writeln!(out, "  field {} {}{options}", quoted(&def.name), def.type_name);
        }
    }
    if with_records {
        records(snapshot, &mut out);
    }
    for table in stored.schema.tables_in_order() {
        for view in stored.schema.views_of(table.id) {
            let settings = names.named(&view.settings);
            let (table, name) = (quoted(&table.name), quoted(&view.name));
            let _ = writeln!(out, "\nview {table} {name} {} {settings}", view.kind);
        }
    }
    for dashboard in stored.schema.dashboards.values() {
        let _ = writeln!(out, "\ndashboard {} {}", quoted(&dashboard.name), names.named(&dashboard.blocks));
    }
    for automation in stored.schema.automations.values() {
        let settings = json!({
            "enabled": automation.enabled,
            "trigger": names.named(&automation.trigger),
            "condition": names.named(&automation.condition),
            "actions": names.named(&automation.actions),
        });
        let _ = writeln!(out, "\nautomation {} {settings}", quoted(&automation.name));
    }
    out
}

/// Records get the numbers they will have when they are built again: deleted ones leave no gap.
fn records(snapshot: &Snapshot, out: &mut String) {
    let stored = snapshot.stored();
    let number = |table, record: u32| {
        let alive = snapshot.alive(table);
        alive.iter().take_while(|other| other.0 < record).count() + 1
    };
    for table in stored.schema.tables_in_order() {
        let _ = writeln!(out);
        for record in snapshot.alive(table.id).iter() {
            let mut cells = Map::new();
            for def in stored.schema.fields_of(table.id) {
                let value = snapshot.get(def.id, record);
                if value.is_blank() {
                    continue;
                }
                match storage(def) {
                    Storage::Cells(_) => {
                        let text = field::type_of(def).text(&value, def, stored);
                        cells.insert(def.name.clone(), Json::String(escaped(&text)));
                    }
                    Storage::Link { owner: true, table: far, .. } => {
                        let name = stored.schema.tables.get(&far).map_or("", |table| table.name.as_str());
                        let linked = stored.linked(def.id, record).into_iter();
                        let linked = linked.map(|record| json!(format!("${name}#{}", number(far, record))));
                        cells.insert(def.name.clone(), linked.collect());
                    }
                    _ => {}
                }
            }
            let _ = writeln!(out, "record {} {}", quoted(&table.name), Json::Object(cells));
        }
    }
}

struct Names<'a> {
    stored: &'a Stored,
}

impl Names<'_> {
    fn options(&self, def: &Field) -> Json {
        let mut options = self.named(&field::type_of(def).shown_options(def, self.stored));
        if let Some(map) = options.as_object_mut() {
            match storage(def) {
                Storage::Link { owner: false, other: Some(other), .. } => {
                    map.clear();
                    map.insert("inverse_of".into(), self.field(other).into());
                }
                Storage::Link { other, .. } => {
                    map.remove("owner");
                    map.remove("field");
                    let inverse =
                        other.and_then(|other| self.stored.field(other)).map(|other| other.name.clone());
                    match inverse {
                        Some(inverse) => map.insert("inverse".into(), inverse.into()),
                        None => map.insert("field".into(), Json::Null),
                    };
                }
                _ => {}
            }
            map.remove("next");
            if let Some(options) = map.get_mut("options").and_then(Json::as_array_mut) {
                options
                    .iter_mut()
                    .filter_map(Json::as_object_mut)
                    .for_each(|option| drop(option.remove("id")));
            }
            let mut extra = Map::new();
            if !def.description.is_empty() {
                extra.insert("description".into(), def.description.clone().into());
            }
            if !def.default.is_null() {
                extra.insert("default".into(), self.named(&def.default));
            }
            [("required", def.required), ("unique", def.unique)]
                .into_iter()
                .filter(|(_, set)| *set)
                .for_each(|(key, set)| {
                    extra.insert(key.into(), set.into());
                });
            if !extra.is_empty() {
                map.insert("field_settings".into(), Json::Object(extra));
            }
        }
        options
    }

    /// The same JSON with names in place of ids.
    fn named(&self, json: &Json) -> Json {
        match json {
            Json::String(text) => self.name(text).unwrap_or_else(|| escaped(text)).into(),
            Json::Array(items) => items.iter().map(|item| self.named(item)).collect(),
            Json::Object(map) => map
                .iter()
                .map(|(key, value)| (self.name(key).unwrap_or_else(|| key.clone()), self.named(value)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn name(&self, id: &str) -> Option<String> {
        let (schema, ids) = (&self.stored.schema, self.stored.ids());
        match id.get(..3)? {
            "tbl" => schema.tables.get(&ids.read_table(id)?).map(|table| format!("${}", table.name)),
            "fld" => {
                let field = ids.read_field(id)?;
                schema.fields.contains_key(&field).then(|| self.field(field))
            }
            "viw" => {
                let view = schema.views.get(&ids.read_view(id)?)?;
                Some(format!("${}/{}", schema.tables.get(&view.table)?.name, view.name))
            }
            "usr" => {
                schema.people.get(&IdCodec::read_person(id)?).map(|person| format!("$@{}", person.email))
            }
            "rec" => schema.tables.keys().find_map(|table| {
                let RecordId(record) = ids.read_record(*table, id)?;
                Some(format!("${}#{}", schema.tables[table].name, record + 1))
            }),
            "sel" => schema.fields.values().find_map(|def| {
                ids.read_option(def.id, id)?;
                let options = def.options.get("options")?.as_array()?;
                let option =
                    options.iter().find(|option| option.get("id").and_then(Json::as_str) == Some(id))?;
                Some(format!("{}={}", self.field(def.id), option.get("name")?.as_str()?))
            }),
            _ => None,
        }
    }

    fn field(&self, field: formulas::FieldId) -> String {
        let schema = &self.stored.schema;
        let def = schema.fields.get(&field);
        let table = def.and_then(|def| schema.tables.get(&def.table));
        match (def, table) {
            (Some(def), Some(table)) => format!("${}.{}", table.name, def.name),
            _ => "?".into(),
        }
    }
}

fn escaped(text: &str) -> String {
    if text.starts_with('$') { format!("${text}") } else { text.to_owned() }
}

fn quoted(name: &str) -> String {
    let plain =
        !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || "\"{[#".contains(char));
    if plain { name.to_owned() } else { Json::from(name).to_string() }
}
