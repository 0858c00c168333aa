//! The formula editor's questions: what is wrong, what comes out, what there is.

use axum::Json;
use engine::compute::CellSource;
use engine::{FieldId, RecordId, Snapshot, TableId, Value};
use formulas::column::CHUNK;
use formulas::{Diagnostic, Expr, FieldInfo, Rows, Schema, Type};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::blocking;
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member};
use crate::wire::value::{Shape, computed_types};

/// A formula that somebody types.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// `tbl…`: whose records it is computed for.
    table: String,
    /// As people write it.
    formula: String,
    /// `rec…`: for which its value is shown.
    record: Option<String>,
}

pub(crate) async fn check(member: Member, Body(asked): Body<Formula>) -> Answer<Json<Json_>> {
    blocking(move || {
        let snapshot = member.snapshot();
        let ids = snapshot.ids();
        let table = ids.read_table(&asked.table).filter(|table| snapshot.schema().tables.contains_key(table));
        let table = table.ok_or_else(|| Problem::not_found("table"))?;
        let record = match asked.record.as_deref() {
            None => None,
            Some(text) => {
                let record =
                    ids.read_record(table, text).filter(|record| snapshot.alive(table).contains(*record));
                Some(record.ok_or_else(|| Problem::not_found("record"))?)
            }
        };
        Ok(Json(answer(&snapshot, table, &asked.formula, record)))
    })
    .await
}

fn answer(snapshot: &Snapshot, table: TableId, text: &str, record: Option<RecordId>) -> Json_ {
    let names = Names { snapshot, types: computed_types(snapshot) };
    let (ast, diagnostics) = formulas::parse(text);
    let checked =
        if diagnostics.is_empty() { formulas::check(&ast, table, &names) } else { Err(diagnostics) };
    match checked {
        Err(diagnostics) => {
            json!({ "diagnostics": diagnostics.iter().map(|one| shown(text, one)).collect::<Vec<_>>() })
        }
        Ok(expr) => {
            let mut json = json!({ "type": type_name(expr.ty()), "diagnostics": [] });
            if let Some(record) = record {
                let value = value(snapshot, table, &expr, record);
                json["value"] = Shape::of_type(expr.ty()).json(&value, snapshot);
            }
            json
        }
    }
}

fn value(snapshot: &Snapshot, table: TableId, expr: &Expr, record: RecordId) -> Value {
    let source = CellSource::new(snapshot.stored(), snapshot.computed());
    let zone = jiff::tz::TimeZone::get(&snapshot.stored().info.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let dialect = snapshot.stored().info.dialect;
    let context = formulas::Context { now_ms: snapshot.computed().as_of_ms, zone, dialect, table };
    let row = (record.index() % CHUNK) as u16;
    expr.evaluate(&source, &context, record.index() / CHUNK, Rows::Some(&[row])).get(0)
}

/// Ranges count UTF-16 units, as texts of a browser do.
fn shown(text: &str, diagnostic: &Diagnostic) -> Json_ {
    let units = |byte: usize| text.get(..byte.min(text.len())).map_or(0, |text| text.encode_utf16().count());
    let mut json = json!({
        "from": units(diagnostic.range.start),
        "to": units(diagnostic.range.end),
        "message": diagnostic.message,
    });
    if let Some(suggestion) = &diagnostic.suggestion {
        json["suggestion"] = json!(suggestion);
    }
    json
}

fn type_name(ty: &Type) -> &'static str {
    match ty.item() {
        Type::Bool => "checkbox",
        Type::Number => "number",
        Type::Date { .. } => "date",
        Type::Record(_) => "link",
        Type::Text | Type::Blank | Type::List(_) => "text",
    }
}

/// The names of a snapshot, for the checker.
struct Names<'a> {
    snapshot: &'a Snapshot,
    types: std::sync::Arc<std::collections::BTreeMap<FieldId, Type>>,
}

impl Schema for Names<'_> {
    fn table_named(&self, name: &str) -> Option<TableId> {
        self.snapshot.schema().table_named(name).map(|table| table.id)
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        self.snapshot.schema().tables.get(&table).map(|table| table.name.clone())
    }

    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.snapshot.schema().field_named(table, name).map(|field| field.id)
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        let def = self.snapshot.field(field)?;
        let ty = match engine::field::storage(def) {
            engine::field::Storage::Computed(_) => self.types.get(&field).cloned().unwrap_or(Type::Text),
            _ => engine::field::type_of(def).formula_type(def, self.snapshot.schema()),
        };
        Some(FieldInfo { name: def.name.clone(), table: def.table, ty })
    }

    fn field_names(&self, table: TableId) -> Vec<String> {
        self.snapshot.schema().fields_of(table).map(|field| field.name.clone()).collect()
    }

    fn primary_field(&self, table: TableId) -> Option<FieldId> {
        self.snapshot.schema().tables.get(&table).map(|table| table.primary)
    }

    fn dialect(&self) -> formulas::Dialect {
        self.snapshot.schema().dialect
    }
}

/// A function of the formula language, as the editor shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Function {
    /// As it is called.
    name: &'static str,
    /// What it is listed under.
    family: &'static str,
    /// `ROUND(number, [digits])`
    signature: &'static str,
    /// What it gives, in a sentence or two.
    doc: &'static str,
    /// Formulas and what they give.
    #[schema(value_type = Vec<Vec<String>>)]
    examples: &'static [(&'static str, &'static str)],
}

pub(crate) async fn functions() -> Json<Vec<Function>> {
    let families = formulas::FAMILIES.iter();
    let all =
        families.flat_map(|family| family.functions.iter().map(move |function| (family.name, *function)));
    let shown = all.map(|(family, function)| Function {
        name: function.name,
        family,
        signature: function.signature,
        doc: function.doc,
        examples: function.examples,
    });
    Json(shown.collect())
}
