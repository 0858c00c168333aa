//! Scripts as text: a base, scripts tried on its first record, and what each says. And a corpus of scripts that
//! mean harm: each ends with a reason. How long one may take is not asserted; the budget of steps is small.

#![allow(missing_docs)]

mod common;

use std::path::Path;

use engine::automation::script::{Budget, check};
use engine::automation::{DryRun, dry_run, unsaved};
use engine::{Base, PersonId, RecordId};
use serde_json::{Value as Json, json};

fn tried(base: &Base, source: &str, budget: Budget) -> DryRun {
    let table = common::table(base, "Tasks");
    let trigger = json!({ "kind": "recordCreated", "table": base.snapshot().ids().table(table) });
    let actions = json!([{ "kind": "script", "source": source }]);
    let automation = unsaved(PersonId(1), "Try", trigger, Json::Null, actions);
    dry_run(base, &automation, Some(RecordId(0)), common::NOW_MS, budget)
}

fn said(base: &Base, dry: &DryRun) -> String {
    if let Some(error) = &dry.error {
        return format!("error: {error}");
    }
    let snapshot = base.snapshot();
    let mut said: Vec<String> = Vec::new();
    for one in &dry.changes {
        let field =
            one.field.map_or("record", |field| snapshot.field(field).map_or("?", |def| def.name.as_str()));
        let table = &snapshot.schema().tables[&one.table].name;
        said.push(format!("{table}.{}.{field}: {} → {}", one.record.0 + 1, one.before, one.after));
    }
    said.extend(dry.effects.iter().map(|one| {
        let mut payload = one.payload.clone();
        ["table", "record", "person"].iter().for_each(|key| {
            payload.as_object_mut().expect("an object").remove(*key);
        });
        format!("{} {payload}", one.kind)
    }));
    said.extend(dry.log.iter().map(|line| format!("[{line}]")));
    if said.is_empty() { "nothing".into() } else { said.join("; ").trim_end().to_owned() }
}

#[test]
fn every_script_says_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/scripts");
    let mut failures = Vec::new();
    for entry in std::fs::read_dir(folder).expect("cases") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a case file");
        let mut parts = text.split("\n---\n");
        let head = parts.next().expect("a base");
        let base = common::base(head);
        let version = base.snapshot().version();
        let mut out = head.to_owned();
        for part in parts {
            let (source, expected) = part.trim_end().rsplit_once("\n=>").unwrap_or((part.trim_end(), ""));
            let said = said(&base, &tried(&base, source, Budget::default()));
            if said != expected.trim() {
                failures.push(format!("{source}\n  said: {said}"));
            }
            out += &format!("\n---\n{source}\n=> {said}");
        }
        assert_eq!(base.snapshot().version(), version, "nothing is written");
        out.push('\n');
        if std::env::var_os("UPDATE").is_some() && out != text {
            std::fs::write(&path, out).expect("the case file is written");
        }
    }
    if std::env::var_os("UPDATE").is_none() {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

#[test]
fn hostile_scripts_end_with_a_reason() {
    let base = common::base("table Tasks\n  field Name text\nrecord Tasks {\"Name\": \"a\"}\n");
    let budget = Budget { operations: 20_000, wall_ms: 5_000, records: 1_000_000, bytes: 1 << 20 };
    let parentheses = format!("let x = {}1{};", "(".repeat(10_000), ")".repeat(10_000));
    let literal = format!("let x = \"{}\";", "a".repeat(1 << 20));
    let json = format!("parse_json(\"{}\");", "[".repeat(5_000));
    let deep_json = format!("parse_json(\"{}{}\");", "[".repeat(200), "]".repeat(200));
    let variables: String = (0..2_000).map(|n| format!("let v{n} = {n};\n")).collect();
    let functions: String = (0..2_000).map(|n| format!("fn f{n}() {{ {n} }}\n")).collect();
    let corpus = [
        "loop {}",
        "while true { let x = 1; }",
        "let s = \"ab\"; loop { s += s; }",
        "let a = []; loop { a.push([1, 2, 3]); }",
        "let a = [1]; loop { a = [a, a, a]; }",
        "let a = [1, 2]; loop { a += a; }",
        "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }",
        "fn f(n) { f(n + 1) } f(0);",
        "let f = |n| n; f = |n| f.call(n); f.call(1);",
        "fn a() { b() } fn b() { a() } a();",
        parentheses.as_str(),
        literal.as_str(),
        json.as_str(),
        deep_json.as_str(),
        variables.as_str(),
        functions.as_str(),
        "loop { table(\"Tasks\").count(); }",
        "loop { table(\"Tasks\").all(); }",
        "loop { args.record[\"Name\"] = \"x\" + args.record[\"Name\"]; }",
        "loop { table(\"Tasks\").create(#{\"Name\": \"x\"}); }",
        "loop { table(\"Tasks\").create(#{\"Name\": \"x\"}).id; }",
        "loop { notify(\"owner\", \"x\"); }",
        "loop { http(#{url: \"https://example.com\"}); }",
        "sleep(1000000);",
        "sleep(1e9);",
        "eval(\"40 + 2\")",
        "import \"fs\" as fs; fs::read(\"/etc/passwd\");",
        "let s = \"a\"; for i in 0..18 { s += s; } s.replace(\"a\", s);",
        "let s = \"a\"; s.pad(1000000000, \"x\");",
        "let a = []; a.pad(1000000000, 1);",
        "let x = 9223372036854775807; x += 1;",
        "1 / 0;",
        "let x = 0; x.y.z = 1;",
        "throw #{a: 1};",
        "fn table(x) { 1 } table(\"Tasks\").all();",
        "args.record.delete(); args.record[\"Name\"] = \"x\";",
        "table(\"Tasks\").create(args);",
        "args.record[\"Name\"] = #{a: 1};",
        "http(#{url: \"file:///etc/passwd\"});",
        "http(#{url: \"https://a@b/\"});",
        "http(#{url: \"https://b/\", headers: #{\"x\": \"a\\r\\nb\"}});",
        "timestamp();",
        "open(\"/etc/passwd\");",
        "\u{202e}let x = 1;",
        "let \u{0}x = 1;",
    ];
    for source in corpus {
        let dry = tried(&base, source, budget);
        let error = dry.error.unwrap_or_else(|| panic!("{}: it was done", &source[..source.len().min(200)]));
        assert!(
            !error.is_empty() && !error.contains("internal error"),
            "{}: {error}",
            &source[..source.len().min(200)]
        );
    }
}

/// These end well: they are only large.
#[test]
fn logs_are_cut_and_arrays_sorted() {
    let base = common::base("table Tasks\n  field Name text\nrecord Tasks {\"Name\": \"a\"}\n");
    let dry = tried(&base, "for i in 0..5000 { log(i); }", Budget::default());
    assert_eq!((dry.error, dry.log.len()), (None, 1_001));
    let dry = tried(
        &base,
        "let a = []; for i in 0..500 { a.push(500 - i); } a.sort(); log(a[0]);",
        Budget::default(),
    );
    assert_eq!((dry.error, dry.log), (None, vec!["1".to_owned()]));
}

#[test]
fn the_editor_is_told_line_and_column() {
    assert_eq!(check("let x = 1;\nlog(x);"), Vec::new());
    let problems = check("let x = 1;\nlet y = x +;\n");
    assert_eq!((problems[0].line, problems[0].column), (2, 12), "{problems:?}");
    let problems = check("log(nothing);");
    assert_eq!((problems[0].line, problems[0].column), (1, 5), "{problems:?}");
    assert!(check("eval(\"1\")").len() == 1);
}
