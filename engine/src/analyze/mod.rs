//! Aggregations for dashboards, pivots and the summaries of groups.
//!
//! One pass over vectors: the cells of each key become small numbers ([`axis`]), these become slots of plain
//! arrays, and measures are summed into the slots ([`measure`]). The pass runs over segments of chunks in
//! parallel, and partial results are merged in the order of the segments: sums come out the same to the bit
//! whatever the threads did, and after an edit one segment is read again ([`AnalyzeCache`]).

mod axis;
mod cache;
mod measure;
mod merge;
#[cfg(feature = "polars")]
pub mod polars;
mod quantile;
mod segment;

use std::sync::Arc;

use formulas::{FieldId, TableId, Value};
use serde_json::Value as Json;
use smallvec::SmallVec;

pub use cache::AnalyzeCache;

use crate::error::Refusal;
use crate::query::{Group, Parameters, Query, read};
use crate::snapshot::Snapshot;
use crate::state::Stored;

/// Groups that one result may have without a limit of its own.
pub const RESULT_GROUPS_MAX: usize = 100_000;

/// What is computed of the records of a query, for each group of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The keys, outer first; none for the totals alone.
    pub by: Vec<Group>,
    /// What is computed.
    pub measures: Vec<Measure>,
    /// How groups are ordered.
    pub order: ResultOrder,
    /// How many groups are wanted at the most.
    pub limit: Option<usize>,
}

/// One number for each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Measure {
    /// Of which field; `None` for a count of records.
    pub field: Option<FieldId>,
    /// What of it.
    pub function: Function,
}

/// How many cells become one number. Blank and failed cells count for [`Function::Count`] and
/// [`Function::Empty`] or [`Function::Filled`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// Records.
    Count,
    /// Blank cells.
    Empty,
    /// Cells that are not blank.
    Filled,
    /// Different values.
    Unique,
    /// Zero for no number.
    Sum,
    /// Nothing for no number.
    Average,
    /// Dates in milliseconds.
    Min,
    /// Dates in milliseconds.
    Max,
    /// Between the two in the middle if their number is even.
    Median,
    /// Checked cells.
    Checked,
    /// From the smallest to the largest.
    Range,
    /// In tenths of a percent, between the two nearest.
    Percentile(u16),
}

/// How groups of a result are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResultOrder {
    /// By their keys.
    #[default]
    Key,
    /// By the first measure, the smallest first.
    Ascending,
    /// By the first measure, the largest first.
    Descending,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AggregateResult {
    /// The groups in order.
    pub groups: Vec<AggregateGroup>,
    /// Each measure over all records.
    pub totals: Vec<Option<f64>>,
    /// How many records were aggregated.
    pub records: usize,
}

/// One group of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateGroup {
    /// One for each of `by`; a date's bucket is its first day, midnight UTC.
    pub keys: SmallVec<[Value; 2]>,
    /// The keys for people.
    pub labels: SmallVec<[Arc<str>; 2]>,
    /// Colors of options and people.
    pub colors: SmallVec<[Option<Arc<str>>; 2]>,
    /// One for each measure; `None` where there is nothing to compute it from.
    pub values: SmallVec<[Option<f64>; 2]>,
    /// How many records.
    pub count: usize,
}

impl Function {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Empty => "empty",
            Self::Filled => "filled",
            Self::Unique => "unique",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::Median => "median",
            Self::Checked => "checked",
            Self::Range => "range",
            Self::Percentile(_) => "percentile",
        }
    }

    /// Reads a function by its name; `p` is the percentile that is meant.
    ///
    /// # Errors
    ///
    /// A sentence that names those that are known.
    pub fn read(name: &Json, p: &Json) -> Result<Self, String> {
        let all = [
            Self::Count,
            Self::Empty,
            Self::Filled,
            Self::Unique,
            Self::Sum,
            Self::Average,
            Self::Min,
            Self::Max,
            Self::Median,
            Self::Checked,
            Self::Range,
        ];
        let text = name.as_str().unwrap_or_default();
        if text == "percentile" {
            let p = p.as_f64().filter(|p| (0.0..=100.0).contains(p));
            let p = p.ok_or("a percentile has \"p\", a number from 0 to 100")?;
            return Ok(Self::Percentile((p * 10.0).round() as u16));
        }
        all.into_iter().find(|function| function.name() == text).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|function| function.name()).collect();
            format!("a summary is one of {}, percentile; got {}", names.join(", "), read::short(name))
        })
    }
}

impl Aggregate {
    /// Reads `{by, measures, order?, limit?}` in the wire's form.
    ///
    /// # Errors
    ///
    /// A refusal that says what would be accepted.
    pub fn read(stored: &Stored, table: TableId, json: &Json) -> Result<Self, Refusal> {
        let map = read::object(json, "an aggregate")?;
        read::known_keys(map, &["by", "measures", "order", "limit"], "an aggregate")?;
        let given = |key: &str| map.get(key).filter(|json| !json.is_null());
        let by = given("by").map(|json| read::groups(stored, table, json)).transpose()?.unwrap_or_default();
        let measures = match given("measures") {
            None => Vec::new(),
            Some(Json::Array(all)) => {
                all.iter().map(|json| read_measure(stored, table, json)).collect::<Result<_, _>>()?
            }
            Some(other) => {
                let got = read::short(other);
                return Err(Refusal::invalid(format!("\"measures\" is a list, got {got}")));
            }
        };
        let order = match given("order").map(|json| json.as_str()) {
            None | Some(Some("key")) => ResultOrder::Key,
            Some(Some("value")) => ResultOrder::Ascending,
            Some(Some("-value")) => ResultOrder::Descending,
            Some(_) => return Err(Refusal::invalid("\"order\" is one of key, value, -value")),
        };
        let limit = match given("limit") {
            None => None,
            Some(json) => Some(json.as_u64().ok_or_else(|| {
                Refusal::invalid(format!("\"limit\" is a whole number, got {}", read::short(json)))
            })? as usize),
        };
        Ok(Self { by, measures, order, limit })
    }

    /// Computes it over the records of `query`, whose own sort and groups do not matter.
    ///
    /// # Errors
    ///
    /// If the query, a key or a measure does not fit its field, or there are too many groups.
    ///
    /// # Examples
    ///
    /// `AnalyzeCache::default().aggregate(…)` does the same and keeps what it can for the next time.
    pub fn compute(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        parameters: &Parameters,
    ) -> Result<AggregateResult, Refusal> {
        AnalyzeCache::default().aggregate(snapshot, query, self, parameters)
    }
}

fn read_measure(stored: &Stored, table: TableId, json: &Json) -> Result<Measure, Refusal> {
    let map = read::object(json, "a measure")?;
    read::known_keys(map, &["field", "function", "p"], "a measure")?;
    let null = &Json::Null;
    let function = Function::read(map.get("function").unwrap_or(null), map.get("p").unwrap_or(null))
        .map_err(Refusal::invalid)?;
    let field = match map.get("field").filter(|json| !json.is_null()) {
        Some(json) => Some(read::field(stored, table, json)?),
        None if function == Function::Count => None,
        None => {
            return Err(Refusal::invalid(format!("{} needs a \"field\"", function.name())));
        }
    };
    Ok(Measure { field, function })
}
