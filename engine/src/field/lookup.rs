//! `lookup`: the values of a field of the linked records, or of some of them, as a flat list.

use formulas::Type;
use serde_json::Value as Json;

use super::formula::RESULT_OPERATORS;
use super::{FieldType, OptionsContext, Storage, linked};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Lookup;

impl FieldType for Lookup {
    fn name(&self) -> &'static str {
        "lookup"
    }

    fn doc(&self) -> &'static str {
        "The values of a field of the linked records."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        linked::options(given, &["link", "field", "filter", "sort", "limit"], None, context)
    }

    fn shown_options(&self, field: &Field, stored: &Stored) -> Json {
        linked::shown(field, stored)
    }

    fn storage(&self, field: &Field) -> Storage {
        Storage::Computed(linked::plain_formula(field, None))
    }

    fn formula(&self, field: &Field, stored: &Stored) -> Option<String> {
        Some(linked::whole_formula(field, None, stored))
    }

    fn formula_type(&self, field: &Field, schema: &Schema) -> Type {
        linked::result_type(field, None, schema)
    }

    fn operators(&self) -> &'static [&'static str] {
        RESULT_OPERATORS
    }
}
