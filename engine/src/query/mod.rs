//! [`Query`]: which records of a table, in which order, in which groups.
//!
//! A view's settings and a request's are read into one (ids in their outside form become dense ids, whatever
//! does not fit is refused by a sentence), two are combined, and a [`Plan`] binds one to a snapshot: names
//! become codes, relative dates become moments. Filters run chunk by chunk over vectors; sorting and grouping
//! read the same keys. What is kept between requests is not here but in [`crate::view`].

mod collate;
mod compile;
pub(crate) mod dates;
pub(crate) mod filter;
mod formula;
pub(crate) mod group;
mod needle;
mod plan;
pub(crate) mod read;
pub(crate) mod reading;
pub(crate) mod select;
pub(crate) mod sort;
mod test;

use std::sync::Arc;

use formulas::{FieldId, TableId};
use serde_json::Value as Json;

pub use dates::Bucket;
pub use filter::{Filter, Op};
pub use formula::FormulaFilter;
pub use group::GroupNode;
pub use plan::Plan;
pub(crate) use plan::{RecordKey, compare_keys};
pub use select::Selection;

use crate::error::Refusal;
use crate::id::{PersonId, ViewId};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::View;

/// Which records of a table, in which order, in which groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Whose records.
    pub table: TableId,
    /// Which of them; `None` for all.
    pub filter: Option<Filter>,
    /// Their order; records that are equal stand in order of creation.
    pub sort: Vec<Sort>,
    /// The view in whose order, made by hand, records stand that no sort key tells apart; counts only without
    /// sort keys.
    pub by_hand: Option<ViewId>,
    /// Up to [`GROUPS_MAX`] fields that are sorted by before `sort`, and whose equal cells make groups.
    pub group: Vec<Group>,
    /// Words that must all be found in a record.
    pub search: Option<String>,
}

/// One key of an order.
///
/// Blank cells come last in both directions, and failed ones just before them: a person who sorts wants to see
/// values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By which field.
    pub field: FieldId,
    /// Whether the largest comes first.
    pub desc: bool,
}

/// One level of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// By which field.
    pub field: FieldId,
    /// Whether the largest comes first; the group of blank cells is last in any case.
    pub desc: bool,
    /// What a date is rounded to; days if nothing is said.
    pub bucket: Option<Bucket>,
}

/// What a query may depend on besides the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Who looks; nobody's record for a query without a person.
    pub me: Option<PersonId>,
    /// The moment that "today" means, milliseconds UTC.
    pub now_ms: i64,
}

/// Levels of groups of a view.
pub const GROUPS_MAX: usize = 3;

/// Conditions of one filter, at any depth: bounds what one query may cost.
pub const CONDITIONS_MAX: usize = 500;

impl Query {
    /// All records of a table in order of creation.
    pub const fn all(table: TableId) -> Self {
        Self { table, filter: None, sort: Vec::new(), by_hand: None, group: Vec::new(), search: None }
    }

    /// Reads `{filter?, sort?, group?, search?}` in the wire's form (`docs/protocol.md` section 2).
    ///
    /// # Errors
    ///
    /// A refusal that names the key, field or value and says what would be accepted.
    pub fn read(stored: &Stored, table: TableId, json: &Json) -> Result<Self, Refusal> {
        read::query(stored, table, json, &[])
    }

    /// The query of a view. Conditions, keys and groups of fields that are gone are left out.
    ///
    /// # Errors
    ///
    /// If the settings do not fit any more in another way, for example after a field's type changed.
    pub fn of_view(stored: &Stored, view: &View) -> Result<Self, Refusal> {
        read::of_view(stored, view)
    }

    /// This query, a view's, with what a request names besides: both filters and both searches hold; sort keys
    /// and groups take the place of the view's if there are any.
    #[must_use]
    pub fn with(self, request: Query) -> Self {
        let filter = match (self.filter, request.filter) {
            (Some(own), Some(more)) => Some(Filter::And(vec![own, more])),
            (own, more) => own.or(more),
        };
        let search = match (self.search, request.search) {
            (Some(own), Some(more)) => Some(format!("{own} {more}")),
            (own, more) => own.or(more),
        };
        Self {
            table: self.table,
            filter,
            sort: if request.sort.is_empty() { self.sort } else { request.sort },
            by_hand: request.by_hand.or(self.by_hand),
            group: if request.group.is_empty() { self.group } else { request.group },
            search,
        }
    }

    /// Binds the query to a snapshot.
    ///
    /// # Errors
    ///
    /// If a condition, key or group does not fit its field.
    pub fn plan(&self, snapshot: &Snapshot, parameters: &Parameters) -> Result<Plan, Refusal> {
        Plan::new(self, snapshot, parameters)
    }

    /// Checks that the query fits the base as it is; for settings that somebody saves.
    ///
    /// # Errors
    ///
    /// As [`Query::plan`].
    pub fn check(&self, stored: &Stored) -> Result<(), Refusal> {
        // Which operators fit is said by types, so the computed cells are not needed.
        let snapshot = Snapshot::new(Arc::new(stored.clone()), Arc::default());
        self.plan(&snapshot, &Parameters::default()).map(|_| ())
    }
}
