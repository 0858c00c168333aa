//! `text`: one line of text. Also what the other types with text cells share: [`TextCells`] and [`PlainText`].

use std::borrow::Cow;

use formulas::column::Kind;
use formulas::{Type, Value};
use serde_json::Value as Json;

use super::words::{expected, nfc, typed};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage, given};
use crate::limits::TEXT_BYTES_MAX;
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Text;

impl FieldType for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn doc(&self) -> &'static str {
        "One line of text."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        given::none(given)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Text)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Text
    }

    fn acceptor<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        Box::new(TextCells { wanted: "a text", tidy: |text, _| Ok(Cow::Borrowed(text)) })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PlainText)
    }

    fn operators(&self) -> &'static [&'static str] {
        TEXT_OPERATORS
    }
}

/// The operators of all types with text cells.
pub(super) const TEXT_OPERATORS: &[&str] = &[
    "is",
    "isNot",
    "contains",
    "doesNotContain",
    "startsWith",
    "isEmpty",
    "isNotEmpty",
    "isAnyOf",
    "isNoneOf",
];

/// Takes texts: NFC, at most [`TEXT_BYTES_MAX`] bytes, the empty one as blank.
pub(super) struct TextCells {
    /// What is expected, for messages.
    pub(super) wanted: &'static str,
    /// Checks a text; mends it if it was typed by a person.
    pub(super) tidy: fn(&str, bool) -> Result<Cow<'_, str>, String>,
}

impl Acceptor for TextCells {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        let text = match input {
            Input::Blank => return Ok(Value::Blank),
            Input::Text(text) => nfc(text),
            other => match typed(other).filter(|_| context.typecast) {
                Some(text) => text,
                None => return Err(expected(self.wanted, other)),
            },
        };
        if text.is_empty() {
            return Ok(Value::Blank);
        }
        let tidy = (self.tidy)(&text, context.typecast)?;
        match tidy.len() {
            0 => Ok(Value::Blank),
            1..=TEXT_BYTES_MAX => Ok(Value::text(&*tidy)),
            len => Err(format!("a text may have {TEXT_BYTES_MAX} bytes, this one has {len}")),
        }
    }
}

/// Prints a text as it is.
pub(super) struct PlainText;

impl Printer for PlainText {
    fn print(&mut self, value: &Value, out: &mut String) {
        out.push_str(value.as_text().unwrap_or_default());
    }
}
