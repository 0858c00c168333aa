//! The formula language of Sheaf and its vocabulary of data.
//!
//! Pure: values in, values out. No I/O, clock, threads, async or serialization. [`ids`], [`value`], [`column`]
//! and [`records`] are the vocabulary that the engine is written in; the rest is the language.

mod check;
pub mod column;
pub mod error;
mod eval;
mod expr;
mod function;
pub mod ids;
pub mod limits;
pub mod records;
mod schema;
mod syntax;
pub mod value;

pub use check::check;
pub use error::{CellError, Diagnostic, ErrorKind};
pub use eval::{Context, Rows, Source};
pub use expr::{Dependency, Expr, Path, kind_of};
pub use function::{FAMILIES, Family, Function, family_of, function_named, functions};
pub use ids::{FieldId, RecordId, TableId};
pub use records::RecordSet;
pub use schema::{FieldInfo, Schema};
pub use syntax::{Ast, parse, parse_stored, to_stored, to_user};
pub use value::{Type, Value};
