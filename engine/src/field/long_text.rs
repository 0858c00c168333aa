//! `longText`: text of many lines. It is Markdown for those who show it; here it is text.

use std::borrow::Cow;

use formulas::Type;
use formulas::column::Kind;
use serde_json::Value as Json;

use super::text::{PlainText, TEXT_OPERATORS, TextCells};
use super::{Acceptor, FieldType, OptionsContext, Printer, Storage, given};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct LongText;

impl FieldType for LongText {
    fn name(&self) -> &'static str {
        "longText"
    }

    fn doc(&self) -> &'static str {
        "Text of many lines, as Markdown."
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
