//! Calls: how many arguments, of which types, and the functions whose arguments are not all evaluated.

use std::ops::Range;

use super::convert::unify;
use super::operator::comparable;
use super::{Checker, Route, Scope, Typed, article, suggest};
use crate::dialect::Dialect;
use crate::error::Diagnostic;
use crate::expr::{Comparison, Conversion, Dependency, Each, EachKind, Op, Path};
use crate::function::{
    DefaultValue, Entry, Eval, Function, Gives, NO_MATCH, Param, Signature, Special, Wants, entry, functions,
    variant,
};
use crate::ids::FieldId;
use crate::limits::LAMBDA_DEPTH_MAX;
use crate::syntax::{AstId, AstKind};
use crate::value::{Type, Value};

impl Checker<'_> {
    pub(super) fn call(&mut self, id: AstId, name: &str, at: Range<usize>, args: &[AstId]) -> Typed {
        let range = self.range(id);
        let Some(plain) = entry(name) else { return self.unknown_function(name, at, range) };
        let variant = variant(plain.function.name, self.schema.dialect());
        let entry = match variant {
            Some((variant, entry)) if !variant.after => entry,
            _ => plain,
        };
        if let Some(message) = wrong_count(entry, name, args.len()) {
            return self.refuse(at.start..range.end, message);
        }
        let value = match entry.function.eval {
            Eval::Special(special) => self.special(special, args, range),
            Eval::Rows(_) => self.plain(entry, name, args, range),
        };
        match variant {
            Some((variant, _)) if variant.after => self.inner(variant.function, value),
            _ => value,
        }
    }

    /// A function of one value, which is of the types that it wants and gives.
    pub(super) fn inner(&mut self, function: &'static Function, value: Typed) -> Typed {
        let ty = value.ty.clone();
        self.inner_as(function, value, ty)
    }

    /// As [`Checker::inner`], for one that gives another type.
    pub(super) fn inner_as(&mut self, function: &'static Function, value: Typed, ty: Type) -> Typed {
        let op = Op::Call { function, args: vec![value.id], timed: false, needs_dates: false };
        self.add(op, ty, value.range)
    }

    fn unknown_function(&mut self, name: &str, at: Range<usize>, range: Range<usize>) -> Typed {
        let meant = suggest::nearest(name, functions().map(|function| function.name));
        let mut message = format!("there is no function {}", name.to_uppercase());
        if let Some(meant) = meant {
            message.push_str(&format!(", did you mean {meant}?"));
        }
        let suggestion = meant.map(str::to_owned);
        self.diagnostics.push(Diagnostic { suggestion, ..Diagnostic::new(at, message) });
        self.blank(range)
    }

    /// The first argument of a method may be a table by its name in brackets.
    fn argument(&mut self, id: AstId, first_of_list: bool) -> Typed {
        if first_of_list { self.receiver(id) } else { self.value(id) }
    }

    /// A function that gets all its arguments for all rows.
    fn plain(&mut self, entry: &Entry, name: &str, args: &[AstId], range: Range<usize>) -> Typed {
        let name = name.to_ascii_uppercase();
        let signature = &entry.signature;
        let values = match signature.params.iter().position(|param| param.name == "locale") {
            Some(locale) if locale > 0 && args.len() <= locale => {
                self.in_setting(signature, locale, args, &range)
            }
            _ => self.arguments(args, &range),
        };
        let types = CallTypes::of(signature, &values);
        let routes = values.first().map_or(Vec::new(), |value| value.routes.clone());
        let mut ids = Vec::new();
        for (at, value) in values.into_iter().enumerate() {
            let param = signature.param(at).expect("arguments were counted");
            let to = types.wanted(param, &value.ty);
            ids.push(self.expect(value, &to, &name, param.name).id);
        }
        for default in signature.params.iter().skip(ids.len()).map_while(|param| param.default) {
            ids.push(self.default(default, range.clone()).id);
        }
        let ty = types.given(signature.gives);
        let (function, timed, needs_dates) = (entry.function, types.timed, types.needs_dates);
        let call = self.add(Op::Call { function, args: ids, timed, needs_dates }, ty, range);
        Typed { routes: super::routes_of(&call.ty, routes), ..call }
    }

    /// The arguments of a function that takes a language and a zone, where SET_LOCALE and SET_TIMEZONE around its
    /// date may say them: a date alone has neither.
    fn in_setting(
        &mut self,
        signature: &Signature,
        locale: usize,
        args: &[AstId],
        range: &Range<usize>,
    ) -> Vec<Typed> {
        let mut args = args.to_vec();
        let mut settings = [None, None];
        while let Some(AstKind::Call { name, args: inner, .. }) =
            args.first().map(|first| &self.ast.nodes[*first].kind)
        {
            let at = match name.to_ascii_uppercase().as_str() {
                "SET_LOCALE" => 0,
                "SET_TIMEZONE" => 1,
                _ => break,
            };
            let (true, [date, setting]) = (locale + at < signature.params.len(), inner.as_slice()) else {
                break;
            };
            settings[at].get_or_insert(*setting);
            args[0] = *date;
        }
        let mut values = self.arguments(&args, range);
        if settings == [None, None] {
            return values;
        }
        for param in &signature.params[values.len()..] {
            let setting = match param.name {
                "locale" => settings[0],
                "zone" => settings[1],
                _ => None,
            };
            let value = match (setting, param.default) {
                (Some(setting), _) => self.value(setting),
                (None, Some(default)) => self.default(default, range.clone()),
                (None, None) => break,
            };
            values.push(value);
        }
        values
    }

    /// The arguments as they are; the first may be a table if the call is a method of it.
    fn arguments(&mut self, args: &[AstId], range: &Range<usize>) -> Vec<Typed> {
        let is_method = self.is_method(args, range);
        let args = args.iter().enumerate();
        args.map(|(at, arg)| self.argument(*arg, at == 0 && is_method)).collect()
    }

    fn default(&mut self, default: DefaultValue, range: Range<usize>) -> Typed {
        let (value, ty) = match default {
            DefaultValue::Number(number) => (Value::Number(number), Type::Number),
            DefaultValue::Text(text) => (Value::text(text), Type::Text),
            DefaultValue::Bool(bool) => (Value::Bool(bool), Type::Bool),
        };
        self.add(Op::Constant(value), ty, range)
    }

    /// Whether the first argument stands before the function's name.
    fn is_method(&self, args: &[AstId], range: &Range<usize>) -> bool {
        args.first().is_some_and(|first| self.range(*first).start == range.start)
            && args.first().is_some_and(|first| !matches!(self.ast.nodes[*first].kind, AstKind::Error))
    }

    fn special(&mut self, special: Special, args: &[AstId], range: Range<usize>) -> Typed {
        match special {
            Special::Blank => self.blank(range),
            Special::RecordId => self.add(Op::RecordId, Type::Text, range),
            Special::CreatedTime => match self.schema.created_time(self.table) {
                Some(field) => self.time(field, range),
                None => self.refuse(range, "there is no time at which records were created"),
            },
            Special::ModifiedTime => self.modified_time(args, range),
            Special::If => {
                let arms = vec![(args[0], args[1])];
                let missing = match self.schema.dialect() {
                    Dialect::Airtable => Missing::Blank,
                    Dialect::Feishu | Dialect::Excel => Missing::False,
                };
                self.branch(&arms, args.get(2).copied(), missing, range)
            }
            Special::Ifs => {
                if !args.len().is_multiple_of(2) {
                    return self.refuse(range, "IFS expects a value behind each condition");
                }
                let arms: Vec<(AstId, AstId)> = args.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
                self.branch(&arms, None, self.no_match(), range)
            }
            Special::Switch => self.switch(args, range),
            Special::And => self.all_of(args, Conversion::All, range),
            Special::Or => self.all_of(args, Conversion::Any, range),
            Special::IfError => {
                let (value, fallback) = (self.value(args[0]), self.value(args[1]));
                let ty = unify(&value.ty, &fallback.ty);
                let routes = merged(&[&value, &fallback]);
                let (value, fallback) = (self.convert(value, &ty), self.convert(fallback, &ty));
                let op = Op::IfError { value: value.id, fallback: fallback.id };
                Typed { routes, ..self.add(op, ty, range) }
            }
            Special::Flatten => self.flatten(args, range),
            Special::Filter => {
                let list = self.list(args[0], &range);
                self.each(EachKind::Filter, list, args[1], range)
            }
            Special::Map => {
                let list = self.list(args[0], &range);
                self.each(EachKind::Map, list, args[1], range)
            }
            Special::SortBy => {
                let list = self.list(args[0], &range);
                let descending = match args.get(2).map(|arg| &self.ast.nodes[*arg].kind) {
                    None => false,
                    Some(AstKind::Bool(bool)) => *bool,
                    Some(AstKind::Number(number)) => *number != 0.0,
                    Some(_) => return self.refuse(self.range(args[2]), "SORTBY expects TRUE or FALSE here"),
                };
                self.each(EachKind::SortBy { descending }, list, args[1], range)
            }
            Special::CountIf => {
                let list = self.list(args[0], &range);
                let kept = self.each(EachKind::Filter, list, args[1], range.clone());
                self.aggregate("COUNTALL", kept, range)
            }
            Special::SumIf => {
                let list = self.list(args[0], &range);
                let mut kept = self.each(EachKind::Filter, list, args[1], range.clone());
                if let Some(value) = args.get(2) {
                    kept = self.each(EachKind::Map, kept, *value, range.clone());
                }
                let numbers = self.expect(kept, &Type::list(Type::Number), "SUMIF", "value");
                self.aggregate("SUM", numbers, range)
            }
        }
    }

    fn modified_time(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let mut fields = Vec::new();
        for arg in args {
            let value = self.value(*arg);
            match self.nodes[value.id].op {
                Op::Field(field) => fields.push(field),
                _ => return self.refuse(value.range, "LAST_MODIFIED_TIME expects fields of the same record"),
            }
        }
        match self.schema.modified_time(self.table, &fields) {
            Some(field) => self.time(field, range),
            None if fields.is_empty() => {
                self.refuse(range, "there is no time at which records were last written")
            }
            None => self.refuse(
                range,
                "when chosen fields were last written is kept where a field of type modifiedTime watches just \
                 these: add one, or ask for the whole record",
            ),
        }
    }

    /// A time that is kept of the formula's own record.
    fn time(&mut self, field: FieldId, range: Range<usize>) -> Typed {
        self.dependencies.push(Dependency { field, path: Path::Same });
        self.add(Op::Field(field), Type::Date { time: true }, range)
    }

    fn aggregate(&mut self, name: &str, list: Typed, range: Range<usize>) -> Typed {
        let function = entry(name).expect("there is such a function").function;
        let op = Op::Call { function, args: vec![list.id], timed: false, needs_dates: false };
        self.add(op, Type::Number, range)
    }

    /// The list that a function looks at; a single value is a list of one.
    fn list(&mut self, arg: AstId, range: &Range<usize>) -> Typed {
        let is_receiver = self.is_method(&[arg], range);
        let value = self.argument(arg, is_receiver);
        let ty = Type::list(item_type(&value.ty));
        let routes = value.routes.clone();
        Typed { routes, ..self.convert(value, &ty) }
    }

    fn each(&mut self, what: EachKind, list: Typed, body: AstId, range: Range<usize>) -> Typed {
        if self.scopes.len() >= LAMBDA_DEPTH_MAX {
            return self
                .refuse(range, format!("FILTER, MAP and their like nest at most {LAMBDA_DEPTH_MAX} deep"));
        }
        self.scopes.push(Scope { ty: list.ty.item().clone(), routes: list.routes.clone() });
        let depth = self.scopes.len();
        let mut body = self.value(body);
        self.scopes.pop();
        let (ty, routes) = match what {
            EachKind::Filter => {
                body = self.condition(body, Conversion::All);
                (list.ty.clone(), list.routes.clone())
            }
            EachKind::SortBy { .. } => {
                let key = item_type(&body.ty);
                let key = if matches!(key, Type::Record(_)) { Type::Text } else { key };
                body = self.convert(body, &key);
                (list.ty.clone(), list.routes.clone())
            }
            EachKind::Map => {
                if body.ty == Type::Blank {
                    body = self.convert(body, &Type::Text);
                }
                (Type::list(body.ty.clone()), body.routes.clone())
            }
        };
        let each = Each { what, list: list.id, body: body.id, depth, hoisted: Vec::new(), join: None };
        Typed { routes, ..self.add(Op::Each(each), ty, range) }
    }

    /// What stands for the default of IFS and SWITCH.
    fn no_match(&self) -> Missing {
        match self.schema.dialect() {
            Dialect::Airtable | Dialect::Feishu => Missing::Blank,
            Dialect::Excel => Missing::NotAvailable,
        }
    }

    fn branch(
        &mut self,
        arms: &[(AstId, AstId)],
        default: Option<AstId>,
        missing: Missing,
        range: Range<usize>,
    ) -> Typed {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for (condition, value) in arms {
            let condition = self.value(*condition);
            conditions.push(self.convert(condition, &Type::Bool).id);
            values.push(self.value(*value));
        }
        let default = default.map(|default| self.value(default));
        let (values, default, ty, routes) = self.alike(values, default, missing);
        let arms = conditions.into_iter().zip(values).collect();
        Typed { routes, ..self.add(Op::Branch { arms, default }, ty, range) }
    }

    fn switch(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let mut subject = self.value(args[0]);
        let (pairs, rest) = args[1..].as_chunks::<2>();
        let mut patterns = Vec::new();
        let mut values = Vec::new();
        for [pattern, value] in pairs {
            patterns.push(self.value(*pattern));
            values.push(self.value(*value));
        }
        let default = rest.first().map(|default| self.value(*default));
        let mut ty: Option<Type> = None;
        for pattern in &patterns {
            let Some(common) = comparable(Comparison::Equal, &subject.ty, &pattern.ty) else {
                let message =
                    format!("{} cannot be compared with {}", article(&subject.ty), article(&pattern.ty));
                return self.refuse(pattern.range.clone(), message);
            };
            ty = Some(match ty {
                Some(before) if before != common => Type::Text,
                _ => common,
            });
        }
        let key = ty.unwrap_or(Type::Text);
        subject = self.convert(subject, &key);
        subject = self.folded(subject);
        let mut keys = Vec::new();
        for pattern in patterns {
            let pattern = self.convert(pattern, &key);
            keys.push(self.folded(pattern).id);
        }
        let (values, default, ty, routes) = self.alike(values, default, self.no_match());
        let arms = keys.into_iter().zip(values).collect();
        Typed { routes, ..self.add(Op::Switch { subject: subject.id, arms, default }, ty, range) }
    }

    /// Values of branches as one type.
    fn alike(
        &mut self,
        values: Vec<Typed>,
        mut default: Option<Typed>,
        missing: Missing,
    ) -> (Vec<usize>, Option<usize>, Type, Vec<Route>) {
        let given = values.iter().chain(&default).fold(Type::Blank, |ty, value| unify(&ty, &value.ty));
        if missing == Missing::False && default.is_none() && takes_false(&given) {
            let range = values.first().map_or(0..0, |value| value.range.clone());
            default = Some(self.add(Op::Constant(Value::Bool(false)), Type::Bool, range));
        }
        let all: Vec<&Typed> = values.iter().chain(&default).collect();
        let ty = all.iter().fold(Type::Blank, |ty, value| unify(&ty, &value.ty));
        let routes = super::routes_of(&ty, merged(&all));
        let values = values.into_iter().map(|value| self.convert(value, &ty).id).collect();
        let mut default = default.map(|default| self.convert(default, &ty).id);
        if missing == Missing::NotAvailable && default.is_none() {
            let op = Op::Call { function: &NO_MATCH, args: Vec::new(), timed: false, needs_dates: false };
            default = Some(self.add(op, ty.clone(), 0..0).id);
        }
        (values, default, ty, routes)
    }

    fn all_of(&mut self, args: &[AstId], how: Conversion, range: Range<usize>) -> Typed {
        let mut conditions = Vec::new();
        for arg in args {
            let value = self.value(*arg);
            conditions.push(self.condition(value, how).id);
        }
        let op = if how == Conversion::All { Op::And(conditions) } else { Op::Or(conditions) };
        self.add(op, Type::Bool, range)
    }

    fn flatten(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let values = self.arguments(args, &range);
        let item = values.iter().fold(Type::Blank, |ty, value| unify(&ty, value.ty.item()));
        let item = item_type(&item);
        let routes = super::routes_of(&item, merged(&values.iter().collect::<Vec<_>>()));
        let mut ids = Vec::new();
        for value in values {
            let to = if value.ty.is_list() { Type::list(item.clone()) } else { item.clone() };
            ids.push(self.convert(value, &to).id);
        }
        Typed { routes, ..self.add(Op::Flatten(ids), Type::list(item), range) }
    }
}

/// What a branch gives that is not written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Blank,
    False,
    NotAvailable,
}

/// Whether a branch that gives false leaves the others what they are: beside it a date would be text.
fn takes_false(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Number | Type::Bool | Type::Blank)
}

/// What the words of a signature mean in one call.
struct CallTypes {
    /// `T`: an item of the first argument.
    item: Type,
    /// `ordered`
    ordered: Type,
    /// Whether its dates are moments.
    timed: bool,
    needs_dates: bool,
}

impl CallTypes {
    fn of(signature: &Signature, values: &[Typed]) -> Self {
        let asked = |wants: Wants| {
            let asks = move |at: usize| signature.param(at).is_some_and(|param| param.wants == wants);
            values.iter().enumerate().filter(move |(at, _)| asks(*at)).map(|(_, value)| value.ty.item())
        };
        let ordered = asked(Wants::Ordered).fold(Type::Blank, |ty, item| unify(&ty, item));
        let ordered = if matches!(ordered, Type::Date { .. }) { ordered } else { Type::Number };
        // Texts are read as days beside days, and as moments where nothing says otherwise.
        let is_day = |ty: &Type| *ty == Type::Date { time: false };
        let is_moment = |ty: &Type| *ty == Type::Date { time: true };
        let moments = asked(Wants::Date).any(is_moment) || !asked(Wants::Date).any(is_day);
        let needs_dates = signature.params.iter().any(|param| param.wants == Wants::Date);
        Self {
            item: values.first().map_or(Type::Text, |value| item_type(&value.ty)),
            timed: if needs_dates {
                moments
            } else {
                is_moment(&ordered) || asked(Wants::Any).any(is_moment)
            },
            ordered,
            needs_dates,
        }
    }

    /// As what an argument of type `given` is wanted.
    fn wanted(&self, param: &Param, given: &Type) -> Type {
        let one_or_list = |item: Type| if given.is_list() { Type::list(item) } else { item };
        match param.wants {
            Wants::Text => Type::Text,
            Wants::Number => Type::Number,
            Wants::Bool => Type::Bool,
            Wants::Date => Type::Date { time: self.timed },
            Wants::Numbers => one_or_list(Type::Number),
            Wants::Texts => one_or_list(Type::Text),
            Wants::Ordered if param.repeats => one_or_list(self.ordered.clone()),
            Wants::Ordered => self.ordered.clone(),
            Wants::List => Type::list(item_type(given)),
            Wants::Item => self.item.clone(),
            Wants::Any | Wants::Formula => given.clone(),
        }
    }

    fn given(&self, gives: Gives) -> Type {
        match gives {
            Gives::Text | Gives::Special => Type::Text,
            Gives::Number => Type::Number,
            Gives::Bool => Type::Bool,
            Gives::Date => Type::Date { time: self.timed },
            Gives::Day => Type::Date { time: false },
            Gives::Moment => Type::Date { time: true },
            Gives::Ordered => self.ordered.clone(),
            Gives::List => Type::list(self.item.clone()),
            Gives::Item => self.item.clone(),
            Gives::Texts => Type::list(Type::Text),
        }
    }
}

/// The type of a list's items or of a list of the one value; a list of blanks is one of texts.
fn item_type(ty: &Type) -> Type {
    match ty.item() {
        Type::Blank => Type::Text,
        item => item.clone(),
    }
}

/// The ways to the records of several values.
fn merged(values: &[&Typed]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for route in values.iter().flat_map(|value| &value.routes) {
        if !routes.contains(route) {
            routes.push(route.clone());
        }
    }
    routes
}

fn wrong_count(entry: &Entry, name: &str, n: usize) -> Option<String> {
    let (least, most) = (entry.signature.least(), entry.signature.most());
    if n >= least && most.is_none_or(|most| n <= most) {
        return None;
    }
    let wanted = match most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None => format!("at least {least}"),
    };
    let word = if wanted == "1" || wanted == "at least 1" { "argument" } else { "arguments" };
    Some(format!("{} expects {wanted} {word}, got {n}", name.to_uppercase()))
}
