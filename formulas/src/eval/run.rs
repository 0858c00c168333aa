//! One pass over a slice of nodes.
//!
//! A node that others stand for by name leaves its result with the frame, for the nodes behind it in this pass and in
//! all that are run below it.
//!
//! Recursion is per `IF`, `FILTER` and their like, which the parser bounds; never per row or per operator.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;

use super::frame::{Frame, Selection};
use super::operand::Operand;
use super::{Prepared, Rows, arith, compare, convert, lookup};
use crate::aggregate::Aggregate;
use crate::column::{Chunk, Kind, ListVector, TextVector, Vector};
use crate::expr::{Conversion, Node, NodeId, Op};
use crate::function::Call;
use crate::ids::FieldId;
use crate::limits::PAIRS_MAX;
use crate::value::Value;

/// Above this cost a branch is run only for the rows that take it; below, picking rows costs more.
const LAZY_COST: u32 = 40;

pub(super) fn evaluate(prepared: &Prepared<'_>, chunk: usize, rows: Rows<'_>) -> Chunk {
    let selection = match rows {
        Rows::All(_) => Selection::All,
        Rows::Some(rows) => Selection::Some(rows.iter().map(|row| u32::from(*row)).collect()),
    };
    let frame = Frame::new(rows.len(), selection);
    let run = Run { prepared, chunk, spent: &Spent::default() };
    let root = prepared.expr.nodes.len() - 1;
    let result = run.node(root, &frame);
    Arc::unwrap_or_clone(result.dense(rows.len()))
}

/// An evaluation for one chunk.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    pub(super) chunk: usize,
    /// What the rows have cost so far.
    pub(super) spent: &'a Spent,
}

/// How many pairs of row and item were looked at, by row of the chunk.
///
/// What is evaluated for no row in particular (a uniform node, all items of a list) has a count of its own, so that
/// what a row may still do does not depend on the rows beside it.
#[derive(Debug, Default)]
pub(super) struct Spent {
    counts: RefCell<Vec<u64>>,
    /// Whether all rows are one: they are the items of a list, and all of them are needed.
    together: bool,
}

impl Spent {
    /// A count for all items of a list.
    pub(super) fn together() -> Self {
        Self { together: true, ..Self::default() }
    }

    /// Counts `n` more pairs of `row`; tells whether so many are allowed.
    pub(super) fn may(&self, row: usize, n: usize) -> bool {
        let mut counts = self.counts.borrow_mut();
        let row = if self.together { 0 } else { row };
        if counts.len() <= row {
            counts.resize(row + 1, 0);
        }
        counts[row] = counts[row].saturating_add(n as u64);
        counts[row] <= PAIRS_MAX
    }
}

/// Results that are there before a slice is run, by the node whose they are.
pub(super) type Presets = Vec<(NodeId, Operand)>;

/// The operands of the nodes of a slice, until the node above takes them.
pub(super) struct Slots {
    start: NodeId,
    operands: Vec<Option<Operand>>,
}

impl Slots {
    pub(super) fn take(&mut self, id: NodeId) -> Operand {
        self.operands[id - self.start].take().expect("a node is evaluated before the one above it")
    }
}

impl<'a> Run<'a> {
    pub(super) fn nodes(&self) -> &'a [Node] {
        &self.prepared.expr.nodes
    }

    /// The result of `root` for all rows of the frame.
    pub(super) fn node(&self, root: NodeId, frame: &Frame) -> Operand {
        self.slice(root, frame, &Vec::new())
    }

    /// As [`Run::node`]; slices of presets are not run.
    pub(super) fn slice(&self, root: NodeId, frame: &Frame, presets: &Presets) -> Operand {
        if self.nodes()[root].is_uniform() {
            return self.uniform(root, frame);
        }
        self.pass(root, frame, |at| self.ready(at, root, presets, frame))
    }

    /// Evaluates the nodes below `root` in order, but those that are `ready` with all below them.
    fn pass(
        &self,
        root: NodeId,
        frame: &Frame,
        ready: impl Fn(NodeId) -> Option<(NodeId, Operand)>,
    ) -> Operand {
        let start = self.nodes()[root].start;
        let mut slots = Slots { start, operands: vec![None; root + 1 - start] };
        let mut at = start;
        let mut own: Option<Frame> = None;
        while at <= root {
            if at > start
                && let Some(end) = self.nodes()[at].skip
            {
                at = end + 1;
                continue;
            }
            let (id, operand) =
                ready(at).unwrap_or_else(|| (at, self.step(at, &mut slots, own.as_ref().unwrap_or(frame))));
            if self.nodes()[id].named {
                own.get_or_insert_with(|| frame.clone()).name(id, operand.clone());
            }
            slots.operands[id - start] = Some(operand);
            at = id + 1;
        }
        slots.take(root)
    }

    /// The largest slice that begins at `at` and need not be run here: a preset or a uniform one.
    fn ready(&self, at: NodeId, root: NodeId, presets: &Presets, frame: &Frame) -> Option<(NodeId, Operand)> {
        let preset = presets.iter().rev().find(|(id, _)| self.nodes()[*id].start == at && *id <= root);
        if let Some((id, operand)) = preset {
            return Some((*id, operand.clone()));
        }
        if let Some(known) = self.known(at, root, frame) {
            return Some(known);
        }
        if !self.nodes()[at].is_uniform() {
            return None;
        }
        // Leftmost leaf first: climb while the slice still begins here and stays uniform.
        let mut top = at;
        for id in at + 1..=root {
            let node = &self.nodes()[id];
            if node.start == at && node.is_uniform() {
                top = id;
            } else if node.start < at || (node.start == at && !node.is_uniform()) {
                break;
            }
        }
        Some((top, self.uniform(top, frame)))
    }

    /// The aggregate that begins at `at`, if its results are known for some rows; it is computed for the others.
    fn known(&self, at: NodeId, root: NodeId, frame: &Frame) -> Option<(NodeId, Operand)> {
        let (aggregates, known) = self.prepared.known?;
        let is_here = |one: &&Aggregate| one.node <= root && self.nodes()[one.node].start == at;
        let one = aggregates.iter().filter(is_here).max_by_key(|one| one.node)?;
        let base = self.chunk * crate::column::CHUNK;
        let place = aggregates.iter().position(|other| other.node == one.node)?;
        let value = |row: usize| known.known(place, (base + frame.rows.get(row)) as u32);
        let mut values: Vec<Option<Value>> = (0..frame.len).map(value).collect();
        let missing: Vec<u32> = (0..frame.len as u32).filter(|row| values[*row as usize].is_none()).collect();
        if missing.len() == frame.len {
            return None;
        }
        if !missing.is_empty() {
            let missing: Arc<[u32]> = missing.into();
            let computed = self.node(one.node, &frame.select(&missing));
            for (at, row) in missing.iter().enumerate() {
                values[*row as usize] = Some(computed.chunk.get(computed.at(at)));
            }
        }
        let chunk = Chunk::from_values(self.nodes()[one.node].kind, values.iter().flatten());
        Some((one.node, Operand::rows(chunk)))
    }

    /// The one value of a uniform node, kept for other chunks where it was some work.
    fn uniform(&self, root: NodeId, frame: &Frame) -> Operand {
        let single = frame.single();
        let value = || {
            let run = Run { spent: &Spent::default(), ..*self };
            let operand = run.pass(root, &single, |at| run.known(at, root, &single));
            Operand { constant: true, ..operand }
        };
        kept(&self.prepared.shared[root], value).clone()
    }

    /// The result of a node whose children are in `slots`.
    fn step(&self, id: NodeId, slots: &mut Slots, frame: &Frame) -> Operand {
        let node = &self.nodes()[id];
        let len = frame.len;
        match &node.op {
            Op::Constant(value) => Operand::constant(node.kind, value),
            Op::Field(field) => self.field(*field, node.kind, frame),
            Op::Current(depth) => frame.current(*depth),
            Op::Let { values, body } => {
                values.iter().for_each(|value| drop(slots.take(*value)));
                slots.take(*body)
            }
            // What was lifted out of a body is evaluated where nobody knows the value: it is made again.
            Op::Named(value) => frame.named(*value).unwrap_or_else(|| self.node(*value, frame)),
            Op::Tree(tree) => {
                let of = slots.take(tree.of);
                like(&of, self.tree(id, tree, &of.chunk))
            }
            Op::RecordId => self.record_ids(frame),
            Op::Own => self.own(node.kind, frame),
            Op::Records(table) => lookup::records(self, *table),
            Op::Lookup { over, field } => {
                let over = slots.take(*over);
                like(&over, lookup::lookup(self, &over.chunk, *field, node.kind))
            }
            Op::Convert { arg, how: Conversion::RecordToText(table) } => {
                let arg = slots.take(*arg);
                like(&arg, lookup::record_texts(self, &arg.chunk, *table))
            }
            Op::Convert { arg, how } => {
                let arg = slots.take(*arg);
                like(&arg, convert::convert(&arg.chunk, *how, node.kind, &self.prepared.context.zone))
            }
            Op::Arith { op, left, right } => {
                let (left, right) = (slots.take(*left), slots.take(*right));
                arith::arith(*op, &left, &right, len)
            }
            Op::Compare { op, left, right } => {
                let (left, right) = (slots.take(*left), slots.take(*right));
                compare::compare(*op, &left, &right, len)
            }
            Op::Concat(args) => concat(&self.take_all(args, slots), len),
            Op::Flatten(args) => Operand::rows(convert::flatten(&self.take_all(args, slots), node.kind, len)),
            Op::Call { function, args, timed, needs_dates } => {
                let uniform = args.iter().map(|arg| self.nodes()[*arg].is_uniform()).collect();
                let args = self.take_all(args, slots);
                let (context, needs_dates) = (self.prepared.context, *needs_dates);
                let zone = if *timed { context.zone.clone() } else { TimeZone::UTC };
                let made = &self.prepared.made[id];
                let call = Call { args, len, kind: node.kind, zone, needs_dates, context, uniform, made };
                let chunk = function.run(&call);
                assert_eq!(chunk.len(), len, "{} gives one cell for each row", function.name);
                Operand::rows(chunk)
            }
            Op::Branch { arms, default } => self.branch(arms, *default, node.kind, slots, frame),
            Op::Switch { subject, arms, default } => {
                let subject = slots.take(*subject);
                self.switch(&subject, arms, *default, node.kind, frame)
            }
            Op::And(args) => self.connect(args, false, slots, frame),
            Op::Or(args) => self.connect(args, true, slots, frame),
            Op::IfError { value, fallback, na } => {
                let value = slots.take(*value);
                self.if_error(value, *fallback, *na, node.kind, frame)
            }
            Op::Each(each) => {
                let list = slots.take(each.list);
                let more = self.take_all(&each.more, slots);
                self.each(id, each, &list, &more, node.kind, frame)
            }
            Op::Fold(fold) => {
                let (initial, list) = (slots.take(fold.initial), slots.take(fold.list));
                self.reduce(fold, &initial, &list, node.kind, frame)
            }
        }
    }

    /// The result of a body for some rows.
    pub(super) fn body(&self, root: NodeId, rows: &Arc<[u32]>, frame: &Frame) -> Operand {
        self.node(root, &frame.select(rows))
    }

    /// Whether a body is worth being run for just the rows that need it.
    pub(super) fn is_lazy(&self, root: NodeId) -> bool {
        self.nodes()[root].cost > LAZY_COST
    }

    fn take_all(&self, args: &[NodeId], slots: &mut Slots) -> Vec<Operand> {
        args.iter().map(|arg| slots.take(*arg)).collect()
    }

    fn field(&self, field: FieldId, kind: Kind, frame: &Frame) -> Operand {
        if let Selection::Some(rows) = &frame.rows
            && let Some(cells) = self.prepared.source.picked(field, self.chunk, rows)
        {
            assert!(cells.kind() == kind, "field {field} is kept as {:?}, not {kind:?}", cells.kind());
            return Operand::rows(cells);
        }
        let cells = self.prepared.source.cells(field, self.chunk);
        assert!(cells.kind() == kind, "field {field} is kept as {:?}, its type says {kind:?}", cells.kind());
        let n = cells.len();
        match &frame.rows {
            Selection::All if n == frame.len => Operand::shared(cells),
            Selection::Some(rows) if rows.iter().all(|row| (*row as usize) < n) => {
                Operand::rows(cells.gather(rows.iter().map(|row| *row as usize)))
            }
            // A chunk that ends before the rows asked for is blank beyond its end.
            rows => {
                let mut longer = Chunk::clone(&cells);
                let end = (0..frame.len).map(|row| rows.get(row) + 1).max().unwrap_or(0);
                longer.extend_blank(end.saturating_sub(n));
                Operand::rows(longer.gather((0..frame.len).map(|row| rows.get(row))))
            }
        }
    }

    fn own(&self, kind: Kind, frame: &Frame) -> Operand {
        let base = self.chunk * crate::column::CHUNK;
        let codes = (0..frame.len).map(|row| (base + frame.rows.get(row)) as u32).collect();
        let records = Chunk::full(Vector::Choice(codes));
        let Kind::List(item) = kind else { return Operand::rows(records) };
        let ends = (1..=frame.len as u32).collect();
        Operand::rows(Chunk::full(Vector::List(ListVector::from_parts(item, ends, records))))
    }

    fn record_ids(&self, frame: &Frame) -> Operand {
        let (source, table) = (self.prepared.source, self.prepared.context.table);
        let base = self.chunk * crate::column::CHUNK;
        let texts: Vec<String> = (0..frame.len)
            .map(|row| source.record_id_text(table, (base + frame.rows.get(row)) as u32))
            .collect();
        Operand::rows(Chunk::full(Vector::Text(TextVector::from_texts(texts.iter().map(String::as_str)))))
    }
}

/// What is kept, made first if need be.
///
/// Made outside of the lock: a source may gather on other threads, and one that waits for them may be given
/// another chunk of the same expression to evaluate, which must not wait for it. Both make the same.
pub(super) fn kept<T>(lock: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if let Some(found) = lock.get() {
        return found;
    }
    let made = make();
    lock.get_or_init(|| made)
}

/// A result that is constant just where the operand is.
fn like(operand: &Operand, chunk: Chunk) -> Operand {
    Operand { chunk: Arc::new(chunk), constant: operand.constant }
}

/// Texts one behind the other; blank is nothing.
pub(super) fn concat(args: &[Operand], len: usize) -> Operand {
    let refs: Vec<&Operand> = args.iter().collect();
    let errors = super::operand::first_errors(&refs, len);
    let mut texts = crate::column::TextBuilder::default();
    let mut out = String::new();
    let mut cells = super::operand::Cells::default();
    let mut failed = errors.into_iter().peekable();
    for row in 0..len {
        if let Some((_, error)) = failed.next_if(|(at, _)| *at as usize == row) {
            texts.push("");
            cells.error(error);
            continue;
        }
        out.clear();
        for arg in args {
            out.push_str(arg.chunk.texts().expect("the checker gives texts").get(arg.at(row)));
        }
        if out.len() > crate::limits::TEXT_BYTES_MAX {
            texts.push("");
            cells.error(crate::function::text_too_long());
        } else {
            texts.push(&out);
            cells.valid();
        }
    }
    Operand::rows(cells.finish(Vector::Text(texts.finish())))
}
