//! [`Input`]: what somebody entered for a cell, and [`Accept`]: what a type may know when it takes it.

use formulas::FieldId;

use crate::id::OptionId;
use crate::state::Stored;

/// What was entered for one cell, before its field's type has looked at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Input {
    /// Clears the cell.
    #[default]
    Blank,
    /// True or false.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text, an id in its outside form, or a date as ISO 8601.
    Text(String),
    /// Several of the others.
    List(Vec<Input>),
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for Input {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Input {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

/// What a type knows and may ask for when it takes an input.
#[derive(Debug)]
pub struct Accept<'a> {
    /// The base as it is.
    pub stored: &'a Stored,
    /// Whether texts are read as a person means them (`"45%"`, an option's name); otherwise only the exact form
    /// of the wire is taken.
    pub typecast: bool,
    /// The command's time, for "today".
    pub now_ms: i64,
    /// Options that inputs asked for by a new name; the planner adds them to the field before the cells.
    pub new_options: Vec<(FieldId, OptionId, String)>,
}
