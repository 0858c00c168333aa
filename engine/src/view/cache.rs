//! [`OrderCache`]: the orders of a base that somebody looks at, shared by all who do and kept up to date.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use super::order::{Order, moment};
use crate::delta::Delta;
use crate::error::Refusal;
use crate::id::PersonId;
use crate::query::dates::Zone;
use crate::query::{Parameters, Query};
use crate::snapshot::Snapshot;

/// Orders that are kept; beyond, the one that was asked for longest ago goes. One of a million records has 4 MB.
pub const ORDERS_MAX: usize = 64;

/// The orders of one base. All methods may be called from any thread; an order that is being made is waited
/// for and not made twice.
#[derive(Debug, Default)]
pub struct OrderCache {
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    /// By the query's normal form; then by what it depends on beside the base.
    by_query: HashMap<String, Vec<(Depends, Arc<Slot>)>>,
    clock: u64,
}

/// The parameters that an order depends on, as far as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Depends {
    me: Option<Option<PersonId>>,
    day: Option<i64>,
    now_ms: Option<i64>,
}

#[derive(Debug, Default)]
struct Slot {
    order: Mutex<Option<Arc<Order>>>,
    used: std::sync::atomic::AtomicU64,
}

impl OrderCache {
    /// The order of `query` in `snapshot`.
    ///
    /// Costs a lookup if it is there; a few microseconds for each record that moved if an earlier version is;
    /// otherwise it is made.
    ///
    /// # Errors
    ///
    /// If the query does not fit the base.
    pub fn order(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        parameters: &Parameters,
    ) -> Result<Arc<Order>, Refusal> {
        let name = normal_form(query);
        let slot = match self.find(&name, snapshot, parameters) {
            Some(slot) => slot,
            None => {
                let plan = query.plan(snapshot, parameters)?;
                let mut depends = Depends { me: None, day: None, now_ms: None };
                depends.me = plan.follows_me().then_some(parameters.me);
                depends.day = plan.follows_time().then(|| day(snapshot, parameters));
                depends.now_ms = plan.follows_clock().then_some(parameters.now_ms);
                self.add(name, depends)
            }
        };
        let mut order = slot.order.lock().unwrap_or_else(PoisonError::into_inner);
        let known = order.as_ref();
        let next = match known {
            Some(known) if moment(known.snapshot()) == moment(snapshot) => return Ok(Arc::clone(known)),
            // Somebody reads an old version: the cache does not go back.
            Some(known) if moment(known.snapshot()) > moment(snapshot) => {
                return Order::new(query, snapshot, parameters).map(Arc::new);
            }
            Some(known) => known.catch_up(snapshot)?,
            None => Order::new(query, snapshot, parameters)?,
        };
        let next = Arc::new(next);
        *order = Some(Arc::clone(&next));
        Ok(next)
    }

    /// Brings all orders up to `delta.after`. To be called for each delta in turn; an order that missed one
    /// finds out by itself.
    pub fn advance(&self, delta: &Delta) {
        for slot in self.all() {
            let mut order = slot.order.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(known) = order.as_ref() else { continue };
            if moment(known.snapshot()) >= moment(&delta.after) {
                continue;
            }
            // A query that does not fit any more is refused to whoever asks next.
            *order = known.advance(delta).ok().map(Arc::new);
        }
    }

    /// How many orders there are.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn all(&self) -> Vec<Arc<Slot>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.by_query.values().flatten().map(|(_, slot)| Arc::clone(slot)).collect()
    }

    fn find(&self, name: &str, snapshot: &Snapshot, parameters: &Parameters) -> Option<Arc<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.clock += 1;
        let (_, slot) = slots.by_query.get(name)?.iter().find(|(depends, _)| {
            depends.me.is_none_or(|me| me == parameters.me)
                && depends.day.is_none_or(|known| known == day(snapshot, parameters))
                && depends.now_ms.is_none_or(|now_ms| now_ms == parameters.now_ms)
        })?;
        slot.used.store(slots.clock, std::sync::atomic::Ordering::Relaxed);
        Some(Arc::clone(slot))
    }

    fn add(&self, name: String, depends: Depends) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let used = slots.clock;
        let known = slots.by_query.entry(name).or_default();
        if let Some((_, slot)) = known.iter().find(|(other, _)| *other == depends) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot::default());
        slot.used.store(used, std::sync::atomic::Ordering::Relaxed);
        known.push((depends, Arc::clone(&slot)));
        slots.drop_oldest();
        slot
    }
}

impl Slots {
    fn drop_oldest(&mut self) {
        let used = |slot: &Slot| slot.used.load(std::sync::atomic::Ordering::Relaxed);
        let mut all: Vec<u64> = self.by_query.values().flatten().map(|(_, slot)| used(slot)).collect();
        if all.len() <= ORDERS_MAX {
            return;
        }
        let drop_to = *all.select_nth_unstable(0).1;
        self.by_query.retain(|_, slots| {
            slots.retain(|(_, slot)| used(slot) != drop_to);
            !slots.is_empty()
        });
    }
}

fn day(snapshot: &Snapshot, parameters: &Parameters) -> i64 {
    Zone::named(&snapshot.stored().info.time_zone).day(parameters.now_ms)
}

/// Equal for equal queries.
pub(crate) fn normal_form(query: &Query) -> String {
    format!("{query:?}")
}
