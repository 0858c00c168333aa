//! What the formula editor says: the formula, `^^^` under the range, the message; `UPDATE=1` rewrites all but
//! the formulas.

mod common;

use common::Base;
use formulas::{Dependency, FieldId, Path, TableId};

fn check(path: &std::path::Path) {
    let text = std::fs::read_to_string(path).expect("a file of diagnostics");
    let (head, cases) = text.split_once("\n---\n").expect("a base above the cases");
    let base = Base::parse(head);
    let mut out = format!("{head}\n---\n");
    for block in cases.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let formula = block.lines().find(|line| !line.starts_with("//")).expect("a formula");
        block
            .lines()
            .filter(|line| line.starts_with("//"))
            .for_each(|line| out.push_str(&format!("{line}\n")));
        out.push_str(&format!("{formula}\n{}\n", said(&base, formula)));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &out).expect("the file can be written");
    } else {
        assert_eq!(out.trim_end(), text.trim_end(), "in {}", path.display());
    }
}

fn said(base: &Base, formula: &str) -> String {
    let Err(diagnostics) = base.check(formula) else { return "nothing is wrong\n".to_owned() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let chars = |end: usize| formula[..end].chars().count();
        let (start, end) = (chars(diagnostic.range.start), chars(diagnostic.range.end));
        let marks = "^".repeat((end - start).max(1));
        out.push_str(&format!("{}{marks}\n{diagnostic}\n", " ".repeat(start)));
        if let Some(suggestion) = diagnostic.suggestion {
            out.push_str(&format!("  → {suggestion}\n"));
        }
    }
    out
}

#[test]
fn mistakes_are_told_where_they_are() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut paths: Vec<_> =
        std::fs::read_dir(dir).expect("the files").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.iter().for_each(|path| check(path));
}

fn base() -> Base {
    Base::parse(
        "table A: Name text, Link link(B), Number number\ntable B: Title text, Back link(A), Points number",
    )
}

#[track_caller]
fn assert_reads(formula: &str, wanted: &[(u32, Path)], tables: &[u32]) {
    let expr = base().check(formula).expect("a formula that checks");
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(field, path)| Dependency { field: FieldId(*field), path: path.clone() })
        .collect();
    assert_eq!(expr.dependencies(), wanted, "{formula}");
    let tables: Vec<_> = tables.iter().map(|table| TableId(*table)).collect();
    assert_eq!(expr.whole_tables(), tables, "{formula}");
}

#[test]
fn a_formula_knows_what_it_reads() {
    let through = |links: &[u32]| Path::Through(links.iter().map(|link| FieldId(*link)).collect());
    let whole = |table| Path::Whole(TableId(table));
    let same = || Path::Same;
    assert_reads("{Number} + {Number}", &[(2, same())], &[]);
    assert_reads("{Link}.{Points}", &[(1, same()), (5, through(&[1]))], &[]);
    assert_reads("{Link}.{Back}.{Name}", &[(0, through(&[1, 4])), (1, same()), (4, through(&[1]))], &[]);
    // A link as text shows the names of its records.
    assert_reads("{Link} & \"\"", &[(1, same()), (3, through(&[1]))], &[]);
    assert_reads("COUNTALL({Link})", &[(1, same())], &[]);
    assert_reads(
        "{Link}.FILTER(CurrentValue.{Points} > {Number}).FIRST().{Title}",
        &[(1, same()), (2, same()), (3, through(&[1])), (5, through(&[1]))],
        &[],
    );
    assert_reads(
        "IF({Number}, {Link}, {Link}.{Back}.{Link}).{Title}",
        &[
            (1, same()),
            (1, through(&[1, 4])),
            (2, same()),
            (3, through(&[1])),
            (3, through(&[1, 4, 1])),
            (4, through(&[1])),
        ],
        &[],
    );
    assert_reads(
        "[B].FILTER(CurrentValue.[Title] = [Name]).[Points].SUM()",
        &[(0, same()), (3, whole(1)), (5, whole(1))],
        &[1],
    );
    assert_reads("[B].[Back].[Number]", &[(2, whole(0)), (4, whole(1))], &[1]);
    assert_reads("COUNTALL([B])", &[], &[1]);
}

#[test]
fn only_clocks_make_a_formula_volatile() {
    assert!(base().check("{Number} + YEAR(NOW())").expect("it checks").is_volatile());
    assert!(!base().check("YEAR(DATE(2024, 1, 1))").expect("it checks").is_volatile());
}

#[test]
fn a_deleted_field_prints_as_a_reference_to_nothing() {
    let base = base();
    assert_eq!(
        formulas::to_user("{#77} + #2 * [#1].COUNTALL() // {#2}", TableId(0), &base),
        "{#REF!} + Number * [B].COUNTALL() // {#2}"
    );
    let (ast, diagnostics) = formulas::parse_stored("{#77} + 1");
    assert_eq!(diagnostics, []);
    let errors = formulas::check(&ast, TableId(0), &base).expect_err("the field is gone");
    assert_eq!((errors[0].range.clone(), errors[0].message.as_str()), (0..5, "this field was deleted"));
}

#[test]
fn rollups_may_use_what_takes_one_list() {
    let takes = |name: &str| formulas::function_named(name).expect("a function").takes_one_list();
    for name in
        ["SUM", "AVERAGE", "MIN", "MEDIAN", "COUNT", "COUNTALL", "STDEV.S", "ARRAYJOIN", "ARRAYUNIQUE"]
    {
        assert!(takes(name), "{name}");
    }
    for name in ["FIRST", "LAST", "SORT", "AND", "OR", "LISTCOMBINE"] {
        assert!(takes(name), "{name}");
    }
    for name in [
        "ABS",
        "IF",
        "IFS",
        "SWITCH",
        "NTH",
        "FILTER",
        "SORTBY",
        "CONTAINS",
        "NOT",
        "LEN",
        "NOW",
        "PI",
        "ISBLANK",
        "ARRAYSLICE",
    ] {
        assert!(!takes(name), "{name}");
    }
}
