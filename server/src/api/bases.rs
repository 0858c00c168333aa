//! Bases: lists, making, settings, deleting.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use engine::{Command, NewField, Request, field};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use crate::app::Start;
use crate::app::{App, blocking};
use crate::auth::Actor;
use crate::directory::{COLORS, role_name};
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member};
use crate::time::now_ms;
use crate::wire::describe;

/// A base to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBase {
    name: String,
    /// One of `GET /templates`.
    template: Option<String>,
    /// Whether the template's sample data is put in as well.
    #[serde(default)]
    sample: bool,
    /// BCP 47, such as `zh-CN`.
    locale: Option<String>,
    /// IANA name, such as `Asia/Shanghai`.
    time_zone: Option<String>,
}

/// Settings of a base; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseSettings {
    name: Option<String>,
    color: Option<String>,
    locale: Option<String>,
    time_zone: Option<String>,
    /// Whose results formulas give where these disagree: `airtable`, `feishu`, `excel`.
    dialect: Option<String>,
}

pub(crate) async fn list(State(app): State<App>, actor: Actor) -> Json<Json_> {
    let index = app.directory.read();
    let entry = |base: &crate::directory::BaseRow| {
        let role = index.role(&base.app, actor.person)?;
        Some(json!({ "id": base.app, "name": base.name, "role": role_name(role), "color": base.color }))
    };
    Json(index.bases.values().filter_map(entry).collect())
}

pub(crate) async fn create(State(app): State<App>, actor: Actor, Body(new): Body<NewBase>) -> Answer {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.len() > 300 {
        return Err(Problem::invalid("a base has a name of 1 to 300 bytes"));
    }
    let locale = new.locale.unwrap_or_else(|| "en".into());
    let chinese = locale.starts_with("zh");
    let time_zone = new.time_zone.unwrap_or_else(|| if chinese { "Asia/Shanghai" } else { "UTC" }.into());
    let this = app.clone();
    let (id, base) = blocking(move || {
        let start = match new.template.as_deref() {
            None if new.sample => {
                return Err(Problem::invalid("sample data belongs to a template; name one in \"template\""));
            }
            None => Start { commands: vec![first_table(chinese)], ..Start::default() },
            Some(template) => Start {
                template: Some(crate::templates::find(template)?),
                sample: new.sample,
                ..Start::default()
            },
        };
        let made = this.create_base(actor.person, &name, &locale, &time_zone, start);
        made.map_err(|error| match error {
            engine::Error::Refused(refusal) => Problem::invalid(refusal.message),
            other => Problem::internal(other),
        })
    })
    .await?;
    let principal =
        crate::access::Principal { person: actor.person, role: engine::state::schema::Role::Owner };
    let described = describe::base(&base.snapshot(), &id, principal);
    Ok((StatusCode::CREATED, Json(described)).into_response())
}

pub(crate) async fn show(member: Member) -> Json<Json_> {
    Json(describe::base(&member.snapshot(), &member.app_id, member.principal()))
}

pub(crate) async fn update(
    State(app): State<App>,
    member: Member,
    Body(new): Body<BaseSettings>,
) -> Answer<Json<Json_>> {
    if new.color.as_deref().is_some_and(|color| !COLORS.contains(&color)) {
        return Err(Problem::invalid(format!("a color is one of {}", COLORS.join(", "))));
    }
    let command = Command::UpdateBase {
        name: new.name.clone(),
        locale: new.locale.clone(),
        time_zone: new.time_zone.clone(),
        dialect: new.dialect.clone(),
    };
    let (base, snapshot) = (member.base.clone(), member.snapshot());
    let (app_id, person) = (member.app_id.clone(), member.actor.person);
    blocking(move || {
        let settings = [&new.name, &new.locale, &new.time_zone, &new.dialect];
        if settings.into_iter().any(Option::is_some) {
            let request = Request::new(Some(person), now_ms(), vec![command]);
            base.submit(request).map_err(|error| Problem::from_engine(&error, &snapshot))?;
        }
        let name = new.name.is_some().then(|| base.snapshot().stored().info.name.clone());
        app.directory.update_base(&app_id, name.as_deref(), new.color.as_deref()).map_err(Problem::internal)
    })
    .await?;
    Ok(show(member).await)
}

pub(crate) async fn remove(State(app): State<App>, member: Member) -> Answer<StatusCode> {
    let app_id = member.app_id.clone();
    drop(member);
    blocking(move || app.delete_base(&app_id).map_err(Problem::internal)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a base without a template starts with.
pub(crate) fn first_table(chinese: bool) -> Command {
    let words = if chinese { ["数据表", "标题", "备注"] } else { ["Table 1", "Name", "Notes"] };
    let field = |name: &str, ty: &str| NewField {
        name: name.to_owned(),
        type_name: if field::by_name(ty).is_some() { ty } else { "text" }.to_owned(),
        ..NewField::default()
    };
    Command::CreateTable {
        name: words[0].to_owned(),
        description: String::new(),
        fields: vec![field(words[1], "text"), field(words[2], "longText")],
    }
}
