//! The two ways in which a formula goes wrong, neither of them a Rust `Err`.
//!
//! A [`Diagnostic`] is about the text of a formula and is shown in the editor before it is saved. A
//! [`CellError`] is the value of one cell whose computation failed; it flows through whatever reads it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What kind of failure a cell shows, by the names that spreadsheets use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ErrorKind {
    /// Division by zero.
    DivZero,
    /// An argument of the wrong type or form.
    Value,
    /// A reference to something that is gone.
    Ref,
    /// Nothing was found.
    NotAvailable,
    /// A number outside what can be represented or computed.
    Num,
    /// Anything else, for example a limit that was reached.
    Error,
}

impl ErrorKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [ErrorKind; 6] =
        [Self::DivZero, Self::Value, Self::Ref, Self::NotAvailable, Self::Num, Self::Error];

    /// The text that stands in the cell, such as `#DIV/0!`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::DivZero => "#DIV/0!",
            Self::Value => "#VALUE!",
            Self::Ref => "#REF!",
            Self::NotAvailable => "#N/A",
            Self::Num => "#NUM!",
            Self::Error => "#ERROR!",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The value of a cell whose computation failed: a kind for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// A sentence without a final dot.
    pub message: Arc<str>,
}

impl CellError {
    /// A failure of `kind`, explained by `message`.
    pub fn new(kind: ErrorKind, message: impl Into<Arc<str>>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// Something wrong in the text of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The bytes of the formula's text that are meant.
    pub range: Range<usize>,
    /// A sentence without a final dot; says what would be accepted where that is known.
    pub message: String,
    /// A text that would mend the range, if one is likely.
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a suggestion.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), suggestion: None }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
