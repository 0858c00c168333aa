//! What every request passes: an id, the check of where it comes from, the headers of the answer, a line in the
//! log, and the figures.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::app::App;
use crate::error::{Answer, Problem, REQUEST_ID};
use crate::metrics::Labels;
use crate::secret;

const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// The address that a request comes from, as far as proxies are believed.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Answer<Self> {
        parts
            .extensions
            .get::<Self>()
            .copied()
            .ok_or_else(|| Problem::internal("a request without an address"))
    }
}

/// See the module's head.
pub async fn outer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = secret::hex(&secret::random::<8>());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let ip = client_ip(&app, &request);
    request.extensions_mut().insert(ClientIp(ip));
    let span = tracing::info_span!("request", %id, %method, path = request.uri().path());
    let checked = check_origin(&app, &request);
    let is_api = is_api(request.uri().path());
    let answer = async {
        match checked {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        }
    };
    let mut response = REQUEST_ID.scope(id.clone(), answer).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, elapsed_us = elapsed.as_micros() as u64, "answered"));
    app.metrics.seconds.observe(elapsed.as_secs_f64());
    app.metrics.requests.get_or_create(&Labels { method: method.to_string(), route, status }).inc();
    set_headers(&app, response.headers_mut(), &id, is_api);
    response
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path == "/login" || path == "/metrics" || path == "/healthz"
}

fn set_headers(app: &App, headers: &mut HeaderMap, id: &str, is_api: bool) {
    let fixed = [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.is_https() {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    // Data of a base is nobody's to keep.
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// Whatever changes something, and every socket, must come from our own pages or from no page at all.
fn check_origin(app: &App, request: &Request) -> Answer<()> {
    let headers = request.headers();
    let upgrades = headers.contains_key(header::UPGRADE);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe && !upgrades {
        return Ok(());
    }
    let refused = || {
        tracing::warn!("refused a request from another site");
        Err(Problem::forbidden("this request comes from another site"))
    };
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return refused();
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    if app.options.public_url.as_deref() == Some(origin) {
        return Ok(());
    }
    let host = text("host").or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let same = origin.split_once("://").map(|(_, host)| host) == host && host.is_some();
    if same { Ok(()) } else { refused() }
}

fn client_ip(app: &App, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer =
        peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical());
    if !app.trusts(peer) {
        return peer;
    }
    // From the right: the first address that no trusted proxy wrote is the client's.
    let forwarded =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let all: Vec<IpAddr> =
        forwarded.flat_map(|line| line.split(',')).filter_map(|ip| ip.trim().parse().ok()).collect();
    all.into_iter().rev().find(|ip| !app.trusts(*ip)).unwrap_or(peer)
}
