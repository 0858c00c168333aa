//! `createdTime`: when the record was created.

use formulas::Type;
use serde_json::Value as Json;

use super::date::DATE_OPERATORS;
use super::{FieldType, Kept, OptionsContext, Storage, given};
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct CreatedTime;

impl FieldType for CreatedTime {
    fn name(&self) -> &'static str {
        "createdTime"
    }

    fn doc(&self) -> &'static str {
        "When the record was created."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        given::none(given)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Kept(Kept::CreatedAt)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Date { time: true }
    }

    fn operators(&self) -> &'static [&'static str] {
        DATE_OPERATORS
    }
}
