//! [`Change`]: one fact, before and after; and [`Commit`]: what one log record holds.
//!
//! A change cannot fail and names no reason: planning decided all that. Its inverse swaps the two sides. Cells
//! are changed by field, for many records at once, so that an import of a million records is a few columns.

use std::sync::Arc;

use formulas::column::Chunk;
use formulas::{FieldId, RecordId, TableId};

use crate::automation::{Effect, Run};
use crate::id::{AutomationId, DashboardId, PersonId, ViewId};
use crate::state::schema::{Automation, BaseInfo, Dashboard, Field, Person, Table, View};

/// A position in the log of a base; 0 is the empty base.
pub type Version = u64;

/// The two sides of a change of something that is replaced as a whole. `None`: it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit<T> {
    /// As it was.
    pub before: Option<Arc<T>>,
    /// As it is now.
    pub after: Option<Arc<T>>,
}

impl<T> Edit<T> {
    /// Something new.
    pub fn create(after: T) -> Self {
        Self { before: None, after: Some(Arc::new(after)) }
    }

    /// Something replaced.
    pub fn replace(before: &Arc<T>, after: T) -> Self {
        Self { before: Some(Arc::clone(before)), after: Some(Arc::new(after)) }
    }

    /// Something taken away.
    pub fn delete(before: &Arc<T>) -> Self {
        Self { before: Some(Arc::clone(before)), after: None }
    }

    fn invert(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone() }
    }
}

/// Records of one table, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// `first`, `first + 1`, … `len` of them.
    Range {
        /// The first.
        first: u32,
        /// How many.
        len: u32,
    },
    /// Any, ascending.
    List(Arc<[u32]>),
}

impl Ids {
    /// The records in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RecordId> + Clone + '_ {
        (0..self.len()).map(|at| self.at(at))
    }

    /// The record at a position.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[inline]
    pub fn at(&self, at: usize) -> RecordId {
        match self {
            Self::Range { first, .. } => RecordId(first + at as u32),
            Self::List(ids) => RecordId(ids[at]),
        }
    }

    /// How many records.
    pub fn len(&self) -> usize {
        match self {
            Self::Range { len, .. } => *len as usize,
            Self::List(ids) => ids.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position of a record among them.
    pub fn position(&self, record: RecordId) -> Option<usize> {
        match self {
            Self::Range { first, len } => {
                (record.0 >= *first && record.0 - first < *len).then(|| (record.0 - first) as usize)
            }
            Self::List(ids) => ids.binary_search(&record.0).ok(),
        }
    }
}

impl FromIterator<u32> for Ids {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        Self::List(ids.into_iter().collect())
    }
}

/// One fact: what was and what is.
// Cells are what nearly all changes are, so boxing the large variant would cost and save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The base's name, locale or time zone; its creation.
    Base(Edit<BaseInfo>),
    /// A table.
    Table(TableId, Edit<Table>),
    /// A field. A field that goes leaves its column behind, so that it can come back.
    Field(FieldId, Edit<Field>),
    /// A view.
    View(ViewId, Edit<View>),
    /// A dashboard.
    Dashboard(DashboardId, Edit<Dashboard>),
    /// An automation.
    Automation(AutomationId, Edit<Automation>),
    /// A person of this base.
    Person(PersonId, Edit<Person>),
    /// Records that appear (created or restored) or go. New ones stand at the end, as a range.
    Records {
        /// Whose records.
        table: TableId,
        /// Which.
        ids: Ids,
        /// Whether they were there.
        before: bool,
        /// Whether they are.
        after: bool,
    },
    /// Cells of one field. A link's cells change on the side that owns it; the other end follows.
    Cells {
        /// Whose cells.
        table: TableId,
        /// Which field.
        field: FieldId,
        /// Which records.
        ids: Ids,
        /// One cell for each of them.
        before: Chunk,
        /// One cell for each of them.
        after: Chunk,
    },
    /// One execution of an automation, as its history shows it.
    Run(u64, Edit<Run>),
    /// Something to be sent outside, or its fate.
    Effect(u64, Edit<Effect>),
    /// Up to which version automations have looked for triggers.
    Watched {
        /// As it was.
        before: Version,
        /// As it is now.
        after: Version,
    },
    /// Places that people gave records of a view by hand ([`crate::state::places`]).
    Places {
        /// Whose records.
        table: TableId,
        /// In which view.
        view: ViewId,
        /// Which records.
        ids: Ids,
        /// One key for each of them; blank for a record that nobody moved.
        before: Chunk,
        /// One key for each of them.
        after: Chunk,
    },
}

impl Change {
    /// What takes this change back.
    #[must_use]
    pub fn invert(&self) -> Self {
        match self {
            Self::Base(edit) => Self::Base(edit.invert()),
            Self::Table(id, edit) => Self::Table(*id, edit.invert()),
            Self::Field(id, edit) => Self::Field(*id, edit.invert()),
            Self::View(id, edit) => Self::View(*id, edit.invert()),
            Self::Dashboard(id, edit) => Self::Dashboard(*id, edit.invert()),
            Self::Automation(id, edit) => Self::Automation(*id, edit.invert()),
            Self::Person(id, edit) => Self::Person(*id, edit.invert()),
            Self::Records { table, ids, before, after } => {
                Self::Records { table: *table, ids: ids.clone(), before: *after, after: *before }
            }
            Self::Cells { table, field, ids, before, after } => Self::Cells {
                table: *table,
                field: *field,
                ids: ids.clone(),
                before: after.clone(),
                after: before.clone(),
            },
            Self::Run(id, edit) => Self::Run(*id, edit.invert()),
            Self::Effect(id, edit) => Self::Effect(*id, edit.invert()),
            Self::Watched { before, after } => Self::Watched { before: *after, after: *before },
            Self::Places { table, view, ids, before, after } => Self::Places {
                table: *table,
                view: *view,
                ids: ids.clone(),
                before: after.clone(),
                after: before.clone(),
            },
        }
    }
}

/// Why a commit was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it.
    Edit,
    /// Takes back the commit at this version.
    Undo(Version),
    /// Does again what the undo at this version took back.
    Redo(Version),
    /// A run of an automation; the depth of the chain of runs that led here.
    Run {
        /// Whose run.
        automation: AutomationId,
        /// Its number.
        run: u64,
        /// 1 for a run that a person's edit triggered.
        depth: u32,
    },
    /// The server itself: people renamed, effects delivered.
    System,
}

/// Which client sent a command, and its number there: the key that makes sending it twice harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId {
    /// A browser tab, an API client's idempotency key, a run.
    pub client: u128,
    /// Counts the client's commands.
    pub n: u64,
}

/// One log record: what changed, when, by whom and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// Its position in the log.
    pub version: Version,
    /// Milliseconds since 1970-01-01 UTC, as the door's clock said; never below the commit before.
    pub time_ms: i64,
    /// Who; `None` for the server itself.
    pub author: Option<PersonId>,
    /// Why.
    pub cause: Cause,
    /// The client's number for it, if it gave one.
    pub command: Option<CommandId>,
    /// What its commands answered, in order.
    pub outcomes: Vec<Outcome>,
    /// What changed, in order.
    pub changes: Vec<Change>,
}

/// What one command answers when it is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing but that it is done.
    Done,
    /// A table with its fields and first view.
    Table {
        /// The table.
        table: TableId,
        /// Its fields as asked for.
        fields: Vec<FieldId>,
        /// Its first view.
        view: ViewId,
    },
    /// A field, and its other side for a two-way link.
    Field {
        /// The field.
        field: FieldId,
        /// The other side.
        symmetric: Option<FieldId>,
    },
    /// A field's conversion.
    Converted {
        /// Cells that have a value of the new type.
        converted: u64,
        /// Cells that were blank.
        blank: u64,
        /// Cells that do not fit and became blank.
        n_failed: u64,
        /// The first of those, with their text.
        failed: Vec<(RecordId, String)>,
    },
    /// Records that were created and, for an upsert, updated.
    Records {
        /// Whose records.
        table: TableId,
        /// New ones, in order.
        created: Ids,
        /// Others that the command wrote to.
        updated: Ids,
        /// Cells of a paste that were left out: row, column, why.
        failed: Vec<(u32, u32, String)>,
    },
    /// A view.
    View(ViewId),
    /// A dashboard.
    Dashboard(DashboardId),
    /// An automation.
    Automation(AutomationId),
    /// What an undo or redo did, and what it left alone since somebody else had changed it.
    Undone {
        /// The version taken back or done again.
        version: Version,
        /// What was left: table, field, record.
        skipped: Vec<(TableId, Option<FieldId>, Option<RecordId>)>,
    },
}
