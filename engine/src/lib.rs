//! Sheaf's engine: a base is its log, a snapshot never changes, a new feature is one file and one line.
//!
//! Synchronous and embeddable. It knows files and threads; not HTTP, async or passwords.

pub mod access;
pub mod analyze;
mod apply;
pub mod automation;
pub mod base;
pub mod change;
mod check;
mod checkpoint;
pub mod command;
pub mod compute;
pub mod delta;
pub mod engine;
pub mod error;
pub mod field;
pub mod id;
pub mod limits;
pub mod log;
pub mod position;
pub mod query;
pub mod search;
pub mod snapshot;
pub mod state;
pub mod store;
pub mod template;
pub mod text;
pub mod view;
mod writer;

pub use base::{Base, Receipt, Watch, WatchEvent};
pub use change::{Cause, Change, CommandId, Commit, Edit, Ids, Outcome, Version};
pub use check::{problems, problems_by_hand};
pub use command::{Command, NewField, RecordUpdate, Request};
pub use delta::Delta;
pub use engine::{Engine, base_keeping, base_on, memory_base, now_ms};
pub use error::{Code, Error, Place, Refusal};
pub use field::Input;
pub use formulas::{FieldId, RecordId, RecordSet, TableId, Value};
pub use id::{AutomationId, DashboardId, IdCodec, OptionId, PersonId, ViewId};
pub use snapshot::Snapshot;
