//! `rating`: a whole number of stars, hearts, flags or thumbs. No star is a blank cell, not 0.

use formulas::column::Kind;
use formulas::{Type, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::figures::{push_number, read_number};
use super::given::{self, Given, to_json};
use super::number::NUMBER_OPERATORS;
use super::words::{expected, narrow};
use super::{Accept, Acceptor, FieldType, Input, OptionsContext, Printer, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Rating;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RatingOptions {
    max: u8,
    icon: String,
}

impl Default for RatingOptions {
    fn default() -> Self {
        Self { max: 5, icon: "star".to_owned() }
    }
}

impl FieldType for Rating {
    fn name(&self) -> &'static str {
        "rating"
    }

    fn doc(&self) -> &'static str {
        "A number of stars."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["max", "icon"])?;
        let max = given.integer("max", 1..=10)?.unwrap_or(5);
        let icon = given.one_of("icon", &["star", "heart", "flag", "thumb"])?.unwrap_or("star");
        Ok(to_json(&RatingOptions { max, icon: icon.to_owned() }))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::Number)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Number
    }

    fn acceptor<'f>(&self, field: &'f Field, _stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let max = given::stored::<RatingOptions>(field).max;
        Box::new(Ratings { max: f64::from(max), buffer: String::new() })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintRating)
    }

    fn operators(&self) -> &'static [&'static str] {
        NUMBER_OPERATORS
    }
}

struct Ratings {
    max: f64,
    buffer: String,
}

impl Acceptor for Ratings {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        let max = self.max;
        let rating = match input {
            Input::Blank => return Ok(Value::Blank),
            Input::Number(number) => Some(*number),
            Input::Text(text) if context.typecast => {
                let text = narrow(text, &mut self.buffer);
                if text.is_empty() {
                    return Ok(Value::Blank);
                }
                read_rating(text, max)
            }
            _ => None,
        };
        match rating {
            Some(0.0) if context.typecast => Ok(Value::Blank),
            Some(rating) if rating == rating.trunc() && (1.0..=max).contains(&rating) => {
                Ok(Value::Number(rating))
            }
            _ => Err(expected(&format!("a whole number from 1 to {max}"), input)),
        }
    }
}

/// `4`, `4/5` (of as many as the field has), `★★★★☆` or `4 stars`.
fn read_rating(text: &str, max: f64) -> Option<f64> {
    let lit = text.trim_end_matches('☆');
    if lit.chars().all(|char| matches!(char, '★' | '⭐')) {
        return Some(lit.chars().count() as f64);
    }
    if let Some((rating, of)) = text.split_once('/') {
        let of = read_number(of.trim(), false)?;
        return read_number(rating.trim(), false).filter(|_| of == max);
    }
    let words = ["stars", "star", "星", "分"];
    let number = words.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text);
    read_number(number.trim_end(), false)
}

struct PrintRating;

impl Printer for PrintRating {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let Value::Number(number) = value {
            push_number(out, *number);
        }
    }
}
