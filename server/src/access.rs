//! May this member do this command? The one place that decides.
//!
//! A viewer reads; an editor writes records, tables, fields, views and dashboards; an owner also shares, changes
//! the base itself and its automations. A locked view is the owner's, a personal view its person's alone.

use engine::state::schema::Role;
use engine::{Code, Command, PersonId, Refusal, Snapshot, ViewId};

/// Who asks, within one base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub person: PersonId,
    /// What they may do here.
    pub role: Role,
}

/// Whether `who` may do `command` to the base as it is.
///
/// # Errors
///
/// [`Code::Forbidden`], saying who may; [`Code::NotFound`] for somebody else's personal view.
pub fn may(who: Principal, snapshot: &Snapshot, command: &Command) -> Result<(), Refusal> {
    let needed = match command {
        Command::CreateTable { .. }
        | Command::UpdateTable { .. }
        | Command::DeleteTable(_)
        | Command::MoveTable { .. }
        | Command::CreateField { .. }
        | Command::UpdateField { .. }
        | Command::ConvertField { .. }
        | Command::DeleteField(_)
        | Command::MoveField { .. }
        | Command::CreateRecords { .. }
        | Command::UpdateRecords { .. }
        | Command::DeleteRecords { .. }
        | Command::RestoreRecords { .. }
        | Command::UpsertRecords { .. }
        | Command::ChangeItems { .. }
        | Command::Increment { .. }
        | Command::Paste { .. }
        | Command::CreateDashboard { .. }
        | Command::UpdateDashboard { .. }
        | Command::DeleteDashboard(_)
        | Command::Undo
        | Command::Redo => Role::Editor,
        Command::CreateView { personal, .. } => {
            if personal.is_some_and(|person| person != who.person) {
                return Err(forbidden("a personal view can only be made for oneself"));
            }
            Role::Editor
        }
        Command::UpdateView { view, locked, .. } => {
            view_role(who, snapshot, *view)?.max(if locked.is_some() { Role::Owner } else { Role::Editor })
        }
        Command::DeleteView(view) | Command::MoveView { view, .. } => view_role(who, snapshot, *view)?,
        Command::UpdateBase { .. }
        | Command::CreateAutomation { .. }
        | Command::UpdateAutomation { .. }
        | Command::DeleteAutomation(_)
        | Command::UndoVersion(_) => Role::Owner,
        // What only the server itself sends.
        Command::CreateBase { .. }
        | Command::SetPerson { .. }
        | Command::NoteRun(_)
        | Command::Send(_)
        | Command::Sent(_)
        | Command::Watched(_) => return Err(forbidden("this is not for people to do")),
        #[allow(unreachable_patterns)]
        _ => return Err(forbidden("this is not for people to do")),
    };
    if who.role >= needed {
        return Ok(());
    }
    Err(forbidden(match needed {
        Role::Owner => "only an owner of the base may do this",
        _ => "you may look at this base but not change it",
    }))
}

/// Whether `who` may see a view at all.
pub fn sees_view(who: PersonId, personal: Option<PersonId>) -> bool {
    personal.is_none_or(|person| person == who)
}

fn view_role(who: Principal, snapshot: &Snapshot, view: ViewId) -> Result<Role, Refusal> {
    // A view that is not there is the planner's to refuse.
    let Some(def) = snapshot.schema().views.get(&view) else { return Ok(Role::Editor) };
    if !sees_view(who.person, def.personal) {
        return Err(Refusal::not_found("there is no such view"));
    }
    Ok(if def.locked { Role::Owner } else { Role::Editor })
}

fn forbidden(message: &str) -> Refusal {
    Refusal::new(Code::Forbidden, message)
}
