//! [`Snapshot`]: all of a base at one version, immutable and cheap to clone. The reading API.
//!
//! Stored cells come from [`Stored`], computed ones from the columns that `compute` made for this version.
//! Cells are read by column and chunk where speed matters, one by one at the edges.

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::column::{Chunk, Column};
use formulas::{FieldId, RecordId, RecordSet, TableId, Value};

use crate::change::Version;
use crate::field::{self, Kept, Storage};
use crate::id::IdCodec;
use crate::state::schema::{Field, Schema};
use crate::state::{LinkEnd, Stored};

/// All of a base at one version.
#[derive(Clone, Debug)]
pub struct Snapshot {
    stored: Arc<Stored>,
    computed: Arc<Computed>,
}

/// The computed columns of one version.
#[derive(Clone, Debug, Default)]
pub struct Computed {
    /// Formula, lookup, rollup and count fields, as formulas see their values.
    pub columns: BTreeMap<FieldId, Column>,
    /// The moment that `NOW()` and `TODAY()` mean, milliseconds UTC.
    pub as_of_ms: i64,
    /// Fields whose formula does not hold, and why; their cells are blank.
    pub broken: BTreeMap<FieldId, String>,
}

impl Snapshot {
    /// Both halves of one version.
    pub(crate) fn new(stored: Arc<Stored>, computed: Arc<Computed>) -> Self {
        Self { stored, computed }
    }

    /// How many commits it shows.
    pub fn version(&self) -> Version {
        self.stored.version
    }

    /// What people and automations wrote.
    pub fn stored(&self) -> &Arc<Stored> {
        &self.stored
    }

    /// What the base computed.
    pub fn computed(&self) -> &Arc<Computed> {
        &self.computed
    }

    /// Tables, fields, views and the rest.
    pub fn schema(&self) -> &Schema {
        &self.stored.schema
    }

    /// Writes and reads outside ids.
    pub fn ids(&self) -> IdCodec {
        self.stored.ids()
    }

    /// The records of a table that are there.
    pub fn alive(&self, table: TableId) -> Arc<RecordSet> {
        self.stored.table(table).map(|state| Arc::clone(&state.alive)).unwrap_or_default()
    }

    /// How many records a table has.
    pub fn n_records(&self, table: TableId) -> usize {
        self.stored.table(table).map_or(0, |state| state.n_alive)
    }

    /// The column of a field that has one: stored cells, links on the owner's side, computed cells, and what is
    /// kept beside the records but for numbers.
    pub fn column(&self, field: FieldId) -> Option<&Column> {
        let def = self.stored.field(field)?;
        let state = self.stored.table(def.table)?;
        match field::storage(def) {
            Storage::Cells(_) | Storage::Link { owner: true, .. } => state.columns.get(&field),
            Storage::Computed(_) => self.computed.columns.get(&field),
            Storage::Kept(Kept::CreatedAt) => Some(&state.created_at),
            Storage::Kept(Kept::CreatedBy) => Some(&state.created_by),
            Storage::Kept(Kept::ModifiedAt) => Some(&state.modified_at),
            Storage::Kept(Kept::ModifiedBy) => Some(&state.modified_by),
            Storage::Kept(Kept::ModifiedAtOf | Kept::ModifiedByOf) => state.columns.get(&field),
            Storage::Kept(Kept::Number) | Storage::Link { owner: false, .. } => None,
        }
    }

    /// The cells of a field in one chunk of its table, whatever its storage. For many chunks of a field with a
    /// column, [`Snapshot::column`] is cheaper.
    pub fn cells(&self, field: FieldId, chunk: usize) -> Option<Arc<Chunk>> {
        if let Some(column) = self.column(field) {
            return (chunk < column.n_chunks()).then(|| Arc::clone(column.chunk(chunk)));
        }
        let def = self.stored.field(field)?;
        let len = self.stored.table(def.table)?.len;
        let from = chunk * formulas::column::CHUNK;
        let rows = from..len.min(from + formulas::column::CHUNK);
        (from < len).then(|| Arc::new(crate::compute::made_cells(&self.stored, def, rows)))
    }

    /// The cell of a record; blank for a record that is not there.
    pub fn get(&self, field: FieldId, record: RecordId) -> Value {
        let Some(def) = self.stored.field(field) else { return Value::Blank };
        let Some(state) = self.stored.table(def.table) else { return Value::Blank };
        if !state.is_alive(record) {
            return Value::Blank;
        }
        match field::storage(def) {
            Storage::Kept(Kept::Number) => Value::Number(f64::from(record.0) + 1.0),
            Storage::Link { owner: false, .. } => match self.stored.link_end(field) {
                Some(LinkEnd::Other(reverse)) if reverse.n_sources(record.0) > 0 => {
                    Value::codes(reverse.sources(record.0))
                }
                _ => Value::Blank,
            },
            _ => self.column(field).map_or(Value::Blank, |column| column.get(record)),
        }
    }

    /// A field that is there.
    pub fn field(&self, field: FieldId) -> Option<&Arc<Field>> {
        self.stored.field(field)
    }

    /// The cell of a record as a person would type it.
    pub fn text(&self, field: FieldId, record: RecordId) -> String {
        let Some(def) = self.stored.field(field) else { return String::new() };
        field::type_of(def).text(&self.get(field, record), def, &self.stored)
    }

    /// The title of a record: its primary cell as text.
    pub fn title(&self, table: TableId, record: RecordId) -> String {
        self.schema().tables.get(&table).map(|def| self.text(def.primary, record)).unwrap_or_default()
    }
}
