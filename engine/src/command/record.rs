//! Planning for records and their cells.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use formulas::column::Chunk;
use formulas::{FieldId, RecordId, TableId, Value};
use serde_json::Value as Json;

use super::planner::{Planner, compact};
use super::{Cell, RecordUpdate};
use crate::change::{Change, Edit, Ids, Outcome};
use crate::error::{Code, Refusal};
use crate::field::{self, Accept, Input, Storage, storage};
use crate::id::OptionId;
use crate::limits::{COMMAND_RECORDS_MAX, RECORDS_MAX};
use crate::state::LinkEnd;
use crate::state::schema::Field;

/// Fields, each with one value for every record.
pub(super) type Columns = Vec<(Arc<Field>, Vec<Value>)>;

/// Makes records.
pub(super) fn create(
    planner: &mut Planner<'_>,
    table: TableId,
    columns: &[(FieldId, Vec<Input>)],
    n_records: usize,
    typecast: bool,
) -> Result<Outcome, Refusal> {
    let accepted = accept_columns(planner, table, columns, n_records, typecast)?;
    let created = append(planner, table, accepted, n_records)?;
    Ok(Outcome::Records { table, created, updated: none(), failed: Vec::new() })
}

/// Takes inputs for `n_records` records: one list of values for each column.
pub(super) fn accept_columns(
    planner: &mut Planner<'_>,
    table: TableId,
    columns: &[(FieldId, Vec<Input>)],
    n_records: usize,
    typecast: bool,
) -> Result<Columns, Refusal> {
    planner.table(table)?;
    if n_records > COMMAND_RECORDS_MAX {
        return Err(Refusal::limit(format!("one command writes {COMMAND_RECORDS_MAX} records at most")));
    }
    let mut accepted = Vec::with_capacity(columns.len());
    for (field, inputs) in columns {
        if inputs.len() != n_records {
            let message = format!("{n_records} records need as many inputs, not {}", inputs.len());
            return Err(Refusal::invalid(message).in_field(*field));
        }
        let def = planner.written_field(table, *field)?;
        let mut values = Vec::with_capacity(n_records);
        accept(planner, &def, inputs.iter(), typecast, |row, result| match result {
            Ok(value) => {
                values.push(value);
                Ok(())
            }
            Err(message) => {
                let which = if n_records > 1 { format!(" (record {})", row + 1) } else { String::new() };
                Err(Refusal::invalid(format!("field \"{}\"{which} {message}", def.name)).in_field(*field))
            }
        })?;
        accepted.push((def, values));
    }
    Ok(accepted)
}

/// Takes inputs for one field, and adds the options that they name to it.
pub(super) fn accept<'i>(
    planner: &mut Planner<'_>,
    def: &Arc<Field>,
    inputs: impl Iterator<Item = &'i Input>,
    typecast: bool,
    mut each: impl FnMut(usize, Result<Value, String>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut context =
        Accept { stored: &planner.stored, typecast, now_ms: planner.stamp.time_ms, new_options: Vec::new() };
    let mut acceptor = field::type_of(def).acceptor(def, &planner.stored);
    for (row, input) in inputs.enumerate() {
        each(row, acceptor.accept(input, &mut context))?;
    }
    drop(acceptor);
    let new_options = context.new_options;
    add_options(planner, def, new_options);
    Ok(())
}

/// Adds options that inputs asked for by a new name.
fn add_options(planner: &mut Planner<'_>, def: &Arc<Field>, new: Vec<(FieldId, OptionId, String)>) {
    if new.is_empty() {
        return;
    }
    let new: Vec<(OptionId, String)> = new.into_iter().map(|(_, id, name)| (id, name)).collect();
    let options = field::with_new_options(def, &new, planner.stored.ids());
    planner.change(Change::Field(def.id, Edit::replace(def, Field { options, ..Field::clone(def) })));
}

/// Adds records at the end with the given columns, and defaults for the others.
pub(super) fn append(
    planner: &mut Planner<'_>,
    table: TableId,
    mut columns: Columns,
    n_records: usize,
) -> Result<Ids, Refusal> {
    let first = planner.state(table)?.len;
    if first + n_records > RECORDS_MAX {
        return Err(Refusal::limit(format!("a table has {RECORDS_MAX} records at most")).in_table(table));
    }
    if n_records == 0 {
        return Ok(none());
    }
    let fields: Vec<Arc<Field>> = planner.stored.schema.fields_of(table).cloned().collect();
    for def in fields {
        if columns.iter().any(|(given, _)| given.id == def.id) {
            continue;
        }
        if !def.default.is_null() {
            columns.push((Arc::clone(&def), vec![default_value(planner, &def)?; n_records]));
        } else if def.required && field::is_stored(&def) {
            let message = format!("field \"{}\" is required", def.name);
            return Err(Refusal::invalid(message).in_table(table).in_field(def.id));
        }
    }
    let ids = Ids::Range { first: first as u32, len: n_records as u32 };
    for (def, values) in &columns {
        check_cells(planner, def, ids.iter().zip(values))?;
    }
    planner.change(Change::Records { table, ids: ids.clone(), before: false, after: true });
    for (def, values) in columns {
        if values.iter().all(Value::is_blank) {
            continue;
        }
        match storage(&def) {
            Storage::Cells(kind) => {
                let after = Chunk::from_values(kind, &values);
                let before = Chunk::blank(kind, n_records);
                let change = Change::Cells { table, field: def.id, ids: ids.clone(), before, after };
                planner.change(change);
            }
            _ => write(planner, &def, ids.iter().zip(values).collect())?,
        }
    }
    Ok(ids)
}

fn default_value(planner: &mut Planner<'_>, def: &Arc<Field>) -> Result<Value, Refusal> {
    let input = input_of(&def.default);
    let mut value = Value::Blank;
    accept(planner, def, std::iter::once(&input), true, |_, result| {
        value = result.map_err(|message| {
            Refusal::invalid(format!("the default of field \"{}\" {message}", def.name)).in_field(def.id)
        })?;
        Ok(())
    })?;
    Ok(value)
}

/// An input from its JSON form.
pub fn input_of(json: &Json) -> Input {
    match json {
        Json::Null => Input::Blank,
        Json::Bool(bool) => Input::Bool(*bool),
        Json::Number(number) => Input::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Input::Text(text.clone()),
        Json::Array(items) => Input::List(items.iter().map(input_of).collect()),
        // A link as it was read: `{id, title}`.
        Json::Object(map) => map.get("id").map_or(Input::Blank, input_of),
    }
}

/// Writes cells of records.
pub(super) fn update(
    planner: &mut Planner<'_>,
    table: TableId,
    records: &[RecordUpdate],
    typecast: bool,
) -> Result<Outcome, Refusal> {
    if records.len() > COMMAND_RECORDS_MAX {
        return Err(Refusal::limit(format!("one command writes {COMMAND_RECORDS_MAX} records at most")));
    }
    let mut by_field: BTreeMap<FieldId, Vec<(RecordId, &Input)>> = BTreeMap::new();
    for update in records {
        planner.require_record(table, update.record)?;
        let version = planner.state(table)?.version_of(update.record);
        if update.if_version.is_some_and(|expected| expected != version) {
            let message = format!("somebody changed the record; it is at version {version}");
            return Err(Refusal::new(Code::Conflict, message).in_table(table).in_record(update.record));
        }
        for (field, input) in &update.cells {
            by_field.entry(*field).or_default().push((update.record, input));
        }
    }
    for (field, inputs) in by_field {
        let def = planner.written_field(table, field)?;
        let mut cells: Vec<Cell> = Vec::with_capacity(inputs.len());
        accept(planner, &def, inputs.iter().map(|(_, input)| *input), typecast, |row, result| {
            let record = inputs[row].0;
            let value = result.map_err(|message| {
                let message = format!("field \"{}\" {message}", def.name);
                Refusal::invalid(message).in_field(field).in_record(record)
            })?;
            cells.push((record, value));
            Ok(())
        })?;
        write_checked(planner, &def, cells)?;
    }
    let mut updated: Vec<u32> = records.iter().map(|update| update.record.0).collect();
    updated.sort_unstable();
    updated.dedup();
    Ok(Outcome::Records { table, created: none(), updated: compact(updated), failed: Vec::new() })
}

/// Checks what the field demands, and writes.
pub(super) fn write_checked(
    planner: &mut Planner<'_>,
    def: &Arc<Field>,
    cells: Vec<Cell>,
) -> Result<(), Refusal> {
    check_cells(planner, def, cells.iter().map(|(record, value)| (*record, value)))?;
    write(planner, def, cells)
}

/// Writes cells of a field; those of a link's far end become cells of the end that owns it.
pub(super) fn write(planner: &mut Planner<'_>, def: &Arc<Field>, cells: Vec<Cell>) -> Result<(), Refusal> {
    let Storage::Link { table: far, owner: false, other, .. } = storage(def) else {
        planner.write_cells(def.table, def.id, cells);
        return Ok(());
    };
    let Some(other) = other else { return Ok(()) };
    let mut owners: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (record, value) in cells {
        let wanted: HashSet<u32> = value.as_codes().into_iter().collect();
        let present: HashSet<u32> = planner.stored.linked(def.id, record).into_iter().collect();
        for source in wanted.symmetric_difference(&present) {
            let owned =
                owners.entry(*source).or_insert_with(|| planner.stored.linked(other, RecordId(*source)));
            match wanted.contains(source) {
                true => owned.push(record.0),
                false => owned.retain(|target| *target != record.0),
            }
        }
    }
    let cells = owners.into_iter().map(|(source, targets)| (RecordId(source), list(targets))).collect();
    planner.write_cells(far, other, cells);
    Ok(())
}

/// A list cell; an empty list is blank.
pub(super) fn list(codes: Vec<u32>) -> Value {
    if codes.is_empty() { Value::Blank } else { Value::codes(codes) }
}

/// What a field demands of its cells beyond their type.
fn check_cells<'v>(
    planner: &Planner<'_>,
    def: &Field,
    cells: impl Iterator<Item = (RecordId, &'v Value)> + Clone,
) -> Result<(), Refusal> {
    if def.required
        && let Some((record, _)) = cells.clone().find(|(_, value)| value.is_blank())
    {
        let message = format!("field \"{}\" is required", def.name);
        return Err(Refusal::invalid(message).in_field(def.id).in_record(record));
    }
    if !def.unique {
        return Ok(());
    }
    let clash = |record: RecordId| {
        let message = format!("field \"{}\" is unique, and another record has this value", def.name);
        Refusal::new(Code::Conflict, message).in_field(def.id).in_record(record)
    };
    let mut written = HashSet::new();
    let mut wanted = BTreeMap::new();
    for (record, value) in cells {
        written.insert(record);
        if !value.is_blank() && wanted.insert(key_of(value), record).is_some() {
            return Err(clash(record));
        }
    }
    let state = planner.state(def.table)?;
    let Some(column) = state.columns.get(&def.id) else { return Ok(()) };
    for record in state.alive.iter().filter(|record| !written.contains(record)) {
        let value = column.get(record);
        if let Some(own) = (!value.is_blank()).then(|| wanted.get(&key_of(&value))).flatten() {
            return Err(clash(*own));
        }
    }
    Ok(())
}

/// What two cells must share to be the same to a unique field and to an upsert: the value itself, texts
/// compared without regard to case.
pub(super) fn key_of(value: &Value) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(text) => format!("t{}", text.to_lowercase()),
        Value::Number(number) => format!("n{:016x}", number.to_bits()),
        other => format!("{other:?}"),
    }
}

/// Takes records away; links to and from them go first.
pub(super) fn delete(
    planner: &mut Planner<'_>,
    table: TableId,
    records: &[RecordId],
) -> Result<Outcome, Refusal> {
    let mut ids: Vec<u32> = records.iter().map(|record| record.0).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        planner.require_record(table, RecordId(*id))?;
    }
    if ids.is_empty() {
        return Ok(Outcome::Done);
    }
    unlink(planner, table, &ids)?;
    planner.change(Change::Records { table, ids: compact(ids), before: true, after: false });
    Ok(Outcome::Done)
}

/// Takes away all pairs in which one of `records` stands, on either end.
fn unlink(planner: &mut Planner<'_>, table: TableId, records: &[u32]) -> Result<(), Refusal> {
    let gone: HashSet<u32> = records.iter().copied().collect();
    let owning: Vec<Arc<Field>> = planner.stored.schema.fields.values().cloned().collect();
    for def in owning {
        let Storage::Link { table: target, owner: true, .. } = storage(&def) else { continue };
        let mut cells: BTreeMap<u32, Value> = BTreeMap::new();
        if target == table {
            let Some(reverse) = planner.state(def.table)?.reverse.get(&def.id) else { continue };
            let sources: HashSet<u32> = records.iter().flat_map(|record| reverse.sources(*record)).collect();
            for source in sources {
                let mut targets = planner.stored.linked(def.id, RecordId(source));
                targets.retain(|target| !gone.contains(target));
                cells.insert(source, list(targets));
            }
        }
        if def.table == table {
            cells.extend(records.iter().map(|record| (*record, Value::Blank)));
        }
        let cells = cells.into_iter().map(|(record, value)| (RecordId(record), value)).collect();
        planner.write_cells(def.table, def.id, cells);
    }
    Ok(())
}

/// Brings deleted records back. Their links come back only by undoing the deletion.
pub(super) fn restore(
    planner: &mut Planner<'_>,
    table: TableId,
    records: &[RecordId],
) -> Result<Outcome, Refusal> {
    let state = planner.state(table)?;
    let mut ids: Vec<u32> = Vec::new();
    for record in records {
        if record.index() >= state.len {
            return Err(Refusal::not_found("there never was such a record")
                .in_table(table)
                .in_record(*record));
        }
        if !state.is_alive(*record) {
            ids.push(record.0);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if !ids.is_empty() {
        planner.change(Change::Records { table, ids: Ids::List(ids.into()), before: false, after: true });
    }
    Ok(Outcome::Done)
}

/// Adds to or takes from a list cell.
pub(super) fn change_items(
    planner: &mut Planner<'_>,
    table: TableId,
    record: RecordId,
    field: FieldId,
    add: &[Input],
    remove: &[Input],
) -> Result<Outcome, Refusal> {
    planner.require_record(table, record)?;
    let def = planner.written_field(table, field)?;
    let is_list = match storage(&def) {
        Storage::Cells(kind) => matches!(kind, formulas::column::Kind::List(_)),
        _ => true,
    };
    if !is_list {
        let message = format!("field \"{}\" has no items; set its cell instead", def.name);
        return Err(Refusal::invalid(message).in_field(field));
    }
    let mut codes = match planner.stored.link_end(field) {
        Some(LinkEnd::Own(_) | LinkEnd::Other(_)) => planner.stored.linked(field, record),
        None => planner.state(table)?.get(field, record).as_codes(),
    };
    for (inputs, adds) in [(remove, false), (add, true)] {
        let input = [Input::List(inputs.to_vec())];
        accept(planner, &def, input.iter(), true, |_, result| {
            let items = result.map_err(|message| {
                Refusal::invalid(format!("field \"{}\" {message}", def.name))
                    .in_field(field)
                    .in_record(record)
            })?;
            let items = items.as_codes();
            codes.retain(|code| adds || !items.contains(code));
            if adds {
                items.into_iter().for_each(|code| {
                    if !codes.contains(&code) {
                        codes.push(code);
                    }
                });
            }
            Ok(())
        })?;
    }
    if let Storage::Link { many: false, .. } = storage(&def)
        && codes.len() > 1
    {
        codes.drain(..codes.len() - 1);
    }
    // Adding an option by name may have changed the field.
    let def = planner.field(field)?;
    write_checked(planner, &def, vec![(record, list(codes))])?;
    Ok(Outcome::Done)
}

/// Adds to a number cell.
pub(super) fn increment(
    planner: &mut Planner<'_>,
    table: TableId,
    record: RecordId,
    field: FieldId,
    by: f64,
) -> Result<Outcome, Refusal> {
    planner.require_record(table, record)?;
    let def = planner.written_field(table, field)?;
    let present = match planner.state(table)?.get(field, record) {
        Value::Blank => 0.0,
        Value::Number(number) => number,
        _ => {
            let message = format!("field \"{}\" is no number", def.name);
            return Err(Refusal::invalid(message).in_field(field).in_record(record));
        }
    };
    let sum = present + by;
    if !sum.is_finite() {
        return Err(Refusal::invalid("the sum is too large for a number").in_field(field).in_record(record));
    }
    write_checked(planner, &def, vec![(record, Value::Number(sum))])?;
    Ok(Outcome::Done)
}

/// No records.
pub(super) fn none() -> Ids {
    Ids::Range { first: 0, len: 0 }
}
