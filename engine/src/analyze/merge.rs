//! Partial results of segments → one result.

use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::measure::Sums;
use super::segment::{Keys, Segment, Task};
use super::{Aggregate, AggregateGroup, AggregateResult, RESULT_GROUPS_MAX, ResultOrder};
use crate::error::Refusal;
use crate::query::group::{Atom, GroupValue};
use crate::query::sort::{KeyPart, Level};
use crate::snapshot::Snapshot;

/// Combinations up to which every one has its place in an array; beyond, those that occur.
const GRID_MAX: usize = 1 << 20;

/// Merges segments, in their order.
pub(super) fn merge(
    task: &Task<'_>,
    aggregate: &Aggregate,
    snapshot: &Snapshot,
    segments: &[Arc<Segment>],
) -> Result<AggregateResult, Refusal> {
    let mut slots = Slots::new(task.levels.len(), segments);
    let mut records: Vec<u32> = Vec::new();
    let mut sums: Vec<Sums> = task.measures.iter().map(|measure| Sums::new(measure.function, 0)).collect();
    for (at, segment) in segments.iter().enumerate() {
        let to = slots.of_segment(segment, at);
        records.resize(slots.len, 0);
        to.iter().zip(&segment.records).for_each(|(to, n)| records[*to as usize] += n);
        sums.iter_mut().zip(&segment.sums).for_each(|(own, more)| own.merge(more, &to, slots.len));
    }
    records.resize(slots.len, 0);
    let order = slots.in_order(task, snapshot, &records);
    let n_levels = task.levels.len();
    if n_levels > 0 && order.len() > RESULT_GROUPS_MAX && aggregate.limit.is_none() {
        let (n, max) = (order.len(), RESULT_GROUPS_MAX);
        let message = format!("there are {n} groups; {max} are shown at the most, set a limit or a filter");
        return Err(Refusal::limit(message));
    }
    let mut columns = Vec::with_capacity(sums.len());
    let mut totals = Vec::with_capacity(sums.len());
    for (sums, measure) in sums.iter_mut().zip(task.measures) {
        // A function that was never merged has no slots yet.
        sums.merge(&Sums::new(measure.function, 0), &[], slots.len);
        let (each, total) = sums.results(measure.function, &records, &order);
        columns.push(each);
        totals.push(total);
    }
    let all = records.iter().map(|n| *n as usize).sum();
    if n_levels == 0 {
        return Ok(AggregateResult { groups: Vec::new(), totals, records: all });
    }
    let mut places: Vec<u32> = (0..order.len() as u32).collect();
    let limit = aggregate.limit.unwrap_or(usize::MAX);
    if aggregate.order != ResultOrder::Key
        && let Some(first) = columns.first()
    {
        order_by_value(&mut places, first, aggregate.order, limit);
    }
    places.truncate(limit);
    let mut shown = Shown::new(task, snapshot, &slots.atoms);
    let group = |place: u32| {
        let slot = order[place as usize];
        let mut group = AggregateGroup {
            keys: SmallVec::new(),
            labels: SmallVec::new(),
            colors: SmallVec::new(),
            values: columns.iter().map(|column| column[place as usize]).collect(),
            count: records[slot as usize] as usize,
        };
        for (level, number) in slots.key(slot).into_iter().enumerate() {
            let value = shown.get(level, number);
            group.keys.push(value.key.clone());
            group.labels.push(Arc::clone(&value.label));
            group.colors.push(value.color.clone());
        }
        group
    };
    Ok(AggregateResult { groups: places.into_iter().map(group).collect(), totals, records: all })
}

/// Brings the first `limit` to the front, in order. Groups without a value come last in both directions; equal ones in the order
/// of their keys.
fn order_by_value(order: &mut [u32], values: &[Option<f64>], by: ResultOrder, limit: usize) {
    let compare = |a: &u32, b: &u32| {
        let of_values = match (values[*a as usize], values[*b as usize]) {
            (Some(a), Some(b)) if by == ResultOrder::Descending => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        of_values.then(a.cmp(b))
    };
    // Of a hundred thousand groups mostly the largest few are wanted.
    let n = limit.min(order.len());
    if n < order.len() {
        order.select_nth_unstable_by(n, compare);
    }
    order[..n].sort_unstable_by(compare);
}

/// The numbers of a level's keys in the order in which their groups stand.
fn sorted_atoms(task: &Task<'_>, snapshot: &Snapshot, level: &Level, atoms: &[Atom]) -> Vec<u32> {
    let ctx = task.plan.context(snapshot);
    let parts: Vec<KeyPart> = atoms.iter().map(|atom| level.part_of(&ctx, atom)).collect();
    let mut numbers: Vec<u32> = (0..atoms.len() as u32).collect();
    numbers.sort_by(|a, b| {
        let (a, b) = (*a as usize, *b as usize);
        level.compare(&parts[a], &parts[b]).then_with(|| atoms[a].cmp(&atoms[b]))
    });
    numbers
}

/// What is shown of each key, made when it is asked for.
struct Shown<'a> {
    task: &'a Task<'a>,
    snapshot: &'a Snapshot,
    atoms: &'a [Vec<Atom>],
    values: Vec<Vec<Option<GroupValue>>>,
}

impl<'a> Shown<'a> {
    fn new(task: &'a Task<'a>, snapshot: &'a Snapshot, atoms: &'a [Vec<Atom>]) -> Self {
        let values = atoms.iter().map(|atoms| vec![None; atoms.len()]).collect();
        Self { task, snapshot, atoms, values }
    }

    fn get(&mut self, level: usize, number: u32) -> &GroupValue {
        let number = number as usize;
        self.values[level][number]
            .get_or_insert_with(|| self.task.levels[level].shown(self.snapshot, &self.atoms[level][number]))
    }
}

/// The common slots of all segments.
struct Slots {
    /// By level: what the common numbers stand for.
    atoms: Vec<Vec<Atom>>,
    /// By segment and level: the common number of each of the segment's.
    numbers: Vec<Vec<Vec<u32>>>,
    /// Whether every combination has its place, the last level running fastest.
    grid: bool,
    len: usize,
    /// Without a grid: the slots of those combinations that occur, and their keys one after the other.
    known: HashMap<SmallVec<[u32; 3]>, u32>,
    keys: Vec<u32>,
}

impl Slots {
    fn new(n_levels: usize, segments: &[Arc<Segment>]) -> Self {
        let mut atoms: Vec<Vec<Atom>> = vec![Vec::new(); n_levels];
        let mut known: Vec<HashMap<Atom, u32>> = vec![HashMap::new(); n_levels];
        let mut numbers = Vec::with_capacity(segments.len());
        for segment in segments {
            let mut of_segment = Vec::with_capacity(n_levels);
            for (level, own) in segment.atoms.iter().enumerate() {
                let number = |atom: &Atom| match known[level].get(atom) {
                    Some(number) => *number,
                    None => {
                        let number = atoms[level].len() as u32;
                        atoms[level].push(atom.clone());
                        known[level].insert(atom.clone(), number);
                        number
                    }
                };
                of_segment.push(own.iter().map(number).collect());
            }
            numbers.push(of_segment);
        }
        let len = atoms.iter().try_fold(1usize, |n, atoms| n.checked_mul(atoms.len()));
        let grid = len.is_some_and(|len| len <= GRID_MAX || n_levels == 1);
        let len = if grid { len.unwrap_or(0) } else { 0 };
        Self { atoms, numbers, grid, len, known: HashMap::new(), keys: Vec::new() }
    }

    /// The common slot of each slot of a segment.
    fn of_segment(&mut self, segment: &Segment, at: usize) -> Vec<u32> {
        let numbers = std::mem::take(&mut self.numbers[at]);
        let n_levels = self.atoms.len();
        match &segment.keys {
            Keys::Grid(kept) if self.grid => {
                let all = self.grid_of(&numbers);
                match kept {
                    Some(kept) => pick(&all, kept),
                    None => all,
                }
            }
            Keys::Grid(kept) => {
                let sizes: Vec<u32> = numbers.iter().map(|numbers| numbers.len() as u32).collect();
                let all = 0..segment.records.len() as u32;
                let slots = all.map(|at| kept.as_ref().map_or(at, |kept| kept[at as usize]));
                slots.map(|slot| self.slot(&decode(slot, &sizes), &numbers)).collect()
            }
            Keys::Listed(keys) => keys.chunks(n_levels).map(|key| self.slot(key, &numbers)).collect(),
        }
    }

    /// The places of a segment's whole grid in the common one.
    fn grid_of(&self, numbers: &[Vec<u32>]) -> Vec<u32> {
        expand(numbers, &self.atoms.iter().map(Vec::len).collect::<Vec<_>>())
    }

    fn slot(&mut self, key: &[u32], numbers: &[Vec<u32>]) -> u32 {
        let common = key.iter().zip(numbers).map(|(number, common)| common[*number as usize]);
        if self.grid {
            return common
                .zip(&self.atoms)
                .fold(0, |slot, (number, atoms)| slot * atoms.len() as u32 + number);
        }
        let next = self.len as u32;
        let (keys, len) = (&mut self.keys, &mut self.len);
        *self.known.entry(common.collect()).or_insert_with_key(|key| {
            keys.extend_from_slice(key);
            *len += 1;
            next
        })
    }

    fn key(&self, slot: u32) -> SmallVec<[u32; 3]> {
        let n_levels = self.atoms.len();
        if !self.grid {
            let from = slot as usize * n_levels;
            return self.keys[from..from + n_levels].into();
        }
        let sizes: SmallVec<[u32; 3]> = self.atoms.iter().map(|atoms| atoms.len() as u32).collect();
        decode(slot, &sizes)
    }

    /// The slots that have a record, in the order of their keys.
    fn in_order(&self, task: &Task<'_>, snapshot: &Snapshot, records: &[u32]) -> Vec<u32> {
        let sorted: Vec<Vec<u32>> = task
            .levels
            .iter()
            .zip(&self.atoms)
            .map(|(level, atoms)| sorted_atoms(task, snapshot, level, atoms))
            .collect();
        if self.grid {
            let mut slots = self.grid_of(&sorted);
            slots.retain(|slot| records[*slot as usize] > 0);
            return slots;
        }
        let mut ranks: Vec<Vec<u32>> = sorted.iter().map(|sorted| vec![0; sorted.len()]).collect();
        for (ranks, sorted) in ranks.iter_mut().zip(&sorted) {
            sorted.iter().enumerate().for_each(|(rank, number)| ranks[*number as usize] = rank as u32);
        }
        let rank = |slot: &u32| -> SmallVec<[u32; 3]> {
            self.key(*slot).iter().zip(&ranks).map(|(number, ranks)| ranks[*number as usize]).collect()
        };
        let mut slots: Vec<u32> = (0..self.len as u32).collect();
        slots.sort_by_cached_key(rank);
        slots
    }
}

/// The places of all combinations of `numbers`, the last level running fastest, in a grid of `sizes`.
fn expand(numbers: &[Vec<u32>], sizes: &[usize]) -> Vec<u32> {
    let mut places = vec![0u32];
    for (numbers, size) in numbers.iter().zip(sizes) {
        let mut next = Vec::with_capacity(places.len() * numbers.len());
        for place in places {
            let first = place * *size as u32;
            next.extend(numbers.iter().map(|number| first + number));
        }
        places = next;
    }
    places
}

/// The numbers of a place in a grid of `sizes`.
fn decode(place: u32, sizes: &[u32]) -> SmallVec<[u32; 3]> {
    let mut key: SmallVec<[u32; 3]> = SmallVec::from_elem(0, sizes.len());
    let mut rest = place;
    for (number, size) in key.iter_mut().zip(sizes).rev() {
        *number = rest % size;
        rest /= size;
    }
    key
}

fn pick(all: &[u32], kept: &[u32]) -> Vec<u32> {
    kept.iter().map(|slot| all[*slot as usize]).collect()
}
