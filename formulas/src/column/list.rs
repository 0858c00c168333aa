//! [`ListVector`]: lists as ends and items.

use std::ops::Range;

use super::Item;
use super::chunk::Chunk;
use crate::value::Value;

/// Flat lists, one for each cell: list `i` is the items from the end of list `i - 1` to its own end.
#[derive(Clone, Debug, PartialEq)]
pub struct ListVector {
    item: Item,
    ends: Vec<u32>,
    items: Box<Chunk>,
}

impl ListVector {
    /// `len` empty lists.
    pub fn empty(item: Item, len: usize) -> Self {
        Self { item, ends: vec![0; len], items: Box::new(Chunk::blank(item.kind(), 0)) }
    }

    /// Lists from their ends and items.
    ///
    /// # Panics
    ///
    /// If the ends descend or the last is not the number of items.
    pub fn from_parts(item: Item, ends: Vec<u32>, items: Chunk) -> Self {
        assert!(ends.is_sorted(), "ends of lists ascend");
        assert_eq!(ends.last().copied().unwrap_or(0) as usize, items.len(), "items of lists");
        assert!(items.kind() == item.kind(), "items of another kind");
        Self { item, ends, items: Box::new(items) }
    }

    /// What the items are.
    pub const fn item(&self) -> Item {
        self.item
    }

    /// How many lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The positions of list `at` among [`ListVector::items`].
    #[inline]
    pub fn range(&self, at: usize) -> Range<usize> {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        start..self.ends[at] as usize
    }

    /// The end of each list among the items.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// All items, one list after the other.
    pub fn items(&self) -> &Chunk {
        &self.items
    }

    /// The codes of list `at`.
    ///
    /// # Panics
    ///
    /// If the items are not codes.
    pub fn codes(&self, at: usize) -> &[u32] {
        &self.items.choices().expect("a list of codes")[self.range(at)]
    }

    /// List `at` as a value; an empty list is an empty list, not blank.
    pub fn get(&self, at: usize) -> Value {
        Value::List(self.range(at).map(|idx| self.items.get(idx)).collect())
    }

    /// Adds a list at the end.
    pub fn push(&mut self, items: &[Value]) {
        for value in items {
            self.items.push(value);
        }
        self.ends.push(self.items.len() as u32);
    }

    /// Adds `n` empty lists.
    pub fn extend_empty(&mut self, n: usize) {
        let end = self.items.len() as u32;
        self.ends.resize(self.ends.len() + n, end);
    }

    /// Writes list `at`; the items behind it move.
    pub fn set(&mut self, at: usize, items: &[Value]) {
        let range = self.range(at);
        let rest = self.items.slice(range.end, self.items.len());
        let grown = range.start + items.len();
        let mut all = self.items.slice(0, range.start);
        items.iter().for_each(|value| all.push(value));
        all.append(&rest);
        *self.items = all;
        for end in &mut self.ends[at..] {
            *end = *end - range.end as u32 + grown as u32;
        }
    }

    /// The lists at `rows`.
    pub fn gather(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut picked = Vec::new();
        let mut ends = Vec::new();
        for row in rows {
            picked.extend(self.range(row));
            ends.push(picked.len() as u32);
        }
        Self { item: self.item, ends, items: Box::new(self.items.gather(picked.into_iter())) }
    }

    /// Adds all lists of `other`.
    pub fn append(&mut self, other: &ListVector) {
        let base = self.items.len() as u32;
        self.items.append(&other.items);
        self.ends.extend(other.ends.iter().map(|end| base + end));
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.ends.capacity() * 4 + self.items.heap_bytes()
    }
}
