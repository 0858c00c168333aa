//! Who may do what: one function decides for every command, whichever door it came through.

#![allow(missing_docs)]

mod common;

use common::{command, field_at, table};
use engine::state::schema::Role;
use engine::{Base, Code, Command, Error, PersonId, Request};

const VIEWER: u32 = 3;
const EDITOR: u32 = 4;
const STRANGER: u32 = 9;

fn base() -> Base {
    let base =
        common::base("table T\n  field Name text\n  field N number\nrecord T {\"Name\": \"a\", \"N\": 1}\n");
    let person = |id, role| Command::SetPerson {
        id: PersonId(id),
        name: format!("Person {id}"),
        email: format!("{id}@example.com"),
        color: "gray".into(),
        role: Some(role),
    };
    let people = vec![person(VIEWER, Role::Viewer), person(EDITOR, Role::Editor)];
    base.submit(Request::new(None, common::NOW_MS, people)).expect("people");
    base
}

fn code(base: &Base, who: u32, command: Command) -> Option<Code> {
    match common::submit(base, who, vec![command]) {
        Ok(_) => None,
        Err(Error::Refused(refusal)) => {
            assert_eq!(refusal.at.op, Some(0), "the refused command is named");
            Some(refusal.code)
        }
        Err(error) => panic!("{error}"),
    }
}

fn update(base: &Base, locked: Option<bool>, name: Option<&str>) -> Command {
    let snapshot = base.snapshot();
    let view = snapshot.schema().views_of(table(base, "T"))[0].id;
    Command::UpdateView { view, name: name.map(str::to_owned), settings: None, locked }
}

fn personal(base: &Base, of: u32) -> Command {
    Command::CreateView {
        table: table(base, "T"),
        kind: "grid".into(),
        name: "Mine".into(),
        settings: serde_json::Value::Null,
        personal: Some(PersonId(of)),
    }
}

#[test]
fn a_viewer_and_a_stranger_only_look() {
    let base = base();
    for who in [VIEWER, STRANGER] {
        assert_eq!(code(&base, who, command(&base, "set T.1.N 2")), Some(Code::Forbidden));
        assert_eq!(code(&base, who, command(&base, "undo")), Some(Code::Forbidden));
        assert_eq!(code(&base, who, Command::DeleteField(field_at(&base, "T.N").1)), Some(Code::Forbidden));
    }
    assert_eq!(code(&base, EDITOR, command(&base, "set T.1.N 2")), None);
}

#[test]
fn owners_alone_change_the_base_its_people_and_automations() {
    let base = base();
    let rename =
        || Command::UpdateBase { name: Some("Other".into()), locale: None, time_zone: None, dialect: None };
    assert_eq!(code(&base, EDITOR, rename()), Some(Code::Forbidden));
    assert_eq!(code(&base, EDITOR, Command::UndoVersion(1)), Some(Code::Forbidden));
    let automation = || Command::CreateAutomation {
        name: "A".into(),
        trigger: serde_json::json!({ "kind": "schedule", "cron": "0 9 * * *" }),
        condition: serde_json::Value::Null,
        actions: serde_json::json!([{ "kind": "notify", "to": "owner", "text": "good morning" }]),
        enabled: false,
    };
    assert_eq!(code(&base, EDITOR, automation()), Some(Code::Forbidden));
    assert_eq!(code(&base, 1, automation()), None);
    assert_eq!(code(&base, 1, rename()), None);
    assert_eq!(code(&base, 1, Command::Watched(1)), Some(Code::Forbidden));
}

#[test]
fn a_locked_view_is_the_owners_and_a_personal_one_its_persons() {
    let base = base();
    assert_eq!(code(&base, EDITOR, update(&base, Some(true), None)), Some(Code::Forbidden));
    assert_eq!(code(&base, 1, update(&base, Some(true), None)), None);
    assert_eq!(code(&base, EDITOR, update(&base, None, Some("New"))), Some(Code::Forbidden));
    assert_eq!(code(&base, 1, update(&base, None, Some("New"))), None);
    assert_eq!(code(&base, EDITOR, personal(&base, 1)), Some(Code::Forbidden));
    assert_eq!(code(&base, EDITOR, personal(&base, EDITOR)), None);
    let snapshot = base.snapshot();
    let view = snapshot.schema().views.values().find(|view| view.personal.is_some()).expect("the view").id;
    assert_eq!(code(&base, 1, Command::DeleteView(view)), Some(Code::NotFound));
    assert_eq!(code(&base, EDITOR, Command::DeleteView(view)), None);
}
