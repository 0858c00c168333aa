//! `multiSelect`: several of the field's options, in the order in which they were chosen.

use formulas::column::{Item, Kind};
use formulas::{Type, Value};
use serde_json::Value as Json;

use super::choices::{self, Finder, Names};
use super::words::{codes_cell, expected, names, push_name, typed};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::id::OptionId;
use crate::limits::LIST_ITEMS_MAX;
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct MultiSelect;

impl FieldType for MultiSelect {
    fn name(&self) -> &'static str {
        "multiSelect"
    }

    fn doc(&self) -> &'static str {
        "Any number of the field's options."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        choices::options(given, context)
    }

    fn shown_options(&self, field: &Field, _stored: &Stored) -> Json {
        choices::shown(field)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::List(Item::Choice))
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::list(Type::Text)
    }

    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        Box::new(Several { finder: Finder::new(field, stored), codes: Vec::new() })
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintSeveral(Names::new(field, stored)))
    }

    fn operators(&self) -> &'static [&'static str] {
        LIST_OPERATORS
    }
}

/// The operators of lists of options and people.
pub(super) const LIST_OPERATORS: &[&str] =
    &["is", "isNot", "hasAnyOf", "hasAllOf", "hasNoneOf", "isEmpty", "isNotEmpty"];

struct Several<'f> {
    finder: Finder<'f>,
    codes: Vec<u32>,
}

impl Acceptor for Several<'_> {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        self.codes.clear();
        match input {
            Input::Blank => return Ok(Value::Blank),
            Input::List(items) => {
                for item in items {
                    self.item(item, context)?;
                }
            }
            Input::Text(text) if context.typecast => self.row(text, context)?,
            other if context.typecast => self.item(other, context)?,
            other => return Err(expected("a list of ids of options", other)),
        }
        if self.codes.len() > LIST_ITEMS_MAX {
            return Err(format!(
                "a cell may have {LIST_ITEMS_MAX} options, this one has {}",
                self.codes.len()
            ));
        }
        Ok(codes_cell(&self.codes))
    }
}

impl Several<'_> {
    fn item(&mut self, item: &Input, context: &mut Accept<'_>) -> Result<(), String> {
        let option = match item {
            Input::Blank if context.typecast => return Ok(()),
            other if context.typecast => match typed(other) {
                None => return Err(expected("names of options", other)),
                Some(text) if text.trim().is_empty() => return Ok(()),
                Some(text) => self.finder.or_new(&text, context)?,
            },
            Input::Text(text) => self.finder.by_id(text)?,
            other => return Err(expected("ids of options", other)),
        };
        self.push(option, context.typecast)
    }

    /// Names in a row. If one is new, the whole text may still be the name of an option with a comma in it.
    fn row(&mut self, text: &str, context: &mut Accept<'_>) -> Result<(), String> {
        let row = names(text);
        let known: Option<Vec<OptionId>> =
            row.iter().map(|name| self.finder.by_name(name, context)).collect();
        if known.is_none()
            && row.len() > 1
            && let Some(option) = self.finder.by_name(text.trim(), context)
        {
            return self.push(option, true);
        }
        for (at, name) in row.iter().enumerate() {
            let option = match &known {
                Some(known) => known[at],
                None => self.finder.or_new(name, context)?,
            };
            self.push(option, true)?;
        }
        Ok(())
    }

    /// A person who writes a name twice means it once; a program that does so is mistaken.
    fn push(&mut self, option: OptionId, lenient: bool) -> Result<(), String> {
        match self.codes.contains(&option.0) {
            false => self.codes.push(option.0),
            true if lenient => {}
            true => return Err("expects each option once, got one of them twice".into()),
        }
        Ok(())
    }
}

struct PrintSeveral<'f>(Names<'f>);

impl Printer for PrintSeveral<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        let mut first = true;
        for item in value.items() {
            let Value::Choice(number) = item else { continue };
            if let Some(name) = self.0.get(*number) {
                push_name(out, first, name);
                first = false;
            }
        }
    }
}
