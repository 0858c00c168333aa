//! One cell: [`Value`], and the [`Type`] that a field or a formula has.
//!
//! Columns keep values in typed arrays (see [`crate::column`]); a `Value` is the form for one cell at a time,
//! at the edges: reading a record, planning an edit, printing a result.

use std::sync::Arc;

use crate::error::CellError;
use crate::ids::TableId;

/// The type of a field as formulas see it, or of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// A finite `f64`.
    Number,
    /// Unicode text in NFC.
    Text,
    /// A moment in milliseconds since 1970-01-01 UTC. `time` is false for dates without a time of day.
    Date {
        /// Whether the time of day is shown and meant.
        time: bool,
    },
    /// A record of a table.
    Record(TableId),
    /// A flat list; a list of lists is flattened where it arises.
    List(Box<Type>),
    /// Always blank, such as the result of `BLANK()`; fits every other type.
    Blank,
}

impl Type {
    /// A list of `item`; stays flat when `item` is a list already.
    pub fn list(item: Type) -> Type {
        match item {
            Type::List(_) => item,
            _ => Type::List(Box::new(item)),
        }
    }

    /// The type of the items of a list, or the type itself.
    pub fn item(&self) -> &Type {
        match self {
            Type::List(item) => item,
            other => other,
        }
    }

    /// Whether this is a list.
    pub const fn is_list(&self) -> bool {
        matches!(self, Type::List(_))
    }

    /// The word for people, as used in messages: "number", "list of texts".
    pub fn word(&self) -> &'static str {
        match self {
            Type::Bool => "checkbox",
            Type::Number => "number",
            Type::Text => "text",
            Type::Date { .. } => "date",
            Type::Record(_) => "record",
            Type::List(_) => "list",
            Type::Blank => "blank",
        }
    }
}

/// One cell. Blank is a value of its own, never `""` or `0`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing was entered, or nothing came out.
    #[default]
    Blank,
    /// A checkbox or the result of a comparison.
    Bool(bool),
    /// Finite; never NaN or infinite in a cell.
    Number(f64),
    /// Text in NFC.
    Text(Arc<str>),
    /// Milliseconds since 1970-01-01 UTC; a date without time is midnight UTC.
    Date(i64),
    /// A code: a select's option, a person or a record, by its dense id.
    Choice(u32),
    /// A flat list.
    List(Arc<[Value]>),
    /// A computation that failed.
    Error(Arc<CellError>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list of codes, as multi-selects, people and links are kept.
    pub fn codes(codes: impl IntoIterator<Item = u32>) -> Self {
        Self::List(codes.into_iter().map(Value::Choice).collect())
    }

    /// Whether the cell is blank.
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The number, if it is one.
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The codes of a choice or a list of choices; empty for everything else.
    pub fn as_codes(&self) -> Vec<u32> {
        match self {
            Self::Choice(code) => vec![*code],
            Self::List(items) => items.iter().flat_map(Value::as_codes).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a list; one item for a single value and none for blank.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::Blank => &[],
            Self::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<CellError> for Value {
    fn from(error: CellError) -> Self {
        Self::Error(Arc::new(error))
    }
}
