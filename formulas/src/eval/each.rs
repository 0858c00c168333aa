//! `FILTER`, `MAP` and `SORTBY`: a body that is run for the items of lists.
//!
//! The items of all rows are one frame, in which `CurrentValue` is the item and fields are those of the item's
//! row. Where the list is the same for every row (a whole table), rows × items would be too many: what depends
//! on the item alone is run once for each item, and an equality of the body is looked up in a hash map, so that
//! `[Orders].FILTER(CurrentValue.[Channel] = [Channel])` costs what it finds.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::frame::{Frame, Selection};
use super::operand::{Operand, lists};
use super::run::{Presets, Run, Spent, kept};
use crate::column::{Bitmap, Chunk, Kind, ListVector, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::{Each, EachKind, NodeId};
use crate::function::compare_items;
use crate::limits::{LIST_ITEMS_MAX, PAIRS_AT_ONCE, PAIRS_MAX};

/// Which items have which key.
pub(super) struct Join {
    by_key: HashMap<Key, Vec<u32>>,
    /// Items whose key failed: they are looked at for every row, so that the failure shows.
    failed: Vec<u32>,
}

/// What is equal for just those values that `=` finds equal: a blank one has the key of what it equals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A number, a date, a record, true or false.
    Bits(u64),
    /// A text.
    Text(Box<str>),
    /// A blank date or record, which equals nothing else.
    Blank,
}

/// Pairs of row and item, rows ascending, with what the body gave for them.
struct Pairs {
    rows: Vec<u32>,
    items: Vec<u32>,
    body: Operand,
}

/// What comes out for each row: items by their place in a chunk.
struct Out {
    ends: Vec<u32>,
    picked: Vec<u32>,
    errors: Vec<(u32, Arc<CellError>)>,
}

/// The lists of an [`Each`] for all rows of a frame.
struct Lists<'a> {
    /// The one whose items are kept, then those that go along.
    all: Vec<&'a Operand>,
    /// The items of each.
    items: Vec<Arc<Chunk>>,
    /// Rows that failed before any item was looked at.
    failed: Vec<Option<Arc<CellError>>>,
}

impl Run<'_> {
    pub(super) fn each(
        &self,
        id: NodeId,
        each: &Each,
        list: &Operand,
        more: &[Operand],
        kind: Kind,
        frame: &Frame,
    ) -> Operand {
        let mut of = Lists::new(list, more, frame.len);
        let mut blocks = Vec::new();
        if of.all.iter().all(|list| list.constant) {
            self.each_of_constant(id, each, &mut of, frame, &mut |pairs| blocks.push(pairs));
        } else {
            blocks.push(self.each_of_rows(each, &mut of, frame));
        }
        let Lists { items, failed, .. } = of;
        let out = match each.what {
            EachKind::Filter => filtered(&blocks, failed),
            EachKind::SortBy { descending } => sorted(&blocks, failed, descending),
            EachKind::Map => return Operand::rows(mapped(&blocks, list, failed, kind)),
        };
        let Kind::List(item) = kind else { panic!("a list comes from a list") };
        let picked = items[0].gather(out.picked.iter().map(|item| *item as usize));
        let mut valid: Bitmap = (0..frame.len).map(|row| list.is_valid(row)).collect();
        out.errors.iter().for_each(|(row, _)| valid.set(*row as usize, false));
        let lists = ListVector::from_parts(item, out.ends, picked);
        Operand::rows(Chunk::with_errors(Vector::List(lists), valid, out.errors))
    }

    /// Every row has a list of its own: all items are one frame.
    fn each_of_rows(&self, each: &Each, of: &mut Lists<'_>, frame: &Frame) -> Pairs {
        let mut rows: Vec<u32> = Vec::new();
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); of.all.len()];
        for row in 0..frame.len {
            let n = of.range(0, row).len();
            if of.failed[row].is_none() && !self.spent.may(frame.rows.get(row), n) {
                of.failed[row] = Some(too_many_pairs());
            }
            if of.failed[row].is_none() {
                rows.resize(rows.len() + n, row as u32);
                (0..places.len()).for_each(|at| places[at].extend(of.range(at, row).map(|item| item as u32)));
            }
        }
        let by_row: Arc<[u32]> = rows.clone().into();
        let presets = self.outside(each.hoisted.iter(), each.own(), frame).0.into_iter();
        let selection = Selection::Some(Arc::clone(&by_row));
        let presets = presets.map(|(id, operand)| (id, operand.select(&selection))).collect();
        let mut inner = frame.select(&by_row);
        let first = places[0].clone();
        for (at, places) in places.into_iter().enumerate() {
            let is_all = !of.all[at].constant && places.len() == of.items[at].len();
            let places = if is_all { Selection::All } else { Selection::Some(places.into()) };
            inner = inner.enter(each.depth + at, &of.items[at], places);
        }
        Pairs { rows, items: first, body: self.slice(each.body, &inner, &presets) }
    }

    /// The same lists for all rows, block by block of rows.
    fn each_of_constant(
        &self,
        id: NodeId,
        each: &Each,
        of: &mut Lists<'_>,
        frame: &Frame,
        take: &mut dyn FnMut(Pairs),
    ) {
        let n = of.items[0].len();
        if n == 0 || frame.len == 0 || of.failed[0].is_some() || !of.all[0].is_valid(0) {
            return;
        }
        let mut of_items = Frame::new(n, Selection::All);
        for (at, items) in of.items.iter().enumerate() {
            of_items = of_items.enter(each.depth + at, items, Selection::All);
        }
        let of_item = self.of_item(each, &mut of_items);
        let (outside, frame) = self.outside(each.hoisted.iter(), each.own(), frame);
        let candidates = each.join.map(|(item, other)| {
            let run = Run { spent: &Spent::together(), ..*self };
            let join = || Join::new(&run.node(item, &of_items), n);
            // A join over a list that is the same for every row is so for every chunk.
            let is_shared = self.nodes()[each.list].is_uniform();
            let join = if is_shared { kept(&self.prepared.joins[id], join) } else { &join() };
            candidates(join, &self.node(other, &frame), frame.len, n)
        });
        let all: Vec<u32> = (0..n as u32).collect();
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        for row in 0..frame.len {
            let found = candidates.as_ref().map_or(&all, |candidates| &candidates[row]);
            if self.spent.may(frame.rows.get(row), found.len()) {
                rows.resize(rows.len() + found.len(), row as u32);
                places.extend_from_slice(found);
            } else {
                of.failed[row] = Some(too_many_pairs());
            }
            if rows.len() < PAIRS_AT_ONCE && row + 1 < frame.len {
                continue;
            }
            let (rows, items_at) = (std::mem::take(&mut rows), std::mem::take(&mut places));
            let (by_row, by_item): (Arc<[u32]>, Arc<[u32]>) = (rows.clone().into(), items_at.clone().into());
            let mut inner = frame.select(&by_row);
            for (at, items) in of.items.iter().enumerate() {
                inner = inner.enter(each.depth + at, items, Selection::Some(Arc::clone(&by_item)));
            }
            let (by_row, by_item) = (Selection::Some(by_row), Selection::Some(by_item));
            let presets = of_item.iter().map(|(id, operand)| (*id, operand.select(&by_item)));
            let presets = presets.chain(outside.iter().map(|(id, operand)| (*id, operand.select(&by_row))));
            let body = self.slice(each.body, &inner, &presets.collect());
            take(Pairs { rows, items: items_at, body });
        }
    }

    /// What the body needs of each item alone; kept for other chunks where the list is the same for them.
    fn of_item(&self, each: &Each, items: &mut Frame) -> Presets {
        let mut lists = std::iter::once(&each.list).chain(&each.more);
        let is_shared = lists.all(|list| self.nodes()[*list].is_uniform());
        // Items are rows of no record: what they cost is no record's.
        let run = Run { spent: &Spent::together(), ..*self };
        let mut presets = Presets::new();
        for root in each.hoisted.iter().filter(|root| self.nodes()[**root].deps & !each.own() == 0) {
            let operand = match is_shared {
                true => kept(&self.prepared.shared[*root], || run.node(*root, items)).clone(),
                false => run.node(*root, items),
            };
            if self.nodes()[*root].named {
                items.name(*root, operand.clone());
            }
            presets.push((*root, operand));
        }
        presets
    }

    /// What a body needs of outside its items, for the rows of the frame, and the frame that knows its names.
    pub(super) fn outside<'n>(
        &self,
        hoisted: impl Iterator<Item = &'n NodeId>,
        own: u32,
        frame: &Frame,
    ) -> (Presets, Frame) {
        let mut frame = frame.clone();
        let mut presets = Presets::new();
        for root in hoisted.filter(|root| self.nodes()[**root].deps & own == 0) {
            let operand = self.node(*root, &frame);
            if self.nodes()[*root].named {
                frame.name(*root, operand.clone());
            }
            presets.push((*root, operand));
        }
        (presets, frame)
    }
}

impl<'a> Lists<'a> {
    fn new(list: &'a Operand, more: &'a [Operand], len: usize) -> Self {
        let all: Vec<&Operand> = std::iter::once(list).chain(more).collect();
        let items = all.iter().map(|list| Arc::new(lists(&list.chunk).items().clone())).collect();
        let mut of = Self { all, items, failed: Vec::new() };
        of.failed = (0..len).map(|row| of.failure(row)).collect();
        of
    }

    fn failure(&self, row: usize) -> Option<Arc<CellError>> {
        if let Some(error) = self.all.iter().find_map(|list| list.error(row)) {
            return Some(Arc::clone(error));
        }
        let len = self.range(0, row).len();
        let other = (1..self.all.len()).map(|at| self.range(at, row).len()).find(|other| *other != len)?;
        let message = format!("lists of one length are expected, got {len} and {other} items");
        Some(Arc::new(CellError::new(ErrorKind::Value, message)))
    }

    fn range(&self, at: usize, row: usize) -> std::ops::Range<usize> {
        lists(&self.all[at].chunk).range(self.all[at].at(row))
    }
}

impl Join {
    fn new(keys: &Operand, len: usize) -> Self {
        let mut join = Self { by_key: HashMap::new(), failed: Vec::new() };
        for item in 0..len {
            match key(keys, item) {
                Some(key) => join.by_key.entry(key).or_default().push(item as u32),
                None => join.failed.push(item as u32),
            }
        }
        join
    }
}

/// For each row the items whose key equals the row's; all of them if the row's failed.
fn candidates(join: &Join, keys: &Operand, len: usize, n_items: usize) -> Vec<Vec<u32>> {
    let of_row = |row: usize| match key(keys, row) {
        None => (0..n_items as u32).collect(),
        Some(key) => {
            let mut found = join.by_key.get(&key).cloned().unwrap_or_default();
            if !join.failed.is_empty() {
                found.extend_from_slice(&join.failed);
                found.sort_unstable();
            }
            found
        }
    };
    (0..len).map(of_row).collect()
}

fn key(operand: &Operand, row: usize) -> Option<Key> {
    Key::of(&operand.chunk, operand.at(row))
}

impl Key {
    /// The key of a cell; `None` if it failed.
    ///
    /// # Panics
    ///
    /// If the cells are lists, which are compared as texts.
    pub fn of(cells: &Chunk, at: usize) -> Option<Self> {
        if cells.error(at).is_some() {
            return None;
        }
        let valid = cells.is_valid(at);
        Some(match cells.vector() {
            Vector::Bool(bits) => Key::Bits(u64::from(bits.get(at))),
            // Adding zero makes one zero of the two.
            Vector::Number(numbers) => Key::Bits((numbers[at] + 0.0).to_bits()),
            Vector::Text(texts) => Key::Text(texts.get(at).into()),
            Vector::Date(dates) if valid => Key::Bits(dates[at] as u64),
            Vector::Choice(codes) if valid => Key::Bits(u64::from(codes[at])),
            Vector::Date(_) | Vector::Choice(_) => Key::Blank,
            Vector::List(_) => unreachable!("the checker compares lists as texts"),
        })
    }
}

/// Visits every row with its block and the positions of its pairs in it, which may be none.
fn by_row(blocks: &[Pairs], len: usize, mut visit: impl FnMut(usize, usize, std::ops::Range<usize>)) {
    let (mut block, mut from) = (0, 0);
    for row in 0..len {
        while block + 1 < blocks.len() && from == blocks[block].rows.len() {
            (block, from) = (block + 1, 0);
        }
        let rest = blocks.get(block).map_or(&[][..], |pairs| &pairs.rows[from..]);
        let to = from + rest.partition_point(|other| *other as usize == row);
        visit(row, block, from..to);
        from = to;
    }
}

impl Out {
    fn new(len: usize) -> Self {
        Self { ends: Vec::with_capacity(len), picked: Vec::new(), errors: Vec::new() }
    }

    /// How many items the row that is open has.
    fn open(&self) -> usize {
        self.picked.len() - self.ends.last().copied().unwrap_or(0) as usize
    }

    /// Closes a row; a failed one is empty.
    fn close(&mut self, error: Option<Arc<CellError>>) {
        let start = self.picked.len() - self.open();
        let error = error.or_else(|| (self.open() > LIST_ITEMS_MAX).then(|| Arc::new(list_too_long())));
        if let Some(error) = error {
            self.picked.truncate(start);
            self.errors.push((self.ends.len() as u32, error));
        }
        self.ends.push(self.picked.len() as u32);
    }
}

type Failed = Vec<Option<Arc<CellError>>>;

fn filtered(blocks: &[Pairs], mut failed: Failed) -> Out {
    let mut out = Out::new(failed.len());
    by_row(blocks, failed.len(), |row, block, range| {
        let mut error = failed[row].take();
        for pair in range {
            let pairs = &blocks[block];
            match pairs.body.error(pair) {
                Some(found) => error = error.or_else(|| Some(Arc::clone(found))),
                None if pairs.body.is_true(pair) => out.picked.push(pairs.items[pair]),
                None => {}
            }
        }
        out.close(error);
    });
    out
}

fn sorted(blocks: &[Pairs], mut failed: Failed, descending: bool) -> Out {
    let mut out = Out::new(failed.len());
    by_row(blocks, failed.len(), |row, block, range| {
        let mut error = failed[row].take();
        if let (Some(pairs), None) = (blocks.get(block), &error) {
            error = range.clone().find_map(|pair| pairs.body.error(pair)).map(Arc::clone);
            let mut order: Vec<usize> = range.collect();
            let key = |pair: &usize| pairs.body.at(*pair);
            order.sort_by(|a, b| compare_items(&pairs.body.chunk, key(a), key(b), descending));
            out.picked.extend(order.into_iter().map(|pair| pairs.items[pair]));
        }
        out.close(error);
    });
    out
}

/// The values of the body in place of the items; blank ones stay, lists are flattened.
fn mapped(blocks: &[Pairs], list: &Operand, mut failed: Failed, kind: Kind) -> Chunk {
    let Kind::List(item) = kind else { panic!("a list comes from a list") };
    let len = failed.len();
    let mut all = Chunk::blank(item.kind(), 0);
    let mut out = Out::new(len);
    let mut bases = Vec::new();
    for pairs in blocks {
        bases.push(all.len() as u32);
        all.append(pairs.body.chunk.lists().map_or(&pairs.body.chunk, ListVector::items));
    }
    by_row(blocks, len, |row, block, range| {
        let mut error = failed[row].take();
        for pair in range {
            let (body, base) = (&blocks[block].body, bases[block]);
            match body.chunk.lists() {
                Some(inner) => {
                    error = error.or_else(|| body.error(pair).map(Arc::clone));
                    out.picked.extend(inner.range(body.at(pair)).map(|item| base + item as u32));
                }
                None => out.picked.push(base + body.at(pair) as u32),
            }
            // Items that are lists make many of few.
            if out.open() > LIST_ITEMS_MAX {
                break;
            }
        }
        out.close(error);
    });
    let mut valid: Bitmap = (0..len).map(|row| list.is_valid(row)).collect();
    out.errors.iter().for_each(|(row, _)| valid.set(*row as usize, false));
    let items = all.gather(out.picked.iter().map(|item| *item as usize));
    Chunk::with_errors(Vector::List(ListVector::from_parts(item, out.ends, items)), valid, out.errors)
}

pub(crate) fn list_too_long() -> CellError {
    CellError::new(ErrorKind::Error, format!("a list has at most {LIST_ITEMS_MAX} items"))
}

/// Made once: every row beyond the limit has it.
fn too_many_pairs() -> Arc<CellError> {
    static ERROR: LazyLock<Arc<CellError>> = LazyLock::new(|| {
        let message = format!("the lists inside of lists come to more than {PAIRS_MAX} items for one record");
        Arc::new(CellError::new(ErrorKind::Error, message))
    });
    Arc::clone(&ERROR)
}
