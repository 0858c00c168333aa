//! [`Reading`]: how the cells of a field are read: which vectors they are, and what the values in them mean.
//!
//! Filters, sorts, groups and aggregates decide by a reading, never by a field's type: a formula's number is
//! read as a number field is.

use std::sync::Arc;

use formulas::column::{CHUNK, Chunk, Column, Item, Kind};
use formulas::{FieldId, RecordId, TableId, Type};
use serde_json::Value as Json;

use crate::field::{self, Kept, Storage};
use crate::id::PersonId;
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::Field;

/// What the values of a field mean, be it one in each cell or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A date; whether with a time of day.
    Date { time: bool },
    /// Codes of a select's options.
    Option,
    /// Numbers of people.
    Person,
    /// Records of a table.
    Record(TableId),
}

impl Meaning {
    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "checkbox",
            Self::Date { .. } => "date",
            Self::Option => "select",
            Self::Person => "person",
            Self::Record(_) => "link",
        }
    }
}

/// How the cells of a field are read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The field.
    pub(crate) field: Arc<Field>,
    /// What their vectors hold.
    pub(crate) kind: Kind,
    /// What the values mean.
    pub(crate) meaning: Meaning,
    /// Where its column is.
    place: Place,
}

/// Where the column of a field is: asked once, since looking a type up costs more than a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Stored,
    Computed,
    CreatedAt,
    CreatedBy,
    ModifiedAt,
    ModifiedBy,
    /// There is none: the cells are made for each question.
    Made,
}

impl Reading {
    /// Of a field; `None` if it is gone.
    pub(crate) fn of(snapshot: &Snapshot, field: FieldId) -> Option<Self> {
        let def = snapshot.field(field)?;
        let storage = field::storage(def);
        let place = place_of(&storage);
        let (kind, meaning) = match storage {
            Storage::Link { table, .. } => (Kind::List(Item::Choice), Meaning::Record(table)),
            Storage::Kept(kept) => of_kept(kept),
            Storage::Cells(kind @ (Kind::Choice | Kind::List(Item::Choice))) => {
                let person = def.type_name == "person";
                (kind, if person { Meaning::Person } else { Meaning::Option })
            }
            Storage::Cells(_) | Storage::Computed(_) => {
                let ty = field::type_of(def).formula_type(def, snapshot.schema());
                (formulas::kind_of(&ty), of_type(ty.item()))
            }
        };
        let kind = snapshot.column(field).map_or(kind, Column::kind);
        Some(Self { field: Arc::clone(def), kind, meaning, place })
    }

    /// Whether the cells have no column and are made for each question.
    pub(crate) fn is_made(&self) -> bool {
        self.place == Place::Made
    }

    fn column<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Column> {
        let id = self.field.id;
        if self.place == Place::Computed {
            return snapshot.computed().columns.get(&id);
        }
        let state = snapshot.stored().table(self.field.table)?;
        match self.place {
            Place::Stored => state.columns.get(&id),
            Place::CreatedAt => Some(&state.created_at),
            Place::CreatedBy => Some(&state.created_by),
            Place::ModifiedAt => Some(&state.modified_at),
            Place::ModifiedBy => Some(&state.modified_by),
            Place::Computed | Place::Made => None,
        }
    }

    /// The cells of a chunk of the table; blank where the column does not reach.
    pub(crate) fn chunk(&self, snapshot: &Snapshot, chunk: usize) -> Arc<Chunk> {
        let cells = if self.is_made() {
            snapshot.cells(self.field.id, chunk)
        } else {
            let column = self.column(snapshot).filter(|column| chunk < column.n_chunks());
            column.map(|column| Arc::clone(column.chunk(chunk)))
        };
        cells.unwrap_or_else(|| Arc::new(Chunk::blank(self.kind, 0)))
    }

    /// Calls `read` with the chunk of a record that is there, and the row of its cell.
    pub(crate) fn at<T>(
        &self,
        snapshot: &Snapshot,
        record: RecordId,
        read: impl FnOnce(&Chunk, usize) -> T,
    ) -> T {
        let (chunk, row) = (record.index() / CHUNK, record.index() % CHUNK);
        match self.column(snapshot).filter(|column| chunk < column.n_chunks()) {
            Some(column) => read(column.chunk(chunk), row),
            None => {
                let (cells, row) = self.cell(snapshot, record);
                read(&cells, row)
            }
        }
    }

    /// A chunk with the record's cell, and the row of the cell.
    pub(crate) fn cell(&self, snapshot: &Snapshot, record: RecordId) -> (Arc<Chunk>, usize) {
        if self.is_made() {
            let row = record.index();
            let cell = crate::compute::made_cells(snapshot.stored(), &self.field, row..row + 1);
            return (Arc::new(cell), 0);
        }
        (self.chunk(snapshot, record.index() / CHUNK), record.index() % CHUNK)
    }

    /// The field whose change in other records changes how these cells read: the title of what is linked.
    pub(crate) fn foreign(&self, snapshot: &Snapshot) -> Option<FieldId> {
        match self.meaning {
            Meaning::Record(table) => snapshot.schema().tables.get(&table).map(|table| table.primary),
            _ => None,
        }
    }
}

fn place_of(storage: &Storage) -> Place {
    match storage {
        Storage::Link { owner: false, .. } | Storage::Kept(Kept::Number) => Place::Made,
        Storage::Cells(_) | Storage::Link { owner: true, .. } => Place::Stored,
        Storage::Computed(_) => Place::Computed,
        Storage::Kept(Kept::CreatedAt) => Place::CreatedAt,
        Storage::Kept(Kept::CreatedBy) => Place::CreatedBy,
        Storage::Kept(Kept::ModifiedAt) => Place::ModifiedAt,
        Storage::Kept(Kept::ModifiedBy) => Place::ModifiedBy,
        Storage::Kept(Kept::ModifiedAtOf | Kept::ModifiedByOf) => Place::Stored,
    }
}

fn of_kept(kept: Kept) -> (Kind, Meaning) {
    match kept {
        Kept::Number => (Kind::Number, Meaning::Number),
        Kept::CreatedAt | Kept::ModifiedAt | Kept::ModifiedAtOf => (Kind::Date, Meaning::Date { time: true }),
        Kept::CreatedBy | Kept::ModifiedBy | Kept::ModifiedByOf => (Kind::Choice, Meaning::Person),
    }
}

fn of_type(ty: &Type) -> Meaning {
    match ty {
        Type::Bool => Meaning::Bool,
        Type::Number => Meaning::Number,
        Type::Date { time } => Meaning::Date { time: *time },
        Type::Record(table) => Meaning::Record(*table),
        Type::Text | Type::Blank | Type::List(_) => Meaning::Text,
    }
}

/// An option of a select as its field describes it.
#[derive(Clone, Debug)]
pub(crate) struct OptionEntry {
    /// The code in cells.
    pub(crate) code: u32,
    /// Shown.
    pub(crate) name: String,
    /// Name of an option color.
    pub(crate) color: Option<String>,
}

/// The options of a select field, in their order.
pub(crate) fn options_of(stored: &Stored, field: &Field) -> Vec<OptionEntry> {
    let listed = field.options.get("options").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |option: &Json, key: &str| option.get(key).and_then(Json::as_str).map(str::to_owned);
    let entry = |option: &Json| {
        let code = stored.ids().read_option(field.id, &text(option, "id")?)?.0;
        Some(OptionEntry { code, name: text(option, "name")?, color: text(option, "color") })
    };
    listed.iter().filter_map(entry).collect()
}

/// A name for each code: what people see for an option, a person or a linked record.
#[derive(Clone, Debug)]
pub(crate) enum Names {
    /// Options, in order.
    Options(Arc<[OptionEntry]>),
    /// The base's people.
    People,
    /// Titles of the records of a table.
    Records(TableId),
}

impl Names {
    /// Of a reading whose cells are codes.
    pub(crate) fn of(snapshot: &Snapshot, reading: &Reading) -> Option<Self> {
        match reading.meaning {
            Meaning::Option => Some(Self::Options(options_of(snapshot.stored(), &reading.field).into())),
            Meaning::Person => Some(Self::People),
            Meaning::Record(table) => Some(Self::Records(table)),
            _ => None,
        }
    }

    /// The name of a code; empty for one that is gone.
    pub(crate) fn name(&self, snapshot: &Snapshot, code: u32) -> String {
        match self {
            Self::Options(options) => options
                .iter()
                .find(|option| option.code == code)
                .map(|option| option.name.clone())
                .unwrap_or_default(),
            Self::People => snapshot
                .schema()
                .people
                .get(&PersonId(code))
                .map(|person| person.name.clone())
                .unwrap_or_default(),
            Self::Records(table) => snapshot.title(*table, RecordId(code)),
        }
    }

    /// The color of a code, if it has one.
    pub(crate) fn color(&self, snapshot: &Snapshot, code: u32) -> Option<String> {
        match self {
            Self::Options(options) => {
                options.iter().find(|option| option.code == code).and_then(|option| option.color.clone())
            }
            Self::People => snapshot.schema().people.get(&PersonId(code)).map(|person| person.color.clone()),
            Self::Records(_) => None,
        }
    }
}
