//! What a base consists of besides cells: tables, fields, views, dashboards, automations, people.
//!
//! Each is a plain description that a change replaces as a whole. Settings (options of a field, of a view, of
//! an automation's steps) are JSON trees whose form the type's own file checks: the log's format does not
//! change when a type is added. Ids in settings have their outside form.

use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::{Dialect, FieldId, TableId};
use serde_json::Value as Json;

use crate::id::{AutomationId, DashboardId, IdCodec, PersonId, ViewId};

/// The base itself.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseInfo {
    /// Given at creation, never changed: key of the outside ids.
    pub id: u128,
    /// For people.
    pub name: String,
    /// BCP 47: sorting and formats, such as `zh-CN`.
    pub locale: String,
    /// IANA name, such as `Asia/Shanghai`: what "today" means.
    pub time_zone: String,
    /// Whose results formulas give where the families of spreadsheets disagree.
    pub dialect: Dialect,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Unique in the base, never reused.
    pub id: TableId,
    /// Unique among the tables, ignoring case.
    pub name: String,
    /// For people.
    pub description: String,
    /// The field that titles a record.
    pub primary: FieldId,
    /// Fractional key among the tables (`crate::position`).
    pub position: String,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Unique in the base, never reused.
    pub id: FieldId,
    /// Whose field.
    pub table: TableId,
    /// Unique among the table's fields, ignoring case.
    pub name: String,
    /// For people.
    pub description: String,
    /// The name of its type in [`crate::field::REGISTRY`].
    pub type_name: String,
    /// What the type makes of it; checked by the type.
    pub options: Json,
    /// What a new record gets, in the wire's form; `Null` for nothing.
    pub default: Json,
    /// Whether a blank cell is refused.
    pub required: bool,
    /// Whether two records may not have the same cell.
    pub unique: bool,
    /// Fractional key among the table's fields.
    pub position: String,
}

/// A view of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Unique in the base, never reused.
    pub id: ViewId,
    /// What it shows.
    pub table: TableId,
    /// For people.
    pub name: String,
    /// The name of its kind in [`crate::view::KINDS`].
    pub kind: String,
    /// Whose alone it is, if it is personal.
    pub personal: Option<PersonId>,
    /// Whether only owners may change it.
    pub locked: bool,
    /// Filter, sort, group, fields and what the kind adds.
    pub settings: Json,
    /// Fractional key among the table's views.
    pub position: String,
}

/// A dashboard: a page of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Unique in the base, never reused.
    pub id: DashboardId,
    /// For people.
    pub name: String,
    /// An array of blocks (`docs/protocol.md` section 2).
    pub blocks: Json,
    /// Fractional key among the dashboards.
    pub position: String,
}

/// An automation: when, what, and on whose behalf.
#[derive(Clone, Debug, PartialEq)]
pub struct Automation {
    /// Unique in the base, never reused.
    pub id: AutomationId,
    /// For people.
    pub name: String,
    /// Whether it acts.
    pub enabled: bool,
    /// Whose rights its runs have.
    pub owner: PersonId,
    /// `{kind, …}`: when.
    pub trigger: Json,
    /// A filter on the record, or `Null`.
    pub condition: Json,
    /// `[{kind, …}]`: what.
    pub actions: Json,
    /// Counts the edits: a run finishes on the revision it started with.
    pub revision: u64,
    /// Fractional key among the automations.
    pub position: String,
}

/// What a person may do in a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, bincode::Encode, bincode::Decode)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also writes records, views, fields and tables.
    Editor,
    /// Also shares, and deletes the base.
    Owner,
}

/// A person as this base knows them: a copy of what the directory says, so that computing needs nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The workspace's number of the person.
    pub id: PersonId,
    /// Shown.
    pub name: String,
    /// For mail and for finding people in imports.
    pub email: String,
    /// Name of an option color.
    pub color: String,
    /// What they may do here; `None` for one who has left but stands in cells.
    pub role: Option<Role>,
}

/// All of the above, with what is looked up often kept beside.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The version of the last commit that changed anything here.
    pub version: u64,
    /// By id.
    pub tables: BTreeMap<TableId, Arc<Table>>,
    /// By id, of all tables.
    pub fields: BTreeMap<FieldId, Arc<Field>>,
    /// By id, of all tables.
    pub views: BTreeMap<ViewId, Arc<View>>,
    /// By id.
    pub dashboards: BTreeMap<DashboardId, Arc<Dashboard>>,
    /// By id.
    pub automations: BTreeMap<AutomationId, Arc<Automation>>,
    /// By id.
    pub people: BTreeMap<PersonId, Arc<Person>>,
    /// The smallest numbers not given yet: table, field, view, dashboard, automation. Never go back.
    pub next: [u32; 5],
    /// The dialect of [`BaseInfo`], without which no formula has a type.
    pub dialect: Dialect,
    /// The id of [`BaseInfo`], without which the ids in options cannot be read.
    pub base: u128,
    fields_in_order: BTreeMap<TableId, Vec<FieldId>>,
}

impl Schema {
    /// Reads the outside ids in options.
    pub const fn ids(&self) -> IdCodec {
        IdCodec::new(self.base)
    }

    /// The tables in the order that people gave them.
    pub fn tables_in_order(&self) -> Vec<&Arc<Table>> {
        let mut tables: Vec<_> = self.tables.values().collect();
        tables.sort_by(|a, b| a.position.cmp(&b.position));
        tables
    }

    /// The fields of a table in order; none for an unknown table.
    pub fn fields_of(&self, table: TableId) -> impl Iterator<Item = &Arc<Field>> + '_ {
        let ids = self.fields_in_order.get(&table).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.fields.get(id))
    }

    /// The views of a table in order.
    pub fn views_of(&self, table: TableId) -> Vec<&Arc<View>> {
        let mut views: Vec<_> = self.views.values().filter(|view| view.table == table).collect();
        views.sort_by(|a, b| a.position.cmp(&b.position));
        views
    }

    /// A table by its name, ignoring case.
    pub fn table_named(&self, name: &str) -> Option<&Arc<Table>> {
        let name = fold(name);
        self.tables.values().find(|table| fold(&table.name) == name)
    }

    /// A field of a table by its name: as written first, then ignoring case.
    pub fn field_named(&self, table: TableId, name: &str) -> Option<&Arc<Field>> {
        let folded = fold(name);
        let exact = self.fields_of(table).find(|field| field.name == name);
        exact.or_else(|| self.fields_of(table).find(|field| fold(&field.name) == folded))
    }

    /// A person by e-mail or by name, ignoring case.
    pub fn person_named(&self, name: &str) -> Option<&Arc<Person>> {
        let name = fold(name.trim());
        let mut people = self.people.values();
        people.find(|person| fold(&person.email) == name || fold(&person.name) == name)
    }

    /// Brings the looked-up parts up to date after a change.
    pub(crate) fn index(&mut self) {
        self.fields_in_order.clear();
        for field in self.fields.values() {
            self.fields_in_order.entry(field.table).or_default().push(field.id);
        }
        for ids in self.fields_in_order.values_mut() {
            ids.sort_by(|a, b| {
                let key = |id: &FieldId| (&self.fields[id].position, *id);
                key(a).cmp(&key(b))
            });
        }
    }
}

impl BaseInfo {
    /// Writes and reads this base's outside ids.
    pub const fn ids(&self) -> IdCodec {
        IdCodec::new(self.id)
    }
}

/// The form in which names are compared.
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
