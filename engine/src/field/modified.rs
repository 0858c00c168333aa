//! `modifiedTime` and `modifiedBy`: when and by whom the record, or one of chosen fields, was last written.

use formulas::FieldId;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::given::{Given, to_json, wrong};
use super::{OptionsContext, is_stored};
use crate::id::IdCodec;
use crate::state::schema::Field;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ModifiedOptions {
    /// Outside ids; all fields if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

/// Whether `def` keeps when `field` was written.
pub(crate) fn watches(def: &Field, field: FieldId, ids: IdCodec) -> bool {
    let chosen = def.options.get("fields").and_then(|fields| fields.as_array());
    chosen.is_some_and(|chosen| {
        chosen.iter().any(|id| id.as_str().and_then(|id| ids.read_field(id)) == Some(field))
    })
}

/// The chosen fields.
pub(super) fn chosen(def: &Field, ids: IdCodec) -> Vec<FieldId> {
    let chosen = def.options.get("fields").and_then(Json::as_array);
    chosen.into_iter().flatten().filter_map(|id| ids.read_field(id.as_str()?)).collect()
}

/// Whether the field looks at chosen fields only.
pub(super) fn has_chosen(field: &Field) -> bool {
    field.options.get("fields").and_then(Json::as_array).is_some_and(|fields| !fields.is_empty())
}

/// Checks the chosen fields: those of the table that people write.
pub(super) fn options(given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
    let given = Given::read(given, &["fields"])?;
    let wanted = "a list of ids of fields";
    let chosen = match given.get("fields") {
        None => &[],
        Some(Json::Array(fields)) => fields.as_slice(),
        Some(other) => return Err(wrong("fields", wanted, other)),
    };
    let mut fields: Vec<String> = Vec::new();
    for id in chosen {
        let field = id.as_str().and_then(|id| context.stored.ids().read_field(id));
        let field =
            field.and_then(|id| context.stored.field(id)).filter(|field| field.table == context.table);
        let field = field.ok_or_else(|| wrong("fields", "ids of fields of the same table", id))?;
        if !is_stored(field) {
            let name = &field.name;
            return Err(format!(
                "option \"fields\" expects fields that people write, but \"{name}\" is none"
            ));
        }
        let id = context.stored.ids().field(field.id);
        if !fields.contains(&id) {
            fields.push(id);
        }
    }
    Ok(to_json(&ModifiedOptions { fields }))
}
