//! What is constant is computed when the formula is checked, not for each chunk of records.
//!
//! Arithmetic on numbers, texts joined to one, and branches whose condition is known. A computation that fails stays
//! as it is, so that its error shows where and when it should; what depends on the zone, the clock or a function
//! stays too, and is computed once for a snapshot.

use super::{Conversion, Node, NodeId, Op};
use crate::eval::constant;
use crate::value::Value;

/// Computes what is constant below `root`.
pub(super) fn fold(nodes: &mut [Node], root: NodeId) {
    let mut order = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        order.push(id);
        nodes[id].op.children(|child| stack.push(child));
    }
    for id in order.into_iter().rev() {
        if let Some(op) = folded(nodes, id) {
            nodes[id].op = op;
        }
    }
}

fn folded(nodes: &[Node], id: NodeId) -> Option<Op> {
    let known = |id: NodeId| match &nodes[id].op {
        Op::Constant(value @ (Value::Number(_) | Value::Text(_) | Value::Bool(_))) => Some(value),
        _ => None,
    };
    let node = &nodes[id];
    match &node.op {
        Op::Arith { left, right, .. } => {
            let args = [(nodes[*left].kind, known(*left)?), (nodes[*right].kind, known(*right)?)];
            constant(&node.op, node.kind, &args).map(Op::Constant)
        }
        Op::Convert { arg, how } => {
            let value = known(*arg)?;
            let is_plain = match how {
                Conversion::ToText { .. } | Conversion::ToBool => true,
                Conversion::ToNumber => !matches!(value, Value::Text(_)),
                _ => false,
            };
            let args = [(nodes[*arg].kind, value)];
            is_plain.then(|| constant(&node.op, node.kind, &args)).flatten().map(Op::Constant)
        }
        Op::Concat(parts) => {
            let args: Option<Vec<_>> = parts.iter().map(|id| Some((nodes[*id].kind, known(*id)?))).collect();
            constant(&node.op, node.kind, &args?).map(Op::Constant)
        }
        Op::Branch { arms, default } => {
            let unknown =
                arms.iter().position(|(condition, _)| known(*condition) != Some(&Value::Bool(false)));
            match unknown {
                Some(at) if known(arms[at].0) == Some(&Value::Bool(true)) => {
                    Some(nodes[arms[at].1].op.clone())
                }
                Some(0) => None,
                Some(at) => Some(Op::Branch { arms: arms[at..].to_vec(), default: *default }),
                None => Some(default.map_or(Op::Constant(Value::Blank), |default| nodes[default].op.clone())),
            }
        }
        _ => None,
    }
}
