//! Planning for automations, their runs and their outbox.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Command;
use super::planner::{Planner, name};
use crate::automation::{Effect, EffectStatus, Run};
use crate::change::{Change, Edit, Outcome};
use crate::error::Refusal;
use crate::id::{AutomationId, PersonId};
use crate::limits::{RUNS_KEPT_MAX, SETTINGS_BYTES_MAX};
use crate::position;
use crate::state::schema::Automation;

/// Plans one of the commands named in the module's head.
pub(super) fn plan(planner: &mut Planner<'_>, command: &Command) -> Result<Outcome, Refusal> {
    match command {
        Command::CreateAutomation { name: given, trigger, condition, actions, enabled } => {
            let schema = &planner.stored.schema;
            let id = AutomationId(schema.next[4]);
            let mut positions: Vec<&str> =
                schema.automations.values().map(|one| one.position.as_str()).collect();
            positions.sort_unstable();
            let automation = Automation {
                id,
                name: name("automation", given)?,
                enabled: *enabled,
                owner: planner.request.author.unwrap_or_default(),
                trigger: trigger.clone(),
                condition: condition.clone(),
                actions: actions.clone(),
                revision: 1,
                position: position::between(positions.last().copied(), None),
            };
            check(planner, &automation)?;
            planner.change(Change::Automation(id, Edit::create(automation)));
            Ok(Outcome::Automation(id))
        }
        Command::UpdateAutomation { automation, name: given, trigger, condition, actions, enabled } => {
            let before = automation_of(planner, *automation)?;
            let mut after = Automation::clone(&before);
            if let Some(given) = given {
                after.name = name("automation", given)?;
            }
            trigger.iter().for_each(|trigger| after.trigger = trigger.clone());
            condition.iter().for_each(|condition| after.condition = condition.clone());
            actions.iter().for_each(|actions| after.actions = actions.clone());
            after.enabled = enabled.unwrap_or(after.enabled);
            if *before == after {
                return Ok(Outcome::Done);
            }
            after.owner = planner.request.author.unwrap_or(PersonId(after.owner.0));
            after.revision += 1;
            check(planner, &after)?;
            planner.change(Change::Automation(*automation, Edit::replace(&before, after)));
            Ok(Outcome::Done)
        }
        Command::DeleteAutomation(automation) => {
            let before = automation_of(planner, *automation)?;
            planner.change(Change::Automation(*automation, Edit::delete(&before)));
            Ok(Outcome::Done)
        }
        Command::NoteRun(run) => {
            note_run(planner, run);
            Ok(Outcome::Done)
        }
        Command::Send(effect) => {
            let id = planner.stored.automation.next[1];
            planner.change(Change::Effect(id, Edit::create(Effect { id, ..Effect::clone(effect) })));
            Ok(Outcome::Done)
        }
        Command::Sent(effect) => {
            let Some(before) = planner.stored.automation.effects.get(&effect.id).cloned() else {
                return Err(Refusal::not_found("there is no such effect"));
            };
            // What is delivered leaves the state; the log keeps it.
            let after = (effect.status != EffectStatus::Delivered).then(|| Arc::new(Effect::clone(effect)));
            planner.change(Change::Effect(effect.id, Edit { before: Some(before), after }));
            Ok(Outcome::Done)
        }
        Command::Watched(version) => {
            let before = planner.stored.automation.watched;
            if *version > before {
                planner.change(Change::Watched { before, after: *version });
            }
            Ok(Outcome::Done)
        }
        _ => unreachable!("only automations are planned here"),
    }
}

fn automation_of(planner: &Planner<'_>, id: AutomationId) -> Result<Arc<Automation>, Refusal> {
    let found = planner.stored.schema.automations.get(&id).cloned();
    found.ok_or_else(|| Refusal::not_found("there is no such automation"))
}

/// Runs get their number here; the oldest go when there are too many.
fn note_run(planner: &mut Planner<'_>, run: &Run) {
    let state = &planner.stored.automation;
    let id = state.next[0];
    let oldest = (state.runs.len() >= RUNS_KEPT_MAX).then(|| state.runs.values().next().cloned()).flatten();
    planner.change(Change::Run(id, Edit::create(Run { id, ..Run::clone(run) })));
    if let Some(oldest) = oldest {
        planner.change(Change::Run(oldest.id, Edit::delete(&oldest)));
    }
}

fn check(planner: &Planner<'_>, automation: &Automation) -> Result<(), Refusal> {
    let size = |json: &Json| json.to_string().len();
    if size(&automation.trigger) + size(&automation.condition) + size(&automation.actions)
        > SETTINGS_BYTES_MAX
    {
        return Err(Refusal::limit(format!("an automation has {SETTINGS_BYTES_MAX} bytes at most")));
    }
    crate::automation::check(automation, &planner.stored)
}
