//! `LET` and `LAMBDA`: names of the formula's own.
//!
//! A name is a bare word, compared without regard to case, and means its value in what stands behind it; a field of
//! the same name is written in braces there. A value is checked where it stands and named by a node ([`Op::Named`]).
//! A `LAMBDA` is no value: its body is checked for each call, with the types of its arguments and the names that
//! were known where it stands, so that it cannot call itself.

use std::ops::Range;

use super::{Checker, Scope, Typed, routes_of};
use crate::expr::Op;
use crate::limits::CALL_DEPTH_MAX;
use crate::syntax::{AstId, AstKind, Name, Quote};

/// A name of the formula's own.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) name: String,
    means: Means,
    /// Whether it was asked for.
    used: bool,
}

/// What a name stands for.
#[derive(Clone, Debug)]
enum Means {
    Value(Typed),
    Lambda(Lambda),
}

/// A function that the formula defines.
#[derive(Clone, Debug)]
pub(super) struct Lambda {
    params: Vec<(String, Range<usize>)>,
    body: AstId,
    /// How many of the names and of the items around it are known in its body.
    n_locals: usize,
    n_scopes: usize,
}

impl Lambda {
    /// How many arguments it takes.
    pub(super) fn n_params(&self) -> usize {
        self.params.len()
    }
}

impl Checker<'_> {
    /// `LET(name, value, …, body)`.
    pub(super) fn let_names(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let Some((body, pairs)) = args.split_last() else { return self.blank(range) };
        if !pairs.len().is_multiple_of(2) {
            return self.refuse(range, "LET expects names, each with its value, and then the result");
        }
        let before = self.locals.len();
        let mut places = Vec::new();
        let mut values = Vec::new();
        for pair in pairs.chunks_exact(2) {
            let place = self.range(pair[0]);
            let name = self.name_of(pair[0]);
            let means = match self.lambda(pair[1]) {
                Some(lambda) => Means::Lambda(lambda),
                None => Means::Value(self.value(pair[1])),
            };
            let Some(name) = name else { continue };
            if let Some(local) = self.locals[before..].iter_mut().find(|local| is_same(&local.name, &name)) {
                local.used = true;
                self.complain(place.clone(), format!("the name {name} has a value already"));
            }
            if let (Means::Lambda(_), true) = (&means, crate::function::is_function(&name)) {
                self.complain(place.clone(), format!("{} is a function", name.to_uppercase()));
            }
            if let Means::Value(value) = &means
                && !self.is_leaf(value)
            {
                values.push(value.id);
            }
            self.locals.push(Local { name, means, used: false });
            places.push(place);
        }
        let body = self.value(*body);
        for (local, place) in self.locals.split_off(before).into_iter().zip(places) {
            if !local.used {
                self.complain(place, format!("the name {} is not used", local.name));
            }
        }
        self.let_values(values, body, range)
    }

    /// `body`, below which `values` are named.
    pub(super) fn let_values(&mut self, values: Vec<usize>, body: Typed, range: Range<usize>) -> Typed {
        if values.is_empty() {
            return Typed { range, ..body };
        }
        let op = Op::Let { values, body: body.id };
        Typed { routes: body.routes, ..self.add(op, body.ty, range) }
    }

    /// Whether saying the value again is as good as naming it.
    pub(super) fn is_leaf(&self, value: &Typed) -> bool {
        matches!(
            self.nodes[value.id].op,
            Op::Constant(_) | Op::Field(_) | Op::Current(_) | Op::RecordId | Op::Records(_) | Op::Named(_)
        )
    }

    /// The name that an argument is; says so if it is none.
    fn name_of(&mut self, id: AstId) -> Option<String> {
        if let AstKind::Name(Name::Text(name), Quote::Bare) = &self.ast.nodes[id].kind {
            return Some(name.clone());
        }
        let range = self.range(id);
        self.complain(range, "a name is expected here: one word, without brackets");
        None
    }

    /// What a bare word means, if it is a name of the formula's own.
    pub(super) fn local(&mut self, name: &str, range: &Range<usize>) -> Option<Typed> {
        let local = self.locals.iter_mut().rev().find(|local| is_same(&local.name, name))?;
        local.used = true;
        let Means::Value(value) = local.means.clone() else {
            let message = format!("{} is a LAMBDA: it is written with parentheses", local.name);
            return Some(self.refuse(range.clone(), message));
        };
        Some(Typed { range: range.clone(), ..self.again(&value) })
    }

    /// A value that is used once more; unless it is a leaf, it has to be among those of an [`Op::Let`] above.
    pub(super) fn again(&mut self, value: &Typed) -> Typed {
        let op = match &self.nodes[value.id].op {
            op if self.is_leaf(value) => op.clone(),
            _ => Op::Named(value.id),
        };
        let Typed { ty, range, routes, .. } = value.clone();
        Typed { routes, ..self.add(op, ty, range) }
    }

    /// The function that an argument is: a `LAMBDA`, or the name of one.
    pub(super) fn lambda(&mut self, id: AstId) -> Option<Lambda> {
        let ast = self.ast;
        match &ast.nodes[id].kind {
            AstKind::Call { name, args, method: false, .. } if name.eq_ignore_ascii_case("LAMBDA") => {
                let (body, params) = args.split_last()?;
                let mut names: Vec<(String, Range<usize>)> = Vec::new();
                for param in params {
                    let range = self.range(*param);
                    // What is no name was said to be none; nothing can ask for it.
                    let name = self.name_of(*param).unwrap_or_default();
                    if names.iter().any(|(other, _)| is_same(other, &name)) {
                        self.complain(range.clone(), format!("two parameters are named {name}"));
                    }
                    names.push((name, range));
                }
                let (n_locals, n_scopes) = (self.locals.len(), self.scopes.len());
                Some(Lambda { params: names, body: *body, n_locals, n_scopes })
            }
            AstKind::Name(Name::Text(name), Quote::Bare) => {
                let local = self.locals.iter_mut().rev().find(|local| is_same(&local.name, name))?;
                let Means::Lambda(lambda) = local.means.clone() else { return None };
                local.used = true;
                Some(lambda)
            }
            _ => None,
        }
    }

    /// `f(3)`, if `f` is a name of the formula's own.
    pub(super) fn call_local(
        &mut self,
        name: &str,
        at: &Range<usize>,
        args: &[AstId],
        range: Range<usize>,
    ) -> Option<Typed> {
        let local = self.locals.iter_mut().rev().find(|local| is_same(&local.name, name))?;
        let Means::Lambda(lambda) = local.means.clone() else {
            if crate::function::is_function(name) {
                return None;
            }
            local.used = true;
            return Some(self.refuse(at.clone(), format!("{name} is a value, not a LAMBDA")));
        };
        local.used = true;
        if args.len() != lambda.n_params() {
            let message = format!("{name} expects {}, got {}", arguments(lambda.n_params()), args.len());
            return Some(self.refuse(at.start..range.end, message));
        }
        if self.calls.len() >= CALL_DEPTH_MAX {
            return Some(self.refuse(range, format!("calls of LAMBDAs nest at most {CALL_DEPTH_MAX} deep")));
        }
        let args: Vec<Typed> = args.iter().map(|arg| self.value(*arg)).collect();
        let named = args.iter().filter(|value| !self.is_leaf(value)).map(|value| value.id).collect();
        self.calls.push(name.to_owned());
        let body = self.apply_lambda(&lambda, args);
        self.calls.pop();
        Some(self.let_values(named, body, range))
    }

    /// Whether a name is that of a `LAMBDA` whose body this is.
    pub(super) fn calls_itself(&self, name: &str) -> bool {
        self.calls.iter().any(|other| is_same(other, name))
    }

    /// The body of a function for some arguments.
    fn apply_lambda(&mut self, lambda: &Lambda, args: Vec<Typed>) -> Typed {
        let locals = self.locals.split_off(lambda.n_locals);
        let scopes = self.scopes.split_off(lambda.n_scopes);
        for ((name, _), value) in lambda.params.iter().zip(args) {
            self.locals.push(Local { name: name.clone(), means: Means::Value(value), used: false });
        }
        let body = self.value(lambda.body);
        self.locals.truncate(lambda.n_locals);
        self.scopes.truncate(lambda.n_scopes);
        // Names from outside that the body asked for are used, wherever it was called.
        self.locals.extend(locals);
        self.scopes.extend(scopes);
        body
    }

    /// The body of a function of lists for items of these types, and whether it looked at the item that is
    /// `CurrentValue`. `None` if it could not be called; that was said.
    pub(super) fn body(&mut self, body: &Body, items: Vec<Scope>, current: usize) -> Option<(Typed, bool)> {
        self.nesting += 1;
        let n_items = items.len();
        self.places += n_items;
        let out = match body {
            Body::Formula(id) => {
                self.scopes.push(items[current].clone());
                let value = self.value(*id);
                let used = self.scopes.pop().is_some_and(|scope| scope.used);
                Some((value, used))
            }
            Body::Lambda(lambda, range) if lambda.n_params() != n_items => {
                let (asked, got) = (lambda.n_params(), n_items);
                let message = format!("this LAMBDA has {}, {got} are given", parameters(asked));
                self.complain(range.clone(), message);
                None
            }
            Body::Lambda(lambda, range) => {
                let scope = items[current].clone();
                let args = items.into_iter().map(|item| {
                    let routes = routes_of(&item.ty, item.routes);
                    Typed { routes, ..self.add(Op::Current(item.place), item.ty, range.clone()) }
                });
                let args = args.collect();
                let outer = lambda.clone();
                let scopes = self.scopes.split_off(outer.n_scopes);
                self.scopes.push(scope);
                let inner = Lambda { n_scopes: outer.n_scopes + 1, ..outer };
                let value = self.apply_lambda(&inner, args);
                self.scopes.truncate(inner.n_scopes - 1);
                self.scopes.extend(scopes);
                Some((value, true))
            }
        };
        self.places -= n_items;
        self.nesting -= 1;
        out
    }
}

/// What a function of lists runs for each item.
pub(super) enum Body {
    /// A formula with `CurrentValue`.
    Formula(AstId),
    /// A `LAMBDA`, or the name of one, and where it stands.
    Lambda(Lambda, Range<usize>),
}

pub(super) fn is_same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn arguments(n: usize) -> String {
    format!("{n} argument{}", if n == 1 { "" } else { "s" })
}

fn parameters(n: usize) -> String {
    format!("{n} parameter{}", if n == 1 { "" } else { "s" })
}
