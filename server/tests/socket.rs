//! The live socket, with real sockets: what one does the others see, what was lost is made good, what comes twice is
//! done once. No test waits for a time to pass.

mod common;

use std::net::TcpStream;

use common::Server;
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

struct Tab {
    socket: WebSocket<TcpStream>,
    /// Frames that were read while another one was looked for.
    seen: Vec<Json>,
}

impl Tab {
    fn open(server: &Server, cookie: &str, base: &str) -> Self {
        let stream = TcpStream::connect(server.address).expect("the server listens");
        let url = format!("ws://{}/api/v1/bases/{base}/live", server.address);
        let mut request = url.into_client_request().expect("a URL");
        request.headers_mut().insert("cookie", cookie.parse().expect("a cookie"));
        let (socket, _) = client(request, stream).expect("an upgrade");
        Self { socket, seen: Vec::new() }
    }

    /// Opens and says hello; gives the welcome too.
    fn greet(server: &Server, cookie: &str, base: &str, hello: Json) -> (Self, Json) {
        let mut tab = Self::open(server, cookie, base);
        let mut message = json!({ "t": "hello", "proto": 1, "last_n": 0 });
        message.as_object_mut().expect("an object").extend(hello.as_object().expect("an object").clone());
        tab.send(message);
        let welcome = tab.wait("welcome");
        (tab, welcome)
    }

    fn send(&mut self, message: Json) {
        self.socket.send(Message::text(message.to_string())).expect("the socket is open");
    }

    fn read(&mut self) -> Result<Json, u16> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).expect("frames are JSON")),
                Ok(Message::Close(frame)) => return Err(frame.map_or(0, |frame| frame.code.into())),
                Ok(_) => {}
                Err(_) => return Err(0),
            }
        }
    }

    /// Reads up to the next frame of a kind; those before it are kept.
    fn wait(&mut self, kind: &str) -> Json {
        loop {
            let frame =
                self.read().unwrap_or_else(|code| panic!("closed with {code} while waiting for {kind}"));
            if frame["t"] == kind {
                return frame;
            }
            self.seen.push(frame);
        }
    }

    fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.read() {
                return code;
            }
        }
    }
}

fn window(table: &str, fields: &[&str]) -> Json {
    json!({ "t": "sub", "sid": "w", "table": table, "fields": fields, "range": { "from": 0, "len": 50 } })
}

fn create(n: u64, table: &str, field: &str, name: &str) -> Json {
    json!({ "t": "cmd", "n": n, "ops": [
        { "op": "records.create", "table": table, "records": [{ "fields": { field: name } }] } ] })
}

#[test]
fn two_tabs_see_each_others_edits() {
    let (server, ada) = Server::with_person();
    let [base, table, name, hours] = server.base(&ada);
    let (mut one, welcome) = Tab::greet(&server, &ada, &base, json!({ "cid": "one" }));
    assert!(welcome["rev"].is_u64() && welcome["person"].as_str().is_some_and(|id| id.starts_with("usr")));
    let (mut two, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "two" }));
    for tab in [&mut one, &mut two] {
        tab.send(window(&table, &[&name, &hours]));
        let snap = tab.wait("snap");
        assert_eq!((snap["total"].clone(), snap["rows"].clone()), (json!(0), json!([])));
    }
    one.send(create(1, &table, &name, "Design"));
    let ack = one.wait("ack");
    let record = ack["results"][0]["records"][0].clone();
    // The patch comes before the ack that it belongs to.
    let patch = one.seen.pop().expect("a patch before the ack");
    let mirrored = two.wait("patch");
    for patch in [patch, mirrored] {
        assert_eq!(patch["t"], "patch");
        assert_eq!(patch["to_rev"], ack["rev"]);
        assert_eq!(patch["wins"][0]["ops"][0], json!(["i", 0, [record, ack["rev"], ["Design", null]]]));
        assert_eq!(patch["wins"][0]["ops"][1], json!(["t", 1]));
    }
    let before = ack["rev"].clone();
    two.send(json!({ "t": "cmd", "n": 1, "ops": [{ "op": "records.update", "table": table,
        "records": [{ "id": record, "fields": { &hours: 3 } }] }] }));
    let ack = two.wait("ack");
    let patch = one.wait("patch");
    assert_eq!((&patch["from_rev"], &patch["to_rev"]), (&before, &ack["rev"]));
    assert_eq!(patch["wins"][0]["ops"], json!([["u", 0, record, ack["rev"], { "1": 3 }]]));
    // A change of the schema comes whole, before the patch.
    two.send(
        json!({ "t": "cmd", "n": 2, "ops": [{ "op": "tables.update", "table": table, "name": "Jobs" }] }),
    );
    assert_eq!(one.wait("schema")["base"]["role"], "owner");
}

#[test]
fn refused_commands_and_gaps_are_told_in_turn() {
    let (server, ada) = Server::with_person();
    let [base, table, name, hours] = server.base(&ada);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    tab.send(create(1, &table, &hours, "many"));
    tab.send(create(2, &table, &name, "Design"));
    tab.send(create(9, &table, &name, "Too early"));
    let nack = tab.wait("nack");
    assert_eq!((&nack["n"], &nack["code"], &nack["op"]), (&json!(1), &json!("invalid"), &json!(0)));
    assert_eq!(nack["field"], json!(hours));
    assert_eq!(tab.wait("ack")["n"], 2);
    let gap = tab.wait("nack");
    assert_eq!((&gap["n"], &gap["code"]), (&json!(9), &json!("gap")));
}

#[test]
fn a_command_sent_again_is_done_once() {
    let (server, ada) = Server::with_person();
    let [base, table, name, _] = server.base(&ada);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    tab.send(create(1, &table, &name, "Once"));
    let first = tab.wait("ack");
    drop(tab);
    // The ack was lost: the tab does not know of it.
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab", "last_n": 0 }));
    tab.send(create(1, &table, &name, "Once"));
    let again = tab.wait("ack");
    assert_eq!((&again["rev"], &again["results"]), (&first["rev"], &first["results"]));
    tab.send(window(&table, &[&name]));
    assert_eq!(tab.wait("snap")["total"], 1);
}

#[test]
fn a_tab_that_comes_back_gets_what_it_missed() {
    let (server, ada) = Server::with_person();
    let [base, table, name, _] = server.base(&ada);
    let (mut other, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "other" }));
    let (mut tab, welcome) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    tab.send(window(&table, &[&name]));
    tab.wait("snap");
    other.send(create(1, &table, &name, "A"));
    other.wait("ack");
    let seen = tab.wait("patch")["to_rev"].clone();
    drop(tab);
    other.send(create(2, &table, &name, "B"));
    let missed = other.wait("ack");
    let resume = json!([{ "sid": "w", "epoch": welcome["epoch"], "rev": seen }]);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab", "resume": resume }));
    tab.send(window(&table, &[&name]));
    // Whether the server still knew the old socket decides between a patch and a snap; both lead to B.
    loop {
        let frame = tab.read().expect("an open socket");
        if frame["t"] == "snap" {
            assert_eq!(frame["total"], 2);
            break;
        }
        if frame["t"] == "patch" && frame["wins"][0]["sid"] == "w" {
            assert_eq!((&frame["from_rev"], &frame["to_rev"]), (&seen, &missed["rev"]));
            assert_eq!(frame["wins"][0]["ops"][0][2][2], json!(["B"]));
            break;
        }
    }
    // Who has seen versions that are not there is told so.
    let resume = json!([{ "sid": "w", "epoch": welcome["epoch"], "rev": 1_000_000 }]);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "ghost", "resume": resume }));
    tab.wait("reset");
}

#[test]
fn a_slow_reader_gets_a_fresh_window() {
    let (server, ada) = Server::with_person();
    let [base, table, name, _] = server.base(&ada);
    let (mut slow, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "slow" }));
    let (mut quick, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "quick" }));
    slow.send(window(&table, &[&name]));
    slow.wait("snap");
    quick.send(create(1, &table, &name, "x"));
    let record = quick.wait("ack")["results"][0]["records"][0].clone();
    let mut last = json!(0);
    // More than the queue and the network's buffers hold.
    for n in 2..120u64 {
        let text = format!("{n} {}", "x".repeat(400_000));
        quick.send(json!({ "t": "cmd", "n": n, "ops": [{ "op": "records.update", "table": table,
            "records": [{ "id": record, "fields": { &name: text } }] }] }));
        last = quick.wait("ack")["rev"].clone();
    }
    let mut n_frames = 0;
    loop {
        let frame = slow.read().expect("an open socket");
        n_frames += 1;
        let cell = match frame["t"].as_str() {
            Some("snap") => frame["rows"][0][2][0].clone(),
            Some("patch") => frame["wins"][0]["ops"][0][4]["0"].clone(),
            _ => continue,
        };
        let is_last = frame["rev"] == last || frame["to_rev"] == last;
        if is_last && cell.as_str().is_some_and(|text| text.starts_with("119 ")) {
            break;
        }
    }
    assert!(n_frames < 118, "patches were dropped for a snap: {n_frames} frames");
}

#[test]
fn presence_is_passed_on_and_taken_back() {
    let (server, ada) = Server::with_person();
    let [base, table, ..] = server.base(&ada);
    let (mut one, welcome) = Tab::greet(&server, &ada, &base, json!({ "cid": "one" }));
    let (mut two, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "two" }));
    one.send(json!({ "t": "pres", "table": table, "editing": true }));
    let seen = two.wait("pres");
    assert_eq!(
        (&seen["session"], &seen["table"], &seen["editing"]),
        (&welcome["session"], &json!(table), &json!(true))
    );
    let (mut three, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "three" }));
    assert_eq!(three.wait("pres")["session"], welcome["session"]);
    drop(one);
    assert_eq!(two.wait("pres")["gone"], true);
}

#[test]
fn an_aggregate_follows_its_records() {
    let (server, ada) = Server::with_person();
    let [base, table, _, hours] = server.base(&ada);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    tab.send(json!({ "t": "sub", "sid": "sum", "table": table,
        "aggregate": { "by": [], "measures": [{ "field": hours, "function": "sum" }] } }));
    assert_eq!(tab.wait("snap")["agg"]["totals"], json!([0]));
    tab.send(json!({ "t": "cmd", "n": 1, "ops": [{ "op": "records.create", "table": table,
        "records": [{ "fields": { &hours: 2.5 } }] }] }));
    let patch = tab.wait("patch");
    assert_eq!(patch["wins"][0]["ops"][0][0], "a");
    assert_eq!(patch["wins"][0]["ops"][0][1]["totals"], json!([2.5]));
}

#[test]
fn sockets_end_with_the_session() {
    let (server, ada) = Server::with_person();
    let [base, ..] = server.base(&ada);
    assert_eq!(Tab::open(&server, "", &base).closed(), 4401);
    assert_eq!(Tab::open(&server, &ada, "app00000000000000").closed(), 4403);
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    assert_eq!(server.ask(&ada, "DELETE", "/api/v1/session", None).status, 204);
    assert_eq!(tab.closed(), 4401);
}

#[test]
fn what_is_no_protocol_is_closed() {
    let (server, ada) = Server::with_person();
    let [base, table, ..] = server.base(&ada);
    for first in ["nonsense", "{\"t\":\"sub\"}", "{\"t\":\"hello\",\"proto\":2,\"cid\":\"x\"}"] {
        let mut tab = Tab::open(&server, &ada, &base);
        tab.socket.send(Message::text(first)).expect("the socket is open");
        assert_eq!(tab.closed(), 4400, "{first}");
    }
    let (mut tab, _) = Tab::greet(&server, &ada, &base, json!({ "cid": "tab" }));
    // A window that cannot be is told so, and nothing ends.
    tab.send(json!({ "t": "sub", "sid": "w", "table": table, "fields": ["fld00000000000000"] }));
    assert_eq!(tab.wait("snap")["error"]["code"], "not_found");
    tab.send(json!({ "t": "ping", "at": 7 }));
    assert_eq!(tab.wait("pong")["at"], 7);
    tab.socket.send(Message::text("x".repeat(2 << 20))).expect("the socket is open");
    assert_ne!(tab.closed(), 1000);
}
