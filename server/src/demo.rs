//! The demo: a person without a password, and a base to try.

use engine::PersonId;

use crate::api::bases::first_table;
use crate::app::App;

/// Makes what is missing. Blocks.
///
/// # Errors
///
/// If the folder cannot be written.
pub fn prepare(app: &App) -> anyhow::Result<PersonId> {
    let known = app.directory.read().people.keys().next().copied().map(crate::directory::person_id);
    let person = match known {
        Some(person) => person,
        None => app.directory.add_person("Demo", "demo@localhost", "")?,
    };
    let has_base = !app.directory.read().bases.is_empty();
    if !has_base {
        let commands = crate::templates::commands("campaign", false).unwrap_or_else(|_| vec![first_table(false)]);
        app.create_base(person, "Campaign", "en", "UTC", commands)?;
    }
    Ok(person)
}
