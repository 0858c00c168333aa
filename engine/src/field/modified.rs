//! `modifiedTime` and `modifiedBy`: when and by whom the record, or one of chosen fields, was last written.

use formulas::FieldId;

use crate::id::IdCodec;
use crate::state::schema::Field;

/// Whether `def` keeps when `field` was written.
pub(crate) fn watches(def: &Field, field: FieldId, ids: IdCodec) -> bool {
    let chosen = def.options.get("fields").and_then(|fields| fields.as_array());
    chosen.is_some_and(|chosen| {
        chosen.iter().any(|id| id.as_str().and_then(|id| ids.read_field(id)) == Some(field))
    })
}
