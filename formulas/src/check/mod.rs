//! Names and types: [`Ast`] → [`Expr`], or diagnostics with text ranges.
//!
//! A bracketed name that stands for a value is a field of the formula's own table, or else a table; one that is
//! followed by a dot is a table, or else a field. Behind a dot stands a field of the records before it.
//!
//! One walk does it all: it finds names, infers types, inserts conversions ([`convert`]), and notes for each
//! field that is read by which way it was reached ([`Route`]). After a mistake it goes on with a blank value, so
//! that all mistakes are told at once.

mod call;
mod convert;
mod each;
mod lookup;
mod names;
mod operator;
mod suggest;
mod tree;

use std::ops::Range;

use crate::error::Diagnostic;
use crate::expr::{Dependency, Expr, Node, NodeId, Op, Path, kind_of};
use crate::ids::{FieldId, TableId};
use crate::limits::CHECKED_NODES_MAX;
use crate::schema::{FieldInfo, Schema};
use crate::syntax::{Ast, AstId, AstKind, Name, Quote, Unary};
use crate::value::{Type, Value};

/// Checks names, types and argument counts of a formula of `table`.
///
/// # Errors
///
/// Everything that is wrong, in order of its place in the text.
pub fn check(ast: &Ast, table: TableId, schema: &dyn Schema) -> Result<Expr, Vec<Diagnostic>> {
    let (checker, root) = walk(ast, table, schema)?;
    Ok(Expr::build(checker.nodes, root.id, root.ty, checker.dependencies))
}

/// The names of a formula with what they stand for, in order.
pub(crate) fn resolve(
    ast: &Ast,
    table: TableId,
    schema: &dyn Schema,
) -> Result<Vec<Resolved>, Vec<Diagnostic>> {
    let (mut checker, _) = walk(ast, table, schema)?;
    checker.names.dedup_by_key(|(range, ..)| range.start);
    Ok(checker.names)
}

/// Where a name stands, what it is and how it is quoted.
pub(crate) type Resolved = (Range<usize>, Name, Quote);

fn walk<'a>(
    ast: &'a Ast,
    table: TableId,
    schema: &'a dyn Schema,
) -> Result<(Checker<'a>, Typed), Vec<Diagnostic>> {
    if !ast.diagnostics.is_empty() {
        return Err(ast.diagnostics.clone());
    }
    let mut checker = Checker {
        ast,
        table,
        schema,
        nodes: Vec::new(),
        diagnostics: Vec::new(),
        names: Vec::new(),
        dependencies: Vec::new(),
        scopes: Vec::new(),
        locals: Vec::new(),
        places: 0,
        nesting: 0,
        calls: Vec::new(),
    };
    let root = checker.value(ast.root);
    checker.agree();
    if checker.diagnostics.is_empty() {
        return Ok((checker, root));
    }
    checker.diagnostics.sort_by_key(|diagnostic| diagnostic.range.start);
    checker.diagnostics.dedup();
    Err(checker.diagnostics)
}

struct Checker<'a> {
    ast: &'a Ast,
    table: TableId,
    schema: &'a dyn Schema,
    nodes: Vec<Node>,
    diagnostics: Vec<Diagnostic>,
    names: Vec<Resolved>,
    dependencies: Vec<Dependency>,
    /// What `CurrentValue` is, from the outermost `FILTER` inwards.
    scopes: Vec<Scope>,
    /// What names of the formula's own mean here, the innermost last.
    locals: Vec<names::Local>,
    /// How many places of items are taken here.
    places: usize,
    /// How many list functions stand around this place.
    nesting: usize,
    /// The names of the `LAMBDA`s whose bodies do.
    calls: Vec<String>,
}

/// The item of a list as a body sees it.
#[derive(Clone, Debug)]
struct Scope {
    ty: Type,
    routes: Vec<Route>,
    /// See [`Op::Current`].
    place: usize,
    /// Whether the body asked for it.
    used: bool,
}

/// A node with what is known of its value.
#[derive(Clone, Debug)]
struct Typed {
    id: NodeId,
    ty: Type,
    /// Where it stands in the text.
    range: Range<usize>,
    /// For records, the ways by which they are reached.
    routes: Vec<Route>,
}

/// A way from the formula's record to others.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    /// Through these link fields.
    Links(Vec<FieldId>),
    /// Any record of the table.
    Whole(TableId),
}

impl Checker<'_> {
    fn complain(&mut self, range: Range<usize>, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(range, message));
    }

    /// Says what is wrong and goes on with a blank value.
    fn refuse(&mut self, range: Range<usize>, message: impl Into<String>) -> Typed {
        self.complain(range.clone(), message);
        self.blank(range)
    }

    fn blank(&mut self, range: Range<usize>) -> Typed {
        self.add(Op::Constant(Value::Blank), Type::Blank, range)
    }

    /// Puts the names in order and asks that each means one thing: a `LAMBDA` is checked for each of its calls.
    fn agree(&mut self) {
        self.names.sort_by_key(|(range, ..)| range.start);
        let differs = |pair: &&[Resolved]| pair[0].0.start == pair[1].0.start && pair[0].1 != pair[1].1;
        let differing: Vec<Range<usize>> =
            self.names.windows(2).filter(differs).map(|pair| pair[0].0.clone()).collect();
        for range in differing {
            self.complain(range, "this would be another field for each call of the LAMBDA");
        }
    }

    fn add(&mut self, op: Op, ty: Type, range: Range<usize>) -> Typed {
        self.nodes.push(Node::new(op, kind_of(&ty)));
        Typed { id: self.nodes.len() - 1, ty, range, routes: Vec::new() }
    }

    fn range(&self, id: AstId) -> Range<usize> {
        self.ast.nodes[id].range.clone()
    }

    /// A part of the formula that is used as a value. The parser bounds how deep this recurses.
    fn value(&mut self, id: AstId) -> Typed {
        let range = self.range(id);
        if self.nodes.len() > CHECKED_NODES_MAX {
            let message = format!("with its LAMBDAs the formula has more than {CHECKED_NODES_MAX} parts");
            if !self.diagnostics.iter().any(|other| other.message == message) {
                self.complain(range.clone(), message);
            }
            return self.blank(range);
        }
        let ast = self.ast;
        match &ast.nodes[id].kind {
            AstKind::Error => self.blank(range),
            AstKind::Number(number) => self.add(Op::Constant(Value::Number(*number)), Type::Number, range),
            AstKind::Text(text) => self.add(Op::Constant(Value::text(text.as_str())), Type::Text, range),
            AstKind::Bool(bool) => self.add(Op::Constant(Value::Bool(*bool)), Type::Bool, range),
            AstKind::Name(name, quote) => self.name(name, *quote, range),
            AstKind::CurrentValue => self.current_value(range),
            AstKind::Unary(op, operand) => self.unary(*op, *operand, range),
            AstKind::Binary(..) => self.binary(id),
            AstKind::Call { name, name_range, args, method } => {
                self.call(id, name, name_range.clone(), args, *method)
            }
            AstKind::Path { base, name, quote, name_range } => {
                self.path(*base, name, *quote, name_range.clone(), range)
            }
        }
    }

    /// A part that stands before a dot, where a bracketed name is a table first.
    fn receiver(&mut self, id: AstId) -> Typed {
        let range = self.range(id);
        if let AstKind::Name(Name::Text(name), Quote::Brackets) = &self.ast.nodes[id].kind
            && let Some(table) = self.schema.table_named(name)
        {
            return self.whole_table(table, range);
        }
        self.value(id)
    }

    fn name(&mut self, name: &Name, quote: Quote, range: Range<usize>) -> Typed {
        match name {
            Name::Field(field) => self.own_field(*field, quote, range),
            Name::Table(table) => match self.schema.table_name(*table) {
                Some(_) => self.whole_table(*table, range),
                None => self.refuse(range, "this table was deleted"),
            },
            Name::Text(text) => {
                if quote == Quote::Bare
                    && let Some(value) = self.local(text, &range)
                {
                    return value;
                }
                if let Some(field) = self.schema.field_named(self.table, text) {
                    return self.own_field(field, quote, range);
                }
                match self.schema.table_named(text) {
                    Some(table) if quote == Quote::Brackets => self.whole_table(table, range),
                    _ => self.unknown_field(text, self.table, quote, range),
                }
            }
        }
    }

    fn own_field(&mut self, field: FieldId, quote: Quote, range: Range<usize>) -> Typed {
        let Some(info) = self.field_of(field, self.table, &range) else { return self.blank(range) };
        self.names.push((range.clone(), Name::Field(field), quote));
        self.dependencies.push(Dependency { field, path: Path::Same });
        let routes = routes_of(&info.ty, vec![Route::Links(vec![field])]);
        Typed { routes, ..self.add(Op::Field(field), info.ty, range) }
    }

    /// What a field is, if it is one of `table`.
    fn field_of(&mut self, field: FieldId, table: TableId, range: &Range<usize>) -> Option<FieldInfo> {
        let info = self.schema.field(field);
        match &info {
            None => self.complain(range.clone(), "this field was deleted"),
            Some(info) if info.table != table => {
                let there = self.table_word(table);
                self.complain(range.clone(), format!("the field {:?} is not one of {there}", info.name));
                return None;
            }
            Some(_) => {}
        }
        info
    }

    fn whole_table(&mut self, table: TableId, range: Range<usize>) -> Typed {
        self.names.push((range.clone(), Name::Table(table), Quote::Brackets));
        let ty = Type::list(Type::Record(table));
        Typed { routes: vec![Route::Whole(table)], ..self.add(Op::Records(table), ty, range) }
    }

    fn current_value(&mut self, range: Range<usize>) -> Typed {
        let Some(scope) = self.scopes.last_mut() else {
            return self.refuse(range, "CurrentValue is known only inside FILTER, MAP and their like");
        };
        scope.used = true;
        let Scope { ty, routes, place, .. } = scope.clone();
        Typed { routes, ..self.add(Op::Current(place), ty, range) }
    }

    fn unary(&mut self, op: Unary, operand: AstId, range: Range<usize>) -> Typed {
        let operand = self.value(operand);
        let number = self.number(operand, "this sign");
        match op {
            Unary::Plus => Typed { range, ..number },
            Unary::Minus => {
                let zero = self.add(Op::Constant(Value::Number(0.0)), Type::Number, range.clone());
                self.arith(crate::expr::Arith::Subtract, zero, number, Type::Number, range)
            }
            Unary::Percent => {
                let hundred = self.add(Op::Constant(Value::Number(100.0)), Type::Number, range.clone());
                self.arith(crate::expr::Arith::Divide, number, hundred, Type::Number, range)
            }
        }
    }

    fn path(
        &mut self,
        base: AstId,
        name: &Name,
        quote: Quote,
        at: Range<usize>,
        range: Range<usize>,
    ) -> Typed {
        let base = self.receiver(base);
        let Type::Record(table) = *base.ty.item() else {
            if base.ty != Type::Blank || self.diagnostics.is_empty() {
                let word = article(&base.ty);
                self.complain(base.range, format!("only links and tables have fields, this is {word}"));
            }
            return self.blank(range);
        };
        let field = match name {
            Name::Field(field) => *field,
            Name::Table(_) => return self.refuse(at, "behind a dot stands a field, not a table"),
            Name::Text(text) => match self.schema.field_named(table, text) {
                Some(field) => field,
                None => return self.unknown_field(text, table, quote, at),
            },
        };
        if self.field_of(field, table, &at).is_none() {
            return self.blank(range);
        }
        self.names.push((at, Name::Field(field), quote));
        self.lookup(base, field, range)
    }

    /// A field, which is there, of the record or records of `base`.
    fn lookup(&mut self, base: Typed, field: FieldId, range: Range<usize>) -> Typed {
        let own = self.schema.field(field).map_or(Type::Text, |info| info.ty);
        let ty = if base.ty.is_list() { Type::list(own) } else { own };
        for route in &base.routes {
            let path = match route {
                Route::Links(links) => Path::Through(links.clone()),
                Route::Whole(table) => Path::Whole(*table),
            };
            self.dependencies.push(Dependency { field, path });
        }
        let further = |route: &Route| match (route, ty.item()) {
            (Route::Links(links), _) => Route::Links(links.iter().copied().chain([field]).collect()),
            (Route::Whole(_), Type::Record(target)) => Route::Whole(*target),
            (whole, _) => whole.clone(),
        };
        let routes = routes_of(&ty, base.routes.iter().map(further).collect());
        Typed { routes, ..self.add(Op::Lookup { over: base.id, field }, ty, range) }
    }

    fn unknown_field(&mut self, name: &str, table: TableId, quote: Quote, range: Range<usize>) -> Typed {
        let there = self.table_word(table);
        let mut names = self.schema.field_names(table);
        if quote == Quote::Bare {
            names.extend(self.locals.iter().map(|local| local.name.clone()));
        }
        let meant = suggest::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let mut message = format!("there is no field {name:?} in {there}");
        if quote != Quote::Bare && self.locals.iter().any(|local| names::is_same(&local.name, name)) {
            message = format!("{name} is a name of the formula's own: it is written without brackets");
        } else if let Some(meant) = &meant {
            message.push_str(&format!(", did you mean {meant:?}?"));
        } else if quote == Quote::Bare && crate::function::is_function(name) {
            message = format!("{} is a function: it is written with parentheses", name.to_ascii_uppercase());
        }
        let suggestion = meant.map(|meant| crate::syntax::written(&meant, quote));
        self.diagnostics.push(Diagnostic { suggestion, ..Diagnostic::new(range.clone(), message) });
        self.blank(range)
    }

    fn table_word(&self, table: TableId) -> String {
        self.schema.table_name(table).map_or_else(|| "a deleted table".to_owned(), |name| format!("{name:?}"))
    }
}

/// Ways are kept for records only.
fn routes_of(ty: &Type, routes: Vec<Route>) -> Vec<Route> {
    if matches!(ty.item(), Type::Record(_)) { routes } else { Vec::new() }
}

/// A type as a message names it, "a number".
fn article(ty: &Type) -> String {
    match ty {
        Type::Blank => "blank".to_owned(),
        Type::List(item) => format!("a list of {}s", item.word()),
        other => format!("a {}", other.word()),
    }
}
