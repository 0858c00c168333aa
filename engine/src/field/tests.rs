//! Cases of all types as text (`engine/tests/cases/fields/<type>.txt`), round trips, and the registry's promises.
//!
//! Here and not under `engine/tests`, since a schema with its index is made by `apply` alone. A case is one of
//!
//! ```text
//! number {"format": "percent"} | "45" => 0.45 | 45%          typed by a person; the cell and its text
//! number {} | exact "5" => ! expects a number, got "5"       in the form of the wire
//! autoNumber {"digits": 3} | cell 7 => 7 | 007               a cell that the base made
//! rating {"max": 11} => ! option "max" expects …             options; as stored | as shown, if that differs
//! count {"link": "fld(2)"} formula => COUNTALL({#2})           what is evaluated
//! ```
//!
//! `fld(2)`, `tbl(2)`, `rec(2,0)`, `usr(1)` and `sel(50,0)` stand for outside ids. `UPDATE=1 cargo test` rewrites what
//! is expected.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use formulas::column::{Column, Kind};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::id::{IdCodec, OptionId, PersonId};
use crate::state::schema::{BaseInfo, Person, Role, Table};
use crate::state::table::TableState;

/// The field that is tested, in table 1.
const TESTED: FieldId = FieldId(50);
/// Thursday, 2026-06-18, noon in Shanghai.
const NOW_MS: i64 = 1_781_755_200_000;

fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/fields")
}

/// A base with two tables, `Tasks` (1) and `Projects` (2), linked by fields 2 and 22.
fn base(zone: &str) -> Stored {
    let mut stored = Stored::default();
    let info = BaseInfo {
        id: 7,
        name: "Test".into(),
        locale: "zh-CN".into(),
        time_zone: zone.into(),
        dialect: formulas::Dialect::default(),
    };
    stored.info = Arc::new(info);
    let ids = stored.ids();
    let mut schema = Schema::default();
    for (id, name, primary) in [(1, "Tasks", 1), (2, "Projects", 20)] {
        let table = Table {
            id: TableId(id),
            name: name.into(),
            description: String::new(),
            primary: FieldId(primary),
            position: "a".into(),
        };
        schema.tables.insert(table.id, Arc::new(table));
    }
    let people =
        [(1, "Anna", "anna@x.com", true), (2, "陈晨", "chen@x.com", true), (3, "陈晨", "c2@x.com", true)];
    let left = [(4, "Anna", "anna@old.com", false), (5, "Doe, Jane", "", true)];
    for (id, name, email, present) in people.into_iter().chain(left) {
        let person = Person {
            id: PersonId(id),
            name: name.into(),
            email: email.into(),
            color: "gray".into(),
            role: present.then_some(Role::Editor),
        };
        schema.people.insert(person.id, Arc::new(person));
    }
    let choices = |field: u32, names: &[&str]| {
        let option = |(at, name): (usize, &&str)| json!({ "id": ids.option(FieldId(field), OptionId(at as u32)), "name": name, "color": "gray" });
        json!({ "options": names.iter().enumerate().map(option).collect::<Vec<_>>(), "next": names.len() })
    };
    let fields = [
        (1, 1, "Name", "text", json!({})),
        (2, 1, "Project", "link", json!({"table": 2, "many": true, "field": 22, "owner": true})),
        (3, 1, "Hours", "number", json!({"format": "plain"})),
        (4, 1, "Status", "singleSelect", choices(4, &["Todo", "Done"])),
        (20, 2, "Title", "text", json!({})),
        (21, 2, "Budget", "number", json!({"format": "currency", "decimals": 2, "currency": "CNY"})),
        (22, 2, "Tasks", "link", json!({"table": 1, "many": true, "field": 2, "owner": false})),
        (23, 2, "Days", "count", json!({"link": 22})),
        (24, 2, "Stage", "singleSelect", choices(24, &["Open", "Closed \"for good\""])),
        (25, 2, "Labels", "multiSelect", choices(25, &["red", "blue"])),
        (26, 2, "End", "date", json!({"time": false, "format": "YYYY-MM-DD"})),
        (27, 2, "Begin", "date", json!({"time": true, "format": "YYYY/MM/DD"})),
        (28, 2, "Lead", "person", json!({"many": false})),
        (29, 2, "Paid", "checkbox", json!({})),
        (30, 2, "Effort", "duration", json!({"format": "h:mm"})),
        (31, 2, "Stars", "rating", json!({"max": 5, "icon": "star"})),
    ];
    for (id, table, name, type_name, options) in fields {
        let field = field(FieldId(id), TableId(table), name, type_name, options);
        schema.fields.insert(field.id, Arc::new(field));
    }
    schema.index();
    stored.schema = Arc::new(schema);
    stored.tables.insert(TableId(1), Arc::new(records(&[(1, &["Write", "Read"])], &[])));
    let titles = ["Apollo", "Doe, Jane", "Apollo", "", "Gone", "\"Quoted\""];
    stored.tables.insert(TableId(2), Arc::new(records(&[(20, &titles)], &[4])));
    stored
}

fn field(id: FieldId, table: TableId, name: &str, type_name: &str, options: Json) -> Field {
    Field {
        id,
        table,
        name: name.into(),
        description: String::new(),
        type_name: type_name.into(),
        options,
        default: Json::Null,
        required: false,
        unique: false,
        position: "a".into(),
    }
}

fn records(columns: &[(u32, &[&str])], gone: &[u32]) -> TableState {
    let mut state = TableState::default();
    for (field, texts) in columns {
        state.len = texts.len();
        let mut column = Column::new(Kind::Text, texts.len());
        let cells = texts.iter().enumerate().filter(|(_, text)| !text.is_empty());
        cells.for_each(|(at, text)| column.set(formulas::RecordId(at as u32), &Value::text(*text)));
        state.columns.insert(FieldId(*field), column);
    }
    let mut alive = formulas::RecordSet::full(state.len);
    for record in gone {
        alive.remove(formulas::RecordId(*record));
    }
    state.n_alive = alive.len();
    state.alive = Arc::new(alive);
    state.created_at.resize(state.len);
    let at = |record: usize| formulas::RecordId(record as u32);
    (0..state.len).for_each(|record| state.created_at.set(at(record), &Value::Date(NOW_MS)));
    state
}

/// Placeholders and the outside ids that they stand for.
fn placeholders(ids: IdCodec) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for id in 0..60 {
        all.push((format!("fld({id})"), ids.field(FieldId(id))));
        all.push((format!("usr({id})"), IdCodec::person(PersonId(id))));
        all.push((format!("tbl({id})"), ids.table(TableId(id))));
        all.push((format!("rec(2,{id})"), ids.record(TableId(2), formulas::RecordId(id))));
        for field in [4, 24, 25, 50] {
            let option = ids.option(FieldId(field), OptionId(id));
            all.push((format!("sel({field},{id})"), option));
        }
    }
    all
}

fn options_of(type_name: &str, given: &Json, stored: &Stored) -> Result<Field, String> {
    let ty = by_name(type_name).ok_or_else(|| format!("no type {type_name}"))?;
    let context = OptionsContext { stored, table: TableId(1), field: None, id: TESTED };
    Ok(field(TESTED, TableId(1), "Tested", type_name, ty.options(given, &context)?))
}

fn accept(
    input: &Input,
    typecast: bool,
    field: &Field,
    stored: &Stored,
) -> Result<(Value, Vec<String>), String> {
    let mut context = Accept { stored, typecast, now_ms: NOW_MS, new_options: Vec::new() };
    let value = type_of(field).accept(input, field, &mut context)?;
    Ok((value, context.new_options.into_iter().map(|(.., name)| name).collect()))
}

fn input_of(json: &Json) -> Input {
    match json {
        Json::Null => Input::Blank,
        Json::Bool(bool) => Input::Bool(*bool),
        Json::Number(number) => Input::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => Input::Text(text.clone()),
        Json::Array(items) => Input::List(items.iter().map(input_of).collect()),
        Json::Object(_) => panic!("an object is no input"),
    }
}

/// A cell that a computed field may have: `"@…"` is a date, `"#3"` a code.
fn value_of(json: &Json) -> Value {
    match json {
        Json::String(text) => match text.split_at_checked(1) {
            Some(("@", at)) => Value::Date(at.parse::<jiff::Timestamp>().expect("a date").as_millisecond()),
            Some(("#", code)) => Value::Choice(code.parse().expect("a code")),
            _ => Value::text(text.as_str()),
        },
        Json::Array(items) => Value::List(items.iter().map(value_of).collect()),
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        _ => Value::Blank,
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Blank => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Date(ms) => date::iso(*ms),
        Value::Choice(code) => format!("#{code}"),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Error(error) => error.kind.text().into(),
    }
}

/// What a case gives: all behind `=>`.
fn outcome(case: &str, stored: &Stored, ids: &[(String, String)]) -> String {
    let case = ids.iter().fold(case.to_owned(), |case, (name, id)| case.replace(name, id));
    let outcome = run(&case, stored).unwrap_or_else(|why| format!("! {why}"));
    ids.iter().fold(outcome, |outcome, (name, id)| outcome.replace(id, name))
}

fn run(case: &str, stored: &Stored) -> Result<String, String> {
    let (type_name, rest) = case.split_once(' ').expect("a type and its options");
    let mut json = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
    let given = json.next().expect("options").expect("options as JSON");
    let rest = rest[json.byte_offset()..].trim();
    let field = options_of(type_name, &given, stored)?;
    let ty = type_of(&field);
    if rest.is_empty() {
        let shown = ty.shown_options(&field, stored);
        let differs = if shown == field.options { String::new() } else { format!(" | {shown}") };
        return Ok(format!("{}{differs}", field.options));
    }
    if rest == "formula" {
        return Ok(formula(&field, stored).unwrap_or_default());
    }
    let input = rest.strip_prefix('|').expect("an input").trim();
    let parse = |text: &str| serde_json::from_str::<Json>(text).expect("an input as JSON");
    if let Some(cell) = input.strip_prefix("cell ") {
        let value = value_of(&parse(cell));
        return Ok(format!("{} | {}", show(&value), ty.text(&value, &field, stored)));
    }
    let (input, typecast) = match input.strip_prefix("exact ") {
        Some(input) => (input_of(&parse(input)), false),
        None => (input_of(&parse(input)), true),
    };
    let (value, new) = accept(&input, typecast, &field, stored)?;
    if !new.is_empty() {
        return Ok(format!("{} | new {}", show(&value), new.join(", ")));
    }
    let text = ty.text(&value, &field, stored);
    let back = accept(&Input::Text(text.clone()), true, &field, stored).map(|(value, _)| value);
    let back = match back {
        Ok(back) if back == value => String::new(),
        Ok(back) => format!("   read back as {}", show(&back)),
        Err(why) => format!("   not read back: {why}"),
    };
    Ok(format!("{} | {}{back}", show(&value), text.escape_debug()))
}

#[test]
fn cases_give_what_they_say() {
    let update = std::env::var_os("UPDATE").is_some();
    let ids = placeholders(IdCodec::new(7));
    let mut wrong = Vec::new();
    let mut n_cases = 0;
    for ty in REGISTRY {
        let path = cases().join(format!("{}.txt", ty.name()));
        let text = std::fs::read_to_string(&path).expect("each type has a case file");
        let mut stored = base("Asia/Shanghai");
        let mut lines = Vec::new();
        for line in text.lines() {
            if let Some(zone) = line.strip_prefix("# zone ") {
                stored = base(zone.trim());
            }
            if line.starts_with('#') || line.trim().is_empty() {
                lines.push(line.to_owned());
                continue;
            }
            let (case, expected) = line.split_once(" =>").unwrap_or((line, ""));
            let got = outcome(case, &stored, &ids);
            if got.trim() != expected.trim() {
                wrong.push(format!(
                    "{}: {case}\n  expected {}\n  got      {}",
                    ty.name(),
                    expected.trim(),
                    got
                ));
            }
            n_cases += 1;
            lines.push(format!("{case} => {got}").trim_end().to_owned());
        }
        if update {
            std::fs::write(&path, lines.join("\n") + "\n").expect("the case file can be written");
        }
    }
    assert!(update || wrong.is_empty(), "{} of {n_cases} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_type_keeps_the_promises_of_the_registry() {
    const OPERATORS: &str = "is isNot contains doesNotContain startsWith isEmpty isNotEmpty gt gte lt lte isAnyOf \
        isNoneOf hasAnyOf hasAllOf hasNoneOf isBefore isAfter isOnOrBefore isOnOrAfter isWithin";
    let mut names = BTreeMap::new();
    for ty in REGISTRY {
        let name = ty.name();
        assert!(names.insert(name, ()).is_none(), "{name} is there twice");
        assert!(ty.doc().ends_with('.') && ty.doc().len() > 10, "{name} has no doc sentence");
        assert!(!ty.operators().is_empty(), "{name} has no operators");
        for operator in ty.operators() {
            assert!(OPERATORS.split_whitespace().any(|known| known == *operator), "{name}: {operator}");
        }
        let snake: String = name
            .chars()
            .flat_map(|char| [char.is_uppercase().then_some('_'), Some(char.to_ascii_lowercase())])
            .flatten()
            .collect();
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/field/{snake}.rs"));
        assert!(file.exists(), "{name} has no file of its own");
        assert!(cases().join(format!("{name}.txt")).exists(), "{name} has no case file");
    }
}

#[test]
fn options_of_a_select_keep_their_numbers() {
    let stored = base("UTC");
    let ids = stored.ids();
    let select = |given: Json, before: Option<&Field>| {
        let context = OptionsContext { stored: &stored, table: TableId(1), field: before, id: TESTED };
        let options = by_name("multiSelect").expect("a registered type").options(&given, &context)?;
        Ok::<_, String>(field(TESTED, TableId(1), "Tested", "multiSelect", options))
    };
    let id = |number| ids.option(TESTED, OptionId(number));
    let first =
        select(json!({"options": [{"name": "A"}, {"name": "B"}, {"name": "C"}]}), None).expect("new options");
    assert_eq!(first.options["next"], 3);
    assert_eq!(first.options["options"][1], json!({"id": id(1), "name": "B", "color": "red"}));

    // B goes, C comes first under a new name, D is new: B's number is not given again.
    let given = json!({"options": [{"id": id(2), "name": "Sea", "color": "blue"}, {"id": id(0), "name": "A"}, {"name": "D"}]});
    let second = select(given, Some(&first)).expect("changed options");
    assert_eq!(second.options["next"], 4);
    let kept: Vec<_> = choices::named(&second, ids).map(|(number, name)| (number.0, name)).collect();
    assert_eq!(kept, [(2, "Sea"), (0, "A"), (3, "D")]);

    let gone = select(json!({"options": [{"id": id(1), "name": "B"}]}), Some(&second));
    assert_eq!(gone.err(), Some(format!("\"{}\" is no option of this field; a new option has no id", id(1))));
    let twice =
        select(json!({"options": [{"id": id(0), "name": "A"}, {"id": id(0), "name": "B"}]}), Some(&second));
    assert_eq!(twice.err(), Some(format!("option \"options\" has the id \"{}\" twice", id(0))));

    let more = with_new_options(&second, &[(OptionId(4), "E".into()), (OptionId(5), "F".into())], ids);
    assert_eq!((&more["next"], &more["options"][4]["name"]), (&json!(6), &json!("F")));
}

#[test]
fn a_new_name_makes_one_option_however_often_it_comes() {
    let stored = base("UTC");
    let field =
        options_of("singleSelect", &json!({"options": [{"name": "Todo"}]}), &stored).expect("options");
    let other = stored.field(FieldId(4)).expect("a field of the base");
    let mut context = Accept { stored: &stored, typecast: true, now_ms: NOW_MS, new_options: Vec::new() };
    let ty = type_of(&field);
    let mut acceptor = ty.acceptor(&field, &stored);
    let mut codes = Vec::new();
    for name in ["Later", "todo", "LATER", "Never", " later ", "Todo", "later", "Never"] {
        codes.extend(acceptor.accept(&name.into(), &mut context).expect("a name").as_codes());
    }
    assert_eq!(codes, [1, 0, 1, 2, 1, 0, 1, 2]);
    // Another field's new options do not count, and another acceptor finds the same ones.
    type_of(other).accept(&"Later".into(), other, &mut context).expect("a name");
    assert_eq!(ty.accept(&"never".into(), &field, &mut context), Ok(Value::Choice(2)));
    assert_eq!(ty.accept(&"Again".into(), &field, &mut context), Ok(Value::Choice(3)));
    let new: Vec<_> =
        context.new_options.iter().map(|(field, id, name)| (field.0, id.0, name.as_str())).collect();
    assert_eq!(new, [(50, 1, "Later"), (50, 2, "Never"), (4, 2, "Later"), (50, 3, "Again")]);
}

#[test]
fn a_link_keeps_its_table_owner_and_other_end() {
    let stored = base("UTC");
    let ids = stored.ids();
    let back = stored.field(FieldId(22)).expect("a field of the base");
    let context = OptionsContext { stored: &stored, table: TableId(2), field: Some(back), id: back.id };
    let ty = type_of(back);
    let options = ty.options(&json!({"many": false}), &context).expect("options");
    assert_eq!(options, link::end_options(TableId(1), false, Some(FieldId(2)), false));
    let elsewhere = ty.options(&json!({"table": ids.table(TableId(2))}), &context);
    assert_eq!(
        elsewhere.err().as_deref(),
        Some("a link keeps its table: make a new field to link to another")
    );
}

#[test]
fn a_filter_follows_renamed_options() {
    let mut stored = base("UTC");
    let open = stored.ids().option(FieldId(24), OptionId(0));
    let stage = stored.ids().field(FieldId(24));
    let given = json!({"link": stored.ids().field(FieldId(2)), "filter": {"field": stage, "op": "is", "value": open}});
    let count = options_of("count", &given, &stored).expect("options");
    let written = |stored: &Stored| formula(&count, stored).unwrap_or_default();
    assert_eq!(written(&stored), r#"COUNTALL({#2}.FILTER(CurrentValue.{#24} = "Open"))"#);
    let schema = Arc::make_mut(&mut stored.schema);
    let def = Arc::make_mut(schema.fields.get_mut(&FieldId(24)).expect("a field of the base"));
    def.options["options"][0]["name"] = json!("Begun");
    assert_eq!(written(&stored), r#"COUNTALL({#2}.FILTER(CurrentValue.{#24} = "Begun"))"#);
    let schema = Arc::make_mut(&mut stored.schema);
    schema.fields.remove(&FieldId(24));
    assert!(written(&stored).contains("is no field of the linked table"), "{}", written(&stored));
}

#[test]
fn results_look_like_what_they_come_from() {
    let stored = base("UTC");
    let id = |field| stored.ids().field(FieldId(field));
    let kind = |type_name: &str, given: Json| {
        let field = options_of(type_name, &given, &stored).expect("options");
        shown::kind(&field, &stored)
    };
    assert_eq!(kind("rating", json!({})), ("rating", json!({"max": 5, "icon": "star"})));
    assert_eq!(kind("createdTime", json!({})), ("createdTime", json!({})));
    let lookup = kind("lookup", json!({"link": id(2), "field": id(20)}));
    assert_eq!(lookup, ("text", json!({})));
}

/// Whether the language is there, or only its shape as on the branch where the types were written.
fn language_is_there() -> bool {
    formulas::functions().next().is_some()
}

#[test]
fn formulas_are_stored_by_number_and_shown_by_name() {
    if !language_is_there() {
        return;
    }
    let mut stored = base("UTC");
    let written =
        options_of("formula", &json!({"formula": "{Hours} * 2 & Status"}), &stored).expect("options");
    assert_eq!(written.options["formula"], "{#3} * 2 & #4");
    let hours = Arc::make_mut(&mut stored.schema).fields.get_mut(&FieldId(3)).expect("a field of the base");
    Arc::make_mut(hours).name = "Work hours".into();
    let shown = type_of(&written).shown_options(&written, &stored);
    assert_eq!(shown["formula"], "{Work hours} * 2 & Status");
    assert_eq!(type_of(&written).formula_type(&written, &stored.schema), Type::Text);
    let wrong =
        options_of("formula", &json!({"formula": "1 + {Huors}"}), &stored).expect_err("no such field");
    assert!(
        wrong.starts_with("option \"formula\": ") && wrong.ends_with("at character 5 (\"{Huors}\")"),
        "{wrong}"
    );
}

#[test]
fn a_formula_that_depends_on_itself_names_the_loop() {
    if !language_is_there() {
        return;
    }
    let mut stored = base("UTC");
    for (id, name, formula) in [(51, "Sum", "{#50} + 1"), (50, "Total", "{#3}")] {
        let schema = Arc::make_mut(&mut stored.schema);
        let field = field(FieldId(id), TableId(1), name, "formula", json!({ "formula": formula }));
        schema.fields.insert(field.id, Arc::new(field));
        schema.index();
    }
    let total = Arc::clone(stored.field(TESTED).expect("a field of the base"));
    let context = OptionsContext { stored: &stored, table: TableId(1), field: Some(&total), id: TESTED };
    let options = type_of(&total).options(&json!({"formula": "{Sum} * 2"}), &context);
    let expected = "option \"formula\": the formula would depend on itself: Total → Sum → Total";
    assert_eq!(options.err().as_deref(), Some(expected));
}

#[test]
fn types_are_found_along_a_long_chain() {
    if !language_is_there() {
        return;
    }
    let mut stored = base("UTC");
    let schema = Arc::make_mut(&mut stored.schema);
    for id in 100..5_100 {
        let before = if id == 100 { 3 } else { id - 1 };
        let formula = format!("{{#{before}}} + {{#{before}}}");
        let field =
            field(FieldId(id), TableId(1), &format!("F{id}"), "formula", json!({ "formula": formula }));
        schema.fields.insert(field.id, Arc::new(field));
    }
    schema.index();
    assert_eq!(FieldTypes::new(&stored.schema).of(FieldId(5_099)), Type::Number);
}

#[test]
fn rollups_fit_what_they_aggregate() {
    if !language_is_there() {
        return;
    }
    let stored = base("UTC");
    let id = |field| stored.ids().field(FieldId(field));
    let rollup = |function: &str, source: u32| {
        let given = json!({"link": id(2), "field": id(source), "function": function});
        options_of("rollup", &given, &stored).map(|field| shown::kind(&field, &stored))
    };
    let options = |field| stored.field(FieldId(field)).expect("a field of the base").options.clone();
    assert_eq!(rollup("SUM", 21), Ok(("number", options(21))));
    assert_eq!(rollup("COUNTA", 21), Ok(("number", json!({"format": "plain"}))));
    assert_eq!(rollup("MAX", 26), Ok(("date", options(26))));
    assert_eq!(rollup("SUM", 30), Ok(("duration", options(30))));
    assert_eq!(rollup("MIN", 31), Ok(("rating", options(31))));
    assert_eq!(rollup("AVERAGE", 31), Ok(("number", json!({"format": "plain"}))));
    assert_eq!(rollup("ARRAYUNIQUE", 24), Ok(("text", json!({}))));
    assert_eq!(rollup("ARRAYJOIN", 21), Ok(("text", json!({}))));
    assert_eq!(rollup("OR", 29), Ok(("checkbox", json!({}))));
    let dates = rollup("SUM", 26);
    assert_eq!(dates, Err("SUM expects a list of numbers for values, got a list of dates".into()));
    for function in linked::FUNCTIONS {
        assert!(rollup(function, 21).is_ok(), "{function} of numbers: {:?}", rollup(function, 21));
    }
}

const ZONES: [&str; 3] = ["Asia/Shanghai", "America/New_York", "Europe/London"];

/// Options under which each stored type is tried with any text.
fn tried() -> Vec<(&'static str, Json)> {
    let names = ["Todo", "Doing, still", "\"Done\"", "é", "ÀÉ"];
    let options: Vec<Json> = names.iter().map(|name| json!({ "name": name })).collect();
    let link = |many: bool| json!({"table": IdCodec::new(7).table(TableId(2)), "many": many});
    vec![
        ("text", json!({})),
        ("longText", json!({})),
        ("email", json!({})),
        ("url", json!({})),
        ("phone", json!({})),
        ("number", json!({})),
        ("number", json!({"format": "percent"})),
        ("rating", json!({"max": 10})),
        ("duration", json!({"format": "h:mm"})),
        ("duration", json!({"format": "h:mm:ss"})),
        ("checkbox", json!({})),
        ("date", json!({})),
        ("date", json!({"time": true})),
        ("singleSelect", json!({ "options": options })),
        ("multiSelect", json!({ "options": options })),
        ("person", json!({"many": true})),
        ("person", json!({"many": false})),
        ("link", link(true)),
        ("link", link(false)),
    ]
}

/// Texts that are nearly something.
fn nearly() -> impl Strategy<Value = String> {
    let words = "2026 6 18 13 29 2 年 月 日 - / . : T Z +08:00 am 下午 点 半 Jun today 今天 1 , 234 % ¥ $ 万 亿 e9 h m 小时 分 \
        Apollo Doe Todo Doing still Anna 陈晨 anna@x.com @ https:// mailto: \" ( ) true 是 ★ ☆ ６ ， é";
    let words: Vec<&'static str> = words.split_whitespace().chain([" ", "\n"]).collect();
    let built =
        proptest::collection::vec(proptest::sample::select(words), 0..9).prop_map(|words| words.concat());
    prop_oneof![built, "\\PC{0,16}"]
}

fn reads_back(field: &Field, value: &Value, stored: &Stored) -> Result<(), TestCaseError> {
    let text = type_of(field).text(value, field, stored);
    let back = accept(&Input::Text(text.clone()), true, field, stored).map(|(value, _)| value);
    prop_assert_eq!(back.as_ref(), Ok(value), "{} as {:?}", field.type_name, text);
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_a_cell_that_reads_back_or_is_refused(text in nearly(), zone in 0usize..3, typecast: bool) {
        let stored = base(ZONES[zone]);
        for (type_name, options) in tried() {
            let field = options_of(type_name, &options, &stored).expect("options");
            for input in [Input::Text(text.clone()), Input::List(vec![Input::Text(text.clone())])] {
                match accept(&input, typecast, &field, &stored) {
                    Ok((value, new)) if new.is_empty() => reads_back(&field, &value, &stored)?,
                    Ok(_) => {}
                    Err(why) => prop_assert!(!why.ends_with('.') && !why.is_empty()),
                }
            }
        }
    }

    #[test]
    fn a_column_is_taken_like_its_cells(texts in proptest::collection::vec(nearly(), 1..12), typecast: bool) {
        let stored = base("Asia/Shanghai");
        for (type_name, options) in tried() {
            let field = options_of(type_name, &options, &stored).expect("options");
            let context = || Accept { stored: &stored, typecast, now_ms: NOW_MS, new_options: Vec::new() };
            let (mut one, mut other) = (context(), context());
            let mut acceptor = type_of(&field).acceptor(&field, &stored);
            let mut printer = type_of(&field).printer(&field, &stored);
            for text in &texts {
                let input = Input::Text(text.clone());
                let taken = acceptor.accept(&input, &mut one);
                prop_assert_eq!(&taken, &type_of(&field).accept(&input, &field, &mut other));
                let mut printed = String::new();
                if let Ok(value) = &taken {
                    printer.print(value, &mut printed);
                    prop_assert_eq!(printed, type_of(&field).text(value, &field, &stored));
                }
            }
            prop_assert_eq!(one.new_options, other.new_options);
        }
    }

    #[test]
    fn numbers_read_back(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO, whole in -1_000_000i64..1_000_000) {
        let stored = base("UTC");
        for number in [number, whole as f64, whole as f64 / 100.0] {
            for (type_name, options) in tried().into_iter().filter(|(name, _)| ["number", "duration"].contains(name)) {
                let field = options_of(type_name, &options, &stored).expect("options");
                let (value, _) = accept(&Input::Number(number), false, &field, &stored).expect("a number");
                reads_back(&field, &value, &stored)?;
            }
        }
    }

    #[test]
    fn dates_read_back(minute in -30_000_000i64..60_000_000, ms in 0i64..60_000, zone in 0usize..3) {
        let stored = base(ZONES[zone]);
        let day = options_of("date", &json!({}), &stored).expect("options");
        let time = options_of("date", &json!({"time": true}), &stored).expect("options");
        reads_back(&day, &Value::Date(minute * 60_000 / 86_400_000 * 86_400_000), &stored)?;
        reads_back(&time, &Value::Date(minute * 60_000), &stored)?;
        reads_back(&time, &Value::Date(minute * 60_000 + ms), &stored)?;
    }

    #[test]
    fn lists_read_back(codes in proptest::collection::btree_set(0u32..5, 1..5)) {
        let stored = base("UTC");
        let codes: Vec<u32> = codes.into_iter().collect();
        for (type_name, options) in tried() {
            let field = options_of(type_name, &options, &stored).expect("options");
            // Two records are called Apollo: the title means the first.
            let titled: &[u32] = &[0, 1, 3, 5, 3];
            let value = |numbers: &dyn Fn(u32) -> u32| {
                let mut all: Vec<u32> = codes.iter().map(|code| numbers(*code)).collect();
                all.dedup();
                Value::codes(all)
            };
            match type_name {
                "multiSelect" => reads_back(&field, &value(&|code| code), &stored)?,
                "person" if options["many"] == true => reads_back(&field, &value(&|code| code + 1), &stored)?,
                "link" if options["many"] == true => {
                    let sorted: Value = Value::codes(
                        codes.iter().map(|code| titled[*code as usize]).collect::<std::collections::BTreeSet<_>>(),
                    );
                    reads_back(&field, &sorted, &stored)?;
                }
                _ => {}
            }
        }
    }
}

/// `cargo test -p engine --release -- --ignored --nocapture cells_a_second`
#[test]
#[ignore = "prints how long a million cells take"]
fn cells_a_second() {
    let stored = base("Asia/Shanghai");
    let names: Vec<Json> = (0..20).map(|at| json!({ "name": format!("Option {at}") })).collect();
    type Make = fn(usize) -> String;
    let columns: [(&str, Json, Make); 6] = [
        ("number", json!({}), |at| format!("{},{:03}.{}", at % 900 + 1, at % 1_000, at % 10)),
        ("date", json!({}), |at| format!("2026-{:02}-{:02}", at % 12 + 1, at % 28 + 1)),
        ("date", json!({"time": true}), |at| {
            format!("2026/{}/{} {}:{:02}", at % 12 + 1, at % 28 + 1, at % 24, at % 60)
        }),
        ("singleSelect", json!({ "options": names }), |at| format!("option {}", at % 20)),
        ("checkbox", json!({}), |at| if at % 2 == 0 { "yes".into() } else { "否".into() }),
        ("text", json!({}), |at| format!("text {at}")),
    ];
    for (type_name, options, make) in columns {
        let field = options_of(type_name, &options, &stored).expect("options");
        let inputs: Vec<Input> = (0..1_000_000).map(|at| Input::Text(make(at))).collect();
        let mut context = Accept { stored: &stored, typecast: true, now_ms: NOW_MS, new_options: Vec::new() };
        let mut acceptor = type_of(&field).acceptor(&field, &stored);
        let start = std::time::Instant::now();
        let n_taken = inputs.iter().filter(|input| acceptor.accept(input, &mut context).is_ok()).count();
        println!("{type_name} {options:.40}: {n_taken} cells in {:?}", start.elapsed());
    }
}
