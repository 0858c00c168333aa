//! Stored state: all of a base at one version that people or automations wrote. Computed cells are not here.
//!
//! `state(v)` is the fold of [`crate::apply`] over commits `1..=v`; nothing else writes it. Cloning shares
//! everything.

pub mod links;
pub mod places;
pub mod schema;
pub mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::{Dialect, FieldId, RecordId, TableId, Value};

use crate::automation::{Effect, Run};
use crate::change::{CommandId, Outcome, Version};
use crate::field::Storage;
use crate::id::{IdCodec, ViewId};
use links::Reverse;
use places::Places;
use schema::{BaseInfo, Field, Schema};
use table::TableState;

/// The stored state of a base.
#[derive(Clone, Debug)]
pub struct Stored {
    /// How many commits it is the fold of.
    pub version: Version,
    /// The time of the last commit.
    pub time_ms: i64,
    /// The base itself.
    pub info: Arc<BaseInfo>,
    /// Tables, fields, views and the rest.
    pub schema: Arc<Schema>,
    /// Records, by table.
    pub tables: BTreeMap<TableId, Arc<TableState>>,
    /// Orders that people made by hand, by view; none of a view in which nobody moved a record. That of a deleted
    /// view stays behind, so that it comes back with it.
    pub orders: BTreeMap<ViewId, Places>,
    /// What automations did and have to send.
    pub automation: Arc<AutomationState>,
    /// Outcomes of commands that came with a number, by client.
    pub receipts: Arc<BTreeMap<u128, Receipts>>,
}

/// What automations leave in a base.
#[derive(Clone, Debug, Default)]
pub struct AutomationState {
    /// Up to which version triggers were looked for.
    pub watched: Version,
    /// Runs, newest last; old ones are dropped (`limits.rs`).
    pub runs: BTreeMap<u64, Arc<Run>>,
    /// What is still to be sent, or failed for good.
    pub effects: BTreeMap<u64, Arc<Effect>>,
    /// The smallest run number and effect number not given yet.
    pub next: [u64; 2],
}

/// The last outcomes of one client.
#[derive(Clone, Debug, Default)]
pub struct Receipts {
    /// The time of the newest.
    pub time_ms: i64,
    /// The client's number, the version, and what was answered; ascending.
    pub outcomes: Vec<(u64, Version, Arc<[Outcome]>)>,
}

impl Default for Stored {
    fn default() -> Self {
        let info = BaseInfo {
            id: 0,
            name: String::new(),
            locale: "en".into(),
            time_zone: "UTC".into(),
            dialect: Dialect::default(),
        };
        Self {
            version: 0,
            time_ms: 0,
            info: Arc::new(info),
            schema: Arc::default(),
            tables: BTreeMap::new(),
            orders: BTreeMap::new(),
            automation: Arc::default(),
            receipts: Arc::default(),
        }
    }
}

/// Where the cells of a link field come from.
#[derive(Clone, Copy, Debug)]
pub enum LinkEnd<'a> {
    /// This field owns the link: its cells are a column of the table.
    Own(&'a formulas::column::Column),
    /// The field is the other side: the sources of each record.
    Other(&'a Reverse),
}

impl Stored {
    /// Writes and reads outside ids.
    pub fn ids(&self) -> IdCodec {
        self.info.ids()
    }

    /// The records of a table.
    pub fn table(&self, table: TableId) -> Option<&TableState> {
        self.tables.get(&table).map(AsRef::as_ref)
    }

    /// A field that is there.
    pub fn field(&self, field: FieldId) -> Option<&Arc<Field>> {
        self.schema.fields.get(&field)
    }

    /// The outcome of a command that was done already.
    pub fn receipt(&self, id: CommandId) -> Option<(Version, &Arc<[Outcome]>)> {
        let outcomes = &self.receipts.get(&id.client)?.outcomes;
        let at = outcomes.binary_search_by_key(&id.n, |(n, ..)| *n).ok()?;
        Some((outcomes[at].1, &outcomes[at].2))
    }

    /// The end of a link that `field` is; `None` for a field that is no link.
    pub fn link_end(&self, field: FieldId) -> Option<LinkEnd<'_>> {
        let def = self.field(field)?;
        match crate::field::storage(def) {
            Storage::Link { owner: true, .. } => self.table(def.table)?.columns.get(&field).map(LinkEnd::Own),
            Storage::Link { owner: false, other: Some(other), table, .. } => {
                self.table(table)?.reverse.get(&other).map(|reverse| LinkEnd::Other(reverse))
            }
            _ => None,
        }
    }

    /// The records that a cell of a link field names, in order.
    pub fn linked(&self, field: FieldId, record: RecordId) -> Vec<u32> {
        match self.link_end(field) {
            Some(LinkEnd::Own(column)) => match column.get(record) {
                Value::Blank => Vec::new(),
                value => value.as_codes(),
            },
            Some(LinkEnd::Other(reverse)) => reverse.sources(record.0).collect(),
            None => Vec::new(),
        }
    }
}
