//! JSON of the wire → [`Query`]: ids become dense, and whatever does not fit is refused by a sentence.

use formulas::{FieldId, TableId};
use serde_json::{Map, Value as Json};

use super::dates::Bucket;
use super::filter::{Filter, Op};
use super::{CONDITIONS_MAX, GROUPS_MAX, Group, Query, Sort};
use crate::error::Refusal;
use crate::state::Stored;
use crate::state::schema::View;

/// The keys of a query; a view's settings have more beside them.
pub(crate) const KEYS: [&str; 4] = ["filter", "sort", "group", "search"];

/// How deep groups of conditions may stand in each other.
const DEPTH_MAX: usize = 8;

/// What is done about a field that is gone.
#[derive(Clone, Copy, PartialEq)]
enum Gone {
    Refuse,
    LeaveOut,
}

struct Reader<'a> {
    stored: &'a Stored,
    table: TableId,
    gone: Gone,
}

/// Reads a query; keys of `also` are somebody else's.
pub(super) fn query(stored: &Stored, table: TableId, json: &Json, also: &[&str]) -> Result<Query, Refusal> {
    let map = object(json, "a query")?;
    known_keys(map, &[&KEYS[..], also].concat(), "a query")?;
    Reader { stored, table, gone: Gone::Refuse }.query(map)
}

/// Reads the query among the settings of a view.
pub(super) fn of_view(stored: &Stored, view: &View) -> Result<Query, Refusal> {
    let map = object(&view.settings, "settings of a view")?;
    let query = Reader { stored, table: view.table, gone: Gone::LeaveOut }.query(map)?;
    Ok(Query { by_hand: Some(view.id), ..query })
}

/// Reads a list of groups, as queries and aggregates have one.
pub(crate) fn groups(stored: &Stored, table: TableId, json: &Json) -> Result<Vec<Group>, Refusal> {
    Reader { stored, table, gone: Gone::Refuse }.groups(json)
}

/// Reads the id of a field of `table`.
pub(crate) fn field(stored: &Stored, table: TableId, json: &Json) -> Result<FieldId, Refusal> {
    let reader = Reader { stored, table, gone: Gone::Refuse };
    reader.field(json)?.ok_or_else(|| Refusal::invalid("expects the id of a field"))
}

/// The value as an object.
pub(crate) fn object<'a>(json: &'a Json, what: &str) -> Result<&'a Map<String, Json>, Refusal> {
    json.as_object().ok_or_else(|| Refusal::invalid(format!("{what} is an object, got {}", short(json))))
}

/// Refuses keys that are not among `known`.
pub(crate) fn known_keys(map: &Map<String, Json>, known: &[&str], what: &str) -> Result<(), Refusal> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Refusal::invalid(format!("{what} has no {key:?}; it accepts {}", known.join(", ")))),
        None => Ok(()),
    }
}

/// A value as messages quote it.
pub(crate) fn short(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Reader<'_> {
    fn query(&self, map: &Map<String, Json>) -> Result<Query, Refusal> {
        let given = |key: &str| map.get(key).filter(|json| !json.is_null());
        let filter = given("filter").map(|json| self.filter(json, 0)).transpose()?.flatten();
        if filter.as_ref().map_or(0, Filter::n_conditions) > CONDITIONS_MAX {
            return Err(Refusal::limit(format!("a filter may have {CONDITIONS_MAX} conditions")));
        }
        let search = match given("search") {
            None => None,
            Some(Json::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(other) => {
                return Err(Refusal::invalid(format!("\"search\" is a text, got {}", short(other))));
            }
        };
        Ok(Query {
            table: self.table,
            filter,
            sort: given("sort").map(|json| self.sorts(json)).transpose()?.unwrap_or_default(),
            by_hand: None,
            group: given("group").map(|json| self.groups(json)).transpose()?.unwrap_or_default(),
            search,
        })
    }

    fn filter(&self, json: &Json, depth: usize) -> Result<Option<Filter>, Refusal> {
        if depth > DEPTH_MAX {
            return Err(Refusal::limit(format!("groups of conditions may be nested {DEPTH_MAX} deep")));
        }
        let map = object(json, "a filter")?;
        if let Some((key, parts)) = map.get_key_value("and").or_else(|| map.get_key_value("or")) {
            known_keys(map, &[key.as_str()], "a group of conditions")?;
            let parts = list(parts, key)?.iter().map(|part| self.filter(part, depth + 1));
            let parts: Vec<Filter> = parts.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            return Ok(Some(if key == "and" { Filter::And(parts) } else { Filter::Or(parts) }));
        }
        if let Some(formula) = map.get("formula") {
            known_keys(map, &["formula"], "a formula as a condition")?;
            let text = formula.as_str().ok_or_else(|| Refusal::invalid("\"formula\" is a text"))?;
            return Ok(Some(Filter::Formula(text.to_owned())));
        }
        if map.is_empty() {
            return Ok(None);
        }
        self.condition(map)
    }

    fn condition(&self, map: &Map<String, Json>) -> Result<Option<Filter>, Refusal> {
        known_keys(map, &["field", "op", "value"], "a condition")?;
        let Some(field) = self.field(map.get("field").unwrap_or(&Json::Null))? else { return Ok(None) };
        let given = map.get("op").unwrap_or(&Json::Null);
        let op = given.as_str().and_then(Op::named).ok_or_else(|| {
            let names: Vec<&str> = Op::ALL.iter().map(|op| op.name()).collect();
            Refusal::invalid(format!("\"op\" is one of {}; got {}", names.join(", "), short(given)))
                .in_field(field)
        })?;
        Ok(Some(Filter::Field { field, op, value: map.get("value").cloned().unwrap_or(Json::Null) }))
    }

    fn sorts(&self, json: &Json) -> Result<Vec<Sort>, Refusal> {
        let mut sorts: Vec<Sort> = Vec::new();
        for one in list(json, "sort")? {
            let map = object(one, "a sort key")?;
            known_keys(map, &["field", "desc"], "a sort key")?;
            let Some(field) = self.field(map.get("field").unwrap_or(&Json::Null))? else { continue };
            // A field that comes a second time decides nothing.
            if sorts.iter().all(|sort| sort.field != field) {
                sorts.push(Sort { field, desc: flag(map, "desc")? });
            }
        }
        Ok(sorts)
    }

    fn groups(&self, json: &Json) -> Result<Vec<Group>, Refusal> {
        let mut groups: Vec<Group> = Vec::new();
        for one in list(json, "group")? {
            let map = object(one, "a group")?;
            known_keys(map, &["field", "desc", "bucket"], "a group")?;
            let Some(field) = self.field(map.get("field").unwrap_or(&Json::Null))? else { continue };
            let bucket = match map.get("bucket").filter(|json| !json.is_null()) {
                None => None,
                Some(json) => Some(serde_json::from_value::<Bucket>(json.clone()).map_err(|_| {
                    let message = "\"bucket\" is one of day, week, month, quarter, year; got";
                    Refusal::invalid(format!("{message} {}", short(json))).in_field(field)
                })?),
            };
            groups.push(Group { field, desc: flag(map, "desc")?, bucket });
        }
        match groups.len() {
            0..=GROUPS_MAX => Ok(groups),
            n => Err(Refusal::limit(format!("there may be {GROUPS_MAX} groups in each other, got {n}"))),
        }
    }

    /// The field of an outside id; `None` for one that is gone, if that is accepted.
    fn field(&self, json: &Json) -> Result<Option<FieldId>, Refusal> {
        let id = json.as_str().and_then(|text| self.stored.ids().read_field(text));
        let field = id.and_then(|id| self.stored.field(id)).filter(|field| field.table == self.table);
        match (field, self.gone) {
            (Some(field), _) => Ok(Some(field.id)),
            (None, Gone::LeaveOut) => Ok(None),
            (None, Gone::Refuse) => {
                let table = self.stored.schema.tables.get(&self.table);
                let name = table.map_or("", |table| table.name.as_str());
                let got = short(json);
                Err(Refusal::invalid(format!("\"field\" is the id of a field of table {name:?}, got {got}"))
                    .in_table(self.table))
            }
        }
    }
}

fn list<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], Refusal> {
    let items = json.as_array().map(Vec::as_slice);
    items.ok_or_else(|| Refusal::invalid(format!("{key:?} is a list, got {}", short(json))))
}

fn flag(map: &Map<String, Json>, key: &str) -> Result<bool, Refusal> {
    match map.get(key) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(bool)) => Ok(*bool),
        Some(other) => Err(Refusal::invalid(format!("{key:?} is true or false, got {}", short(other)))),
    }
}
