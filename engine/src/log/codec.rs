//! Commits as bytes: `docs/format.md`, "Commit payload".
//!
//! The types of [`v1`] are frozen: they are never the live ones, enums grow only at the end, and a new form is
//! a new module with a new format number beside this one. bincode has no schema evolution and notices no damage;
//! the log's records have a checksum for that.

use std::sync::Arc;

use bincode::config;
use formulas::column::{Bitmap, Chunk, Item, Kind, ListVector, TextVector, Vector};
use formulas::{Dialect, FieldId, RecordId, TableId};

use super::MAX_PAYLOAD_BYTES;
use crate::automation::{Effect, Run};
use crate::change::{Cause, Change, CommandId, Commit, Edit, Ids, Outcome};
use crate::id::{AutomationId, DashboardId, PersonId, ViewId};
use crate::state::schema::{Automation, BaseInfo, Dashboard, Field, Person, Table, View};

/// The number of the form that is written.
pub const FORMAT: u16 = 1;

/// Why bytes are not a commit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A newer Sheaf wrote them, or nobody.
    #[error("the record has format {0}, and this version of Sheaf knows {FORMAT}")]
    UnknownFormat(u16),
    /// They do not decode, or to something that no commit can be.
    #[error("the record is no commit: {0}")]
    Malformed(String),
}

/// The bytes of a commit.
pub fn encode(commit: &Commit) -> Vec<u8> {
    let mut bytes = FORMAT.to_le_bytes().to_vec();
    let wire = v1::Commit::from(commit);
    let encoded = bincode::encode_into_std_write(wire, &mut bytes, config::standard());
    encoded.expect("writing to memory does not fail");
    bytes
}

/// The commit that `bytes` are.
///
/// # Errors
///
/// [`CodecError`]; never a panic, whatever the bytes.
pub fn decode(bytes: &[u8]) -> Result<Commit, CodecError> {
    let malformed = |what: &str| CodecError::Malformed(what.to_owned());
    let (format, rest) = bytes.split_first_chunk::<2>().ok_or_else(|| malformed("too short"))?;
    match u16::from_le_bytes(*format) {
        FORMAT => {}
        other => return Err(CodecError::UnknownFormat(other)),
    }
    let config = config::standard().with_limit::<MAX_PAYLOAD_BYTES>();
    let (wire, used): (v1::Commit, usize) =
        bincode::decode_from_slice(rest, config).map_err(|error| malformed(&error.to_string()))?;
    if used != rest.len() {
        return Err(malformed("bytes are left over"));
    }
    wire.into_commit().ok_or_else(|| malformed("a part of it has an impossible form"))
}

/// Format 1. Numbers as bincode's varints, `f64` as its bits, JSON as text, everything else as derived.
mod v1 {
    use bincode::{Decode, Encode};

    #[derive(Encode, Decode)]
    pub(super) struct Commit {
        pub(super) version: u64,
        pub(super) time_ms: i64,
        pub(super) author: Option<u32>,
        pub(super) cause: Cause,
        pub(super) command: Option<(u128, u64)>,
        pub(super) outcomes: Vec<Outcome>,
        pub(super) changes: Vec<Change>,
    }

    #[derive(Encode, Decode)]
    pub(super) enum Cause {
        Edit,
        Undo(u64),
        Redo(u64),
        Run { automation: u32, run: u64, depth: u32 },
        System,
    }

    #[derive(Encode, Decode)]
    pub(super) enum Ids {
        Range { first: u32, len: u32 },
        List(Vec<u32>),
    }

    #[derive(Encode, Decode)]
    pub(super) enum Outcome {
        Done,
        Table { table: u32, fields: Vec<u32>, view: u32 },
        Field { field: u32, symmetric: Option<u32> },
        Converted { converted: u64, blank: u64, n_failed: u64, failed: Vec<(u32, String)> },
        Records { table: u32, created: Ids, updated: Ids, failed: Vec<(u32, u32, String)> },
        View(u32),
        Dashboard(u32),
        Automation(u32),
        Undone { version: u64, skipped: Vec<(u32, Option<u32>, Option<u32>)> },
    }

    #[derive(Encode, Decode)]
    pub(super) struct Edit<T> {
        pub(super) before: Option<T>,
        pub(super) after: Option<T>,
    }

    #[derive(Encode, Decode)]
    pub(super) enum Change {
        Base(Edit<Base>),
        Table(u32, Edit<Table>),
        Field(u32, Edit<Field>),
        View(u32, Edit<View>),
        Dashboard(u32, Edit<Dashboard>),
        Automation(u32, Edit<Automation>),
        Person(u32, Edit<Person>),
        Records { table: u32, ids: Ids, before: bool, after: bool },
        Cells { table: u32, field: u32, ids: Ids, before: Cells, after: Cells },
        Run(u64, Edit<Run>),
        Effect(u64, Edit<Effect>),
        Watched { before: u64, after: u64 },
        BaseSettings(Edit<BaseSettings>),
        Places { table: u32, view: u32, ids: Ids, before: Cells, after: Cells },
    }

    #[derive(Encode, Decode)]
    pub(super) struct Base {
        pub(super) id: u128,
        pub(super) name: String,
        pub(super) locale: String,
        pub(super) time_zone: String,
    }

    /// A base of which more is set than [`Base`] has room for: the rest as a JSON object.
    #[derive(Encode, Decode)]
    pub(super) struct BaseSettings {
        pub(super) base: Base,
        pub(super) settings: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Table {
        pub(super) name: String,
        pub(super) description: String,
        pub(super) primary: u32,
        pub(super) position: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Field {
        pub(super) table: u32,
        pub(super) name: String,
        pub(super) description: String,
        pub(super) type_name: String,
        pub(super) options: String,
        pub(super) default: String,
        pub(super) required: bool,
        pub(super) unique: bool,
        pub(super) position: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct View {
        pub(super) table: u32,
        pub(super) name: String,
        pub(super) kind: String,
        pub(super) personal: Option<u32>,
        pub(super) locked: bool,
        pub(super) settings: String,
        pub(super) position: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Dashboard {
        pub(super) name: String,
        pub(super) blocks: String,
        pub(super) position: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Automation {
        pub(super) name: String,
        pub(super) enabled: bool,
        pub(super) owner: u32,
        pub(super) trigger: String,
        pub(super) condition: String,
        pub(super) actions: String,
        pub(super) revision: u64,
        pub(super) position: String,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Person {
        pub(super) name: String,
        pub(super) email: String,
        pub(super) color: String,
        pub(super) role: Option<u8>,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Run {
        pub(super) automation: u32,
        pub(super) revision: u64,
        pub(super) version: u64,
        pub(super) record: Option<(u32, u32)>,
        pub(super) time_ms: i64,
        pub(super) duration_ms: u32,
        pub(super) status: u8,
        pub(super) message: String,
        pub(super) log: Vec<String>,
        pub(super) n_changes: u32,
        pub(super) n_effects: u32,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Effect {
        pub(super) run: u64,
        pub(super) kind: String,
        pub(super) payload: String,
        pub(super) owner: u32,
        pub(super) time_ms: i64,
        pub(super) attempts: u32,
        pub(super) due_ms: i64,
        pub(super) status: u8,
        pub(super) answer: String,
    }

    /// Cells: how many, which of them are not blank, and the array; `Blank` where none of them has a value.
    #[derive(Encode, Decode)]
    pub(super) enum Cells {
        Blank { kind: u8, len: u32 },
        Full(Vector),
        Some { valid: Vec<u64>, vector: Vector },
    }

    #[derive(Encode, Decode)]
    pub(super) enum Vector {
        Bool { len: u32, words: Vec<u64> },
        Number(Vec<f64>),
        Text { ends: Vec<u32>, bytes: String },
        Date(Vec<i64>),
        Choice(Vec<u32>),
        List { item: u8, ends: Vec<u32>, items: Box<Cells> },
    }
}

impl From<&Commit> for v1::Commit {
    fn from(commit: &Commit) -> Self {
        Self {
            version: commit.version,
            time_ms: commit.time_ms,
            author: commit.author.map(|id| id.0),
            cause: match commit.cause {
                Cause::Edit => v1::Cause::Edit,
                Cause::Undo(version) => v1::Cause::Undo(version),
                Cause::Redo(version) => v1::Cause::Redo(version),
                Cause::Run { automation, run, depth } => {
                    v1::Cause::Run { automation: automation.0, run, depth }
                }
                Cause::System => v1::Cause::System,
            },
            command: commit.command.map(|id| (id.client, id.n)),
            outcomes: commit.outcomes.iter().map(outcome_to).collect(),
            changes: commit.changes.iter().map(change_to).collect(),
        }
    }
}

impl v1::Commit {
    /// `None` if a part has an impossible form.
    fn into_commit(self) -> Option<Commit> {
        Some(Commit {
            version: self.version,
            time_ms: self.time_ms,
            author: self.author.map(PersonId),
            cause: match self.cause {
                v1::Cause::Edit => Cause::Edit,
                v1::Cause::Undo(version) => Cause::Undo(version),
                v1::Cause::Redo(version) => Cause::Redo(version),
                v1::Cause::Run { automation, run, depth } => {
                    Cause::Run { automation: AutomationId(automation), run, depth }
                }
                v1::Cause::System => Cause::System,
            },
            command: self.command.map(|(client, n)| CommandId { client, n }),
            outcomes: self.outcomes.into_iter().map(outcome_from).collect::<Option<_>>()?,
            changes: self.changes.into_iter().map(change_from).collect::<Option<_>>()?,
        })
    }
}

fn ids_to(ids: &Ids) -> v1::Ids {
    match ids {
        Ids::Range { first, len } => v1::Ids::Range { first: *first, len: *len },
        Ids::List(ids) => v1::Ids::List(ids.to_vec()),
    }
}

fn ids_from(ids: v1::Ids) -> Option<Ids> {
    match ids {
        v1::Ids::Range { first, len } => first.checked_add(len).map(|_| Ids::Range { first, len }),
        v1::Ids::List(ids) => ids.is_sorted_by(|a, b| a < b).then(|| Ids::List(ids.into())),
    }
}

fn outcome_to(outcome: &Outcome) -> v1::Outcome {
    match outcome {
        Outcome::Done => v1::Outcome::Done,
        Outcome::Table { table, fields, view } => v1::Outcome::Table {
            table: table.0,
            fields: fields.iter().map(|id| id.0).collect(),
            view: view.0,
        },
        Outcome::Field { field, symmetric } => {
            v1::Outcome::Field { field: field.0, symmetric: symmetric.map(|id| id.0) }
        }
        Outcome::Converted { converted, blank, n_failed, failed } => v1::Outcome::Converted {
            converted: *converted,
            blank: *blank,
            n_failed: *n_failed,
            failed: failed.iter().map(|(id, text)| (id.0, text.clone())).collect(),
        },
        Outcome::Records { table, created, updated, failed } => v1::Outcome::Records {
            table: table.0,
            created: ids_to(created),
            updated: ids_to(updated),
            failed: failed.clone(),
        },
        Outcome::View(id) => v1::Outcome::View(id.0),
        Outcome::Dashboard(id) => v1::Outcome::Dashboard(id.0),
        Outcome::Automation(id) => v1::Outcome::Automation(id.0),
        Outcome::Undone { version, skipped } => v1::Outcome::Undone {
            version: *version,
            skipped: skipped.iter().map(|(t, f, r)| (t.0, f.map(|id| id.0), r.map(|id| id.0))).collect(),
        },
    }
}

fn outcome_from(outcome: v1::Outcome) -> Option<Outcome> {
    Some(match outcome {
        v1::Outcome::Done => Outcome::Done,
        v1::Outcome::Table { table, fields, view } => Outcome::Table {
            table: TableId(table),
            fields: fields.into_iter().map(FieldId).collect(),
            view: ViewId(view),
        },
        v1::Outcome::Field { field, symmetric } => {
            Outcome::Field { field: FieldId(field), symmetric: symmetric.map(FieldId) }
        }
        v1::Outcome::Converted { converted, blank, n_failed, failed } => Outcome::Converted {
            converted,
            blank,
            n_failed,
            failed: failed.into_iter().map(|(id, text)| (RecordId(id), text)).collect(),
        },
        v1::Outcome::Records { table, created, updated, failed } => Outcome::Records {
            table: TableId(table),
            created: ids_from(created)?,
            updated: ids_from(updated)?,
            failed,
        },
        v1::Outcome::View(id) => Outcome::View(ViewId(id)),
        v1::Outcome::Dashboard(id) => Outcome::Dashboard(DashboardId(id)),
        v1::Outcome::Automation(id) => Outcome::Automation(AutomationId(id)),
        v1::Outcome::Undone { version, skipped } => Outcome::Undone {
            version,
            skipped: skipped
                .into_iter()
                .map(|(t, f, r)| (TableId(t), f.map(FieldId), r.map(RecordId)))
                .collect(),
        },
    })
}

fn edit_to<T, W>(edit: &Edit<T>, to: impl Fn(&T) -> W) -> v1::Edit<W> {
    v1::Edit { before: edit.before.as_deref().map(&to), after: edit.after.as_deref().map(&to) }
}

fn edit_from<T, W>(edit: v1::Edit<W>, from: impl Fn(W) -> Option<T>) -> Option<Edit<T>> {
    let side = |side: Option<W>| match side {
        Some(wire) => from(wire).map(|value| Some(Arc::new(value))),
        None => Some(None),
    };
    Some(Edit { before: side(edit.before)?, after: side(edit.after)? })
}

fn change_to(change: &Change) -> v1::Change {
    match change {
        Change::Base(edit) => base_to(edit),
        Change::Table(id, edit) => v1::Change::Table(id.0, edit_to(edit, table_to)),
        Change::Field(id, edit) => v1::Change::Field(id.0, edit_to(edit, field_to)),
        Change::View(id, edit) => v1::Change::View(id.0, edit_to(edit, view_to)),
        Change::Dashboard(id, edit) => v1::Change::Dashboard(id.0, edit_to(edit, dashboard_to)),
        Change::Automation(id, edit) => v1::Change::Automation(id.0, edit_to(edit, automation_to)),
        Change::Person(id, edit) => v1::Change::Person(id.0, edit_to(edit, person_to)),
        Change::Records { table, ids, before, after } => {
            v1::Change::Records { table: table.0, ids: ids_to(ids), before: *before, after: *after }
        }
        Change::Cells { table, field, ids, before, after } => v1::Change::Cells {
            table: table.0,
            field: field.0,
            ids: ids_to(ids),
            before: cells_to(before),
            after: cells_to(after),
        },
        Change::Run(id, edit) => v1::Change::Run(*id, edit_to(edit, run_to)),
        Change::Effect(id, edit) => v1::Change::Effect(*id, edit_to(edit, effect_to)),
        Change::Watched { before, after } => v1::Change::Watched { before: *before, after: *after },
        Change::Places { table, view, ids, before, after } => v1::Change::Places {
            table: table.0,
            view: view.0,
            ids: ids_to(ids),
            before: cells_to(before),
            after: cells_to(after),
        },
    }
}

fn change_from(change: v1::Change) -> Option<Change> {
    Some(match change {
        v1::Change::Base(edit) => Change::Base(edit_from(edit, |base| Some(base_from(base)))?),
        v1::Change::BaseSettings(edit) => Change::Base(edit_from(edit, base_settings_from)?),
        v1::Change::Table(id, edit) => {
            Change::Table(TableId(id), edit_from(edit, |table| table_from(TableId(id), table))?)
        }
        v1::Change::Field(id, edit) => {
            Change::Field(FieldId(id), edit_from(edit, |field| field_from(FieldId(id), field))?)
        }
        v1::Change::View(id, edit) => {
            Change::View(ViewId(id), edit_from(edit, |view| view_from(ViewId(id), view))?)
        }
        v1::Change::Dashboard(id, edit) => {
            Change::Dashboard(DashboardId(id), edit_from(edit, |one| dashboard_from(DashboardId(id), one))?)
        }
        v1::Change::Automation(id, edit) => Change::Automation(
            AutomationId(id),
            edit_from(edit, |one| automation_from(AutomationId(id), one))?,
        ),
        v1::Change::Person(id, edit) => {
            Change::Person(PersonId(id), edit_from(edit, |person| person_from(PersonId(id), person))?)
        }
        v1::Change::Records { table, ids, before, after } => {
            Change::Records { table: TableId(table), ids: ids_from(ids)?, before, after }
        }
        v1::Change::Cells { table, field, ids, before, after } => {
            let (ids, before, after) = (ids_from(ids)?, cells_from(before)?, cells_from(after)?);
            let fits = ids.len() == before.len() && ids.len() == after.len() && before.kind() == after.kind();
            fits.then_some(Change::Cells {
                table: TableId(table),
                field: FieldId(field),
                ids,
                before,
                after,
            })?
        }
        v1::Change::Run(id, edit) => Change::Run(id, edit_from(edit, |run| run_from(id, run))?),
        v1::Change::Effect(id, edit) => {
            Change::Effect(id, edit_from(edit, |effect| effect_from(id, effect))?)
        }
        v1::Change::Watched { before, after } => Change::Watched { before, after },
        v1::Change::Places { table, view, ids, before, after } => {
            let (ids, before, after) = (ids_from(ids)?, cells_from(before)?, cells_from(after)?);
            let fits =
                [&before, &after].iter().all(|keys| keys.kind() == Kind::Text && keys.len() == ids.len());
            fits.then_some(Change::Places { table: TableId(table), view: ViewId(view), ids, before, after })?
        }
    })
}

fn json_from(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

/// In the first form where that says all, so that an older Sheaf reads the log of a base without new settings.
fn base_to(edit: &Edit<BaseInfo>) -> v1::Change {
    let base = |info: &BaseInfo| v1::Base {
        id: info.id,
        name: info.name.clone(),
        locale: info.locale.clone(),
        time_zone: info.time_zone.clone(),
    };
    let mut sides = edit.before.iter().chain(&edit.after);
    if sides.all(|info| info.dialect == Dialect::default()) {
        return v1::Change::Base(edit_to(edit, base));
    }
    v1::Change::BaseSettings(edit_to(edit, |info| v1::BaseSettings {
        base: base(info),
        settings: serde_json::json!({ "dialect": info.dialect.name() }).to_string(),
    }))
}

fn base_from(base: v1::Base) -> BaseInfo {
    let v1::Base { id, name, locale, time_zone } = base;
    BaseInfo { id, name, locale, time_zone, dialect: Dialect::default() }
}

/// `None` for a setting that this version does not know: to leave it out would be another state.
fn base_settings_from(given: v1::BaseSettings) -> Option<BaseInfo> {
    let mut info = base_from(given.base);
    for (name, value) in json_from(&given.settings)?.as_object()? {
        match name.as_str() {
            "dialect" => info.dialect = Dialect::named(value.as_str()?)?,
            _ => return None,
        }
    }
    Some(info)
}

fn table_to(table: &Table) -> v1::Table {
    v1::Table {
        name: table.name.clone(),
        description: table.description.clone(),
        primary: table.primary.0,
        position: table.position.clone(),
    }
}

fn table_from(id: TableId, table: v1::Table) -> Option<Table> {
    let v1::Table { name, description, primary, position } = table;
    Some(Table { id, name, description, primary: FieldId(primary), position })
}

fn field_to(field: &Field) -> v1::Field {
    v1::Field {
        table: field.table.0,
        name: field.name.clone(),
        description: field.description.clone(),
        type_name: field.type_name.clone(),
        options: field.options.to_string(),
        default: field.default.to_string(),
        required: field.required,
        unique: field.unique,
        position: field.position.clone(),
    }
}

fn field_from(id: FieldId, field: v1::Field) -> Option<Field> {
    crate::field::by_name(&field.type_name)?;
    Some(Field {
        id,
        table: TableId(field.table),
        name: field.name,
        description: field.description,
        options: json_from(&field.options)?,
        type_name: field.type_name,
        default: json_from(&field.default)?,
        required: field.required,
        unique: field.unique,
        position: field.position,
    })
}

fn view_to(view: &View) -> v1::View {
    v1::View {
        table: view.table.0,
        name: view.name.clone(),
        kind: view.kind.clone(),
        personal: view.personal.map(|id| id.0),
        locked: view.locked,
        settings: view.settings.to_string(),
        position: view.position.clone(),
    }
}

fn view_from(id: ViewId, view: v1::View) -> Option<View> {
    Some(View {
        id,
        table: TableId(view.table),
        name: view.name,
        kind: view.kind,
        personal: view.personal.map(PersonId),
        locked: view.locked,
        settings: json_from(&view.settings)?,
        position: view.position,
    })
}

fn dashboard_to(dashboard: &Dashboard) -> v1::Dashboard {
    v1::Dashboard {
        name: dashboard.name.clone(),
        blocks: dashboard.blocks.to_string(),
        position: dashboard.position.clone(),
    }
}

fn dashboard_from(id: DashboardId, dashboard: v1::Dashboard) -> Option<Dashboard> {
    let v1::Dashboard { name, blocks, position } = dashboard;
    Some(Dashboard { id, name, blocks: json_from(&blocks)?, position })
}

fn automation_to(automation: &Automation) -> v1::Automation {
    v1::Automation {
        name: automation.name.clone(),
        enabled: automation.enabled,
        owner: automation.owner.0,
        trigger: automation.trigger.to_string(),
        condition: automation.condition.to_string(),
        actions: automation.actions.to_string(),
        revision: automation.revision,
        position: automation.position.clone(),
    }
}

fn automation_from(id: AutomationId, automation: v1::Automation) -> Option<Automation> {
    Some(Automation {
        id,
        name: automation.name,
        enabled: automation.enabled,
        owner: PersonId(automation.owner),
        trigger: json_from(&automation.trigger)?,
        condition: json_from(&automation.condition)?,
        actions: json_from(&automation.actions)?,
        revision: automation.revision,
        position: automation.position,
    })
}

fn person_to(person: &Person) -> v1::Person {
    use crate::state::schema::Role;
    v1::Person {
        name: person.name.clone(),
        email: person.email.clone(),
        color: person.color.clone(),
        role: person.role.map(|role| match role {
            Role::Viewer => 0,
            Role::Editor => 1,
            Role::Owner => 2,
        }),
    }
}

fn person_from(id: PersonId, person: v1::Person) -> Option<Person> {
    use crate::state::schema::Role;
    let role = match person.role {
        None => None,
        Some(0) => Some(Role::Viewer),
        Some(1) => Some(Role::Editor),
        Some(2) => Some(Role::Owner),
        Some(_) => return None,
    };
    Some(Person { id, name: person.name, email: person.email, color: person.color, role })
}

fn run_to(run: &Run) -> v1::Run {
    v1::Run {
        automation: run.automation.0,
        revision: run.revision,
        version: run.version,
        record: run.record.map(|(table, record)| (table.0, record.0)),
        time_ms: run.time_ms,
        duration_ms: run.duration_ms,
        status: run.status as u8,
        message: run.message.clone(),
        log: run.log.clone(),
        n_changes: run.n_changes,
        n_effects: run.n_effects,
    }
}

fn run_from(id: u64, run: v1::Run) -> Option<Run> {
    use crate::automation::RunStatus;
    Some(Run {
        id,
        automation: AutomationId(run.automation),
        revision: run.revision,
        version: run.version,
        record: run.record.map(|(table, record)| (TableId(table), RecordId(record))),
        time_ms: run.time_ms,
        duration_ms: run.duration_ms,
        status: *[RunStatus::Done, RunStatus::Failed, RunStatus::Skipped].get(usize::from(run.status))?,
        message: run.message,
        log: run.log,
        n_changes: run.n_changes,
        n_effects: run.n_effects,
    })
}

fn effect_to(effect: &Effect) -> v1::Effect {
    v1::Effect {
        run: effect.run,
        kind: effect.kind.clone(),
        payload: effect.payload.to_string(),
        owner: effect.owner.0,
        time_ms: effect.time_ms,
        attempts: effect.attempts,
        due_ms: effect.due_ms,
        status: effect.status as u8,
        answer: effect.answer.clone(),
    }
}

fn effect_from(id: u64, effect: v1::Effect) -> Option<Effect> {
    use crate::automation::EffectStatus;
    let states = [EffectStatus::Pending, EffectStatus::Delivered, EffectStatus::Failed];
    Some(Effect {
        id,
        run: effect.run,
        kind: effect.kind,
        payload: json_from(&effect.payload)?,
        owner: PersonId(effect.owner),
        time_ms: effect.time_ms,
        attempts: effect.attempts,
        due_ms: effect.due_ms,
        status: *states.get(usize::from(effect.status))?,
        answer: effect.answer,
    })
}

const ITEMS: [Item; 5] = [Item::Bool, Item::Number, Item::Text, Item::Date, Item::Choice];

/// 0 to 4: bool, number, text, date, choice; 5 more for lists of them.
pub(crate) fn kind_to(kind: Kind) -> u8 {
    let place = |item: Item| ITEMS.iter().position(|other| *other == item).unwrap_or(0) as u8;
    match kind {
        Kind::List(item) => 5 + place(item),
        scalar => ITEMS.iter().position(|item| item.kind() == scalar).unwrap_or(0) as u8,
    }
}

/// The kind that [`kind_to`] wrote.
pub(crate) fn kind_from(code: u8) -> Option<Kind> {
    let code = usize::from(code);
    if code < 5 { Some(ITEMS[code].kind()) } else { ITEMS.get(code - 5).map(|item| Kind::List(*item)) }
}

/// Failed cells are never stored: only computed fields have them.
pub(crate) fn cells_to_bytes(cells: &Chunk) -> Vec<u8> {
    bincode::encode_to_vec(cells_to(cells), config::standard()).expect("writing to memory does not fail")
}

/// The cells that [`cells_to_bytes`] wrote; `None` for anything else.
pub(crate) fn cells_from_bytes(bytes: &[u8]) -> Option<Chunk> {
    let config = config::standard().with_limit::<MAX_PAYLOAD_BYTES>();
    let (wire, used): (v1::Cells, usize) = bincode::decode_from_slice(bytes, config).ok()?;
    (used == bytes.len()).then(|| cells_from(wire)).flatten()
}

fn cells_to(cells: &Chunk) -> v1::Cells {
    let n_valid = cells.valid().count();
    if n_valid == 0 {
        return v1::Cells::Blank { kind: kind_to(cells.kind()), len: cells.len() as u32 };
    }
    let vector = vector_to(cells.vector());
    if n_valid == cells.len() {
        return v1::Cells::Full(vector);
    }
    v1::Cells::Some { valid: cells.valid().words().to_vec(), vector }
}

fn cells_from(cells: v1::Cells) -> Option<Chunk> {
    match cells {
        // A blank of any length costs no bytes: bounded by what a column may have.
        v1::Cells::Blank { kind, len } if len as usize <= crate::limits::COMMIT_CELLS_MAX => {
            Some(Chunk::blank(kind_from(kind)?, len as usize))
        }
        v1::Cells::Blank { .. } => None,
        v1::Cells::Full(vector) => Some(Chunk::full(vector_from(vector)?)),
        v1::Cells::Some { valid, vector } => {
            let vector = vector_from(vector)?;
            let fits = valid.len() == vector.len().div_ceil(64);
            fits.then(|| {
                let len = vector.len();
                Chunk::new(vector, Bitmap::from_words(valid, len))
            })
        }
    }
}

fn vector_to(vector: &Vector) -> v1::Vector {
    match vector {
        Vector::Bool(bits) => v1::Vector::Bool { len: bits.len() as u32, words: bits.words().to_vec() },
        Vector::Number(numbers) => v1::Vector::Number(numbers.clone()),
        Vector::Text(texts) => {
            let mut bytes = String::new();
            let ends = texts
                .iter()
                .map(|text| {
                    bytes.push_str(text);
                    bytes.len() as u32
                })
                .collect();
            v1::Vector::Text { ends, bytes }
        }
        Vector::Date(dates) => v1::Vector::Date(dates.clone()),
        Vector::Choice(codes) => v1::Vector::Choice(codes.clone()),
        Vector::List(lists) => v1::Vector::List {
            item: kind_to(lists.item().kind()),
            ends: lists.ends().to_vec(),
            items: Box::new(cells_to(lists.items())),
        },
    }
}

fn vector_from(vector: v1::Vector) -> Option<Vector> {
    Some(match vector {
        v1::Vector::Bool { len, words } => {
            let fits = words.len() == (len as usize).div_ceil(64);
            Vector::Bool(fits.then(|| Bitmap::from_words(words, len as usize))?)
        }
        v1::Vector::Number(numbers) => {
            numbers.iter().all(|number| number.is_finite()).then_some(Vector::Number(numbers))?
        }
        v1::Vector::Text { ends, bytes } => {
            let mut from = 0;
            let mut texts = Vec::with_capacity(ends.len());
            for end in ends {
                texts.push(bytes.get(from..end as usize)?);
                from = end as usize;
            }
            (from == bytes.len()).then(|| Vector::Text(TextVector::from_texts(texts)))?
        }
        v1::Vector::Date(dates) => Vector::Date(dates),
        v1::Vector::Choice(codes) => Vector::Choice(codes),
        v1::Vector::List { item, ends, items } => {
            let item = *ITEMS.get(usize::from(item))?;
            let items = match *items {
                v1::Cells::Full(v1::Vector::List { .. })
                | v1::Cells::Some { vector: v1::Vector::List { .. }, .. } => {
                    return None;
                }
                scalar => cells_from(scalar)?,
            };
            let fits = items.kind() == item.kind()
                && ends.is_sorted()
                && ends.last().copied().unwrap_or(0) as usize == items.len();
            fits.then(|| Vector::List(ListVector::from_parts(item, ends, items)))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use formulas::Value;
    use proptest::prelude::*;

    fn sample(text: &str, number: f64) -> Commit {
        let kinds = [Kind::Text, Kind::Number, Kind::List(Item::Choice), Kind::Bool, Kind::Date];
        let values = [
            Value::text(text),
            Value::Number(number),
            Value::codes([3, 1, 2]),
            Value::Bool(true),
            Value::Date(-5),
        ];
        let cells = kinds.into_iter().zip(values).enumerate().map(|(at, (kind, value))| Change::Cells {
            table: TableId(1),
            field: FieldId(at as u32),
            ids: Ids::List(vec![4, 9].into()),
            before: Chunk::blank(kind, 2),
            after: Chunk::from_values(kind, &[value, Value::Blank]),
        });
        let person = Person {
            id: PersonId(3),
            name: text.into(),
            email: "a@b.c".into(),
            color: "teal".into(),
            role: Some(crate::state::schema::Role::Owner),
        };
        let mut changes: Vec<Change> = cells.collect();
        changes.push(Change::Person(PersonId(3), Edit::create(person)));
        changes.push(Change::Records {
            table: TableId(1),
            ids: Ids::Range { first: 3, len: 9 },
            before: true,
            after: false,
        });
        changes.push(Change::Places {
            table: TableId(1),
            view: ViewId(2),
            ids: Ids::List(vec![1, 5].into()),
            before: Chunk::from_values(Kind::Text, &[Value::Blank, Value::text("000001V")]),
            after: Chunk::from_values(Kind::Text, &[Value::text("00000F"), Value::Blank]),
        });
        Commit {
            version: 7,
            time_ms: -1,
            author: Some(PersonId(3)),
            cause: Cause::Undo(5),
            command: Some(CommandId { client: 1 << 100, n: 3 }),
            outcomes: vec![Outcome::Undone {
                version: 5,
                skipped: vec![(TableId(1), None, Some(RecordId(2)))],
            }],
            changes,
        }
    }

    fn base_info(dialect: Dialect) -> BaseInfo {
        let (name, locale, time_zone) = ("Launch".into(), "en".into(), "UTC".into());
        BaseInfo { id: 7, name, locale, time_zone, dialect }
    }

    fn base_commit(changes: Vec<Change>) -> Commit {
        Commit { changes, ..sample("", 0.0) }
    }

    #[test]
    fn a_base_of_the_first_form_has_the_first_dialect() {
        let edit = Edit::create(base_info(Dialect::Airtable));
        let encoded = encode(&base_commit(vec![Change::Base(edit)]));
        // What version 0.1.0 wrote for this base, from the number of the change on.
        let written = b"\x01\x00\x00\x01\x07\x06Launch\x02en\x03UTC";
        assert!(encoded.ends_with(written), "{encoded:?}");
        let Change::Base(edit) = &decode(&encoded).expect("a commit").changes[0] else { panic!("another") };
        assert_eq!(edit.after.as_deref(), Some(&base_info(Dialect::Airtable)));
    }

    #[test]
    fn a_base_keeps_its_dialect() {
        let (before, after) = (base_info(Dialect::Airtable), base_info(Dialect::Excel));
        let there = Edit::replace(&Arc::new(before.clone()), after.clone());
        let back = Edit::replace(&Arc::new(after), before);
        let commit = base_commit(vec![Change::Base(there), Change::Base(back)]);
        assert_eq!(decode(&encode(&commit)), Ok(commit));
    }

    proptest! {
        #[test]
        fn decoding_inverts_encoding(text in "\\PC{0,12}", number in -1e18..1e18f64) {
            let commit = sample(&text, number);
            prop_assert_eq!(decode(&encode(&commit)), Ok(commit));
        }

        #[test]
        fn damaged_bytes_are_refused_or_some_commit(at in 0usize..400, bit in 0u8..8, cut in 0usize..400) {
            let mut bytes = encode(&sample("text", 1.5));
            let place = at % bytes.len();
            bytes[place] ^= 1 << bit;
            let _ = decode(&bytes);
            bytes.truncate(cut % bytes.len());
            prop_assert!(decode(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_refused_or_some_commit(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut framed = FORMAT.to_le_bytes().to_vec();
            framed.extend(&bytes);
            let _ = decode(&framed);
            let _ = decode(&bytes);
        }
    }
}
