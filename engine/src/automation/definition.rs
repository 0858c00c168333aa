//! [`Definition`]: an automation's JSON, read and checked against a base: ids are dense, scripts and formulas
//! compiled. Made anew when the automation or the schema changes.

use formulas::TableId;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

use super::action::{self, Action};
use super::trigger::{self, Trigger};
use crate::query::{Parameters, Query};
use crate::snapshot::Snapshot;
use crate::state::Stored;
use crate::state::schema::Automation;

/// Actions of one automation: bounds what one run may cost.
const ACTIONS_MAX: usize = 50;

/// An automation that was read.
pub(super) struct Definition {
    pub(super) trigger: Box<dyn Trigger>,
    /// Records for which it does not hold trigger nothing.
    pub(super) condition: Option<Query>,
    pub(super) actions: Vec<Box<dyn Action>>,
}

impl Definition {
    /// Reads and checks an automation.
    ///
    /// # Errors
    ///
    /// A sentence that names the trigger, the condition or the action.
    pub(super) fn read(automation: &Automation, stored: &Stored) -> Result<Self, String> {
        let (kind, config) = kinded(&automation.trigger, "the trigger")?;
        let trigger = trigger::named(kind)
            .ok_or_else(|| unknown("trigger", kind, trigger::REGISTRY.iter().map(|kind| kind.info().name)))?
            .read(&config, stored)
            .map_err(|why| format!("trigger \"{kind}\": {why}"))?;
        let table = trigger.table();
        let condition = condition(&automation.condition, table, stored)?;
        let list = automation
            .actions
            .as_array()
            .ok_or("the actions are a list such as [{\"kind\": \"notify\", …}]")?;
        match list.len() {
            0 => return Err("an automation needs an action".into()),
            n if n > ACTIONS_MAX => {
                return Err(format!("an automation has {ACTIONS_MAX} actions at most, not {n}"));
            }
            _ => {}
        }
        let mut actions = Vec::with_capacity(list.len());
        for (at, json) in list.iter().enumerate() {
            let which = format!("action {}", at + 1);
            let (kind, config) = kinded(json, &which)?;
            let found = action::named(kind).ok_or_else(|| {
                unknown("action", kind, action::REGISTRY.iter().map(|kind| kind.info().name))
            })?;
            actions.push(
                found.read(&config, stored, table).map_err(|why| format!("{which} (\"{kind}\"): {why}"))?,
            );
        }
        Ok(Self { trigger, condition, actions })
    }
}

/// Reads a filter of `table`; `None` for one that keeps everything.
///
/// # Errors
///
/// A sentence that names the field or the value.
pub(super) fn filter(json: &Json, table: TableId, stored: &Stored) -> Result<Option<Query>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let query = Query::read(stored, table, &json!({ "filter": json })).map_err(|refusal| refusal.message)?;
    query.check(stored).map_err(|refusal| refusal.message)?;
    Ok(query.filter.is_some().then_some(query))
}

/// Binds a filter to a snapshot.
///
/// # Errors
///
/// A sentence, if it does not fit any more.
pub(super) fn bind(
    filter: &Query,
    snapshot: &Snapshot,
    owner: crate::id::PersonId,
    now_ms: i64,
) -> Result<crate::query::Plan, String> {
    filter.plan(snapshot, &Parameters { me: Some(owner), now_ms }).map_err(|refusal| refusal.message)
}

/// The configuration of a kind, from JSON.
///
/// # Errors
///
/// A sentence that names the key.
pub(super) fn config<T: DeserializeOwned>(json: &Json) -> Result<T, String> {
    T::deserialize(json).map_err(|error| error.to_string().replace('`', "\""))
}

/// A table by its outside id.
///
/// # Errors
///
/// If there is none.
pub(super) fn table_of(stored: &Stored, id: &str) -> Result<TableId, String> {
    let table = stored.ids().read_table(id).filter(|table| stored.schema.tables.contains_key(table));
    table.ok_or_else(|| format!("\"table\" is the id of a table of this base, got \"{id}\""))
}

/// A field of a table by its outside id.
///
/// # Errors
///
/// If there is none.
pub(super) fn field_of(stored: &Stored, table: TableId, id: &str) -> Result<formulas::FieldId, String> {
    let field = stored.ids().read_field(id);
    let field = field.filter(|field| stored.field(*field).is_some_and(|def| def.table == table));
    field.ok_or_else(|| {
        let name = stored.schema.tables.get(&table).map_or("", |table| table.name.as_str());
        format!("\"{id}\" is no field of table \"{name}\"")
    })
}

fn condition(json: &Json, table: Option<TableId>, stored: &Stored) -> Result<Option<Query>, String> {
    let blank = json.is_null() || json.as_object().is_some_and(Map::is_empty);
    match table {
        _ if blank => Ok(None),
        None => Err("the condition is about a record, but this trigger has none".into()),
        Some(table) => filter(json, table, stored).map_err(|why| format!("the condition: {why}")),
    }
}

/// The kind, and the other keys.
fn kinded<'a>(json: &'a Json, what: &str) -> Result<(&'a str, Json), String> {
    let map = json.as_object().ok_or_else(|| format!("{what} is an object such as {{\"kind\": …}}"))?;
    let kind = map.get("kind").and_then(Json::as_str).ok_or_else(|| format!("{what} has no \"kind\""))?;
    let mut rest = map.clone();
    rest.remove("kind");
    Ok((kind, Json::Object(rest)))
}

fn unknown<'a>(what: &str, kind: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("there is no {what} \"{kind}\"; there are {}", known.collect::<Vec<_>>().join(", "))
}
