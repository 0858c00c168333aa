//! Views: saved queries on a table, each of a kind; and what is kept for those who look at them.
//!
//! A kind is one file that implements [`ViewKind`] and one line in [`KINDS`]: it says what its settings are.
//! Orders and windows know queries and no kinds.

mod cache;
mod calendar;
mod form;
mod gallery;
mod gantt;
mod grid;
mod kanban;
pub mod order;
mod settings;
pub mod window;

use formulas::TableId;
use serde_json::Value as Json;

pub use cache::{ORDERS_MAX, OrderCache};
pub(crate) use order::moment;
pub use order::{Order, OrderDelta, Step};
pub use window::{Frame, PatchOp, Row, Window};

use crate::error::Refusal;
use crate::state::Stored;

/// All kinds of views, in the order in which they are offered.
pub const KINDS: &[&dyn ViewKind] =
    &[&grid::Grid, &kanban::Kanban, &gantt::Gantt, &calendar::Calendar, &gallery::Gallery, &form::Form];

/// One kind of view.
pub trait ViewKind: Sync {
    /// Its name in the API and in files, such as `kanban`.
    fn name(&self) -> &'static str;

    /// One sentence for people.
    fn doc(&self) -> &'static str;

    /// The settings of a new view of `table`: what can be guessed from its fields.
    fn default_settings(&self, stored: &Stored, table: TableId) -> Json {
        let _ = (stored, table);
        Json::Object(serde_json::Map::new())
    }

    /// Checks settings that somebody saves: the query, the fields and what the kind adds.
    ///
    /// # Errors
    ///
    /// A refusal that names the key or the field and says what would be accepted.
    fn check(&self, stored: &Stored, table: TableId, settings: &Json) -> Result<(), Refusal>;
}

/// A kind by its name.
pub fn kind(name: &str) -> Option<&'static dyn ViewKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// Settings that somebody gives a view, checked; the kind's own for `Null`.
pub(crate) fn checked_settings(
    name: &str,
    settings: &Json,
    table: TableId,
    stored: &Stored,
) -> Result<Json, Refusal> {
    let Some(kind) = kind(name) else {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        return Err(Refusal::invalid(format!("a view is one of {}; got {name:?}", names.join(", "))));
    };
    if settings.is_null() {
        return Ok(kind.default_settings(stored, table));
    }
    kind.check(stored, table, settings)?;
    Ok(settings.clone())
}
