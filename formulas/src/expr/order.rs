//! Puts nodes in post-order and finds out on what each depends, what it costs and what need not be run again.

use super::{Comparison, Each, EachKind, Node, NodeId, Op};

/// The nodes below `root` in post-order, without recursion: a chain of operators may be 2,000 deep.
pub(super) fn in_order(nodes: &[Node], root: NodeId) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut place = vec![0; nodes.len()];
    let mut stack = vec![(root, false)];
    while let Some((id, entered)) = stack.pop() {
        if !entered {
            stack.push((id, true));
            let below = stack.len();
            nodes[id].op.children(|child| stack.push((child, false)));
            stack[below..].reverse();
            continue;
        }
        let mut node = nodes[id].clone();
        let mut start = out.len();
        let mut first = true;
        node.op.children_mut(|child| {
            *child = place[*child];
            if std::mem::take(&mut first) {
                start = out[*child].start;
            }
        });
        // A named value stands before all that use it.
        if let Op::Named(value) = &mut node.op {
            *value = place[*value];
            out[*value].named = true;
        }
        node.start = start;
        place[id] = out.len();
        out.push(node);
    }
    out
}

pub(super) fn analyze(nodes: &mut [Node]) {
    for id in 0..nodes.len() {
        let mut deps = match &nodes[id].op {
            Op::Field(_) | Op::RecordId | Op::Own => 1,
            Op::Current(depth) => 1 << depth,
            Op::Named(value) => nodes[*value].deps,
            _ => 0,
        };
        let mut cost = nodes[id].op.own_cost();
        let (body, own) = match &nodes[id].op {
            Op::Each(each) => (Some(each.body), each.own()),
            Op::Fold(fold) => (Some(fold.body), fold.own()),
            _ => (None, 0),
        };
        nodes[id].op.children(|child| {
            let own = if body == Some(child) { own } else { 0 };
            deps |= nodes[child].deps & !own;
            cost = nodes[child].cost.saturating_add(cost);
        });
        for body in nodes[id].op.bodies() {
            let start = nodes[body].start;
            nodes[start].skip = Some(body);
        }
        match nodes[id].op.clone() {
            Op::Each(mut each) => {
                each.hoisted = hoisted(nodes, each.body, own);
                each.join = join(nodes, &each);
                nodes[id].op = Op::Each(each);
            }
            Op::Fold(mut fold) => {
                fold.hoisted = hoisted(nodes, fold.body, own);
                fold.hoisted.retain(|root| nodes[*root].deps & own == 0);
                nodes[id].op = Op::Fold(fold);
            }
            _ => {}
        }
        nodes[id].deps = deps;
        nodes[id].cost = cost;
    }
}

/// The largest slices of the body, outside its own bodies, that depend on the item alone or not at all on it.
fn hoisted(nodes: &[Node], body: NodeId, own: u32) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![body];
    while let Some(id) = stack.pop() {
        let node = &nodes[id];
        if node.is_uniform() {
            continue;
        }
        if node.deps & !own == 0 || node.deps & own == 0 {
            out.push(id);
            continue;
        }
        let bodies = node.op.bodies();
        node.op.children(|child| {
            if !bodies.contains(&child) {
                stack.push(child);
            }
        });
    }
    out.sort_unstable();
    out
}

/// An equality that every kept item satisfies, between something of the item and something of the outside.
fn join(nodes: &[Node], each: &Each) -> Option<(NodeId, NodeId)> {
    if each.what != EachKind::Filter || !each.more.is_empty() {
        return None;
    }
    let own = each.own();
    let mut stack = vec![each.body];
    while let Some(id) = stack.pop() {
        match &nodes[id].op {
            Op::And(args) => stack.extend(args),
            Op::Let { body, .. } => stack.push(*body),
            Op::Named(value) => stack.push(*value),
            Op::Compare { op: Comparison::Equal, left, right } => {
                let (left, right) = (named(nodes, *left), named(nodes, *right));
                let is_key = |item: NodeId, outside: NodeId| {
                    let (item, outside) = (nodes[item].deps, nodes[outside].deps);
                    item != 0 && item & !own == 0 && outside & own == 0 && outside != 0
                };
                if is_key(left, right) {
                    return Some((left, right));
                }
                if is_key(right, left) {
                    return Some((right, left));
                }
            }
            _ => {}
        }
    }
    None
}

/// The node that is meant: what a name stands for.
fn named(nodes: &[Node], mut id: NodeId) -> NodeId {
    while let Op::Named(value) = nodes[id].op {
        id = value;
    }
    id
}
