//! Planning for work on many records at once: upsert by key and paste.

use std::collections::HashMap;

use formulas::{FieldId, RecordId, TableId, Value};

use super::planner::{Planner, compact};
use super::record::{Columns, accept, accept_columns, append, key_of, none, write_checked};
use crate::change::Outcome;
use crate::error::Refusal;
use crate::field::Input;
use crate::limits::COMMAND_RECORDS_MAX;

/// Updates the record with the same key cells, or makes one.
pub(super) fn upsert(
    planner: &mut Planner<'_>,
    table: TableId,
    keys: &[FieldId],
    columns: &[(FieldId, Vec<Input>)],
    n_records: usize,
    typecast: bool,
) -> Result<Outcome, Refusal> {
    if keys.is_empty() {
        return Err(Refusal::invalid("an upsert needs at least one key field").in_table(table));
    }
    if let Some(key) = keys.iter().find(|key| !columns.iter().any(|(field, _)| field == *key)) {
        let message = "each record of an upsert must have the key fields";
        return Err(Refusal::invalid(message).in_table(table).in_field(*key));
    }
    let accepted = accept_columns(planner, table, columns, n_records, typecast)?;
    let given_keys: Vec<String> = (0..n_records)
        .map(|row| {
            let values = keys.iter().filter_map(|key| accepted.iter().find(|(def, _)| def.id == *key));
            joined(values.map(|(_, values)| values[row].clone()))
        })
        .collect();
    let existing = existing_keys(planner, table, keys)?;
    let (mut updates, mut creates, mut fresh) = (Vec::new(), Vec::new(), HashMap::new());
    for (row, key) in given_keys.iter().enumerate() {
        match existing.get(key) {
            Some(record) => updates.push((row, *record)),
            // Two given records of one new key make one record; the later cells count.
            None => match fresh.get(key) {
                Some(at) => {
                    let at: usize = *at;
                    creates[at] = row;
                }
                None => {
                    fresh.insert(key.clone(), creates.len());
                    creates.push(row);
                }
            },
        }
    }
    for (def, values) in &accepted {
        let cells = updates.iter().map(|(row, record)| (*record, values[*row].clone())).collect();
        write_checked(planner, def, cells)?;
    }
    let new: Columns = accepted
        .into_iter()
        .map(|(def, values)| (def, creates.iter().map(|row| values[*row].clone()).collect()))
        .collect();
    let created = append(planner, table, new, creates.len())?;
    let mut updated: Vec<u32> = updates.into_iter().map(|(_, record)| record.0).collect();
    updated.sort_unstable();
    updated.dedup();
    Ok(Outcome::Records { table, created, updated: compact(updated), failed: Vec::new() })
}

fn joined(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| key_of(&value)).collect::<Vec<_>>().join("\u{1f}")
}

fn existing_keys(
    planner: &Planner<'_>,
    table: TableId,
    keys: &[FieldId],
) -> Result<HashMap<String, RecordId>, Refusal> {
    let state = planner.state(table)?;
    let mut found = HashMap::with_capacity(state.n_alive);
    for record in state.alive.iter() {
        let key = joined(keys.iter().map(|key| state.get(*key, record)));
        found.entry(key).or_insert(record);
    }
    Ok(found)
}

/// Writes a block of texts; what does not fit is left out and named.
pub(super) fn paste(
    planner: &mut Planner<'_>,
    table: TableId,
    records: &[RecordId],
    fields: &[FieldId],
    rows: &[Vec<String>],
    create: bool,
) -> Result<Outcome, Refusal> {
    if rows.len() > COMMAND_RECORDS_MAX {
        return Err(Refusal::limit(format!("one paste writes {COMMAND_RECORDS_MAX} rows at most")));
    }
    for record in records {
        planner.require_record(table, *record)?;
    }
    let mut failed: Vec<(u32, u32, String)> = Vec::new();
    let n_new = if create { rows.len().saturating_sub(records.len()) } else { 0 };
    let mut columns = Columns::new();
    for (column, field) in fields.iter().enumerate() {
        let def = match planner.written_field(table, *field) {
            Ok(def) => def,
            Err(refusal) => {
                failed.push((0, column as u32, refusal.message));
                continue;
            }
        };
        let given: Vec<(usize, Input)> = rows
            .iter()
            .take(records.len() + n_new)
            .enumerate()
            .filter_map(|(row, texts)| Some((row, Input::Text(texts.get(column)?.clone()))))
            .collect();
        let mut values = vec![None; rows.len()];
        accept(planner, &def, given.iter().map(|(_, input)| input), true, |at, result| {
            let row = given[at].0;
            match result {
                Ok(value) => values[row] = Some(value),
                Err(message) => {
                    let message = format!("field \"{}\" {message}", def.name);
                    failed.push((row as u32, column as u32, message));
                }
            }
            Ok(())
        })?;
        let cells = records.iter().zip(&values).filter_map(|(record, value)| Some((*record, value.clone()?)));
        let cells = cells.collect();
        // Adding an option by name may have changed the field.
        let def = planner.field(*field)?;
        write_checked(planner, &def, cells)?;
        let new = values.into_iter().skip(records.len()).take(n_new).map(Option::unwrap_or_default).collect();
        columns.push((def, new));
    }
    let created = if n_new > 0 { append(planner, table, columns, n_new)? } else { none() };
    failed.sort();
    let mut updated: Vec<u32> = records.iter().take(rows.len()).map(|record| record.0).collect();
    updated.sort_unstable();
    updated.dedup();
    Ok(Outcome::Records { table, created, updated: compact(updated), failed })
}
