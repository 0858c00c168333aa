//! Records, groups, sums and patches, written as text: `{id, version, cells}` for requests, `[id, version, [cells]]`
//! for sockets.

use std::fmt::Write;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::analyze::{Aggregate, AggregateResult};
use engine::query::{GroupNode, Query};
use engine::view::{Frame, PatchOp, Row};
use engine::{FieldId, RecordId, Snapshot, TableId, Value};

use super::value::{Shape, write_number, write_text};

/// A text of JSON as an answer.
pub fn answer(json: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

/// The fields of a window with how their cells are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// Whose records.
    pub table: TableId,
    /// In order; `None` for a field that is gone: its cells are null.
    pub fields: Vec<(FieldId, Option<Shape>)>,
}

impl Columns {
    /// The columns of `fields`.
    pub fn new(snapshot: &Snapshot, table: TableId, fields: &[FieldId]) -> Self {
        let column = |field: &FieldId| {
            let def = snapshot.field(*field).filter(|def| def.table == table);
            (*field, def.map(|def| Shape::of(def, snapshot)))
        };
        Self { table, fields: fields.iter().map(column).collect() }
    }

    /// The tables whose records' titles the cells show.
    pub fn linked(&self) -> impl Iterator<Item = TableId> + '_ {
        self.fields.iter().filter_map(|(_, shape)| shape.as_ref()?.linked())
    }

    /// The outside ids of the fields: making one costs as much as writing a whole cell.
    fn keys(&self, snapshot: &Snapshot) -> Vec<String> {
        self.fields.iter().map(|(field, _)| snapshot.ids().field(*field)).collect()
    }

    fn write_cell(&self, out: &mut String, at: usize, value: &Value, snapshot: &Snapshot) {
        match self.fields.get(at) {
            Some((_, Some(shape))) => shape.write(out, value, snapshot),
            _ => out.push_str("null"),
        }
    }

    /// `[id, version, [cells]]`
    fn write_row(&self, out: &mut String, row: &Row, snapshot: &Snapshot) {
        out.push('[');
        write_text(out, &snapshot.ids().record(self.table, row.record));
        let _ = write!(out, ",{},[", row.version);
        for (at, value) in row.cells.iter().enumerate() {
            comma(out, at);
            self.write_cell(out, at, value, snapshot);
        }
        out.push_str("]]");
    }
}

/// `{id, version, cells}` of one record.
pub fn row(snapshot: &Snapshot, table: TableId, fields: &[FieldId], record: RecordId) -> String {
    let mut out = String::new();
    let columns = Columns::new(snapshot, table, fields);
    write_record(&mut out, snapshot, &columns, &columns.keys(snapshot), record);
    out
}

fn write_record(out: &mut String, snapshot: &Snapshot, columns: &Columns, keys: &[String], record: RecordId) {
    let ids = snapshot.ids();
    let version = snapshot.stored().table(columns.table).map_or(0, |table| table.version_of(record));
    out.push_str("{\"id\":");
    write_text(out, &ids.record(columns.table, record));
    let _ = write!(out, ",\"version\":{version},\"cells\":{{");
    for (at, ((field, _), key)) in columns.fields.iter().zip(keys).enumerate() {
        comma(out, at);
        write_text(out, key);
        out.push(':');
        columns.write_cell(out, at, &snapshot.get(*field, record), snapshot);
    }
    out.push_str("}}");
}

/// `Row[]`
pub fn write_records(out: &mut String, snapshot: &Snapshot, columns: &Columns, records: &[RecordId]) {
    let keys = columns.keys(snapshot);
    out.push('[');
    for (at, record) in records.iter().enumerate() {
        comma(out, at);
        write_record(out, snapshot, columns, &keys, *record);
    }
    out.push(']');
}

/// `rows` of a snap.
pub fn write_rows(out: &mut String, snapshot: &Snapshot, columns: &Columns, frame: &Frame) {
    out.push('[');
    for (at, row) in frame.rows.iter().enumerate() {
        comma(out, at);
        columns.write_row(out, row, snapshot);
    }
    out.push(']');
}

/// `GroupNode[]`
pub fn write_groups(out: &mut String, snapshot: &Snapshot, query: &Query, groups: &[GroupNode]) {
    out.push('[');
    for (at, group) in groups.iter().enumerate() {
        comma(out, at);
        let _ = write!(out, "{{\"level\":{},\"key\":", group.level);
        write_key(out, snapshot, query.group.get(group.level).map(|by| by.field), &group.key);
        out.push_str(",\"label\":");
        write_text(out, &group.label);
        if let Some(color) = &group.color {
            out.push_str(",\"color\":");
            write_text(out, color);
        }
        let _ = write!(out, ",\"from\":{},\"count\":{}", group.from, group.count);
        if !group.summaries.is_empty() {
            out.push_str(",\"summaries\":");
            write_summaries(out, snapshot, &group.summaries);
        }
        out.push('}');
    }
    out.push(']');
}

/// A group's key; dates are days, whatever the field shows.
fn write_key(out: &mut String, snapshot: &Snapshot, field: Option<FieldId>, key: &Value) {
    match (key, field.and_then(|field| snapshot.field(field))) {
        (Value::Date(ms), _) => write_text(out, &crate::time::date(*ms)),
        (key, Some(def)) => Shape::of(def, snapshot).write(out, key, snapshot),
        (_, None) => out.push_str("null"),
    }
}

/// `{[fld]: number | null}`
pub fn write_summaries(out: &mut String, snapshot: &Snapshot, summaries: &[(FieldId, Option<f64>)]) {
    out.push('{');
    for (at, (field, number)) in summaries.iter().enumerate() {
        comma(out, at);
        write_text(out, &snapshot.ids().field(*field));
        out.push(':');
        write_optional(out, *number);
    }
    out.push('}');
}

/// `AggregateResult`
pub fn write_aggregate(
    out: &mut String,
    snapshot: &Snapshot,
    aggregate: &Aggregate,
    result: &AggregateResult,
) {
    out.push_str("{\"groups\":[");
    for (at, group) in result.groups.iter().enumerate() {
        comma(out, at);
        out.push_str("{\"keys\":[");
        for (at, key) in group.keys.iter().enumerate() {
            comma(out, at);
            write_key(out, snapshot, aggregate.by.get(at).map(|by| by.field), key);
        }
        out.push_str("],\"labels\":[");
        for (at, label) in group.labels.iter().enumerate() {
            comma(out, at);
            write_text(out, label);
        }
        out.push_str("],\"colors\":[");
        for (at, color) in group.colors.iter().enumerate() {
            comma(out, at);
            match color {
                Some(color) => write_text(out, color),
                None => out.push_str("null"),
            }
        }
        out.push_str("],\"values\":");
        write_numbers(out, &group.values);
        let _ = write!(out, ",\"count\":{}}}", group.count);
    }
    out.push_str("],\"totals\":");
    write_numbers(out, &result.totals);
    let _ = write!(out, ",\"records\":{}}}", result.records);
}

/// Operations of a patch, as members of an array: without its brackets, so that patches can be joined.
pub fn write_ops(out: &mut String, snapshot: &Snapshot, columns: &Columns, query: &Query, ops: &[PatchOp]) {
    for op in ops {
        let from = out.len();
        comma(out, from);
        match op {
            PatchOp::Update { at, record, version, cells } => {
                let _ = write!(out, "[\"u\",{at},");
                write_text(out, &snapshot.ids().record(columns.table, *record));
                let _ = write!(out, ",{version},{{");
                for (n, (place, value)) in cells.iter().enumerate() {
                    comma(out, n);
                    let _ = write!(out, "\"{place}\":");
                    columns.write_cell(out, *place, value, snapshot);
                }
                out.push_str("}]");
            }
            PatchOp::Insert { at, row } => {
                let _ = write!(out, "[\"i\",{at},");
                columns.write_row(out, row, snapshot);
                out.push(']');
            }
            PatchOp::Delete { at } => drop(write!(out, "[\"d\",{at}]")),
            PatchOp::Move { from, to } => drop(write!(out, "[\"m\",{from},{to}]")),
            PatchOp::Total(total) => drop(write!(out, "[\"t\",{total}]")),
            PatchOp::Groups(groups) => {
                out.push_str("[\"g\",");
                write_groups(out, snapshot, query, groups);
                out.push(']');
            }
            PatchOp::Summaries(summaries) => {
                out.push_str("[\"s\",");
                write_summaries(out, snapshot, summaries);
                out.push(']');
            }
        }
    }
}

fn write_numbers(out: &mut String, numbers: &[Option<f64>]) {
    out.push('[');
    for (at, number) in numbers.iter().enumerate() {
        comma(out, at);
        write_optional(out, *number);
    }
    out.push(']');
}

fn write_optional(out: &mut String, number: Option<f64>) {
    match number {
        Some(number) => write_number(out, number),
        None => out.push_str("null"),
    }
}

fn comma(out: &mut String, at: usize) {
    if at > 0 {
        out.push(',');
    }
}
