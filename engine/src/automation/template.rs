//! [`Template`]: a text with `{{Name}}` in it, where a run puts what the trigger's record says.
//!
//! In braces stands the name or the id (`fld…`) of a field, or one of [`EXTRAS`]. Cells come as a person would
//! type them.

use formulas::{FieldId, RecordId, TableId};

use super::work::Work;
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::Table;

/// What can stand in braces besides fields.
const EXTRAS: [(&str, Slot); 6] = [
    ("record.url", Slot::RecordUrl),
    ("record.id", Slot::RecordId),
    ("record.title", Slot::RecordTitle),
    ("now", Slot::Now),
    ("today", Slot::Today),
    ("automation.name", Slot::AutomationName),
];

/// A text with slots.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// What is put into a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Slot {
    Field(FieldId),
    RecordUrl,
    RecordId,
    RecordTitle,
    Now,
    Today,
    AutomationName,
}

/// How the text around a slot wants what is put into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Escape {
    /// As it is.
    Plain,
    /// Inside a JSON string.
    Json,
    /// Inside a URL.
    Url,
}

impl Template {
    /// Reads a template about a record of `table`.
    ///
    /// # Errors
    ///
    /// A sentence that names what is not there.
    pub(super) fn read(text: &str, stored: &Stored, table: Option<TableId>) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            let inner = &rest[start + 2..];
            let end = inner.find("}}").ok_or("a \"{{\" has no \"}}\"")?;
            parts.push(Part::Slot(slot(inner[..end].trim(), stored, table)?));
            rest = &inner[end + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The slot, if there is nothing else.
    pub(super) fn only_slot(&self) -> Option<Slot> {
        match self.parts.as_slice() {
            [Part::Slot(slot)] => Some(*slot),
            _ => None,
        }
    }

    /// Whether it begins with this text, before any slot.
    pub(super) fn starts_with(&self, test: impl Fn(&str) -> bool) -> bool {
        matches!(self.parts.first(), Some(Part::Text(text)) if test(text))
    }

    /// The text with its slots filled.
    pub(super) fn render(&self, work: &mut Work, escape: Escape) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Slot(slot) => push(&mut out, &slot_text(*slot, work), escape),
            }
        }
        out
    }
}

fn slot(name: &str, stored: &Stored, table: Option<TableId>) -> Result<Slot, String> {
    let extra = EXTRAS.iter().find(|(extra, _)| *extra == name).map(|(_, slot)| *slot);
    let Some(table) = table else {
        let free = extra.filter(|slot| matches!(slot, Slot::Now | Slot::Today | Slot::AutomationName));
        return free.ok_or_else(|| format!("{{{{{name}}}}} is about a record, but this trigger has none"));
    };
    let field = stored.schema.field_named(table, name).map(|def| def.id);
    let field = field.or_else(|| {
        let id = stored.ids().read_field(name)?;
        stored.field(id).filter(|def| def.table == table).map(|def| def.id)
    });
    field.map(Slot::Field).or(extra).ok_or_else(|| {
        let table = stored.schema.tables.get(&table).map_or("", |table: &std::sync::Arc<Table>| &table.name);
        let extras: Vec<&str> = EXTRAS.iter().map(|(name, _)| *name).collect();
        format!("{{{{{name}}}}} is no field of table \"{table}\", and none of {}", extras.join(", "))
    })
}

fn slot_text(slot: Slot, work: &mut Work) -> String {
    let now_ms = work.now_ms;
    match (slot, work.record) {
        (Slot::AutomationName, _) => work.automation.name.clone(),
        (Slot::Now, _) => iso(now_ms),
        (Slot::Today, _) => today(now_ms, work.draft.stored().stored()).to_string(),
        (_, None) => String::new(),
        (Slot::Field(field), Some((_, record))) => work.draft.snapshot().text(field, record),
        (Slot::RecordTitle, Some((table, record))) => work.draft.snapshot().title(table, record),
        (Slot::RecordId, Some((table, record))) => work.draft.stored().ids().record(table, record),
        (Slot::RecordUrl, Some((table, record))) => url_of(work.draft.stored(), table, record),
    }
}

/// The path of a record on the server; what sends an effect puts the server's address before it.
pub(super) fn url_of(snapshot: &Snapshot, table: TableId, record: RecordId) -> String {
    let ids = snapshot.ids();
    let base = crate::id::base_id(snapshot.stored().info.id);
    format!("/b/{base}/t/{}?r={}", ids.table(table), ids.record(table, record))
}

/// A moment as the wire writes it, to the second.
pub(super) fn iso(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1_000)).map(|at| at.to_string()).unwrap_or_default()
}

/// Today where the base is.
pub(super) fn today(now_ms: i64, stored: &Stored) -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get(&stored.info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default()).date()
}

fn push(out: &mut String, text: &str, escape: Escape) {
    match escape {
        Escape::Plain => out.push_str(text),
        Escape::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            out.push_str(&quoted[1..quoted.len() - 1]);
        }
        Escape::Url => {
            for byte in text.bytes() {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        out.push(byte.into())
                    }
                    _ => out.push_str(&format!("%{byte:02X}")),
                }
            }
        }
    }
}
