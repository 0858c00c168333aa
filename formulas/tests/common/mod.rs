//! A base in memory for tests: tables of plain values, no chunks kept.
//!
//! Its text form is lines such as
//!
//! ```text
//! table Orders: Name text, Amount number, Of link(Projects)
//!   "web" 100 [0]
//! ```

#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]

use std::sync::Arc;

use formulas::column::{CHUNK, Chunk, Kind};
use formulas::{
    Context, Diagnostic, Dialect, Expr, FieldId, FieldInfo, RecordId, RecordSet, Rows, Schema, Source,
    TableId, Type, Value, kind_of,
};

#[derive(Clone, Debug, Default)]
pub struct Base {
    pub tables: Vec<Table>,
    pub fields: Vec<FieldInfo>,
    /// By field, then by record.
    pub cells: Vec<Vec<Value>>,
    pub dialect: Dialect,
}

#[derive(Clone, Debug, Default)]
pub struct Table {
    pub name: String,
    pub fields: Vec<FieldId>,
    pub n_records: usize,
}

impl Base {
    /// Reads the text form.
    pub fn parse(text: &str) -> Self {
        let mut base = Self::default();
        let mut links = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match line.strip_prefix("table ") {
                Some(head) => base.add_table(head, &mut links),
                None => base.add_record(line),
            }
        }
        for (field, target) in links {
            let table = base.table_named(&target).expect("the table of a link");
            base.fields[field].ty = Type::list(Type::Record(table));
        }
        base
    }

    fn add_table(&mut self, head: &str, links: &mut Vec<(usize, String)>) {
        let (name, fields) = head.split_once(": ").expect("a table's name and fields");
        let table = TableId(self.tables.len() as u32);
        let mut ids = Vec::new();
        for field in fields.split(", ") {
            let (name, ty) = field.rsplit_once(' ').expect("a field's name and type");
            let id = self.fields.len();
            let ty = match ty.strip_prefix("link(") {
                Some(target) => {
                    links.push((id, target.trim_end_matches(')').to_owned()));
                    Type::list(Type::Record(table))
                }
                None => type_named(ty),
            };
            ids.push(FieldId(id as u32));
            self.fields.push(FieldInfo { name: name.to_owned(), table, ty });
            self.cells.push(Vec::new());
        }
        self.tables.push(Table { name: name.to_owned(), fields: ids, n_records: 0 });
    }

    fn add_record(&mut self, line: &str) {
        let table = self.tables.last_mut().expect("a table before its records");
        table.n_records += 1;
        let mut rest = line;
        for field in table.fields.clone() {
            let (value, left) = read_value(rest);
            rest = left;
            self.cells[field.index()].push(value);
        }
    }

    pub fn cell(&self, field: FieldId, record: u32) -> Value {
        self.cells[field.index()].get(record as usize).cloned().unwrap_or_default()
    }

    pub fn kind(&self, field: FieldId) -> Kind {
        kind_of(&self.fields[field.index()].ty)
    }

    /// Checks a formula of the first table.
    pub fn check(&self, text: &str) -> Result<Expr, Vec<Diagnostic>> {
        formulas::check(&formulas::parse(text).0, TableId(0), self)
    }

    /// The value of a formula for one record of the first table.
    pub fn value(&self, expr: &Expr, record: u32, context: &Context) -> Value {
        let (chunk, row) = (record as usize / CHUNK, record as usize % CHUNK);
        expr.evaluate(self, context, chunk, Rows::Some(&[row as u16])).get(0)
    }
}

impl Schema for Base {
    fn table_named(&self, name: &str) -> Option<TableId> {
        self.tables.iter().position(|table| table.name == name).map(|at| TableId(at as u32))
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        self.tables.get(table.index()).map(|table| table.name.clone())
    }

    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.tables[table.index()]
            .fields
            .iter()
            .copied()
            .find(|field| self.fields[field.index()].name == name)
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        self.fields.get(field.index()).cloned()
    }

    fn field_names(&self, table: TableId) -> Vec<String> {
        self.tables[table.index()]
            .fields
            .iter()
            .map(|field| self.fields[field.index()].name.clone())
            .collect()
    }

    fn primary_field(&self, table: TableId) -> Option<FieldId> {
        self.tables[table.index()].fields.first().copied()
    }

    fn created_time(&self, _table: TableId) -> Option<FieldId> {
        Some(CREATED)
    }

    /// Of chosen fields, a field named "Watched" says when they were last written.
    fn modified_time(&self, table: TableId, fields: &[FieldId]) -> Option<FieldId> {
        if fields.is_empty() { Some(MODIFIED) } else { self.field_named(table, "Watched") }
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// Times that are kept of every record: 2024-03-01 and 2024-03-04, 8:30.
const CREATED: FieldId = FieldId(u32::MAX);
const MODIFIED: FieldId = FieldId(u32::MAX - 1);

impl Source for Base {
    fn cells(&self, field: FieldId, chunk: usize) -> Arc<Chunk> {
        if field == CREATED || field == MODIFIED {
            let ms = if field == CREATED { 1_709_281_800_000 } else { 1_709_541_000_000 };
            return Arc::new(Chunk::from_values(Kind::Date, &vec![Value::Date(ms); CHUNK]));
        }
        let cells = &self.cells[field.index()];
        let rows = (chunk * CHUNK).min(cells.len())..((chunk + 1) * CHUNK).min(cells.len());
        Arc::new(Chunk::from_values(self.kind(field), &cells[rows]))
    }

    fn gather(&self, field: FieldId, records: &[u32]) -> Chunk {
        let values: Vec<Value> = records.iter().map(|record| self.cell(field, *record)).collect();
        Chunk::from_values(self.kind(field), &values)
    }

    fn records(&self, table: TableId) -> RecordSet {
        (0..self.tables[table.index()].n_records as u32).map(RecordId).collect()
    }

    fn record_id_text(&self, _table: TableId, record: u32) -> String {
        format!("rec{record}")
    }
}

/// 2024-03-05 12:00 UTC, a Tuesday, in a zone.
pub fn context(zone: &str) -> Context {
    let zone = jiff::tz::TimeZone::get(zone).expect("a known zone");
    Context { now_ms: 1_709_640_000_000, zone, dialect: Dialect::default(), table: TableId(0) }
}

fn type_named(name: &str) -> Type {
    match name {
        "text" => Type::Text,
        "number" => Type::Number,
        "bool" => Type::Bool,
        "date" => Type::Date { time: false },
        "time" => Type::Date { time: true },
        "texts" => Type::list(Type::Text),
        "numbers" => Type::list(Type::Number),
        "bools" => Type::list(Type::Bool),
        other => panic!("no type {other}"),
    }
}

fn read_value(text: &str) -> (Value, &str) {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('"') {
        let (text, rest) = rest.split_once('"').expect("the end of a text");
        return (Value::text(text), rest);
    }
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut items = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', ',']);
            if let Some(rest) = rest.strip_prefix(']') {
                return (Value::List(items.into()), rest);
            }
            let (item, left) = read_value(rest);
            // A bare number with a sign of a record is a code.
            items.push(item);
            rest = left;
        }
    }
    let end = text.find([' ', ',', ']']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let value = match word {
        "-" | "" => Value::Blank,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if word.starts_with('@') => Value::Choice(word[1..].parse().expect("a record")),
        _ if word.starts_with('#') => {
            let kind = formulas::ErrorKind::ALL.into_iter().find(|kind| kind.text() == word);
            formulas::CellError::new(kind.expect("an error"), "given").into()
        }
        _ if word.len() >= 10 && word.as_bytes()[4] == b'-' => {
            let word = if word.contains('T') { word.to_owned() } else { format!("{word}T00:00:00Z") };
            Value::Date(word.parse::<jiff::Timestamp>().expect("a moment").as_millisecond())
        }
        _ => Value::Number(word.parse().unwrap_or_else(|_| panic!("no value {word}"))),
    };
    (value, rest)
}

/// A value as cases write it.
pub fn show(value: &Value, ty: &Type) -> String {
    match value {
        Value::Blank => "blank".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Date(ms) => {
            let text = jiff::Timestamp::from_millisecond(*ms).expect("a moment").to_string();
            if matches!(ty.item(), Type::Date { time: false }) {
                text.trim_end_matches("T00:00:00Z").to_owned()
            } else {
                text
            }
        }
        Value::Choice(code) => format!("@{code}"),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| show(item, ty.item())).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Error(error) => error.to_string(),
    }
}
