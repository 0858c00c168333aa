//! Aggregates inside a formula that can be kept up to date item by item, and what a formula reads besides.
//!
//! `SUM({Orders}.FILTER(CurrentValue.{Paid}).{GMV})` looks at the items of a list one by one: what one record behind
//! the link contributes depends on that record alone. So it is a formula of the record's table ([`Aggregate::item`]),
//! and the sum can follow when one record changes, comes or goes. The list begins with the records behind a link,
//! or with all of a table; there a `FILTER` may ask that something of the item equals something of the formula's
//! own record ([`Grouped`]): then there is a sum for each key. Where something else is done with the items that such a
//! `FILTER` keeps, these records are what is kept for each key ([`Fold::Records`]).

use std::collections::BTreeSet;
use std::ops::Range;

use crate::column::{Item, Kind};
use crate::expr::{Comparison, Conversion, Dependency, EachKind, Expr, Node, NodeId, Op, Path};
use crate::ids::{FieldId, TableId};
use crate::partial::Fold;
use crate::value::{Type, Value};

/// An aggregate of a list whose items contribute to it independently of each other.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The node whose result it is.
    pub(crate) node: NodeId,
    /// What becomes of the items.
    pub fold: Fold,
    /// The kind of the result.
    pub kind: Kind,
    /// Whether a `FILTER` or its kin makes the list, which then has a limit.
    pub is_bounded: bool,
    /// The records at the head of the list.
    pub over: Grouped,
    /// What one of these contributes, as a list: a formula of its table.
    pub item: Expr,
    /// What that, the item's side of a key, and whatever is done with records that are kept read of the item.
    pub reads: Vec<Read>,
}

/// The records at the head of an aggregated list.
#[derive(Clone, Debug)]
pub enum Grouped {
    /// Those in a field of the own record: a link, unless somebody computes lists of records.
    Field(FieldId),
    /// All of a table: the result is the same for every record.
    All(TableId),
    /// Those of a table for which two keys are equal.
    Key {
        /// The table.
        table: TableId,
        /// The key of an item: a formula of the item's table.
        item: Expr,
        /// The key of the own record: a formula of its table.
        own: Expr,
    },
}

/// A field that is read of a record, of those behind links, the first of which is a field of the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// The field.
    pub field: FieldId,
    /// [`Path::Whole`] stands for a record of a table, whichever.
    pub path: Path,
}

/// The aggregates of a formula, and what it reads.
#[derive(Clone, Debug, Default)]
pub struct Aggregates {
    /// In the order in which they are asked for by their places.
    pub list: Vec<Aggregate>,
    /// What the formula reads of its own record, of others through links, and of whole tables, but for what
    /// aggregates over whole tables read of items.
    pub reads: Vec<Read>,
    /// The tables of which all living records are read, but by these aggregates.
    pub tables: Vec<TableId>,
}

/// Finds the aggregates of a formula.
pub fn aggregates(expr: &Expr) -> Aggregates {
    let nodes = &expr.nodes;
    let mut list: Vec<Aggregate> = (0..nodes.len()).filter_map(|id| aggregate(nodes, id)).collect();
    // What is done with records that are kept has to be known to the last field.
    if is_known(nodes, 0..nodes.len()) {
        // From the outside inwards, so that what is inside of another one is not kept as well.
        for id in (0..nodes.len()).rev() {
            let is_inside = |one: &Aggregate| (nodes[one.node].start..=one.node).contains(&id);
            if !list.iter().any(is_inside) {
                list.extend(kept(nodes, id));
            }
        }
    }
    let mut left_out = vec![false; nodes.len()];
    for one in list.iter().filter(|one| !matches!(one.over, Grouped::Field(_))) {
        left_out[nodes[one.node].start..=one.node].fill(true);
    }
    let tables: BTreeSet<TableId> = (nodes.iter().zip(&left_out).filter(|(_, left_out)| !**left_out))
        .filter_map(|(node, _)| node.op.whole_table())
        .collect();
    let mut reads = BTreeSet::new();
    for Dependency { field, path } in expr.dependencies() {
        match &path {
            // Of whole tables only these aggregates read.
            Path::Whole(_) if tables.is_empty() => continue,
            // What is read through links depends on each of the links as well.
            Path::Through(links) => reads.extend(links.iter().enumerate().map(|(at, link)| {
                let path = if at == 0 { Path::Same } else { Path::Through(links[..at].to_vec()) };
                Read { field: *link, path }
            })),
            _ => {}
        }
        reads.insert(Read { field, path });
    }
    Aggregates { list, reads: reads.into_iter().collect(), tables: tables.into_iter().collect() }
}

/// Whether [`Reader`] knows all of what these nodes do.
fn is_known(nodes: &[Node], range: Range<usize>) -> bool {
    let lists = Reader::new(nodes).lists;
    range.into_iter().all(|id| match &nodes[id].op {
        Op::Current(_) => lists[id].is_some(),
        Op::Constant(_)
        | Op::Field(_)
        | Op::RecordId
        | Op::Records(_)
        | Op::Lookup { .. }
        | Op::Convert { .. }
        | Op::Arith { .. }
        | Op::Compare { .. }
        | Op::Concat(_)
        | Op::Call { .. }
        | Op::Branch { .. }
        | Op::Switch { .. }
        | Op::And(_)
        | Op::Or(_)
        | Op::IfError { .. }
        | Op::Flatten(_) => true,
        Op::Each(each) => each.more.is_empty(),
        // A value that stands in several places, and what goes from item to item or from record to record.
        Op::Own | Op::Let { .. } | Op::Named(_) | Op::Tree(_) | Op::Fold(_) => false,
    })
}

/// The aggregate that a node is.
fn aggregate(nodes: &[Node], id: NodeId) -> Option<Aggregate> {
    let node = &nodes[id];
    // Inside of a FILTER it would be another one for each item of that.
    if node.deps & !1 != 0 {
        return None;
    }
    let (fold, list) = match &node.op {
        Op::Call { function, args, .. } => match args.as_slice() {
            [list] => (Fold::named(function.name)?, *list),
            _ => return None,
        },
        Op::Convert { arg, how: Conversion::All } => (Fold::All, *arg),
        Op::Convert { arg, how: Conversion::Any } => (Fold::Any, *arg),
        _ => return None,
    };
    if !matches!(nodes[list].kind, Kind::List(_)) {
        return None;
    }
    of_chain(nodes, id, fold, list, Chain::of(nodes, list)?)
}

/// A `FILTER` by a key, of which not the items but something else is asked.
fn kept(nodes: &[Node], id: NodeId) -> Option<Aggregate> {
    if nodes[id].deps & !1 != 0 || !matches!(&nodes[id].op, Op::Each(each) if each.what == EachKind::Filter) {
        return None;
    }
    let chain = Chain::of(nodes, id)?;
    chain.key?;
    if !chain.is_in_order {
        return None;
    }
    let mut one = of_chain(nodes, id, Fold::Records, id, chain)?;
    let mut above = nodes.to_vec();
    above[id].op = Op::Own;
    let mut reader = Reader::new(&above);
    reader.of_items = true;
    reader.leave_out_below(id);
    let reader = reader.read();
    let all: BTreeSet<Read> = one.reads.into_iter().chain(reader.reads).collect();
    one.reads = all.into_iter().collect();
    Some(one)
}

fn of_chain(nodes: &[Node], id: NodeId, fold: Fold, list: NodeId, chain: Chain) -> Option<Aggregate> {
    if !is_known(nodes, nodes[list].start..list + 1) {
        return None;
    }
    let mut item_nodes = nodes.to_vec();
    item_nodes[chain.head].op = Op::Own;
    let over = match (&nodes[chain.head].op, chain.key) {
        (Op::Field(field), None) => Grouped::Field(*field),
        (Op::Records(table), None) => Grouped::All(*table),
        (Op::Records(table), Some(key)) => {
            without(&mut item_nodes, key.body, key.compare);
            let is_whole = |node: &Node| matches!(node.op, Op::Records(_));
            if nodes[nodes[key.own].start..=key.own].iter().any(is_whole) {
                return None;
            }
            let item = key_of_item(nodes, key.item, key.depth);
            Grouped::Key { table: *table, item, own: build(nodes.to_vec(), key.own) }
        }
        _ => return None,
    };
    let item = build(item_nodes, list);
    let mut reads = BTreeSet::new();
    let sides = [Some(&item), if let Grouped::Key { item, .. } = &over { Some(item) } else { None }];
    for side in sides.into_iter().flatten() {
        let reader = Reader::new(&side.nodes).read();
        // What looks at a whole table for each item is more than one record can tell.
        if !reader.tables.is_empty()
            || side.nodes.iter().any(|node| matches!(node.op, Op::Field(_) | Op::RecordId))
        {
            return None;
        }
        reads.extend(reader.reads);
    }
    let reads = reads.into_iter().collect();
    Some(Aggregate { node: id, fold, kind: nodes[id].kind, is_bounded: chain.is_bounded, over, item, reads })
}

/// How a list comes from the records at its head, each item by itself.
struct Chain {
    head: NodeId,
    is_bounded: bool,
    /// Whether the items are records that are left as they are and where they are.
    is_in_order: bool,
    key: Option<KeyAt>,
}

/// An equality in the body of a `FILTER`.
#[derive(Clone, Copy)]
struct KeyAt {
    body: NodeId,
    compare: NodeId,
    item: NodeId,
    own: NodeId,
    depth: usize,
}

impl Chain {
    fn of(nodes: &[Node], list: NodeId) -> Option<Self> {
        let mut chain = Chain { head: list, is_bounded: false, is_in_order: true, key: None };
        loop {
            let node = &nodes[chain.head];
            if !matches!(node.kind, Kind::List(_)) {
                return None;
            }
            match &node.op {
                Op::Lookup { over, .. } => {
                    chain.no_key()?;
                    chain.is_in_order = false;
                    chain.head = *over;
                }
                Op::Convert { arg, how } if is_of_items(*how) => {
                    chain.no_key()?;
                    chain.is_in_order = false;
                    chain.head = *arg;
                }
                Op::Each(each) if each.more.is_empty() => {
                    chain.is_bounded = true;
                    chain.is_in_order &= each.what == EachKind::Filter;
                    let own = 1 << each.depth;
                    if each.what == EachKind::Map {
                        chain.no_key()?;
                    }
                    if nodes[each.body].deps & !own != 0 {
                        chain.no_key()?;
                        let (item, outside) = each.join?;
                        let compare = equality(nodes, each.body, item, outside)?;
                        let depends = nodes[outside].deps == 1 && rest(nodes, each.body, compare) & !own == 0;
                        if !depends {
                            return None;
                        }
                        chain.key =
                            Some(KeyAt { body: each.body, compare, item, own: outside, depth: each.depth });
                    }
                    chain.head = each.list;
                }
                Op::Field(_) if node.kind == Kind::List(Item::Choice) && chain.key.is_none() => {
                    return Some(chain);
                }
                Op::Records(_) => return Some(chain),
                _ => return None,
            }
        }
    }

    /// Between a key and the head items stay what they are.
    const fn no_key(&self) -> Option<()> {
        if self.key.is_none() { Some(()) } else { None }
    }
}

/// Whether a conversion of a list converts its items.
const fn is_of_items(how: Conversion) -> bool {
    matches!(
        how,
        Conversion::ToText { .. }
            | Conversion::ToNumber
            | Conversion::ToNumberOrBlank
            | Conversion::ToBool
            | Conversion::ToDate { .. }
            | Conversion::DateToMoment
            | Conversion::RecordToText(_)
    )
}

/// The comparison of two sides among the conditions that all have to be true.
fn equality(nodes: &[Node], body: NodeId, item: NodeId, outside: NodeId) -> Option<NodeId> {
    let mut stack = vec![body];
    while let Some(id) = stack.pop() {
        match &nodes[id].op {
            Op::And(args) => stack.extend(args),
            Op::Compare { op: Comparison::Equal, left, right }
                if (*left, *right) == (item, outside) || (*left, *right) == (outside, item) =>
            {
                return Some(id);
            }
            _ => {}
        }
    }
    None
}

/// On what the conditions but one depend.
fn rest(nodes: &[Node], body: NodeId, but: NodeId) -> u32 {
    match &nodes[body].op {
        _ if body == but => 0,
        Op::And(args) => args.iter().fold(0, |deps, arg| deps | rest(nodes, *arg, but)),
        _ => nodes[body].deps,
    }
}

/// Takes a condition out of those that all have to be true.
fn without(nodes: &mut [Node], body: NodeId, compare: NodeId) {
    if body == compare {
        nodes[body].op = Op::Constant(Value::Bool(true));
        return;
    }
    let Op::And(args) = &nodes[body].op else { return };
    let (args, rest) = (args.clone(), args.iter().copied().filter(|arg| *arg != compare).collect::<Vec<_>>());
    nodes[body].op = if rest.is_empty() { Op::Constant(Value::Bool(true)) } else { Op::And(rest) };
    args.into_iter().filter(|arg| *arg != compare).for_each(|arg| without(nodes, arg, compare));
}

/// The item's side of an equality, where the item is the own record.
fn key_of_item(nodes: &[Node], root: NodeId, depth: usize) -> Expr {
    let mut nodes = nodes.to_vec();
    let start = nodes[root].start;
    for node in &mut nodes[start..=root] {
        if matches!(node.op, Op::Current(at) if at == depth) {
            node.op = Op::Own;
        }
    }
    build(nodes, root)
}

/// A formula of the nodes below `root`.
fn build(mut nodes: Vec<Node>, root: NodeId) -> Expr {
    nodes.iter_mut().for_each(|node| (node.skip, node.named) = (None, false));
    let ty = type_of(nodes[root].kind);
    Expr::build(nodes, root, ty, Vec::new())
}

/// A type of which a vector of this kind is kept.
fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Bool => Type::Bool,
        Kind::Number => Type::Number,
        Kind::Text => Type::Text,
        Kind::Date => Type::Date { time: true },
        Kind::Choice => Type::Record(TableId(0)),
        Kind::List(item) => Type::list(type_of(item.kind())),
    }
}

/// Goes through the nodes of a formula for what they read, and from which records.
struct Reader<'a> {
    nodes: &'a [Node],
    /// By which ways the records of a node are found: none for one that has no records.
    ways: Vec<Vec<Path>>,
    /// The list whose items the `CurrentValue` of a node is.
    lists: Vec<Option<NodeId>>,
    left_out: Vec<bool>,
    /// Whether only reads of [`Op::Own`] and of what is behind it are asked for.
    of_items: bool,
    reads: BTreeSet<Read>,
    /// Tables that are read as a whole.
    tables: BTreeSet<TableId>,
}

impl<'a> Reader<'a> {
    fn new(nodes: &'a [Node]) -> Self {
        let mut lists = vec![None; nodes.len()];
        for node in nodes {
            let Op::Each(each) = &node.op else { continue };
            for id in nodes[each.body].start..=each.body {
                if matches!(nodes[id].op, Op::Current(depth) if depth == each.depth) {
                    lists[id] = Some(each.list);
                }
            }
        }
        let (ways, left_out) = (vec![Vec::new(); nodes.len()], vec![false; nodes.len()]);
        let (reads, tables) = (BTreeSet::new(), BTreeSet::new());
        Self { nodes, ways, lists, left_out, of_items: false, reads, tables }
    }

    /// All below a node.
    fn leave_out_below(&mut self, root: NodeId) {
        self.left_out[self.nodes[root].start..root].fill(true);
    }

    /// Reads all nodes; those below a node come before it.
    fn read(mut self) -> Self {
        for id in 0..self.nodes.len() {
            if self.left_out[id] {
                continue;
            }
            let ways = self.node(id);
            if matches!(self.nodes[id].kind, Kind::Choice | Kind::List(Item::Choice)) {
                self.ways[id] = ways;
            }
        }
        self
    }

    fn node(&mut self, id: NodeId) -> Vec<Path> {
        match &self.nodes[id].op {
            Op::Own => vec![Path::Same],
            Op::Field(_) | Op::Records(_) if self.of_items => Vec::new(),
            Op::Field(field) => {
                self.reads.insert(Read { field: *field, path: Path::Same });
                vec![Path::Through(vec![*field])]
            }
            Op::Records(table) => {
                self.tables.insert(*table);
                vec![Path::Whole(*table)]
            }
            Op::Current(_) => self.lists[id].map(|list| self.ways[list].clone()).unwrap_or_default(),
            Op::Lookup { over, field } => {
                let ways = self.ways[*over].clone();
                self.reads.extend(ways.iter().map(|path| Read { field: *field, path: path.clone() }));
                ways.into_iter().map(|path| further(path, *field)).collect()
            }
            Op::Each(each) => {
                self.ways[if each.what == EachKind::Map { each.body } else { each.list }].clone()
            }
            op => {
                let mut all = BTreeSet::new();
                op.children(|child| all.extend(self.ways[child].iter().cloned()));
                all.into_iter().collect()
            }
        }
    }
}

/// The way to the records that a field of the records at the end of a way names.
fn further(path: Path, field: FieldId) -> Path {
    match path {
        Path::Same => Path::Through(vec![field]),
        Path::Through(mut links) => {
            links.push(field);
            Path::Through(links)
        }
        // Of whichever record of the table the link is, the records behind it may be any.
        whole => whole,
    }
}
