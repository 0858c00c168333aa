//! [`Frame`]: for which rows, and for which items of lists, a slice of nodes is run.

use std::sync::Arc;

use super::operand::Operand;
use crate::column::Chunk;
use crate::expr::NodeId;

/// Positions in something longer.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    /// All, in order.
    All,
    /// These.
    Some(Arc<[u32]>),
}

impl Selection {
    /// The positions behind `rows` of this selection.
    fn then(&self, rows: &Arc<[u32]>) -> Selection {
        match self {
            Self::All => Self::Some(Arc::clone(rows)),
            Self::Some(own) => Self::Some(rows.iter().map(|row| own[*row as usize]).collect()),
        }
    }

    /// The position behind `row`.
    pub(crate) fn get(&self, row: usize) -> usize {
        match self {
            Self::All => row,
            Self::Some(own) => own[row] as usize,
        }
    }
}

/// Rows for which nodes are evaluated: of the chunk at the outermost, items of lists further in.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) len: usize,
    /// The row of the chunk behind each row.
    pub(super) rows: Selection,
    /// The items that `CurrentValue` and parameters stand for, from the outermost `FILTER` inwards, by place.
    currents: Vec<(Arc<Chunk>, Selection)>,
    /// Values that `Op::Named` stands for, with the position of each row among their cells.
    named: Vec<(NodeId, Operand, Selection)>,
}

impl Frame {
    pub(super) fn new(len: usize, rows: Selection) -> Self {
        Self { len, rows, currents: Vec::new(), named: Vec::new() }
    }

    /// One row of which nobody asks which: where uniform nodes are evaluated.
    pub(super) fn single(&self) -> Self {
        if self.len == 0 {
            return Self::new(1, Selection::All);
        }
        self.select(&Arc::from([0]))
    }

    /// The frame of some of the rows, in any order and number.
    pub(super) fn select(&self, rows: &Arc<[u32]>) -> Self {
        let currents = self.currents.iter().map(|(items, at)| (Arc::clone(items), at.then(rows))).collect();
        let of_rows = |(id, value, at): &(NodeId, Operand, Selection)| {
            let at = if value.constant { Selection::All } else { at.then(rows) };
            (*id, value.clone(), at)
        };
        let named = self.named.iter().map(of_rows).collect();
        Self { len: rows.len(), rows: self.rows.then(rows), currents, named }
    }

    /// The same rows, for which the value of a node is known.
    pub(super) fn name(&mut self, id: NodeId, value: Operand) {
        self.named.push((id, value, Selection::All));
    }

    /// The value of a node, if it is known for these rows.
    pub(super) fn named(&self, id: NodeId) -> Option<Operand> {
        let (_, value, at) = self.named.iter().rev().find(|(other, ..)| *other == id)?;
        Some(value.select(at))
    }

    /// The same rows inside a `FILTER`, where what is in place `depth` is one of `items`.
    pub(super) fn enter(mut self, depth: usize, items: &Arc<Chunk>, at: Selection) -> Self {
        // What was lifted out of outer ones has no items there, and asks for none.
        self.currents.truncate(depth - 1);
        while self.currents.len() < depth - 1 {
            self.currents.push((Arc::clone(items), Selection::All));
        }
        self.currents.push((Arc::clone(items), at));
        self
    }

    /// The items in place `depth`, counted from 1.
    pub(super) fn current(&self, depth: usize) -> Operand {
        let (items, at) = &self.currents[depth - 1];
        Operand::shared(Arc::clone(items)).select(at)
    }
}
