//! [`Given`]: what an automation writes into a cell: a constant, a template, or a formula on the record.

use std::sync::Arc;

use formulas::column::CHUNK;
use formulas::{Context, Expr, FieldId, RecordId, Rows, TableId, Type, Value};
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::definition::field_of;
use super::template::{Escape, Slot, Template, iso};
use super::work::Work;
use crate::compute::CellSource;
use crate::field::{FormulaSchema, Input, Storage, storage, type_of};
use crate::id::{IdCodec, PersonId};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::Field;

/// What is written into one cell.
pub(super) enum Given {
    Constant(Input),
    Template(Template),
    List(Vec<Given>),
    Formula(Formula),
}

/// A formula that was checked.
pub(super) struct Formula {
    table: TableId,
    expr: Expr,
}

/// Cells to write, by field.
pub(super) struct Cells(Vec<(FieldId, Given)>);

impl Cells {
    /// Reads `{fld…: value}` for a record of `into`; templates and formulas are about a record of `from`.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub(super) fn read(
        json: &Map<String, Json>,
        into: TableId,
        from: Option<TableId>,
        stored: &Stored,
    ) -> Result<Self, String> {
        let mut cells = Vec::with_capacity(json.len());
        for (id, value) in json {
            let field = field_of(stored, into, id)?;
            let def = stored.field(field).ok_or("there is no such field")?;
            if !crate::field::is_stored(def) {
                return Err(format!("field \"{}\" is computed and cannot be written", def.name));
            }
            let given =
                Given::read(value, from, stored).map_err(|why| format!("field \"{}\": {why}", def.name))?;
            cells.push((field, given));
        }
        Ok(Self(cells))
    }

    /// What a run writes.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub(super) fn inputs(&self, work: &mut Work) -> Result<Vec<(FieldId, Input)>, String> {
        let mut inputs = Vec::with_capacity(self.0.len());
        for (field, given) in &self.0 {
            let Some(def) = work.draft.stored().field(*field).cloned() else { continue };
            let input = given.input(&def, work).map_err(|why| format!("field \"{}\": {why}", def.name))?;
            inputs.push((*field, input));
        }
        Ok(inputs)
    }
}

impl Given {
    fn read(json: &Json, table: Option<TableId>, stored: &Stored) -> Result<Self, String> {
        Ok(match json {
            Json::Null => Self::Constant(Input::Blank),
            Json::Bool(bool) => Self::Constant(Input::Bool(*bool)),
            Json::Number(number) => {
                Self::Constant(Input::Number(number.as_f64().ok_or("expects a finite number")?))
            }
            Json::String(text) if text.contains("{{") => Self::Template(Template::read(text, stored, table)?),
            Json::String(text) => Self::Constant(Input::Text(text.clone())),
            Json::Array(items) => Self::List(
                items.iter().map(|item| Self::read(item, table, stored)).collect::<Result<_, _>>()?,
            ),
            Json::Object(map) => match (map.get("formula").and_then(Json::as_str), table) {
                (Some(formula), Some(table)) if map.len() == 1 => {
                    Self::Formula(Formula::read(formula, table, stored)?)
                }
                (Some(_), None) => {
                    return Err("a formula is about a record, but this trigger has none".into());
                }
                _ => return Err("expects a value, a text with {{Field}}, or {\"formula\": \"…\"}".into()),
            },
        })
    }

    fn input(&self, into: &Field, work: &mut Work) -> Result<Input, String> {
        match self {
            Self::Constant(input) => Ok(input.clone()),
            Self::List(items) => {
                items.iter().map(|item| item.input(into, work)).collect::<Result<_, _>>().map(Input::List)
            }
            Self::Template(template) => match (template.only_slot(), work.record) {
                (Some(Slot::Field(field)), Some((_, record))) => copied(field, record, into, work),
                _ => Ok(Input::Text(template.render(work, Escape::Plain))),
            },
            Self::Formula(formula) => {
                let Some((_, record)) = work.record else { return Ok(Input::Blank) };
                let now_ms = work.now_ms;
                let value = formula.value(work.draft.snapshot(), record, now_ms);
                plain_input(&value, formula.expr.ty(), formula.table, work)
            }
        }
    }
}

impl Formula {
    /// Reads a formula of `table`, as people write it.
    ///
    /// # Errors
    ///
    /// The first diagnostic.
    pub(super) fn read(text: &str, table: TableId, stored: &Stored) -> Result<Self, String> {
        let (ast, diagnostics) = formulas::parse(text);
        if let Some(first) = diagnostics.first() {
            return Err(first.message.clone());
        }
        let expr = formulas::check(&ast, table, &FormulaSchema(stored)).map_err(|diagnostics| {
            diagnostics
                .first()
                .map_or_else(|| "the formula does not hold".into(), |first| first.message.clone())
        })?;
        Ok(Self { table, expr })
    }

    /// Its value for one record.
    pub(super) fn value(&self, snapshot: &Snapshot, record: RecordId, now_ms: i64) -> Value {
        let source = CellSource::new(snapshot.stored(), snapshot.computed());
        let rows = [(record.index() % CHUNK) as u16];
        let context = self.context(snapshot, now_ms);
        self.expr.evaluate(&source, &context, record.index() / CHUNK, Rows::Some(&rows)).get(0)
    }

    /// The records for which it is true, non-zero or non-empty; `each` is asked after each chunk whether to go on.
    ///
    /// # Errors
    ///
    /// What `each` says.
    pub(super) fn select<E>(
        &self,
        snapshot: &Snapshot,
        now_ms: i64,
        mut each: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Vec<RecordId>, E> {
        let source = CellSource::new(snapshot.stored(), snapshot.computed());
        let context = self.context(snapshot, now_ms);
        let prepared = self.expr.prepare(&source, &context);
        let mut found = Vec::new();
        for (chunk, bits) in snapshot.alive(self.table).chunks() {
            let rows: Vec<u16> = formulas::records::ones(bits).collect();
            let results = prepared.evaluate(chunk, Rows::Some(&rows));
            let holds = rows.iter().enumerate().filter(|(at, _)| is_true(&results.get(*at)));
            found.extend(holds.map(|(_, row)| RecordId((chunk * CHUNK) as u32 + u32::from(*row))));
            each(rows.len())?;
        }
        Ok(found)
    }

    fn context(&self, snapshot: &Snapshot, now_ms: i64) -> Context {
        let zone = TimeZone::get(&snapshot.stored().info.time_zone).unwrap_or(TimeZone::UTC);
        let dialect = snapshot.stored().info.dialect;
        Context { now_ms, zone, dialect, table: self.table }
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Blank | Value::Error(_) => false,
        Value::Bool(bool) => *bool,
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Date(_) | Value::Choice(_) => true,
    }
}

/// A cell of the trigger's record as an input for a field: ids where both sides have the same, else as a person
/// would type it.
fn copied(field: FieldId, record: RecordId, into: &Field, work: &mut Work) -> Result<Input, String> {
    let value = work.draft.get(field, record);
    let snapshot = work.draft.snapshot();
    let Some(from) = snapshot.field(field) else { return Ok(Input::Blank) };
    let stored = snapshot.stored();
    match &value {
        Value::Error(error) => Err(format!("field \"{}\" has an error: {error:?}", from.name)),
        Value::Blank => Ok(Input::Blank),
        Value::Bool(bool) => Ok(Input::Bool(*bool)),
        Value::Number(number) if from.type_name != "duration" || into.type_name == "duration" => {
            Ok(Input::Number(*number))
        }
        _ => Ok(ids_of(&value, from, into, stored)
            .unwrap_or_else(|| Input::Text(type_of(from).text(&value, from, stored)))),
    }
}

fn ids_of(value: &Value, from: &Field, into: &Field, stored: &Stored) -> Option<Input> {
    let table = |def: &Field| match storage(def) {
        Storage::Link { table, .. } => Some(table),
        _ => None,
    };
    let list = |id: &dyn Fn(u32) -> String| {
        Some(Input::List(value.as_codes().into_iter().map(|code| Input::Text(id(code))).collect()))
    };
    match (table(from), table(into)) {
        (Some(target), Some(other)) if target == other => {
            return list(&|code| stored.ids().record(target, RecordId(code)));
        }
        _ => {}
    }
    let is_people = matches!(from.type_name.as_str(), "person" | "createdBy" | "modifiedBy");
    if is_people && into.type_name == "person" {
        return list(&|code| IdCodec::person(PersonId(code)));
    }
    None
}

/// A formula's result as an input.
fn plain_input(value: &Value, ty: &Type, table: TableId, work: &Work) -> Result<Input, String> {
    let time = matches!(ty.item(), Type::Date { time: true });
    let of = match ty.item() {
        Type::Record(of) => *of,
        _ => table,
    };
    Ok(match value {
        Value::Blank => Input::Blank,
        Value::Bool(bool) => Input::Bool(*bool),
        Value::Number(number) => Input::Number(*number),
        Value::Text(text) => Input::Text(text.to_string()),
        Value::Date(ms) => Input::Text(date_text(*ms, time)),
        Value::Choice(code) => Input::Text(work.draft.stored().ids().record(of, RecordId(*code))),
        Value::List(items) => {
            let items: &Arc<[Value]> = items;
            Input::List(
                items
                    .iter()
                    .map(|item| plain_input(item, ty.item(), table, work))
                    .collect::<Result<_, _>>()?,
            )
        }
        Value::Error(error) => return Err(format!("the formula has an error: {error:?}")),
    })
}

/// A date as the wire writes it.
pub(super) fn date_text(ms: i64, time: bool) -> String {
    let text = iso(ms);
    if time { text } else { text.split('T').next().unwrap_or_default().to_owned() }
}
