//! `createdBy`: who created the record; blank where an automation of the server did.

use formulas::Type;
use serde_json::Value as Json;

use super::person::{ONE_PERSON_OPERATORS, People, PrintPeople};
use super::{FieldType, Kept, OptionsContext, Printer, Storage, given};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct CreatedBy;

impl FieldType for CreatedBy {
    fn name(&self) -> &'static str {
        "createdBy"
    }

    fn doc(&self) -> &'static str {
        "Who created the record."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        given::none(given)
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Kept(Kept::CreatedBy)
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::Text
    }

    fn printer<'f>(&self, _field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        Box::new(PrintPeople { people: People::new(stored), many: false })
    }

    fn operators(&self) -> &'static [&'static str] {
        ONE_PERSON_OPERATORS
    }
}
