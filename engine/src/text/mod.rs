//! The text form of a base: what templates, tests and bug reports are written in.
//!
//! A statement stands on a line of its own: a word, a name (quoted where it has spaces), and JSON that may go on
//! over lines that are indented. In JSON a string that starts with `$` names something of the base and becomes its
//! id: `$Tasks` a table, `$Tasks.Status` a field, `$Tasks.Status=Done` an option, `$Tasks/Board` a view,
//! `$Tasks#3` a record (the third of its table), `$@a@b.c` a person. `$$` stands for a `$` of its own.
//!
//! ```text
//! base "Double Eleven" {"locale": "zh-CN", "time_zone": "Asia/Shanghai"}
//! table Tasks
//!   field Name text
//!   field Status singleSelect {"options": [{"name": "Done", "color": "green"}]}
//!   field After link {"table": "$Tasks"}
//! record Tasks {"Name": "Design", "Status": "Done"}
//! view Tasks Board kanban {"kanban": {"field": "$Tasks.Status"}}
//! dashboard Overview [{"id": "a", "kind": "metric", "table": "$Tasks"}]
//! automation "Close it" {"trigger": {"kind": "recordCreated", "table": "$Tasks"}, "actions": []}
//! ```

mod build;
mod parse;
mod print;

pub use build::{BuildError, build, resolve};
pub use parse::{FieldLine, Script, Statement, SyntaxError, parse};
pub use print::print;
