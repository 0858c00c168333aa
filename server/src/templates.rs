//! The engine's templates, as the API and the command line see them.

use engine::template::{self, Locale, Template};
use serde_json::{Value as Json, json};

use crate::error::{Answer, Problem};

/// `{id, name, description, tables}[]` in the language of `locale`.
pub fn list(locale: &str) -> Json {
    let locale = Locale::of(locale);
    let shown = |template: &Template| {
        json!({
            "id": template.id,
            "name": template.name.get(locale),
            "description": template.description.get(locale),
            "tables": template.tables.get(locale),
        })
    };
    template::list().iter().map(shown).collect()
}

/// A template by its id.
///
/// # Errors
///
/// `not_found` for a name that is none.
pub fn find(id: &str) -> Answer<&'static Template> {
    template::find(id).ok_or_else(|| Problem::not_found("template"))
}
