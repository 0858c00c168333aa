//! Cells of other records: through links, or of a whole table.

use std::sync::Arc;

use super::operand::{Cells, Operand};
use super::run::Run;
use crate::column::{Chunk, Item, Kind, ListVector, TextBuilder, Vector};
use crate::error::{CellError, ErrorKind};
use crate::ids::{FieldId, TableId};
use crate::limits::PATH_ITEMS_MAX;

/// All living records of a table as one list.
pub(super) fn records(run: &Run<'_>, table: TableId) -> Operand {
    let codes: Vec<u32> = run.prepared.source.records(table).iter().map(|record| record.0).collect();
    let ends = vec![codes.len() as u32];
    let items = Chunk::full(Vector::Choice(codes));
    let lists = ListVector::from_parts(Item::Choice, ends, items);
    Operand { chunk: Arc::new(Chunk::full(Vector::List(lists))), constant: true }
}

/// The cells of `field` of the record, or of each of the records, in each cell of `over`.
///
/// All records of all rows are gathered at once; lists are cut by their ends.
pub(super) fn lookup(run: &Run<'_>, over: &Chunk, field: FieldId, kind: Kind) -> Chunk {
    match over.vector() {
        Vector::Choice(codes) => {
            let rows: Vec<usize> = (0..over.len()).filter(|row| over.is_valid(*row)).collect();
            let wanted: Vec<u32> = rows.iter().map(|row| codes[*row]).collect();
            let found = gather(run, field, &wanted);
            spread(over, found)
        }
        Vector::List(lists) => {
            let codes = lists.items().choices().expect("the checker looks through records");
            let found = gather(run, field, codes);
            let Kind::List(item) = kind else { panic!("a lookup over a list is a list") };
            match found.vector() {
                Vector::List(inner) => flattened(over, lists, &found, inner, item),
                _ => {
                    let vector = Vector::List(ListVector::from_parts(item, lists.ends().to_vec(), found));
                    Chunk::with_errors(vector, over.valid().clone(), over.errors().to_vec())
                }
            }
        }
        other => panic!("the checker looks through records, not {:?}", other.kind()),
    }
}

fn gather(run: &Run<'_>, field: FieldId, records: &[u32]) -> Chunk {
    let found = run.prepared.source.gather(field, records);
    assert_eq!(found.len(), records.len(), "one cell for each record");
    found
}

/// Puts `found`, one cell for each valid cell of `over`, back to where those are.
fn spread(over: &Chunk, mut found: Chunk) -> Chunk {
    let n = found.len();
    if n == over.len() {
        return found;
    }
    found.extend_blank(1);
    let mut next = 0;
    let places: Vec<usize> = (0..over.len())
        .map(|row| {
            if !over.is_valid(row) {
                return n;
            }
            next += 1;
            next - 1
        })
        .collect();
    let mut out = found.gather(places.into_iter());
    for (row, error) in over.errors() {
        out.set(*row as usize, &crate::Value::Error(Arc::clone(error)));
    }
    out
}

/// Lists of lists as flat ones; a failed inner list fails the whole, and so do more items than [`PATH_ITEMS_MAX`]: a way
/// that leads around in circles through links would double them with every step.
fn flattened(over: &Chunk, outer: &ListVector, found: &Chunk, inner: &ListVector, item: Item) -> Chunk {
    let end = |end: &u32| if *end == 0 { 0 } else { inner.ends()[*end as usize - 1] };
    let ends: Vec<u32> = outer.ends().iter().map(end).collect();
    let range = |row: usize| if row == 0 { 0 } else { ends[row - 1] as usize }..ends[row] as usize;
    let is_too_long = |row: &usize| range(*row).len() > PATH_ITEMS_MAX;
    let too_long: Vec<usize> = (0..ends.len()).filter(is_too_long).collect();
    let mut out = if too_long.is_empty() {
        let vector = Vector::List(ListVector::from_parts(item, ends, inner.items().clone()));
        Chunk::with_errors(vector, over.valid().clone(), over.errors().to_vec())
    } else {
        let (mut kept, mut kept_ends) = (Vec::new(), Vec::with_capacity(ends.len()));
        for row in 0..ends.len() {
            if !is_too_long(&row) {
                kept.extend(range(row));
            }
            kept_ends.push(kept.len() as u32);
        }
        let items = inner.items().gather(kept.into_iter());
        let vector = Vector::List(ListVector::from_parts(item, kept_ends, items));
        Chunk::with_errors(vector, over.valid().clone(), over.errors().to_vec())
    };
    let message = || format!("a way through links leads to at most {PATH_ITEMS_MAX} records");
    for row in too_long {
        out.set(row, &CellError::new(ErrorKind::Error, message()).into());
    }
    if !found.errors().is_empty() {
        let first = |row: usize| outer.range(row).find_map(|item| found.error(item));
        for row in 0..over.len() {
            if let Some(error) = first(row) {
                out.set(row, &crate::Value::Error(Arc::clone(error)));
            }
        }
    }
    out
}

/// The ids of records as people see them; lists of them keep their form.
pub(super) fn record_texts(run: &Run<'_>, chunk: &Chunk, table: TableId) -> Chunk {
    if let Some(lists) = chunk.lists() {
        let items = record_texts(run, lists.items(), table);
        let vector = Vector::List(ListVector::from_parts(Item::Text, lists.ends().to_vec(), items));
        return Chunk::with_errors(vector, chunk.valid().clone(), chunk.errors().to_vec());
    }
    let codes = chunk.choices().expect("the checker gives records");
    let mut texts = TextBuilder::default();
    let mut cells = Cells::default();
    for (row, code) in codes.iter().enumerate() {
        if chunk.is_valid(row) {
            texts.push(&run.prepared.source.record_id_text(table, *code));
            cells.valid();
            continue;
        }
        texts.push("");
        match chunk.error(row) {
            Some(error) => cells.error(Arc::clone(error)),
            None => cells.blank(),
        }
    }
    cells.finish(Vector::Text(texts.finish()))
}
