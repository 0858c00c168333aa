//! Partial results of segments → one result.

use std::sync::Arc;

use formulas::Value;
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::measure::Sums;
use super::segment::{Segment, Task};
use super::{Aggregate, AggregateGroup, AggregateResult, RESULT_GROUPS_MAX, ResultOrder};
use crate::error::Refusal;
use crate::query::compare_keys;
use crate::query::group::{Atom, GroupValue};
use crate::query::sort::KeyPart;
use crate::snapshot::Snapshot;

/// Combinations up to which a table finds the slot of each.
const TABLE_MAX: usize = 1 << 22;

/// Merges segments, in their order.
pub(super) fn merge(
    task: &Task<'_>,
    aggregate: &Aggregate,
    snapshot: &Snapshot,
    segments: &[Arc<Segment>],
) -> Result<AggregateResult, Refusal> {
    let axes = Axes::new(task.levels.len(), segments);
    let mut finder = Finder::new(&axes);
    let mut records: Vec<u32> = Vec::new();
    let mut sums: Vec<Sums> =
        task.measures.iter().map(|(measure, _)| Sums::new(measure.function, 0)).collect();
    let mut known: Vec<HashMap<Atom, u32>> = vec![HashMap::new(); sums.len()];
    for (at, segment) in segments.iter().enumerate() {
        let to = finder.slots(segment, &axes.numbers[at]);
        records.resize(finder.n_slots, 0);
        to.iter().zip(&segment.records).for_each(|(to, n)| records[*to as usize] += n);
        for ((own, more), known) in sums.iter_mut().zip(&segment.sums).zip(&mut known) {
            own.merge(more, &to, finder.n_slots, known);
        }
    }
    finish(task, aggregate, snapshot, &axes, &finder, &records, &sums)
}

fn finish(
    task: &Task<'_>,
    aggregate: &Aggregate,
    snapshot: &Snapshot,
    axes: &Axes,
    finder: &Finder,
    records: &[u32],
    sums: &[Sums],
) -> Result<AggregateResult, Refusal> {
    let n_levels = task.levels.len();
    if n_levels > 0 && finder.n_slots > RESULT_GROUPS_MAX && aggregate.limit.is_none() {
        return Err(Refusal::limit(format!(
            "there are {} groups; {RESULT_GROUPS_MAX} are shown at the most, set a limit or a filter",
            finder.n_slots
        )));
    }
    // The rank of each key of a level stands for its part in comparisons.
    let ranks: Vec<Vec<u32>> = task
        .levels
        .iter()
        .zip(&axes.atoms)
        .map(|(level, atoms)| ranks(task, snapshot, level, atoms))
        .collect();
    let key = |slot: u32| &finder.keys[slot as usize * n_levels..(slot as usize + 1) * n_levels];
    let rank = |slot: u32| -> SmallVec<[u32; 3]> {
        key(slot).iter().enumerate().map(|(level, number)| ranks[level][*number as usize]).collect()
    };
    let mut order: Vec<u32> = (0..finder.n_slots as u32).collect();
    order.sort_by_cached_key(|slot| rank(*slot));
    let mut columns = Vec::with_capacity(sums.len());
    let mut totals = Vec::with_capacity(sums.len());
    for (sums, (measure, _)) in sums.iter().zip(task.measures) {
        let (each, total) = sums.results(measure.function, records, &order);
        columns.push(each);
        totals.push(total);
    }
    let all = records.iter().map(|n| *n as usize).sum();
    if n_levels == 0 {
        return Ok(AggregateResult { groups: Vec::new(), totals, records: all });
    }
    if aggregate.order != ResultOrder::Key
        && let Some(first) = columns.first()
    {
        order_by_value(&mut order, first, aggregate.order);
    }
    order.truncate(aggregate.limit.unwrap_or(usize::MAX));
    let shown: Vec<Vec<GroupValue>> = shown(task, snapshot, axes, &order, &key);
    let group = |slot: &u32| {
        let mut group = AggregateGroup {
            keys: SmallVec::new(),
            labels: SmallVec::new(),
            colors: SmallVec::new(),
            values: columns.iter().map(|column| column[*slot as usize]).collect(),
            count: records[*slot as usize] as usize,
        };
        for (level, number) in key(*slot).iter().enumerate() {
            let value = &shown[level][*number as usize];
            group.keys.push(value.key.clone());
            group.labels.push(Arc::clone(&value.label));
            group.colors.push(value.color.clone());
        }
        group
    };
    Ok(AggregateResult { groups: order.iter().map(group).collect(), totals, records: all })
}

/// Groups without a value come last in both directions; equal ones in the order of their keys.
fn order_by_value(order: &mut [u32], values: &[Option<f64>], by: ResultOrder) {
    order.sort_by(|a, b| match (values[*a as usize], values[*b as usize]) {
        (Some(a), Some(b)) if by == ResultOrder::Descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
}

fn ranks(
    task: &Task<'_>,
    snapshot: &Snapshot,
    level: &crate::query::sort::Level,
    atoms: &[Atom],
) -> Vec<u32> {
    let ctx = task.plan.context(snapshot);
    let parts: Vec<KeyPart> = atoms.iter().map(|atom| level.part_of(&ctx, atom)).collect();
    let levels = std::slice::from_ref(level);
    let mut places: Vec<u32> = (0..atoms.len() as u32).collect();
    places.sort_by(|a, b| {
        let (a, b) = (*a as usize, *b as usize);
        compare_keys(levels, &parts[a..=a], &parts[b..=b]).then_with(|| atoms[a].cmp(&atoms[b]))
    });
    let mut ranks = vec![0; atoms.len()];
    places.iter().enumerate().for_each(|(rank, place)| ranks[*place as usize] = rank as u32);
    ranks
}

/// What is shown of those keys that occur in `order`.
fn shown<'a>(
    task: &Task<'_>,
    snapshot: &Snapshot,
    axes: &Axes,
    order: &[u32],
    key: &impl Fn(u32) -> &'a [u32],
) -> Vec<Vec<GroupValue>> {
    let blank = || GroupValue { key: Value::Blank, label: Arc::from(""), color: None };
    let mut all = Vec::with_capacity(task.levels.len());
    for (at, (level, atoms)) in task.levels.iter().zip(&axes.atoms).enumerate() {
        let mut shown: Vec<Option<GroupValue>> = vec![None; atoms.len()];
        for slot in order {
            let number = key(*slot)[at] as usize;
            shown[number].get_or_insert_with(|| level.shown(snapshot, &atoms[number]));
        }
        all.push(shown.into_iter().map(|value| value.unwrap_or_else(blank)).collect());
    }
    all
}

/// The keys of all segments, numbered together.
struct Axes {
    atoms: Vec<Vec<Atom>>,
    /// By segment and level: the common number of each of the segment's.
    numbers: Vec<Vec<Vec<u32>>>,
}

impl Axes {
    fn new(n_levels: usize, segments: &[Arc<Segment>]) -> Self {
        let mut atoms: Vec<Vec<Atom>> = vec![Vec::new(); n_levels];
        let mut known: Vec<HashMap<Atom, u32>> = vec![HashMap::new(); n_levels];
        let mut numbers = Vec::with_capacity(segments.len());
        for segment in segments {
            let mut of_segment = Vec::with_capacity(n_levels);
            for (level, own) in segment.atoms.iter().enumerate() {
                let number = |atom: &Atom| {
                    *known[level].entry(atom.clone()).or_insert_with(|| {
                        atoms[level].push(atom.clone());
                        atoms[level].len() as u32 - 1
                    })
                };
                of_segment.push(own.iter().map(number).collect());
            }
            numbers.push(of_segment);
        }
        Self { atoms, numbers }
    }
}

/// Finds the common slot of a combination of keys.
struct Finder {
    sizes: Vec<usize>,
    table: Vec<u32>,
    map: HashMap<Vec<u32>, u32>,
    /// The keys of each slot, one slot after the other.
    keys: Vec<u32>,
    n_slots: usize,
}

impl Finder {
    fn new(axes: &Axes) -> Self {
        let sizes: Vec<usize> = axes.atoms.iter().map(Vec::len).collect();
        let n = sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size)).unwrap_or(usize::MAX);
        let table = if n <= TABLE_MAX { vec![u32::MAX; n] } else { Vec::new() };
        Self { sizes, table, map: HashMap::new(), keys: Vec::new(), n_slots: 0 }
    }

    /// The common slots of a segment's.
    fn slots(&mut self, segment: &Segment, numbers: &[Vec<u32>]) -> Vec<u32> {
        let n_levels = self.sizes.len();
        (0..segment.records.len())
            .map(|slot| {
                let own = &segment.keys[slot * n_levels..(slot + 1) * n_levels];
                let key: SmallVec<[u32; 3]> =
                    own.iter().zip(numbers).map(|(number, common)| common[*number as usize]).collect();
                self.slot(&key)
            })
            .collect()
    }

    fn slot(&mut self, key: &[u32]) -> u32 {
        let next = self.n_slots as u32;
        let found = if self.table.is_empty() {
            *self.map.entry(key.to_vec()).or_insert(next)
        } else {
            let place =
                key.iter().zip(&self.sizes).fold(0, |place, (key, size)| place * size + *key as usize);
            let slot = &mut self.table[place];
            if *slot == u32::MAX {
                *slot = next;
            }
            *slot
        };
        if found == next {
            self.keys.extend_from_slice(key);
            self.n_slots += 1;
        }
        found
    }
}
