//! How computed cells look: [`kind`] tells clients, and [`Shown`] prints them.

use std::cell::OnceCell;

use formulas::{RecordId, Type, Value};
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::date::push_date;
use super::given::to_json;
use super::link::PrintRecords;
use super::linked::LinkedOptions;
use super::moment::zone_named;
use super::number::NumberOptions;
use super::words::push_name;
use super::{Printer, Storage, given, type_of};
use crate::state::Stored;
use crate::state::schema::Field;

/// Lookups of lookups that are followed to find a format.
const FOLLOWED: usize = 32;

/// What the cells of a field look like: the name of a type and its options. For a field that people write
/// these are its own; for a computed one those of the type that shows its results, an item's for lists.
///
/// Selects and people are texts to formulas, so a lookup of them is `text`.
pub fn kind(field: &Field, stored: &Stored) -> (&'static str, Json) {
    let ty = type_of(field);
    match ty.storage(field) {
        Storage::Computed(_) => {}
        _ => return (ty.name(), ty.shown_options(field, stored)),
    }
    let result = ty.formula_type(field, &stored.schema);
    let source = source_of(field, stored);
    let like = |name: &str| source.is_some_and(|source| source.type_name == name);
    match result.item() {
        Type::Number if ["rating", "duration"].iter().any(|name| like(name)) => {
            let source = source.expect("a field that something is like");
            (type_of(source).name(), source.options.clone())
        }
        Type::Number => ("number", to_json(&number_format(field, stored))),
        Type::Bool => ("checkbox", json!({})),
        Type::Date { .. } if like("date") => {
            ("date", source.map_or(Json::Null, |source| source.options.clone()))
        }
        Type::Date { time } => ("date", json!({ "time": time, "format": "YYYY-MM-DD" })),
        Type::Record(table) => {
            ("link", json!({ "table": stored.ids().table(*table), "many": true, "field": null }))
        }
        Type::Text if ["url", "email", "phone", "longText"].iter().any(|name| like(name)) => {
            (source.map_or("text", |source| type_of(source).name()), json!({}))
        }
        Type::Text | Type::Blank | Type::List(_) => ("text", json!({})),
    }
}

/// The field whose values a lookup shows or a rollup aggregates without changing what they are.
fn source_of<'a>(field: &'a Field, stored: &'a Stored) -> Option<&'a Field> {
    const PICK: &[&str] = &["MIN", "MAX", "ARRAYUNIQUE", "ARRAYCOMPACT"];
    const MIX: &[&str] = &["SUM", "AVERAGE", "MEDIAN"];
    let mut at = field;
    let mut mixed = false;
    for _ in 0..FOLLOWED {
        if !matches!(at.type_name.as_str(), "lookup" | "rollup" | "conditionalRollup") {
            // A sum of stars is no number of stars.
            let unlike = std::ptr::eq(at, field) || mixed && at.type_name == "rating";
            return (!unlike).then_some(at);
        }
        let options: LinkedOptions = given::stored(at);
        let function = options.function.unwrap_or_default();
        mixed |= MIX.contains(&function.as_str());
        let keeps =
            function.is_empty() || PICK.contains(&function.as_str()) || MIX.contains(&function.as_str());
        if options.format.is_some() || !keeps {
            return None;
        }
        at = stored.field(formulas::FieldId(options.field?))?;
    }
    None
}

fn number_format(field: &Field, stored: &Stored) -> NumberOptions {
    let own = field.options.get("format").filter(|format| format.is_object());
    if let Some(format) = own.and_then(|format| serde::Deserialize::deserialize(format).ok()) {
        return format;
    }
    match source_of(field, stored) {
        Some(source) if source.type_name == "number" => given::stored(source),
        // A formula has its own format, by which a lookup of it is shown too.
        Some(source) if source.options.get("format").is_some_and(Json::is_object) => {
            number_format(source, stored)
        }
        _ => NumberOptions { format: "plain".to_owned(), ..NumberOptions::default() },
    }
}

/// Prints cells by what they are, not by who wrote them.
pub(super) struct Shown<'f> {
    field: &'f Field,
    stored: &'f Stored,
    // Found when a cell needs them: for one cell of text it would be wasted.
    ty: OnceCell<Type>,
    format: OnceCell<NumberOptions>,
    zone: OnceCell<TimeZone>,
    records: Option<PrintRecords<'f>>,
}

impl<'f> Shown<'f> {
    pub(super) const fn of_field(field: &'f Field, stored: &'f Stored) -> Self {
        Self {
            field,
            stored,
            ty: OnceCell::new(),
            format: OnceCell::new(),
            zone: OnceCell::new(),
            records: None,
        }
    }

    fn item_type(&self) -> &Type {
        self.ty.get_or_init(|| type_of(self.field).formula_type(self.field, &self.stored.schema)).item()
    }

    fn date(&self, ms: i64, out: &mut String) {
        let zone = match self.item_type() {
            Type::Date { time: false } => None,
            _ => Some(self.zone.get_or_init(|| zone_named(&self.stored.info.time_zone))),
        };
        push_date(out, ms, zone);
    }

    fn record(&mut self, record: u32, out: &mut String) {
        let Type::Record(table) = *self.item_type() else { return };
        let stored = self.stored;
        let printer = self.records.get_or_insert_with(|| PrintRecords::new(table, stored));
        out.push_str(printer.title(RecordId(record)));
    }
}

impl Printer for Shown<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::Blank => {}
            Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Value::Number(number) => {
                self.format.get_or_init(|| number_format(self.field, self.stored)).push(out, *number);
            }
            Value::Text(text) => out.push_str(text),
            Value::Date(ms) => self.date(*ms, out),
            Value::Choice(record) => self.record(*record, out),
            Value::Error(error) => out.push_str(error.kind.text()),
            Value::List(items) => {
                let mut text = String::new();
                for (at, item) in items.iter().enumerate() {
                    text.clear();
                    self.print(item, &mut text);
                    push_name(out, at == 0, &text);
                }
            }
        }
    }
}
