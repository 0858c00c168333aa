//! [`Problem`]: what a request that cannot be answered gets, as JSON, whatever went wrong.
//!
//! The code is for programs, the message for people. What the world did to us (disk, panics) stays in the log:
//! the answer names the request, and the log has the rest.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Code, Error, Refusal, Snapshot};
use serde_json::{Map, Value as Json_};

tokio::task_local! {
    /// The id of the request that this task answers.
    pub static REQUEST_ID: String;
}

/// Why a request was not done.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Of the answer.
    pub status: StatusCode,
    /// For programs (`docs/protocol.md` section 5).
    pub code: &'static str,
    /// For people: a sentence without a final dot.
    pub message: Box<str>,
    /// `fld…`
    pub field: Option<Box<str>>,
    /// `rec…`
    pub record: Option<Box<str>>,
    /// The position of the op in its batch.
    pub op: Option<usize>,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<u64>,
}

/// What handlers answer.
pub type Answer<T = Response> = Result<T, Problem>;

impl Problem {
    /// A problem without a place.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into().into_boxed_str();
        Self { status, code, message, field: None, record: None, op: None, retry_after: None }
    }

    /// The request itself is malformed.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// The request is well formed and asks for something that does not fit.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    /// Nobody is logged in, or no longer.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "please log in")
    }

    /// The person may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// There is nothing of that name, or the person may not know of it.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// Too many requests of this kind.
    pub fn busy(message: impl Into<String>, retry_after_s: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", message);
        problem.retry_after = Some(retry_after_s);
        problem
    }

    /// A bug or a broken world; the cause goes to the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        let message = "something went wrong on the server; its log says what, under this request's id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// A refusal of the base, with its place in outside ids.
    pub fn refused(refusal: &Refusal, snapshot: &Snapshot) -> Self {
        let status = match refusal.code {
            Code::Invalid | Code::Limit => StatusCode::UNPROCESSABLE_ENTITY,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Conflict | Code::Schema => StatusCode::CONFLICT,
            Code::Busy => StatusCode::TOO_MANY_REQUESTS,
        };
        let mut problem = Self::new(status, refusal.code.text(), refusal.message.clone());
        let ids = snapshot.ids();
        let at = &refusal.at;
        problem.field = at.field.map(|field| ids.field(field).into());
        let table = at.table.or_else(|| Some(snapshot.field(at.field?)?.table));
        problem.record = at.record.zip(table).map(|(record, table)| ids.record(table, record).into());
        problem.op = at.op;
        problem.retry_after = (refusal.code == Code::Busy).then_some(1);
        problem
    }

    /// Any error of the engine.
    pub fn from_engine(error: &Error, snapshot: &Snapshot) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal, snapshot),
            Error::Stopped(cause) => {
                tracing::error!(%cause, "a base has stopped");
                let message = "the base has stopped and must be opened again; the server's log says why";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopped", message)
            }
            Error::Open(cause) | Error::Bug(cause) => Self::internal(cause),
        }
    }

    /// As JSON, for the body and for the socket's `nack`.
    pub fn fields(&self) -> Map<String, Json_> {
        let mut map = Map::new();
        map.insert("code".into(), self.code.into());
        map.insert("message".into(), (*self.message).into());
        for (key, value) in [("field", &self.field), ("record", &self.record)] {
            if let Some(value) = value {
                map.insert(key.into(), (**value).into());
            }
        }
        if let Some(op) = self.op {
            map.insert("op".into(), op.into());
        }
        if let Some(seconds) = self.retry_after {
            map.insert("retry_after".into(), seconds.into());
        }
        map
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = self.fields();
        let id = REQUEST_ID.try_with(String::clone).unwrap_or_default();
        body.insert("request_id".into(), id.into());
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
