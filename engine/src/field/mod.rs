//! Field types: what a field's cells are, how they are entered, shown and seen by formulas.
//!
//! A type is one file that implements [`FieldType`] and one line in [`REGISTRY`]. It chooses one of the vectors
//! for its cells; loops over cells see vectors and never types.

mod auto_number;
mod checkbox;
mod choices;
mod computed;
mod count;
mod created_by;
mod created_time;
mod date;
mod duration;
mod email;
mod figures;
mod filter;
mod formula;
mod given;
mod input;
pub(crate) mod link;
mod linked;
mod long_text;
mod lookup;
pub(crate) mod modified;
mod modified_by;
mod modified_time;
mod moment;
mod multi_select;
mod named;
mod number;
mod person;
mod phone;
mod rating;
mod rollup;
pub mod schema;
pub mod shown;
mod single_select;
mod text;
pub(crate) mod times;
mod url;
mod words;

#[cfg(test)]
mod tests;

use formulas::column::Kind;
use formulas::{FieldId, TableId, Type, Value};
use serde_json::Value as Json;

pub(crate) use choices::with_new_options;
pub use input::{Accept, Input};
pub(crate) use link::end_options as link_end_options;
pub(crate) use schema::mentions;
pub use schema::{FieldTypes, FormulaSchema};

use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// All field types, in the order in which they are offered.
pub const REGISTRY: &[&dyn FieldType] = &[
    &text::Text,
    &long_text::LongText,
    &number::Number,
    &single_select::SingleSelect,
    &multi_select::MultiSelect,
    &date::Date,
    &person::Person,
    &checkbox::Checkbox,
    &link::Link,
    &lookup::Lookup,
    &rollup::Rollup,
    &count::Count,
    &formula::Formula,
    &rating::Rating,
    &duration::Duration,
    &url::Url,
    &email::Email,
    &phone::Phone,
    &auto_number::AutoNumber,
    &created_time::CreatedTime,
    &modified_time::ModifiedTime,
    &created_by::CreatedBy,
    &modified_by::ModifiedBy,
];

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
    /// A formula of the base (formula, lookup, rollup, count), in its stored form and without the filter of a
    /// lookup: enough to tell types and dependencies, while [`FieldType::formula`] is what is evaluated.
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

/// Makes cells of inputs, one column at a time.
pub trait Acceptor {
    /// Makes a cell of what somebody entered.
    ///
    /// # Errors
    ///
    /// A sentence that says what would be accepted.
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String>;
}

/// Prints cells, one column at a time.
pub trait Printer {
    /// Adds the cell's text to `out`; nothing for a blank cell or one that the type does not have.
    fn print(&mut self, value: &Value, out: &mut String);
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

    /// What makes cells of inputs for one column: the options are read once, not for each cell.
    ///
    /// A type whose cells nobody writes refuses each input.
    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let _ = (field, stored);
        Box::new(computed::Refuse)
    }

    /// What prints the cells of one column; for a computed type by the type of its formula.
    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(shown::Shown::of_field(field, stored))
    }

    /// Makes a cell of what somebody entered. For many cells of a column, [`FieldType::acceptor`] is quicker.
    ///
    /// # Errors
    ///
    /// A sentence that says what would be accepted.
    fn accept(&self, input: &Input, field: &Field, context: &mut Accept<'_>) -> Result<Value, String> {
        let stored = context.stored;
        self.acceptor(field, stored).accept(input, context)
    }

    /// The cell as a person would type it: CSV, search, conversion to text. Typecasting it gives the cell again.
    fn text(&self, value: &Value, field: &Field, stored: &Stored) -> String {
        let mut text = String::new();
        self.printer(field, stored).print(value, &mut text);
        text
    }

    /// The formula that computes the field, in stored form, with today's names of the options that its filter
    /// mentions; `None` for a field that is not computed. It changes with the schema, not only with the field.
    fn formula(&self, field: &Field, stored: &Stored) -> Option<String> {
        let _ = stored;
        match self.storage(field) {
            Storage::Computed(formula) => Some(formula),
            _ => None,
        }
    }

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

/// The formula that computes a field, as it is to be evaluated now; see [`FieldType::formula`].
pub fn formula(field: &Field, stored: &Stored) -> Option<String> {
    type_of(field).formula(field, stored)
}

/// Whether people write the field's cells.
pub fn is_stored(field: &Field) -> bool {
    matches!(storage(field), Storage::Cells(_) | Storage::Link { .. })
}
