//! `count`: how many records are linked, or how many of them pass a filter.

use formulas::Type;
use serde_json::Value as Json;

use super::number::NUMBER_OPERATORS;
use super::{FieldType, OptionsContext, Storage, linked};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Count;

impl FieldType for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    fn doc(&self) -> &'static str {
        "How many records are linked."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        linked::options(given, &["link", "filter"], Some("COUNTALL"), context)
    }

    fn shown_options(&self, field: &Field, stored: &Stored) -> Json {
        linked::shown(field, stored)
    }

    fn storage(&self, field: &Field) -> Storage {
        Storage::Computed(linked::plain_formula(field, Some("COUNTALL")))
    }

    fn formula(&self, field: &Field, stored: &Stored) -> Option<String> {
        Some(linked::whole_formula(field, Some("COUNTALL"), stored))
    }

    fn formula_type(&self, field: &Field, schema: &Schema) -> Type {
        linked::result_type(field, Some("COUNTALL"), schema)
    }

    fn operators(&self) -> &'static [&'static str] {
        NUMBER_OPERATORS
    }
}
