//! [`Error`] and [`Refusal`]: why a command was turned down, and when the world failed.
//!
//! A refusal means that nothing happened: programs branch on its code, people read its message. A bug is
//! neither: it is a panic, which refuses one command (in a planner) or stops one base (in apply).

use std::fmt;

use formulas::{FieldId, RecordId, TableId};

/// What programs branch on. Few and stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A value or an argument does not fit.
    Invalid,
    /// The actor may not do this.
    Forbidden,
    /// There is no such table, field, record, view …
    NotFound,
    /// Somebody changed it meanwhile, or a unique value exists already.
    Conflict,
    /// The field is of another type by now.
    Schema,
    /// A limit was reached.
    Limit,
    /// The base has more work waiting than it takes; try again.
    Busy,
}

impl Code {
    /// The code as the API writes it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Schema => "schema",
            Self::Limit => "limit",
            Self::Busy => "busy",
        }
    }
}

/// Where in a command the trouble is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: Option<TableId>,
    /// The field.
    pub field: Option<FieldId>,
    /// The record.
    pub record: Option<RecordId>,
    /// The position of the command in its batch.
    pub op: Option<usize>,
}

/// Why a command was turned down. Nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// For people: a sentence without a final dot that says what would be accepted.
    pub message: String,
    /// Where.
    pub at: Place,
}

impl Refusal {
    /// A refusal without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: Place::default() }
    }

    /// [`Code::Invalid`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    /// [`Code::NotFound`].
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// [`Code::Limit`].
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(Code::Limit, message)
    }

    /// The same with the table named.
    #[must_use]
    pub fn in_table(mut self, table: TableId) -> Self {
        self.at.table.get_or_insert(table);
        self
    }

    /// The same with the field named.
    #[must_use]
    pub fn in_field(mut self, field: FieldId) -> Self {
        self.at.field.get_or_insert(field);
        self
    }

    /// The same with the record named.
    #[must_use]
    pub fn in_record(mut self, record: RecordId) -> Self {
        self.at.record.get_or_insert(record);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What can come of a command besides its outcome.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The command does not fit the base as it is now; nothing was written.
    #[error("{0}")]
    Refused(Refusal),
    /// The base stopped (disk, corruption, lost ownership); whether the command was written is known after
    /// reopening it.
    #[error("the base has stopped: {0}")]
    Stopped(String),
    /// A mistake in Sheaf itself refused this one request; nothing was written.
    #[error("an internal error: {0}")]
    Bug(String),
    /// A base could not be opened, created or found.
    #[error("{0}")]
    Open(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
