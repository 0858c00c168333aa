//! `url`: a web address. Only schemes that are safe to click are kept, so no `javascript:` ever reaches a browser.

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
pub(super) struct Url;

impl FieldType for Url {
    fn name(&self) -> &'static str {
        "url"
    }

    fn doc(&self) -> &'static str {
        "A web address."
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
        Box::new(TextCells { wanted: "an address", tidy })
    }

    fn printer<'f>(&self, _field: &'f Field, _stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PlainText)
    }

    fn operators(&self) -> &'static [&'static str] {
        TEXT_OPERATORS
    }
}

const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

fn tidy(text: &str, typecast: bool) -> Result<Cow<'_, str>, String> {
    let address = if typecast { text.trim() } else { text };
    let strange = |char: char| char.is_whitespace() || char.is_control();
    match scheme_of(address) {
        _ if address.is_empty() => Ok(Cow::Borrowed("")),
        Some((scheme, rest)) if !address.contains(strange) && is_whole(scheme, rest) => {
            Ok(Cow::Borrowed(address))
        }
        None if typecast && !address.contains(strange) && names_host(address) => {
            Ok(Cow::Owned(format!("https://{address}")))
        }
        _ => Err(format!(
            "expects an address that begins with http://, https://, mailto: or tel:, got {}",
            excerpt(text)
        )),
    }
}

/// Whether `scheme:rest` is one of ours and says where to.
fn is_whole(scheme: &str, rest: &str) -> bool {
    let known = SCHEMES.iter().find(|known| known.eq_ignore_ascii_case(scheme));
    match known.copied() {
        Some("http" | "https") => {
            rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
        }
        Some(_) => !rest.is_empty(),
        None => false,
    }
}

/// The scheme and what follows; a port (`example.com:8080`) makes no scheme.
fn scheme_of(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once(':')?;
    let word = scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+.-".contains(char));
    let port = scheme.contains('.') && rest.starts_with(|char: char| char.is_ascii_digit());
    (word && !port).then_some((scheme, rest))
}

/// Whether a text without a scheme looks like `example.com/path`.
fn names_host(address: &str) -> bool {
    let end = address.find(['/', '?', '#', ':']).unwrap_or(address.len());
    let host = &address[..end];
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|char| char.is_alphanumeric() || char == '-' || char == '_')
    };
    host.split('.').count() > 1
        && host.split('.').all(label)
        && host.rsplit('.').next().is_some_and(|top| !top.contains(|char: char| char.is_ascii_digit()))
}
