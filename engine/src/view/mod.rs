//! View kinds.
use formulas::TableId;
use serde_json::Value as Json;

use crate::error::Refusal;
use crate::state::Stored;

/// Settings as the kind wants them.
pub(crate) fn checked_settings(
    _kind: &str,
    settings: &Json,
    _table: TableId,
    _stored: &Stored,
) -> Result<Json, Refusal> {
    Ok(settings.clone())
}
