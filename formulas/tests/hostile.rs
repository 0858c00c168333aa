//! Formulas that somebody writes to hurt. Each ends with a value or a clear word, and nothing that it makes is larger than
//! the limits say.

mod common;

use common::{Base, context, show};
use formulas::limits::{DEPTH_MAX, LIST_ITEMS_MAX, TEXT_BYTES_MAX};
use formulas::{Context, Dialect, TableId, Value, parse, to_stored};

/// Links that lead in a circle, and enough records that their square is felt.
fn base(dialect: Dialect) -> Base {
    let mut text = String::from("table Things: Name text, Number number, Up link(Things)\n");
    for row in 0..300 {
        text.push_str(&format!("\"n{row}\" {row} [@{}, @{}]\n", (row + 1) % 300, row));
    }
    Base { dialect, ..Base::parse(&text) }
}

fn nested(open: &str, inner: &str, close: &str, n: usize) -> String {
    format!("{}{inner}{}", open.repeat(n), close.repeat(n))
}

/// How large a value is: bytes of text, items of lists.
fn assert_bounded(value: &Value, formula: &str) {
    match value {
        Value::Text(text) => assert!(text.len() <= TEXT_BYTES_MAX, "{} bytes of {formula:.60}", text.len()),
        Value::List(items) => {
            assert!(items.len() <= LIST_ITEMS_MAX, "{} items of {formula:.60}", items.len());
            items.iter().for_each(|item| assert_bounded(item, formula));
        }
        _ => {}
    }
}

#[track_caller]
fn ends(formula: &str, wanted: &str) {
    ends_in(formula, Dialect::Airtable, wanted);
}

/// Checks the beginning of what comes of a formula.
#[track_caller]
fn ends_in(formula: &str, dialect: Dialect, wanted: &str) {
    let base = base(dialect);
    let got = match base.check(formula) {
        Err(diagnostics) => {
            let ranges = diagnostics.iter().map(|one| one.range.clone());
            ranges.for_each(|range| assert!(formula.get(range).is_some(), "a range of {formula:.60}"));
            format!("refused: {}", diagnostics[0])
        }
        Ok(expr) => {
            let value = base.value(&expr, 0, &Context { dialect, ..context("UTC") });
            assert_bounded(&value, formula);
            show(&value, expr.ty())
        }
    };
    assert!(got.starts_with(wanted), "{formula:.80} gives {got:.200}, not {wanted}");
    let _ = parse(formula).0.to_string();
    let _ = to_stored(formula, TableId(0), &base);
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let refused = format!("refused: a formula nests at most {DEPTH_MAX} deep");
    for n in [100, 5_000] {
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("+", ""),
            ("", "%"),
            ("ABS(", ")"),
            ("1^(", ")"),
            ("-(", ")%"),
            ("\"a\"&(", ")"),
        ] {
            ends(&nested(open, "1", close, n), &refused);
        }
    }
    ends(&nested("(", "1", ")", 10_000), &refused);
    ends(&nested("IF(1,", "1", ")", 5_000), &refused);
    ends(&nested("(", "1", "", 10_000), &refused);
    ends(&format!("LIST(1){}", ".SORT()".repeat(4_000)), &refused);
    ends(&format!("{{Up}}{}.{{Name}}", ".{Up}".repeat(4_000)), &refused);
    ends(&nested("", "1", ")", 10_000), "refused: `)` is not expected here");
    ends(&format!("1{}", "+1".repeat(999)), "1000");
    ends(&format!("1{}", "+1".repeat(10_000)), "refused: a formula has at most 2000 parts");
    ends(&format!("OR({}1)", "0,".repeat(5_000)), "refused: a formula has at most 2000 parts");
}

#[test]
fn what_is_too_long_or_no_formula_is_refused() {
    ends(&"1".repeat(40_000), "refused: a formula has at most 32768 bytes");
    ends(&"1".repeat(30_000), "refused: this number is too large");
    ends(&format!("\"{}", "a".repeat(30_000)), "refused: this text has no end");
    ends(&format!("{{{}", "a".repeat(30_000)), "refused: this name has no end");
    ends(&format!("/*{}", "*".repeat(30_000)), "refused: this comment has no end");
    ends(&"a".repeat(30_000), "refused: there is no field");
    ends(&format!("a{}", "\u{301}".repeat(15_000)), "refused: there is no field");
    ends(&"\u{0}".repeat(30_000), "refused: `\u{0}` has no meaning here");
    ends(&"🙂".repeat(8_000), "refused: `🙂` has no meaning here");
    ends("\u{202e}1 + 1", "refused: `\u{202e}` has no meaning here");
    ends("1e999", "refused: this number is too large");
}

#[test]
fn texts_do_not_explode() {
    let bomb = "#ERROR!: a text has at most 1048576 bytes";
    ends(r#"REPT("x", 1000000000000)"#, bomb);
    ends(r#"REPT("x", 1e300)"#, bomb);
    ends(r#"REPT("", 1e300)"#, "\"\"");
    ends(r#"LEN(REPT("x", 1048576))"#, "1048576");
    ends(&nested("REPT(", "\"x\"", ", 100)", 60), bomb);
    ends(r#"REPT("x", 1048576) & "y""#, bomb);
    ends(&format!("REPT(\"x\", 1000000){}", " & REPT(\"x\", 1000000)".repeat(20)), bomb);
    ends(r#"CONCATENATE(REPT("x", 1000000), REPT("x", 1000000))"#, bomb);
    ends(r#"SUBSTITUTE(REPT("a", 1000000), "a", REPT("b", 1000000))"#, bomb);
    ends(r#"REPLACE(REPT("a", 1000000), 1, 0, REPT("b", 1000000))"#, bomb);
    ends(r#"TEXTJOIN(REPT("-", 1000000), FALSE, "a", "b", "c")"#, bomb);
    ends(r#"ARRAYJOIN([Things].[Name], REPT("-", 1000000))"#, bomb);
    ends(r#"REGEX_REPLACE(REPT("a", 100000), "", REPT("b", 100))"#, bomb);
    ends(r#"REGEX_REPLACE(REPT("a", 100000), "(a)", REPT("$1", 20))"#, bomb);
    ends(r#"REGEX_REPLACE(REPT("a", 1000000), "", "b")"#, "#VALUE!: a regular expression searches at most");
    ends(r#"ENCODE_URL_COMPONENT(REPT("é", 500000))"#, bomb);
    ends(r#"LEN(UPPER(REPT("ß", 500000)))"#, "1000000");
    ends(r#"LEN([Things].MAP(REPT("x", 1000000)).FIRST())"#, "1000000");
}

#[test]
fn patterns_take_no_more_time_than_their_text() {
    ends(r#"REGEX_MATCH(REPT("a", 100000), "(a+)+$b")"#, "false");
    ends(r#"REGEX_MATCH(REPT("a", 100000) & "!", "^(a|a)*$")"#, "false");
    ends(r#"REGEX_MATCH(REPT("a", 5000), "(a?){500}a{500}$")"#, "true");
    ends(r#"REGEX_MATCH("a", "(((a{1000}){1000}){1000})")"#, "#");
    ends(r#"REGEX_MATCH("a", REPT("(", 10000))"#, "#");
    ends(r#"REGEX_EXTRACT(REPT("ab", 100000), "(.*)(.*)(.*)(.*)x")"#, "");
    for dialect in Dialect::ALL {
        ends_in(r#"LEN(SUBSTITUTE(REPT("a", 1000000), "aa", ""))"#, dialect, "0");
    }
    ends_in(r#"IFERROR(SEARCH(REPT("*a", 120) & "b", REPT("a", 1000000)), 0)"#, Dialect::Excel, "0");
    ends_in(r#"IFERROR(SEARCH(REPT("?", 250) & "b", REPT("a", 100000)), 0)"#, Dialect::Excel, "0");
    ends_in(r#"SEARCH(REPT("a", 1000), "a")"#, Dialect::Excel, "#VALUE!: what is searched has at most 255");
}

#[test]
fn lists_in_lists_do_not_multiply() {
    ends("[Things].COUNTIF([Things].COUNTIF([Things].COUNTIF(CurrentValue.[Number] > 5) > 5) > 5)", "300");
    ends("COUNTALL([Things].MAP([Things].[Number]))", "90000");
    ends("SUM([Things].MAP(SUM([Things].[Number].FILTER(CurrentValue > 150))))", "");
    let deep = nested("[Things].MAP(", "[Things].[Number]", ")", 6);
    ends(&deep, "refused: FILTER, MAP and their like nest at most");
    ends(&format!("COUNTALL({{Up}}{})", ".{Up}".repeat(25)), "#ERROR!");
    ends("COUNTALL([Things].{Up}.{Up}.{Up})", "2400");
}

#[test]
fn numbers_and_dates_out_of_all_proportion_are_words() {
    for (formula, wanted) in [
        ("1e308 * 10", "#NUM!"),
        ("-1e308 - 1e308", "#NUM!"),
        ("10 ^ 400", "#NUM!"),
        ("(-1) ^ 0.5", "#NUM!"),
        ("0 ^ -1", ""),
        ("ROUND(1, 1e300)", "1"),
        ("ROUND(1, -1e300)", "0"),
        ("LEFT(\"abc\", 1e300)", "\"abc\""),
        ("LEFT(\"abc\", -1e300)", "#VALUE!"),
        ("MID(\"abc\", 1e300, 1e300)", "\"\""),
        ("MID(\"abc\", -1e300, 1)", ""),
        ("UNICHAR(1e300)", "#"),
        ("CHAR(-1)", "#"),
        ("DATEADD(DATE(2024, 1, 1), 1e300, \"days\")", "#"),
        ("DATEADD(DATE(2024, 1, 1), -1e12, \"years\")", "#"),
        ("DATE(1e300, 1, 1)", "#"),
        ("DATE(2024, 1, 1) + 1e300", "#"),
        ("WORKDAY(DATE(2024, 1, 1), 1e300)", "#"),
        ("WORKDAY_DIFF(DATE(1, 1, 1), DATE(9999, 12, 31))", ""),
        ("EOMONTH(DATE(2024, 1, 1), 1e300)", "#"),
        ("NTH(LIST(1, 2), 1e300)", "blank"),
        ("ARRAYSLICE(LIST(1, 2), -1e300, 1e300)", "[1, 2]"),
    ] {
        ends(formula, wanted);
    }
}
