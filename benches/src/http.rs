//! How long does a client wait? The same questions over HTTP on loopback, with the client in the same process: what
//! the door, the JSON and the socket add to the engine's figures.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use benches::{Line, Orders, spread};
use reqwest::Client;
use serde_json::{Value as Json, json};
use server::{App, Options, api, serve};
use tokio::runtime::Runtime;

/// Clients that write at once, and cells that each of them sets.
const CLIENTS: usize = 64;
const EACH: usize = 50;

/// The questions of this file, over the base in `dir`, which nobody else has open.
pub(crate) fn run(dir: &Path, ids: &Orders, rows: usize) -> Vec<Line> {
    let runtime = Runtime::new().expect("threads");
    let app = App::open(Options { data: dir.to_owned(), ..Options::default() }).expect("the folder");
    let id = app.engine.bases().into_iter().next().expect("the base");
    let person = app.directory.add_person("Ann", "ann@example.com", "").expect("a person");
    app.directory.add_base(&id, "Orders", person).expect("a base");
    let token = api::local::make_token(&app, "ann@example.com", "bench").expect("a token");
    let codec = app.base_blocking(&id).expect("the base opens").base.snapshot().ids();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (address, server) = runtime.block_on(async {
        let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        (address, tokio::spawn(serve::serve(app.clone(), listener, async { drop(stopped.await) })))
    });
    let door = Door { client: Client::new(), root: format!("http://{address}"), base: id, token };
    let ping = spread(300, |_| runtime.block_on(door.ping())).0;
    let table = codec.table(ids.orders);
    let page = spread(300, |n| {
        let offset = n * 7_919 % rows.saturating_sub(100).max(1);
        let query = json!({ "table": table, "offset": offset, "limit": 100 });
        let answer = runtime.block_on(door.post("query", &query));
        assert_eq!(answer["records"].as_array().map(Vec::len), Some(100.min(rows)));
    });
    let set = |n: usize| {
        let record = codec.record(ids.orders, engine::RecordId((n * 31 % rows) as u32));
        let cells = json!({ (codec.field(ids.gmv)): n as f64 + 0.125 });
        json!({ "ops": [{ "op": "records.update", "table": table, "records": [{ "id": record, "fields": cells }] }] })
    };
    let one = spread(300, |n| drop(runtime.block_on(door.post("commands", &set(n)))));
    let start = Instant::now();
    runtime.block_on(async {
        let writers = (0..CLIENTS).map(|client| {
            let (door, sets) = (door.clone(), (0..EACH).map(|n| set(client * EACH + n)).collect::<Vec<_>>());
            tokio::spawn(async move {
                for set in sets {
                    door.post("commands", &set).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("a writer");
        }
    });
    let all = start.elapsed();
    drop(stop);
    runtime.block_on(server).expect("the server").expect("it served");
    let n = (CLIENTS * EACH) as u32;
    let per_second = f64::from(n) / all.as_secs_f64();
    vec![
        Line::new("page of 100 over HTTP, any offset, p50", page.0, "GET /healthz", ping),
        Line::new("one cell over HTTP, durable, p50", one.0, "GET /healthz", ping),
        Line::alone(
            "64 HTTP clients: time for each acknowledged cell",
            all / n,
            &format!("{per_second:.0} a second"),
        ),
    ]
}

/// A client with a token.
#[derive(Clone)]
struct Door {
    client: Client,
    root: String,
    base: String,
    token: String,
}

impl Door {
    async fn ping(&self) {
        let answer = self.client.get(format!("{}/healthz", self.root)).send().await.expect("an answer");
        drop(answer.bytes().await.expect("a body"));
    }

    async fn post(&self, route: &str, body: &Json) -> Json {
        let url = format!("{}/api/v1/bases/{}/{route}", self.root, self.base);
        let sent = self.client.post(url).bearer_auth(&self.token).timeout(Duration::from_secs(30));
        let sent = sent.header("Content-Type", "application/json").body(body.to_string());
        let answer = sent.send().await.expect("an answer");
        let (status, body) = (answer.status(), answer.bytes().await.expect("a body"));
        let body: Json = serde_json::from_slice(&body).expect("JSON");
        assert!(status.is_success(), "{status}: {body}");
        body
    }
}
