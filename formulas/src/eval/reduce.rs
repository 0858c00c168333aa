//! `REDUCE` and `SCAN`: a body that is run for the first item of every row, then for the second, and so on.
//!
//! A step is one pass over the body for all rows whose list is that long; what the body gave is the next step's
//! first parameter. Rows that are done leave their result behind.

use std::sync::Arc;

use super::frame::{Frame, Selection};
use super::operand::{Operand, lists};
use super::run::{Presets, Run};
use crate::column::{Bitmap, Chunk, Kind, ListVector, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::Fold;
use crate::limits::{FOLD_BYTES_MAX, FOLD_ITEMS_MAX};
use crate::value::Value;

/// Results of steps, one behind the other, and for each row which are its.
struct Results {
    cells: Chunk,
    picked: Vec<Vec<usize>>,
}

impl Run<'_> {
    pub(super) fn reduce(
        &self,
        fold: &Fold,
        initial: &Operand,
        list: &Operand,
        kind: Kind,
        frame: &Frame,
    ) -> Operand {
        let of = lists(&list.chunk);
        let range = |row: usize| of.range(list.at(row));
        let items = Arc::new(of.items().clone());
        let (outside, frame) = self.outside(fold.hoisted.iter(), fold.own(), frame);
        let mut failed: Vec<Option<Arc<CellError>>> =
            (0..frame.len).map(|row| before(list, row, range(row).len())).collect();
        let mut spent = vec![0usize; frame.len];
        let mut results = Results { cells: Chunk::blank(initial.chunk.kind(), 0), picked: Vec::new() };
        results.picked.resize(frame.len, Vec::new());
        let mut rows: Vec<u32> =
            (0..frame.len as u32).filter(|row| failed[*row as usize].is_none()).collect();
        let mut acc = initial.select(&Selection::Some(rows.clone().into())).dense(rows.len());
        if !fold.scan {
            results.keep(&rows, &acc, |row| range(row).is_empty());
        }
        let mut step = 0;
        loop {
            let goes_on = |row: &u32| range(*row as usize).len() > step && failed[*row as usize].is_none();
            let places: Vec<u32> = (0..rows.len() as u32).filter(|at| goes_on(&rows[*at as usize])).collect();
            if places.is_empty() {
                break;
            }
            if places.len() < rows.len() {
                acc = Arc::new(acc.gather(places.iter().map(|at| *at as usize)));
                rows = places.iter().map(|at| rows[*at as usize]).collect();
            }
            acc = self.step_of(fold, &frame, &outside, &rows, &acc, &items, &|row| range(row).start + step);
            step += 1;
            for (at, row) in rows.iter().enumerate() {
                let row = *row as usize;
                spent[row] = spent[row].saturating_add(bytes(&acc, at));
                if spent[row] > FOLD_BYTES_MAX {
                    failed[row] = Some(too_much());
                }
            }
            results.keep(&rows, &acc, |row| fold.scan || range(row).len() == step);
        }
        let mut out = if fold.scan { results.listed(kind) } else { results.last() };
        for (row, error) in failed.into_iter().enumerate() {
            if let Some(error) = error {
                out.set(row, &Value::Error(error));
            }
        }
        Operand::rows(out)
    }

    /// What the body gives for some rows and one item of each.
    #[allow(clippy::too_many_arguments, reason = "the state of a loop, apart for its length only")]
    fn step_of(
        &self,
        fold: &Fold,
        frame: &Frame,
        outside: &Presets,
        rows: &[u32],
        acc: &Arc<Chunk>,
        items: &Arc<Chunk>,
        item: &dyn Fn(usize) -> usize,
    ) -> Arc<Chunk> {
        let by_row: Arc<[u32]> = rows.into();
        let at: Arc<[u32]> = rows.iter().map(|row| item(*row as usize) as u32).collect();
        let inner = frame.select(&by_row).enter(fold.depth, acc, Selection::All);
        let inner = inner.enter(fold.depth + 1, items, Selection::Some(at));
        let by_row = Selection::Some(by_row);
        let presets = outside.iter().map(|(id, operand)| (*id, operand.select(&by_row))).collect();
        self.slice(fold.body, &inner, &presets).dense(rows.len())
    }
}

impl Results {
    /// Takes over the cells of those rows that are asked for.
    fn keep(&mut self, rows: &[u32], cells: &Chunk, is_asked: impl Fn(usize) -> bool) {
        let at: Vec<usize> = (0..rows.len()).filter(|at| is_asked(rows[*at] as usize)).collect();
        for (place, at) in at.iter().enumerate() {
            self.picked[rows[*at] as usize].push(self.cells.len() + place);
        }
        if at.len() == rows.len() {
            self.cells.append(cells);
        } else if !at.is_empty() {
            self.cells.append(&cells.gather(at.into_iter()));
        }
    }

    /// One cell for each row; blank where there is none.
    fn last(mut self) -> Chunk {
        let none = self.cells.len();
        self.cells.extend_blank(1);
        self.cells.gather(self.picked.iter().map(|of| of.last().copied().unwrap_or(none)))
    }

    /// All cells of each row as a list.
    fn listed(self, kind: Kind) -> Chunk {
        let Kind::List(item) = kind else { panic!("a list of steps is a list") };
        let mut end = 0;
        let mut ends = Vec::with_capacity(self.picked.len());
        for of in &self.picked {
            end += of.len() as u32;
            ends.push(end);
        }
        let picked: Vec<usize> = self.picked.into_iter().flatten().collect();
        let items = self.cells.gather(picked.into_iter());
        let len = ends.len();
        Chunk::new(Vector::List(ListVector::from_parts(item, ends, items)), Bitmap::filled(true, len))
    }
}

fn before(list: &Operand, row: usize, len: usize) -> Option<Arc<CellError>> {
    if let Some(error) = list.error(row) {
        return Some(Arc::clone(error));
    }
    (len > FOLD_ITEMS_MAX).then(|| {
        let message =
            format!("REDUCE and SCAN go through at most {FOLD_ITEMS_MAX} items, the list has {len}");
        Arc::new(CellError::new(ErrorKind::Error, message))
    })
}

/// How large a cell is, where it can grow.
fn bytes(chunk: &Chunk, at: usize) -> usize {
    match chunk.vector() {
        Vector::Text(texts) => texts.get(at).len(),
        Vector::List(lists) => lists.range(at).len() * 8,
        _ => 8,
    }
}

fn too_much() -> Arc<CellError> {
    let message = format!("the steps of REDUCE or SCAN make more than {FOLD_BYTES_MAX} bytes");
    Arc::new(CellError::new(ErrorKind::Error, message))
}
