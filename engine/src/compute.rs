//! Computed columns: runs `formulas` over stored state, from scratch or for what a group of commits touched.

use std::ops::Range;

use formulas::column::{Bitmap, Chunk, Item, Kind, ListVector, Vector};

use crate::field::{self, Kept, Storage};
use crate::state::schema::Field;
use crate::state::{LinkEnd, Stored};

/// Cells that have no column and are made when they are asked for: auto numbers and the far ends of links.
pub(crate) fn made_cells(stored: &Stored, def: &Field, rows: Range<usize>) -> Chunk {
    match (field::storage(def), stored.link_end(def.id)) {
        (Storage::Kept(Kept::Number), _) => {
            Chunk::full(Vector::Number(rows.map(|row| row as f64 + 1.0).collect()))
        }
        (_, Some(LinkEnd::Other(reverse))) => {
            let (mut ends, mut codes, mut valid) = (Vec::new(), Vec::new(), Bitmap::default());
            for row in rows {
                let start = codes.len();
                codes.extend(reverse.sources(row as u32));
                ends.push(codes.len() as u32);
                valid.push(codes.len() > start);
            }
            let items = Chunk::full(Vector::Choice(codes));
            Chunk::new(Vector::List(ListVector::from_parts(Item::Choice, ends, items)), valid)
        }
        _ => Chunk::blank(Kind::Text, rows.len()),
    }
}
