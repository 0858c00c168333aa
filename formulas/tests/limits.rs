//! Formulas that were made to hurt: each is refused or ends soon, and says why.

#![allow(missing_docs)]

mod common;

use std::time::{Duration, Instant};

use common::{Base, context};
use formulas::{Rows, TableId, Value};

/// Unoptimized and beside other work, what takes a fraction of it otherwise.
const SOON: Duration = Duration::from_secs(90);

fn base(n: usize) -> Base {
    let mut text = String::from("table Items: Name text, Number number, Parent link(Items), Words texts\n");
    for row in 0..n {
        let parent = if row == 0 { "-".to_owned() } else { format!("[@{}]", (row - 1) / 2) };
        text.push_str(&format!("\"i{row}\" {} {parent} [\"a\", \"b\"]\n", row % 50));
    }
    Base::parse(&text)
}

/// What the checker says, or what comes out for the first record.
fn answer(base: &Base, formula: &str) -> String {
    let start = Instant::now();
    let answer = match base.check(formula) {
        Err(diagnostics) => format!("refused: {}", diagnostics[0]),
        Ok(expr) => {
            let value = expr.evaluate(base, &context("UTC"), 0, Rows::Some(&[0])).get(0);
            match value {
                Value::Error(error) => error.to_string(),
                Value::Text(text) if text.len() > 100 => format!("a text of {} bytes", text.len()),
                other => common::show(&other, expr.ty()),
            }
        }
    };
    let excerpt: String = formula.chars().take(60).collect();
    assert!(start.elapsed() < SOON, "{excerpt} took {:?}", start.elapsed());
    answer
}

#[test]
fn deep_and_long_texts_are_refused_or_evaluated() {
    let base = base(3);
    let nested = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(answer(&base, &nested), "refused: a formula nests at most 64 deep");
    let nested = format!("{}1{}", "LET(a, ".repeat(3_000), ", a)".repeat(3_000));
    assert!(answer(&base, &nested).starts_with("refused: "));
    let lambdas = format!("{}1{}", "MAP({Words}, LAMBDA(x, ".repeat(800), "))".repeat(800));
    assert!(answer(&base, &lambdas).starts_with("refused: "));
    for op in ["+", "-", "*", "&", "=", "^", "&&", "||", "/"] {
        let chain = vec!["1"; 10_000].join(op);
        assert_eq!(answer(&base, &chain), "refused: a formula has at most 2000 parts", "{op}");
        let chain = vec!["{Number}"; 500].join(op);
        assert!(!answer(&base, &chain).starts_with("refused"), "{op}");
        let chain = vec!["({Number}+1)"; 300].join(op);
        assert!(!answer(&base, &chain).starts_with("refused"), "{op}");
    }
    let signs = format!("{}1", "-".repeat(32_000));
    assert_eq!(answer(&base, &signs), "refused: a formula nests at most 64 deep");
    let names: Vec<String> = (0..400).map(|at| format!("n{at}, n{} + n{}", at - 1, at - 1)).skip(1).collect();
    let doubled = format!("LET(n0, {{Number}} + 1, {}, n399)", names.join(", "));
    assert_eq!(answer(&base, &doubled), format!("{}", 2f64.powi(399)));
}

#[test]
fn functions_that_call_functions_do_not_explode() {
    let base = base(3);
    let doubling = |n: usize| {
        let functions = (1..=n).map(|at| format!(", f{at}, LAMBDA(x, f{}(f{}(x)))", at - 1, at - 1));
        format!("LET(f0, LAMBDA(x, x + 1){}, f{n}(0))", functions.collect::<String>())
    };
    assert_eq!(answer(&base, &doubling(8)), "256");
    assert_eq!(
        answer(&base, &doubling(14)),
        "refused: with its LAMBDAs the formula has more than 20000 parts"
    );
    assert!(answer(&base, &doubling(60)).starts_with("refused: "));
    let mut wide = String::from("LET(f0, LAMBDA(x, x + 1)");
    for at in 1..14 {
        let call = format!("f{}(x)", at - 1);
        wide.push_str(&format!(", f{at}, LAMBDA(x, {})", vec![call; 8].join(" + ")));
    }
    let said = answer(&base, &format!("{wide}, f13(0))"));
    assert_eq!(said, "refused: with its LAMBDAs the formula has more than 20000 parts");
    assert_eq!(answer(&base, "LET(f, LAMBDA(x, f(x)), f(1))"), "refused: f cannot call itself");
    assert_eq!(answer(&base, "LET(f, LAMBDA(g, g(g)), f(f))"), "refused: g is a value, not a LAMBDA");
}

#[test]
fn lists_inside_of_lists_end() {
    let base = base(300);
    let three = "[Items].MAP(LAMBDA(a, [Items].MAP(LAMBDA(b, [Items].FILTER(LAMBDA(c, \
                 c.[Number] > a.[Number] + b.[Number])).COUNTALL())).SUM())).SUM()";
    assert_eq!(
        answer(&base, three),
        "#ERROR!: the lists inside of lists come to more than 16777216 items for one record"
    );
    let lists = "[Items].MAP([Items].MAP([Items].MAP(1))).COUNTALL()";
    assert_eq!(answer(&base, lists), "#ERROR!: a list has at most 4194304 items");
    assert_eq!(answer(&base, "SEQUENCE(1e9).SUM()"), "#ERROR!: a sequence has at most 20000 numbers");
    assert_eq!(answer(&base, "SEQUENCE(1, 1e18).SUM()"), "#ERROR!: a sequence has at most 20000 numbers");
    let four = "MAP(SEQUENCE(20000), LAMBDA(a, SEQUENCE(20000))).COUNTALL()";
    assert_eq!(answer(&base, four), "#ERROR!: a list has at most 4194304 items");
}

#[test]
fn steps_that_grow_end() {
    let base = base(3);
    let grows = "LET(s, SEQUENCE(20000), REDUCE(\"\", s, LAMBDA(a, x, a & REPT(\"x\", 100))))";
    assert_eq!(answer(&base, grows), "#ERROR!: the steps of REDUCE or SCAN make more than 67108864 bytes");
    let doubles = "REDUCE(\"x\", SEQUENCE(100), LAMBDA(a, x, a & a))";
    assert_eq!(answer(&base, doubles), "#ERROR!: a text has at most 1048576 bytes");
    let caught = "REDUCE(\"x\", SEQUENCE(100), LAMBDA(a, x, IFERROR(a & a, \"y\"))).LEN() > 0";
    assert_eq!(answer(&base, caught), "true");
    let lists = "REDUCE(LIST(), SEQUENCE(20000), LAMBDA(a, x, LIST(a, x))).COUNTALL()";
    assert_eq!(answer(&base, lists), "#ERROR!: the steps of REDUCE or SCAN make more than 67108864 bytes");
    let scanned = "SCAN(\"x\", SEQUENCE(60), LAMBDA(a, x, a & a)).COUNTALL()";
    assert_eq!(answer(&base, scanned), "60");
    let long = "REDUCE(0, MAP(SEQUENCE(7), LAMBDA(a, SEQUENCE(20000))), LAMBDA(a, x, a + x))";
    assert_eq!(
        answer(&base, long),
        "#ERROR!: REDUCE and SCAN go through at most 100000 items, the list has 140000"
    );
}

#[test]
fn looking_things_up_is_not_quadratic() {
    let n = 20_000;
    let base = base(n);
    let context = context("UTC");
    let formulas = [
        "MATCH([Name], [Items].[Name], 0)",
        "XLOOKUP([Name], [Items].[Name], [Items].[Number])",
        "XLOOKUP([Name], [Items].[Name], [Items].[Number], 0, 0, -1)",
        "XLOOKUP([Number] + 0.5, [Items].[Number], [Items].[Name], \"\", -1)",
        "XLOOKUP([Number] + 0.5, [Items].[Number], [Items].[Name], \"\", 1, -1)",
        "LOOKUP([Name], [Items].[Name], [Items].[Number])",
        "[Items].FILTER(LAMBDA(i, [Name] = i.[Name])).COUNTALL()",
        "[Items].FILTER(LAMBDA(i, LET(n, [Name], i.[Number] >= 0 && i.[Name] = n))).COUNTALL()",
        "COUNTALL(ANCESTORS([Parent]))",
    ];
    for formula in formulas {
        let expr = base.check(formula).unwrap_or_else(|errors| panic!("{formula}: {errors:?}"));
        let prepared = expr.prepare(&base, &context);
        let start = Instant::now();
        for chunk in 0..n / 4_096 {
            let cells = prepared.evaluate(chunk, Rows::All(4_096));
            assert_eq!(cells.errors(), [], "{formula}");
        }
        assert!(start.elapsed() < SOON, "{formula} took {:?}", start.elapsed());
    }
}

#[test]
fn trees_that_are_deep_or_go_in_circles_end() {
    let chain = |n: usize, first: &str| {
        let mut text = format!("table Items: Name text, Parent link(Items)\n\"i0\" {first}\n");
        (1..n).for_each(|row| text.push_str(&format!("\"i{row}\" [@{}]\n", row - 1)));
        Base::parse(&text)
    };
    let value = |base: &Base, formula: &str, row: u32| {
        base.value(&base.check(formula).expect("it checks"), row, &context("UTC"))
    };
    let deep = chain(400, "-");
    assert_eq!(value(&deep, "COUNTALL(ANCESTORS([Parent]))", 256), Value::Number(256.0));
    for (formula, row) in [
        ("COUNTALL(ANCESTORS([Parent]))", 399),
        ("COUNTALL(DESCENDANTS([Parent]))", 0),
        ("PATH([Parent], [Name])", 399),
    ] {
        let Value::Error(error) = value(&deep, formula, row) else { panic!("{formula} is too deep") };
        assert_eq!(error.to_string(), "#ERROR!: a tree of records has at most 256 levels");
    }
    let circle = chain(10, "[@9]");
    for formula in ["COUNTALL(ANCESTORS([Parent]))", "SUM(DESCENDANTS([Parent]).[Name])", "PATH([Parent])"] {
        let Value::Error(error) = value(&circle, formula, 3) else { panic!("{formula} goes in a circle") };
        let text = error.to_string();
        assert!(text.starts_with("#ERROR!: records are above themselves: rec0 → "), "{text}");
    }
    // Every two levels have all four ways between them: 2^100 ways, 200 records.
    let mut text = String::from("table Items: Name text, Parent link(Items)\n\"a\" -\n\"b\" -\n");
    for level in 1..100 {
        let above = format!("[@{}, @{}]", 2 * level - 2, 2 * level - 1);
        text.push_str(&format!("\"a\" {above}\n\"b\" {above}\n"));
    }
    let braid = Base::parse(&text);
    assert_eq!(value(&braid, "COUNTALL(ANCESTORS([Parent]))", 199), Value::Number(198.0));
    assert_eq!(value(&braid, "COUNTALL(DESCENDANTS([Parent]))", 0), Value::Number(198.0));
}

#[test]
fn what_is_stored_keeps_names_and_what_is_printed_means_the_same() {
    let mut base = base(3);
    let typed = "LET(x, Number, /* twice */ MAP({Words}, LAMBDA(w, w & x)))";
    let stored = formulas::to_stored(typed, TableId(0), &base).expect("it checks");
    assert_eq!(stored, "LET(x, #1, /* twice */ MAP({#3}, LAMBDA(w, w & x)))");
    assert_eq!(formulas::to_user(&stored, TableId(0), &base), typed);
    // A field that has come to be named like a name of the formula's own is said with braces.
    base.fields[1].name = "x".to_owned();
    let printed = formulas::to_user(&stored, TableId(0), &base);
    assert_eq!(printed, "LET(x, {x}, /* twice */ MAP({Words}, LAMBDA(w, w & x)))");
    assert_eq!(
        formulas::to_stored(&printed, TableId(0), &base).expect("it checks"),
        "LET(x, {#1}, /* twice */ MAP({#3}, LAMBDA(w, w & x)))"
    );
}
