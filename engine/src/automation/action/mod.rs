//! Actions: what an automation does. One file and one line in [`REGISTRY`] for each kind.

mod create_record;
mod http;
mod notify;
mod script;
mod update_record;

use formulas::TableId;
use serde_json::Value as Json;

use super::KindInfo;
use super::work::Work;
use crate::state::Stored;

pub(super) use http::request;
pub(super) use notify::person_named;

/// All kinds, in the order in which they are offered.
pub(super) const REGISTRY: &[&dyn ActionKind] = &[
    &update_record::UpdateRecord,
    &create_record::CreateRecord,
    &script::Script,
    &http::Http,
    &notify::Notify,
];

/// One kind of action.
pub(super) trait ActionKind: Sync {
    /// Name, doc and example.
    fn info(&self) -> KindInfo;

    /// Reads and checks what was configured; `table` is the trigger's, whose record templates are about.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    fn read(&self, json: &Json, stored: &Stored, table: Option<TableId>) -> Result<Box<dyn Action>, String>;
}

/// An action of an automation.
pub(super) trait Action: Send + Sync {
    /// Does it in the run's draft.
    ///
    /// # Errors
    ///
    /// A sentence; the run fails with it and writes nothing.
    fn act(&self, work: &mut Work) -> Result<(), String>;
}

/// A kind by its name.
pub(super) fn named(name: &str) -> Option<&'static dyn ActionKind> {
    REGISTRY.iter().copied().find(|kind| kind.info().name == name)
}
