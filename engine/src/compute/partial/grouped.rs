//! [`Grouped`]: partial results over a whole table, one for each key.
//!
//! `[Orders].FILTER(CurrentValue.[SKU] = [SKU]).[GMV].SUM()` is a sum for each SKU of the orders, and every record
//! shows the sum of its own SKU. All sums come of one pass over the orders; an edit of an order touches the sums of
//! its key before and after, and those records that have one of these keys.

use formulas::{Aggregate, Fold, Grouped as Over, Key, Partial, RecordId, RecordSet, TableId, Value};
use hashbrown::HashMap;

use super::{Side, Step, alive, living, touched_items, visit};
use crate::compute::plan::Computation;
use crate::compute::source::Names;
use crate::limits::PARTIAL_GROUPS_MAX;

/// The group of a record that has none: its key failed, or it is not there.
const NONE: u32 = u32::MAX;

/// What is kept for an aggregate over a whole table.
#[derive(Debug)]
pub(super) struct Grouped {
    /// Groups by key, also those without items that records ask for.
    keys: HashMap<Key, u32>,
    groups: Vec<Partial>,
    /// The group that each record of the formula's table asks for.
    own: Vec<u32>,
    /// Records whose own key failed: they are computed with all items.
    own_failed: RecordSet,
    /// Items whose key failed: while there are any, all records are.
    n_failed: usize,
}

/// The formula's table and the items', with the keys of both; no keys where all records ask for the same.
#[derive(Clone, Copy)]
struct Tables<'a> {
    own: TableId,
    items: TableId,
    keys: Option<(&'a formulas::Expr, &'a formulas::Expr)>,
}

impl<'a> Tables<'a> {
    fn of(one: &Computation, aggregate: &'a Aggregate) -> Option<Self> {
        match &aggregate.over {
            Over::Field(_) => None,
            Over::All(items) => Some(Self { own: one.table, items: *items, keys: None }),
            Over::Key { table, item, own } => {
                Some(Self { own: one.table, items: *table, keys: Some((item, own)) })
            }
        }
    }
}

/// The items that were touched, created or deleted.
fn moved_items(aggregate: &Aggregate, tables: Tables<'_>, step: Step<'_>) -> RecordSet {
    let mut items = touched_items(&aggregate.reads, step);
    for moved in [&step.touched.added, &step.touched.removed] {
        if let Some(records) = moved.get(&tables.items) {
            items.union_with(records);
        }
    }
    items
}

/// Where nothing is kept, any item may be one of any record.
pub(super) fn need_all(one: &Computation, aggregate: &Aggregate, step: Step<'_>, need: &mut RecordSet) {
    if let Some(tables) = Tables::of(one, aggregate)
        && !moved_items(aggregate, tables, step).is_empty()
    {
        *need = alive(step.after.stored, one.table);
    }
}

impl Grouped {
    /// The partial result that a record of the formula's table asks for.
    pub(super) fn of(&self, record: u32) -> Option<&Partial> {
        if self.n_failed > 0 {
            return None;
        }
        // Without keys there is one group for all.
        let group = if self.own.is_empty() { 0 } else { *self.own.get(record as usize)? };
        self.groups.get(group as usize)
    }

    pub(super) fn bring(
        kept: &mut Option<Self>,
        one: &Computation,
        aggregate: &Aggregate,
        step: Step<'_>,
        need: &mut RecordSet,
    ) {
        let Some(tables) = Tables::of(one, aggregate) else { return };
        let (items, after) = (moved_items(aggregate, tables, step), (step.after, step.names));
        let all_items = step.after.stored.table(tables.items).map_or(0, |state| state.len);
        let (Some(grouped), Some(before)) = (kept.as_mut(), step.before) else {
            if !items.is_empty() {
                *need = alive(step.after.stored, one.table);
            }
            *kept = if need.is_empty() { None } else { Self::build(aggregate, tables, after) };
            return;
        };
        // Counting anew is quicker than taking away and adding so much.
        if items.len() > 1_000 && items.len() > all_items / 4 {
            *need = alive(step.after.stored, one.table);
            *kept = Self::build(aggregate, tables, after);
            return;
        }
        let gone = step.touched.removed.get(&tables.own);
        grouped.ask(aggregate, tables, after, need, gone);
        let is_spent = !items.is_empty() && {
            let failed_before = grouped.n_failed;
            let changed = grouped.follow(aggregate, tables, [before, step.after], step.names, &items);
            match failed_before + grouped.n_failed > 0 {
                true => *need = alive(step.after.stored, one.table),
                false => grouped.need(&changed, tables, step.after, need),
            }
            changed.iter().any(|group| grouped.groups[*group as usize].is_spent())
        };
        if is_spent || grouped.groups.len() > PARTIAL_GROUPS_MAX {
            *kept = Self::build(aggregate, tables, after);
        }
    }

    /// Counts all items; `None` if there would be too many groups.
    fn build(aggregate: &Aggregate, tables: Tables<'_>, side: (Side<'_>, &Names)) -> Option<Self> {
        let mut grouped = Self {
            keys: HashMap::new(),
            groups: Vec::new(),
            own: Vec::new(),
            own_failed: RecordSet::new(),
            n_failed: 0,
        };
        if tables.keys.is_none() {
            grouped.groups.push(Partial::new(aggregate.fold));
        }
        let mut n_failed = 0;
        grouped.each(aggregate, tables, side, &alive(side.0.stored, tables.items), |group, lists, row| {
            match group {
                Some((_, group)) => group.add(lists, row),
                None => n_failed += 1,
            }
        });
        grouped.n_failed = n_failed;
        if grouped.groups.len() > PARTIAL_GROUPS_MAX {
            return None;
        }
        grouped.ask(aggregate, tables, side, &alive(side.0.stored, tables.own), None);
        Some(grouped)
    }

    /// Calls `change` with the group of each of some items and what the item contributes.
    fn each(
        &mut self,
        aggregate: &Aggregate,
        tables: Tables<'_>,
        side: (Side<'_>, &Names),
        items: &RecordSet,
        mut change: impl FnMut(Option<(u32, &mut Partial)>, &formulas::column::Chunk, usize),
    ) {
        let items = living(items, side.0.stored, tables.items);
        let Some((key, _)) = tables.keys else {
            let group = &mut self.groups[0];
            visit([&aggregate.item], side, tables.items, &items, |_, [lists], row| {
                change(Some((0, group)), lists, row);
            });
            return;
        };
        visit([&aggregate.item, key], side, tables.items, &items, |_, [lists, keys], row| {
            match Key::of(keys, row) {
                Some(key) => {
                    let group = self.group(key, aggregate);
                    change(Some((group, &mut self.groups[group as usize])), lists, row);
                }
                None => change(None, lists, row),
            }
        });
    }

    fn group(&mut self, key: Key, aggregate: &Aggregate) -> u32 {
        let next = self.groups.len() as u32;
        let group = *self.keys.entry(key).or_insert(next);
        if group == next {
            self.groups.push(Partial::new(aggregate.fold));
        }
        group
    }

    /// Notes which groups the records of the formula's table ask for, and that those that went ask for none.
    fn ask(
        &mut self,
        aggregate: &Aggregate,
        tables: Tables<'_>,
        side: (Side<'_>, &Names),
        records: &RecordSet,
        gone: Option<&RecordSet>,
    ) {
        let Some((_, key)) = tables.keys else { return };
        let len = side.0.stored.table(tables.own).map_or(0, |state| state.len);
        self.own.resize(len.max(1), NONE);
        for record in gone.into_iter().flat_map(RecordSet::iter) {
            self.own[record.index()] = NONE;
            self.own_failed.remove(record);
        }
        let records = living(records, side.0.stored, tables.own);
        visit([key], side, tables.own, &records, |record, [keys], row| {
            let group = Key::of(keys, row).map(|key| self.group(key, aggregate));
            match group {
                Some(_) => self.own_failed.remove(RecordId(record)),
                None => self.own_failed.insert(RecordId(record)),
            };
            self.own[record as usize] = group.unwrap_or(NONE);
        });
    }

    /// Takes away what items contributed, adds what they contribute now, and tells which groups' results may be
    /// others.
    fn follow(
        &mut self,
        aggregate: &Aggregate,
        tables: Tables<'_>,
        [before, after]: [Side<'_>; 2],
        names: &Names,
        items: &RecordSet,
    ) -> Vec<u32> {
        let result = |partial: &Partial| match aggregate.fold {
            Fold::Records => None,
            _ => partial.result(aggregate.kind, aggregate.is_bounded),
        };
        let mut results: HashMap<u32, Option<Value>> = HashMap::new();
        let (mut n_gone, mut n_come) = (0, 0);
        self.each(aggregate, tables, (before, names), items, |group, lists, row| match group {
            Some((group, partial)) => {
                results.entry(group).or_insert_with(|| result(partial));
                partial.remove(lists, row);
            }
            None => n_gone += 1,
        });
        self.each(aggregate, tables, (after, names), items, |group, lists, row| match group {
            Some((group, partial)) => {
                results.entry(group).or_insert_with(|| result(partial));
                partial.add(lists, row);
            }
            None => n_come += 1,
        });
        self.n_failed = self.n_failed + n_come - n_gone;
        // Of records that are kept, something else is read that may have changed.
        let is_same = |(group, value): &(u32, Option<Value>)| {
            value.is_some() && *value == result(&self.groups[*group as usize])
        };
        let mut changed: Vec<u32> =
            results.into_iter().filter(|one| !is_same(one)).map(|(group, _)| group).collect();
        changed.sort_unstable();
        changed
    }

    /// Adds the records that ask for one of `groups`.
    fn need(&self, groups: &[u32], tables: Tables<'_>, after: Side<'_>, need: &mut RecordSet) {
        need.union_with(&self.own_failed);
        match groups {
            [] => {}
            _ if tables.keys.is_none() => *need = alive(after.stored, tables.own),
            [group] => {
                self.own.iter().enumerate().filter(|(_, own)| *own == group).for_each(|(record, _)| {
                    need.insert(RecordId(record as u32));
                })
            }
            groups => {
                let asks = |own: u32| groups.binary_search(&own).is_ok();
                self.own.iter().enumerate().filter(|(_, own)| asks(**own)).for_each(|(record, _)| {
                    need.insert(RecordId(record as u32));
                });
            }
        }
    }
}
