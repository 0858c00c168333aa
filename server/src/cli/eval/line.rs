//! One question and its answer: a formula and a record in, a value, a failure or diagnostics out.

use formulas::record::Record;
use formulas::{Diagnostic, Dialect, Expr, Type, Value};
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::cell;

/// What a line may leave out.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub(super) dialect: Dialect,
    pub(super) zone: TimeZone,
    /// `None`: the time at which a line is answered.
    pub(super) now_ms: Option<i64>,
}

/// What came of a formula.
pub(super) enum Outcome {
    Value(Value, Type),
    Refused(Vec<Diagnostic>),
}

/// A formula with all that it is evaluated with.
pub(super) struct Question<'a> {
    pub(super) formula: &'a str,
    pub(super) record: Record,
    pub(super) zone: TimeZone,
    pub(super) now_ms: i64,
}

impl Question<'_> {
    pub(super) fn answer(&self) -> Outcome {
        match self.record.check(self.formula) {
            Ok(expr) => Outcome::Value(self.value(&expr), expr.ty().clone()),
            Err(diagnostics) => Outcome::Refused(diagnostics),
        }
    }

    fn value(&self, expr: &Expr) -> Value {
        self.record.value(expr, self.now_ms, &self.zone)
    }
}

/// A record of JSON cells.
pub(super) fn record(
    fields: Option<&Map<String, Json>>,
    types: Option<&Map<String, Json>>,
    dialect: Dialect,
    zone: &TimeZone,
) -> Result<Record, String> {
    let mut record = Record::new(dialect);
    let named = |name: &str| -> Result<Option<Type>, String> {
        let Some(ty) = types.and_then(|types| types.get(name)) else { return Ok(None) };
        let text = ty.as_str().ok_or_else(|| format!("the type of field {name:?} is a text, not {ty}"))?;
        cell::type_named(text).map(Some).map_err(|message| format!("field {name:?}: {message}"))
    };
    for (name, json) in fields.into_iter().flatten() {
        let read = cell::read(json, named(name)?, zone);
        let (ty, value) = read.map_err(|message| format!("field {name:?} {message}"))?;
        record.push(name.as_str(), ty, value);
    }
    // A type without a cell is a field that is blank.
    for name in types.into_iter().flat_map(Map::keys) {
        if fields.is_none_or(|fields| !fields.contains_key(name)) {
            record.push(name.as_str(), named(name)?.unwrap_or(Type::Text), Value::Blank);
        }
    }
    Ok(record)
}

/// The answer to a line, and whether the line could be read.
pub(super) fn answer(line: &[u8], number: u64, defaults: &Defaults) -> (Json, bool) {
    let asked: Json = match serde_json::from_slice(line) {
        Ok(asked @ Json::Object(_)) => asked,
        Ok(_) => {
            return (
                unreadable(None, number, "a line is an object such as {\"id\": 1, \"expr\": \"1 + 1\"}"),
                false,
            );
        }
        Err(error) => return (unreadable(None, number, &format!("the line is no JSON: {error}")), false),
    };
    let id = asked.get("id");
    let given = question(&asked, defaults);
    match given {
        Err(message) => (unreadable(id, number, &message), false),
        Ok(question) => (told(id, question.formula, question.answer()), true),
    }
}

fn question<'a>(asked: &'a Json, defaults: &Defaults) -> Result<Question<'a>, String> {
    let formula = match asked.get("expr") {
        Some(Json::String(formula)) => formula,
        Some(other) => return Err(format!("\"expr\" is a formula in quotes, not {other}")),
        None => return Err("\"expr\" is missing: the formula".to_owned()),
    };
    let dialect = match text(asked, "dialect")? {
        None => defaults.dialect,
        Some(name) => dialect(name)?,
    };
    let zone = match text(asked, "timezone")? {
        None => defaults.zone.clone(),
        Some(name) => zone(name)?,
    };
    let now_ms = match text(asked, "now")? {
        None => defaults.now_ms.unwrap_or_else(|| crate::time::now_ms()),
        Some(text) => moment(text)?,
    };
    let record = record(object(asked, "fields")?, object(asked, "types")?, dialect, &zone)?;
    Ok(Question { formula, record, zone, now_ms })
}

fn text<'a>(asked: &'a Json, name: &str) -> Result<Option<&'a str>, String> {
    match asked.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("{name:?} is a text, not {other}")),
    }
}

fn object<'a>(asked: &'a Json, name: &str) -> Result<Option<&'a Map<String, Json>>, String> {
    match asked.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(object)) => Ok(Some(object)),
        Some(_) => Err(format!("{name:?} is an object with the names of fields")),
    }
}

pub(super) fn dialect(name: &str) -> Result<Dialect, String> {
    Dialect::named(name).ok_or_else(|| {
        format!("{name:?} is no dialect; it is one of {}", Dialect::ALL.map(Dialect::name).join(", "))
    })
}

pub(super) fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("{name:?} is no time zone, such as Asia/Shanghai"))
}

pub(super) fn moment(text: &str) -> Result<i64, String> {
    cell::read_moment(text, &TimeZone::UTC)
        .ok_or_else(|| format!("{text:?} is no moment such as 2024-03-05T10:00:00Z"))
}

fn told(id: Option<&Json>, formula: &str, outcome: Outcome) -> Json {
    let mut json = Map::new();
    json.extend(id.map(|id| ("id".to_owned(), id.clone())));
    match outcome {
        Outcome::Value(Value::Error(error), _) => json.insert("error".into(), cell::failure(&error)),
        Outcome::Value(value, ty) => json.insert("value".into(), cell::json(&value, &ty)),
        Outcome::Refused(found) => {
            let found = found.iter().map(|one| diagnostic(formula, one)).collect();
            json.insert("diagnostics".into(), found)
        }
    };
    Json::Object(json)
}

/// Ranges count characters.
fn diagnostic(formula: &str, diagnostic: &Diagnostic) -> Json {
    let chars = |byte: usize| formula.get(..byte).map_or(0, |text| text.chars().count());
    json!({
        "range": [chars(diagnostic.range.start), chars(diagnostic.range.end)],
        "message": diagnostic.message,
        "suggestion": diagnostic.suggestion,
    })
}

/// The answer to what is no question; without an id the number of the line says which.
pub(super) fn unreadable(id: Option<&Json>, number: u64, message: &str) -> Json {
    let error = json!({ "kind": "input", "message": message });
    match id {
        Some(id) => json!({ "id": id, "error": error }),
        None => json!({ "line": number, "error": error }),
    }
}
