//! `http`: leaves a request to another service in the outbox. Whether its address may be called is decided when
//! it is sent (`automations.md` section 3): names are resolved there, and only what is outside is called.

use formulas::TableId;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::KindInfo;
use super::super::definition::config;
use super::super::template::{Escape, Template};
use super::super::work::Work;
use super::{Action, ActionKind};
use crate::state::Stored;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Headers that the sender sets itself, or that would change what a request is.
const HEADERS_RESERVED: [&str; 8] =
    ["host", "content-length", "transfer-encoding", "connection", "upgrade", "webhook-id", "expect", "te"];
const HEADERS_MAX: usize = 32;
const URL_BYTES_MAX: usize = 2_048;

/// See the module's head.
pub(super) struct Http;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: String,
    method: Option<String>,
    headers: Option<Map<String, Json>>,
    body: Option<Json>,
}

impl ActionKind for Http {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "http",
            doc: "Sends a request to another service, again until it is taken.",
            example: r#"{"kind": "http", "url": "https://example.com/hook", "method": "POST", "headers": {"authorization": "…"}, "body": {"text": "{{Name}} is done"}}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored, table: Option<TableId>) -> Result<Box<dyn Action>, String> {
        let config: Config = config(json)?;
        let url = Template::read(&config.url, stored, table).map_err(|why| format!("\"url\": {why}"))?;
        if !url
            .starts_with(|text| host_of(text).is_some_and(|(_, rest)| config.url == text || !rest.is_empty()))
        {
            return Err("\"url\" begins with https:// and the name of a host, without {{…}} in them".into());
        }
        let headers = config.headers.unwrap_or_default();
        let mut read = Vec::with_capacity(headers.len());
        for (name, value) in &headers {
            check_header(name)?;
            let value = value.as_str().ok_or_else(|| format!("header \"{name}\" is a text"))?;
            let value =
                Template::read(value, stored, table).map_err(|why| format!("header \"{name}\": {why}"))?;
            read.push((name.to_ascii_lowercase(), value));
        }
        let body = config.body.filter(|body| !body.is_null());
        let body = body.map(|body| Body::read(&body, &headers, stored, table)).transpose();
        let body = body.map_err(|why| format!("\"body\": {why}"))?;
        let method = method(config.method.as_deref(), body.is_some())?;
        if headers.len() > HEADERS_MAX {
            return Err(format!("a request has {HEADERS_MAX} headers at most"));
        }
        Ok(Box::new(Call { url, method, headers: read, body }))
    }
}

struct Call {
    url: Template,
    method: &'static str,
    headers: Vec<(String, Template)>,
    body: Option<Body>,
}

enum Body {
    Text(Template, Escape),
    Tree(Tree),
}

/// JSON with templates for its texts.
enum Tree {
    Text(Template),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
    Other(Json),
}

impl Body {
    fn read(
        body: &Json,
        headers: &Map<String, Json>,
        stored: &Stored,
        table: Option<TableId>,
    ) -> Result<Self, String> {
        let Json::String(text) = body else { return Ok(Self::Tree(Tree::read(body, stored, table)?)) };
        let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let is_json = match kind.and_then(|(_, value)| value.as_str()) {
            Some(kind) => kind.contains("json"),
            None => text.trim_start().starts_with(['{', '[']) && !text.trim_start().starts_with("{{"),
        };
        let escape = if is_json { Escape::Json } else { Escape::Plain };
        Ok(Self::Text(Template::read(text, stored, table)?, escape))
    }

    fn render(&self, work: &mut Work) -> (String, bool) {
        match self {
            Self::Text(template, escape) => (template.render(work, *escape), *escape == Escape::Json),
            Self::Tree(tree) => (tree.render(work).to_string(), true),
        }
    }
}

impl Tree {
    fn read(json: &Json, stored: &Stored, table: Option<TableId>) -> Result<Self, String> {
        Ok(match json {
            Json::String(text) => Self::Text(Template::read(text, stored, table)?),
            Json::Array(items) => Self::List(
                items.iter().map(|item| Self::read(item, stored, table)).collect::<Result<_, _>>()?,
            ),
            Json::Object(map) => {
                let pairs = map.iter().map(|(key, item)| Ok((key.clone(), Self::read(item, stored, table)?)));
                Self::Object(pairs.collect::<Result<_, String>>()?)
            }
            other => Self::Other(other.clone()),
        })
    }

    fn render(&self, work: &mut Work) -> Json {
        match self {
            Self::Text(template) => template.render(work, Escape::Plain).into(),
            Self::List(items) => items.iter().map(|item| item.render(work)).collect(),
            Self::Object(pairs) => pairs.iter().map(|(key, item)| (key.clone(), item.render(work))).collect(),
            Self::Other(json) => json.clone(),
        }
    }
}

impl Action for Call {
    fn act(&self, work: &mut Work) -> Result<(), String> {
        let url = self.url.render(work, Escape::Url);
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.render(work, Escape::Plain).into());
        }
        let body = self.body.as_ref().map(|body| body.render(work));
        let is_json = body.as_ref().is_some_and(|(_, is_json)| *is_json);
        if is_json && !headers.contains_key("content-type") {
            headers.insert("content-type".into(), "application/json".into());
        }
        let payload = request(&url, Some(self.method), &headers, body.map(|(body, _)| body))?;
        work.send("http", payload)
    }
}

/// The payload of a request, checked.
///
/// # Errors
///
/// A sentence that names what does not fit.
pub(in super::super) fn request(
    url: &str,
    given: Option<&str>,
    headers: &Map<String, Json>,
    body: Option<String>,
) -> Result<Json, String> {
    if url.len() > URL_BYTES_MAX
        || host_of(url).is_none()
        || url.contains(|char: char| char.is_control() || char == ' ')
    {
        return Err(format!("a URL begins with https:// and has {URL_BYTES_MAX} bytes at most"));
    }
    if headers.len() > HEADERS_MAX {
        return Err(format!("a request has {HEADERS_MAX} headers at most"));
    }
    for (name, value) in headers {
        check_header(name)?;
        let fits = value.as_str().is_some_and(|text| !text.contains(char::is_control));
        if !fits {
            return Err(format!("header \"{name}\" is one line of text"));
        }
    }
    let method = method(given, body.is_some())?;
    Ok(json!({ "url": url, "method": method, "headers": headers, "body": body }))
}

fn method(given: Option<&str>, has_body: bool) -> Result<&'static str, String> {
    let usual = if has_body { "POST" } else { "GET" };
    let given = given.unwrap_or(usual);
    let found = METHODS.iter().copied().find(|method| method.eq_ignore_ascii_case(given));
    found.ok_or_else(|| format!("\"method\" is one of {}, got \"{given}\"", METHODS.join(", ")))
}

fn check_header(name: &str) -> Result<(), String> {
    let token = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    if name.is_empty() || !name.chars().all(token) {
        return Err(format!("\"{name}\" is no name of a header"));
    }
    if HEADERS_RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("header \"{name}\" is set by Sheaf"));
    }
    Ok(())
}

/// The host of a URL and what follows it. Only to refuse early what cannot be right: the sender parses for good.
fn host_of(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    (!host.is_empty() && !host.contains(['@', '\\', ' ', '{', '}'])).then_some((host, &rest[end..]))
}
