//! What is computed once, and what is computed when a formula is checked, by counting nodes.

use super::{Arith, Expr, Op};
use crate::ids::{FieldId, TableId};
use crate::schema::{FieldInfo, Schema};
use crate::value::Type;

/// A table with two numbers and two lists of numbers.
struct Numbers;

const FIELDS: [&str; 4] = ["A", "B", "L", "M"];

impl Schema for Numbers {
    fn table_named(&self, name: &str) -> Option<TableId> {
        (name == "T").then_some(TableId(0))
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        (table == TableId(0)).then(|| "T".to_owned())
    }

    fn field_named(&self, _: TableId, name: &str) -> Option<FieldId> {
        FIELDS.iter().position(|field| *field == name).map(|at| FieldId(at as u32))
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        let name = (*FIELDS.get(field.index())?).to_owned();
        let ty = if field.0 < 2 { Type::Number } else { Type::list(Type::Number) };
        Some(FieldInfo { name, table: TableId(0), ty })
    }

    fn field_names(&self, _: TableId) -> Vec<String> {
        FIELDS.map(str::to_owned).to_vec()
    }
}

fn checked(text: &str) -> Expr {
    let (ast, _) = crate::parse(text);
    crate::check(&ast, TableId(0), &Numbers).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn count(text: &str, is_meant: impl Fn(&Op) -> bool) -> usize {
    checked(text).nodes.iter().filter(|node| is_meant(&node.op)).count()
}

fn is_product(op: &Op) -> bool {
    matches!(op, Op::Arith { op: Arith::Multiply, .. })
}

#[test]
fn what_is_constant_is_computed_when_it_is_checked() {
    for text in [
        "1 + 2 * 3",
        "-2 ^ 2",
        "5% * 2",
        "\"a\" & 1 & \"b\"",
        "IF(TRUE, {A}, 1 / 0)",
        "IF(FALSE, 1, 2 + 3)",
        "IF(1, 2, 3)",
        "IFS(FALSE, 1, TRUE, 2)",
        "LET(x, 2, y, 3, x * y)",
    ] {
        assert_eq!(checked(text).nodes.len(), 1, "{text}");
    }
    // What fails, or depends on the clock, the zone or a function, stays as it is.
    assert_eq!(checked("1 / 0").nodes.len(), 3);
    assert_eq!(checked("\"x\" * 2").nodes.len(), 4);
    assert_eq!(count("YEAR(NOW()) + 1", |op| matches!(op, Op::Call { .. })), 2);
    assert_eq!(count("FIND(\"a\", \"b\") + 1", |op| matches!(op, Op::Call { .. })), 1);
}

#[test]
fn what_is_said_twice_is_computed_once() {
    assert_eq!(count("({A} * {B}) + ({A} * {B})", is_product), 1);
    assert_eq!(count("({A} * {B}) + ({B} * {A})", is_product), 2);
    assert_eq!(count("LET(x, {A} * {B}, x + x + x)", is_product), 1);
    assert_eq!(count("LET(f, LAMBDA(x, x * {B}), f({A}) + f({A}))", is_product), 1);
    assert_eq!(count("IF({A} * {B} > 1, {A} * {B}, 0)", is_product), 1);
    // Each row takes one of the two.
    assert_eq!(count("IF({A} > 1, {A} * {B}, {A} * {B} + 1)", is_product), 2);
    // The items are others, though they are in the same place.
    assert_eq!(count("SUM({L}.MAP(CurrentValue * 2)) + SUM({M}.MAP(CurrentValue * 2))", is_product), 2);
    assert_eq!(count("SUM({L}.MAP(CurrentValue * 2)) + SUM({L}.MAP(CurrentValue * 2))", is_product), 1);
    assert_eq!(count("{L}.MAP((CurrentValue * {A}) ^ 2 + (CurrentValue * {A}))", is_product), 1);
    assert_eq!(count("{L}.MAP(LAMBDA(x, x * {A} + {A} * {B})).SUM() + {A} * {B}", is_product), 2);
    // Clocks are not shared, nor are leaves.
    assert_eq!(count("NOW() = NOW()", |op| matches!(op, Op::Call { .. })), 2);
    assert_eq!(count("{A} + {A}", |op| matches!(op, Op::Named(_))), 0);
}

#[test]
fn an_equality_is_a_join_however_it_is_written() {
    for condition in [
        "CurrentValue.[A] = [A]",
        "[A] = CurrentValue.[A]",
        "CurrentValue.[B] > 1 && [A] = CurrentValue.[A]",
        "AND(CurrentValue.[B] > [B], CurrentValue.[A] * 2 = [A] + 1, TRUE)",
        "LAMBDA(t, t.[A] = [A])",
        "LAMBDA(t, t.[B] > 1 && [A] = t.[A] && t.[B] < [B])",
        "LAMBDA(t, LET(key, [A] * 2, t.[A] = key && t.[B] > 1))",
        "LAMBDA(t, LET(key, t.[A] * 2, [A] = key && key > 1))",
    ] {
        let joins = |op: &Op| matches!(op, Op::Each(each) if each.join.is_some());
        assert_eq!(count(&format!("[T].FILTER({condition}).[B].SUM()"), joins), 1, "{condition}");
        let twice = format!("[T].FILTER({condition}).[B].SUM() / [T].FILTER({condition}).[B].COUNT()");
        assert_eq!(count(&twice, joins), 1, "{condition}");
    }
    let joins = |op: &Op| matches!(op, Op::Each(each) if each.join.is_some());
    assert_eq!(count("[T].FILTER(CurrentValue.[A] = [A] || CurrentValue.[B] = [B])", joins), 0);
    assert_eq!(count("[T].FILTER(CurrentValue.[A] = CurrentValue.[B])", joins), 0);
    assert_eq!(count("[T].FILTER(CurrentValue.[A] = 1)", joins), 0);
    assert_eq!(count("LOOKUP([A], [T].[A], [T].[B])", joins), 1);
}
