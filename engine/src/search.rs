//! Search: words in the records of a table.
//!
//! A search is a condition like others: every word occurs in some text, option, person or linked title of the
//! record, ignoring case. It scans; a text index would give a [`Selection`] of the same records instead, which
//! is all that callers see.

use formulas::TableId;

use crate::error::Refusal;
use crate::query::{Parameters, Query, Selection};
use crate::snapshot::Snapshot;

/// The records of `table` in which all words of `text` occur; all records for no word.
///
/// # Errors
///
/// None today: a search fits every table. An index may be asked for one that it does not have.
pub fn search(snapshot: &Snapshot, table: TableId, text: &str) -> Result<Selection, Refusal> {
    let query = Query { search: Some(text.to_owned()), ..Query::all(table) };
    Ok(query.plan(snapshot, &Parameters::default())?.select(snapshot))
}
