//! `modifiedTime`: when the record, or one of chosen fields, was last written.

use formulas::Type;
use serde_json::Value as Json;

use super::date::DATE_OPERATORS;
use super::{FieldType, Kept, OptionsContext, Storage, modified};
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct ModifiedTime;

impl FieldType for ModifiedTime {
    fn name(&self) -> &'static str {
        "modifiedTime"
    }

    fn doc(&self) -> &'static str {
        "When the record, or one of chosen fields, was last written."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        modified::options(given, context)
    }

    fn storage(&self, field: &Field) -> Storage {
        Storage::Kept(if modified::has_chosen(field) { Kept::ModifiedAtOf } else { Kept::ModifiedAt })
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Date { time: true }
    }

    fn operators(&self) -> &'static [&'static str] {
        DATE_OPERATORS
    }
}
