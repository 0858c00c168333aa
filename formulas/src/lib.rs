//! The formula language of Sheaf and its vocabulary of data.
//!
//! Pure: values in, values out. No I/O, clock, threads, async or serialization. [`ids`], [`value`], [`column`]
//! and [`records`] are the vocabulary that the engine is written in; the rest is the language.

pub mod column;
pub mod error;
pub mod ids;
pub mod records;
pub mod value;

pub use error::{CellError, Diagnostic, ErrorKind};
pub use ids::{FieldId, RecordId, TableId};
pub use records::RecordSet;
pub use value::{Type, Value};
