//! `phone`: a telephone number, as it was written, but for full-width digits, which become narrow ones.

use std::borrow::Cow;

use formulas::Type;
use formulas::column::Kind;
use serde_json::Value as Json;

use super::text::{PlainText, TEXT_OPERATORS, TextCells};
use super::words::{excerpt, narrow};
use super::{Acceptor, FieldType, OptionsContext, Printer, Storage, given};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Phone;

impl FieldType for Phone {
    fn name(&self) -> &'static str {
        "phone"
    }

    fn doc(&self) -> &'static str {
        "A telephone number."
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
        Box::new(TextCells { wanted: "a telephone number", tidy })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PlainText)
    }

    fn operators(&self) -> &'static [&'static str] {
        TEXT_OPERATORS
    }
}

fn tidy(text: &str, _typecast: bool) -> Result<Cow<'_, str>, String> {
    let number = narrowed(text);
    let has_digit = number.contains(|char: char| char.is_numeric());
    if number.is_empty() || has_digit && !number.contains(char::is_control) {
        return Ok(number);
    }
    Err(format!("expects a telephone number such as +86 138 0013 8000, got {}", excerpt(text)))
}

fn narrowed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    Cow::Owned(narrow(text, &mut String::new()).to_owned())
}
