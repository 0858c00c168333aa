//! Who may enter a base.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::PersonId;
use engine::state::schema::Role;
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::auth;
use crate::directory::{role_name, role_named};
use crate::error::{Answer, Problem};
use crate::extract::{self, Body, Member};
use crate::wire::describe::person_of;

/// With whom a base is shared, by id or by address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// `usr…`
    person: Option<String>,
    email: Option<String>,
    /// `owner`, `editor` or `viewer`
    role: String,
}

/// What a person may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareRole {
    /// `owner`, `editor` or `viewer`
    role: String,
}

pub(crate) async fn list(State(app): State<App>, member: Member) -> Json<Json_> {
    let index = app.directory.read();
    let members = index.members(&member.app_id);
    let shown = members.into_iter().filter_map(|(id, role)| {
        let row = index.person(id)?;
        let mut person = person_of(id, &row.name, &row.email, &row.color);
        person["role"] = role_name(role).into();
        Some(person)
    });
    Json(shown.collect())
}

pub(crate) async fn share(
    State(app): State<App>,
    member: Member,
    Body(share): Body<Share>,
) -> Answer<Json<Json_>> {
    let role = read_role(&share.role)?;
    match (share.person, share.email) {
        (Some(id), None) => {
            let person = extract::person(&id)?;
            set(&app, &member, person, Some(role)).await?;
            shown(&app, person, role, None)
        }
        (None, Some(email)) => {
            auth::check_email(&email)?;
            let known = app.directory.read().person_by_email(&email).map(|(id, _)| id);
            let person = match known {
                Some(person) => person,
                None => invite(&app, email).await?,
            };
            set(&app, &member, person, Some(role)).await?;
            // Who has no password yet cannot log in otherwise; the owner hands the link on.
            let link = known.is_none().then(|| format!("/login?token={}", app.auth.login_link(person)));
            shown(&app, person, role, link)
        }
        _ => Err(Problem::malformed("name either \"person\" or \"email\"")),
    }
}

pub(crate) async fn share_one(
    State(app): State<App>,
    member: Member,
    Path((_, usr)): Path<(String, String)>,
    Body(share): Body<ShareRole>,
) -> Answer<Json<Json_>> {
    let (person, role) = (extract::person(&usr)?, read_role(&share.role)?);
    set(&app, &member, person, Some(role)).await?;
    shown(&app, person, role, None)
}

pub(crate) async fn remove(
    State(app): State<App>,
    member: Member,
    Path((_, usr)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let person = extract::person(&usr)?;
    if member.role != Role::Owner && person != member.actor.person {
        return Err(Problem::forbidden("only an owner of the base may take others out"));
    }
    if app.directory.read().role(&member.app_id, person).is_none() {
        return Err(Problem::not_found("person"));
    }
    set(&app, &member, person, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn invite(app: &App, email: String) -> Answer<PersonId> {
    let this = app.clone();
    let name = email.split('@').next().unwrap_or_default().to_owned();
    blocking(move || this.directory.add_person(&name, &email, "").map_err(Problem::internal)).await
}

async fn set(app: &App, member: &Member, person: PersonId, role: Option<Role>) -> Answer<()> {
    {
        let index = app.directory.read();
        if index.person(person).is_none() {
            return Err(Problem::not_found("person"));
        }
        let mut members = index.members(&member.app_id);
        match role {
            Some(role) => drop(members.insert(person, role)),
            None => drop(members.remove(&person)),
        }
        if !members.values().any(|role| *role == Role::Owner) {
            return Err(Problem::invalid("a base keeps at least one owner"));
        }
    }
    let (this, base, app_id) = (app.clone(), member.base.clone(), member.app_id.clone());
    blocking(move || {
        this.directory.set_member(&app_id, person, role).map_err(Problem::internal)?;
        this.sync_people(&app_id, &base).map_err(Problem::internal)
    })
    .await?;
    app.hubs.recheck();
    Ok(())
}

fn shown(app: &App, person: PersonId, role: Role, link: Option<String>) -> Answer<Json<Json_>> {
    let index = app.directory.read();
    let row = index.person(person).ok_or_else(|| Problem::not_found("person"))?;
    let mut shown = person_of(person, &row.name, &row.email, &row.color);
    shown["role"] = role_name(role).into();
    if let Some(link) = link {
        shown["login_link"] = json!(link);
    }
    Ok(Json(shown))
}

fn read_role(text: &str) -> Answer<Role> {
    role_named(text).ok_or_else(|| Problem::invalid("a role is owner, editor or viewer"))
}
