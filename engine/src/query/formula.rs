//! A formula as a condition of a filter.

use std::fmt;
use std::sync::Arc;

use formulas::records::Bits;
use formulas::{FieldId, TableId};

use crate::snapshot::Snapshot;

/// A formula that was compiled for a filter.
pub trait FormulaFilter: fmt::Debug + Send + Sync {
    /// The fields of the query's own table that it reads from the same record.
    fn fields(&self) -> Vec<FieldId>;

    /// Fields that it reads from other records: where one of them is touched, orders are made anew.
    fn foreign(&self) -> Vec<FieldId>;

    /// Whether its results change as time passes.
    fn follows_clock(&self) -> bool;

    /// The rows of `among`, a part of one chunk, for which the formula holds.
    fn test(&self, snapshot: &Snapshot, chunk: usize, among: &Bits) -> Bits;
}

/// Compiles a formula of `table` for a filter.
///
/// # Errors
///
/// A sentence that says what is wrong with it.
pub(super) fn compile(
    _snapshot: &Snapshot,
    _table: TableId,
    _formula: &str,
) -> Result<Arc<dyn FormulaFilter>, String> {
    Err("a filter cannot have a formula yet; make a formula field and filter by that".into())
}
