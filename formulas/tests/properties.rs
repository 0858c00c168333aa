//! What holds for every formula: nothing panics, rows do not depend on each other, printing is the inverse of
//! parsing, and what is stored means what was typed.

mod common;

use common::{Base, context};
use formulas::{Rows, TableId, Value, parse, parse_stored, to_stored, to_user};
use proptest::prelude::*;

/// More records than a word of a bitmap has bits; every kind of cell, blank and failed ones among them.
fn base() -> Base {
    let mut text = String::from(
        "table Projects: Name text, Number number, Other number, Done bool, Day date, At time, Tags texts, Scores numbers, Orders link(Orders), Up link(Projects)\n",
    );
    let texts = ["\"a\"", "-", "\"12\"", "\"b c\"", "\"\"", "#VALUE!", "\"预算\""];
    let numbers = ["0", "1", "-", "2.5", "-7", "100", "#DIV/0!", "12", "3"];
    let days = ["2024-03-05", "-", "2023-12-31", "2024-02-29", "1969-07-20"];
    let times = ["2024-03-05T17:30:45Z", "2024-03-10T06:30:00Z", "-", "#NUM!"];
    let lists = ["[\"a\", \"b\"]", "-", "[\"a\"]", "[]", "[\"12\", -, \"a\"]"];
    let scores = ["[1, 2, 3]", "[]", "[5]", "-", "[2, -, 2]", "[1, #N/A]"];
    let links = ["[@0, @2]", "[]", "-", "[@1]", "[@4, @3, @0]"];
    for row in 0..100 {
        let pick = |of: &[&str]| of[(row * 7 + row / 5) % of.len()].to_owned();
        let bool = ["true", "false", "-"][row % 3];
        let cells = [
            pick(&texts),
            pick(&numbers),
            numbers[(row * 3 + 1) % numbers.len()].to_owned(),
            bool.to_owned(),
            pick(&days),
            pick(&times),
            pick(&lists),
            pick(&scores),
            pick(&links),
            links[row % 4].to_owned(),
        ];
        text.push_str(&cells.join(" "));
        text.push('\n');
    }
    text.push_str(
        "table Orders: Title text, GMV number, Of text, Day date, Notes texts, Project link(Projects)\n",
    );
    text.push_str("\"one\" 100 \"a\" 2024-01-01 [\"x\", \"y\"] [@0]\n\"two\" - \"b c\" - [] [@1, @99]\n");
    text.push_str("\"three\" 12 - 2024-03-05 - -\n- 2.5 \"a\" 2024-02-29 [\"a\"] []\n\"five\" #NUM! \"12\" 2023-01-01 [\"z\"] [@5]\n");
    Base::parse(&text)
}

/// Formulas of which most check: any value may stand for any other, within reason.
fn formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("{Name}"),
        Just("{Number}"),
        Just("Other"),
        Just("{Done}"),
        Just("{Day}"),
        Just("{At}"),
        Just("{Tags}"),
        Just("[Scores]"),
        Just("{Orders}"),
        Just("{Up}"),
        Just("{Orders}.{GMV}"),
        Just("{Orders}.{Notes}"),
        Just("{Up}.{Number}"),
        Just("{Up}.{Orders}.{Title}"),
        Just("[Orders].[GMV]"),
        Just("BLANK()"),
        Just("TRUE"),
        Just("FALSE"),
        Just("0"),
        Just("1"),
        Just("2"),
        Just("3.5"),
        Just("\"a\""),
        Just("\"\""),
        Just("\"12\""),
        Just("\"day\""),
        Just("\"YYYY-MM-DD\""),
        Just("DATE(2024, 3, 5)"),
        Just("NOW()"),
        Just("RECORD_ID()"),
    ];
    let leaf = leaf.prop_map(str::to_owned);
    let names: Vec<&'static str> = formulas::functions().map(|function| function.name).collect();
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/", "^", "&", "=", "!=", "<", "<=", ">", ">=", "&&", "||"]);
        let list = prop::sample::select(vec!["{Orders}", "[Orders]", "{Scores}", "{Tags}", "{Orders}.{Notes}", "[Orders].[Of]"]);
        let body = prop::sample::select(vec![
            "CurrentValue", "CurrentValue & \"x\"", "CurrentValue = {Name}", "CurrentValue > {Number}", "CurrentValue.[GMV] > 10",
            "CurrentValue.[Of] = [Name]", "CurrentValue.[Of] = [Name] && CurrentValue.[GMV] > 5", "CurrentValue.[GMV] * {Number}",
            "CurrentValue.[Notes]", "{Number}", "LEN(CurrentValue)", "CurrentValue.[Day] < {Day}",
            "[Orders].FILTER(CurrentValue.[Of] = {Name}).COUNTALL()", "SUM({Scores}.FILTER(CurrentValue < {Number}))", "1 / CurrentValue",
            "LAMBDA(v, v)", "LAMBDA(v, v = {Name})", "LAMBDA(v, LET(w, v & {Name}, w & w))", "LAMBDA(v, {Number} = v.[GMV] && v.[GMV] > 1)",
            "LAMBDA(v, v.[Of] = [Name] && v.[Of] != {Number})", "LAMBDA(v, COUNTALL([Orders].FILTER(LAMBDA(o, o.[Of] = v & \"\"))))",
        ]);
        let each = prop::sample::select(vec!["FILTER", "MAP", "SORTBY", "COUNTIF", "SUMIF"]);
        let name = prop::sample::select(names.clone());
        let other = list.clone();
        prop_oneof![
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("LET(q, {a}, LIST(q, {b}, q, {a}))")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("LET(q, LAMBDA(v, IF(v, {a}, v)), LIST(q({b}), q({a})))")),
            1 => (other.clone(), inner.clone()).prop_map(|(list, a)| format!("{list}.MAP(LAMBDA(v, LIST(v, {a}, {a})))")),
            1 => (other, inner.clone()).prop_map(|(list, a)| format!("REDUCE(\"\", {list}, LAMBDA(s, v, LEFT(s & v & {a}, 20)))")),
            1 => Just("SUM(DESCENDANTS({Up}).{Number})".to_owned()),
            1 => Just("PATH({Up}, {Name}) & ANCESTORS({Up})".to_owned()),
            4 => (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            3 => (name, prop::collection::vec(inner.clone(), 0..4)).prop_map(|(name, args)| format!("{name}({})", args.join(", "))),
            2 => (list, each, body).prop_map(|(list, each, body)| format!("{list}.{each}({body})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("IF({a}, {b}, {c})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("IFERROR({a}, {b})")),
            1 => prop::collection::vec(inner.clone(), 1..4).prop_map(|args| format!("AND({})", args.join(", "))),
            1 => inner.clone().prop_map(|a| format!("-{a}")),
            1 => inner.clone().prop_map(|a| format!("{a}%")),
            1 => inner.clone().prop_map(|a| format!("{a}.FIRST()")),
        ]
    })
}

/// Texts that look like formulas now and then.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "(",
        ")",
        ",",
        ".",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "\\",
        "+",
        "-",
        "%",
        "&",
        "&&",
        "||",
        "=",
        "<",
        "//",
        "/*",
        "*/",
        "#",
        "{#1}",
        "[#0]",
        "[{#2}]",
        "#3",
        "{#99}",
        "{Name}",
        "[Orders]",
        "Number",
        "IF(",
        "FILTER(",
        "CurrentValue",
        "SUM",
        "TRUE",
        "1",
        "1e999",
        ".5",
        "1.",
        "预算",
        "，",
        "“",
        "\u{0}",
        "🙂",
        " ",
        "\n",
        "AND(",
        "STDEV.S(",
    ]);
    prop_oneof![
        prop::collection::vec(word, 0..40).prop_map(|words| words.concat()),
        "\\PC{0,60}",
        any::<String>(),
    ]
}

fn values(base: &Base, expr: &formulas::Expr, rows: Rows<'_>) -> Vec<Value> {
    let chunk = expr.evaluate(base, &context("America/New_York"), 0, rows);
    assert_eq!(chunk.len(), rows.len(), "one cell for each row");
    assert_eq!(chunk.kind(), expr.kind(), "cells of the promised kind");
    if let Some(numbers) = chunk.numbers() {
        assert!(numbers.iter().all(|number| number.is_finite()), "finite numbers");
    }
    chunk.iter().collect()
}

fn run(text: &str, base: &Base) {
    for (ast, _) in [parse(text), parse_stored(text)] {
        let _ = ast.to_string();
        if let Ok(expr) = formulas::check(&ast, TableId(0), base) {
            values(base, &expr, Rows::All(70));
        }
    }
    let _ = to_user(text, TableId(0), base);
    if let Ok(stored) = to_stored(text, TableId(0), base) {
        assert!(
            formulas::check(&parse_stored(&stored).0, TableId(0), base).is_ok(),
            "{text} stored as {stored}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_anything_panic(text in soup()) {
        run(&text, &base());
    }

    #[test]
    fn rows_do_not_depend_on_each_other(text in formula(), picked in prop::collection::btree_set(0u16..100, 0..40)) {
        let base = base();
        let Ok(expr) = base.check(&text) else { return Ok(()) };
        let all = values(&base, &expr, Rows::All(100));
        let picked: Vec<u16> = picked.into_iter().collect();
        let some = values(&base, &expr, Rows::Some(&picked));
        for (row, value) in picked.iter().zip(&some) {
            prop_assert_eq!(&all[usize::from(*row)], value, "row {} of {} among {:?}", row, text, picked);
            let alone = values(&base, &expr, Rows::Some(&[*row]));
            prop_assert_eq!(&alone[0], value, "row {} of {} alone", row, text);
        }
    }

    #[test]
    fn printing_is_the_inverse_of_parsing(text in formula()) {
        let base = base();
        let (ast, diagnostics) = parse(&text);
        prop_assert!(diagnostics.is_empty(), "{}: {:?}", text, diagnostics);
        let printed = ast.to_string();
        prop_assert_eq!(parse(&printed).0.to_string(), printed.clone());
        let (Ok(typed), Ok(again)) = (base.check(&text), base.check(&printed)) else {
            prop_assert_eq!(base.check(&text).is_ok(), base.check(&printed).is_ok(), "{} and {}", text, printed);
            return Ok(());
        };
        prop_assert_eq!(values(&base, &typed, Rows::All(20)), values(&base, &again, Rows::All(20)), "{} and {}", text, printed);
    }

    #[test]
    fn what_is_stored_survives_new_names(text in formula()) {
        let base = base();
        let Ok(stored) = to_stored(&text, TableId(0), &base) else { return Ok(()) };
        let mut renamed = base.clone();
        for field in &mut renamed.fields {
            field.name = format!("{} }}\\] old", field.name);
        }
        let user = to_user(&stored, TableId(0), &renamed);
        prop_assert_eq!(to_user(&to_stored(&user, TableId(0), &renamed).expect("it checks"), TableId(0), &renamed), user.clone());
        let typed = values(&base, &base.check(&text).expect("it checks"), Rows::All(20));
        let again = values(&renamed, &renamed.check(&user).expect("it checks"), Rows::All(20));
        prop_assert_eq!(typed, again, "{} and {}", text, user);
    }
}

#[test]
fn deep_and_long_formulas_are_refused_or_evaluated() {
    let base = base();
    let nested = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    for n in [60, 70, 30_000] {
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("", "%"),
            ("ABS(", ")"),
            ("IF(1,", ")"),
            ("1+", ""),
            ("", "&{Name}"),
            ("{", ""),
            ("1^(", ")"),
            ("\"", ""),
        ] {
            run(&nested(open, close, n), &base);
        }
        run(&format!("{{Orders}}{}", ".{Project}.{Orders}".repeat(n)), &base);
        run(&format!("LIST(1){}", ".SORT()".repeat(n)), &base);
    }
    let chain = format!("1{}", "+1".repeat(900));
    assert_eq!(
        base.value(&base.check(&chain).expect("chains do not nest"), 0, &context("UTC")),
        Value::Number(901.0)
    );
    let texts = format!("\"\"{}", "&{Name}".repeat(900));
    base.check(&texts).expect("chains do not nest");
    let arms: Vec<String> = (0..600).map(|at| format!("{{Number}} = {at}")).collect();
    base.check(&format!("OR({})", arms.join(", "))).expect("many arguments are no depth");
}

#[test]
fn a_prepared_expression_is_shared_by_threads() {
    let (base, context) = (base(), context("UTC"));
    let expr =
        base.check("[Orders].FILTER(CurrentValue.[Of] = [Name] && CurrentValue.[GMV] > {Number}).COUNTALL()");
    let expr = expr.expect("it checks");
    let prepared = expr.prepare(&base, &context);
    let alone = expr.evaluate(&base, &context, 0, Rows::All(100));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| prepared.evaluate(0, Rows::All(100)))).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), alone);
        }
    });
}
