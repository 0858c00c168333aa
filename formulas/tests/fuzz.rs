//! The formulas of the cases, damaged: whatever comes of it parses, prints, checks and evaluates as any other formula does.
//! `PROPTEST_CASES=20000 cargo nextest run --release -p formulas --test fuzz` looks for a longer while.

mod common;

use std::sync::LazyLock;

use common::{Base, context};
use formulas::{Context, Dialect, Expr, Rows, TableId, Value, parse, parse_stored, to_stored, to_user};
use proptest::prelude::*;

/// A file of cases: its base, of which each record stands several times, and its formulas.
struct Corpus {
    base: Base,
    formulas: Vec<String>,
}

/// All rows of a corpus' base: some words of a bitmap and a rest.
const ROWS: usize = 70;

static CORPORA: LazyLock<Vec<Corpus>> = LazyLock::new(|| {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> =
        std::fs::read_dir(dir).expect("the cases").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| Corpus::parse(&std::fs::read_to_string(path).expect("a case file"))).collect()
});

impl Corpus {
    fn parse(text: &str) -> Self {
        let (head, cases) = text.split_once("\n---\n").expect("a base above the cases");
        let is_table = |line: &&str| !["zone ", "dialect ", "//"].iter().any(|start| line.starts_with(start));
        let tables: Vec<&str> = head.lines().filter(is_table).collect();
        let mut base = Base::parse(&tables.join("\n"));
        let first = base.tables[0].fields.clone();
        for field in first {
            let own = &mut base.cells[field.index()];
            let n = own.len();
            // Every second record is blank, so that rows differ.
            let cell = |row: usize| {
                if row < n || row.is_multiple_of(2) { own[row % n].clone() } else { Value::Blank }
            };
            *own = (0..ROWS).map(cell).collect();
        }
        base.tables[0].n_records = ROWS;
        let formulas =
            cases.lines().filter(|line| !line.starts_with("//")).filter_map(|line| line.split_once(" => "));
        let formulas = formulas.map(|(formula, _)| formula.trim_end().to_owned()).collect();
        Self { base, formulas }
    }
}

/// What is done to a formula; the numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Damage {
    /// Characters go.
    Cut(usize, usize),
    /// Characters stand twice.
    Double(usize, usize),
    /// A word comes in between.
    Insert(usize, &'static str),
    /// A part of another formula comes in between.
    Graft(usize, usize),
    /// Two characters change places.
    Swap(usize, usize),
    /// A byte becomes another; what is no text then is replaced.
    Byte(usize, u8),
}

const WORDS: &[&str] = &[
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
    "*",
    "/",
    "^",
    "%",
    "&",
    "&&",
    "||",
    "=",
    "<",
    ">",
    "<>",
    "//",
    "/*",
    "*/",
    "#",
    "{#0}",
    "[#0]",
    "#1",
    "IF(",
    "FILTER(",
    "MAP(",
    "CurrentValue",
    ".SUM()",
    "TRUE",
    "BLANK()",
    "1/0",
    "1e308",
    "1e-320",
    "0",
    "-1",
    "9007199254740993",
    "\"\"",
    "\"12\"",
    "DATE(2024, 2, 29)",
    "NOW()",
    "（",
    "）",
    "，",
    "“",
    "”",
    "预算",
    "é",
    "🙂",
    "\u{0}",
    "\u{301}",
    "\u{202e}",
    "\n",
    " ",
];

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<usize>;
    prop_oneof![
        (place(), 0usize..12).prop_map(|(at, len)| Damage::Cut(at, len)),
        (place(), 0usize..30).prop_map(|(at, len)| Damage::Double(at, len)),
        (place(), prop::sample::select(WORDS)).prop_map(|(at, word)| Damage::Insert(at, word)),
        (place(), place()).prop_map(|(at, from)| Damage::Graft(at, from)),
        (place(), place()).prop_map(|(a, b)| Damage::Swap(a, b)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
    ]
}

fn damaged(formula: &str, damage: &[Damage], others: &[String]) -> String {
    let mut chars: Vec<char> = formula.chars().collect();
    for one in damage {
        let len = chars.len();
        let at = |place: usize| place % (len + 1);
        match *one {
            Damage::Cut(from, n) => drop(chars.drain(at(from)..(at(from) + n).min(len))),
            Damage::Double(from, n) => {
                let part = chars[at(from)..(at(from) + n).min(len)].to_vec();
                chars.splice(at(from)..at(from), part);
            }
            Damage::Insert(place, word) => drop(chars.splice(at(place)..at(place), word.chars())),
            Damage::Graft(place, from) => {
                let other = &others[from % others.len()];
                let part: Vec<char> = other.chars().skip(from / 7 % (other.len() + 1)).take(40).collect();
                chars.splice(at(place)..at(place), part);
            }
            Damage::Swap(a, b) if len > 0 => chars.swap(a % len, b % len),
            Damage::Swap(..) => {}
            Damage::Byte(place, byte) => {
                let mut bytes = chars.iter().collect::<String>().into_bytes();
                if !bytes.is_empty() {
                    let place = place % bytes.len();
                    bytes[place] = byte;
                }
                chars = String::from_utf8_lossy(&bytes).chars().collect();
            }
        }
    }
    chars.into_iter().collect()
}

fn values(base: &Base, expr: &Expr, rows: Rows<'_>) -> Vec<Value> {
    let context = Context { dialect: base.dialect, ..context("America/New_York") };
    let chunk = expr.evaluate(base, &context, 0, rows);
    assert_eq!(chunk.len(), rows.len(), "one cell for each row");
    assert_eq!(chunk.kind(), expr.kind(), "cells of the promised kind");
    if let Some(numbers) = chunk.numbers() {
        assert!(numbers.iter().all(|number| number.is_finite()), "finite numbers");
    }
    chunk.iter().collect()
}

fn holds(formula: &str, base: &Base) {
    let (ast, diagnostics) = parse(formula);
    for one in &diagnostics {
        assert!(formula.get(one.range.clone()).is_some(), "the range {:?} in {formula:?}", one.range);
    }
    let printed = ast.to_string();
    if diagnostics.is_empty() {
        let (again, wrong) = parse(&printed);
        assert!(wrong.is_empty(), "{formula:?} printed as {printed:?}: {wrong:?}");
        assert_eq!(again.to_string(), printed, "printing of {formula:?}");
    }
    let expr = match base.check(formula) {
        Ok(expr) => expr,
        Err(diagnostics) => {
            let is_place = |one: &formulas::Diagnostic| formula.get(one.range.clone()).is_some();
            assert!(diagnostics.iter().all(is_place), "ranges in {formula:?}: {diagnostics:?}");
            assert!(
                to_stored(formula, TableId(0), base).is_err(),
                "{formula:?} is stored although it is wrong"
            );
            return;
        }
    };
    let all = values(base, &expr, Rows::All(ROWS));
    assert_eq!(values(base, &expr, Rows::All(ROWS)), all, "{formula:?} evaluated twice");
    for row in [0, 1, 3, 64, 69] {
        let alone = values(base, &expr, Rows::Some(&[row]));
        assert_eq!(alone[0], all[usize::from(row)], "row {row} of {formula:?} alone");
    }
    let again =
        base.check(&printed).unwrap_or_else(|wrong| panic!("{formula:?} printed as {printed:?}: {wrong:?}"));
    assert_eq!(values(base, &again, Rows::All(ROWS)), all, "{formula:?} printed as {printed:?}");
    let stored = to_stored(formula, TableId(0), base).expect("what checks can be stored");
    let again = formulas::check(&parse_stored(&stored).0, TableId(0), base);
    let again = again.unwrap_or_else(|wrong| panic!("{formula:?} stored as {stored:?}: {wrong:?}"));
    assert_eq!(values(base, &again, Rows::All(ROWS)), all, "{formula:?} stored as {stored:?}");
    let user = to_user(&stored, TableId(0), base);
    // A table may be shown as the field of its name, where that means the same.
    let again = to_stored(&user, TableId(0), base).expect("what is shown can be stored");
    assert_eq!(to_user(&again, TableId(0), base), user, "{formula:?} stored as {stored:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases * 4, ..ProptestConfig::default() })]

    #[test]
    fn damaged_formulas_are_formulas_or_refused(
        corpus in any::<prop::sample::Index>(),
        formula in any::<prop::sample::Index>(),
        damage in prop::collection::vec(damage(), 0..5),
        dialect in prop::sample::select(&Dialect::ALL[..]),
    ) {
        let corpus = corpus.get(CORPORA.as_slice());
        let base = Base { dialect, ..corpus.base.clone() };
        let formula: &String = formula.get(corpus.formulas.as_slice());
        holds(&damaged(formula, &damage, &corpus.formulas), &base);
    }
}

#[test]
fn every_formula_of_the_cases_holds_in_every_dialect() {
    for corpus in CORPORA.iter() {
        for dialect in Dialect::ALL {
            let base = Base { dialect, ..corpus.base.clone() };
            corpus.formulas.iter().for_each(|formula| holds(formula, &base));
        }
    }
}
