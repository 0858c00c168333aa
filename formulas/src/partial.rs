//! [`Partial`]: what is kept of many items so that an aggregate of them can follow single edits.
//!
//! An item comes in and goes out again in any order, and the result is the one that the function gives for all items
//! at once, bit for bit. What cannot be told from a partial result is to be computed: where an item failed (the
//! first one decides which failure is shown), where a list is longer than lists may be, and where the smallest
//! items have gone one by one until none of those that were kept is left.

use crate::column::{Chunk, Kind, Vector};
use crate::exact::ExactSum;
use crate::limits::LIST_ITEMS_MAX;
use crate::value::Value;

/// Smallest values that are kept; when all of them have gone, the items are looked at again.
const EXTREMES_MAX: usize = 16;

/// What becomes of many items, so that partial results can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// `SUM`
    Sum,
    /// `AVERAGE`
    Average,
    /// `COUNT`
    Count,
    /// `COUNTA`
    CountA,
    /// `COUNTALL`
    CountAll,
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `AND` of a list.
    All,
    /// `OR` of a list.
    Any,
    /// No aggregate: the records themselves, in order of creation.
    Records,
}

impl Fold {
    /// The fold of a function of this name, in capitals.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SUM" => Self::Sum,
            "AVERAGE" => Self::Average,
            "COUNT" => Self::Count,
            "COUNTA" => Self::CountA,
            "COUNTALL" => Self::CountAll,
            "MIN" => Self::Min,
            "MAX" => Self::Max,
            _ => return None,
        })
    }

    /// Whether a failed item fails the result. Counts only pass it over.
    const fn fails(self) -> bool {
        !matches!(self, Self::Count | Self::CountA | Self::CountAll)
    }
}

/// What is kept of the items of one list.
#[derive(Clone, Debug)]
pub struct Partial {
    fold: Fold,
    n_members: usize,
    n_failed: usize,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Sum {
        sum: ExactSum,
        n: usize,
    },
    Count(usize),
    Extremes(Extremes),
    Truth {
        n: usize,
        n_true: usize,
    },
    /// Ascending.
    Records(Vec<u32>),
}

impl Partial {
    /// Of no items.
    pub const fn new(fold: Fold) -> Self {
        let state = match fold {
            Fold::Sum | Fold::Average => State::Sum { sum: ExactSum::new(), n: 0 },
            Fold::Count | Fold::CountA | Fold::CountAll => State::Count(0),
            Fold::Min | Fold::Max => State::Extremes(Extremes { best: Vec::new(), is_all: true }),
            Fold::All | Fold::Any => State::Truth { n: 0, n_true: 0 },
            Fold::Records => State::Records(Vec::new()),
        };
        Self { fold, n_members: 0, n_failed: 0, state }
    }

    /// Adds what one record contributes: the list at `row`.
    pub fn add(&mut self, lists: &Chunk, row: usize) {
        self.n_members += 1;
        let Some(items) = self.items(lists, row) else {
            self.n_failed += 1;
            return;
        };
        let chunk = items.0;
        match &mut self.state {
            State::Sum { sum, n } => numbers(items, |number| {
                sum.add(number);
                *n += 1;
            }),
            State::Count(n) => *n += count(self.fold, items),
            State::Extremes(extremes) => ordered(self.fold, items, |key| extremes.add(key)),
            State::Truth { n, n_true } => {
                *n += items.1.len();
                *n_true += items.1.filter(|at| is_true(chunk, *at)).count();
            }
            State::Records(records) => codes(items).iter().for_each(|code| {
                if let Err(at) = records.binary_search(code) {
                    records.insert(at, *code);
                }
            }),
        }
    }

    /// Takes away what [`Partial::add`] added.
    pub fn remove(&mut self, lists: &Chunk, row: usize) {
        less(&mut self.n_members, 1);
        let Some(items) = self.items(lists, row) else {
            less(&mut self.n_failed, 1);
            return;
        };
        let chunk = items.0;
        match &mut self.state {
            State::Sum { sum, n } => numbers(items, |number| {
                sum.sub(number);
                less(n, 1);
            }),
            State::Count(n) => less(n, count(self.fold, items)),
            State::Extremes(extremes) => ordered(self.fold, items, |key| extremes.remove(key)),
            State::Truth { n, n_true } => {
                less(n, items.1.len());
                less(n_true, items.1.filter(|at| is_true(chunk, *at)).count());
            }
            State::Records(records) => codes(items).iter().for_each(|code| {
                if let Ok(at) = records.binary_search(code) {
                    records.remove(at);
                }
            }),
        }
    }

    /// How many records have contributed, if only nothing.
    pub const fn n_members(&self) -> usize {
        self.n_members
    }

    /// Whether the items have to be added anew to tell the result, since those that were kept have gone.
    pub fn is_spent(&self) -> bool {
        matches!(&self.state, State::Extremes(extremes) if extremes.best.is_empty() && !extremes.is_all)
    }

    /// The aggregate of a list of all items, as cells of `kind`; `None` if it has to be computed. `is_bounded`
    /// says whether such a list may be too long: one that a `FILTER` or its kin made.
    pub fn result(&self, kind: Kind, is_bounded: bool) -> Option<Value> {
        if self.n_failed > 0 || is_bounded && self.n_members > LIST_ITEMS_MAX {
            return None;
        }
        match &self.state {
            State::Sum { sum, n } => {
                let sum = sum.round();
                let result = match self.fold {
                    Fold::Average if *n == 0 => return Some(Value::Blank),
                    Fold::Average => sum / *n as f64 + 0.0,
                    _ => sum,
                };
                // A sum beyond what is finite is a failure with its own words.
                sum.is_finite().then_some(Value::Number(result))
            }
            State::Count(n) => Some(Value::Number(*n as f64)),
            State::Extremes(extremes) => match extremes.best.first() {
                Some((key, _)) => {
                    let key = if self.fold == Fold::Max { !*key } else { *key };
                    Some(if kind == Kind::Date { Value::Date(key) } else { Value::Number(number_of(key)) })
                }
                None => extremes.is_all.then_some(Value::Blank),
            },
            State::Truth { n, n_true } => Some(Value::Bool(match self.fold {
                Fold::All => n == n_true,
                _ => *n_true > 0,
            })),
            State::Records(records) => Some(Value::codes(records.iter().copied())),
        }
    }

    /// The items of a list; `None` if it fails the result.
    fn items<'a>(&self, lists: &'a Chunk, row: usize) -> Option<Items<'a>> {
        if lists.error(row).is_some() {
            return None;
        }
        let lists = lists.lists()?;
        let (items, range) = (lists.items(), lists.range(row));
        let failed = self.fold.fails()
            && !items.errors().is_empty()
            && range.clone().any(|at| items.error(at).is_some());
        (!failed).then_some((items, range))
    }
}

/// Takes away what was counted. That it was is the caller's promise; a wrong count is no reason to stop a base.
fn less(n: &mut usize, by: usize) {
    debug_assert!(*n >= by, "what goes was there");
    *n = n.saturating_sub(by);
}

type Items<'a> = (&'a Chunk, std::ops::Range<usize>);

fn numbers((items, range): Items<'_>, mut each: impl FnMut(f64)) {
    let Some(numbers) = items.numbers() else { return };
    range.filter(|at| items.is_valid(*at)).for_each(|at| each(numbers[at]));
}

/// Calls `each` with numbers that are in the order of the items, the wanted ones first.
fn ordered(fold: Fold, (items, range): Items<'_>, mut each: impl FnMut(i64)) {
    let turned = |key: i64| if fold == Fold::Max { !key } else { key };
    for at in range.filter(|at| items.is_valid(*at)) {
        match items.vector() {
            Vector::Number(numbers) => each(turned(key_of(numbers[at]))),
            Vector::Date(dates) => each(turned(dates[at])),
            _ => {}
        }
    }
}

fn count(fold: Fold, (items, range): Items<'_>) -> usize {
    match fold {
        Fold::Count if !matches!(items.kind(), Kind::Number | Kind::Date) => 0,
        Fold::CountAll => range.len(),
        Fold::CountA => range
            .filter(|at| items.is_valid(*at) && items.texts().is_none_or(|texts| !texts.get(*at).is_empty()))
            .count(),
        _ => range.filter(|at| items.is_valid(*at)).count(),
    }
}

fn codes((items, range): Items<'_>) -> &[u32] {
    items.choices().map_or(&[], |codes| &codes[range])
}

fn is_true(items: &Chunk, at: usize) -> bool {
    items.is_valid(at) && items.bools().is_some_and(|bits| bits.get(at))
}

/// A whole number for each number, in the same order; the two zeros are one.
fn key_of(number: f64) -> i64 {
    let bits = (number + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn number_of(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

/// The smallest values with how often each occurs.
#[derive(Clone, Debug)]
struct Extremes {
    /// Ascending. All values that are not larger than the last one are in it.
    best: Vec<(i64, u32)>,
    /// Whether all values are in it.
    is_all: bool,
}

impl Extremes {
    fn add(&mut self, key: i64) {
        match self.best.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => self.best[at].1 += 1,
            Err(at) if at == self.best.len() && !self.is_all => {}
            Err(at) => {
                self.best.insert(at, (key, 1));
                if self.best.len() > EXTREMES_MAX {
                    self.best.pop();
                    self.is_all = false;
                }
            }
        }
    }

    fn remove(&mut self, key: i64) {
        if let Ok(at) = self.best.binary_search_by_key(&key, |(key, _)| *key) {
            self.best[at].1 -= 1;
            if self.best[at].1 == 0 {
                self.best.remove(at);
            }
        }
    }
}
