//! [`Chunk`]: some cells of a field: a typed array, which of them are not blank, and which failed.

use std::sync::Arc;

use super::{Bitmap, Item, Kind, ListVector, TextVector};
use crate::error::CellError;
use crate::value::Value;

/// The typed array inside a chunk. A blank or failed cell has a zero, an empty text or an empty list here.
#[derive(Clone, Debug, PartialEq)]
pub enum Vector {
    /// See [`Kind::Bool`].
    Bool(Bitmap),
    /// See [`Kind::Number`].
    Number(Vec<f64>),
    /// See [`Kind::Text`].
    Text(TextVector),
    /// See [`Kind::Date`].
    Date(Vec<i64>),
    /// See [`Kind::Choice`].
    Choice(Vec<u32>),
    /// See [`Kind::List`].
    List(ListVector),
}

impl Vector {
    /// `len` zeros, empty texts or empty lists.
    pub fn zeros(kind: Kind, len: usize) -> Self {
        match kind {
            Kind::Bool => Self::Bool(Bitmap::filled(false, len)),
            Kind::Number => Self::Number(vec![0.0; len]),
            Kind::Text => Self::Text(TextVector::empty(len)),
            Kind::Date => Self::Date(vec![0; len]),
            Kind::Choice => Self::Choice(vec![0; len]),
            Kind::List(item) => Self::List(ListVector::empty(item, len)),
        }
    }

    /// How many cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(bits) => bits.len(),
            Self::Number(numbers) => numbers.len(),
            Self::Text(texts) => texts.len(),
            Self::Date(dates) => dates.len(),
            Self::Choice(codes) => codes.len(),
            Self::List(lists) => lists.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the cells are.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Date(_) => Kind::Date,
            Self::Choice(_) => Kind::Choice,
            Self::List(lists) => Kind::List(lists.item()),
        }
    }
}

/// Cells of one kind: 4,096 of them in a column, any number elsewhere (items of lists, a formula's selection).
#[derive(Clone, Debug)]
pub struct Chunk {
    vector: Vector,
    /// One for a cell that is neither blank nor failed.
    valid: Bitmap,
    /// The failed cells, sorted by row; most chunks have none.
    errors: Vec<(u32, Arc<CellError>)>,
}

impl Chunk {
    /// `len` blank cells.
    pub fn blank(kind: Kind, len: usize) -> Self {
        Self { vector: Vector::zeros(kind, len), valid: Bitmap::filled(false, len), errors: Vec::new() }
    }

    /// Cells of which none is blank or failed.
    pub fn full(vector: Vector) -> Self {
        let valid = Bitmap::filled(true, vector.len());
        Self { vector, valid, errors: Vec::new() }
    }

    /// Cells of `vector`, blank where `valid` has a zero.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub fn new(vector: Vector, valid: Bitmap) -> Self {
        Self::with_errors(vector, valid, Vec::new())
    }

    /// As [`Chunk::new`], with failed cells: sorted by row, each with a zero in `valid`.
    ///
    /// # Panics
    ///
    /// If the lengths differ or an error is out of order or at a valid cell.
    pub fn with_errors(vector: Vector, valid: Bitmap, errors: Vec<(u32, Arc<CellError>)>) -> Self {
        assert_eq!(vector.len(), valid.len(), "one validity bit for each cell");
        assert!(errors.is_sorted_by(|a, b| a.0 < b.0), "errors in order");
        assert!(errors.iter().all(|(row, _)| !valid.get(*row as usize)), "a failed cell is not valid");
        Self { vector, valid, errors }
    }

    /// Cells from values.
    ///
    /// # Panics
    ///
    /// If a value is of another kind.
    pub fn from_values<'a>(kind: Kind, values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut chunk = Self::blank(kind, 0);
        for value in values {
            chunk.push(value);
        }
        chunk
    }

    /// What the cells are.
    pub const fn kind(&self) -> Kind {
        self.vector.kind()
    }

    /// How many cells.
    pub fn len(&self) -> usize {
        self.valid.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.valid.is_empty()
    }

    /// The typed array.
    pub const fn vector(&self) -> &Vector {
        &self.vector
    }

    /// Which cells are neither blank nor failed.
    pub const fn valid(&self) -> &Bitmap {
        &self.valid
    }

    /// The failed cells, sorted by row.
    pub fn errors(&self) -> &[(u32, Arc<CellError>)] {
        &self.errors
    }

    /// The failure of the cell at `row`, if it failed.
    pub fn error(&self, row: usize) -> Option<&Arc<CellError>> {
        if self.errors.is_empty() {
            return None;
        }
        let at = self.errors.binary_search_by_key(&(row as u32), |(row, _)| *row).ok()?;
        Some(&self.errors[at].1)
    }

    /// Whether the cell at `row` is neither blank nor failed.
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        self.valid.get(row)
    }

    /// Whether the cell at `row` is blank.
    pub fn is_blank(&self, row: usize) -> bool {
        !self.valid.get(row) && self.error(row).is_none()
    }

    /// The cell at `row`.
    pub fn get(&self, row: usize) -> Value {
        if !self.valid.get(row) {
            return self.error(row).map_or(Value::Blank, |error| Value::Error(Arc::clone(error)));
        }
        match &self.vector {
            Vector::Bool(bits) => Value::Bool(bits.get(row)),
            Vector::Number(numbers) => Value::Number(numbers[row]),
            Vector::Text(texts) => Value::text(texts.get(row)),
            Vector::Date(dates) => Value::Date(dates[row]),
            Vector::Choice(codes) => Value::Choice(codes[row]),
            Vector::List(lists) => lists.get(row),
        }
    }

    /// All cells in order.
    pub fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Writes the cell at `row`.
    ///
    /// # Panics
    ///
    /// If the value is of another kind; a column's owner checks that before.
    pub fn set(&mut self, row: usize, value: &Value) {
        self.clear(row);
        match (&mut self.vector, value) {
            (_, Value::Blank) => return,
            (_, Value::Error(error)) => {
                let at = self.errors.partition_point(|(other, _)| *other < row as u32);
                self.errors.insert(at, (row as u32, Arc::clone(error)));
                return;
            }
            (Vector::Bool(bits), Value::Bool(bool)) => bits.set(row, *bool),
            (Vector::Number(numbers), Value::Number(number)) => numbers[row] = *number,
            (Vector::Text(texts), Value::Text(text)) => texts.set(row, text),
            (Vector::Date(dates), Value::Date(date)) => dates[row] = *date,
            (Vector::Choice(codes), Value::Choice(code)) => codes[row] = *code,
            (Vector::List(lists), Value::List(items)) => lists.set(row, items),
            (vector, value) => panic!("{value:?} does not fit a vector of {:?}", vector.kind()),
        }
        self.valid.set(row, true);
    }

    /// Adds a cell at the end.
    ///
    /// # Panics
    ///
    /// If the value is of another kind.
    pub fn push(&mut self, value: &Value) {
        let row = self.len();
        match (&mut self.vector, value) {
            (Vector::Text(texts), Value::Text(text)) => texts.push(text),
            (Vector::List(lists), Value::List(items)) => lists.push(items),
            (Vector::Number(numbers), Value::Number(number)) => numbers.push(*number),
            _ => {
                self.extend_blank(1);
                self.set(row, value);
                return;
            }
        }
        self.valid.push(true);
    }

    /// Adds `n` blank cells.
    pub fn extend_blank(&mut self, n: usize) {
        match &mut self.vector {
            Vector::Bool(bits) => bits.extend(false, n),
            Vector::Number(numbers) => numbers.resize(numbers.len() + n, 0.0),
            Vector::Text(texts) => texts.extend_empty(n),
            Vector::Date(dates) => dates.resize(dates.len() + n, 0),
            Vector::Choice(codes) => codes.resize(codes.len() + n, 0),
            Vector::List(lists) => lists.extend_empty(n),
        }
        self.valid.extend(false, n);
    }

    /// Adds all cells of `other`.
    ///
    /// # Panics
    ///
    /// If `other` is of another kind.
    pub fn append(&mut self, other: &Chunk) {
        match (&mut self.vector, &other.vector) {
            (Vector::Number(own), Vector::Number(more)) => own.extend_from_slice(more),
            (Vector::Date(own), Vector::Date(more)) => own.extend_from_slice(more),
            (Vector::Choice(own), Vector::Choice(more)) => own.extend_from_slice(more),
            (Vector::Bool(own), Vector::Bool(more)) => more.iter().for_each(|bit| own.push(bit)),
            (Vector::Text(own), Vector::Text(more)) => own.append(more),
            (Vector::List(own), Vector::List(more)) => own.append(more),
            (own, more) => panic!("cells of {:?} do not go behind {:?}", more.kind(), own.kind()),
        }
        let base = self.valid.len() as u32;
        other.valid.iter().for_each(|bit| self.valid.push(bit));
        self.errors.extend(other.errors.iter().map(|(row, error)| (base + row, Arc::clone(error))));
    }

    /// Writes the cells of `values` at `rows` (ascending), one for each.
    ///
    /// # Panics
    ///
    /// If the kinds or the lengths differ.
    pub fn overlay(&mut self, rows: &[u16], values: &Chunk) {
        assert_eq!(rows.len(), values.len(), "one value for each row");
        let few = if matches!(self.vector, Vector::List(_)) { 2 } else { 16 };
        if rows.len() <= few {
            for (at, row) in rows.iter().enumerate() {
                self.set(usize::from(*row), &values.get(at));
            }
        } else if rows.len() == self.len() {
            *self = values.clone();
        } else {
            let len = self.len();
            self.append(values);
            let mut picked: Vec<usize> = (0..len).collect();
            rows.iter().enumerate().for_each(|(at, row)| picked[usize::from(*row)] = len + at);
            *self = self.gather(picked.into_iter());
        }
    }

    /// The cells `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> Chunk {
        self.gather(from..to)
    }

    /// The cells at `rows`, in that order.
    pub fn gather(&self, rows: impl Iterator<Item = usize> + Clone) -> Chunk {
        let valid: Bitmap = rows.clone().map(|row| self.valid.get(row)).collect();
        let errors = if self.errors.is_empty() {
            Vec::new()
        } else {
            let errors = rows.clone().enumerate();
            errors.filter_map(|(at, row)| Some((at as u32, Arc::clone(self.error(row)?)))).collect()
        };
        let vector = match &self.vector {
            Vector::Bool(bits) => Vector::Bool(rows.map(|row| bits.get(row)).collect()),
            Vector::Number(numbers) => Vector::Number(rows.map(|row| numbers[row]).collect()),
            Vector::Text(texts) => Vector::Text(texts.gather(rows)),
            Vector::Date(dates) => Vector::Date(rows.map(|row| dates[row]).collect()),
            Vector::Choice(codes) => Vector::Choice(rows.map(|row| codes[row]).collect()),
            Vector::List(lists) => Vector::List(lists.gather(rows)),
        };
        Chunk { vector, valid, errors }
    }

    /// Whether the cell at `row` equals the cell `other_row` of `other`, numbers compared by their bits: what
    /// stops a recalculation from going on.
    pub fn same(&self, row: usize, other: &Chunk, other_row: usize) -> bool {
        if self.valid.get(row) != other.valid.get(other_row) {
            return false;
        }
        if !self.valid.get(row) {
            return self.error(row) == other.error(other_row);
        }
        match (&self.vector, &other.vector) {
            (Vector::Bool(a), Vector::Bool(b)) => a.get(row) == b.get(other_row),
            (Vector::Number(a), Vector::Number(b)) => a[row].to_bits() == b[other_row].to_bits(),
            (Vector::Text(a), Vector::Text(b)) => a.get(row) == b.get(other_row),
            (Vector::Date(a), Vector::Date(b)) => a[row] == b[other_row],
            (Vector::Choice(a), Vector::Choice(b)) => a[row] == b[other_row],
            (Vector::List(a), Vector::List(b)) => {
                let (own, others) = (a.range(row), b.range(other_row));
                own.len() == others.len()
                    && own.zip(others).all(|(own, other)| a.items().same(own, b.items(), other))
            }
            _ => false,
        }
    }

    /// The bits, if these are of kind [`Kind::Bool`].
    pub const fn bools(&self) -> Option<&Bitmap> {
        match &self.vector {
            Vector::Bool(bits) => Some(bits),
            _ => None,
        }
    }

    /// The numbers, if these are of kind [`Kind::Number`].
    pub fn numbers(&self) -> Option<&[f64]> {
        match &self.vector {
            Vector::Number(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// The texts, if these are of kind [`Kind::Text`].
    pub const fn texts(&self) -> Option<&TextVector> {
        match &self.vector {
            Vector::Text(texts) => Some(texts),
            _ => None,
        }
    }

    /// The moments, if these are of kind [`Kind::Date`].
    pub fn dates(&self) -> Option<&[i64]> {
        match &self.vector {
            Vector::Date(dates) => Some(dates),
            _ => None,
        }
    }

    /// The codes, if these are of kind [`Kind::Choice`].
    pub fn choices(&self) -> Option<&[u32]> {
        match &self.vector {
            Vector::Choice(codes) => Some(codes),
            _ => None,
        }
    }

    /// The lists, if these are of kind [`Kind::List`].
    pub const fn lists(&self) -> Option<&ListVector> {
        match &self.vector {
            Vector::List(lists) => Some(lists),
            _ => None,
        }
    }

    /// The codes of the cell at `row`, be it one choice or a list of them.
    #[inline]
    pub fn codes_at(&self, row: usize) -> &[u32] {
        if !self.valid.get(row) {
            return &[];
        }
        match &self.vector {
            Vector::Choice(codes) => std::slice::from_ref(&codes[row]),
            Vector::List(lists) if lists.item() == Item::Choice => lists.codes(row),
            _ => &[],
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        let cells = match &self.vector {
            Vector::Bool(bits) => bits.words().len() * 8,
            Vector::Number(numbers) => numbers.capacity() * 8,
            Vector::Text(texts) => texts.heap_bytes(),
            Vector::Date(dates) => dates.capacity() * 8,
            Vector::Choice(codes) => codes.capacity() * 4,
            Vector::List(lists) => lists.heap_bytes(),
        };
        cells + self.valid.words().len() * 8 + self.errors.capacity() * 16 + size_of::<Self>()
    }

    fn clear(&mut self, row: usize) {
        self.valid.set(row, false);
        if let Ok(at) = self.errors.binary_search_by_key(&(row as u32), |(row, _)| *row) {
            self.errors.remove(at);
        }
        match &mut self.vector {
            Vector::Bool(bits) => bits.set(row, false),
            Vector::Number(numbers) => numbers[row] = 0.0,
            Vector::Text(texts) => texts.set(row, ""),
            Vector::Date(dates) => dates[row] = 0,
            Vector::Choice(codes) => codes[row] = 0,
            Vector::List(lists) => {
                if !lists.range(row).is_empty() {
                    lists.set(row, &[]);
                }
            }
        }
    }
}

impl PartialEq for Chunk {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && (0..self.len()).all(|row| self.same(row, other, row))
    }
}
