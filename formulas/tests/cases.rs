//! `FORMULA => value` for the first record of the base at the head of each file; `UPDATE=1` rewrites the values.
//! The head may also say `zone Asia/Shanghai` and `dialect excel`.

mod common;

use common::{Base, context, show};
use formulas::{Context, Dialect, TableId, parse, parse_stored, to_stored, to_user};

/// Runs the cases of a file: the base up to a line `---`, then cases, blank lines and `//` comments.
fn check(path: &std::path::Path) {
    let text = std::fs::read_to_string(path).expect("a case file");
    let (head, cases) = text.split_once("\n---\n").expect("a base above the cases");
    let zone = head.lines().find_map(|line| line.strip_prefix("zone ")).unwrap_or("UTC");
    let dialect = head.lines().find_map(|line| line.strip_prefix("dialect ")).unwrap_or("airtable");
    let dialect = Dialect::named(dialect).expect("a dialect");
    let is_table = |line: &&str| !["zone ", "dialect ", "//"].iter().any(|start| line.starts_with(start));
    let tables: Vec<&str> = head.lines().filter(is_table).collect();
    let base = Base { dialect, ..Base::parse(&tables.join("\n")) };
    let context = Context { dialect, ..context(zone) };
    let mut out = format!("{head}\n---\n");
    for line in cases.lines() {
        match line.split_once(" => ") {
            Some((formula, _)) if !line.starts_with("//") => {
                out.push_str(&format!("{formula} => {}\n", evaluate(&base, formula.trim_end(), &context)));
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &out).expect("the case file can be written");
        return;
    }
    for (got, wanted) in out.lines().zip(text.lines()) {
        assert_eq!(got, wanted, "in {}", path.display());
    }
}

fn evaluate(base: &Base, formula: &str, context: &formulas::Context) -> String {
    println!("{formula}"); // The last one is the culprit, should it panic.
    let expr = match base.check(formula) {
        Ok(expr) => expr,
        Err(diagnostics) => return format!("refused: {}", diagnostics[0]),
    };
    let value = base.value(&expr, 0, context);
    // What is stored means the same, and prints as what was typed.
    let stored = to_stored(formula, TableId(0), base).expect("a formula that checks can be stored");
    let again = formulas::check(&parse_stored(&stored).0, TableId(0), base).expect("what is stored checks");
    assert_eq!(base.value(&again, 0, context), value, "{formula} stored as {stored}");
    let user = to_user(&stored, TableId(0), base);
    let restored = to_stored(&user, TableId(0), base).expect("what is printed can be stored");
    assert_eq!(to_user(&restored, TableId(0), base), user, "{formula} stored as {stored}");
    // A field with the name of a table loses its brackets, everything else stays as it was typed.
    assert!(user == formula || formula.contains("[Orders]"), "{formula} printed as {user}");
    let printed = parse(formula).0.to_string();
    let again = base.check(&printed).unwrap_or_else(|errors| panic!("{printed}: {errors:?}"));
    assert_eq!(base.value(&again, 0, context), value, "{formula} printed as {printed}");
    show(&value, expr.ty())
}

#[test]
fn formulas_give_the_values_of_the_case_files() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> =
        std::fs::read_dir(dir).expect("the cases").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.iter().for_each(|path| check(path));
}

#[test]
fn every_example_of_a_function_gives_its_result() {
    let mut wrong = Vec::new();
    for function in formulas::functions() {
        assert!(!function.examples.is_empty(), "{} has no example", function.name);
        assert!(function.doc.ends_with('.'), "{} has no sentence", function.name);
        assert_eq!(formulas::function_named(function.name).map(|found| found.name), Some(function.name));
        // A function is what it is in the dialects that have no variant of it.
        let is_plain = |dialect: &Dialect| {
            !formulas::variants().iter().any(|one| one.of == function.name && one.dialects.contains(dialect))
        };
        let dialect = Dialect::ALL.into_iter().find(is_plain).expect("a dialect without a variant");
        try_examples(function, dialect, &mut wrong);
    }
    for variant in formulas::variants() {
        let known = formulas::function_named(variant.of);
        assert_eq!(known.map(|function| function.name), Some(variant.of), "a variant is one of a function");
        assert!(!variant.function.examples.is_empty(), "{} has no example", variant.function.name);
        variant.dialects.iter().for_each(|dialect| try_examples(variant.function, *dialect, &mut wrong));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn try_examples(function: &formulas::Function, dialect: Dialect, wrong: &mut Vec<String>) {
    let base = Base { dialect, ..Base::parse("table Empty: Name text, Parent link(Empty)\n- -") };
    let context = Context { dialect, ..context("UTC") };
    for (formula, wanted) in function.examples {
        let got = evaluate(&base, formula, &context);
        if got != *wanted {
            wrong.push(format!("{formula} => {got}, not {wanted}, in {dialect}"));
        }
    }
}
