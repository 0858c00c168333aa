//! `sheaf eval --jsonl` as a program: what is asked, `>` what it answers; `UPDATE=1` rewrites the answers.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

fn sheaf(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    command.args(args).env_remove("SHEAF_DIALECT").env_remove("SHEAF_TIMEZONE");
    command
}

#[test]
fn each_line_is_answered_before_the_next_is_asked() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/eval.txt");
    let text = std::fs::read_to_string(&path).expect("the cases");
    let mut command = sheaf(&["eval", "--jsonl", "--now", "2024-03-05T10:00:00Z"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program");
    let mut input = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with('>')) {
        out.push_str(&format!("{line}\n"));
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        writeln!(input, "{line}").expect("the program reads");
        out.push_str(&format!("> {}\n", answers.next().expect("an answer").expect("a line")));
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "some lines cannot be read");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, out).expect("the cases can be written");
    } else {
        for (got, wanted) in out.lines().zip(text.lines()) {
            assert_eq!(got, wanted);
        }
        assert_eq!(out.lines().count(), text.lines().count());
    }
}

#[track_caller]
fn check(args: &[&str], code: i32, stdout: &str, stderr: &str) {
    let done = sheaf(args).output().expect("the program");
    assert_eq!(done.status.code(), Some(code), "{args:?}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), stdout, "{args:?}");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains(stderr), "{args:?}: {said}");
}

#[test]
fn one_formula_is_printed_and_failures_have_exit_codes() {
    check(&["eval", r#"IF({A}>1,"x","y")"#, "--fields", r#"{"A":2}"#], 0, "x\n", "");
    check(&["eval", r#""x""#, "--json"], 0, "\"x\"\n", "");
    check(&["eval", "6 / 2"], 0, "3\n", "");
    check(&["eval", "BLANK()"], 0, "null\n", "");
    check(&["eval", "DATE(2024, 3, 5)"], 0, "2024-03-05\n", "");
    check(&["eval", "FIND(\"x\", \"abc\")", "--dialect", "feishu"], 0, "-1\n", "");
    check(&["eval", "1 / 0"], 1, "", "#DIV/0!");
    check(&["eval", "{Bugdet} * 2", "--fields", r#"{"Budget": 1}"#], 1, "", "did you mean \"Budget\"?");
    check(&["eval", "1", "--dialect", "lotus"], 2, "", "airtable, feishu, excel");
    check(&["eval", "1", "--fields", "[1]"], 2, "", "an object");
    check(&["eval", "{A}", "--fields", r#"{"A":1}"#, "--types", r#"{"A":"nombre"}"#], 2, "", "is no type");
    check(&["eval"], 2, "", "FORMULA");
    check(
        &["functions", "LEFT"],
        0,
        "LEFT(text, count: number = 1) -> text\n    The first `count` characters.\n    LEFT(\"hello\", 2) → \"he\"\n    LEFT(\"预算表\", 2) → \"预算\"\n",
        "",
    );
    check(&["functions", "NOPE"], 1, "", "no function NOPE");
}
