//! May this actor do this? Asked by the planner for every command, and by nobody else.

use crate::change::Cause;
use crate::command::Command;
use crate::error::{Code, Refusal};
use crate::id::PersonId;
use crate::state::Stored;
use crate::state::schema::Role;

/// Whether `author` may do `command` in the base as it is. The server itself (`None`) may do everything. A run of
/// an automation, which only the runner makes, may besides note itself and leave effects.
///
/// # Errors
///
/// [`Code::Forbidden`], saying which role it takes.
pub(crate) fn may(
    author: Option<PersonId>,
    cause: Cause,
    command: &Command,
    stored: &Stored,
) -> Result<(), Refusal> {
    let Some(author) = author else { return Ok(()) };
    let is_run = matches!(cause, Cause::Run { .. });
    if is_run && matches!(command, Command::NoteRun(_) | Command::Send(_) | Command::Watched(_)) {
        return Ok(());
    }
    if needs(command) == Needs::Server {
        return Err(Refusal::new(Code::Forbidden, "only the server itself does this"));
    }
    // The first commit makes the base and its owner.
    if stored.version == 0 {
        return Ok(());
    }
    let role = stored.schema.people.get(&author).and_then(|person| person.role);
    let enough = match needs(command) {
        Needs::Editor => role >= Some(Role::Editor),
        Needs::Owner => role == Some(Role::Owner),
        Needs::Server => false,
    };
    if enough {
        return Ok(());
    }
    let whom = if needs(command) == Needs::Owner { "an owner" } else { "an editor" };
    Err(Refusal::new(Code::Forbidden, format!("only {whom} of the base may do this")))
}

#[derive(PartialEq, Eq)]
enum Needs {
    Editor,
    Owner,
    Server,
}

fn needs(command: &Command) -> Needs {
    match command {
        Command::SetPerson { .. } => Needs::Owner,
        Command::NoteRun(_) | Command::Send(_) | Command::Sent(_) | Command::Watched(_) => Needs::Server,
        _ => Needs::Editor,
    }
}
