//! Cells on the wire: [`Shape`] knows how the cells of a field look, [`input`] reads what was entered.
//!
//! Cells are written straight into the text of the answer: a page of rows makes no tree in between.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use engine::field::{self, Storage};
use engine::state::schema::Field;
use engine::{FieldId, IdCodec, Input, OptionId, PersonId, RecordId, Refusal, Snapshot, TableId, Value};
use formulas::Type;
use serde_json::Value as Json;

use crate::time;

/// How the cells of one field are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    codes: Codes,
    /// Whether a single value is written as a list too.
    list: bool,
    /// Whether dates have a time of day.
    time: bool,
}

/// The types of a base's computed fields, kept for the bases and schemas that were asked for last: finding them
/// takes checking every formula.
pub fn computed_types(snapshot: &Snapshot) -> Arc<BTreeMap<FieldId, Type>> {
    type Known = VecDeque<((u128, u64), Arc<BTreeMap<FieldId, Type>>)>;
    static KNOWN: Mutex<Known> = Mutex::new(VecDeque::new());
    const KNOWN_MAX: usize = 64;
    let key = (snapshot.stored().info.id, snapshot.schema().version);
    let lock = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, types)) = lock().iter().find(|(known, _)| *known == key) {
        return Arc::clone(types);
    }
    let types = Arc::new(engine::compute::types(snapshot.stored()));
    let mut known = lock();
    known.push_front((key, Arc::clone(&types)));
    known.truncate(KNOWN_MAX);
    types
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Codes {
    Nothing,
    Option(FieldId),
    Person,
    Record(TableId),
}

impl Shape {
    /// The shape of a field's cells.
    pub fn of(def: &Field, snapshot: &Snapshot) -> Self {
        let plain = Self { codes: Codes::Nothing, list: false, time: false };
        match def.type_name.as_str() {
            "singleSelect" => Self { codes: Codes::Option(def.id), ..plain },
            "multiSelect" => Self { codes: Codes::Option(def.id), list: true, ..plain },
            "person" | "createdBy" | "modifiedBy" => Self { codes: Codes::Person, list: true, ..plain },
            "createdTime" | "modifiedTime" => Self { time: true, ..plain },
            "date" => Self { time: def.options.get("time") == Some(&Json::Bool(true)), ..plain },
            _ => match field::storage(def) {
                Storage::Link { table, .. } => Self { codes: Codes::Record(table), list: true, ..plain },
                Storage::Computed(_) => {
                    let shape = computed_types(snapshot).get(&def.id).map_or(plain, Self::of_type);
                    Self { list: shape.list || def.type_name == "lookup", ..shape }
                }
                _ => plain,
            },
        }
    }

    /// The shape of values of a formula's type.
    pub fn of_type(ty: &Type) -> Self {
        let mut shape = Self { codes: Codes::Nothing, list: ty.is_list(), time: false };
        match ty.item() {
            Type::Record(table) => {
                shape.codes = Codes::Record(*table);
                shape.list = true;
            }
            Type::Date { time } => shape.time = *time,
            _ => {}
        }
        shape
    }

    /// Writes one cell as JSON.
    pub fn write(&self, out: &mut String, value: &Value, snapshot: &Snapshot) {
        match value {
            Value::Blank => out.push_str("null"),
            Value::List(items) => self.write_list(out, items, snapshot),
            Value::Error(_) => self.write_item(out, value, snapshot),
            _ if self.list => self.write_list(out, std::slice::from_ref(value), snapshot),
            _ => self.write_item(out, value, snapshot),
        }
    }

    /// One cell as a tree.
    pub fn json(&self, value: &Value, snapshot: &Snapshot) -> Json {
        let mut text = String::new();
        self.write(&mut text, value, snapshot);
        serde_json::from_str(&text).unwrap_or(Json::Null)
    }

    fn write_list(&self, out: &mut String, items: &[Value], snapshot: &Snapshot) {
        out.push('[');
        for (idx, item) in items.iter().enumerate() {
            if idx > 0 {
                out.push(',');
            }
            self.write_item(out, item, snapshot);
        }
        out.push(']');
    }

    fn write_item(&self, out: &mut String, value: &Value, snapshot: &Snapshot) {
        match value {
            Value::Blank => out.push_str("null"),
            Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Value::Number(number) => write_number(out, *number),
            Value::Text(text) => write_text(out, text),
            Value::Date(ms) if self.time => write_text(out, &time::rfc3339(*ms)),
            Value::Date(ms) => write_text(out, &time::date(*ms)),
            Value::Choice(code) => self.write_code(out, *code, snapshot),
            Value::List(items) => self.write_list(out, items, snapshot),
            Value::Error(error) => {
                out.push_str("{\"error\":");
                write_text(out, error.kind.text());
                out.push_str(",\"message\":");
                write_text(out, &error.message);
                out.push('}');
            }
        }
    }

    fn write_code(&self, out: &mut String, code: u32, snapshot: &Snapshot) {
        match self.codes {
            Codes::Nothing => write_number(out, f64::from(code)),
            Codes::Option(field) => write_text(out, &snapshot.ids().option(field, OptionId(code))),
            Codes::Person => write_text(out, &IdCodec::person(PersonId(code))),
            Codes::Record(table) => {
                let record = RecordId(code);
                out.push_str("{\"id\":");
                write_text(out, &snapshot.ids().record(table, record));
                out.push_str(",\"title\":");
                write_text(out, &snapshot.title(table, record));
                out.push('}');
            }
        }
    }

    /// The table whose records the cells name: their titles are part of what is written.
    pub const fn linked(&self) -> Option<TableId> {
        match self.codes {
            Codes::Record(table) => Some(table),
            _ => None,
        }
    }
}

/// Writes a number as JavaScript would: whole numbers without a fraction.
pub fn write_number(out: &mut String, number: f64) {
    if !number.is_finite() {
        out.push_str("null");
    } else if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        // Writing to a text cannot fail.
        let _ = write!(out, "{}", number as i64);
    } else {
        let _ = write!(out, "{number:?}");
    }
}

/// Writes a text with its quotes.
pub fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        if escape.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Reads what was entered for a cell. Links may be written as they are read, `{id, title}`.
///
/// # Errors
///
/// For an object of another form, or a number that is not finite.
pub fn input(json: &Json) -> Result<Input, Refusal> {
    Ok(match json {
        Json::Null => Input::Blank,
        Json::Bool(bool) => Input::Bool(*bool),
        Json::Number(number) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => Input::Number(number),
            None => return Err(Refusal::invalid("a number of a cell must be finite")),
        },
        Json::String(text) => Input::Text(text.clone()),
        Json::Array(items) => Input::List(items.iter().map(input).collect::<Result<_, _>>()?),
        Json::Object(map) => match map.get("id") {
            Some(Json::String(id)) => Input::Text(id.clone()),
            _ => {
                return Err(Refusal::invalid(
                    "a cell is a text, a number, true or false, an array or null, got an object",
                ));
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_json() {
        for text in ["", "plain", "\"quoted\" \\ back", "line\nbreak\ttab\r", "\u{1}\u{1f}", "汉字 🎈"] {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).ok().as_deref(), Some(text));
        }
        for (number, text) in [(0.0, "0"), (-3.0, "-3"), (0.1, "0.1"), (1e21, "1e21"), (1e-7, "1e-7")] {
            let mut out = String::new();
            write_number(&mut out, number);
            assert_eq!(out, text);
            assert_eq!(serde_json::from_str::<f64>(&out).ok(), Some(number));
        }
    }

    #[test]
    fn objects_are_no_values_but_for_links() {
        assert_eq!(
            input(&serde_json::json!([{"id": "rec1", "title": "x"}])),
            Ok(Input::List(vec!["rec1".into()]))
        );
        assert!(input(&serde_json::json!({"a": 1})).is_err());
    }
}
