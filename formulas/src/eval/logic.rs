//! `IF`, `SWITCH`, `AND`, `OR` and `IFERROR`: what is not needed for a row is not shown in it.
//!
//! A branch that is some work is run for the rows that take it; a cheap one for all, and picked from.

use std::sync::Arc;

use super::compare;
use super::frame::{Frame, Selection};
use super::operand::{Cells, Operand};
use super::run::{Run, Slots};
use crate::column::{Bitmap, Chunk, Kind, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::{Comparison, NodeId};
use crate::value::Value;

/// A body's result for some of the rows: where each row of the frame finds its cell.
struct Part {
    operand: Operand,
    /// `None` if the operand has a cell for every row of the frame.
    rows: Option<Arc<[u32]>>,
}

impl Run<'_> {
    /// Runs `root` at least for `rows`, ascending rows of the frame.
    fn part(&self, root: NodeId, rows: &Arc<[u32]>, frame: &Frame) -> Part {
        if rows.len() == frame.len || !self.is_lazy(root) {
            return Part { operand: self.node(root, frame), rows: None };
        }
        Part { operand: self.body(root, rows, frame), rows: Some(Arc::clone(rows)) }
    }

    pub(super) fn branch(
        &self,
        arms: &[(NodeId, NodeId)],
        default: Option<NodeId>,
        kind: Kind,
        slots: &mut Slots,
        frame: &Frame,
    ) -> Operand {
        let mut choice = Choice::new(kind, frame.len);
        for (at, (condition, value)) in arms.iter().enumerate() {
            let condition = match at {
                0 => Part { operand: slots.take(*condition), rows: None },
                _ => self.part(*condition, &choice.open, frame),
            };
            let taken = choice.split(&condition, |operand, row| operand.is_true(row));
            if !taken.is_empty() {
                choice.give(&taken, self.part(*value, &taken, frame));
            }
            if choice.open.is_empty() {
                break;
            }
        }
        self.otherwise(choice, default, frame)
    }

    pub(super) fn switch(
        &self,
        subject: &Operand,
        arms: &[(NodeId, NodeId)],
        default: Option<NodeId>,
        kind: Kind,
        frame: &Frame,
    ) -> Operand {
        let mut choice = Choice::new(kind, frame.len);
        let whole = Part { operand: subject.clone(), rows: None };
        choice.split(&whole, |_, _| false);
        for (pattern, value) in arms {
            if choice.open.is_empty() {
                break;
            }
            let part = self.part(*pattern, &choice.open, frame);
            let narrowed = part.rows.clone().map_or(Selection::All, Selection::Some);
            let len = part.rows.as_ref().map_or(frame.len, |rows| rows.len());
            let equal = compare::compare(Comparison::Equal, &subject.select(&narrowed), &part.operand, len);
            let equal = Part { operand: equal, rows: part.rows };
            let taken = choice.split(&equal, |operand, row| operand.is_true(row));
            if !taken.is_empty() {
                choice.give(&taken, self.part(*value, &taken, frame));
            }
        }
        self.otherwise(choice, default, frame)
    }

    fn otherwise(&self, mut choice: Choice, default: Option<NodeId>, frame: &Frame) -> Operand {
        if let Some(default) = default
            && !choice.open.is_empty()
        {
            let open = Arc::clone(&choice.open);
            choice.give(&open, self.part(default, &open, frame));
        }
        choice.finish()
    }

    /// `AND` (`decides` is false) or `OR` (true): from the left until an argument decides.
    pub(super) fn connect(
        &self,
        args: &[NodeId],
        decides: bool,
        slots: &mut Slots,
        frame: &Frame,
    ) -> Operand {
        let mut operands = vec![slots.take(args[0])];
        let cheap = args[1..].iter().take_while(|arg| !self.is_lazy(**arg));
        operands.extend(cheap.map(|arg| self.node(*arg, frame)));
        if operands.len() == args.len()
            && let Some(bits) = connect_words(&operands, decides, frame.len)
        {
            return Operand::rows(Chunk::full(Vector::Bool(bits)));
        }
        let rest = &args[operands.len()..];
        let mut connection = Connection::new(decides, frame.len);
        for operand in operands {
            connection.take(&Part { operand, rows: None });
        }
        for arg in rest {
            if connection.open.is_empty() {
                break;
            }
            connection.take(&self.part(*arg, &connection.open, frame));
        }
        connection.finish()
    }

    /// `IFERROR`, or `IFNA` which catches only what was not found.
    pub(super) fn if_error(
        &self,
        value: Operand,
        fallback: NodeId,
        na: bool,
        kind: Kind,
        frame: &Frame,
    ) -> Operand {
        let is_caught = |error: &Arc<CellError>| !na || error.kind == ErrorKind::NotAvailable;
        if !value.chunk.errors().iter().any(|(_, error)| is_caught(error)) {
            return value;
        }
        let whole = Part { operand: value, rows: None };
        let mut choice = Choice::new(kind, frame.len);
        let is_error = |row: &u32| whole.operand.error(*row as usize).is_some_and(is_caught);
        let (failed, fine): (Vec<u32>, Vec<u32>) = (0..frame.len as u32).partition(is_error);
        let failed: Arc<[u32]> = failed.into();
        choice.give(&Arc::from(fine), whole);
        choice.give(&failed, self.part(fallback, &failed, frame));
        choice.finish()
    }
}

impl Part {
    /// Where the cell of `row` is, which is the one at `place` of the rows that the part was run for.
    fn place(&self, place: usize, row: u32) -> usize {
        if self.rows.is_some() { place } else { row as usize }
    }
}

/// `AND` or `OR` of operands of which none failed, a word at a time; blank is false, and so is its bit.
fn connect_words(operands: &[Operand], decides: bool, len: usize) -> Option<Bitmap> {
    if operands.iter().any(Operand::has_errors) {
        return None;
    }
    let mut words = vec![if decides { 0 } else { u64::MAX }; len.div_ceil(64)];
    for operand in operands {
        let bits = operand.chunk.bools().expect("the checker gives booleans");
        match (operand.constant, decides) {
            (true, _) if bits.get(0) != decides => {}
            (true, _) => return Some(Bitmap::filled(decides, len)),
            (false, true) => words.iter_mut().zip(bits.words()).for_each(|(word, bits)| *word |= bits),
            (false, false) => words.iter_mut().zip(bits.words()).for_each(|(word, bits)| *word &= bits),
        }
    }
    Some(Bitmap::from_words(words, len))
}

/// `AND` or `OR`, argument by argument.
struct Connection {
    /// The argument that settles a row: false for `AND`, true for `OR`.
    decides: bool,
    out: Bitmap,
    errors: Vec<(u32, Arc<CellError>)>,
    /// Rows that no argument has settled, ascending.
    open: Arc<[u32]>,
}

impl Connection {
    fn new(decides: bool, len: usize) -> Self {
        let out = Bitmap::filled(!decides, len);
        Self { decides, out, errors: Vec::new(), open: (0..len as u32).collect() }
    }

    /// The next argument, run for all rows or for those that are open.
    fn take(&mut self, part: &Part) {
        let mut rest = Vec::new();
        for (place, row) in self.open.iter().enumerate() {
            let cell = part.place(place, *row);
            if let Some(error) = part.operand.error(cell) {
                self.errors.push((*row, Arc::clone(error)));
            } else if part.operand.is_true(cell) == self.decides {
                self.out.set(*row as usize, self.decides);
            } else {
                rest.push(*row);
            }
        }
        self.open = rest.into();
    }

    fn finish(mut self) -> Operand {
        self.errors.sort_unstable_by_key(|(row, _)| *row);
        let mut valid = Bitmap::filled(true, self.out.len());
        for (row, _) in &self.errors {
            valid.set(*row as usize, false);
            self.out.set(*row as usize, false);
        }
        Operand::rows(Chunk::with_errors(Vector::Bool(self.out), valid, self.errors))
    }
}

/// Cells that come from several parts.
struct Choice {
    kind: Kind,
    /// Rows that have no source yet, ascending.
    open: Arc<[u32]>,
    parts: Vec<Operand>,
    /// For each row the part and the cell in it.
    sources: Vec<Source>,
}

#[derive(Clone)]
enum Source {
    Blank,
    Cell { part: u32, at: u32 },
    Error(Arc<CellError>),
}

impl Choice {
    fn new(kind: Kind, len: usize) -> Self {
        Self { kind, open: (0..len as u32).collect(), parts: Vec::new(), sources: vec![Source::Blank; len] }
    }

    /// Takes the open rows for which the condition holds; where it failed, so does the row. The part was run
    /// for all rows or for those that are open.
    fn split(&mut self, condition: &Part, holds: impl Fn(&Operand, usize) -> bool) -> Arc<[u32]> {
        let (mut taken, mut rest) = (Vec::new(), Vec::new());
        for (place, row) in self.open.iter().enumerate() {
            let cell = condition.place(place, *row);
            if let Some(error) = condition.operand.error(cell) {
                self.sources[*row as usize] = Source::Error(Arc::clone(error));
            } else if holds(&condition.operand, cell) {
                taken.push(*row);
            } else {
                rest.push(*row);
            }
        }
        self.open = rest.into();
        taken.into()
    }

    /// Gives `rows` their cells: the part was run for all rows or just for these.
    fn give(&mut self, rows: &Arc<[u32]>, part: Part) {
        let id = self.parts.len() as u32;
        for (place, row) in rows.iter().enumerate() {
            let at = part.operand.at(part.place(place, *row)) as u32;
            self.sources[*row as usize] = Source::Cell { part: id, at };
        }
        self.parts.push(part.operand);
    }

    fn finish(self) -> Operand {
        let mut cells = Cells::default();
        let vector = match self.kind {
            Kind::Number => Vector::Number(self.collect(&mut cells, |chunk, at| {
                chunk.numbers().expect("a branch is of the result's kind")[at]
            })),
            Kind::Date => Vector::Date(self.collect(&mut cells, |chunk, at| {
                chunk.dates().expect("a branch is of the result's kind")[at]
            })),
            _ => return Operand::rows(self.gather()),
        };
        Operand::rows(cells.finish(vector))
    }

    fn collect<T: Default>(&self, cells: &mut Cells, get: impl Fn(&Chunk, usize) -> T) -> Vec<T> {
        let value = |source: &Source| match source {
            Source::Blank => {
                cells.blank();
                T::default()
            }
            Source::Error(error) => {
                cells.error(Arc::clone(error));
                T::default()
            }
            Source::Cell { part, at } => {
                let (chunk, at) = (&self.parts[*part as usize].chunk, *at as usize);
                match chunk.error(at) {
                    Some(error) => cells.error(Arc::clone(error)),
                    None if chunk.is_valid(at) => cells.valid(),
                    None => cells.blank(),
                }
                get(chunk, at)
            }
        };
        self.sources.iter().map(value).collect()
    }

    /// Texts, lists and the rest: all parts behind each other, from which the rows are gathered.
    fn gather(self) -> Chunk {
        let mut all = Chunk::blank(self.kind, 1);
        let mut offsets = Vec::new();
        for part in &self.parts {
            offsets.push(all.len());
            all.append(&part.chunk);
        }
        let place = |source: &Source| match source {
            Source::Cell { part, at } => offsets[*part as usize] + *at as usize,
            Source::Blank | Source::Error(_) => 0,
        };
        let mut out = all.gather(self.sources.iter().map(place));
        for (row, source) in self.sources.iter().enumerate() {
            if let Source::Error(error) = source {
                out.set(row, &Value::Error(Arc::clone(error)));
            }
        }
        out
    }
}
