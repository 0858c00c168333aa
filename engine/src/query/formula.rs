//! A formula as a condition of a filter.

use std::fmt;
use std::sync::Arc;

use formulas::column::{Chunk, Vector};
use formulas::records::{Bits, ones};
use formulas::{Context, Expr, FieldId, FieldInfo, Path, Rows, TableId};
use jiff::tz::TimeZone;

use super::test::NONE;
use crate::compute::CellSource;
use crate::field::{self, Kept, is_stored};
use crate::snapshot::Snapshot;

/// A formula that was compiled for a filter.
pub trait FormulaFilter: fmt::Debug + Send + Sync {
    /// The fields of the query's own table that it reads from the same record.
    fn fields(&self) -> Vec<FieldId>;

    /// Fields that it reads from other records: where one of them is touched, orders are made anew.
    fn foreign(&self) -> Vec<FieldId>;

    /// Whether its results change as time passes.
    fn follows_clock(&self) -> bool;

    /// The rows of `among`, a part of one chunk, for which the formula holds.
    fn test(&self, snapshot: &Snapshot, chunk: usize, among: &Bits) -> Bits;
}

/// Compiles a formula of `table`, written with names, for a filter.
///
/// # Errors
///
/// A sentence that says what is wrong with it.
pub(super) fn compile(
    snapshot: &Snapshot,
    table: TableId,
    formula: &str,
    now_ms: i64,
) -> Result<Arc<dyn FormulaFilter>, String> {
    let wrong = |found: Option<&formulas::Diagnostic>| {
        let message = found.map_or("it does not hold", |found| found.message.as_str());
        format!("the formula of the filter: {message}")
    };
    let (ast, diagnostics) = formulas::parse(formula);
    if let Some(first) = diagnostics.first() {
        return Err(wrong(Some(first)));
    }
    let expr =
        formulas::check(&ast, table, &Names(snapshot)).map_err(|diagnostics| wrong(diagnostics.first()))?;
    let zone = TimeZone::get(&snapshot.stored().info.time_zone).unwrap_or(TimeZone::UTC);
    // A record is written where one of its stored cells is.
    let times = expr.dependencies().into_iter().filter_map(|one| field::times::time_of(one.field));
    let written = match times.into_iter().any(|(_, kept)| kept == Kept::ModifiedAt) {
        true => snapshot.schema().fields_of(table).filter(|def| is_stored(def)).map(|def| def.id).collect(),
        false => Vec::new(),
    };
    let primary = |table: &TableId| snapshot.schema().tables.get(table).map(|table| table.primary);
    let whole = expr.whole_tables().iter().filter_map(primary).collect();
    let context = Context { now_ms, zone, dialect: snapshot.stored().info.dialect, table };
    Ok(Arc::new(Compiled { expr, context, whole, written }))
}

#[derive(Debug)]
struct Compiled {
    expr: Expr,
    context: Context,
    /// A field of each table of which all records are read.
    whole: Vec<FieldId>,
    /// The fields of which each write changes when a record was last written, if the filter asks for that.
    written: Vec<FieldId>,
}

impl FormulaFilter for Compiled {
    fn fields(&self) -> Vec<FieldId> {
        let mut fields = self.written.clone();
        for dependency in self.expr.dependencies() {
            match &dependency.path {
                Path::Same if field::times::time_of(dependency.field).is_some() => {}
                Path::Same => fields.push(dependency.field),
                Path::Through(links) => fields.extend(links.first()),
                Path::Whole(_) => {}
            }
        }
        fields
    }

    fn foreign(&self) -> Vec<FieldId> {
        let mut fields = self.whole.clone();
        for dependency in self.expr.dependencies() {
            if dependency.path != Path::Same {
                fields.push(dependency.field);
            }
            if let Path::Through(links) = &dependency.path {
                fields.extend(links.iter().skip(1));
            }
        }
        fields
    }

    fn follows_clock(&self) -> bool {
        self.expr.is_volatile()
    }

    fn test(&self, snapshot: &Snapshot, chunk: usize, among: &Bits) -> Bits {
        let source = CellSource::new(snapshot.stored(), snapshot.computed());
        let rows: Vec<u16> = ones(among).collect();
        let results = self.expr.evaluate(&source, &self.context, chunk, Rows::Some(&rows));
        let mut held = NONE;
        for (at, row) in rows.into_iter().map(usize::from).enumerate() {
            held[row / 64] |= u64::from(is_true(&results, at)) << (row % 64);
        }
        held
    }
}

/// What counts as true: checked, not zero, not empty. Failed results do not.
fn is_true(results: &Chunk, at: usize) -> bool {
    results.is_valid(at)
        && match results.vector() {
            Vector::Bool(bits) => bits.get(at),
            Vector::Number(numbers) => numbers[at] != 0.0,
            Vector::Text(texts) => !texts.get(at).is_empty(),
            Vector::List(lists) => !lists.range(at).is_empty(),
            Vector::Date(_) | Vector::Choice(_) => true,
        }
}

/// The schema as the checker asks for it.
struct Names<'a>(&'a Snapshot);

impl formulas::Schema for Names<'_> {
    fn table_named(&self, name: &str) -> Option<TableId> {
        self.0.schema().table_named(name).map(|table| table.id)
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        self.0.schema().tables.get(&table).map(|table| table.name.clone())
    }

    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.0.schema().field_named(table, name).map(|field| field.id)
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        let def = self.0.field(field)?;
        let ty = field::type_of(def).formula_type(def, self.0.schema());
        Some(FieldInfo { name: def.name.clone(), table: def.table, ty })
    }

    fn field_names(&self, table: TableId) -> Vec<String> {
        self.0.schema().fields_of(table).map(|field| field.name.clone()).collect()
    }

    fn primary_field(&self, table: TableId) -> Option<FieldId> {
        self.0.schema().tables.get(&table).map(|table| table.primary)
    }

    fn dialect(&self) -> formulas::Dialect {
        self.0.schema().dialect
    }
}
