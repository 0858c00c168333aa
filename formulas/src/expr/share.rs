//! What a formula says twice is computed once: equal parts become one named value, above the lowest node that needs
//! them all.
//!
//! Parts are equal if they are built alike of the same fields, constants and items. A part is named only where it is
//! certain to be needed: `IF(a, X, X + 1)` runs `X` for each row once as it stands. What the clock decides stays
//! where it is, and so do leaves, and fields of items, which evaluation keeps for all items at once.

use std::collections::HashMap;

use super::{Node, NodeId, Op};
use crate::limits::SHARED_MAX;

/// Names the parts that occur more than once below `root`.
pub(super) fn share(nodes: &mut Vec<Node>, root: NodeId) {
    let order = post_order(nodes, root);
    let mut classes = classes(nodes, &order);
    for _ in 0..SHARED_MAX {
        let tree = Tree::new(nodes, root, &classes);
        let Some(found) = tree.next(nodes) else { return };
        name(nodes, &mut classes, found);
    }
}

/// Parts that are equal, in order of evaluation, and the lowest node above them.
struct Found {
    places: Vec<NodeId>,
    above: NodeId,
    /// Which of its children has the first.
    child: usize,
}

/// Moves the first of the parts below a [`Op::Let`] and lets all of them stand for it.
fn name(nodes: &mut Vec<Node>, classes: &mut Vec<Option<usize>>, found: Found) {
    let value = nodes.len();
    nodes.push(nodes[found.places[0]].clone());
    let class = classes[found.places[0]];
    classes.push(class);
    for place in &found.places {
        nodes[*place].op = Op::Named(value);
        classes[*place] = None;
    }
    if let Op::Let { values, .. } = &mut nodes[found.above].op {
        values.insert(found.child, value);
        return;
    }
    let body = nodes.len();
    nodes.push(nodes[found.above].clone());
    let class = classes[found.above].take();
    classes.push(class);
    nodes[found.above].op = Op::Let { values: vec![value], body };
}

fn post_order(nodes: &[Node], root: NodeId) -> Vec<NodeId> {
    let mut order = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        order.push(id);
        nodes[id].op.children(|child| stack.push(child));
    }
    order.reverse();
    order
}

/// For each node that may be shared, a number that equal ones have in common.
fn classes(nodes: &[Node], order: &[NodeId]) -> Vec<Option<usize>> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut class = vec![0; nodes.len()];
    let mut fixed = vec![false; nodes.len()];
    let mut out = vec![None; nodes.len()];
    for id in order {
        let mut op = nodes[*id].op.clone();
        let mut is_fixed = matches!(&op, Op::Call { function, .. } if function.is_volatile());
        op.children(|child| is_fixed |= fixed[child]);
        fixed[*id] = is_fixed;
        let is_worth = !is_fixed && is_worth(nodes, &op);
        op.children_mut(|child| *child = class[*child]);
        if let Op::Named(value) = &mut op {
            *value = class[*value];
        }
        let key = match &op {
            Op::Call { function, args, timed, needs_dates } => {
                format!("{} {args:?} {timed} {needs_dates}", function.name)
            }
            other => format!("{other:?}"),
        };
        let next = known.len();
        class[*id] = *known.entry(format!("{key} {:?}", nodes[*id].kind)).or_insert(next);
        out[*id] = is_worth.then(|| class[*id]);
    }
    out
}

fn is_worth(nodes: &[Node], op: &Op) -> bool {
    match op {
        Op::Constant(_) | Op::Field(_) | Op::Current(_) | Op::RecordId | Op::Records(_) => false,
        Op::Named(_) | Op::Own | Op::Let { .. } => false,
        Op::Lookup { over, .. } => !matches!(nodes[*over].op, Op::Current(_)),
        _ => true,
    }
}

/// The innermost list function whose items a part depends on, and the names from outside that it uses.
type Scope<'t> = (Option<NodeId>, &'t [NodeId]);

/// The nodes below the root as they are now.
struct Tree {
    parent: Vec<Option<NodeId>>,
    /// In order of evaluation.
    order: Vec<NodeId>,
    /// The items on which each node depends, as bits.
    items: Vec<u32>,
    /// The named values outside of each node on which it depends, sorted.
    names: Vec<Vec<NodeId>>,
    /// By class, those that are met more than once.
    alike: Vec<Vec<NodeId>>,
}

impl Tree {
    fn new(nodes: &[Node], root: NodeId, classes: &[Option<usize>]) -> Self {
        let mut parent = vec![None; nodes.len()];
        let order = post_order(nodes, root);
        for id in &order {
            nodes[*id].op.children(|child| parent[child] = Some(*id));
        }
        let mut items = vec![0; nodes.len()];
        let mut names = vec![Vec::new(); nodes.len()];
        for id in &order {
            let own = match &nodes[*id].op {
                Op::Current(depth) => 1 << depth,
                Op::Named(value) => items[*value],
                _ => 0,
            };
            let (body, bound) = binds(&nodes[*id].op);
            let mut all = own;
            nodes[*id].op.children(|child| {
                all |= if body == Some(child) { items[child] & !bound } else { items[child] }
            });
            items[*id] = all;
            names[*id] = free_names(nodes, *id, &names);
        }
        let mut by_class: HashMap<usize, Vec<NodeId>> = HashMap::new();
        for id in &order {
            if let Some(class) = classes[*id] {
                by_class.entry(class).or_default().push(*id);
            }
        }
        let mut alike: Vec<Vec<NodeId>> = by_class.into_values().filter(|ids| ids.len() > 1).collect();
        alike.sort_unstable();
        Self { parent, order, items, names, alike }
    }

    /// The largest parts that are equal and worth a name.
    fn next(&self, nodes: &[Node]) -> Option<Found> {
        let mut place = vec![0; nodes.len()];
        self.order.iter().enumerate().for_each(|(at, id)| place[*id] = at);
        let mut best: Option<(usize, Found)> = None;
        for ids in &self.alike {
            // Items of the same place are the same only inside one list function, and names where one is meant.
            let mut by_scope: Vec<(Scope<'_>, Vec<NodeId>)> = Vec::new();
            for id in ids {
                let scope = (self.scope(nodes, *id), &self.names[*id][..]);
                match by_scope.iter_mut().find(|(other, _)| *other == scope) {
                    Some((_, places)) => places.push(*id),
                    None => by_scope.push((scope, vec![*id])),
                }
            }
            for (_, places) in by_scope.into_iter().filter(|(_, places)| places.len() > 1) {
                let Some((size, found)) = self.found(nodes, places, &place) else { continue };
                if best.as_ref().is_none_or(|(largest, _)| size > *largest) {
                    best = Some((size, found));
                }
            }
        }
        best.map(|(_, found)| found)
    }

    /// The innermost list function whose items a part depends on.
    fn scope(&self, nodes: &[Node], id: NodeId) -> Option<NodeId> {
        let mut below = id;
        while let Some(above) = self.parent[below] {
            let (body, bound) = binds(&nodes[above].op);
            if body == Some(below) && bound & self.items[id] != 0 {
                return Some(above);
            }
            below = above;
        }
        None
    }

    /// The parts with the lowest node above them all, if one of them is certain to be needed there.
    fn found(&self, nodes: &[Node], mut places: Vec<NodeId>, order: &[usize]) -> Option<(usize, Found)> {
        places.sort_unstable_by_key(|id| order[*id]);
        let paths: Vec<Vec<NodeId>> = places.iter().map(|id| self.path(*id)).collect();
        let depth =
            (0..).take_while(|at| paths.iter().all(|path| path.get(*at) == paths[0].get(*at))).count();
        let above = paths[0][depth - 1];
        let is_certain = |path: &Vec<NodeId>| {
            path[depth - 1..].windows(2).all(|pair| !nodes[pair[0]].op.bodies().contains(&pair[1]))
        };
        if !paths.iter().any(is_certain) {
            return None;
        }
        let mut children = Vec::new();
        nodes[above].op.children(|child| children.push(child));
        let child = children.iter().position(|child| *child == paths[0][depth])?;
        Some((self.size(nodes, places[0]), Found { places, above, child }))
    }

    /// From the root down to `id`.
    fn path(&self, id: NodeId) -> Vec<NodeId> {
        let mut path: Vec<NodeId> = std::iter::successors(Some(id), |id| self.parent[*id]).collect();
        path.reverse();
        path
    }

    fn size(&self, nodes: &[Node], id: NodeId) -> usize {
        post_order(nodes, id).len()
    }
}

/// The named values on which a node depends, of those on which the nodes below depend.
fn free_names(nodes: &[Node], id: NodeId, names: &[Vec<NodeId>]) -> Vec<NodeId> {
    let mut free = match &nodes[id].op {
        Op::Named(value) => vec![*value],
        _ => Vec::new(),
    };
    nodes[id].op.children(|child| free.extend_from_slice(&names[child]));
    if let Op::Let { values, .. } = &nodes[id].op {
        free.retain(|value| !values.contains(value));
    }
    free.sort_unstable();
    free.dedup();
    free
}

/// The body for whose items a node stands, and their bits.
fn binds(op: &Op) -> (Option<NodeId>, u32) {
    match op {
        Op::Each(each) => (Some(each.body), each.own()),
        Op::Fold(fold) => (Some(fold.body), fold.own()),
        _ => (None, 0),
    }
}
