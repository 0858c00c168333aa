//! `kanban`: records as cards in the columns of a select, a person or a link.

use std::collections::HashSet;

use formulas::TableId;
use serde_json::{Map, Value as Json};

use super::{ViewKind, settings};
use crate::error::Refusal;
use crate::limits::OPTIONS_MAX;
use crate::query::read;
use crate::state::Stored;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Kanban;

impl ViewKind for Kanban {
    fn name(&self) -> &'static str {
        "kanban"
    }

    fn doc(&self) -> &'static str {
        "Records as cards that are dragged between the options of a field."
    }

    fn default_settings(&self, stored: &Stored, table: TableId) -> Json {
        settings::guessed(stored, table, "kanban", "field", settings::is_choice)
    }

    fn check(&self, stored: &Stored, table: TableId, given: &Json) -> Result<(), Refusal> {
        let Some(own) = settings::check(stored, table, given, Some("kanban"))? else { return Ok(()) };
        read::known_keys(own, &["field", "cards", "columns"], "\"kanban\"")?;
        let what = "a select, person or link field whose options are the columns";
        settings::fitting_field(stored, table, own, "field", what, settings::is_choice)?;
        settings::fields(stored, table, own, "cards")?;
        columns(own)
    }
}

/// Checks the columns: in which order they stand, and which are hidden or folded. Options that are not named come
/// behind; one that is gone meanwhile is no fault, as it is not shown.
fn columns(own: &Map<String, Json>) -> Result<(), Refusal> {
    let columns = settings::list(own, "columns")?;
    if columns.len() > OPTIONS_MAX + 1 {
        return Err(Refusal::limit(format!("a board has {} columns at most", OPTIONS_MAX + 1)));
    }
    let mut seen = HashSet::with_capacity(columns.len());
    for column in columns {
        let column = read::object(column, "a column of a board")?;
        read::known_keys(column, &["key", "hidden", "collapsed"], "a column of a board")?;
        let key = match column.get("key") {
            Some(Json::Null) => "",
            Some(Json::String(id)) if !id.is_empty() => id.as_str(),
            key => {
                let got = read::short(key.unwrap_or(&Json::Null));
                let message =
                    format!("the \"key\" of a column is an option, or null for no value; got {got}");
                return Err(Refusal::invalid(message));
            }
        };
        if !seen.insert(key) {
            return Err(Refusal::invalid(format!("column {key:?} is named twice")));
        }
        settings::flag(column, "hidden")?;
        settings::flag(column, "collapsed")?;
    }
    Ok(())
}
