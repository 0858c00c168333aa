//! Planning for views and dashboards.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Command;
use super::planner::{Planner, name};
use super::table::place;
use crate::change::{Change, Edit, Outcome};
use crate::error::Refusal;
use crate::id::{DashboardId, ViewId};
use crate::limits::{SETTINGS_BYTES_MAX, VIEWS_MAX};
use crate::position;
use crate::state::schema::{Dashboard, View};

/// Plans one of the commands named in the module's head.
pub(super) fn plan(planner: &mut Planner<'_>, command: &Command) -> Result<Outcome, Refusal> {
    match command {
        Command::CreateView { table, kind, name: given, settings, personal } => {
            planner.table(*table)?;
            let schema = &planner.stored.schema;
            let position = schema.views_of(*table).last().map(|view| view.position.clone());
            if schema.views_of(*table).len() >= VIEWS_MAX {
                return Err(Refusal::limit(format!("a table has {VIEWS_MAX} views at most")).in_table(*table));
            }
            let id = ViewId(schema.next[2]);
            let settings = checked(planner, kind, *table, settings)?;
            let view = View {
                id,
                table: *table,
                name: name("view", given)?,
                kind: kind.clone(),
                personal: *personal,
                locked: false,
                settings,
                position: position::between(position.as_deref(), None),
            };
            planner.change(Change::View(id, Edit::create(view)));
            Ok(Outcome::View(id))
        }
        Command::UpdateView { view, name: given, settings, locked } => {
            let before = view_of(planner, *view)?;
            let mut after = View::clone(&before);
            if let Some(given) = given {
                after.name = name("view", given)?;
            }
            if let Some(settings) = settings {
                after.settings = checked(planner, &before.kind, before.table, settings)?;
            }
            after.locked = locked.unwrap_or(after.locked);
            if *before != after {
                planner.change(Change::View(*view, Edit::replace(&before, after)));
            }
            Ok(Outcome::Done)
        }
        Command::DeleteView(view) => {
            let before = view_of(planner, *view)?;
            let shared = planner.stored.schema.views_of(before.table);
            if shared.iter().filter(|other| other.personal.is_none() && other.id != *view).count() == 0 {
                return Err(Refusal::invalid("a table keeps at least one view").in_table(before.table));
            }
            planner.change(Change::View(*view, Edit::delete(&before)));
            Ok(Outcome::Done)
        }
        Command::MoveView { view, after } => {
            let before = view_of(planner, *view)?;
            let others = planner.stored.schema.views_of(before.table);
            let others = others.into_iter().filter(|other| other.id != *view);
            let position = place(others.map(|other| (other.id, other.position.as_str())), *after);
            planner.change(Change::View(
                *view,
                Edit::replace(&before, View { position, ..View::clone(&before) }),
            ));
            Ok(Outcome::Done)
        }
        Command::CreateDashboard { name: given, blocks } => {
            let schema = &planner.stored.schema;
            let id = DashboardId(schema.next[3]);
            let mut positions: Vec<&str> =
                schema.dashboards.values().map(|one| one.position.as_str()).collect();
            positions.sort_unstable();
            let dashboard = Dashboard {
                id,
                name: name("dashboard", given)?,
                blocks: checked_blocks(blocks)?,
                position: position::between(positions.last().copied(), None),
            };
            planner.change(Change::Dashboard(id, Edit::create(dashboard)));
            Ok(Outcome::Dashboard(id))
        }
        Command::UpdateDashboard { dashboard, name: given, blocks } => {
            let before = dashboard_of(planner, *dashboard)?;
            let mut after = Dashboard::clone(&before);
            if let Some(given) = given {
                after.name = name("dashboard", given)?;
            }
            if let Some(blocks) = blocks {
                after.blocks = checked_blocks(blocks)?;
            }
            if *before != after {
                planner.change(Change::Dashboard(*dashboard, Edit::replace(&before, after)));
            }
            Ok(Outcome::Done)
        }
        Command::DeleteDashboard(dashboard) => {
            let before = dashboard_of(planner, *dashboard)?;
            planner.change(Change::Dashboard(*dashboard, Edit::delete(&before)));
            Ok(Outcome::Done)
        }
        _ => unreachable!("only views and dashboards are planned here"),
    }
}

fn view_of(planner: &Planner<'_>, view: ViewId) -> Result<Arc<View>, Refusal> {
    planner.stored.schema.views.get(&view).cloned().ok_or_else(|| Refusal::not_found("there is no such view"))
}

fn dashboard_of(planner: &Planner<'_>, id: DashboardId) -> Result<Arc<Dashboard>, Refusal> {
    let found = planner.stored.schema.dashboards.get(&id).cloned();
    found.ok_or_else(|| Refusal::not_found("there is no such dashboard"))
}

fn checked(
    planner: &Planner<'_>,
    kind: &str,
    table: formulas::TableId,
    settings: &Json,
) -> Result<Json, Refusal> {
    if settings.to_string().len() > SETTINGS_BYTES_MAX {
        return Err(Refusal::limit(format!("settings of a view have {SETTINGS_BYTES_MAX} bytes at most")));
    }
    crate::view::checked_settings(kind, settings, table, &planner.stored)
        .map_err(|refusal| refusal.in_table(table))
}

fn checked_blocks(blocks: &Json) -> Result<Json, Refusal> {
    if blocks.is_null() {
        return Ok(Json::Array(Vec::new()));
    }
    let fits = blocks.as_array().is_some_and(|blocks| blocks.iter().all(Json::is_object));
    if !fits {
        return Err(Refusal::invalid("the blocks of a dashboard are an array of objects"));
    }
    if blocks.to_string().len() > SETTINGS_BYTES_MAX {
        return Err(Refusal::limit(format!("blocks of a dashboard have {SETTINGS_BYTES_MAX} bytes at most")));
    }
    Ok(blocks.clone())
}
