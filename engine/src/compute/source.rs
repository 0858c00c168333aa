//! [`CellSource`]: the cells of a base as formulas see them: selects and people as texts, links as records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use formulas::column::{Bitmap, CHUNK, Chunk, Column, Item, Kind, ListVector, TextVector, Vector};
use formulas::{FieldId, RecordSet, TableId, Value};

use super::run::made_cells;
use crate::field::{self, Kept, Storage, storage};
use crate::id::PersonId;
use crate::snapshot::Computed;
use crate::state::Stored;
use crate::state::schema::Field;

/// What formulas read: stored cells and the computed columns made so far.
#[derive(Debug)]
pub struct CellSource<'a> {
    stored: &'a Stored,
    computed: &'a Computed,
    dictionaries: Mutex<HashMap<FieldId, Arc<[Arc<str>]>>>,
}

impl<'a> CellSource<'a> {
    /// A source over both halves of a version.
    pub fn new(stored: &'a Stored, computed: &'a Computed) -> Self {
        Self { stored, computed, dictionaries: Mutex::default() }
    }

    fn column(&self, def: &Field) -> Option<&'a Column> {
        let state = self.stored.table(def.table)?;
        match storage(def) {
            Storage::Cells(_) | Storage::Link { owner: true, .. } => state.columns.get(&def.id),
            Storage::Computed(_) => self.computed.columns.get(&def.id),
            Storage::Kept(Kept::CreatedAt) => Some(&state.created_at),
            Storage::Kept(Kept::CreatedBy) => Some(&state.created_by),
            Storage::Kept(Kept::ModifiedAt) => Some(&state.modified_at),
            Storage::Kept(Kept::ModifiedBy) => Some(&state.modified_by),
            Storage::Kept(Kept::ModifiedAtOf | Kept::ModifiedByOf) => state.columns.get(&def.id),
            Storage::Kept(Kept::Number) | Storage::Link { owner: false, .. } => None,
        }
    }

    /// The column of a time that is kept of every record of its table.
    fn times(&self, field: FieldId) -> Option<&'a Column> {
        let (table, kept) = field::times::time_of(field)?;
        let state = self.stored.table(table)?;
        Some(if kept == Kept::CreatedAt { &state.created_at } else { &state.modified_at })
    }

    fn as_seen(&self, def: &Field, raw: &Arc<Chunk>) -> Arc<Chunk> {
        if matches!(storage(def), Storage::Link { .. } | Storage::Computed(_)) {
            return Arc::clone(raw);
        }
        match raw.vector() {
            Vector::Choice(codes) => {
                let names = self.dictionary(def);
                let known = |row: usize| {
                    raw.is_valid(row) && names.get(codes[row] as usize).is_some_and(|name| !name.is_empty())
                };
                let valid: Bitmap = (0..codes.len()).map(known).collect();
                let texts = (0..codes.len()).map(|row| valid.get(row).then(|| codes[row]));
                Arc::new(Chunk::new(Vector::Text(TextVector::from_dictionary(&names, texts)), valid))
            }
            Vector::List(lists) if lists.item() == Item::Choice => {
                let names = self.dictionary(def);
                let codes = lists.items().choices().unwrap_or_default();
                let texts =
                    codes.iter().map(|code| Some(*code).filter(|code| (*code as usize) < names.len()));
                let items = Chunk::full(Vector::Text(TextVector::from_dictionary(&names, texts)));
                let lists = ListVector::from_parts(Item::Text, lists.ends().to_vec(), items);
                Arc::new(Chunk::new(Vector::List(lists), raw.valid().clone()))
            }
            _ => Arc::clone(raw),
        }
    }

    /// Names by code; "" for a number that has none.
    fn dictionary(&self, def: &Field) -> Arc<[Arc<str>]> {
        let mut known = self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(def.id).or_insert_with(|| dictionary(def, self.stored)))
    }
}

/// The names of a field's codes, by code: options of a select, people of the base; "" where there is none.
pub(crate) fn dictionary(def: &Field, stored: &Stored) -> Arc<[Arc<str>]> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut put = |code: u32, name: &str| {
        let at = code as usize;
        if names.len() <= at {
            names.resize(at + 1, Arc::from(""));
        }
        names[at] = Arc::from(name);
    };
    match def.options.get("options").and_then(|options| options.as_array()) {
        Some(options) => {
            let ids = stored.ids();
            for option in options {
                let text = |key: &str| option.get(key).and_then(|text| text.as_str());
                if let (Some(id), Some(name)) =
                    (text("id").and_then(|id| ids.read_option(def.id, id)), text("name"))
                {
                    put(id.0, name);
                }
            }
        }
        None => {
            for (PersonId(id), person) in &stored.schema.people {
                put(*id, &person.name);
            }
        }
    }
    names.into()
}

impl formulas::Source for CellSource<'_> {
    fn cells(&self, field: FieldId, chunk: usize) -> Arc<Chunk> {
        if let Some(column) = self.times(field) {
            let blank = || Arc::new(Chunk::blank(Kind::Date, 0));
            return if chunk < column.n_chunks() { Arc::clone(column.chunk(chunk)) } else { blank() };
        }
        let Some(def) = self.stored.field(field) else { return Arc::new(Chunk::blank(Kind::Text, 0)) };
        let len = self.stored.table(def.table).map_or(0, |state| state.len);
        let rows = (chunk * CHUNK).min(len)..((chunk + 1) * CHUNK).min(len);
        match self.column(def) {
            Some(column) if chunk < column.n_chunks() => self.as_seen(def, column.chunk(chunk)),
            Some(column) => Arc::new(Chunk::blank(column.kind(), rows.len())),
            None => Arc::new(made_cells(self.stored, def, rows)),
        }
    }

    fn picked(&self, field: FieldId, chunk: usize, rows: &[u32]) -> Option<Chunk> {
        let def = self.stored.field(field).filter(|def| self.column(def).is_none())?;
        let end = self.stored.table(def.table).map_or(0, |state| state.len);
        let records: Vec<u32> = rows.iter().map(|row| (chunk * CHUNK) as u32 + row).collect();
        let inside = !records.is_empty() && records.iter().all(|record| (*record as usize) < end);
        inside.then(|| self.gather(field, &records))
    }

    fn gather(&self, field: FieldId, records: &[u32]) -> Chunk {
        if let Some(column) = self.times(field) {
            return pick(column, records);
        }
        let Some(def) = self.stored.field(field) else { return Chunk::blank(Kind::Text, records.len()) };
        let Some(column) = self.column(def) else {
            let mut all: Option<Chunk> = None;
            for record in records {
                let one = made_cells(self.stored, def, *record as usize..*record as usize + 1);
                match &mut all {
                    Some(all) => all.append(&one),
                    None => all = Some(one),
                }
            }
            return all.unwrap_or_else(|| made_cells(self.stored, def, 0..0));
        };
        let picked = pick(column, records);
        match picked.kind() {
            Kind::Choice | Kind::List(Item::Choice) => {
                Arc::unwrap_or_clone(self.as_seen(def, &Arc::new(picked)))
            }
            _ => picked,
        }
    }

    fn records(&self, table: TableId) -> RecordSet {
        self.stored.table(table).map(|state| RecordSet::clone(&state.alive)).unwrap_or_default()
    }

    fn record_id_text(&self, table: TableId, record: u32) -> String {
        self.stored.ids().record(table, formulas::RecordId(record))
    }
}

/// The cells of any records of a column, in their order.
fn pick(column: &Column, records: &[u32]) -> Chunk {
    let len = column.len();
    let cell = |record: u32| {
        let at = record as usize;
        (at < len).then(|| (column.chunk(at / CHUNK), at % CHUNK))
    };
    if column.kind() == Kind::Number {
        let mut numbers = Vec::with_capacity(records.len());
        let mut valid = Bitmap::default();
        let mut errors = Vec::new();
        for (at, record) in records.iter().enumerate() {
            let found = cell(*record);
            let number = found.and_then(|(chunk, row)| {
                chunk.is_valid(row).then(|| chunk.numbers().map_or(0.0, |numbers| numbers[row]))
            });
            numbers.push(number.unwrap_or(0.0));
            valid.push(number.is_some());
            if let (None, Some((chunk, row))) = (number, found)
                && let Some(error) = chunk.error(row)
            {
                errors.push((at as u32, Arc::clone(error)));
            }
        }
        return Chunk::with_errors(Vector::Number(numbers), valid, errors);
    }
    // Runs inside one chunk are picked at once: the children of a parent mostly stand near each other.
    let mut all = Chunk::blank(column.kind(), 0);
    let mut from = 0;
    while from < records.len() {
        let chunk = records[from] as usize / CHUNK;
        let run = records[from..].iter().take_while(|record| **record as usize / CHUNK == chunk).count();
        let rows = records[from..from + run].iter().map(|record| *record as usize % CHUNK);
        if chunk < column.n_chunks() && rows.clone().all(|row| row < column.chunk(chunk).len()) {
            all.append(&column.chunk(chunk).gather(rows));
        } else {
            records[from..from + run].iter().for_each(|record| {
                all.push(&cell(*record).map_or(Value::Blank, |(chunk, row)| chunk.get(row)));
            });
        }
        from += run;
    }
    all
}
