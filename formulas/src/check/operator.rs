//! Operators: which types they take, and what they give.

use std::ops::Range;

use super::convert::unify;
use super::{Checker, Typed, article};
use crate::dialect::Dialect;
use crate::expr::{Arith, Comparison, Conversion, Op};
use crate::function::{FOLDED, RANK};
use crate::syntax::{AstId, AstKind, Binary};
use crate::value::Type;

impl Checker<'_> {
    /// A chain of operators leans to the left as deep as it is long: walked by a loop.
    pub(super) fn binary(&mut self, id: AstId) -> Typed {
        let mut links = Vec::new();
        let mut first = id;
        while let AstKind::Binary(op, left, right) = &self.ast.nodes[first].kind {
            links.push((*op, *right));
            first = *left;
        }
        let mut left = self.value(first);
        for (op, right) in links.into_iter().rev() {
            let right = self.value(right);
            let range = left.range.start..right.range.end;
            left = self.operate(op, left, right, range);
        }
        left
    }

    fn operate(&mut self, op: Binary, left: Typed, right: Typed, range: Range<usize>) -> Typed {
        match op {
            Binary::Or => self.connect(left, right, Conversion::Any, range),
            Binary::And => self.connect(left, right, Conversion::All, range),
            Binary::Concat => self.concat(left, right, range),
            Binary::Add => self.add_up(left, right, range),
            Binary::Subtract => self.subtract(left, right, range),
            Binary::Multiply => self.numeric(Arith::Multiply, "`*`", left, right, range),
            Binary::Divide => self.numeric(Arith::Divide, "`/`", left, right, range),
            Binary::Power => self.numeric(Arith::Power, "`^`", left, right, range),
            Binary::Equal => self.compare(Comparison::Equal, left, right, range),
            Binary::NotEqual => self.compare(Comparison::NotEqual, left, right, range),
            Binary::Less => self.compare(Comparison::Less, left, right, range),
            Binary::LessEqual => self.compare(Comparison::LessEqual, left, right, range),
            Binary::Greater => self.compare(Comparison::Greater, left, right, range),
            Binary::GreaterEqual => self.compare(Comparison::GreaterEqual, left, right, range),
        }
    }

    pub(super) fn arith(
        &mut self,
        op: Arith,
        left: Typed,
        right: Typed,
        ty: Type,
        range: Range<usize>,
    ) -> Typed {
        self.add(Op::Arith { op, left: left.id, right: right.id }, ty, range)
    }

    fn numeric(&mut self, op: Arith, by: &str, left: Typed, right: Typed, range: Range<usize>) -> Typed {
        let (left, right) = (self.number(left, by), self.number(right, by));
        self.arith(op, left, right, Type::Number, range)
    }

    fn add_up(&mut self, left: Typed, right: Typed, range: Range<usize>) -> Typed {
        match (is_date(&left.ty), is_date(&right.ty)) {
            (true, true) => self.refuse(range, "two dates cannot be added; `-` gives the days between them"),
            (true, false) => self.shift(Arith::Later, left, right, range),
            (false, true) => self.shift(Arith::Later, right, left, range),
            (false, false) => self.numeric(Arith::Add, "`+`", left, right, range),
        }
    }

    fn subtract(&mut self, left: Typed, right: Typed, range: Range<usize>) -> Typed {
        match (is_date(&left.ty), is_date(&right.ty)) {
            (true, true) => {
                let ty = unify(left.ty.item(), right.ty.item());
                let (left, right) = (self.convert(left, &ty), self.convert(right, &ty));
                self.arith(Arith::Between, left, right, Type::Number, range)
            }
            (true, false) => self.shift(Arith::Earlier, left, right, range),
            (false, _) => self.numeric(Arith::Subtract, "`-`", left, right, range),
        }
    }

    fn shift(&mut self, op: Arith, date: Typed, days: Typed, range: Range<usize>) -> Typed {
        let ty = date.ty.item().clone();
        let date = self.convert(date, &ty);
        let days = self.number(days, "adding to a date");
        self.arith(op, date, days, ty, range)
    }

    /// `a & b & c` is one node.
    fn concat(&mut self, left: Typed, right: Typed, range: Range<usize>) -> Typed {
        let right = self.convert(right, &Type::Text);
        if let Op::Concat(args) = &mut self.nodes[left.id].op {
            args.push(right.id);
            return Typed { range, ..left };
        }
        let left = self.convert(left, &Type::Text);
        self.add(Op::Concat(vec![left.id, right.id]), Type::Text, range)
    }

    /// `a && b && c` is one node, and so is `a || b || c`.
    fn connect(&mut self, left: Typed, right: Typed, how: Conversion, range: Range<usize>) -> Typed {
        let right = self.condition(right, how);
        match (&mut self.nodes[left.id].op, how) {
            (Op::And(args), Conversion::All) | (Op::Or(args), Conversion::Any) => {
                args.push(right.id);
                return Typed { range, ..left };
            }
            _ => {}
        }
        let left = self.condition(left, how);
        let args = vec![left.id, right.id];
        let op = if how == Conversion::All { Op::And(args) } else { Op::Or(args) };
        self.add(op, Type::Bool, range)
    }

    pub(super) fn compare(
        &mut self,
        op: Comparison,
        left: Typed,
        right: Typed,
        range: Range<usize>,
    ) -> Typed {
        if self.schema.dialect() == Dialect::Excel && differ_in_kind(&left.ty, &right.ty) {
            let left = self.inner_as(&RANK, left, Type::Number);
            let right = self.inner_as(&RANK, right, Type::Number);
            return self.add(Op::Compare { op, left: left.id, right: right.id }, Type::Bool, range);
        }
        let Some(ty) = comparable(op, &left.ty, &right.ty) else {
            let (left, right) = (article(&left.ty), article(&right.ty));
            return self.refuse(range, format!("{left} cannot be compared with {right}"));
        };
        let (left, right) = (self.convert(left, &ty), self.convert(right, &ty));
        let (left, right) = (self.folded(left), self.folded(right));
        self.add(Op::Compare { op, left: left.id, right: right.id }, Type::Bool, range)
    }

    /// A value as it is compared: in Excel, texts that differ in case alone are equal.
    pub(super) fn folded(&mut self, value: Typed) -> Typed {
        match (self.schema.dialect(), &value.ty) {
            (Dialect::Excel, Type::Text) => self.inner(&FOLDED, value),
            _ => value,
        }
    }
}

/// As what two values are compared; `None` if nothing serves both.
///
/// Lists are compared by their text; a list beside a number or a date is its one item where order is asked.
pub(super) fn comparable(op: Comparison, left: &Type, right: &Type) -> Option<Type> {
    let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
    if left.is_list() || right.is_list() {
        let (a, b) = (left.item(), right.item());
        return match comparable(op, a, b)? {
            ty @ (Type::Number | Type::Date { .. }) if ordered => Some(ty),
            _ => Some(Type::Text),
        };
    }
    match (left, right) {
        (Type::Blank, Type::Blank) => Some(Type::Text),
        (Type::Blank, other) | (other, Type::Blank) => Some(other.clone()),
        (Type::Date { .. }, Type::Number | Type::Bool) | (Type::Number | Type::Bool, Type::Date { .. }) => {
            None
        }
        (date @ Type::Date { .. }, Type::Text) | (Type::Text, date @ Type::Date { .. }) => Some(date.clone()),
        (Type::Text, Type::Number | Type::Bool) | (Type::Number | Type::Bool, Type::Text) if ordered => {
            Some(Type::Number)
        }
        (a, b) => Some(unify(a, b)),
    }
}

/// Whether two single values can never be equal in Excel: a number, a text, and true or false.
fn differ_in_kind(left: &Type, right: &Type) -> bool {
    let is_plain = |ty: &Type| matches!(ty, Type::Number | Type::Text | Type::Bool);
    is_plain(left) && is_plain(right) && left != right
}

fn is_date(ty: &Type) -> bool {
    matches!(ty.item(), Type::Date { .. })
}
