//! A whole table in and out: CSV import and export, streamed.

use std::io::{self, Write};
use std::path::PathBuf;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use engine::view::Order;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::Value as Json_;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::app::{App, blocking};
use crate::ask;
use crate::error::{Answer, Problem};
use crate::export::write_csv;
use crate::extract::{InTable, Member, Params, too_large};
use crate::import::{Target, import as import_file};
use crate::secret;

/// Bytes of an upload.
const UPLOAD_MAX: u64 = 1 << 30;
/// Blocks of an export that wait for a slow reader.
const BLOCKS_WAITING: usize = 8;

/// How to export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    view: Option<String>,
    /// Whether texts that a spreadsheet program would take for formulas are made harmless; on unless said.
    safe: Option<bool>,
}

pub(crate) async fn export(member: Member, InTable(table): InTable, Params(asked): Params<Export>) -> Answer {
    let snapshot = member.snapshot();
    let who = member.actor.person;
    let (order, fields) = blocking({
        let snapshot = snapshot.clone();
        move || {
            let refused = |refusal| Problem::refused(&refusal, &snapshot);
            let view = asked.view.as_deref().map(|view| ask::find_view(&snapshot, table, view, who));
            let view = view.transpose().map_err(refused)?;
            let source =
                ask::Source { table, view, request: Json_::Object(serde_json::Map::new()), by_hand: None };
            let query = source.query(&snapshot).map_err(refused)?;
            let order = Order::new(&query, &snapshot, &ask::parameters(&snapshot, who)).map_err(refused)?;
            Ok((order, shown_fields(&snapshot, table, view)))
        }
    })
    .await?;
    let name = snapshot.schema().tables.get(&table).map(|table| table.name.clone()).unwrap_or_default();
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(BLOCKS_WAITING);
    let safe = asked.safe.unwrap_or(true);
    tokio::task::spawn_blocking(move || {
        let mut out = Blocks { sender: sender.clone(), block: Vec::new() };
        // The reader is gone, or gets the end of the stream as an error.
        if let Err(error) = write_csv(&snapshot, &fields, order.iter(), safe, &mut out) {
            drop(sender.blocking_send(Err(error)));
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|block| (block, receiver))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&disposition(&name)) {
        headers.insert(HeaderName::from_static("content-disposition"), value);
    }
    Ok(response)
}

/// The fields that a view shows, in its order; all of the table without one.
fn shown_fields(
    snapshot: &engine::Snapshot,
    table: engine::TableId,
    view: Option<engine::ViewId>,
) -> Vec<engine::FieldId> {
    let all: Vec<_> = snapshot.schema().fields_of(table).map(|def| def.id).collect();
    let settings = view.and_then(|view| snapshot.schema().views.get(&view)).map(|view| &view.settings);
    let listed = settings.and_then(|settings| settings.get("fields")).and_then(Json_::as_array);
    let entries = listed.into_iter().flatten().filter_map(|entry| {
        let field =
            snapshot.ids().read_field(entry.get("field")?.as_str()?).filter(|field| all.contains(field))?;
        Some((field, entry.get("hidden") == Some(&Json_::Bool(true))))
    });
    let entries: Vec<_> = entries.collect();
    let named: Vec<_> = entries.iter().map(|(field, _)| *field).collect();
    let shown = entries.iter().filter(|(_, hidden)| !hidden).map(|(field, _)| *field);
    shown.chain(all.iter().copied().filter(|field| !named.contains(field))).collect()
}

/// RFC 6266: a plain name for old clients, the real one in UTF-8.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    let encoded: String =
        name.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    format!("attachment; filename=\"{plain}.csv\"; filename*=UTF-8''{encoded}.csv")
}

/// Passes what is written on in blocks.
struct Blocks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    block: Vec<u8>,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= 256 << 10 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let block = Bytes::from(std::mem::take(&mut self.block));
        let sent = block.is_empty() || self.sender.blocking_send(Ok(block)).is_ok();
        if sent { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

pub(crate) async fn import(
    State(app): State<App>,
    member: Member,
    InTable(table): InTable,
    request: Request,
) -> Answer<Json<Json_>> {
    let upload = receive(&app, request).await?;
    blocking(move || {
        let snapshot = member.snapshot();
        let report =
            import_file(&member.base, member.actor.person, &Target::Table(table), &upload.0, &mut |_| {});
        report.map(|report| Json(report.json())).map_err(|error| Problem::from_engine(&error, &snapshot))
    })
    .await
}

/// An upload on disk, removed when it was read.
struct Upload(PathBuf);

impl Drop for Upload {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

async fn receive(app: &App, request: Request) -> Answer<Upload> {
    let dir = app.options.data.join("uploads");
    tokio::fs::create_dir_all(&dir).await.map_err(Problem::internal)?;
    let upload = Upload(dir.join(secret::hex(&secret::random::<16>())));
    let mut file = tokio::fs::File::create_new(&upload.0).await.map_err(Problem::internal)?;
    let mut body = request.into_body().into_data_stream();
    let mut received = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::malformed("the upload broke off"))?;
        received += chunk.len() as u64;
        if received > UPLOAD_MAX {
            return Err(too_large());
        }
        file.write_all(&chunk).await.map_err(Problem::internal)?;
    }
    file.flush().await.map_err(Problem::internal)?;
    Ok(upload)
}
