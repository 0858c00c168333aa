//! From one snapshot to the next, commit by commit.
//!
//! A published delta may cover a group of commits, and how commits were grouped is not in the log. Triggers are
//! looked for in single commits, so that the same log gives the same runs whoever reads it, and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::{FieldId, RecordSet, TableId};

use crate::change::{Change, Commit};
use crate::compute::{self, Partials, Plan, Touched};
use crate::delta::Delta;
use crate::snapshot::{Computed, Snapshot};
use crate::state::Stored;
use crate::state::schema::Schema;

/// One commit with what it led to.
pub(super) struct Stepped {
    pub(super) commit: Arc<Commit>,
    pub(super) before: Snapshot,
    pub(super) after: Snapshot,
    pub(super) touched: BTreeMap<FieldId, RecordSet>,
    pub(super) added: BTreeMap<TableId, RecordSet>,
}

/// The plan of the computed fields of the schema seen last.
#[derive(Clone, Default)]
pub(super) struct Plans {
    last: Option<(Arc<Schema>, Arc<Plan>)>,
}

impl Plans {
    /// The plan for a state.
    pub(super) fn of(&mut self, stored: &Stored) -> Arc<Plan> {
        if let Some((_, plan)) = self.last.as_ref().filter(|(schema, _)| Arc::ptr_eq(schema, &stored.schema))
        {
            return Arc::clone(plan);
        }
        let plan = Arc::new(Plan::new(stored));
        self.last = Some((Arc::clone(&stored.schema), Arc::clone(&plan)));
        plan
    }

    /// The snapshot that `commits` lead to from `before`; `after` is its stored half.
    pub(super) fn advance<'c>(
        &mut self,
        before: &Snapshot,
        after: Arc<Stored>,
        commits: impl Iterator<Item = &'c Commit>,
    ) -> (Snapshot, Touched) {
        let mut touched = compute::touched_by(commits, &after);
        let old = touched.schema.then(|| self.of(before.stored()));
        let plan = self.of(&after);
        let mut computed = Computed::clone(before.computed());
        // For one step it is not worth while to keep something for each parent.
        let mut partials = Partials::from(usize::MAX);
        compute::run(&after, &plan, None, old.as_deref(), &mut computed, &mut touched, &mut partials);
        (Snapshot::new(after, Arc::new(computed)), touched)
    }

    /// One commit.
    pub(super) fn step(&mut self, before: &Snapshot, commit: &Arc<Commit>) -> Stepped {
        let mut stored = Stored::clone(before.stored());
        crate::apply::commit(&mut stored, commit);
        let (after, touched) = self.advance(before, Arc::new(stored), std::iter::once(&**commit));
        Stepped {
            commit: Arc::clone(commit),
            before: before.clone(),
            after,
            touched: touched.cells,
            added: touched.added,
        }
    }
}

/// A delta of one commit, computed by the writer already.
pub(super) fn stepped(delta: &Delta) -> Option<Stepped> {
    let [commit] = &*delta.commits else { return None };
    Some(Stepped {
        commit: Arc::clone(commit),
        before: delta.before.clone(),
        after: delta.after.clone(),
        touched: delta.touched.clone(),
        added: delta.added.clone(),
    })
}

/// Whether triggers may look at a commit: not so for what the runner and the server write for themselves.
pub(super) fn is_interesting(commit: &Commit) -> bool {
    commit.changes.iter().any(|change| {
        matches!(
            change,
            Change::Cells { .. }
                | Change::Records { .. }
                | Change::Field(..)
                | Change::Base(..)
                | Change::Table(..)
                | Change::Automation(..)
        )
    })
}
