//! The browser app: files that `build.rs` put into the binary, or a folder on disk (`--web-dir`).
//!
//! Text files come with a `.br` and a `.gz` beside them, so that nothing is compressed here. Names with a hash
//! never change; `index.html` stands for every path of the app and is asked for each time, with its ETag.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::app::{App, blocking};
use crate::error::{Answer, Problem};
use crate::secret::hex;

static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

struct Embedded {
    bytes: &'static [u8],
    etag: String,
}

static INDEX: LazyLock<HashMap<&'static str, Embedded>> = LazyLock::new(|| {
    FILES.iter().map(|(name, bytes)| (*name, Embedded { bytes, etag: etag(bytes) })).collect()
});

/// A file, and what it is.
struct Found {
    bytes: Cow<'static, [u8]>,
    etag: String,
    encoding: Option<&'static str>,
}

/// Answers a path of the app.
///
/// # Errors
///
/// 404 for a file that is not there, while paths without a file's ending are the app's own.
pub async fn serve(app: &App, path: &str, headers: &HeaderMap) -> Answer {
    let path = path.trim_start_matches('/');
    let accepted = accepted(headers);
    let asked = if path.is_empty() { "index.html" } else { path };
    let last = asked.rsplit('/').next().unwrap_or_default();
    let (name, found) = match find(app, asked, &accepted).await? {
        Some(found) => (asked, found),
        None if last.contains('.') => return Err(Problem::not_found("file")),
        None => {
            let index = find(app, "index.html", &accepted).await?;
            ("index.html", index.ok_or_else(|| Problem::not_found("page"))?)
        }
    };
    Ok(respond(name, found, headers))
}

fn respond(name: &str, found: Found, headers: &HeaderMap) -> Response {
    let etag = HeaderValue::from_str(&found.etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = known
        .is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == found.etag));
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        let text = kind.type_() == "text" || kind.subtype() == "javascript";
        let kind = if text {
            format!("{}; charset=utf-8", kind.essence_str())
        } else {
            kind.essence_str().to_owned()
        };
        let mut response = Response::new(Body::from(found.bytes));
        if let Ok(kind) = HeaderValue::from_str(&kind) {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        if let Some(encoding) = found.encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let cache = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, etag);
    response
}

/// Whether a name holds a hash of the content, as Vite makes them: `assets/index-B3kZ9xQ1.js`.
fn is_hashed(name: &str) -> bool {
    name.starts_with("assets/")
        && name.rsplit('/').next().and_then(|file| file.split_once('.')).is_some_and(|(stem, _)| {
            stem.rsplit_once('-').is_some_and(|(_, hash)| {
                hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            }) || stem.len() > 9 && stem.as_bytes()[stem.len() - 9] == b'-'
        })
}

fn accepted(headers: &HeaderMap) -> Vec<(&'static str, &'static str)> {
    let accept =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |encoding: &str| {
        accept.split(',').filter_map(|part| part.trim().split(';').next()).any(|part| part.trim() == encoding)
    };
    [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| takes(encoding)).collect()
}

async fn find(app: &App, name: &str, accepted: &[(&'static str, &'static str)]) -> Answer<Option<Found>> {
    if let Some(dir) = &app.options.web_dir {
        let (dir, name, accepted) = (dir.clone(), name.to_owned(), accepted.to_vec());
        return blocking(move || Ok(on_disk(&dir, &name, &accepted))).await;
    }
    let packed = accepted.iter().find_map(|(encoding, ending)| {
        INDEX.get(format!("{name}{ending}").as_str()).map(|file| (file, Some(*encoding)))
    });
    let file = packed.or_else(|| INDEX.get(name).map(|file| (file, None)));
    Ok(file.map(|(file, encoding)| Found {
        bytes: Cow::Borrowed(file.bytes),
        etag: file.etag.clone(),
        encoding,
    }))
}

fn on_disk(dir: &Path, name: &str, accepted: &[(&'static str, &'static str)]) -> Option<Found> {
    let relative = Path::new(name);
    // Names come from the URL: nothing but plain parts below the folder.
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let read = |ending: &str| {
        let path = PathBuf::from(format!("{}{ending}", dir.join(relative).display()));
        path.is_file().then(|| std::fs::read(path).ok()).flatten()
    };
    let packed =
        accepted.iter().find_map(|(encoding, ending)| read(ending).map(|bytes| (bytes, Some(*encoding))));
    let (bytes, encoding) = packed.or_else(|| read("").map(|bytes| (bytes, None)))?;
    Some(Found { etag: etag(&bytes), bytes: Cow::Owned(bytes), encoding })
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", &hex(&Sha256::digest(bytes))[..24])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(is_hashed("assets/index-B3kZ9xQ1.js") && is_hashed("assets/inter-latin-Dx4kXJAl.woff2"));
        assert!(!is_hashed("index.html") && !is_hashed("assets/logo.svg") && !is_hashed("x-B3kZ9xQ1.js"));
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let dir = std::env::temp_dir();
        for name in ["../etc/passwd", "/etc/passwd", "a/../../etc/passwd", "./x"] {
            assert!(on_disk(&dir, name, &[]).is_none(), "{name}");
        }
    }
}
