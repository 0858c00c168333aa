//! Computed columns: runs `formulas` over stored state, from scratch or for what a group of commits touched.
//!
//! Formula, lookup, rollup and count fields are all formulas: there is one way to compute. A [`Plan`] is all of
//! them, checked and in order of dependency; it is made anew when the schema changes. [`run()`] brings the columns
//! of one version to the next. What it does not reach is equal, bit for bit, to computing it again.

mod partial;
mod plan;
mod run;
mod source;

pub(crate) use partial::{Partials, Side};
pub use plan::{Plan, types};
pub(crate) use run::{Touched, made_cells, run, scratch, touched_by};
pub use source::CellSource;
