//! [`Expr`]: a checked formula, ready to be evaluated; and what it depends on.
//!
//! An expression is a flat vector of nodes in which the nodes below any node stand right before it, so that
//! evaluating is one pass over a slice. A branch that may stay untaken and the body of a `FILTER` are such
//! slices too: the pass jumps over them, and runs them for some of the rows, or for the items of a list.
//!
//! Each node knows on what it depends: bit 0 stands for the record, bit `d` for the item that a `FILTER`, `MAP` or
//! their like keeps in place `d`: `CurrentValue`, or the parameter of a `LAMBDA`. A node with no bit is *uniform*: it
//! is evaluated once, not for each row.
//!
//! A value that is used more than once, because `LET` names it or because the formula says it twice ([`share`]), is
//! below an [`Op::Let`]; what uses it is an [`Op::Named`], which knows its node. Evaluation keeps such a value with
//! the rows it was made for. A formula that is named in this way stays a tree in post-order.

mod fold;
mod order;
mod share;
#[cfg(test)]
mod tests;

use crate::column::Kind;
use crate::function::Function;
use crate::ids::{FieldId, TableId};
use crate::value::{Type, Value};

/// A checked formula.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The last one is the result.
    pub(crate) nodes: Vec<Node>,
    ty: Type,
    dependencies: Vec<Dependency>,
    tables: Vec<TableId>,
    volatile: bool,
}

/// A field that a formula reads, and of which records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// The field.
    pub field: FieldId,
    /// Of which records it is read.
    pub path: Path,
}

/// How a formula gets from its own record to the records whose field it reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// The same record.
    Same,
    /// The records behind these link fields: the first is of the formula's table, the field is of the last
    /// one's target.
    Through(Vec<FieldId>),
    /// Any record of the table.
    Whole(TableId),
}

/// The position of a node.
pub(crate) type NodeId = usize;

/// One step of an evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) kind: Kind,
    /// Where the nodes below this one begin.
    pub(crate) start: NodeId,
    /// On what it depends, see the module's header.
    pub(crate) deps: u32,
    /// How much work it and all below it is for one row, roughly in nanoseconds.
    pub(crate) cost: u32,
    /// The last node of the slice that begins here and is not run in passing.
    pub(crate) skip: Option<NodeId>,
    /// Whether an [`Op::Named`] stands for it.
    pub(crate) named: bool,
}

/// What a node does with the nodes below it.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Constant(Value),
    /// A field of the formula's own record.
    Field(FieldId),
    /// The item in this place, counted from 1: see [`Each::depth`] and [`Fold::depth`].
    Current(usize),
    /// Values that nodes below stand for by [`Op::Named`], and what is made of them.
    Let {
        values: Vec<NodeId>,
        body: NodeId,
    },
    /// The result of another node, one of the values of an [`Op::Let`] above.
    Named(NodeId),
    /// Records above or below others.
    Tree(Tree),
    /// `RECORD_ID()`.
    RecordId,
    /// The formula's own record, alone or as a list of one: what an aggregate makes of one item is a formula of the
    /// item's table (`aggregate.rs`).
    Own,
    /// All living records of a table, as one list.
    Records(TableId),
    /// A field of the record or records below.
    Lookup {
        over: NodeId,
        field: FieldId,
    },
    Convert {
        arg: NodeId,
        how: Conversion,
    },
    Arith {
        op: Arith,
        left: NodeId,
        right: NodeId,
    },
    /// Both sides are of one kind.
    Compare {
        op: Comparison,
        left: NodeId,
        right: NodeId,
    },
    Concat(Vec<NodeId>),
    Call {
        function: &'static Function,
        args: Vec<NodeId>,
        /// Whether dates are moments, read in the zone, or civil dates, read in UTC.
        timed: bool,
        /// Whether a blank date makes a blank result.
        needs_dates: bool,
    },
    /// The value behind the first true condition.
    Branch {
        arms: Vec<(NodeId, NodeId)>,
        default: Option<NodeId>,
    },
    /// The value behind the first pattern that equals the subject.
    Switch {
        subject: NodeId,
        arms: Vec<(NodeId, NodeId)>,
        default: Option<NodeId>,
    },
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    IfError {
        value: NodeId,
        fallback: NodeId,
        /// Whether only `#N/A` is caught.
        na: bool,
    },
    /// One flat list of the items of all.
    Flatten(Vec<NodeId>),
    Each(Each),
    Fold(Fold),
}

/// A function that looks at each item of a list.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    pub(crate) what: EachKind,
    pub(crate) list: NodeId,
    /// Further lists, each as long as the first, whose items the body sees beside those of the first.
    pub(crate) more: Vec<NodeId>,
    pub(crate) body: NodeId,
    /// The place of the item, `CurrentValue`; those of further lists are in the places behind it.
    pub(crate) depth: usize,
    /// Slices of the body that need not be run for each pair of row and item.
    pub(crate) hoisted: Vec<NodeId>,
    /// Hoisted sides of an equality that must hold for an item to be kept: (of the item, of the outside).
    pub(crate) join: Option<(NodeId, NodeId)>,
}

/// `REDUCE` or `SCAN`: a body that is run for one item after the other.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    pub(crate) initial: NodeId,
    pub(crate) list: NodeId,
    pub(crate) body: NodeId,
    /// The place of what the body gave for the items before; the item is in the next place.
    pub(crate) depth: usize,
    /// Whether the result is the list of all that the body gave, not the last.
    pub(crate) scan: bool,
    /// Slices of the body that are the same for all items.
    pub(crate) hoisted: Vec<NodeId>,
}

/// Records of one table that are above or below others by a link of the table to itself.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) what: TreeKind,
    /// The record, or the records, to begin with.
    pub(crate) of: NodeId,
    /// From a record to those above it.
    pub(crate) link: FieldId,
    pub(crate) table: TableId,
}

/// Which records of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeKind {
    /// All above, the nearest first.
    Ancestors,
    /// All below, the nearest first.
    Descendants,
    /// From the topmost down to the record itself, each the first that the next one names.
    Path,
}

/// What becomes of the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EachKind {
    /// Those are kept for which the body is true.
    Filter,
    /// The body's values take their place.
    Map,
    /// They are sorted by the body's values.
    SortBy { descending: bool },
}

/// How a value of one type becomes one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// `time` matters for dates only.
    ToText {
        time: bool,
    },
    ToNumber,
    /// Text that says no number is blank.
    ToNumberOrBlank,
    ToBool,
    /// `time`: text without a time of day is midnight in the zone, else midnight UTC.
    ToDate {
        time: bool,
    },
    /// The civil date's midnight in the zone.
    DateToMoment,
    /// The id of a record as text.
    RecordToText(TableId),
    /// The one item of a list.
    Single,
    /// The items of a list, or the value itself, as text.
    Join,
    /// A list of one.
    ToList,
    /// Whether all items are true.
    All,
    /// Whether any item is true.
    Any,
}

/// Operators that give a number or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arith {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    /// Date + days.
    Later,
    /// Date - days.
    Earlier,
    /// Date - date, in days.
    Between,
}

/// Operators that give true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Expr {
    /// The type of every result that is neither blank nor failed.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// What the vectors of results hold.
    pub fn kind(&self) -> Kind {
        kind_of(&self.ty)
    }

    /// The fields that are read, sorted, each once for each path.
    pub fn dependencies(&self) -> Vec<Dependency> {
        self.dependencies.clone()
    }

    /// The tables of which all living records are read, sorted: a created or deleted record there changes
    /// results even where no field is read.
    pub fn whole_tables(&self) -> Vec<TableId> {
        self.tables.clone()
    }

    /// Whether results change as time passes (`NOW`, `TODAY`).
    pub fn is_volatile(&self) -> bool {
        self.volatile
    }

    /// Puts the nodes below `root` in order and finds out on what they depend.
    pub(crate) fn build(nodes: Vec<Node>, root: NodeId, ty: Type, dependencies: Vec<Dependency>) -> Self {
        let mut nodes = nodes;
        fold::fold(&mut nodes, root);
        share::share(&mut nodes, root);
        let mut nodes = order::in_order(&nodes, root);
        order::analyze(&mut nodes);
        let volatile = nodes.iter().any(|node| node.op.is_volatile(&nodes));
        let mut tables: Vec<TableId> = nodes.iter().filter_map(|node| node.op.whole_table()).collect();
        tables.sort_unstable();
        tables.dedup();
        let mut dependencies = dependencies;
        dependencies.sort_unstable();
        dependencies.dedup();
        Self { nodes, ty, dependencies, tables, volatile }
    }
}

impl Node {
    /// A node whose place is not known yet.
    pub(crate) fn new(op: Op, kind: Kind) -> Self {
        Self { op, kind, start: 0, deps: 0, cost: 0, skip: None, named: false }
    }

    /// Whether it is the same for every row.
    pub(crate) const fn is_uniform(&self) -> bool {
        self.deps == 0
    }
}

impl Each {
    /// The bits of its items among what nodes depend on.
    pub(crate) fn own(&self) -> u32 {
        ((1 << (1 + self.more.len())) - 1) << self.depth
    }
}

impl Fold {
    /// The bits of the item and of what came before.
    pub(crate) const fn own(&self) -> u32 {
        0b11 << self.depth
    }
}

impl Op {
    /// Whether the result changes as time passes. A format without a year makes a date of the present one.
    fn is_volatile(&self, nodes: &[Node]) -> bool {
        let Self::Call { function, args, .. } = self else { return false };
        let needs_now = || match args.get(1).map(|format| &nodes[*format].op) {
            Some(Self::Constant(Value::Text(format))) => crate::function::format_needs_now(format),
            other => other.is_some(),
        };
        function.is_volatile() || (function.name == "DATETIME_PARSE" && needs_now())
    }

    pub(crate) fn whole_table(&self) -> Option<TableId> {
        match self {
            Self::Records(table) | Self::Tree(Tree { table, .. }) => Some(*table),
            _ => None,
        }
    }

    /// Visits the nodes right below, in the order in which they are evaluated.
    pub(crate) fn children(&self, mut visit: impl FnMut(NodeId)) {
        // One list of children serves reading and renumbering.
        self.clone().children_mut(|child| visit(*child));
    }

    pub(crate) fn children_mut(&mut self, mut visit: impl FnMut(&mut NodeId)) {
        match self {
            Self::Constant(_) | Self::Field(_) | Self::Current(_) | Self::RecordId => {}
            Self::Records(_) | Self::Named(_) | Self::Own => {}
            Self::Lookup { over: arg, .. } | Self::Convert { arg, .. } => visit(arg),
            Self::Tree(tree) => visit(&mut tree.of),
            Self::Let { values, body } => {
                values.iter_mut().for_each(&mut visit);
                visit(body);
            }
            Self::Arith { left, right, .. } | Self::Compare { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::Concat(args) | Self::Call { args, .. } | Self::And(args) | Self::Or(args) => {
                args.iter_mut().for_each(visit);
            }
            Self::Flatten(args) => args.iter_mut().for_each(visit),
            Self::Branch { arms, default } => {
                for (condition, value) in arms {
                    visit(condition);
                    visit(value);
                }
                default.iter_mut().for_each(visit);
            }
            Self::Switch { subject, arms, default } => {
                visit(subject);
                for (pattern, value) in arms {
                    visit(pattern);
                    visit(value);
                }
                default.iter_mut().for_each(visit);
            }
            Self::IfError { value, fallback, .. } => {
                visit(value);
                visit(fallback);
            }
            Self::Each(each) => {
                visit(&mut each.list);
                each.more.iter_mut().for_each(&mut visit);
                visit(&mut each.body);
            }
            Self::Fold(fold) => {
                visit(&mut fold.initial);
                visit(&mut fold.list);
                visit(&mut fold.body);
            }
        }
    }

    /// The nodes below whose slices are not run in passing: all but the first condition or argument, or what is
    /// run for items.
    pub(crate) fn bodies(&self) -> Vec<NodeId> {
        match self {
            Self::Each(each) => vec![each.body],
            Self::Fold(fold) => vec![fold.body],
            Self::Branch { .. } | Self::Switch { .. } | Self::And(_) | Self::Or(_) | Self::IfError { .. } => {
                let mut children = Vec::new();
                self.children(|child| children.push(child));
                children.split_off(1.min(children.len()))
            }
            _ => Vec::new(),
        }
    }

    /// Nanoseconds for one row without what is below; only their proportion matters.
    pub(crate) fn own_cost(&self) -> u32 {
        match self {
            Self::Constant(_) | Self::Current(_) | Self::Records(_) | Self::Named(_) => 0,
            Self::Let { .. } | Self::Own => 0,
            Self::Field(_) | Self::Arith { .. } | Self::Compare { .. } | Self::And(_) | Self::Or(_) => 1,
            Self::Branch { .. } | Self::Switch { .. } | Self::IfError { .. } => 5,
            Self::Convert { .. } => 20,
            Self::Concat(_) | Self::Call { .. } | Self::RecordId | Self::Flatten(_) => 50,
            Self::Lookup { .. } | Self::Each(_) | Self::Fold(_) | Self::Tree(_) => 500,
        }
    }
}

/// The kind of vector in which values of `ty` are kept.
pub const fn kind_of(ty: &Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Number => Kind::Number,
        Type::Text | Type::Blank => Kind::Text,
        Type::Date { .. } => Kind::Date,
        Type::Record(_) => Kind::Choice,
        Type::List(item) => kind_of(item).listed(),
    }
}
