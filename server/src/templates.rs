//! The engine's templates, as the API and the command line see them.

use engine::Command;
use serde_json::{Value as Json, json};

use crate::error::{Answer, Problem};

/// `{id, name, description, tables}[]`
pub fn list() -> Json {
    json!([])
}

/// The commands that make a template's tables.
///
/// # Errors
///
/// `not_found` for a name that is none.
pub fn commands(id: &str, _chinese: bool) -> Answer<Vec<Command>> {
    let _ = id;
    Err(Problem::not_found("template"))
}
