//! [`Record`]: the fields and cells of one record, all that a formula needs that looks at nothing else.
//!
//! For trying formulas where there is no base, and for checking values before there is a record: a command line,
//! a default value, a rule of a field. A formula of a base is checked and evaluated against the base.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::column::Chunk;
use crate::dialect::Dialect;
use crate::error::Diagnostic;
use crate::eval::{Context, Rows, Source};
use crate::expr::{Expr, kind_of};
use crate::ids::{FieldId, RecordId, TableId};
use crate::records::RecordSet;
use crate::schema::{FieldInfo, Schema};
use crate::value::{Type, Value};

const TABLE: TableId = TableId(0);

/// A record without a base: named cells with their types.
///
/// # Examples
///
/// ```
/// use formulas::{Dialect, Type, Value, record::Record};
///
/// let mut record = Record::new(Dialect::Airtable);
/// record.push("Price", Type::Number, Value::Number(12.5));
/// record.push("Count", Type::Number, Value::Blank);
/// let expr = record.check("{Price} * 2 + {Count}").expect("all names are known");
/// assert_eq!(record.value(&expr, 0, &jiff::tz::TimeZone::UTC), Value::Number(25.0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Record {
    dialect: Dialect,
    fields: Vec<FieldInfo>,
    cells: Vec<Value>,
}

impl Record {
    /// A record without fields.
    pub const fn new(dialect: Dialect) -> Self {
        Self { dialect, fields: Vec::new(), cells: Vec::new() }
    }

    /// Adds a field with its cell. Of several fields with one name, formulas see the first.
    ///
    /// # Panics
    ///
    /// If the cell is neither blank nor of the type, or the type is one of records: there are no others here.
    pub fn push(&mut self, name: impl Into<String>, ty: Type, value: Value) {
        assert!(fits(&ty, &value), "{value:?} is no {}", ty.word());
        self.fields.push(FieldInfo { name: name.into(), table: TABLE, ty });
        self.cells.push(value);
    }

    /// Parses and checks a formula of the record.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, in order of its place in the text.
    pub fn check(&self, formula: &str) -> Result<Expr, Vec<Diagnostic>> {
        crate::check(&crate::parse(formula).0, TABLE, self)
    }

    /// The value of a formula that was checked against the record, or against one of the same fields; at a moment in
    /// milliseconds UTC, with moments read in `zone`.
    pub fn value(&self, expr: &Expr, now_ms: i64, zone: &TimeZone) -> Value {
        let context = Context { now_ms, zone: zone.clone(), dialect: self.dialect, table: TABLE };
        expr.evaluate(self, &context, 0, Rows::All(1)).get(0)
    }

    fn cell(&self, field: FieldId) -> Chunk {
        Chunk::from_values(kind_of(&self.fields[field.index()].ty), [&self.cells[field.index()]])
    }
}

fn fits(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Record(_), _) => false,
        (_, Value::Blank | Value::Error(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Text, Value::Text(_))
        | (Type::Date { .. }, Value::Date(_)) => true,
        (Type::Number, Value::Number(number)) => number.is_finite(),
        (Type::List(item), Value::List(items)) => items.iter().all(|value| fits(item, value)),
        _ => false,
    }
}

impl Schema for Record {
    fn table_named(&self, _name: &str) -> Option<TableId> {
        None
    }

    fn table_name(&self, _table: TableId) -> Option<String> {
        Some("Record".to_owned())
    }

    fn field_named(&self, _table: TableId, name: &str) -> Option<FieldId> {
        let at = |same: &dyn Fn(&str) -> bool| self.fields.iter().position(|field| same(&field.name));
        let found = at(&|other| other == name).or_else(|| {
            let folded = name.trim().to_lowercase();
            at(&|other| other.trim().to_lowercase() == folded)
        });
        found.map(|at| FieldId(at as u32))
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        self.fields.get(field.index()).cloned()
    }

    fn field_names(&self, _table: TableId) -> Vec<String> {
        self.fields.iter().map(|field| field.name.clone()).collect()
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }
}

impl Source for Record {
    fn cells(&self, field: FieldId, _chunk: usize) -> Arc<Chunk> {
        Arc::new(self.cell(field))
    }

    fn gather(&self, field: FieldId, records: &[u32]) -> Chunk {
        self.cell(field).gather(records.iter().map(|_| 0))
    }

    fn records(&self, _table: TableId) -> RecordSet {
        [RecordId(0)].into_iter().collect()
    }

    fn record_id_text(&self, _table: TableId, _record: u32) -> String {
        "rec00000000000000".to_owned()
    }
}
