//! [`Delta`]: what differs between two published snapshots. Everything that watches receives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::{FieldId, RecordSet, TableId};

use crate::change::{Commit, Version};
use crate::id::ViewId;
use crate::snapshot::Snapshot;

/// What differs between two snapshots of a base.
#[derive(Clone, Debug)]
pub struct Delta {
    /// The version before.
    pub from: Version,
    /// The version after.
    pub to: Version,
    /// The commits between, in order.
    pub commits: Arc<[Arc<Commit>]>,
    /// Records whose cell of a field may differ, computed fields included. A link is named at both ends.
    pub touched: BTreeMap<FieldId, RecordSet>,
    /// Records that appeared, by table.
    pub added: BTreeMap<TableId, RecordSet>,
    /// Records that went, by table.
    pub removed: BTreeMap<TableId, RecordSet>,
    /// Records that people put elsewhere by hand, by view.
    pub placed: BTreeMap<ViewId, RecordSet>,
    /// Whether tables, fields, views or anything else of the schema changed. What depends on how a field is
    /// read (an order, a window) is made anew.
    pub schema: bool,
    /// The snapshot before.
    pub before: Snapshot,
    /// The snapshot after.
    pub after: Snapshot,
}

impl Delta {
    /// The records of a table in which anything differs.
    pub fn records(&self, table: TableId) -> RecordSet {
        let mut all = RecordSet::new();
        for (field, records) in &self.touched {
            if self.after.field(*field).is_some_and(|def| def.table == table) {
                all.union_with(records);
            }
        }
        for set in [self.added.get(&table), self.removed.get(&table)].into_iter().flatten() {
            all.union_with(set);
        }
        all
    }
}
