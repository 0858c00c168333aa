//! [`TableState`]: the records of one table: which are alive, their stored cells, who made them and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::column::{Column, Kind};
use formulas::{FieldId, RecordId, RecordSet, Value};

use super::links::Reverse;

/// One table's records. Cloning shares the columns.
#[derive(Clone, Debug)]
pub struct TableState {
    /// Records ever created; the next one gets this number.
    pub len: usize,
    /// The records that are there.
    pub alive: Arc<RecordSet>,
    /// How many those are.
    pub n_alive: usize,
    /// The cells of each stored field, links that this side owns included; also of deleted fields.
    pub columns: BTreeMap<FieldId, Column>,
    /// The other end of each link that this table owns, by the owning field.
    pub reverse: BTreeMap<FieldId, Arc<Reverse>>,
    /// When each record was created: milliseconds UTC.
    pub created_at: Column,
    /// By whom: a person's number; blank for the server.
    pub created_by: Column,
    /// When a cell of the record was last written.
    pub modified_at: Column,
    /// By whom.
    pub modified_by: Column,
    /// The version of the commit that wrote to the record last.
    pub versions: Column,
}

impl Default for TableState {
    fn default() -> Self {
        Self {
            len: 0,
            alive: Arc::default(),
            n_alive: 0,
            columns: BTreeMap::new(),
            reverse: BTreeMap::new(),
            created_at: Column::new(Kind::Date, 0),
            created_by: Column::new(Kind::Choice, 0),
            modified_at: Column::new(Kind::Date, 0),
            modified_by: Column::new(Kind::Choice, 0),
            versions: Column::new(Kind::Number, 0),
        }
    }
}

impl TableState {
    /// Whether the record is there.
    pub fn is_alive(&self, record: RecordId) -> bool {
        self.alive.contains(record)
    }

    /// The stored cell of a record; blank for a field without a column.
    pub fn get(&self, field: FieldId, record: RecordId) -> Value {
        self.columns.get(&field).map_or(Value::Blank, |column| column.get(record))
    }

    /// The version of the commit that wrote to the record last.
    pub fn version_of(&self, record: RecordId) -> u64 {
        self.versions.get(record).as_number().unwrap_or(0.0) as u64
    }
}
