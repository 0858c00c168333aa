//! Field types: what a field's cells are, how they are entered, shown and seen by formulas.
//!
//! A type is one file that implements [`FieldType`] and one line in [`REGISTRY`]. It chooses one of the vectors
//! for its cells; loops over cells see vectors and never types.

mod input;
pub(crate) mod modified;
mod text;

use formulas::column::Kind;
use formulas::{FieldId, TableId, Type, Value};
use serde_json::Value as Json;

pub use input::{Accept, Input};

use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// All field types, in the order in which they are offered.
pub const REGISTRY: &[&dyn FieldType] = &[&text::Text];

/// Where the cells of a field come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Storage {
    /// A stored column that people write.
    Cells(Kind),
    /// Pairs of records, seen from both ends.
    Link {
        /// The linked table.
        table: TableId,
        /// Whether the pairs are kept as this field's column; exactly one end is the owner.
        owner: bool,
        /// The field at the other end; `None` for a one-way link.
        other: Option<FieldId>,
        /// Whether a cell may hold more than one record.
        many: bool,
    },
    /// A formula of the base (formula, lookup, rollup, count), in its stored form.
    Computed(String),
    /// Kept by `apply` beside the records.
    Kept(Kept),
}

/// What `apply` keeps beside the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The record's number in order of creation, from 1.
    Number,
    /// When the record was created.
    CreatedAt,
    /// Who created it.
    CreatedBy,
    /// When any of its cells was last written.
    ModifiedAt,
    /// Who wrote it.
    ModifiedBy,
    /// When one of chosen fields was last written: a column that `apply` writes.
    ModifiedAtOf,
    /// Who wrote one of chosen fields: a column that `apply` writes.
    ModifiedByOf,
}

/// What a type's options are checked against.
#[derive(Clone, Copy, Debug)]
pub struct OptionsContext<'a> {
    /// The base as it is.
    pub stored: &'a Stored,
    /// Whose field it is or will be.
    pub table: TableId,
    /// The field itself, if it exists already.
    pub field: Option<&'a Field>,
    /// The number the field has or will have.
    pub id: FieldId,
}

/// One type of field.
///
/// Messages of errors are sentences without a final dot that say what would be accepted; the caller adds which
/// field and record.
pub trait FieldType: Sync {
    /// Its name in the API and in files, such as `singleSelect`.
    fn name(&self) -> &'static str;

    /// One sentence for people.
    fn doc(&self) -> &'static str;

    /// Checks the options and fills in what is not given.
    ///
    /// # Errors
    ///
    /// A sentence that names the option.
    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String>;

    /// Where the cells come from.
    fn storage(&self, field: &Field) -> Storage;

    /// The type that formulas see.
    fn formula_type(&self, field: &Field, schema: &Schema) -> Type;

    /// Makes a cell of what somebody entered.
    ///
    /// # Errors
    ///
    /// A sentence that says what would be accepted.
    fn accept(&self, input: &Input, field: &Field, context: &mut Accept<'_>) -> Result<Value, String>;

    /// Temporary.
    fn acceptor<'f>(&'f self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let _ = (field, stored);
        unreachable!("temporary")
    }

    /// The cell as a person would type it: CSV, search, conversion to text.
    fn text(&self, value: &Value, field: &Field, stored: &Stored) -> String;

    /// The options as the API shows them; differs where the stored form holds a formula.
    fn shown_options(&self, field: &Field, stored: &Stored) -> Json {
        let _ = stored;
        field.options.clone()
    }

    /// The filter operators that fit, by their names in `docs/protocol.md`.
    fn operators(&self) -> &'static [&'static str];
}

/// A type by its name.
pub fn by_name(name: &str) -> Option<&'static dyn FieldType> {
    REGISTRY.iter().copied().find(|ty| ty.name() == name)
}

/// The type of a field.
///
/// # Panics
///
/// If the field's type is not registered: planning lets no such field in.
pub fn type_of(field: &Field) -> &'static dyn FieldType {
    by_name(&field.type_name).expect("a field's type was checked when the field was made")
}

/// Where the cells of a field come from.
pub fn storage(field: &Field) -> Storage {
    type_of(field).storage(field)
}

/// Whether people write the field's cells.
pub fn is_stored(field: &Field) -> bool {
    matches!(storage(field), Storage::Cells(_) | Storage::Link { .. })
}

/// The stored form of the formula that computes a field; `None` for a field that is not computed.
pub fn formula(field: &Field, stored: &Stored) -> Option<String> {
    let _ = stored;
    match storage(field) {
        Storage::Computed(text) => Some(text),
        _ => None,
    }
}

/// Takes the inputs of one column: what a type reads from its options once.
pub trait Acceptor {
    /// Makes a cell of what somebody entered.
    ///
    /// # Errors
    ///
    /// As [`FieldType::accept`].
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String>;
}
