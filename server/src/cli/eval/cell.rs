//! Cells of a record as JSON, and the value of a formula as JSON.
//!
//! A cell is read by the type that is named for its field, with the API's names; without one, by what it is: a text in
//! ISO form is a date, the items of a list are read alike if they are of one kind and as texts if not.

use formulas::{CellError, Type, Value};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Number, Value as Json, json};

/// The names of types and what formulas see: those of Airtable's API, then Sheaf's own where they differ.
const TYPES: &[(&str, Type)] = &[
    ("singleLineText", Type::Text),
    ("multilineText", Type::Text),
    ("richText", Type::Text),
    ("email", Type::Text),
    ("url", Type::Text),
    ("phoneNumber", Type::Text),
    ("barcode", Type::Text),
    ("singleSelect", Type::Text),
    ("singleCollaborator", Type::Text),
    ("number", Type::Number),
    ("percent", Type::Number),
    ("currency", Type::Number),
    ("rating", Type::Number),
    ("duration", Type::Number),
    ("count", Type::Number),
    ("autoNumber", Type::Number),
    ("checkbox", Type::Bool),
    ("date", Type::Date { time: false }),
    ("dateTime", Type::Date { time: true }),
    ("createdTime", Type::Date { time: true }),
    ("lastModifiedTime", Type::Date { time: true }),
    ("text", Type::Text),
    ("longText", Type::Text),
    ("phone", Type::Text),
];

/// Types whose cells are lists of texts.
const LISTS: &[&str] = &["multipleSelects", "multipleCollaborators", "multipleRecordLinks", "multiSelect"];

/// The type of a name such as `number` or `lookup:number`.
pub(super) fn type_named(name: &str) -> Result<Type, String> {
    if let Some(inner) = name.strip_prefix("lookup:") {
        return Ok(Type::list(type_named(inner)?));
    }
    if LISTS.contains(&name) {
        return Ok(Type::list(Type::Text));
    }
    let found = TYPES.iter().find(|(known, _)| *known == name);
    found.map(|(_, ty)| ty.clone()).ok_or_else(|| {
        let known = TYPES.iter().map(|(name, _)| *name).chain(LISTS.iter().copied());
        let known: Vec<_> = known.collect();
        format!("{name:?} is no type; it is one of {}, or lookup: and one of these", known.join(", "))
    })
}

/// The cell that `json` is, of the type that is named for it or of its own.
pub(super) fn read(json: &Json, ty: Option<Type>, zone: &TimeZone) -> Result<(Type, Value), String> {
    let ty = ty.unwrap_or_else(|| own_type(json));
    let value = of_type(json, &ty, zone)?;
    Ok((ty, value))
}

fn own_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Blank,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(text) => iso_form(text).map_or(Type::Text, |time| Type::Date { time }),
        Json::Array(items) => {
            let mut types = items.iter().filter(|item| !item.is_null()).map(own_type);
            let first = types.next().unwrap_or(Type::Text);
            Type::list(if types.all(|ty| ty == first) { first } else { Type::Text })
        }
        Json::Object(_) => Type::Text,
    }
}

fn of_type(json: &Json, ty: &Type, zone: &TimeZone) -> Result<Value, String> {
    let refuse = |what: &str| Err(format!("expects {what}, got {}", excerpt(json)));
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Blank),
        (Type::List(item), Json::Array(items)) => {
            let items = items.iter().map(|json| of_type(json, item, zone));
            Ok(Value::List(items.collect::<Result<Vec<_>, _>>()?.into()))
        }
        (Type::List(item), single) => Ok(Value::List([of_type(single, item, zone)?].into())),
        (Type::Text, Json::String(text)) => Ok(Value::text(text.as_str())),
        (Type::Text, Json::Number(number)) => Ok(Value::text(number.to_string())),
        (Type::Text, Json::Bool(bool)) => Ok(Value::text(bool.to_string())),
        (Type::Text, Json::Array(_) | Json::Object(_)) => refuse("a text"),
        (Type::Number, Json::Number(number)) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => Ok(Value::Number(number)),
            None => refuse("a number that can be represented"),
        },
        (Type::Number, Json::String(text)) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(number)),
            _ => refuse("a number"),
        },
        (Type::Number, _) => refuse("a number"),
        (Type::Bool, Json::Bool(bool)) => Ok(Value::Bool(*bool)),
        (Type::Bool, Json::Number(number)) if matches!(number.as_f64(), Some(0.0 | 1.0)) => {
            Ok(Value::Bool(number.as_f64() == Some(1.0)))
        }
        (Type::Bool, _) => refuse("true or false"),
        (Type::Date { time }, Json::String(text)) => match read_date(text, *time, zone) {
            Some(ms) => Ok(Value::Date(ms)),
            None => refuse("a date such as \"2024-03-05\" or \"2024-03-05T10:00:00Z\""),
        },
        (Type::Date { .. }, _) => refuse("a date such as \"2024-03-05\" or \"2024-03-05T10:00:00Z\""),
        (Type::Record(_) | Type::Blank, _) => refuse("nothing"),
    }
}

/// Whether a text has the form of a date, and if so, whether with a time.
fn iso_form(text: &str) -> Option<bool> {
    let bytes = text.as_bytes();
    let is_digit = |at: &usize| bytes.get(*at).is_some_and(u8::is_ascii_digit);
    let is_day = [0, 1, 2, 3, 5, 6, 8, 9].iter().all(is_digit) && bytes[4] == b'-' && bytes[7] == b'-';
    if !is_day || text.get(..10)?.parse::<Date>().is_err() {
        return None;
    }
    match bytes.get(10) {
        None => Some(false),
        Some(b'T') => read_moment(text, &TimeZone::UTC).map(|_| true),
        Some(_) => None,
    }
}

/// Milliseconds since 1970. A day as a moment is its midnight in `zone`; a moment as a day is its day in UTC.
fn read_date(text: &str, time: bool, zone: &TimeZone) -> Option<i64> {
    match (iso_form(text)?, time) {
        (true, true) => read_moment(text, zone),
        (true, false) => {
            let ms = read_moment(text, &TimeZone::UTC)?;
            Some(ms - ms.rem_euclid(86_400_000))
        }
        (false, true) => midnight(text, zone),
        (false, false) => midnight(text, &TimeZone::UTC),
    }
}

fn midnight(text: &str, zone: &TimeZone) -> Option<i64> {
    let day: Date = text.parse().ok()?;
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// A moment with an offset, or without one of `zone`.
pub(super) fn read_moment(text: &str, zone: &TimeZone) -> Option<i64> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let local: DateTime = text.parse().ok()?;
    zone.to_timestamp(local).ok().map(Timestamp::as_millisecond)
}

/// A value as the answers have it.
pub(super) fn json(value: &Value, ty: &Type) -> Json {
    match value {
        Value::Blank => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Number(number) => self::number(*number),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Date(ms) => {
            date(*ms, matches!(ty.item(), Type::Date { time: true })).map_or(Json::Null, Json::String)
        }
        Value::Choice(code) => json!(code),
        Value::List(items) => items.iter().map(|item| json(item, ty.item())).collect(),
        Value::Error(error) => json!({ "error": failure(error) }),
    }
}

/// A failed cell as the answers have it.
pub(super) fn failure(error: &CellError) -> Json {
    json!({ "kind": error.kind.text(), "message": &*error.message })
}

/// 3 is `3`, not `3.0`; beyond 2^53 not every whole number is one.
fn number(number: f64) -> Json {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= WHOLE_MAX {
        return json!(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// `2024-03-05`, or with a time `2024-03-05T10:00:00.000Z`.
fn date(ms: i64, time: bool) -> Option<String> {
    let moment = Timestamp::from_millisecond(ms).ok()?;
    let local = TimeZone::UTC.to_datetime(moment);
    let format = if time { "%Y-%m-%dT%H:%M:%S.%3fZ" } else { "%Y-%m-%d" };
    Some(local.strftime(format).to_string())
}

fn excerpt(json: &Json) -> String {
    const CHARS_MAX: usize = 60;
    let text = json.to_string();
    let mut out: String = text.chars().take(CHARS_MAX).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
