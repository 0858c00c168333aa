//! The table of routes: what there is, who may use it, how large a body may be. Everything else follows from it:
//! the router, the check of who asks, the OpenAPI document, and the test that walks all of it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::api::{
    automations, bases, changes, commands, docs, formulas, inbox, local, people, query, records, session,
    tables, templates, tokens,
};
use crate::app::App;
use crate::error::Problem;
use crate::extract::authorize;
use crate::{assets, guard, socket};

/// Who may use a route. For bases the person's role there decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nobody,
    /// Somebody who is logged in.
    Person,
    /// A member of the base.
    Viewer,
    /// A member who may edit.
    Editor,
    /// An owner.
    Owner,
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Its method.
    pub method: fn() -> Method,
    /// With `{…}` for parts that vary.
    pub path: &'static str,
    /// Who may use it.
    pub needs: Needs,
    /// Bytes of a body.
    pub body_max: usize,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The name of the body's schema (`api/docs.rs`), or "".
    pub body: &'static str,
    handler: fn() -> MethodRouter<App>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", (self.method)(), self.path)
    }
}

const KB: usize = 1 << 10;
const MB: usize = 1 << 20;

macro_rules! route {
    ($method:ident $path:literal, $needs:ident, $body_max:expr, $body:literal, $handler:path, $summary:literal) => {
        Route {
            method: || route!(@method $method),
            path: $path,
            needs: Needs::$needs,
            body_max: $body_max,
            summary: $summary,
            body: $body,
            handler: || $method($handler),
        }
    };
    (@method get) => { Method::GET };
    (@method post) => { Method::POST };
    (@method put) => { Method::PUT };
    (@method patch) => { Method::PATCH };
    (@method delete) => { Method::DELETE };
}

/// All routes but the browser app.
pub const ROUTES: &[Route] = &[
    route!(get "/healthz", Nobody, KB, "", docs::health, "Whether the server answers"),
    route!(get "/metrics", Nobody, KB, "", docs::metrics, "Figures for Prometheus; to the server's own machine only"),
    route!(get "/login", Nobody, KB, "", session::link, "Logs in with a one-time link"),
    route!(get "/api/openapi.json", Nobody, KB, "", docs::openapi, "This description"),
    route!(get "/api/docs", Nobody, KB, "", docs::page, "This description for people"),
    route!(get "/api/docs.js", Nobody, KB, "", docs::script, "The script of the page"),
    route!(get "/api/v1/openapi.json", Nobody, KB, "", docs::openapi, "This description"),
    route!(get "/api/v1/docs", Nobody, KB, "", docs::page, "This description for people"),
    route!(post "/api/v1/local/token", Nobody, 16 * KB, "", local::token, "For `sheaf token` on the same machine"),
    route!(get "/api/v1/session", Person, KB, "", session::show, "Who is logged in"),
    route!(post "/api/v1/session", Nobody, 16 * KB, "Login", session::log_in, "Logs in; sets the cookie"),
    route!(delete "/api/v1/session", Person, KB, "", session::log_out, "Logs out"),
    route!(put "/api/v1/session/password", Person, 16 * KB, "Password", session::set_password, "Sets one's password; ends one's other sessions"),
    route!(get "/api/v1/setup", Nobody, KB, "", session::setup_needed, "Whether the first person is still to be made"),
    route!(post "/api/v1/setup", Nobody, 16 * KB, "Setup", session::set_up, "Makes the first person; logs in"),
    route!(get "/api/v1/bases", Person, KB, "", bases::list, "The bases that one may enter"),
    route!(post "/api/v1/bases", Person, 64 * KB, "NewBase", bases::create, "Makes a base"),
    route!(get "/api/v1/bases/{base}", Viewer, KB, "", bases::show, "Tables, fields, views and people of a base"),
    route!(patch "/api/v1/bases/{base}", Owner, 64 * KB, "BaseSettings", bases::update, "Changes a base's settings"),
    route!(delete "/api/v1/bases/{base}", Owner, KB, "", bases::remove, "Deletes a base for good"),
    route!(get "/api/v1/bases/{base}/people", Viewer, KB, "", people::list, "Who may enter a base"),
    route!(put "/api/v1/bases/{base}/people", Owner, 16 * KB, "Share", people::share, "Shares a base with a person"),
    route!(put "/api/v1/bases/{base}/people/{usr}", Owner, 16 * KB, "ShareRole", people::share_one, "Changes a person's role"),
    route!(delete "/api/v1/bases/{base}/people/{usr}", Viewer, KB, "", people::remove, "Takes a person out of a base; anybody may leave"),
    route!(post "/api/v1/bases/{base}/commands", Viewer, 16 * MB, "Commands", commands::run, "Does a batch of ops, all or nothing"),
    route!(post "/api/v1/bases/{base}/query", Viewer, MB, "Query", query::run, "Records, groups and aggregates"),
    route!(get "/api/v1/bases/{base}/changes", Viewer, KB, "", changes::list, "What changed after a version, in order"),
    route!(get "/api/v1/bases/{base}/live", Nobody, KB, "", socket::open, "The live socket; it closes with 4401 or 4403 where others answer so"),
    route!(get "/api/v1/bases/{base}/tables/{tbl}/records/{rec}", Viewer, KB, "", records::show, "One record with all cells"),
    route!(get "/api/v1/bases/{base}/tables/{tbl}/records/{rec}/history", Viewer, KB, "", records::history, "What happened to a record, newest first"),
    route!(get "/api/v1/bases/{base}/tables/{tbl}/export.csv", Viewer, KB, "", tables::export, "A table as CSV"),
    route!(post "/api/v1/bases/{base}/tables/{tbl}/import", Editor, 1_024 * MB, "", tables::import, "Adds the rows of a CSV file"),
    route!(get "/api/v1/bases/{base}/automations/{aut}/runs", Viewer, KB, "", automations::runs, "The last runs of an automation"),
    route!(post "/api/v1/bases/{base}/automations/{aut}/test", Owner, 64 * KB, "TestRun", automations::test, "Runs an automation dry"),
    route!(get "/api/v1/bases/{base}/signing-secret", Owner, KB, "", automations::secret, "The key of the signatures on outgoing requests"),
    route!(post "/api/v1/bases/{base}/scripts/check", Viewer, MB, "Script", automations::check_script, "What is wrong with a script"),
    route!(post "/api/v1/bases/{base}/formulas/check", Viewer, 256 * KB, "Formula", formulas::check, "What is wrong with a formula, and its value"),
    route!(get "/api/v1/functions", Nobody, KB, "", formulas::functions, "All functions of the formula language"),
    route!(get "/api/v1/templates", Person, KB, "", templates::list, "What a base can start from"),
    route!(get "/api/v1/inbox", Person, KB, "", inbox::list, "One's notices, newest first"),
    route!(post "/api/v1/inbox/read", Person, KB, "", inbox::read, "Marks one's notices as read"),
    route!(get "/api/v1/tokens", Person, KB, "", tokens::list, "One's API tokens"),
    route!(post "/api/v1/tokens", Person, 16 * KB, "NewToken", tokens::create, "Makes an API token; its secret is shown once"),
    route!(delete "/api/v1/tokens/{id}", Person, KB, "", tokens::remove, "Takes an API token away"),
];

/// All routes and what they pass.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let handler = (route.handler)()
            .layer(DefaultBodyLimit::max(route.body_max))
            .layer(from_fn_with_state((app.clone(), route.needs), authorize));
        router = router.route(route.path, handler);
    }
    let json = |_: StatusCode,
                _: axum::http::Version,
                headers: &axum::http::HeaderMap,
                _: &axum::http::Extensions| {
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        kind.starts_with("application/json") || kind.starts_with("text/csv")
    };
    let level = CompressionLevel::Precise(4);
    router
        .fallback(fallback)
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "invalid", "this path does not take this method")
        })
        .layer(CompressionLayer::new().quality(level).compress_when(SizeAbove::new(1_024).and(json)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(plain_errors))
        .layer(from_fn_with_state(app.clone(), guard::outer))
        .with_state(app)
}

/// Paths that no route names: below `/api` a problem, otherwise the browser app.
async fn fallback(
    axum::extract::State(app): axum::extract::State<App>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let path = request.uri().path();
    let ours = ["/api", "/v0", "/open-apis"];
    if ours
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    {
        return Problem::not_found("route").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid",
            "this path does not take this method",
        )
        .into_response();
    }
    assets::serve(&app, path, request.headers()).await.into_response()
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Problem::internal(format!("panic: {text}")).into_response()
}

/// What a library answers by itself (bad path encoding, broken bodies) becomes a problem like all others.
async fn plain_errors(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let response = next.run(request).await;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || kind.starts_with("application/json") {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        _ if status.is_server_error() => "internal",
        _ => "invalid",
    };
    Problem::new(status, code, status.canonical_reason().unwrap_or("the request was refused")).into_response()
}
