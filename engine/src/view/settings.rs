//! What settings of all kinds of views have in common, and small checks that kinds share.

use formulas::{FieldId, TableId};
use serde_json::{Map, Value as Json, json};

use crate::analyze::Function;
use crate::error::Refusal;
use crate::field::{self, Storage};
use crate::query::Query;
use crate::query::read;
use crate::state::Stored;
use crate::state::schema::Field;

const COMMON: [&str; 4] = ["fields", "frozen", "row_height", "summaries"];

/// Checks the query and the common settings; `own` is the key that the kind adds, which is returned.
pub(super) fn check<'a>(
    stored: &Stored,
    table: TableId,
    settings: &'a Json,
    own: Option<&str>,
) -> Result<Option<&'a Map<String, Json>>, Refusal> {
    let map = read::object(settings, "settings of a view")?;
    let keys: Vec<&str> = read::KEYS.into_iter().chain(COMMON).chain(own).collect();
    read::known_keys(map, &keys, "a view of this kind")?;
    let query: Map<String, Json> = map
        .iter()
        .filter(|(key, _)| read::KEYS.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    Query::read(stored, table, &Json::Object(query))?.check(stored)?;
    check_common(stored, table, map)?;
    let own = own.and_then(|key| map.get(key)).filter(|json| !json.is_null());
    own.map(|json| read::object(json, "what a kind of view adds")).transpose()
}

fn check_common(stored: &Stored, table: TableId, map: &Map<String, Json>) -> Result<(), Refusal> {
    for column in list(map, "fields")? {
        let column = read::object(column, "a column")?;
        read::known_keys(column, &["field", "width", "hidden"], "a column")?;
        field_of(stored, table, column, "field")?;
        number(column, "width", 20.0, 4_000.0)?;
        flag(column, "hidden")?;
    }
    number(map, "frozen", 0.0, 20.0)?;
    number(map, "row_height", 20.0, 400.0)?;
    if let Some(summaries) = map.get("summaries").filter(|json| !json.is_null()) {
        for (id, function) in read::object(summaries, "\"summaries\"")? {
            let field = read::field(stored, table, &Json::String(id.clone()))?;
            Function::read(function, &Json::Null)
                .map_err(|message| Refusal::invalid(message).in_field(field))?;
        }
    }
    Ok(())
}

/// The items of a list setting; none if it is not there.
pub(super) fn list<'a>(map: &'a Map<String, Json>, key: &str) -> Result<&'a [Json], Refusal> {
    match map.get(key) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(items)) => Ok(items),
        Some(other) => Err(Refusal::invalid(format!("{key:?} is a list, got {}", read::short(other)))),
    }
}

/// Checks a number setting.
pub(super) fn number(map: &Map<String, Json>, key: &str, min: f64, max: f64) -> Result<(), Refusal> {
    match map.get(key) {
        None | Some(Json::Null) => Ok(()),
        Some(json) if json.as_f64().is_some_and(|number| (min..=max).contains(&number)) => Ok(()),
        Some(json) => {
            let got = read::short(json);
            Err(Refusal::invalid(format!("{key:?} is a number from {min} to {max}, got {got}")))
        }
    }
}

/// Checks a setting that is on or off.
pub(super) fn flag(map: &Map<String, Json>, key: &str) -> Result<(), Refusal> {
    match map.get(key) {
        None | Some(Json::Null | Json::Bool(_)) => Ok(()),
        Some(json) => Err(Refusal::invalid(format!("{key:?} is true or false, got {}", read::short(json)))),
    }
}

/// Checks a setting that is a text.
pub(super) fn text(map: &Map<String, Json>, key: &str) -> Result<(), Refusal> {
    match map.get(key) {
        None | Some(Json::Null | Json::String(_)) => Ok(()),
        Some(json) => Err(Refusal::invalid(format!("{key:?} is a text, got {}", read::short(json)))),
    }
}

/// A setting that is the id of a field of the table.
pub(super) fn field_of(
    stored: &Stored,
    table: TableId,
    map: &Map<String, Json>,
    key: &str,
) -> Result<Option<FieldId>, Refusal> {
    match map.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => read::field(stored, table, json).map(Some),
    }
}

/// A setting that is the id of a field for which `fits` holds; `what` says which do.
pub(super) fn fitting_field(
    stored: &Stored,
    table: TableId,
    map: &Map<String, Json>,
    key: &str,
    what: &str,
    fits: impl Fn(&Field, &Stored) -> bool,
) -> Result<Option<FieldId>, Refusal> {
    let Some(id) = field_of(stored, table, map, key)? else { return Ok(None) };
    match stored.field(id) {
        Some(field) if fits(field, stored) => Ok(Some(id)),
        field => {
            let name = field.map_or("", |field| field.name.as_str());
            let message = format!("{key:?} is {what}; field {name:?} is none");
            Err(Refusal::invalid(message).in_field(id))
        }
    }
}

/// Checks a list of fields of the table.
pub(super) fn fields(
    stored: &Stored,
    table: TableId,
    map: &Map<String, Json>,
    key: &str,
) -> Result<(), Refusal> {
    list(map, key)?.iter().try_for_each(|json| read::field(stored, table, json).map(|_| ()))
}

/// Whether the cells are dates.
pub(super) fn is_date(field: &Field, stored: &Stored) -> bool {
    matches!(field::type_of(field).formula_type(field, &stored.schema), formulas::Type::Date { .. })
}

/// Whether the cells are numbers.
pub(super) fn is_number(field: &Field, stored: &Stored) -> bool {
    matches!(field::type_of(field).formula_type(field, &stored.schema), formulas::Type::Number)
}

/// Whether the cells are choices among options, people or records, one or several.
pub(super) fn is_choice(field: &Field, _stored: &Stored) -> bool {
    use formulas::column::{Item, Kind};
    match field::storage(field) {
        Storage::Cells(kind) => matches!(kind, Kind::Choice | Kind::List(Item::Choice)),
        Storage::Link { .. } => true,
        Storage::Computed(_) | Storage::Kept(_) => false,
    }
}

/// Settings with the first field of a table for which `fits` holds under `group.key`.
pub(super) fn guessed(
    stored: &Stored,
    table: TableId,
    group: &str,
    key: &str,
    fits: impl Fn(&Field, &Stored) -> bool,
) -> Json {
    match stored.schema.fields_of(table).find(|field| fits(field, stored)) {
        Some(field) => json!({ group: { key: stored.ids().field(field.id) } }),
        None => json!({}),
    }
}
