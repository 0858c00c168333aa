//! Our values beside those of another implementation, as `oracle/` recorded them: `FORMULA => value`.
//!
//! Ours are those of the
//! dialect of Excel. Numbers are equal up to 1e-12 of their size. What stands under `# different` differs on purpose, for the reason
//! above it; if it no longer differs, it has to move.

mod common;

use common::{Base, context, show};
use formulas::{Context, Dialect, Value};

const TEXT: &str = include_str!("oracle.txt");

/// The least number of formulas in which both agree.
const AGREED_MIN: usize = 600;

#[test]
fn excel_named_functions_agree_with_another_implementation() {
    let (agreed, different) = TEXT.split_once("\n# different\n").expect("the section of differences");
    let (same, apart) = compared(agreed);
    assert!(apart.is_empty(), "{} differ:\n{}", apart.len(), apart.join("\n"));
    assert!(same.len() >= AGREED_MIN, "only {} formulas agree", same.len());
    let (same, _) = compared(different);
    assert!(same.is_empty(), "these differ no longer:\n{}", same.join("\n"));
}

/// The formulas in which both agree, and those in which they do not with our value.
fn compared(section: &str) -> (Vec<String>, Vec<String>) {
    let base = Base { dialect: Dialect::Excel, ..Base::parse("table Empty: Name text\n-") };
    let context = Context { dialect: Dialect::Excel, ..context("UTC") };
    let (mut same, mut apart) = (Vec::new(), Vec::new());
    for line in section.lines().filter(|line| !line.starts_with("//")) {
        let Some((formula, theirs)) = line.split_once(" => ") else { continue };
        let expr = match base.check(formula) {
            Ok(expr) => expr,
            Err(wrong) => {
                apart.push(format!("{line}, refused: {}", wrong[0]));
                continue;
            }
        };
        let value = base.value(&expr, 0, &context);
        let ours = show(&value, expr.ty());
        if agree(&value, &ours, theirs) {
            same.push(line.to_owned());
        } else {
            apart.push(format!("{line}, not {ours}"));
        }
    }
    (same, apart)
}

fn agree(value: &Value, shown: &str, theirs: &str) -> bool {
    match (value, theirs.parse::<f64>()) {
        (Value::Number(ours), Ok(theirs)) => {
            ours == &theirs || (ours - theirs).abs() <= 1e-12 * ours.abs().max(theirs.abs())
        }
        // Some of its dates are days since the end of 1899 that are not said to be dates.
        (Value::Date(ms), Ok(theirs)) => *ms as f64 / 86_400_000.0 + 25_569.0 == theirs,
        (Value::Error(error), _) => error.kind.text() == theirs,
        (Value::Text(text), _) => theirs == format!("{:?}", &**text) || theirs == format!("\"{text}\""),
        _ => shown == theirs,
    }
}
