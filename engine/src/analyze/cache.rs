//! [`AnalyzeCache`]: partial results that outlive the question, so that a refresh after one edit reads one
//! segment.
//!
//! A segment names the chunks it was computed from and keeps them alive; it is good as long as a snapshot has
//! the very same ones. Nothing has to be told to the cache, and all of it can be dropped at any time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use formulas::column::Chunk;
use formulas::records::Bits;
use formulas::{FieldId, RecordSet};
use hashbrown::HashMap;
use rayon::prelude::*;

use super::measure::{self, Bound};
use super::merge::merge;
use super::segment::{Segment, Task, split};
use super::{Aggregate, AggregateResult, Function, Measure, ResultOrder};
use crate::change::Version;
use crate::error::Refusal;
use crate::query::dates::Zone;
use crate::query::reading::Reading;
use crate::query::{GroupNode, Parameters, Plan, Query, group};
use crate::snapshot::Snapshot;
use crate::view::{Order, moment};

/// Questions whose partial results are kept.
const ENTRIES_MAX: usize = 256;

/// Groups up to which a result is kept beside its segments, for all who ask the same at one version.
const KEPT_GROUPS_MAX: usize = 2_000;

/// Slots of all partial results together, some 40 bytes each; beyond, the questions that were asked longest ago
/// are forgotten.
const SLOTS_MAX: usize = 6_000_000;

/// Partial results of the aggregates of one base.
#[derive(Debug, Default)]
pub struct AnalyzeCache {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    by_name: HashMap<String, Known>,
    clock: u64,
}

/// A question that was asked.
#[derive(Debug, Default)]
struct Known {
    /// When, by the clock of the entries.
    used: u64,
    n_slots: Arc<AtomicUsize>,
    entry: Arc<Mutex<Entry>>,
}

/// What is kept of one question.
#[derive(Debug, Default)]
struct Entry {
    /// Of the schema it was asked under; another one drops all.
    schema: Version,
    /// What the filter's titles were read from.
    titles: Vec<(Arc<RecordSet>, Vec<Arc<Chunk>>)>,
    segments: Vec<Arc<Segment>>,
    last: Option<((Version, i64), AggregateResult)>,
}

impl AnalyzeCache {
    /// Computes `aggregate` over the records of `query`.
    ///
    /// # Errors
    ///
    /// If the query, a key or a measure does not fit its field, or there are too many groups.
    pub fn aggregate(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        aggregate: &Aggregate,
        parameters: &Parameters,
    ) -> Result<AggregateResult, Refusal> {
        // Order and groups of the query do not matter: queries that differ in them share what is kept.
        let query = Query { sort: Vec::new(), by_hand: None, group: Vec::new(), ..query.clone() };
        let plan = query.plan(snapshot, parameters)?;
        let (entry, n_slots) = self.entry(name(snapshot, &query, aggregate, &plan, parameters));
        let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, result)) = &entry.last
            && *version == moment(snapshot)
            && !plan.follows_clock()
        {
            return Ok(result.clone());
        }
        let levels: Vec<_> =
            aggregate.by.iter().map(|by| group::level(snapshot, by)).collect::<Result<_, _>>()?;
        let measures: Vec<_> =
            aggregate.measures.iter().map(|measure| bound(snapshot, measure)).collect::<Result<_, _>>()?;
        let task = Task { plan: &plan, levels: &levels, measures: &measures };
        let titles = titles(snapshot, &plan);
        if entry.schema != snapshot.schema().version || !same_titles(&entry.titles, &titles) {
            *entry = Entry { schema: snapshot.schema().version, titles, ..Entry::default() };
        }
        entry.segments = segments(&task, snapshot, &entry.segments);
        let slots = entry.segments.iter().map(|segment| segment.n_slots()).sum();
        n_slots.store(slots, Ordering::Relaxed);
        let result = merge(&task, aggregate, snapshot, &entry.segments)?;
        entry.last = (result.groups.len() <= KEPT_GROUPS_MAX).then(|| (moment(snapshot), result.clone()));
        Ok(result)
    }

    /// Computes summaries over all records of an order, and adds those of each group to `groups`.
    ///
    /// # Errors
    ///
    /// If a summary does not fit its field.
    pub fn summaries(
        &self,
        order: &Order,
        summaries: &[(FieldId, Function)],
        groups: &mut [GroupNode],
    ) -> Result<Vec<(FieldId, Option<f64>)>, Refusal> {
        if summaries.is_empty() {
            return Ok(Vec::new());
        }
        let measure =
            |(field, function): &(FieldId, Function)| Measure { field: Some(*field), function: *function };
        let measures: Vec<Measure> = summaries.iter().map(measure).collect();
        let query = order.query();
        let mut over_all = Vec::new();
        for depth in 0..=query.group.len() {
            let aggregate = Aggregate {
                by: query.group[..depth].to_vec(),
                measures: measures.clone(),
                order: ResultOrder::Key,
                limit: (depth > 0).then_some(usize::MAX),
            };
            let result = self.aggregate(order.snapshot(), query, &aggregate, order.parameters())?;
            let named = |values: &[Option<f64>]| {
                summaries.iter().map(|(field, _)| *field).zip(values.iter().copied()).collect::<Vec<_>>()
            };
            if depth == 0 {
                over_all = named(&result.totals);
                continue;
            }
            // Both are in order of the same keys.
            let nodes = groups.iter_mut().filter(|node| node.level + 1 == depth);
            nodes.zip(result.groups).for_each(|(node, group)| node.summaries = named(&group.values));
        }
        Ok(over_all)
    }

    fn entry(&self, name: String) -> (Arc<Mutex<Entry>>, Arc<AtomicUsize>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let used = entries.clock;
        entries.drop_oldest();
        let known = entries.by_name.entry(name).or_default();
        known.used = used;
        (Arc::clone(&known.entry), Arc::clone(&known.n_slots))
    }
}

impl Entries {
    /// Forgets questions, those asked longest ago first, until the others are few and small enough.
    fn drop_oldest(&mut self) {
        let slots = |known: &Known| known.n_slots.load(Ordering::Relaxed);
        let mut n_slots: usize = self.by_name.values().map(slots).sum();
        while self.by_name.len() >= ENTRIES_MAX || n_slots > SLOTS_MAX {
            let oldest = self.by_name.iter().min_by_key(|(_, known)| known.used);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { break };
            n_slots -= self.by_name.remove(&name).map_or(0, |known| slots(&known));
        }
    }
}

fn bound(snapshot: &Snapshot, measure: &Measure) -> Result<Bound, Refusal> {
    let Some(field) = measure.field else { return Ok(Bound::new(measure.function, None)) };
    let reading = Reading::of(snapshot, field)
        .ok_or_else(|| Refusal::invalid("the field of a measure is gone").in_field(field))?;
    measure::check(measure, Some(reading.meaning)).map_err(|message| {
        let (name, word) = (&reading.field.name, reading.meaning.word());
        let function = measure.function.name();
        Refusal::invalid(format!("{function:?} {message}; field {name:?} is a {word} field")).in_field(field)
    })?;
    Ok(Bound::new(measure.function, Some(reading)))
}

/// Equal for questions that have equal answers in every snapshot.
fn name(
    snapshot: &Snapshot,
    query: &Query,
    aggregate: &Aggregate,
    plan: &Plan,
    parameters: &Parameters,
) -> String {
    let me = plan.follows_me().then_some(parameters.me);
    let zone = Zone::named(&snapshot.stored().info.time_zone);
    let day = plan.follows_time().then(|| zone.day(parameters.now_ms));
    format!("{query:?} {aggregate:?} {me:?} {day:?}")
}

/// The segments of a snapshot, those of `known` that still hold and the others computed.
fn segments(task: &Task<'_>, snapshot: &Snapshot, known: &[Arc<Segment>]) -> Vec<Arc<Segment>> {
    let alive = snapshot.alive(task.plan.table());
    let alive: Vec<(usize, &Bits)> = alive.chunks().collect();
    let follows_clock = task.plan.follows_clock();
    let first_of =
        |segment: &Segment| segment.source.first().map(|(chunk, ..)| *chunk / super::segment::SEGMENT_CHUNKS);
    let one = |alive: &&[(usize, &Bits)]| {
        let source = task.source(snapshot, alive);
        let at = alive.first().map(|(chunk, _)| *chunk / super::segment::SEGMENT_CHUNKS);
        let held = known.iter().find(|segment| first_of(segment) == at && !follows_clock);
        match held.filter(|segment| segment.is_of(&source)) {
            Some(segment) => Arc::clone(segment),
            None => Arc::new(task.compute(snapshot, source)),
        }
    };
    split(&alive).par_iter().map(one).collect()
}

fn titles(snapshot: &Snapshot, plan: &Plan) -> Vec<(Arc<RecordSet>, Vec<Arc<Chunk>>)> {
    let one = |field: FieldId| {
        let table = snapshot.field(field).map(|field| field.table).unwrap_or_default();
        let chunks = snapshot.column(field).map(|column| column.chunks().cloned().collect());
        (snapshot.alive(table), chunks.unwrap_or_default())
    };
    plan.foreign().map(one).collect()
}

fn same_titles(a: &[(Arc<RecordSet>, Vec<Arc<Chunk>>)], b: &[(Arc<RecordSet>, Vec<Arc<Chunk>>)]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|((alive, chunks), (other_alive, others))| {
            Arc::ptr_eq(alive, other_alive)
                && chunks.len() == others.len()
                && chunks.iter().zip(others).all(|(own, other)| Arc::ptr_eq(own, other))
        })
}
