//! Planning the order of records by hand: what was moved gets keys between those of its new neighbours.

use std::collections::HashSet;
use std::sync::Arc;

use formulas::column::{Chunk, Kind};
use formulas::{RecordId, TableId, Value};

use super::planner::{Planner, compact};
use crate::change::{Change, Outcome};
use crate::error::Refusal;
use crate::id::ViewId;
use crate::limits::COMMAND_RECORDS_MAX;
use crate::position;
use crate::query::Query;
use crate::state::places::Places;

/// Characters of a key. A longer one is not made: those around it are spread anew.
const KEY_CHARS_MAX: usize = 48;

/// Puts `records`, in the order given, behind `after` in a view, or first.
///
/// "Behind" counts all records of the table, also those that the view does not show: whoever stands behind
/// `after` for one reader stands there for all. `after` may be a deleted record, whose place remains.
pub(super) fn move_records(
    planner: &mut Planner<'_>,
    table: TableId,
    view: ViewId,
    records: &[RecordId],
    after: Option<RecordId>,
) -> Result<Outcome, Refusal> {
    planner.table(table)?;
    let def = planner.stored.schema.views.get(&view).filter(|def| def.table == table);
    let def = def.ok_or_else(|| Refusal::not_found("the table has no such view").in_table(table))?;
    if !Query::of_view(&planner.stored, def)?.sort.is_empty() {
        let message = "a sorted view cannot be ordered by hand; remove the sort";
        return Err(Refusal::invalid(message).in_table(table));
    }
    if records.len() > COMMAND_RECORDS_MAX {
        return Err(Refusal::limit(format!("one command moves {COMMAND_RECORDS_MAX} records at most")));
    }
    let mut moved = HashSet::with_capacity(records.len());
    for record in records {
        planner.require_record(table, *record)?;
        if !moved.insert(record.0) {
            return Err(Refusal::invalid("a record is named twice").in_table(table).in_record(*record));
        }
    }
    if let Some(after) = after {
        if after.index() >= planner.state(table)?.len {
            return Err(Refusal::not_found("there never was such a record").in_table(table).in_record(after));
        }
        if moved.contains(&after.0) {
            let message = "a record cannot stand behind itself; name one that is not moved";
            return Err(Refusal::invalid(message).in_table(table).in_record(after));
        }
    }
    let places = planner.stored.orders.get(&view).cloned().unwrap_or_default();
    let keys = keys(&places, records, &moved, after);
    write(planner, (table, view), &places, keys);
    Ok(Outcome::Done)
}

/// The keys that put `records` behind `after`; those of others too where there was no room.
fn keys(
    places: &Places,
    records: &[RecordId],
    moved: &HashSet<u32>,
    after: Option<RecordId>,
) -> Vec<(RecordId, String)> {
    let low: Option<Arc<str>> = after.map(|after| places.key(after));
    // The next record that nobody moved bounds the room, whether it is there or not; so does the next moved one.
    let gap = low.as_deref().map_or(0, position::implied_up_to);
    let end = position::implied(gap);
    let start = gap.checked_sub(1).map(position::implied);
    let behind = match (&low, after) {
        (Some(key), Some(after)) => places.from(key, after.0.saturating_add(1)),
        _ => places.from("", 0),
    };
    let next = behind.map(|(key, record)| (&**key, *record)).find(|(_, record)| !moved.contains(record));
    let high = next.map(|(key, _)| key).filter(|key| *key < end.as_str()).unwrap_or(&end);
    if low.as_deref().is_none_or(|low| low < high) {
        let keys = position::spread(low.as_deref(), Some(high), records.len());
        if keys.iter().all(|key| key.len() <= KEY_CHARS_MAX) {
            return records.iter().copied().zip(keys).collect();
        }
    }
    // All that were moved to between the two records are spread evenly, the new ones among them.
    let from = start.as_deref().unwrap_or("");
    let known = places.from(from, 0).take_while(|(key, _)| **key < *end);
    let mut order: Vec<RecordId> =
        known.map(|(_, record)| RecordId(*record)).filter(|record| !moved.contains(&record.0)).collect();
    let at = after.and_then(|after| order.iter().position(|record| *record == after)).map_or(0, |at| at + 1);
    order.splice(at..at, records.iter().copied());
    let keys = position::spread(start.as_deref(), Some(&end), order.len());
    order.into_iter().zip(keys).collect()
}

fn write(
    planner: &mut Planner<'_>,
    (table, view): (TableId, ViewId),
    places: &Places,
    mut keys: Vec<(RecordId, String)>,
) {
    keys.retain(|(record, key)| places.get(*record).is_none_or(|old| **old != **key));
    keys.sort_unstable_by_key(|(record, _)| *record);
    if keys.is_empty() {
        return;
    }
    let (mut before, mut after) = (Chunk::blank(Kind::Text, 0), Chunk::blank(Kind::Text, 0));
    for (record, key) in &keys {
        before.push(&places.get(*record).map_or(Value::Blank, |key| Value::text(&**key)));
        after.push(&Value::text(key.as_str()));
    }
    let ids = compact(keys.iter().map(|(record, _)| record.0).collect());
    planner.change(Change::Places { table, view, ids, before, after });
}
