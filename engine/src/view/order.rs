//! [`Order`]: the records of a query, filtered, grouped and sorted, at one version.
//!
//! Record numbers in blocks of up to 1,024 that versions share, so that an edit moves one number in a million
//! in microseconds: its place is found by comparing keys read from the snapshot, and one block is copied. An
//! order after any number of steps equals one that is made anew (`engine/tests/orders.rs`).

use std::cmp::Ordering;
use std::sync::Arc;

use formulas::column::Column;
use formulas::{RecordId, RecordSet};

use crate::change::Version;
use crate::delta::Delta;
use crate::error::Refusal;
use crate::query::group::GroupValue;
use crate::query::{GroupNode, Parameters, Plan, Query, RecordKey, compare_keys};
use crate::snapshot::Snapshot;
use crate::state::places::Places;

/// Numbers in a block at the most; a block that grows beyond is split.
const BLOCK: usize = 1_024;

/// Blocks in a node as it is made, and half of what it may grow to.
const NODE: usize = 32;

/// Touched records up to which an order is stepped; beyond, making it anew is quicker.
const STEPS_MAX: usize = 512;

/// The records of a query in one snapshot; cheap to clone.
#[derive(Clone, Debug)]
pub struct Order {
    query: Arc<Query>,
    parameters: Parameters,
    plan: Arc<Plan>,
    snapshot: Snapshot,
    ids: Arc<Blocks>,
    groups: Arc<Vec<Leaf>>,
    from: Version,
    steps: Arc<OrderDelta>,
}

/// How an order came from the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderDelta {
    /// Taken in sequence; none if nothing moved.
    Steps(Vec<Step>),
    /// It was made anew.
    Rebuilt,
}

/// One record of an order moves. Positions are those at the moment of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A record comes.
    Insert {
        /// Its position.
        at: usize,
        /// Which.
        record: RecordId,
    },
    /// A record goes.
    Delete {
        /// Its position.
        at: usize,
        /// Which.
        record: RecordId,
    },
    /// A record is taken out at `from` and put in at `to`.
    Move {
        /// Its position.
        from: usize,
        /// Its position afterwards.
        to: usize,
        /// Which.
        record: RecordId,
    },
}

/// A group of the innermost level.
#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    /// Its records' key up to the groups; the record's number means nothing.
    key: Arc<RecordKey>,
    /// One for each level.
    shown: Arc<[GroupValue]>,
    count: usize,
}

impl Order {
    /// Makes the order of `query` in `snapshot`.
    ///
    /// # Errors
    ///
    /// If the query does not fit the base.
    pub fn new(query: &Query, snapshot: &Snapshot, parameters: &Parameters) -> Result<Self, Refusal> {
        let plan = Arc::new(query.plan(snapshot, parameters)?);
        Ok(Self::build(Arc::new(query.clone()), *parameters, plan, snapshot.clone()))
    }

    fn build(query: Arc<Query>, parameters: Parameters, plan: Arc<Plan>, snapshot: Snapshot) -> Self {
        let selection = plan.select(&snapshot);
        let (records, starts) = plan.sorted(&snapshot, &selection);
        let ends = starts.iter().skip(1).copied().chain([records.len()]);
        let leaf = |(start, end): (&usize, usize)| leaf(&plan, &snapshot, records[*start], end - start);
        let groups = starts.iter().zip(ends).map(leaf).collect();
        let from = snapshot.version();
        Self {
            query,
            parameters,
            plan,
            snapshot,
            ids: Arc::new(Blocks::new(&records)),
            groups: Arc::new(groups),
            from,
            steps: Arc::new(OrderDelta::Rebuilt),
        }
    }

    /// What it is the order of.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The parameters it was made with.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The query bound to the snapshot.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The snapshot it belongs to.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.snapshot.version()
    }

    /// How it came from the order at an earlier version, which is named too.
    pub fn steps(&self) -> (Version, &OrderDelta) {
        (self.from, &self.steps)
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to `len` records from position `from` on.
    pub fn slice(&self, from: usize, len: usize) -> Vec<RecordId> {
        self.ids.slice(from, len)
    }

    /// All records in order.
    pub fn iter(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.ids.blocks().flat_map(|block| block.iter().map(|id| RecordId(*id)))
    }

    /// The position of a record; `None` if the query does not have it.
    pub fn position(&self, record: RecordId) -> Option<usize> {
        if !self.plan.matches(&self.snapshot, record) {
            return None;
        }
        let key = self.plan.key(&self.snapshot, record.0);
        let at = self.ids.lower_bound(|other| self.plan.compare_with(&self.snapshot, &key, other));
        self.ids.get(at).filter(|found| *found == record.0).map(|_| at)
    }

    /// Whether `other` has the same records in the same order without looking at them.
    pub fn same_ids(&self, other: &Order) -> bool {
        Arc::ptr_eq(&self.ids, &other.ids)
    }

    /// The groups, outer before inner, without summaries (see [`crate::analyze`]); none for a query without.
    pub fn groups(&self) -> Vec<GroupNode> {
        let mut nodes: Vec<GroupNode> = Vec::new();
        // The open node of each level.
        let mut open: Vec<usize> = Vec::new();
        let mut from = 0;
        let mut before: Option<&Leaf> = None;
        for leaf in self.groups.iter() {
            let same = before.map_or(0, |before| {
                let pairs = before.key.parts.iter().zip(&leaf.key.parts);
                pairs.take_while(|(a, b)| a == b).count()
            });
            open.truncate(same);
            for level in same..leaf.shown.len() {
                let GroupValue { key, label, color } = leaf.shown[level].clone();
                open.push(nodes.len());
                nodes.push(GroupNode { level, key, label, color, from, count: 0, summaries: Vec::new() });
            }
            open.iter().for_each(|node| nodes[*node].count += leaf.count);
            from += leaf.count;
            before = Some(leaf);
        }
        nodes
    }

    /// The order after `delta`, which must start at the order's version; made anew where that is quicker or
    /// the delta changed more than cells.
    ///
    /// # Errors
    ///
    /// If the query does not fit the base any more.
    pub fn advance(&self, delta: &Delta) -> Result<Self, Refusal> {
        if moment(&delta.before) != moment(&self.snapshot) {
            return self.catch_up(&delta.after);
        }
        if self.plan.outdated(delta) {
            return self.rebuilt(&delta.after);
        }
        let mut touched = RecordSet::new();
        let table = self.plan.table();
        let fields = self.plan.fields().filter_map(|field| delta.touched.get(&field));
        for set in fields.chain(delta.added.get(&table)).chain(delta.removed.get(&table)) {
            touched.union_with(set);
        }
        if let Some(placed) = self.plan.by_hand().and_then(|view| delta.placed.get(&view)) {
            touched.union_with(placed);
        }
        self.step(&delta.after, &touched)
    }

    /// The order in a later snapshot, found by comparing the chunks of both; for when deltas were missed.
    ///
    /// # Errors
    ///
    /// If the query does not fit the base any more.
    pub fn catch_up(&self, after: &Snapshot) -> Result<Self, Refusal> {
        if moment(after) == moment(&self.snapshot) {
            return Ok(self.clone());
        }
        match differing(&self.plan, &self.snapshot, after) {
            Some(touched) => self.step(after, &touched),
            None => self.rebuilt(after),
        }
    }

    fn rebuilt(&self, after: &Snapshot) -> Result<Self, Refusal> {
        let plan = Arc::new(self.query.plan(after, &self.parameters)?);
        let order = Self::build(Arc::clone(&self.query), self.parameters, plan, after.clone());
        Ok(Self { from: self.version(), ..order })
    }

    fn step(&self, after: &Snapshot, touched: &RecordSet) -> Result<Self, Refusal> {
        let n = touched.len();
        if n > STEPS_MAX {
            return self.rebuilt(after);
        }
        let mut next = Self { snapshot: after.clone(), from: self.version(), ..self.clone() };
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for record in touched.iter() {
            let key = |snapshot: &Snapshot| {
                self.plan.matches(snapshot, record).then(|| self.plan.key(snapshot, record.0))
            };
            let (was, is) = (key(&self.snapshot), key(after));
            if was != is {
                gone.extend(was);
                come.extend(is);
            }
        }
        let mut steps = Vec::with_capacity(gone.len() + come.len());
        if !gone.is_empty() || !come.is_empty() {
            let ids = Arc::make_mut(&mut next.ids);
            let groups = Arc::make_mut(&mut next.groups);
            for key in &gone {
                let at = ids.lower_bound(|other| self.plan.compare_with(&self.snapshot, key, other));
                if ids.get(at) != Some(key.record) || !count_group(&self.plan, groups, key, None) {
                    return self.rebuilt(after);
                }
                ids.remove(at);
                steps.push(Step::Delete { at, record: RecordId(key.record) });
            }
            for key in &come {
                let at = ids.lower_bound(|other| self.plan.compare_with(after, key, other));
                ids.insert(at, key.record);
                count_group(&self.plan, groups, key, Some(after));
                steps.push(Step::Insert { at, record: RecordId(key.record) });
            }
        }
        if let [Step::Delete { at: from, record }, Step::Insert { at: to, record: other }] = steps[..]
            && record == other
        {
            steps = vec![Step::Move { from, to, record }];
        }
        next.steps = Arc::new(OrderDelta::Steps(steps));
        Ok(next)
    }
}

/// What orders snapshots of a base: its version, and when what follows the clock was computed.
pub(crate) fn moment(snapshot: &Snapshot) -> (Version, i64) {
    (snapshot.version(), snapshot.computed().as_of_ms)
}

fn leaf(plan: &Plan, snapshot: &Snapshot, record: u32, count: usize) -> Leaf {
    let mut key = plan.key(snapshot, record);
    key.parts.truncate(plan.n_groups);
    let levels = plan.levels.iter().zip(plan.atoms(snapshot, record));
    let shown = levels.map(|(level, atom)| level.shown(snapshot, &atom)).collect();
    Leaf { key: Arc::new(key), shown, count }
}

/// Counts a record into its group (`Some`: as it is in that snapshot) or out of it; tells whether it could.
fn count_group(plan: &Plan, groups: &mut Vec<Leaf>, key: &RecordKey, into: Option<&Snapshot>) -> bool {
    if plan.n_groups == 0 {
        return true;
    }
    let levels = &plan.levels[..plan.n_groups];
    let found = groups.binary_search_by(|leaf| compare_keys(levels, &leaf.key.parts, plan.group_parts(key)));
    match (found, into) {
        (Ok(at), Some(_)) => groups[at].count += 1,
        (Err(at), Some(snapshot)) => groups.insert(at, leaf(plan, snapshot, key.record, 1)),
        (Ok(at), None) if groups[at].count > 1 => groups[at].count -= 1,
        (Ok(at), None) => {
            groups.remove(at);
        }
        (Err(_), None) => return false,
    }
    true
}

/// The records whose place may differ between two snapshots; `None` if an order has to be made anew.
fn differing(plan: &Plan, before: &Snapshot, after: &Snapshot) -> Option<RecordSet> {
    let (old, new) = (before.stored(), after.stored());
    let same_info = Arc::ptr_eq(&old.info, &new.info);
    if old.schema.version != new.schema.version || !same_info || plan.follows_clock() {
        return None;
    }
    for field in plan.foreign() {
        let table = before.field(field)?.table;
        let same_alive = Arc::ptr_eq(&old.table(table)?.alive, &new.table(table)?.alive);
        if !same_alive || !differing_cells(before.column(field)?, after.column(field)?).is_empty() {
            return None;
        }
    }
    for field in plan.titles() {
        let table = before.field(field)?.table;
        let (was, is) = (before.alive(table), after.alive(table));
        let renamed = differing_cells(before.column(field)?, after.column(field)?);
        if renamed.iter().any(|record| was.contains(record) && is.contains(record)) {
            return None;
        }
    }
    let (alive, now_alive) = (before.alive(plan.table()), after.alive(plan.table()));
    let mut touched = RecordSet::new();
    if !Arc::ptr_eq(&alive, &now_alive) {
        touched = alive.difference(&now_alive);
        touched.union_with(&now_alive.difference(&alive));
    }
    for field in plan.fields() {
        let cells = differing_cells(before.column(field)?, after.column(field)?);
        touched.union_with(&cells);
    }
    if let Some(view) = plan.by_hand() {
        let none = Places::default();
        let (was, is) = (old.orders.get(&view).unwrap_or(&none), new.orders.get(&view).unwrap_or(&none));
        touched.union_with(&was.differing(is));
    }
    Some(touched)
}

/// The records whose cells differ between two versions of a column; chunks that they share are not read.
fn differing_cells(before: &Column, after: &Column) -> RecordSet {
    let mut touched = RecordSet::new();
    for (chunk, (old, new)) in before.chunks().zip(after.chunks()).enumerate() {
        if Arc::ptr_eq(old, new) {
            continue;
        }
        let base = (chunk * formulas::column::CHUNK) as u32;
        let rows = (0..old.len().min(new.len())).filter(|row| !old.same(*row, new, *row));
        for row in rows {
            touched.insert(RecordId(base + row as u32));
        }
    }
    touched
}

/// Numbers in blocks, blocks in nodes: an edit copies a block, a node and the list of nodes, some hundred
/// pointers in all.
#[derive(Clone, Debug, Default)]
struct Blocks {
    nodes: Vec<Arc<Node>>,
    /// How many numbers stand before each node.
    starts: Vec<usize>,
    len: usize,
}

/// Some blocks; never empty, and none of them is.
#[derive(Clone, Debug, Default)]
struct Node {
    blocks: Vec<Arc<Vec<u32>>>,
    /// How many numbers of the node stand before each block.
    starts: Vec<usize>,
    len: usize,
}

impl Blocks {
    fn new(records: &[u32]) -> Self {
        let node = |records: &[u32]| {
            let blocks = records.chunks(BLOCK).map(|block| Arc::new(block.to_vec())).collect();
            Arc::new(Node::new(blocks))
        };
        let nodes = records.chunks(BLOCK * NODE).map(node).collect();
        let mut all = Self { nodes, starts: Vec::new(), len: 0 };
        all.count();
        all
    }

    const fn len(&self) -> usize {
        self.len
    }

    fn blocks(&self) -> impl Iterator<Item = &Arc<Vec<u32>>> + '_ {
        self.nodes.iter().flat_map(|node| node.blocks.iter())
    }

    fn count(&mut self) {
        (self.starts, self.len) = counts(self.nodes.iter().map(|node| node.len));
    }

    fn get(&self, at: usize) -> Option<u32> {
        let node = place(&self.starts, at);
        self.nodes.get(node)?.get(at - self.starts[node])
    }

    fn slice(&self, from: usize, len: usize) -> Vec<RecordId> {
        let to = from.saturating_add(len).min(self.len);
        let mut records = Vec::with_capacity(to.saturating_sub(from));
        while from + records.len() < to {
            let at = from + records.len();
            let node = place(&self.starts, at);
            let (node, at) = (&self.nodes[node], at - self.starts[node]);
            let block = place(&node.starts, at);
            let rest = &node.blocks[block][at - node.starts[block]..];
            let take = rest.len().min(to - from - records.len());
            records.extend(rest[..take].iter().map(|id| RecordId(*id)));
        }
        records
    }

    /// The first position at which a key is not after the record there. `compare`: the key with a record.
    fn lower_bound(&self, compare: impl Fn(u32) -> Ordering) -> usize {
        let before = |id: Option<&u32>| id.is_some_and(|id| compare(*id) == Ordering::Greater);
        let last = |block: &Arc<Vec<u32>>| before(block.last());
        let node = self.nodes.partition_point(|node| node.blocks.last().is_some_and(&last));
        let Some(found) = self.nodes.get(node) else { return self.len };
        let block = found.blocks.partition_point(&last);
        let Some(ids) = found.blocks.get(block) else { return self.len };
        self.starts[node] + found.starts[block] + ids.partition_point(|id| before(Some(id)))
    }

    fn insert(&mut self, at: usize, id: u32) {
        if self.nodes.is_empty() {
            self.nodes.push(Arc::new(Node::new(vec![Arc::new(vec![id])])));
            return self.count();
        }
        let node = place(&self.starts, at.min(self.len - 1));
        let own = Arc::make_mut(&mut self.nodes[node]);
        own.insert(at - self.starts[node], id);
        if own.blocks.len() > 2 * NODE {
            let rest = own.blocks.split_off(NODE);
            own.count();
            self.nodes.insert(node + 1, Arc::new(Node::new(rest)));
        }
        self.count();
    }

    fn remove(&mut self, at: usize) {
        let node = place(&self.starts, at);
        let own = Arc::make_mut(&mut self.nodes[node]);
        own.remove(at - self.starts[node]);
        if own.blocks.is_empty() {
            self.nodes.remove(node);
        }
        self.count();
    }
}

impl Node {
    fn new(blocks: Vec<Arc<Vec<u32>>>) -> Self {
        let mut node = Self { blocks, starts: Vec::new(), len: 0 };
        node.count();
        node
    }

    fn count(&mut self) {
        (self.starts, self.len) = counts(self.blocks.iter().map(|block| block.len()));
    }

    fn get(&self, at: usize) -> Option<u32> {
        let block = place(&self.starts, at);
        self.blocks.get(block)?.get(at - self.starts[block]).copied()
    }

    fn insert(&mut self, at: usize, id: u32) {
        let block = place(&self.starts, at.min(self.len - 1));
        let ids = Arc::make_mut(&mut self.blocks[block]);
        ids.insert(at - self.starts[block], id);
        if ids.len() > BLOCK {
            let rest = ids.split_off(BLOCK / 2);
            self.blocks.insert(block + 1, Arc::new(rest));
        }
        self.count();
    }

    fn remove(&mut self, at: usize) {
        let block = place(&self.starts, at);
        let ids = Arc::make_mut(&mut self.blocks[block]);
        ids.remove(at - self.starts[block]);
        if ids.is_empty() {
            self.blocks.remove(block);
        }
        self.count();
    }
}

/// How many stand before each part, and in all.
fn counts(lens: impl Iterator<Item = usize>) -> (Vec<usize>, usize) {
    let mut sum = 0;
    let mut starts = Vec::new();
    for len in lens {
        starts.push(sum);
        sum += len;
    }
    (starts, sum)
}

/// The part that a position is in.
fn place(starts: &[usize], at: usize) -> usize {
    starts.partition_point(|start| *start <= at).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_behave_as_a_list(n in prop_oneof![0usize..3_000, 60_000usize..80_000], edits in proptest::collection::vec((any::<u16>(), any::<bool>()), 0..200)) {
            let mut plain: Vec<u32> = (0..n as u32).collect();
            let mut blocks = Blocks::new(&plain);
            for (idx, (at, insert)) in edits.into_iter().enumerate() {
                let at = usize::from(at) % (plain.len() + 1);
                if insert || at == plain.len() {
                    plain.insert(at, idx as u32);
                    blocks.insert(at, idx as u32);
                } else {
                    plain.remove(at);
                    blocks.remove(at);
                }
            }
            prop_assert_eq!(blocks.len(), plain.len());
            let from = plain.len() / 3;
            let slice: Vec<u32> = blocks.slice(from, 1_500).iter().map(|id| id.0).collect();
            prop_assert_eq!(&slice[..], &plain[from..plain.len().min(from + 1_500)]);
            prop_assert_eq!(blocks.get(from), plain.get(from).copied());
            prop_assert_eq!(blocks.get(plain.len()), None);
            let all: Vec<u32> = blocks.blocks().flat_map(|block| block.iter().copied()).collect();
            prop_assert_eq!(all, plain);
        }
    }
}
