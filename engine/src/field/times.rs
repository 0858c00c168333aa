//! When records were created and last written, as fields that formulas read: `CREATED_TIME()` and
//! `LAST_MODIFIED_TIME()` hold in every table, whether or not one of its fields shows these times.
//!
//! Such a field has a number that no field of a base gets: they are counted from 0, these from the other end.
//! No schema, change or delta mentions it; only an `Expr` does, and what reads its dependencies.

use std::sync::Arc;

use formulas::{FieldId, TableId};

use super::{Kept, Storage, storage};
use crate::field::modified;
use crate::state::schema::{Field, Schema};

/// The field that says when a record of `table` was created.
pub(crate) fn created(table: TableId) -> FieldId {
    FieldId(u32::MAX - 2 * table.0)
}

/// The field that says when a record of `table` was last written.
pub(crate) fn last_modified(table: TableId) -> FieldId {
    FieldId(u32::MAX - 2 * table.0 - 1)
}

/// The table and the kind of one of these fields; `None` for every other.
pub(crate) fn time_of(field: FieldId) -> Option<(TableId, Kept)> {
    let nth = u32::MAX - field.0;
    let kept = if nth.is_multiple_of(2) { Kept::CreatedAt } else { Kept::ModifiedAt };
    (field.0 > u32::MAX / 2).then_some((TableId(nth / 2), kept))
}

/// The field that says when one of `fields` was last written: a `modifiedTime` of the table that watches just
/// these, since the base keeps such a time only where it is asked to.
pub(super) fn modified_of(schema: &Schema, table: TableId, fields: &[FieldId]) -> Option<FieldId> {
    let watches_these = |def: &&Arc<Field>| {
        let chosen = modified::chosen(def, schema.ids());
        storage(def) == Storage::Kept(Kept::ModifiedAtOf)
            && chosen.len() == fields.len()
            && fields.iter().all(|field| chosen.contains(field))
    };
    schema.fields_of(table).find(watches_these).map(|def| def.id)
}
