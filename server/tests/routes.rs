//! Walks the table of routes: every wrong request gets a 4xx with a code, whoever asks, and every answer has the
//! headers that browsers need.

mod common;

use common::Server;
use server::routes::{Needs, ROUTES, Route};

/// A path with ids that are none of this base's.
fn path(route: &Route, base: &str) -> String {
    let path = route.path.replace("{base}", base);
    let ids =
        [("{tbl}", "tbl00000000000000"), ("{rec}", "rec00000000000000"), ("{aut}", "aut00000000000000")];
    let path = ids.iter().fold(path, |path, (name, id)| path.replace(name, id));
    path.replace("{usr}", "usr00000000000000").replace("{id}", "rec00000000000000")
}

fn is_problem(place: &str, answer: &common::Answer) {
    assert!((400..500).contains(&answer.status), "{place}: {answer:?}");
    let json = answer.json();
    for key in ["code", "message", "request_id"] {
        assert!(json[key].is_string(), "{place}: no {key} in {answer:?}");
    }
}

#[test]
fn wrong_requests_are_refused_with_a_code() {
    let (server, ada) = Server::with_person();
    let [base, ..] = server.base(&ada);
    let link = server.ask(
        &ada,
        "PUT",
        &format!("/api/v1/bases/{base}/people"),
        Some(serde_json::json!({
        "email": "bob@example.org", "role": "viewer" })),
    );
    let link = link.json()["login_link"].as_str().expect("a link").to_owned();
    let viewer = common::cookie_of(&server.call("GET", &link, &[], ""));
    let bodies = [
        "",
        "{",
        "[]",
        "\"text\"",
        "{\"unknown\": 1}",
        "{\"ops\": []}",
        "{\"ops\": [{\"op\": \"nothing\"}]}",
    ];
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/v1/")) {
        let method = (route.method)();
        let (own, foreign) = (path(route, &base), path(route, "app00000000000000"));
        let place = format!("{method} {}", route.path);
        if route.needs != Needs::Nobody {
            let nobody = server.call(method.as_str(), &own, &[], "");
            assert_eq!(nobody.status, 401, "{place} without a cookie: {nobody:?}");
            is_problem(&place, &nobody);
            let forged = server.call(method.as_str(), &own, &[("authorization", "Bearer shf_00")], "");
            assert_eq!(forged.status, 401, "{place} with a forged token");
        }
        if matches!(route.needs, Needs::Viewer | Needs::Editor | Needs::Owner) {
            let answer = server.ask(&ada, method.as_str(), &foreign, None);
            assert_eq!(answer.status, 404, "{place} of a base that is not there: {answer:?}");
            is_problem(&place, &answer);
        }
        if matches!(route.needs, Needs::Editor | Needs::Owner) {
            let answer = server.ask(&viewer, method.as_str(), &own, None);
            assert_eq!(answer.status, 403, "{place} as a viewer: {answer:?}");
            is_problem(&place, &answer);
        }
        if ["{tbl}", "{rec}", "{aut}", "{usr}", "{id}"].iter().any(|part| route.path.contains(part)) {
            let answer = server.ask(&ada, method.as_str(), &own, None);
            is_problem(&format!("{place} with an unknown id"), &answer);
        }
        if !route.body.is_empty() {
            for body in bodies {
                let headers = [("cookie", ada.as_str()), ("content-type", "application/json")];
                let answer = server.call(method.as_str(), &own, &headers, body);
                // An empty object is a whole request where everything may be left out.
                is_problem(&format!("{place} with {body:?}"), &answer);
            }
            let large = format!("\"{}\"", "x".repeat(route.body_max));
            let answer = server.ask(&ada, method.as_str(), &own, Some(serde_json::Value::String(large)));
            // The route may be refused before its body is read, or the connection closed while it is sent.
            assert!(
                answer.status == 413 || answer.status == 404 || answer.status == 0,
                "{place} too large: {answer:?}"
            );
        }
        if method != "GET" {
            let headers = [("cookie", ada.as_str()), ("origin", "https://evil.example")];
            let answer = server.call(method.as_str(), &own, &headers, "");
            assert_eq!(answer.status, 403, "{place} from another site: {answer:?}");
            let headers = [("cookie", ada.as_str()), ("sec-fetch-site", "same-site")];
            assert_eq!(
                server.call(method.as_str(), &own, &headers, "").status,
                403,
                "{place} from a sibling site"
            );
        }
    }
}

#[test]
fn unknown_paths_and_methods_are_problems_below_the_api() {
    let (server, ada) = Server::with_person();
    for path in ["/api", "/api/v1", "/api/v1/nothing", "/v0/app1/Tasks", "/open-apis/x"] {
        let answer = server.ask(&ada, "GET", path, None);
        assert_eq!(answer.status, 404, "{path}");
        is_problem(path, &answer);
    }
    let answer = server.ask(&ada, "PATCH", "/api/v1/session", None);
    assert_eq!(answer.status, 405);
    is_problem("PATCH /api/v1/session", &answer);
}

#[test]
fn the_app_is_served_and_every_answer_is_guarded() {
    let server = Server::start();
    for path in
        ["/", "/base/app1", "/api/v1/setup", "/api/v1/nothing", "/healthz", "/api/docs", "/api/openapi.json"]
    {
        let answer = server.call("GET", path, &[], "");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{path}: {answer:?}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
        assert!(answer.header("access-control-allow-origin").is_none(), "{path}");
    }
    let page = server.call("GET", "/any/where", &[], "");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-cache")));
    let etag = page.header("etag").expect("a tag").to_owned();
    assert_eq!(server.call("GET", "/", &[("if-none-match", &etag)], "").status, 304);
    assert_eq!(server.call("GET", "/assets/none.js", &[], "").status, 404);
    assert_eq!(server.call("GET", "/../../etc/passwd", &[], "").status, 200);
    assert!(server.call("GET", "/metrics", &[], "").body.contains("sheaf_http_requests_total"));
}

#[test]
fn the_description_names_every_route_and_schema() {
    let document = serde_json::to_value(server::api::docs::document()).expect("a description is JSON");
    for route in ROUTES.iter().filter(|route| !route.body.is_empty()) {
        let method = (route.method)().as_str().to_lowercase();
        let schema =
            &document["paths"][route.path][&method]["requestBody"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        assert_eq!(name, route.body, "{route:?}");
        assert!(document["components"]["schemas"][name].is_object(), "{route:?}");
    }
}
