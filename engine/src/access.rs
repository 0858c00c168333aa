//! May this actor do this, and see that? Asked by the planner for every command; nobody else decides.
//!
//! A viewer reads; an editor writes records, tables, fields, views and dashboards; an owner also shares, changes
//! the base itself and its automations. A locked view is the owners', a personal view its person's alone.

use crate::change::Cause;
use crate::command::Command;
use crate::error::{Code, Refusal};
use crate::id::{PersonId, ViewId};
use crate::state::Stored;
use crate::state::schema::Role;

/// Whether `author` may do `command` in the base as it is. The server itself (`None`) may do everything. A run of
/// an automation, which only the runner makes, may besides note itself and leave effects.
///
/// # Errors
///
/// [`Code::Forbidden`], saying who may; [`Code::NotFound`] for somebody else's personal view.
pub(crate) fn may(
    author: Option<PersonId>,
    cause: Cause,
    command: &Command,
    stored: &Stored,
) -> Result<(), Refusal> {
    let Some(author) = author else { return Ok(()) };
    if is_of_server(command) {
        let is_run = matches!(cause, Cause::Run { .. }) && !matches!(command, Command::Sent(_));
        return if is_run { Ok(()) } else { Err(forbidden("only the server itself does this")) };
    }
    // The first commit makes the base and its owner.
    if stored.version == 0 {
        return Ok(());
    }
    let needed = needed_role(author, command, stored)?;
    let role = stored.schema.people.get(&author).and_then(|person| person.role);
    if role >= Some(needed) {
        return Ok(());
    }
    Err(forbidden(match needed {
        Role::Owner => "only an owner of the base may do this",
        _ => "you may look at this base but not change it",
    }))
}

/// Whether `who` sees a view at all, given whose it is.
pub fn sees_view(who: PersonId, personal: Option<PersonId>) -> bool {
    personal.is_none_or(|person| person == who)
}

fn is_of_server(command: &Command) -> bool {
    matches!(command, Command::NoteRun(_) | Command::Send(_) | Command::Sent(_) | Command::Watched(_))
}

fn needed_role(author: PersonId, command: &Command, stored: &Stored) -> Result<Role, Refusal> {
    Ok(match command {
        Command::CreateView { personal, .. } if !sees_view(author, *personal) => {
            return Err(forbidden("a personal view can only be made for oneself"));
        }
        Command::UpdateView { view, locked, .. } => {
            let locks = if locked.is_some() { Role::Owner } else { Role::Editor };
            view_role(author, stored, *view)?.max(locks)
        }
        Command::DeleteView(view) | Command::MoveView { view, .. } | Command::MoveRecords { view, .. } => {
            view_role(author, stored, *view)?
        }
        Command::UpdateBase { .. }
        | Command::SetPerson { .. }
        | Command::CreateAutomation { .. }
        | Command::UpdateAutomation { .. }
        | Command::DeleteAutomation(_)
        | Command::UndoVersion(_) => Role::Owner,
        _ => Role::Editor,
    })
}

fn view_role(who: PersonId, stored: &Stored, view: ViewId) -> Result<Role, Refusal> {
    // A view that is not there is the planner's to refuse.
    let Some(def) = stored.schema.views.get(&view) else { return Ok(Role::Editor) };
    if !sees_view(who, def.personal) {
        return Err(Refusal::not_found("there is no such view"));
    }
    Ok(if def.locked { Role::Owner } else { Role::Editor })
}

fn forbidden(message: &str) -> Refusal {
    Refusal::new(Code::Forbidden, message)
}
