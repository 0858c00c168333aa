//! The description of the API, made from the table of routes; a page that shows it; and what operators ask.

use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::PartialSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required, ResponseBuilder, Schema, Type,
};

use super::{automations, bases, commands, formulas, people, session, tokens};
use crate::app::App;
use crate::error::{Answer, Problem};
use crate::routes::{Needs, ROUTES, Route};

/// The page of the API's description.
const PAGE: &str = include_str!("docs.html");
/// Its script: the content security policy allows none inside the page.
const SCRIPT: &str = include_str!("docs.js");

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| document().to_json().expect("a description made of names and numbers is JSON"));

pub(crate) async fn health(State(app): State<App>) -> Response {
    let status = if app.is_stopping() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(json!({ "status": if status == StatusCode::OK { "ok" } else { "stopping" } })))
        .into_response()
}

pub(crate) async fn metrics(
    State(app): State<App>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
) -> Answer {
    // Figures tell what people do; a scraper beside the server may have them, and proxies must not pass it on.
    let near = peer.is_some_and(|axum::Extension(ConnectInfo(peer))| peer.ip().to_canonical().is_loopback());
    if !near {
        return Err(Problem::not_found("route"));
    }
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response())
}

pub(crate) async fn openapi() -> Response {
    crate::wire::rows::answer(DOCUMENT.clone())
}

pub(crate) async fn page() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], PAGE).into_response()
}

pub(crate) async fn script() -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(HeaderName::from_static("content-type"), kind)], SCRIPT).into_response()
}

/// The description of all routes.
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    for route in ROUTES.iter().filter(|route| !is_ours(route.path)) {
        paths.add_path_operation(route.path, vec![http_method(route)], operation(route));
    }
    let components = ComponentsBuilder::new()
        .schema("Login", session::Login::schema())
        .schema("Setup", session::Setup::schema())
        .schema("Password", session::Password::schema())
        .schema("NewBase", bases::NewBase::schema())
        .schema("BaseSettings", bases::BaseSettings::schema())
        .schema("Share", people::Share::schema())
        .schema("ShareRole", people::ShareRole::schema())
        .schema("Commands", commands::Commands::schema())
        .schema("Query", query_schema())
        .schema("TestRun", automations::TestRun::schema())
        .schema("Script", automations::Script::schema())
        .schema("Formula", formulas::Formula::schema())
        .schema("Function", formulas::Function::schema())
        .schema("NewToken", tokens::NewToken::schema())
        .schema("Problem", problem_schema())
        .security_scheme(
            "token",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        )
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("sheaf_session"))))
        .build();
    let info = InfoBuilder::new()
        .title("Sheaf")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Ids are texts: app… base, tbl… table, fld… field, rec… record, viw… view, usr… person. Values, ops, \
             queries and the frames of the live socket are described in docs/protocol.md.",
        ))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

/// Routes that are not part of the API.
fn is_ours(path: &str) -> bool {
    path.starts_with("/api/v1/openapi")
        || path.starts_with("/api/v1/docs")
        || path.starts_with("/api/v1/local")
        || path == "/api/docs.js"
}

fn http_method(route: &Route) -> HttpMethod {
    match (route.method)().as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route) -> utoipa::openapi::path::Operation {
    let mut operation = OperationBuilder::new().summary(Some(route.summary)).tag(tag(route.path));
    for name in route.path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(text_schema()))
            .build();
        operation = operation.parameter(parameter);
    }
    if !route.body.is_empty() {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(route.body))).build();
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True))
            .build();
        operation = operation.request_body(Some(body));
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    operation =
        operation.response("200", ResponseBuilder::new().description(route.summary).build()).response(
            "default",
            ResponseBuilder::new().description("A problem").content("application/json", problem).build(),
        );
    if route.needs != Needs::Nobody {
        operation = operation
            .security(SecurityRequirement::new("token", Vec::<String>::new()))
            .security(SecurityRequirement::new("session", Vec::<String>::new()))
            .description(Some(match route.needs {
                Needs::Owner => "For owners of the base.",
                Needs::Editor => "For editors of the base.",
                Needs::Viewer => "For members of the base.",
                _ => "For people who are logged in.",
            }));
    }
    operation.build()
}

fn tag(path: &str) -> String {
    let path = path.strip_prefix("/api/v1/").unwrap_or("server");
    let mut parts = path.split('/').filter(|part| !part.starts_with('{'));
    let first = parts.next().unwrap_or("server");
    parts.next().filter(|_| first == "bases").unwrap_or(first).to_owned()
}

fn text_schema() -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).build()))
}

fn any_schema() -> RefOr<Schema> {
    RefOr::T(Schema::Object(
        ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue).build(),
    ))
}

fn problem_schema() -> RefOr<Schema> {
    let mut object = ObjectBuilder::new();
    for name in ["code", "message", "request_id"] {
        object = object.property(name, text_schema()).required(name);
    }
    for name in ["field", "record"] {
        object = object.property(name, text_schema());
    }
    for name in ["op", "retry_after"] {
        object = object.property(name, ObjectBuilder::new().schema_type(Type::Integer).build());
    }
    RefOr::T(Schema::Object(object.build()))
}

/// Queries are read by hand (`ask.rs`), so their schema is written by hand.
fn query_schema() -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().property("table", text_schema()).required("table");
    for name in ["view", "by_hand"] {
        object = object.property(name, text_schema());
    }
    for name in
        ["filter", "sort", "group", "search", "fields", "summaries", "offset", "limit", "aggregate", "at"]
    {
        object = object.property(name, any_schema());
    }
    RefOr::T(Schema::Object(object.build()))
}
