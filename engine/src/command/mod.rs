//! Commands: what somebody asks for, and how it becomes changes.
//!
//! [`planner::Planner`] takes one batch: each command is planned against the state that the ones before it left, and
//! each change is applied to the planner's own copy at once. A refusal drops the copy, so a batch is all or
//! nothing. Planning reads stored state only and is pure: time and author came with the request.

mod automation;
mod field;
mod import;
mod order;
pub(crate) mod planner;
mod record;
mod table;
mod undo;
mod view;

use formulas::{FieldId, RecordId, TableId, Value};
use serde_json::Value as Json;

pub use record::input_of;

use crate::automation::{Effect, Run};
use crate::change::{Cause, CommandId, Version};
use crate::field::Input;
use crate::id::{AutomationId, DashboardId, PersonId, ViewId};
use crate::state::schema::Role;

/// A batch of commands with who, when and why: what is submitted to a base.
#[derive(Clone, Debug)]
pub struct Request {
    /// In order; later ones see what earlier ones did.
    pub commands: Vec<Command>,
    /// Who asks; `None` for the server itself.
    pub author: Option<PersonId>,
    /// The door's clock, milliseconds UTC.
    pub time_ms: i64,
    /// The client's number for it: sending it twice does it once.
    pub id: Option<CommandId>,
    /// Whose undo stack it belongs to (a browser tab, an API token); `None`: not undoable by stack.
    pub stack: Option<u128>,
    /// Why.
    pub cause: Cause,
    /// Refuse if the base is at another version.
    pub if_version: Option<Version>,
    /// Plan and answer, but write nothing.
    pub dry: bool,
}

impl Request {
    /// A request of `author` at `time_ms` without a number.
    pub fn new(author: Option<PersonId>, time_ms: i64, commands: Vec<Command>) -> Self {
        Self {
            commands,
            author,
            time_ms,
            id: None,
            stack: None,
            cause: Cause::Edit,
            if_version: None,
            dry: false,
        }
    }
}

/// A new field as asked for.
#[derive(Clone, Debug, Default)]
pub struct NewField {
    /// For people.
    pub name: String,
    /// The name of a registered type.
    pub type_name: String,
    /// What the type makes of it; `Null` for the type's defaults.
    pub options: Json,
    /// For people.
    pub description: String,
    /// What new records get; `Null` for nothing.
    pub default: Json,
    /// Whether a blank cell is refused.
    pub required: bool,
    /// Whether two records may not have the same cell.
    pub unique: bool,
}

/// What somebody asks for. Optional parts that are `None` stay as they are.
#[derive(Clone, Debug)]
pub enum Command {
    /// Names a new base; only as the first command of an empty one.
    CreateBase {
        /// 128 random bits.
        id: u128,
        /// For people.
        name: String,
        /// BCP 47.
        locale: String,
        /// IANA name.
        time_zone: String,
    },
    /// Changes the base's own settings.
    UpdateBase {
        /// For people.
        name: Option<String>,
        /// BCP 47.
        locale: Option<String>,
        /// IANA name.
        time_zone: Option<String>,
        /// `airtable`, `feishu` or `excel`: whose results formulas give where these disagree.
        dialect: Option<String>,
    },
    /// Makes a person known to the base or changes their name or role.
    SetPerson {
        /// The workspace's number.
        id: PersonId,
        /// Shown.
        name: String,
        /// For mail.
        email: String,
        /// Name of an option color.
        color: String,
        /// `None`: may not enter, but stays in cells.
        role: Option<Role>,
    },
    /// Makes a table with its fields (the first is the primary one) and a grid view.
    CreateTable {
        /// Unique.
        name: String,
        /// For people.
        description: String,
        /// At least one.
        fields: Vec<NewField>,
    },
    /// Renames a table or chooses its primary field.
    UpdateTable {
        /// Which.
        table: TableId,
        /// Unique.
        name: Option<String>,
        /// For people.
        description: Option<String>,
        /// One that can title a record.
        primary: Option<FieldId>,
    },
    /// Takes a table away, with the links to it.
    DeleteTable(TableId),
    /// Puts a table behind another, or first.
    MoveTable {
        /// Which.
        table: TableId,
        /// `None`: first.
        after: Option<TableId>,
    },
    /// Makes a field; a two-way link makes its other side too.
    CreateField {
        /// Whose.
        table: TableId,
        /// What.
        field: NewField,
        /// `None`: last.
        after: Option<FieldId>,
    },
    /// Renames a field or changes its options within its type.
    UpdateField {
        /// Which.
        field: FieldId,
        /// Unique in the table.
        name: Option<String>,
        /// For people.
        description: Option<String>,
        /// All of them.
        options: Option<Json>,
        /// What new records get.
        default: Option<Json>,
        /// Whether a blank cell is refused.
        required: Option<bool>,
        /// Whether two records may not have the same cell.
        unique: Option<bool>,
    },
    /// Gives a field another type and converts what converts.
    ConvertField {
        /// Which.
        field: FieldId,
        /// The new type.
        type_name: String,
        /// Its options.
        options: Json,
    },
    /// Takes a field away.
    DeleteField(FieldId),
    /// Puts a field behind another, or first.
    MoveField {
        /// Which.
        field: FieldId,
        /// `None`: first.
        after: Option<FieldId>,
    },
    /// Makes records.
    CreateRecords {
        /// Where.
        table: TableId,
        /// The fields that are given, each with one input a record.
        columns: Vec<(FieldId, Vec<Input>)>,
        /// How many records.
        n_records: usize,
        /// Whether texts are read as a person means them.
        typecast: bool,
    },
    /// Writes cells of records.
    UpdateRecords {
        /// Where.
        table: TableId,
        /// Which records, each with the version it must have, if any, and the cells to write.
        records: Vec<RecordUpdate>,
        /// Whether texts are read as a person means them.
        typecast: bool,
    },
    /// Takes records away; links to them go too.
    DeleteRecords {
        /// Where.
        table: TableId,
        /// Which.
        records: Vec<RecordId>,
    },
    /// Brings deleted records back with their cells.
    RestoreRecords {
        /// Where.
        table: TableId,
        /// Which.
        records: Vec<RecordId>,
    },
    /// Updates the record with the same key cells, or makes one.
    UpsertRecords {
        /// Where.
        table: TableId,
        /// The fields that together are the key.
        keys: Vec<FieldId>,
        /// As for [`Command::CreateRecords`].
        columns: Vec<(FieldId, Vec<Input>)>,
        /// How many records are given.
        n_records: usize,
        /// Whether texts are read as a person means them.
        typecast: bool,
    },
    /// Adds to or takes from a list cell (multi-select, people, links).
    ChangeItems {
        /// Where.
        table: TableId,
        /// Which record.
        record: RecordId,
        /// Which field.
        field: FieldId,
        /// What to add at the end.
        add: Vec<Input>,
        /// What to take out.
        remove: Vec<Input>,
    },
    /// Adds to a number cell; blank counts as 0.
    Increment {
        /// Where.
        table: TableId,
        /// Which record.
        record: RecordId,
        /// Which field.
        field: FieldId,
        /// How much.
        by: f64,
    },
    /// Writes a block of texts as pasted; what does not fit is left out and named.
    Paste {
        /// Where.
        table: TableId,
        /// The records of the rows; rows beyond become new records if `create`.
        records: Vec<RecordId>,
        /// The fields of the columns.
        fields: Vec<FieldId>,
        /// Row by row.
        rows: Vec<Vec<String>>,
        /// Whether rows beyond `records` become new records.
        create: bool,
    },
    /// Makes a view.
    CreateView {
        /// Of which table.
        table: TableId,
        /// A registered kind.
        kind: String,
        /// For people.
        name: String,
        /// `Null` for the kind's defaults.
        settings: Json,
        /// Whose alone.
        personal: Option<PersonId>,
    },
    /// Renames a view or replaces its settings.
    UpdateView {
        /// Which.
        view: ViewId,
        /// For people.
        name: Option<String>,
        /// All of them.
        settings: Option<Json>,
        /// Whether only owners may change it.
        locked: Option<bool>,
    },
    /// Takes a view away; a table keeps at least one.
    DeleteView(ViewId),
    /// Puts a view behind another, or first.
    MoveView {
        /// Which.
        view: ViewId,
        /// `None`: first.
        after: Option<ViewId>,
    },
    /// Puts records of a view, in the order given, behind another by hand; refused in a view that is sorted.
    MoveRecords {
        /// Where.
        table: TableId,
        /// In which view.
        view: ViewId,
        /// Which.
        records: Vec<RecordId>,
        /// `None`: first.
        after: Option<RecordId>,
    },
    /// Makes a dashboard.
    CreateDashboard {
        /// For people.
        name: String,
        /// An array of blocks.
        blocks: Json,
    },
    /// Renames a dashboard or replaces its blocks.
    UpdateDashboard {
        /// Which.
        dashboard: DashboardId,
        /// For people.
        name: Option<String>,
        /// All of them.
        blocks: Option<Json>,
    },
    /// Takes a dashboard away.
    DeleteDashboard(DashboardId),
    /// Makes an automation on behalf of the author.
    CreateAutomation {
        /// For people.
        name: String,
        /// `{kind, …}`
        trigger: Json,
        /// A filter or `Null`.
        condition: Json,
        /// `[{kind, …}]`
        actions: Json,
        /// Whether it acts at once.
        enabled: bool,
    },
    /// Changes an automation; its runs from now on have the author's rights.
    UpdateAutomation {
        /// Which.
        automation: AutomationId,
        /// For people.
        name: Option<String>,
        /// `{kind, …}`
        trigger: Option<Json>,
        /// A filter or `Null`.
        condition: Option<Json>,
        /// `[{kind, …}]`
        actions: Option<Json>,
        /// Whether it acts.
        enabled: Option<bool>,
    },
    /// Takes an automation away; its history stays.
    DeleteAutomation(AutomationId),
    /// Takes back the last commit of the request's stack that is not taken back.
    Undo,
    /// Does again what the stack's last undo took back.
    Redo,
    /// Takes back the commit at a version, whoever made it.
    UndoVersion(Version),
    /// Notes a run of an automation in its history. Sent by the runner with the run's own commands.
    NoteRun(Box<Run>),
    /// Puts something into the outbox. Sent by the runner with the run's own commands.
    Send(Box<Effect>),
    /// Notes how an attempt to send ended.
    Sent(Box<Effect>),
    /// Notes up to which version triggers were looked for.
    Watched(Version),
}

/// What to write to one record.
#[derive(Clone, Debug)]
pub struct RecordUpdate {
    /// Which.
    pub record: RecordId,
    /// Refuse with a conflict if the record is at another version.
    pub if_version: Option<Version>,
    /// The cells.
    pub cells: Vec<(FieldId, Input)>,
}

impl Command {
    /// A table with fields of the given names and types; for programs and tests.
    pub fn create_table(name: &str, fields: &[(&str, &str)]) -> Self {
        let field = |(name, type_name): &(&str, &str)| NewField {
            name: (*name).to_owned(),
            type_name: (*type_name).to_owned(),
            ..NewField::default()
        };
        Self::CreateTable {
            name: name.to_owned(),
            description: String::new(),
            fields: fields.iter().map(field).collect(),
        }
    }

    /// Writes one cell.
    pub fn set(table: TableId, record: RecordId, field: FieldId, input: impl Into<Input>) -> Self {
        let cells = vec![(field, input.into())];
        Self::UpdateRecords {
            table,
            records: vec![RecordUpdate { record, if_version: None, cells }],
            typecast: false,
        }
    }
}

/// A value that a planner keeps for a cell it is about to write.
pub(crate) type Cell = (RecordId, Value);
