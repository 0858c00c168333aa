//! Functions that look at each item of a list: by a formula with `CurrentValue`, by a `LAMBDA`, or beside the items
//! of another list.

use std::ops::Range;

use super::call::item_type;
use super::convert::unify;
use super::names::Body;
use super::{Checker, Scope, Typed};
use crate::expr::{Conversion, Each, EachKind, Fold, Op};
use crate::ids::{FieldId, TableId};
use crate::limits::LAMBDA_DEPTH_MAX;
use crate::syntax::{AstId, AstKind, Name, Quote, Unary};
use crate::value::Type;

impl Checker<'_> {
    /// The list that a function looks at; a single value is a list of one.
    pub(super) fn list(&mut self, arg: AstId, range: &Range<usize>) -> Typed {
        let is_receiver = self.is_method(&[arg], range);
        let value = self.argument(arg, is_receiver);
        self.listed(value)
    }

    /// The value as a list of what it is.
    pub(super) fn listed(&mut self, value: Typed) -> Typed {
        let ty = Type::list(item_type(&value.ty));
        let routes = value.routes.clone();
        Typed { routes, ..self.convert(value, &ty) }
    }

    /// `FILTER(list, formula)`, or with a list that says for each item whether it is kept.
    pub(super) fn filter(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let list = self.list(args[0], &range);
        self.each(EachKind::Filter, list, args[1], range)
    }

    /// `MAP(list, formula)`, or `MAP(list, another, LAMBDA(x, y, …))`.
    pub(super) fn map(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let Some((last, lists)) = args.split_last() else { return self.blank(range) };
        let list = self.list(lists[0], &range);
        let more: Vec<Typed> = lists[1..].iter().map(|arg| self.list(*arg, &(0..0))).collect();
        let body = self.body_of(*last);
        if let (false, Body::Formula(id)) = (more.is_empty(), &body) {
            let place = self.range(*id);
            return self.refuse(place, "MAP over several lists expects a LAMBDA with a parameter for each");
        }
        self.each_of(EachKind::Map, list, more, &body, range, |_, value| value)
    }

    /// `SORTBY(list, key, order, …)`: a key is a formula, a list as long as the first, or a column of the table
    /// whose records are sorted. The first key decides; further ones where it is equal.
    pub(super) fn sort_by(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let mut list = self.list(args[0], &range);
        let keys: Vec<(AstId, Option<AstId>)> =
            args[1..].chunks(2).map(|pair| (pair[0], pair.get(1).copied())).collect();
        let n_keys = keys.len();
        for (key, order) in keys.into_iter().rev() {
            let Some(descending) = order.map_or(Some(false), |order| self.order(order)) else {
                let message = "SORTBY expects 1 or TRUE for ascending here, -1 or FALSE for descending";
                return self.refuse(order.map_or(range, |order| self.range(order)), message);
            };
            list = self.each(EachKind::SortBy { descending }, list, key, range.clone());
            let goes_along = matches!(&self.nodes[list.id].op, Op::Each(each) if !each.more.is_empty());
            if n_keys > 1 && goes_along {
                let message = "with several keys, each is a formula with CurrentValue, a LAMBDA or a column";
                return self.refuse(self.range(key), message);
            }
        }
        list
    }

    /// Whether a constant order is descending: -1, 0 or FALSE.
    fn order(&self, id: AstId) -> Option<bool> {
        match &self.ast.nodes[id].kind {
            AstKind::Bool(ascending) => Some(!ascending),
            AstKind::Number(number) => Some(*number <= 0.0),
            AstKind::Unary(Unary::Minus, operand) => match self.ast.nodes[*operand].kind {
                AstKind::Number(number) => Some(number >= 0.0),
                _ => None,
            },
            AstKind::Call { name, args, .. } if args.is_empty() => match name.to_ascii_uppercase().as_str() {
                "TRUE" => Some(false),
                "FALSE" => Some(true),
                _ => None,
            },
            _ => None,
        }
    }

    /// `REDUCE(initial, list, LAMBDA(before, item, …))` and `SCAN`.
    pub(super) fn fold(&mut self, args: &[AstId], scan: bool, range: Range<usize>) -> Typed {
        let name = if scan { "SCAN" } else { "REDUCE" };
        let initial = self.value(args[0]);
        let list = self.list(args[1], &(0..0));
        let Body::Lambda(..) = self.body_of(args[2]) else {
            let place = self.range(args[2]);
            return self.refuse(place, format!("{name} expects a LAMBDA with two parameters here"));
        };
        if self.too_deep(&range) {
            return self.blank(range);
        }
        // An empty list has no type of its own.
        let is_empty = matches!(&self.nodes[initial.id].op, Op::Flatten(args) if args.is_empty());
        let initial = if is_empty { self.blank(initial.range) } else { initial };
        let mut ty = initial.ty.clone();
        let mut routes = initial.routes.clone();
        // The body may give something else than it began with, and then it sees that from the second item on.
        const TRIES: usize = 3;
        for last in (0..TRIES).map(|at| at + 1 == TRIES) {
            let before =
                Scope { ty: ty.clone(), routes: routes.clone(), place: self.places + 1, used: false };
            let item = self.scope(&list, 1);
            let depth = before.place;
            let body = self.body_of(args[2]);
            let Some((value, _)) = self.body(&body, vec![before, item], 1) else { return self.blank(range) };
            let found = unify(&ty, &value.ty);
            let known = super::call::merged(&[&Typed { routes: routes.clone(), ..initial.clone() }, &value]);
            if !last && (found != ty || known != routes) {
                (ty, routes) = (found, known);
                continue;
            }
            if ty == Type::Blank {
                ty = Type::Text;
            }
            let (initial, body) = (self.convert(initial, &ty), self.convert(value, &ty));
            let fold =
                Fold { initial: initial.id, list: list.id, body: body.id, depth, scan, hoisted: Vec::new() };
            let given = if scan { Type::list(ty.clone()) } else { ty.clone() };
            let routes = super::routes_of(&given, routes);
            return Typed { routes, ..self.add(Op::Fold(fold), given, range) };
        }
        unreachable!("the last try returns")
    }

    /// What a function runs for each item.
    pub(super) fn body_of(&mut self, arg: AstId) -> Body {
        let range = self.range(arg);
        match self.lambda(arg) {
            Some(lambda) => Body::Lambda(lambda, range),
            None => Body::Formula(arg),
        }
    }

    /// Whether an argument is a function: a `LAMBDA` or the name of one.
    pub(super) fn is_lambda(&mut self, arg: AstId) -> bool {
        matches!(self.body_of(arg), Body::Lambda(..))
    }

    /// The item of a list in the next place but `further`.
    fn scope(&self, list: &Typed, further: usize) -> Scope {
        let (ty, routes) = (list.ty.item().clone(), list.routes.clone());
        Scope { ty, routes, place: self.places + 1 + further, used: false }
    }

    fn too_deep(&mut self, range: &Range<usize>) -> bool {
        let is_too_deep = self.nesting >= LAMBDA_DEPTH_MAX;
        if is_too_deep {
            let message = format!("FILTER, MAP and their like nest at most {LAMBDA_DEPTH_MAX} deep");
            self.complain(range.clone(), message);
        }
        is_too_deep
    }

    pub(super) fn each(&mut self, what: EachKind, list: Typed, body: AstId, range: Range<usize>) -> Typed {
        self.each_by(what, list, body, &range, |_, value| value)
    }

    /// As [`Checker::each`], with what `of` makes of the body.
    pub(super) fn each_by(
        &mut self,
        what: EachKind,
        list: Typed,
        body: AstId,
        range: &Range<usize>,
        of: impl FnOnce(&mut Self, Typed) -> Typed,
    ) -> Typed {
        if let Type::Record(table) = *list.ty.item()
            && what != EachKind::Map
            && let Some(field) = self.column(body, table)
        {
            let scope = self.scope(&list, 0);
            let item = self.add(Op::Current(scope.place), scope.ty, range.clone());
            let item = Typed { routes: scope.routes, ..item };
            let value = self.value_of(body, item, field);
            let value = of(self, value);
            return self.finish(what, list, Vec::new(), value, range.clone());
        }
        let body = self.body_of(body);
        self.each_of(what, list, Vec::new(), &body, range.clone(), of)
    }

    /// The field, if an expression is a column of just this table, `[Table].[Field]`: beside the records of the
    /// table it is their field.
    pub(super) fn column(&self, id: AstId, table: TableId) -> Option<FieldId> {
        let AstKind::Path { base, name, .. } = &self.ast.nodes[id].kind else { return None };
        let is_table = match &self.ast.nodes[*base].kind {
            AstKind::Name(Name::Text(name), Quote::Brackets) => self.schema.table_named(name) == Some(table),
            AstKind::Name(Name::Table(other), _) => *other == table,
            _ => false,
        };
        match name {
            Name::Text(text) if is_table => self.schema.field_named(table, text),
            Name::Field(field) if is_table => Some(*field),
            _ => None,
        }
    }

    /// The field that a column of `item`'s table is of the item; the column's names are noted.
    pub(super) fn value_of(&mut self, column: AstId, item: Typed, field: FieldId) -> Typed {
        let ast = self.ast;
        let AstKind::Path { base, quote, name_range, .. } = &ast.nodes[column].kind else {
            return self.blank(item.range);
        };
        let Type::Record(table) = *item.ty.item() else { return self.blank(item.range) };
        if self.field_of(field, table, name_range).is_none() {
            return self.blank(item.range);
        }
        self.names.push((self.range(*base), Name::Table(table), Quote::Brackets));
        self.names.push((name_range.clone(), Name::Field(field), *quote));
        let range = self.range(column);
        self.lookup(item, field, range)
    }

    fn each_of(
        &mut self,
        what: EachKind,
        list: Typed,
        more: Vec<Typed>,
        body: &Body,
        range: Range<usize>,
        of: impl FnOnce(&mut Self, Typed) -> Typed,
    ) -> Typed {
        if self.too_deep(&range) {
            return self.blank(range);
        }
        let mut items = vec![self.scope(&list, 0)];
        items.extend(more.iter().enumerate().map(|(at, list)| self.scope(list, at + 1)));
        let Some((value, used)) = self.body(body, items, 0) else { return self.blank(range) };
        // A list that has nothing to do with the item goes along with the items.
        if !used && value.ty.is_list() && what != EachKind::Map {
            let value = self.listed(value);
            let value = match what {
                EachKind::Filter => self.convert(value, &Type::list(Type::Bool)),
                _ => value,
            };
            let other = self.scope(&value, 1);
            let item = self.add(Op::Current(other.place), other.ty, range.clone());
            return self.finish(what, list, vec![value], item, range);
        }
        let value = of(self, value);
        self.finish(what, list, more, value, range)
    }

    /// The node, of a body that was checked with the items in sight or has nothing to do with them.
    pub(super) fn finish(
        &mut self,
        what: EachKind,
        list: Typed,
        more: Vec<Typed>,
        body: Typed,
        range: Range<usize>,
    ) -> Typed {
        let body = match what {
            EachKind::Filter => self.condition(body, Conversion::All),
            EachKind::SortBy { .. } => self.sort_key(body),
            EachKind::Map if body.ty == Type::Blank => self.convert(body, &Type::Text),
            EachKind::Map => body,
        };
        self.each_with(what, list, more, body, range)
    }

    fn sort_key(&mut self, body: Typed) -> Typed {
        let key = item_type(&body.ty);
        let key = if matches!(key, Type::Record(_)) { Type::Text } else { key };
        self.convert(body, &key)
    }

    /// The node, of a body that is what the function wants.
    fn each_with(
        &mut self,
        what: EachKind,
        list: Typed,
        more: Vec<Typed>,
        body: Typed,
        range: Range<usize>,
    ) -> Typed {
        let (ty, routes) = match what {
            EachKind::Map => (Type::list(body.ty.clone()), body.routes.clone()),
            EachKind::Filter | EachKind::SortBy { .. } => (list.ty.clone(), list.routes.clone()),
        };
        let more = more.iter().map(|list| list.id).collect();
        let depth = self.places + 1;
        let (list, body) = (list.id, body.id);
        let each = Each { what, list, more, body, depth, hoisted: Vec::new(), join: None };
        Typed { routes, ..self.add(Op::Each(each), ty, range) }
    }
}
