//! Evaluation of an expression over the records of one chunk: what the engine sees of it.
//!
//! [`run`] passes over the nodes of a slice, each evaluated for all rows at once; the other files hold what single
//! nodes do. [`Prepared`] shares between chunks what is the same for every row, such as a whole table's sum.

mod arith;
mod compare;
mod convert;
mod each;
mod frame;
mod logic;
mod lookup;
mod operand;
mod reduce;
mod run;
mod tree;

use std::any::Any;
use std::sync::{Arc, OnceLock};

pub(crate) use convert::excerpt;
pub use each::Key;
pub(crate) use each::list_too_long;
pub(crate) use operand::Operand;

use crate::aggregate::Aggregate;
use crate::column::{Chunk, Kind};
use crate::dialect::Dialect;
use crate::expr::{Expr, Op};
use crate::ids::{FieldId, TableId};
use crate::records::RecordSet;
use crate::value::Value;

/// Where evaluation reads cells: the engine implements it over a snapshot.
///
/// Cells come as formulas see them: selects as texts, people as lists of texts, links as lists of record ids.
pub trait Source: Sync {
    /// A chunk of a field of the formula's own table.
    fn cells(&self, field: FieldId, chunk: usize) -> Arc<Chunk>;

    /// Some rows of a chunk, where picking them out of [`Source::cells`] would make far more than is asked for: the far
    /// end of a link, whose cells are made and may have a million items. `None`: pick them out.
    fn picked(&self, _field: FieldId, _chunk: usize, _rows: &[u32]) -> Option<Chunk> {
        None
    }

    /// The cells of any records of the field's table, in the order of `records`.
    fn gather(&self, field: FieldId, records: &[u32]) -> Chunk;

    /// The living records of a table.
    fn records(&self, table: TableId) -> RecordSet;

    /// What `RECORD_ID()` shows.
    fn record_id_text(&self, table: TableId, record: u32) -> String;
}

/// Results of aggregates that are there before a formula is evaluated: the engine keeps sums of many items up to date.
pub trait Known: Sync {
    /// The result of the aggregate at place `at` of those that the evaluation was given, for a record of the
    /// formula's table. `None`: it is to be computed.
    fn known(&self, at: usize, record: u32) -> Option<Value>;
}

/// What an evaluation knows beside the cells.
#[derive(Clone, Debug)]
pub struct Context {
    /// The moment that `NOW()` gives, in milliseconds UTC.
    pub now_ms: i64,
    /// The time zone in which dates with a time are read.
    pub zone: jiff::tz::TimeZone,
    /// The base's dialect, the same that the formula was checked in.
    pub dialect: Dialect,
    /// The table of the formula.
    pub table: TableId,
}

/// The rows of a chunk that are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// The first so many rows.
    All(usize),
    /// These rows, ascending.
    Some(&'a [u16]),
}

impl Rows<'_> {
    /// How many rows.
    pub const fn len(&self) -> usize {
        match self {
            Self::All(len) => *len,
            Self::Some(rows) => rows.len(),
        }
    }

    /// Whether no row is asked for.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Expr {
    /// The results for the rows asked for of one chunk, one cell for each of them.
    ///
    /// For several chunks of one snapshot, [`Expr::prepare`] is quicker.
    pub fn evaluate(&self, source: &dyn Source, context: &Context, chunk: usize, rows: Rows<'_>) -> Chunk {
        self.prepare(source, context).evaluate(chunk, rows)
    }

    /// An expression bound to a snapshot, to be evaluated for several chunks, on any number of threads.
    pub fn prepare<'a>(&'a self, source: &'a dyn Source, context: &'a Context) -> Prepared<'a> {
        let shared = self.nodes.iter().map(|_| OnceLock::new()).collect();
        let joins = self.nodes.iter().map(|_| OnceLock::new()).collect();
        let made = self.nodes.iter().map(|_| OnceLock::new()).collect();
        let trees = self.nodes.iter().map(|_| OnceLock::new()).collect();
        Prepared { expr: self, source, context, shared, joins, made, trees, known: None }
    }

    /// As [`Expr::prepare`], where results of some of its aggregates are known.
    pub fn prepare_with<'a>(
        &'a self,
        source: &'a dyn Source,
        context: &'a Context,
        aggregates: &'a [Aggregate],
        known: &'a dyn Known,
    ) -> Prepared<'a> {
        Prepared { known: Some((aggregates, known)), ..self.prepare(source, context) }
    }
}

/// An expression and a snapshot; keeps what is the same for every row once it was needed.
pub struct Prepared<'a> {
    expr: &'a Expr,
    source: &'a dyn Source,
    context: &'a Context,
    /// Results of uniform nodes, and for the items of whole tables, by node.
    shared: Vec<OnceLock<Operand>>,
    /// What a `FILTER` over a whole table looks up, by node.
    joins: Vec<OnceLock<each::Join>>,
    /// What a function made of arguments that are the same for every row, such as an index of a list, by node.
    made: Vec<OnceLock<Made>>,
    /// Who is below whom in a table, by node.
    trees: Vec<OnceLock<tree::Children>>,
    /// Aggregates whose results may be known.
    known: Option<(&'a [Aggregate], &'a dyn Known)>,
}

/// See [`Prepared::made`].
pub(crate) type Made = Arc<dyn Any + Send + Sync>;

/// The value of an operator whose operands are constants; `None` if it fails.
pub(crate) fn constant(op: &Op, kind: Kind, args: &[(Kind, &Value)]) -> Option<Value> {
    let args: Vec<Operand> = args.iter().map(|(kind, value)| Operand::constant(*kind, value)).collect();
    let chunk = match op {
        Op::Arith { op, .. } => arith::arith(*op, &args[0], &args[1], 1).chunk,
        Op::Convert { how, .. } => {
            Arc::new(convert::convert(&args[0].chunk, *how, kind, &jiff::tz::TimeZone::UTC))
        }
        Op::Concat(_) => run::concat(&args, 1).chunk,
        _ => return None,
    };
    chunk.is_valid(0).then(|| chunk.get(0))
}

impl Prepared<'_> {
    /// The results for the rows asked for of one chunk, one cell for each of them.
    pub fn evaluate(&self, chunk: usize, rows: Rows<'_>) -> Chunk {
        run::evaluate(self, chunk, rows)
    }
}
