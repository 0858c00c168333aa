//! [`Linked`]: partial results of parents that have many children.
//!
//! Below a number of children folding them all is quick; above, a partial result is made when the parent is computed
//! the next time, and follows its children from then on.

use std::collections::HashMap;

use formulas::column::{CHUNK, Column};
use formulas::{Aggregate, FieldId, Grouped as Over, Partial, RecordId, RecordSet, TableId};

use super::{Side, Step, is_in, there, touched_items, visit};
use crate::compute::source::Names;
use crate::field::{Storage, storage};
use crate::limits::{PARTIAL_ITEMS_AT_ONCE_MAX, PARTIAL_PARENTS_MAX};
use crate::state::links::Reverse;
use crate::state::{LinkEnd, Stored};

/// What is kept for an aggregate through a link.
#[derive(Debug, Default)]
pub(super) struct Linked {
    of: HashMap<u32, Partial>,
}

/// A link as its parents see it.
struct Link {
    /// The field of the parents.
    field: FieldId,
    /// Their table.
    parents: TableId,
    /// The table of the children.
    children: TableId,
    /// The field of the children, if it is the one that has the cells.
    owned_by: Option<FieldId>,
}

impl Linked {
    /// The partial result of a parent.
    pub(super) fn of(&self, parent: u32) -> Option<&Partial> {
        self.of.get(&parent)
    }

    pub(super) fn bring(
        &mut self,
        aggregate: &Aggregate,
        step: Step<'_>,
        need: &RecordSet,
        members_min: usize,
    ) {
        let Over::Field(field) = aggregate.over else { return };
        let Some(link) = Link::of(step.after.stored, field) else {
            self.of.clear();
            return;
        };
        if !self.of.is_empty() && !self.follow(aggregate, &link, step) {
            return;
        }
        if self.of.len() >= PARTIAL_PARENTS_MAX {
            self.of.retain(|_, partial| partial.n_members() >= members_min);
        }
        let after = step.after;
        for parent in need.iter() {
            let n = link.n_children(after.stored, parent);
            if n < members_min {
                self.of.remove(&parent.0);
                continue;
            }
            if self.of.get(&parent.0).is_some_and(|kept| !kept.is_spent() && kept.n_members() == n) {
                continue;
            }
            if self.of.len() < PARTIAL_PARENTS_MAX || self.of.contains_key(&parent.0) {
                let children = after.stored.linked(field, parent).into_iter().map(RecordId).collect();
                let mut partial = Partial::new(aggregate.fold);
                visit([&aggregate.item], (after, step.names), link.children, &children, |_, [items], row| {
                    partial.add(items, row)
                });
                self.of.insert(parent.0, partial);
            }
        }
    }

    /// Takes away what the touched children contributed, and adds what they contribute now. False: there are so many
    /// that nothing is kept any more, and nothing is to be made just now.
    fn follow(&mut self, aggregate: &Aggregate, link: &Link, step: Step<'_>) -> bool {
        let mut items = touched_items(&aggregate.reads, step);
        match link.owned_by {
            Some(child_field) => {
                if let Some(moved) = step.touched.cells.get(&child_field) {
                    items.union_with(moved);
                }
            }
            // A parent that was given other children is counted anew.
            None => {
                let moved = step.touched.cells.get(&link.field);
                self.of.retain(|parent, _| !is_in(moved, RecordId(*parent)));
            }
        }
        if items.len() > PARTIAL_ITEMS_AT_ONCE_MAX {
            self.of.clear();
            return false;
        }
        let Some(before) = step.before.filter(|_| !items.is_empty()) else { return true };
        self.each(aggregate, link, (before, step.names), &items, Partial::remove);
        self.each(aggregate, link, (step.after, step.names), &items, Partial::add);
        true
    }

    fn each(
        &mut self,
        aggregate: &Aggregate,
        link: &Link,
        (side, names): (Side<'_>, &Names),
        items: &RecordSet,
        change: impl Fn(&mut Partial, &formulas::column::Chunk, usize),
    ) {
        let is_counted = |child: &RecordId| {
            link.parents_of(side.stored, child.0).iter().any(|parent| self.of.contains_key(parent))
        };
        let items: RecordSet = there(items, side.stored, link.children).iter().filter(is_counted).collect();
        let of = &mut self.of;
        visit([&aggregate.item], (side, names), link.children, &items, |child, [lists], row| {
            for parent in link.parents_of(side.stored, child) {
                if let Some(partial) = of.get_mut(&parent) {
                    change(partial, lists, row);
                }
            }
        });
    }
}

impl Link {
    fn of(stored: &Stored, field: FieldId) -> Option<Self> {
        let def = stored.field(field)?;
        let Storage::Link { table: children, other, owner, .. } = storage(def) else { return None };
        let owned_by = if owner { None } else { Some(other?) };
        Some(Self { field, parents: def.table, children, owned_by })
    }

    fn n_children(&self, stored: &Stored, parent: RecordId) -> usize {
        match stored.link_end(self.field) {
            Some(LinkEnd::Own(column)) => codes(Some(column), parent.0).len(),
            Some(LinkEnd::Other(reverse)) => reverse.n_sources(parent.0),
            None => 0,
        }
    }

    fn parents_of(&self, stored: &Stored, child: u32) -> Vec<u32> {
        match self.owned_by {
            Some(field) => {
                let column = stored.table(self.children).and_then(|state| state.columns.get(&field));
                codes(column, child).to_vec()
            }
            None => {
                let reverse = stored.table(self.parents).and_then(|state| state.reverse.get(&self.field));
                reverse.map(|reverse| Reverse::sources(reverse, child).collect()).unwrap_or_default()
            }
        }
    }
}

fn codes(column: Option<&Column>, record: u32) -> &[u32] {
    let (chunk, row) = (record as usize / CHUNK, record as usize % CHUNK);
    match column.filter(|column| (record as usize) < column.len()) {
        Some(column) => column.chunk(chunk).codes_at(row),
        None => &[],
    }
}
