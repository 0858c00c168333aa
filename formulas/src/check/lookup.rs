//! `LOOKUP` in its three forms, `CHOOSE`, and what catches errors and blanks.

use std::ops::Range;

use super::call::Missing;
use super::convert::unify;
use super::{Checker, Route, Typed};
use crate::dialect::Dialect;
use crate::expr::{Comparison, EachKind, Op};
use crate::function::entry;
use crate::ids::TableId;
use crate::syntax::{AstId, AstKind, Name};
use crate::value::{Type, Value};

impl Checker<'_> {
    /// `LOOKUP(value, [Table].[Key], [Table].[Result])` is what `FILTER` finds, `[Table].LOOKUP(value, key, result)`
    /// the same with formulas or columns; everything else is the vector form of spreadsheets, as is all in the
    /// dialect of Excel.
    pub(super) fn lookup_by(&mut self, args: &[AstId], method: bool, range: Range<usize>) -> Typed {
        if let [value, key, result] = args
            && self.schema.dialect() != Dialect::Excel
            && let Some(table) = self.table_of(*key)
            && self.column(*result, table).is_some()
        {
            let op = Op::Records(table);
            let list = self.add(op, Type::list(Type::Record(table)), self.range(*key));
            let list = Typed { routes: vec![Route::Whole(table)], ..list };
            return self.found(list, *value, *key, *result, range);
        }
        if let ([list, value, key, result], true) = (args, method) {
            let list = self.list(*list, &range);
            return self.found(list, *value, *key, *result, range);
        }
        if args.len() > 3 {
            return self.refuse(range, "LOOKUP expects a value, where it is looked for and what is given");
        }
        let vector = entry("(LOOKUP)").expect("the vector form is listed");
        self.plain(vector, "LOOKUP", args, range)
    }

    /// The results of the items of a list whose key equals a value.
    fn found(&mut self, list: Typed, value: AstId, key: AstId, result: AstId, range: Range<usize>) -> Typed {
        let value = self.value(value);
        let kept = self.each_where(list, key, value, range.clone());
        if let Type::Record(table) = *kept.ty.item()
            && let Some(field) = self.column(result, table)
        {
            return self.value_of(result, kept, field);
        }
        self.each(EachKind::Map, kept, result, range)
    }

    /// The table, if an expression is a column of one.
    fn table_of(&self, id: AstId) -> Option<TableId> {
        let AstKind::Path { base, .. } = &self.ast.nodes[id].kind else { return None };
        let table = match &self.ast.nodes[*base].kind {
            AstKind::Name(Name::Text(name), _) => self.schema.table_named(name)?,
            AstKind::Name(Name::Table(table), _) => *table,
            _ => return None,
        };
        self.column(id, table).map(|_| table)
    }

    /// `CHOOSE(position, value, …)`.
    pub(super) fn choose(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let position = self.value(args[0]);
        let position = self.expect(position, &Type::Number, "CHOOSE", "position");
        let values: Vec<Typed> = args[1..].iter().map(|arg| self.value(*arg)).collect();
        let (values, _, ty, routes) = self.alike(values, None, Missing::Blank);
        let n = self.constant(Value::Number(values.len() as f64), Type::Number, range.clone());
        let function = entry("(POSITION)").expect("what checks a position is listed").function;
        let op = Op::Call { function, args: vec![position.id, n], timed: false, needs_dates: false };
        let subject = self.add(op, Type::Number, range.clone());
        let keys = (1..=values.len()).map(|at| Value::Number(at as f64));
        let keys: Vec<usize> = keys.map(|key| self.constant(key, Type::Number, range.clone())).collect();
        let arms = keys.into_iter().zip(values).collect();
        Typed { routes, ..self.add(Op::Switch { subject: subject.id, arms, default: None }, ty, range) }
    }

    fn constant(&mut self, value: Value, ty: Type, range: Range<usize>) -> usize {
        self.add(Op::Constant(value), ty, range).id
    }

    /// `IFERROR`, or `IFNA` which catches only what was not found.
    pub(super) fn if_error(&mut self, args: &[AstId], na: bool, range: Range<usize>) -> Typed {
        let (value, fallback) = (self.value(args[0]), self.value(args[1]));
        let ty = unify(&value.ty, &fallback.ty);
        let routes = super::call::merged(&[&value, &fallback]);
        let (value, fallback) = (self.convert(value, &ty), self.convert(fallback, &ty));
        let op = Op::IfError { value: value.id, fallback: fallback.id, na };
        Typed { routes, ..self.add(op, ty, range) }
    }

    /// `IFBLANK(value, fallback)`.
    pub(super) fn if_blank(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let (value, fallback) = (self.value(args[0]), self.value(args[1]));
        let ty = unify(&value.ty, &fallback.ty);
        let routes = super::call::merged(&[&value, &fallback]);
        let (test, again) = (self.again(&value), self.again(&value));
        let function = entry("ISBLANK").expect("there is such a function").function;
        let op = Op::Call { function, args: vec![test.id], timed: false, needs_dates: false };
        let condition = self.add(op, Type::Bool, range.clone());
        let (again, fallback) = (self.convert(again, &ty), self.convert(fallback, &ty));
        let op = Op::Branch { arms: vec![(condition.id, fallback.id)], default: Some(again.id) };
        let branch = Typed { routes, ..self.add(op, ty, range.clone()) };
        self.let_values(vec![value.id], branch, range)
    }

    /// The items of a list whose key, a formula of the item or a column, equals a value.
    fn each_where(&mut self, list: Typed, key: AstId, value: Typed, range: Range<usize>) -> Typed {
        let condition = |checker: &mut Self, key: Typed| {
            let (again, place) = (checker.again(&value), key.range.clone());
            checker.compare(Comparison::Equal, key, again, place)
        };
        let is_leaf = self.is_leaf(&value);
        let kept = self.each_by(EachKind::Filter, list, key, &range, condition);
        match is_leaf {
            true => kept,
            false => self.let_values(vec![value.id], kept, range),
        }
    }
}
