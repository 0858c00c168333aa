//! [`TextVector`]: texts as views into shared buffers.
//!
//! A view is a buffer's number, a start and a length. An edit copies the views (12 bytes a cell) and adds a
//! small buffer of its own; the bytes of the other cells stay shared with the version before. Buffers are
//! written together anew when more than half of their bytes are dead.

use std::sync::Arc;

/// Above this many buffers a write packs the vector again, so that a chunk that is edited a thousand times
/// does not keep a thousand buffers.
const BUFFERS_MAX: usize = 256;

#[derive(Clone, Copy, Debug)]
struct View {
    buffer: u32,
    start: u32,
    len: u32,
}

/// Texts, one for each cell; a blank cell has an empty one.
#[derive(Clone, Debug, Default)]
pub struct TextVector {
    views: Vec<View>,
    buffers: Vec<Arc<str>>,
}

impl TextVector {
    /// `len` empty texts.
    pub fn empty(len: usize) -> Self {
        Self { views: vec![View { buffer: 0, start: 0, len: 0 }; len], buffers: Vec::new() }
    }

    /// Texts whose bytes are written into one buffer.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut builder = TextBuilder::default();
        for text in texts {
            builder.push(text);
        }
        builder.finish()
    }

    /// Texts chosen from `dictionary` by code: nothing but views is written. `None` gives an empty text.
    pub fn from_dictionary(dictionary: &[Arc<str>], codes: impl IntoIterator<Item = Option<u32>>) -> Self {
        let views = codes
            .into_iter()
            .map(|code| match code {
                Some(code) => View { buffer: code, start: 0, len: dictionary[code as usize].len() as u32 },
                None => View { buffer: 0, start: 0, len: 0 },
            })
            .collect();
        Self { views, buffers: dictionary.to_vec() }
    }

    /// How many texts.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// The text at `at`.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let view = self.views[at];
        if view.len == 0 {
            return "";
        }
        &self.buffers[view.buffer as usize][view.start as usize..(view.start + view.len) as usize]
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Adds a text at the end. For many, [`TextVector::from_texts`] is quicker.
    pub fn push(&mut self, text: &str) {
        let view = self.view_of(text);
        self.views.push(view);
        self.pack_if_scattered();
    }

    /// Writes the text at `at`.
    pub fn set(&mut self, at: usize, text: &str) {
        let view = self.view_of(text);
        self.views[at] = view;
        self.pack_if_scattered();
    }

    /// Adds `n` empty texts.
    pub fn extend_empty(&mut self, n: usize) {
        self.views.resize(self.views.len() + n, View { buffer: 0, start: 0, len: 0 });
    }

    /// The texts at `rows`, sharing the bytes.
    pub fn gather(&self, rows: impl Iterator<Item = usize>) -> Self {
        Self { views: rows.map(|row| self.views[row]).collect(), buffers: self.buffers.clone() }
    }

    /// Adds all texts of `other`, sharing the bytes.
    pub fn append(&mut self, other: &TextVector) {
        let base = self.buffers.len() as u32;
        self.buffers.extend(other.buffers.iter().cloned());
        self.views.extend(other.views.iter().map(|view| View { buffer: view.buffer + base, ..*view }));
        self.pack_if_scattered();
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.views.capacity() * size_of::<View>()
            + self.buffers.iter().map(|buffer| buffer.len() + 32).sum::<usize>()
    }

    fn view_of(&mut self, text: &str) -> View {
        if text.is_empty() {
            return View { buffer: 0, start: 0, len: 0 };
        }
        self.buffers.push(Arc::from(text));
        View { buffer: self.buffers.len() as u32 - 1, start: 0, len: text.len() as u32 }
    }

    fn pack_if_scattered(&mut self) {
        if self.buffers.len() > BUFFERS_MAX.max(self.views.len() / 8) {
            *self = Self::from_texts(self.iter());
        }
    }
}

impl PartialEq for TextVector {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

/// Writes many texts into few buffers.
///
/// For texts that are made one by one; what is there already is better given to [`TextVector::from_texts`].
#[derive(Debug, Default)]
pub struct TextBuilder {
    views: Vec<View>,
    buffers: Vec<Arc<str>>,
    open: String,
}

impl TextBuilder {
    /// A buffer is closed beyond this, so that offsets fit 32 bits by far.
    const BUFFER_BYTES: usize = 1 << 24;

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        if text.is_empty() {
            self.views.push(View { buffer: 0, start: 0, len: 0 });
            return;
        }
        if self.open.len() + text.len() > Self::BUFFER_BYTES && !self.open.is_empty() {
            self.close();
        }
        self.views.push(View {
            buffer: self.buffers.len() as u32,
            start: self.open.len() as u32,
            len: text.len() as u32,
        });
        self.open.push_str(text);
    }

    fn close(&mut self) {
        self.buffers.push(Arc::from(std::mem::take(&mut self.open)));
    }

    /// All texts that were added.
    pub fn finish(mut self) -> TextVector {
        if !self.open.is_empty() {
            self.close();
        }
        TextVector { views: self.views, buffers: self.buffers }
    }
}
