//! `email`: an e-mail address. The check is a shallow one: whether mail arrives, only sending tells.

use std::borrow::Cow;

use formulas::Type;
use formulas::column::Kind;
use serde_json::Value as Json;

use super::text::{PlainText, TEXT_OPERATORS, TextCells};
use super::words::excerpt;
use super::{Acceptor, FieldType, OptionsContext, Printer, Storage, given};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Email;

impl FieldType for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn doc(&self) -> &'static str {
        "An e-mail address."
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
        Box::new(TextCells { wanted: "an e-mail address", tidy })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PlainText)
    }

    fn operators(&self) -> &'static [&'static str] {
        TEXT_OPERATORS
    }
}

fn tidy(text: &str, typecast: bool) -> Result<Cow<'_, str>, String> {
    let address = match typecast {
        true => without_mailto(text.trim()),
        false => text,
    };
    let fits = address.rsplit_once('@').is_some_and(|(name, host)| {
        let bad = |char: char| char.is_whitespace() || char.is_control() || "<>,;:@".contains(char);
        !name.is_empty() && !host.is_empty() && !name.contains(bad) && !host.contains(bad)
    });
    if fits || address.is_empty() {
        return Ok(Cow::Borrowed(address));
    }
    Err(format!("expects an e-mail address such as anna@example.com, got {}", excerpt(text)))
}

fn without_mailto(text: &str) -> &str {
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
        _ => text,
    }
}
