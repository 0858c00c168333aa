//! What the checker asks about tables and fields; the engine answers.

use crate::dialect::Dialect;
use crate::ids::{FieldId, TableId};
use crate::value::Type;

/// The names and types that a formula can mention.
pub trait Schema {
    /// The table of this name, compared as people see it.
    fn table_named(&self, name: &str) -> Option<TableId>;

    /// The name of a table; `None` if it was deleted.
    fn table_name(&self, table: TableId) -> Option<String>;

    /// The field of this name in `table`.
    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId>;

    /// What a field is; `None` if it was deleted.
    fn field(&self, field: FieldId) -> Option<FieldInfo>;

    /// The names of a table's fields, from which a diagnostic picks what was meant.
    fn field_names(&self, table: TableId) -> Vec<String>;

    /// The field by which people know a record of `table`: a link used as text shows its value.
    ///
    /// Where there is none, the text of a record is its id.
    fn primary_field(&self, _table: TableId) -> Option<FieldId> {
        None
    }

    /// A field that says when a record of `table` was created, for `CREATED_TIME`: its cells are dates. It need not
    /// be one that [`Schema::field`] knows; `None` if there is no such time.
    fn created_time(&self, _table: TableId) -> Option<FieldId> {
        None
    }

    /// A field that says when a record of `table` was last written, or when one of `fields` was where some are
    /// given, for `LAST_MODIFIED_TIME`; as [`Schema::created_time`].
    fn modified_time(&self, _table: TableId, _fields: &[FieldId]) -> Option<FieldId> {
        None
    }

    /// The base's dialect; what is checked in one is to be evaluated in the same ([`crate::Context::dialect`]).
    fn dialect(&self) -> Dialect {
        Dialect::default()
    }
}

/// A field as formulas see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Today's name.
    pub name: String,
    /// The table it is in.
    pub table: TableId,
    /// A link is a list of records of its target, a single select text, a multi select and people lists of
    /// texts; ratings, durations (seconds), currencies and percents are numbers.
    pub ty: Type,
}
