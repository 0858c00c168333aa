//! A real server on a temporary folder, and a plain client for it.

#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;

use serde_json::Value as Json;
use server::{App, Options};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) setup: String,
    pub(crate) dir: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or(Json::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { data: dir.path().to_owned(), runs: true, ..Options::default() };
        let app = App::open(options).expect("an empty folder opens");
        let setup = app.auth.setup_token();
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let serving = app.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let any = "127.0.0.1:0".parse().expect("an address");
                let listener = server::serve::listen(any).await.expect("a free port");
                tell.send(listener.local_addr().expect("an address")).expect("the test waits");
                let stop = async { drop(stopped.await) };
                server::serve::serve(serving, listener, stop).await.expect("it serves");
            });
        });
        let address = told.recv().expect("the server starts");
        Self { address, app, setup, dir, stop: Some(stop), thread: Some(thread) }
    }

    /// A server with one person, and their cookie.
    pub(crate) fn with_person() -> (Self, String) {
        let server = Self::start();
        let cookie = server.set_up();
        (server, cookie)
    }

    pub(crate) fn set_up(&self) -> String {
        let body = serde_json::json!({
            "token": self.setup, "name": "Ada", "email": "ada@example.org", "password": "correct horse battery",
        });
        let answer = self.call("POST", "/api/v1/setup", &[], &body.to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        cookie_of(&answer)
    }

    /// Sends a JSON request as whoever has the cookie.
    pub(crate) fn ask(&self, cookie: &str, method: &str, path: &str, body: Option<Json>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.call(method, path, &[("cookie", cookie)], &body)
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        let given = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if !body.is_empty() && !given("content-type") {
            text.push_str("content-type: application/json\r\n");
        }
        if !body.is_empty() && !given("content-length") {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        // A server that refuses a large body may close before all of it was sent.
        drop(stream.write_all(text.as_bytes()));
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        parse(&bytes)
    }

    /// Makes a base with a table of two fields; their ids: base, table, name, number.
    pub(crate) fn base(&self, cookie: &str) -> [String; 4] {
        let made = self.ask(cookie, "POST", "/api/v1/bases", Some(serde_json::json!({ "name": "Work" })));
        assert_eq!(made.status, 201, "{made:?}");
        let base = made.json()["id"].as_str().expect("an id").to_owned();
        let ops = serde_json::json!({ "ops": [{ "op": "tables.create", "name": "Tasks", "fields": [
            { "name": "Name", "type": "text" }, { "name": "Hours", "type": "number" } ] }] });
        let done = self.ask(cookie, "POST", &format!("/api/v1/bases/{base}/commands"), Some(ops));
        assert_eq!(done.status, 200, "{done:?}");
        let result = &done.json()["results"][0];
        let text = |json: &Json| json.as_str().expect("an id").to_owned();
        [base, text(&result["table"]), text(&result["fields"][0]), text(&result["fields"][1])]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(crate) fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap_or(0);
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(key, value)| key == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunk(body) } else { body.to_owned() };
    Answer { status, headers, body }
}

fn unchunk(mut body: &str) -> String {
    let mut all = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        if size == 0 || rest.len() < size {
            break;
        }
        all.push_str(&rest[..size]);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    all
}
