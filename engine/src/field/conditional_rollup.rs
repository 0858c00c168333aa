//! `conditionalRollup`: a function of the values of a field of those records of a table that fit a condition; no link
//! is needed.
//!
//! The condition is a filter, in which a value may be `{"field": "fld…"}` of the own record, or a formula about
//! `CurrentValue`: `CurrentValue.[SKU] = [SKU]`.

use formulas::Type;
use serde_json::Value as Json;

use super::formula::RESULT_OPERATORS;
use super::{FieldType, OptionsContext, Storage, linked};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct ConditionalRollup;

impl FieldType for ConditionalRollup {
    fn name(&self) -> &'static str {
        "conditionalRollup"
    }

    fn doc(&self) -> &'static str {
        "A function of the values of a field of those records of a table that fit a condition."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        let known = &["table", "field", "function", "filter", "condition", "format"];
        linked::options(given, known, None, context)
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
