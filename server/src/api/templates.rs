//! What a base can start from.

use axum::Json;
use serde_json::Value as Json_;

pub(crate) async fn list() -> Json<Json_> {
    Json(crate::templates::list())
}
