//! What a base can start from.

use axum::Json;
use axum::http::{HeaderMap, header};
use serde_json::Value as Json_;

pub(crate) async fn list(headers: HeaderMap) -> Json<Json_> {
    let language =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Json(crate::templates::list(language))
}
