//! `text`: one line of text.

use formulas::column::Kind;
use formulas::{Type, Value};
use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use super::{Accept, FieldType, Input, OptionsContext, Storage};
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

    fn options(&self, _given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        Ok(Json::Object(serde_json::Map::new()))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Text)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Text
    }

    fn accept(&self, input: &Input, _field: &Field, _context: &mut Accept<'_>) -> Result<Value, String> {
        let text: String = match input {
            Input::Blank => return Ok(Value::Blank),
            Input::Text(text) => text.nfc().collect(),
            Input::Number(number) => number.to_string(),
            Input::Bool(bool) => bool.to_string(),
            Input::List(_) => return Err("expects a text, got a list".into()),
        };
        match text.len() {
            0 => Ok(Value::Blank),
            1..=TEXT_BYTES_MAX => Ok(Value::text(text)),
            len => Err(format!("a text may have {TEXT_BYTES_MAX} bytes, this one has {len}")),
        }
    }

    fn text(&self, value: &Value, _field: &Field, _stored: &Stored) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    fn operators(&self) -> &'static [&'static str] {
        &[
            "is",
            "isNot",
            "contains",
            "doesNotContain",
            "startsWith",
            "isEmpty",
            "isNotEmpty",
            "isAnyOf",
            "isNoneOf",
        ]
    }
}
