//! How cells are kept: a [`Column`] is all cells of a field, a [`Chunk`] is 4,096 of them, a [`Vector`] is the
//! typed array inside a chunk.
//!
//! Everything is shared by `Arc` and copied when written, so that a snapshot costs nothing to take and an edit
//! copies one chunk at the most. Loops over cells see vectors, never field types. Text is kept as views into
//! shared buffers ([`TextVector`]), lists as ends and items ([`ListVector`]).

mod bitmap;
mod chunk;
mod list;
mod text;

use std::sync::Arc;

pub use bitmap::Bitmap;
pub use chunk::{Chunk, Vector};
pub use list::ListVector;
pub use text::{TextBuilder, TextVector};

use crate::ids::RecordId;
use crate::value::Value;

/// Cells in a chunk. Measured: scans do not care, edits are quickest here (`docs/decisions/003`).
pub const CHUNK: usize = 4_096;

/// Chunks in a block of the two-level spine, so that an edit copies one short list of pointers.
const BLOCK: usize = 64;

/// What a vector holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `bool`, one bit each.
    Bool,
    /// `f64`, finite.
    Number,
    /// Text views.
    Text,
    /// `i64` milliseconds UTC.
    Date,
    /// `u32` codes: options, people, records.
    Choice,
    /// Flat lists of one of the others.
    List(Item),
}

/// What the items of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// See [`Kind::Bool`].
    Bool,
    /// See [`Kind::Number`].
    Number,
    /// See [`Kind::Text`].
    Text,
    /// See [`Kind::Date`].
    Date,
    /// See [`Kind::Choice`].
    Choice,
}

impl Item {
    /// The kind of a vector of such items.
    pub const fn kind(self) -> Kind {
        match self {
            Item::Bool => Kind::Bool,
            Item::Number => Kind::Number,
            Item::Text => Kind::Text,
            Item::Date => Kind::Date,
            Item::Choice => Kind::Choice,
        }
    }
}

impl Kind {
    /// The kind of a list of such cells; a list stays flat.
    pub const fn listed(self) -> Kind {
        match self {
            Kind::Bool => Kind::List(Item::Bool),
            Kind::Number => Kind::List(Item::Number),
            Kind::Text => Kind::List(Item::Text),
            Kind::Date => Kind::List(Item::Date),
            Kind::Choice => Kind::List(Item::Choice),
            Kind::List(item) => Kind::List(item),
        }
    }
}

/// All cells of one field, record by record; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    kind: Kind,
    len: usize,
    blocks: Vec<Arc<Vec<Arc<Chunk>>>>,
}

impl Column {
    /// A column of `len` blank cells.
    pub fn new(kind: Kind, len: usize) -> Self {
        let mut column = Self { kind, len: 0, blocks: Vec::new() };
        column.resize(len);
        column
    }

    /// A column of the given chunks, all of [`CHUNK`] cells but the last.
    ///
    /// # Panics
    ///
    /// If a chunk is of another kind or length.
    pub fn from_chunks(kind: Kind, chunks: impl IntoIterator<Item = Arc<Chunk>>) -> Self {
        let mut column = Self::new(kind, 0);
        for chunk in chunks {
            assert!(column.len.is_multiple_of(CHUNK), "only the last chunk may be short");
            assert!(chunk.kind() == kind && chunk.len() <= CHUNK, "a chunk of another kind or length");
            column.len += chunk.len();
            column.push_chunk(chunk);
        }
        column
    }

    /// What the cells are.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How many cells, blank or not.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no cell at all.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds blank cells up to `len`; never shortens.
    pub fn resize(&mut self, len: usize) {
        while self.len < len {
            let used = self.len % CHUNK;
            if used == 0 {
                let add = CHUNK.min(len - self.len);
                self.push_chunk(Arc::new(Chunk::blank(self.kind, add)));
                self.len += add;
            } else {
                let add = (CHUNK - used).min(len - self.len);
                let last = self.len / CHUNK;
                self.chunk_mut(last).extend_blank(add);
                self.len += add;
            }
        }
    }

    /// The cell of a record; blank beyond the end.
    pub fn get(&self, record: RecordId) -> Value {
        if record.index() >= self.len {
            return Value::Blank;
        }
        self.chunk(record.index() / CHUNK).get(record.index() % CHUNK)
    }

    /// Writes the cell of a record.
    ///
    /// # Panics
    ///
    /// If the record is beyond the end or the value is of another kind.
    pub fn set(&mut self, record: RecordId, value: &Value) {
        assert!(record.index() < self.len, "record {record} is beyond the column's end");
        self.chunk_mut(record.index() / CHUNK).set(record.index() % CHUNK, value);
    }

    /// How many chunks there are.
    pub const fn n_chunks(&self) -> usize {
        self.len.div_ceil(CHUNK)
    }

    /// A chunk by its position.
    ///
    /// # Panics
    ///
    /// If there is no such chunk.
    pub fn chunk(&self, chunk: usize) -> &Arc<Chunk> {
        &self.blocks[chunk / BLOCK][chunk % BLOCK]
    }

    /// All chunks in order.
    pub fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> + '_ {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// A chunk to write to; copied first if a snapshot shares it.
    pub fn chunk_mut(&mut self, chunk: usize) -> &mut Chunk {
        let block = Arc::make_mut(&mut self.blocks[chunk / BLOCK]);
        Arc::make_mut(&mut block[chunk % BLOCK])
    }

    /// Puts a whole chunk in place of another of the same length.
    ///
    /// # Panics
    ///
    /// If the kind or the length differs.
    pub fn set_chunk(&mut self, chunk: usize, new: Arc<Chunk>) {
        assert!(new.kind() == self.kind, "a chunk of another kind");
        assert!(new.len() == self.chunk(chunk).len(), "a chunk of another length");
        Arc::make_mut(&mut self.blocks[chunk / BLOCK])[chunk % BLOCK] = new;
    }

    /// Bytes on the heap, buffers that are shared counted once for each chunk that has them.
    pub fn heap_bytes(&self) -> usize {
        self.chunks().map(|chunk| chunk.heap_bytes()).sum()
    }

    fn push_chunk(&mut self, chunk: Arc<Chunk>) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(chunk),
            _ => self.blocks.push(Arc::new(vec![chunk])),
        }
    }
}

#[cfg(test)]
mod tests;
