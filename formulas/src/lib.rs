//! The formula language of Sheaf and its vocabulary of data.
//!
//! Pure: values in, values out. No I/O, clock, threads, async or serialization. [`ids`], [`value`], [`mod@column`]
//! and [`records`] are the vocabulary that the engine is written in; the rest is the language: text is parsed
//! ([`parse`]), checked against a [`Schema`] ([`check()`]), and the [`Expr`] that comes of it is evaluated over a
//! [`Source`], a chunk of records at a time.
//!
//! # The language
//!
//! * **Names.** `{Budget}`, `[Budget]` and, for one word, `Budget` are fields of the formula's own record. A name
//!   in brackets that is followed by a dot is a table first (`[Orders].COUNTALL()`), elsewhere a field first.
//!   Behind a dot stands a field of the records before it: `{Campaign}.{Budget}`.
//! * **Calls.** `x.F(a)` is `F(x, a)`. Inside `FILTER`, `MAP` and their kin `CurrentValue` is the item.
//! * **Operators**, from the loosest: `||`, `&&`, comparisons, `&`, `+ -`, `* /`, `^`, signs, `%`. All lean to the
//!   left, and `-2^2` is 4, as in spreadsheets. `//` and `/* */` are comments.
//! * **Blank** is 0 in arithmetic, the empty text in texts, false in conditions; it equals each of these. A blank
//!   date makes what is computed from it blank, and equals only blank. `ISBLANK` tells blank from 0.
//! * **Text** that reads as a number is one in arithmetic; other text fails with `#VALUE!`. Numbers and texts are
//!   equal if their texts are, and in order if their numbers are. True and false are 1 and 0.
//! * **Positions** in texts count Unicode scalars, for each of which Airtable and Excel count one or two UTF-16 units:
//!   no position cuts a character into halves, and none moves with an edition of Unicode, as graphemes would.
//! * **Dates** are days, or moments read in the base's zone; a day beside a moment is its midnight there.
//! * **Lists** are flat. As text their items are joined by `", "`; where one value is wanted, a list of one is it.
//!   Links are lists of records, which as text are the values of their primary field.
//! * **Errors** flow through everything but `IFERROR` and `ISERROR`; one in a branch that is not taken is not seen.
//! * What mixes types (`IF(x, 1, "a")`) is text.
//! * **Dialects.** Where Airtable, Feishu Base and Excel disagree on a result, the base's [`Dialect`] decides.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use formulas::column::{Chunk, Kind};
//! use formulas::{Context, FieldId, FieldInfo, RecordSet, Rows, Schema, Source, TableId, Type, Value};
//!
//! /// One table with one field.
//! struct Projects(Vec<Value>);
//!
//! impl Schema for Projects {
//!     fn table_named(&self, name: &str) -> Option<TableId> {
//!         (name == "Projects").then_some(TableId(0))
//!     }
//!     fn table_name(&self, table: TableId) -> Option<String> {
//!         (table == TableId(0)).then(|| "Projects".to_owned())
//!     }
//!     fn field_named(&self, _: TableId, name: &str) -> Option<FieldId> {
//!         (name == "Budget").then_some(FieldId(0))
//!     }
//!     fn field(&self, field: FieldId) -> Option<FieldInfo> {
//!         let info = FieldInfo { name: "Budget".to_owned(), table: TableId(0), ty: Type::Number };
//!         (field == FieldId(0)).then_some(info)
//!     }
//!     fn field_names(&self, _: TableId) -> Vec<String> {
//!         vec!["Budget".to_owned()]
//!     }
//! }
//!
//! impl Source for Projects {
//!     fn cells(&self, _: FieldId, _chunk: usize) -> Arc<Chunk> {
//!         Arc::new(Chunk::from_values(Kind::Number, &self.0))
//!     }
//!     fn gather(&self, _: FieldId, records: &[u32]) -> Chunk {
//!         Chunk::from_values(Kind::Number, records.iter().map(|record| &self.0[*record as usize]))
//!     }
//!     fn records(&self, _: TableId) -> RecordSet {
//!         RecordSet::full(self.0.len())
//!     }
//!     fn record_id_text(&self, _: TableId, record: u32) -> String {
//!         format!("rec{record}")
//!     }
//! }
//!
//! let base = Projects(vec![Value::Number(1_500.0), Value::Blank]);
//! let zone = jiff::tz::TimeZone::UTC;
//! let context = Context { now_ms: 0, zone, dialect: Default::default(), table: TableId(0) };
//!
//! // What people type is checked, and stored with ids in place of names.
//! let text = r#"IF({Budget} > 1000, "High", "Low") & " of " & [Projects].[Budget].SUM()"#;
//! let stored = formulas::to_stored(text, TableId(0), &base).expect("all names are known");
//! assert_eq!(stored, r#"IF({#0} > 1000, "High", "Low") & " of " & [#0].[{#0}].SUM()"#);
//! assert_eq!(formulas::to_user(&stored, TableId(0), &base), text);
//!
//! // What is stored is evaluated for all rows of a chunk at once.
//! let (ast, _) = formulas::parse_stored(&stored);
//! let expr = formulas::check(&ast, TableId(0), &base).expect("all names are known");
//! let results = expr.evaluate(&base, &context, 0, Rows::All(2));
//! assert_eq!(results.get(0), Value::text("High of 1500"));
//! assert_eq!(results.get(1), Value::text("Low of 1500"));
//!
//! // What is wrong is said with its place.
//! let (ast, _) = formulas::parse("{Budgte} * 2");
//! let wrong = formulas::check(&ast, TableId(0), &base).expect_err("there is no such field");
//! assert_eq!(wrong[0].range, 0..8);
//! assert_eq!(wrong[0].suggestion.as_deref(), Some("{Budget}"));
//! ```

mod check;
pub mod column;
mod dialect;
pub mod error;
mod eval;
mod expr;
mod function;
pub mod ids;
pub mod limits;
pub mod record;
pub mod records;
mod reference;
mod schema;
mod syntax;
pub mod value;

pub use check::check;
pub use dialect::Dialect;
pub use error::{CellError, Diagnostic, ErrorKind};
pub use eval::{Context, Prepared, Rows, Source};
pub use expr::{Dependency, Expr, Path, kind_of};
pub use function::{
    FAMILIES, Family, Function, Variant, aliases_of, family_of, function_named, functions, variants,
};
pub use ids::{FieldId, RecordId, TableId};
pub use records::RecordSet;
pub use reference::reference;
pub use schema::{FieldInfo, Schema};
pub use syntax::{Ast, parse, parse_stored, to_stored, to_user};
pub use value::{Type, Value};
