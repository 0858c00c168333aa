//! Filters of lookups, rollups and counts: from the JSON of `docs/protocol.md` to a condition in the formula
//! language about `CurrentValue`, a record of the linked table.
//!
//! Options are compared by their names of today, so the condition is written again whenever it is asked for. A
//! blank cell passes only what says so (`isEmpty`, `isNot`, `hasNoneOf` …), as in the filter of a view. A value
//! `{"field": "fld…"}` is that of a field of the record that looks.

use std::fmt::Write;

use formulas::{FieldId, TableId, Type};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value as Json;

use super::choices;
use super::figures::push_number;
use super::moment::{exact_day, exact_time, zone_named};
use super::schema::FieldTypes;
use super::type_of;
use super::words::excerpt;
use crate::id::IdCodec;
use crate::state::Stored;
use crate::state::schema::Field;

/// How deep groups nest.
const DEPTH_MAX: usize = 16;

/// Whether a filter lets everything pass.
pub(super) fn is_empty(filter: &Json) -> bool {
    let group = filter.get("and").or_else(|| filter.get("or"));
    group.and_then(Json::as_array).is_some_and(Vec::is_empty)
}

/// The condition that a filter on `table` means, as records of `own` look at it.
///
/// # Errors
///
/// A sentence that says what of the filter does not fit.
pub(super) fn condition(
    filter: &Json,
    table: TableId,
    own: TableId,
    stored: &Stored,
) -> Result<String, String> {
    let types = FieldTypes::new(&stored.schema);
    Writer { table, own, stored, types }.group(filter, 0)
}

struct Writer<'a> {
    table: TableId,
    own: TableId,
    stored: &'a Stored,
    types: FieldTypes<'a>,
}

impl Writer<'_> {
    fn group(&self, filter: &Json, depth: usize) -> Result<String, String> {
        if depth > DEPTH_MAX {
            return Err(format!("a filter nests at most {DEPTH_MAX} deep"));
        }
        let group = |name: &str| filter.get(name).and_then(Json::as_array);
        let (items, word) = match (group("and"), group("or")) {
            (Some(items), _) => (items, "AND"),
            (_, Some(items)) => (items, "OR"),
            _ if filter.get("formula").is_some() => {
                return Err("a formula cannot stand in this filter".into());
            }
            _ => return self.test(filter),
        };
        let parts: Vec<String> = items
            .iter()
            .filter(|item| !is_empty(item))
            .map(|item| self.group(item, depth + 1))
            .collect::<Result<_, _>>()?;
        Ok(match parts.as_slice() {
            [] => "TRUE".to_owned(),
            [one] => one.clone(),
            _ => format!("{word}({})", parts.join(", ")),
        })
    }

    /// `{field, op, value}`
    fn test(&self, test: &Json) -> Result<String, String> {
        let id = test.get("field").and_then(Json::as_str);
        let op = test.get("op").and_then(Json::as_str);
        let (Some(id), Some(op)) = (id, op) else {
            return Err("expects {and: […]}, {or: […]} or {field, op, value}".into());
        };
        let field = self.stored.ids().read_field(id).and_then(|id| self.stored.field(id));
        let Some(field) = field.filter(|field| field.table == self.table) else {
            return Err(format!("{} is no field of the linked table", excerpt(id)));
        };
        if !type_of(field).operators().contains(&op) {
            return Err(format!("\"{}\" has no operator {}", field.name, excerpt(op)));
        }
        let value = test.get("value").unwrap_or(&Json::Null);
        if !matches!(op, "isEmpty" | "isNotEmpty") && value.is_null() {
            return Err(format!("operator \"{op}\" of \"{}\" expects a value", field.name));
        }
        let ty = self.types.of(field.id);
        let cell = format!("CurrentValue.{{#{}}}", field.id);
        let written = match value.get("field") {
            Some(own) => self.own_field(own).and_then(|own| beside(op, &ty, &cell, &own)),
            None => Test { field, stored: self.stored, cell, value }.write(op, &ty),
        };
        written.map_err(|why| format!("\"{}\": {why}", field.name))
    }
}

impl Writer<'_> {
    /// A field of the record that looks, as a formula writes it.
    fn own_field(&self, id: &Json) -> Result<String, String> {
        let found = id.as_str().and_then(|id| self.stored.ids().read_field(id));
        let found = found.and_then(|id| self.stored.field(id)).filter(|field| field.table == self.own);
        match found {
            Some(field) => Ok(format!("{{#{}}}", field.id)),
            None => {
                let table = self.stored.schema.tables.get(&self.own).map_or("", |table| &table.name);
                Err(format!("a value of the own record is a field of \"{table}\", {id} is none"))
            }
        }
    }
}

/// A test of a cell against a field of the record that looks; a blank cell passes none.
fn beside(op: &str, ty: &Type, cell: &str, own: &str) -> Result<String, String> {
    if op == "isNot" {
        return Ok(format!("NOT({})", beside("is", ty, cell, own)?));
    }
    let test = match (op, ty) {
        ("is", Type::List(_)) => return Err("lists are compared by \"hasAnyOf\" here".into()),
        ("is", _) => format!("{cell} = {own}"),
        ("gt", Type::Number) | ("isAfter", Type::Date { .. }) => format!("{cell} > {own}"),
        ("gte", Type::Number) | ("isOnOrAfter", Type::Date { .. }) => format!("{cell} >= {own}"),
        ("lt", Type::Number) | ("isBefore", Type::Date { .. }) => format!("{cell} < {own}"),
        ("lte", Type::Number) | ("isOnOrBefore", Type::Date { .. }) => format!("{cell} <= {own}"),
        ("hasAnyOf", Type::List(_)) => format!("CONTAINS({cell}, {own})"),
        ("hasNoneOf", Type::List(_)) => return Ok(format!("NOT({})", beside("hasAnyOf", ty, cell, own)?)),
        ("contains", Type::Text) => {
            return Ok(format!("AND(NOT(ISBLANK({own})), FIND(LOWER({own}), LOWER({cell})) > 0)"));
        }
        _ => return Err(format!("operator \"{op}\" expects a value, not a field")),
    };
    Ok(format!("AND(NOT(ISBLANK({cell})), {test})"))
}

/// One test of one field.
struct Test<'a> {
    field: &'a Field,
    stored: &'a Stored,
    cell: String,
    value: &'a Json,
}

impl Test<'_> {
    fn write(&self, op: &str, ty: &Type) -> Result<String, String> {
        let positive = match op {
            "isNot" => Some("is"),
            "isNotEmpty" => Some("isEmpty"),
            "doesNotContain" => Some("contains"),
            "isNoneOf" => Some("isAnyOf"),
            "hasNoneOf" => Some("hasAnyOf"),
            _ => None,
        };
        if let Some(op) = positive {
            return Ok(format!("NOT({})", self.write(op, ty)?));
        }
        match ty {
            _ if op == "isEmpty" => Ok(format!("ISBLANK({})", self.cell)),
            Type::List(item) if matches!(**item, Type::Record(_)) => self.records(op, &ty.item().clone()),
            Type::List(item) => self.list(op, item),
            Type::Text | Type::Blank => self.text(op),
            Type::Number => self.number(op),
            Type::Bool => self.checkbox(op),
            Type::Date { time } => self.date(op, *time),
            Type::Record(_) => Err(self.misfit(op)),
        }
    }

    fn misfit(&self, op: &str) -> String {
        format!("operator \"{op}\" does not fit here")
    }

    fn text(&self, op: &str) -> Result<String, String> {
        let cell = &self.cell;
        Ok(match op {
            "is" => format!("{cell} = {}", quoted(&self.name(self.value)?)),
            "isAnyOf" | "hasAnyOf" => {
                let names = self.names()?;
                any(names.iter().map(|name| format!("{cell} = {}", quoted(name))))
            }
            "contains" => contains(cell, self.needle()?),
            "startsWith" => {
                format!("STARTSWITH(LOWER({cell}), {})", quoted(&self.needle()?.to_lowercase()))
            }
            _ => return Err(self.misfit(op)),
        })
    }

    fn number(&self, op: &str) -> Result<String, String> {
        let sign = match op {
            "is" => "=",
            "gt" => ">",
            "gte" => ">=",
            "lt" => "<",
            "lte" => "<=",
            _ => return Err(self.misfit(op)),
        };
        let number = self.value.as_f64().ok_or("expects a number")?;
        let mut text = String::new();
        push_number(&mut text, number);
        // To formulas a blank number is 0; here it is none.
        Ok(format!("AND(NOT(ISBLANK({cell})), {cell} {sign} {text})", cell = self.cell))
    }

    fn checkbox(&self, op: &str) -> Result<String, String> {
        match (op, self.value.as_bool()) {
            ("is", Some(true)) => Ok(format!("{} = TRUE", self.cell)),
            ("is", Some(false)) => Ok(format!("{} = FALSE", self.cell)),
            ("is", None) => Err("expects true or false".into()),
            _ => Err(self.misfit(op)),
        }
    }

    fn date(&self, op: &str, time: bool) -> Result<String, String> {
        let (from, to) = self.span(time)?;
        let cell = &self.cell;
        Ok(match op {
            "is" | "isWithin" => format!("AND({cell} >= {from}, {cell} < {to})"),
            "isBefore" => format!("{cell} < {from}"),
            "isAfter" => format!("{cell} >= {to}"),
            "isOnOrBefore" => format!("{cell} < {to}"),
            "isOnOrAfter" => format!("{cell} >= {from}"),
            _ => return Err(self.misfit(op)),
        })
    }

    /// The first moment that the value means, and the first behind it.
    fn span(&self, time: bool) -> Result<(String, String), String> {
        if let Some(relative) = self.value.get("relative").and_then(Json::as_str) {
            let n = self.value.get("n").and_then(Json::as_i64).unwrap_or(1);
            return relative_span(relative, n).ok_or_else(|| format!("{} is no time", excerpt(relative)));
        }
        let text = self.value.as_str().ok_or("expects a date such as \"2026-06-18\"")?;
        if let Some(day) = exact_day(text) {
            let next = day.checked_add(1.days()).map_err(|_| "is beyond the calendar")?;
            let zone = zone_named(&self.stored.info.time_zone);
            return Ok(match time {
                false => (day_literal(day), day_literal(next)),
                true => (midnight_literal(day, &zone), midnight_literal(next, &zone)),
            });
        }
        let at = exact_time(text).ok_or_else(|| format!("expects a date, got {}", excerpt(text)))?;
        let next = at.checked_add(1.millisecond()).map_err(|_| "is beyond the calendar")?;
        Ok((time_literal(at), time_literal(next)))
    }

    fn list(&self, op: &str, item: &Type) -> Result<String, String> {
        if !matches!(item, Type::Text | Type::Blank) {
            return Err("only lists of texts can be filtered here".into());
        }
        let cell = &self.cell;
        let has = |name: &String| format!("CONTAINS({cell}, {})", quoted(name));
        Ok(match op {
            "hasAnyOf" | "isAnyOf" => any(self.names()?.iter().map(has)),
            "hasAllOf" => all(self.names()?.iter().map(has)),
            "is" => {
                let names = self.names()?;
                let count = format!("COUNTALL({cell}) = {}", names.len());
                all(names.iter().map(has).chain([count]))
            }
            "contains" => {
                format!("COUNTALL({cell}.FILTER({})) > 0", contains("CurrentValue", self.needle()?))
            }
            _ => return Err(self.misfit(op)),
        })
    }

    /// Of linked records the titles can be searched; their ids are nothing that formulas see.
    fn records(&self, op: &str, item: &Type) -> Result<String, String> {
        let primary = match item {
            Type::Record(table) => self.stored.schema.tables.get(table).map(|table| table.primary),
            _ => None,
        };
        match (op, primary) {
            ("contains", Some(FieldId(primary))) => {
                let title = format!("CurrentValue.{{#{primary}}} & \"\"");
                Ok(format!("COUNTALL({}.FILTER({})) > 0", self.cell, contains(&title, self.needle()?)))
            }
            _ => {
                Err("linked records can be filtered by \"contains\", \"isEmpty\" and \"isNotEmpty\" here"
                    .into())
            }
        }
    }

    fn needle(&self) -> Result<&str, String> {
        self.value.as_str().ok_or_else(|| "expects a text".to_owned())
    }

    fn names(&self) -> Result<Vec<String>, String> {
        match self.value {
            Json::Array(items) => items.iter().map(|item| self.name(item)).collect(),
            one => Ok(vec![self.name(one)?]),
        }
    }

    /// The text that formulas see for a value: an option's or a person's name.
    fn name(&self, value: &Json) -> Result<String, String> {
        if value.get("me").is_some() {
            return Err("\"me\" means somebody else for each reader, but there is one cell for all".into());
        }
        let text = value.as_str().ok_or("expects a text")?;
        match self.field.type_name.as_str() {
            "singleSelect" | "multiSelect" => self.option_name(text),
            "person" | "createdBy" | "modifiedBy" => self.person_name(text),
            _ => Ok(text.to_owned()),
        }
    }

    fn option_name(&self, id: &str) -> Result<String, String> {
        let ids = self.stored.ids();
        let number = ids.read_option(self.field.id, id);
        let named = choices::named(self.field, ids).find(|(other, _)| Some(*other) == number);
        let found = named.map(|(_, name)| name.to_owned());
        // An option that was deleted meanwhile is a text that no cell has.
        found.or(number.map(|_| id.to_owned())).ok_or_else(|| format!("{} is no option", excerpt(id)))
    }

    fn person_name(&self, id: &str) -> Result<String, String> {
        let person = IdCodec::read_person(id).and_then(|id| self.stored.schema.people.get(&id));
        person
            .map(|person| person.name.clone())
            .ok_or_else(|| format!("{} is nobody of this base", excerpt(id)))
    }
}

fn any(parts: impl Iterator<Item = String>) -> String {
    joined("OR", "FALSE", parts)
}

fn all(parts: impl Iterator<Item = String>) -> String {
    joined("AND", "TRUE", parts)
}

fn joined(word: &str, none: &str, parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [] => none.to_owned(),
        [one] => one.clone(),
        _ => format!("{word}({})", parts.join(", ")),
    }
}

/// Whether `text` contains `needle`, ignoring case.
fn contains(text: &str, needle: &str) -> String {
    format!("FIND({}, LOWER({text})) > 0", quoted(&needle.to_lowercase()))
}

/// A text as the formula language writes it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '\\' | '"' | '“' | '”' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

fn day_literal(day: Date) -> String {
    format!("DATE({}, {}, {})", day.year(), day.month(), day.day())
}

fn midnight_literal(day: Date, zone: &TimeZone) -> String {
    time_literal(zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).unwrap_or_default())
}

fn time_literal(at: Timestamp) -> String {
    let mut out = String::new();
    let _ = write!(out, "DATETIME_PARSE(\"{at}\")");
    out
}

fn relative_span(relative: &str, n: i64) -> Option<(String, String)> {
    let n = n.clamp(0, 100_000);
    let day = |days: i64| match days {
        0 => "TODAY()".to_owned(),
        days => format!("DATEADD(TODAY(), {days}, \"days\")"),
    };
    // The days since a Monday, whatever day weeks are said to begin with.
    let monday = |weeks: i64| {
        let back = "DATETIME_DIFF(TODAY(), DATE(2024, 1, 1), \"days\")";
        format!("DATEADD(TODAY(), {} - MOD({back}, 7), \"days\")", weeks * 7)
    };
    let first = |months: i64| match months {
        0 => "DATE(YEAR(TODAY()), MONTH(TODAY()), 1)".to_owned(),
        months => format!("DATEADD(DATE(YEAR(TODAY()), MONTH(TODAY()), 1), {months}, \"months\")"),
    };
    Some(match relative {
        "today" => (day(0), day(1)),
        "yesterday" => (day(-1), day(0)),
        "tomorrow" => (day(1), day(2)),
        "daysAgo" => (day(-n), day(1 - n)),
        "daysFromNow" => (day(n), day(n + 1)),
        "pastDays" => (day(-n), day(1)),
        "nextDays" => (day(0), day(n + 1)),
        "thisWeek" => (monday(0), monday(1)),
        "lastWeek" => (monday(-1), monday(0)),
        "nextWeek" => (monday(1), monday(2)),
        "thisMonth" => (first(0), first(1)),
        "lastMonth" => (first(-1), first(0)),
        "nextMonth" => (first(1), first(2)),
        "thisYear" => ("DATE(YEAR(TODAY()), 1, 1)".to_owned(), "DATE(YEAR(TODAY()) + 1, 1, 1)".to_owned()),
        _ => return None,
    })
}
