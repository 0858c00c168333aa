//! `singleSelect`: one of the field's options.

use formulas::column::Kind;
use formulas::{Type, Value};
use serde_json::Value as Json;

use super::choices::{self, Finder, Names};
use super::words::{expected, typed};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct SingleSelect;

impl FieldType for SingleSelect {
    fn name(&self) -> &'static str {
        "singleSelect"
    }

    fn doc(&self) -> &'static str {
        "One of the field's options."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        choices::options(given, context)
    }

    fn shown_options(&self, field: &Field, _stored: &Stored) -> Json {
        choices::shown(field)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Choice)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Text
    }

    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        Box::new(One(Finder::new(field, stored)))
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintOne(Names::new(field, stored)))
    }

    fn operators(&self) -> &'static [&'static str] {
        &["is", "isNot", "isAnyOf", "isNoneOf", "isEmpty", "isNotEmpty"]
    }
}

struct One<'f>(Finder<'f>);

impl Acceptor for One<'_> {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        let option = match input {
            Input::Blank => return Ok(Value::Blank),
            // Numbers too: what a column of them becomes when it is made a select.
            other if context.typecast => match typed(other) {
                None => return Err(expected("the name of an option", other)),
                Some(text) if text.trim().is_empty() => return Ok(Value::Blank),
                Some(text) => self.0.or_new(&text, context)?,
            },
            Input::Text(text) => self.0.by_id(text)?,
            other => return Err(expected("the id of an option", other)),
        };
        Ok(Value::Choice(option.0))
    }
}

struct PrintOne<'f>(Names<'f>);

impl Printer for PrintOne<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Choice(number) = value {
            out.push_str(self.0.get(*number).unwrap_or_default());
        }
    }
}
