//! `modifiedBy`: who last wrote the record, or one of chosen fields.

use formulas::Type;
use serde_json::Value as Json;

use super::person::{ONE_PERSON_OPERATORS, People, PrintPeople};
use super::{FieldType, Kept, OptionsContext, Printer, Storage, modified};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct ModifiedBy;

impl FieldType for ModifiedBy {
    fn name(&self) -> &'static str {
        "modifiedBy"
    }

    fn doc(&self) -> &'static str {
        "Who last wrote the record, or one of chosen fields."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        modified::options(given, context)
    }

    fn storage(&self, field: &Field) -> Storage {
        Storage::Kept(if modified::has_chosen(field) { Kept::ModifiedByOf } else { Kept::ModifiedBy })
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
