//! `checkbox`: true or false. A cell that nobody touched is blank, which formulas take for false.

use formulas::column::Kind;
use formulas::{Type, Value};
use serde_json::Value as Json;

use super::words::{expected, narrow};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage, given};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Checkbox;

impl FieldType for Checkbox {
    fn name(&self) -> &'static str {
        "checkbox"
    }

    fn doc(&self) -> &'static str {
        "A box to tick: yes or no."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        given::none(given)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Bool)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Bool
    }

    fn acceptor<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        Box::new(Checks { buffer: String::new() })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintCheck)
    }

    fn operators(&self) -> &'static [&'static str] {
        &["is", "isNot"]
    }
}

const YES: &[&str] = &[
    "true",
    "yes",
    "y",
    "t",
    "1",
    "on",
    "x",
    "checked",
    "done",
    "是",
    "对",
    "真",
    "有",
    "已完成",
    "√",
    "✓",
    "✔",
    "✔️",
    "☑",
    "✅",
];
const NO: &[&str] = &[
    "false",
    "no",
    "n",
    "f",
    "0",
    "off",
    "unchecked",
    "否",
    "不",
    "不是",
    "假",
    "无",
    "未完成",
    "×",
    "✗",
    "✘",
    "☐",
    "❌",
];

struct Checks {
    buffer: String,
}

impl Acceptor for Checks {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        match input {
            Input::Blank => Ok(Value::Blank),
            Input::Bool(bool) => Ok(Value::Bool(*bool)),
            Input::Number(number) if context.typecast && (*number == 0.0 || *number == 1.0) => {
                Ok(Value::Bool(*number == 1.0))
            }
            Input::Text(text) if context.typecast => {
                let text = narrow(text, &mut self.buffer);
                let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
                match () {
                    () if text.is_empty() => Ok(Value::Blank),
                    () if is(YES) => Ok(Value::Bool(true)),
                    () if is(NO) => Ok(Value::Bool(false)),
                    () => Err(expected("yes or no", input)),
                }
            }
            other if context.typecast => Err(expected("yes or no", other)),
            other => Err(expected("true or false", other)),
        }
    }
}

struct PrintCheck;

impl Printer for PrintCheck {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Bool(bool) = value {
            out.push_str(if *bool { "true" } else { "false" });
        }
    }
}
