//! Evaluation of an expression over the records of one chunk.

use std::sync::Arc;

use crate::column::Chunk;
use crate::ids::{FieldId, TableId};
use crate::records::RecordSet;

/// Where evaluation reads cells: the engine implements it over a snapshot.
///
/// Cells come as formulas see them: selects as texts, people as lists of texts, links as lists of record ids.
pub trait Source: Sync {
    /// A chunk of a field of the formula's own table.
    fn cells(&self, field: FieldId, chunk: usize) -> Arc<Chunk>;

    /// The cells of any records of the field's table, in the order of `records`.
    fn gather(&self, field: FieldId, records: &[u32]) -> Chunk;

    /// The living records of a table.
    fn records(&self, table: TableId) -> RecordSet;

    /// What `RECORD_ID()` shows.
    fn record_id_text(&self, table: TableId, record: u32) -> String;
}

/// What an evaluation knows beside the cells.
#[derive(Clone, Debug)]
pub struct Context {
    /// The moment that `NOW()` gives, in milliseconds UTC.
    pub now_ms: i64,
    /// The time zone in which dates with a time are read.
    pub zone: jiff::tz::TimeZone,
    /// The table of the formula.
    pub table: TableId,
}

/// The rows of a chunk that are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// The first so many rows.
    All(usize),
    /// These rows, ascending.
    Some(&'a [u16]),
}

impl Rows<'_> {
    /// How many rows.
    pub const fn len(&self) -> usize {
        match self {
            Self::All(len) => *len,
            Self::Some(rows) => rows.len(),
        }
    }

    /// Whether no row is asked for.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
