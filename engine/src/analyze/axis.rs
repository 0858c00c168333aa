//! [`Axis`]: the cells of one key as small numbers, given in the order in which they appear.

use std::sync::Arc;

use formulas::column::{Chunk, Item, Vector};
use formulas::records::Bits;
use hashbrown::HashMap;

use crate::query::dates::{DAY_MS, Zone};
use crate::query::group::Atom;
use crate::query::sort::{By, Level};

/// Codes and days beyond this are looked up in a map and not in a table.
const TABLE_MAX: usize = 1 << 20;

const NEW: u32 = u32::MAX;

/// Numbers the distinct cells of one key within a segment.
pub(super) struct Axis<'a> {
    level: &'a Level,
    /// What each number stands for.
    pub(super) atoms: Vec<Atom>,
    known: HashMap<Atom, u32>,
    /// The number of a code, or of a day counted from `first_day`.
    table: Vec<u32>,
    first_day: i64,
    numbers: HashMap<u64, u32>,
    texts: HashMap<Arc<str>, u32>,
}

impl<'a> Axis<'a> {
    pub(super) fn new(level: &'a Level) -> Self {
        let (atoms, known, table, numbers, texts) = Default::default();
        Self { level, atoms, known, table, first_day: 0, numbers, texts }
    }

    /// Adds the number of each row of `bits`, ascending.
    pub(super) fn number(&mut self, chunk: &Chunk, bits: &Bits, out: &mut Vec<u32>) {
        if all_of(chunk, bits) && self.number_all(chunk, out) {
            return;
        }
        match (chunk.vector(), &self.level.by) {
            (Vector::Choice(_) | Vector::List(_), By::Options(_) | By::Names(_)) => {
                let blank = self.blanks(chunk);
                each(bits, |row| {
                    let id = match chunk_codes(chunk, row) {
                        [code] => self.code(*code),
                        [] => self.blank(chunk, row, blank),
                        _ => self.atom(chunk, row),
                    };
                    out.push(id);
                });
            }
            (Vector::Date(dates), By::Bucket(_, zone)) => {
                let zone = Arc::clone(zone);
                let blank = self.blanks(chunk);
                let mut span = Span::default();
                each(bits, |row| {
                    let id = if row < chunk.len() && chunk.is_valid(row) {
                        self.day(span.day(dates[row], &zone))
                    } else {
                        self.blank(chunk, row, blank)
                    };
                    out.push(id);
                });
            }
            (Vector::Number(values), _) => each(bits, |row| {
                let valid = row < chunk.len() && chunk.is_valid(row);
                let id = if valid { self.value(values[row]) } else { self.atom(chunk, row) };
                out.push(id);
            }),
            (Vector::Text(texts), _) => {
                let mut seen: HashMap<&str, u32> = HashMap::new();
                each(bits, |row| {
                    let text = if row < chunk.len() && chunk.is_valid(row) { texts.get(row) } else { "" };
                    let id = match text {
                        "" => self.atom(chunk, row),
                        text => *seen.entry(text).or_insert_with(|| self.text(text)),
                    };
                    out.push(id);
                });
            }
            _ => each(bits, |row| {
                let id = self.atom(chunk, row);
                out.push(id);
            }),
        }
    }

    /// The same for a chunk of which all cells are wanted and none is blank; tells whether there is a way.
    fn number_all(&mut self, chunk: &Chunk, out: &mut Vec<u32>) -> bool {
        match (chunk.vector(), &self.level.by) {
            (Vector::Choice(codes), _) => out.extend(codes.iter().map(|code| self.code(*code))),
            (Vector::List(lists), _) if lists.item() == Item::Choice => {
                let one_each = lists.ends().iter().enumerate().all(|(at, end)| *end as usize == at + 1);
                let Some(codes) = lists.items().choices().filter(|_| one_each) else { return false };
                out.extend(codes.iter().map(|code| self.code(*code)));
            }
            (Vector::Date(dates), By::Bucket(_, zone)) => {
                let zone = Arc::clone(zone);
                let mut span = Span::default();
                out.extend(dates.iter().map(|ms| self.day(span.day(*ms, &zone))));
            }
            _ => return false,
        }
        true
    }

    /// The number of blank cells, if the chunk has cells that are not there.
    fn blanks(&mut self, chunk: &Chunk) -> Option<u32> {
        chunk.errors().is_empty().then_some(()).filter(|()| !chunk.valid().all())?;
        Some(self.intern(Atom::Blank))
    }

    fn blank(&mut self, chunk: &Chunk, row: usize, blank: Option<u32>) -> u32 {
        blank.unwrap_or_else(|| self.atom(chunk, row))
    }

    fn atom(&mut self, chunk: &Chunk, row: usize) -> u32 {
        self.intern(self.level.atom(chunk, row))
    }

    #[inline]
    fn code(&mut self, code: u32) -> u32 {
        match self.table.get(code as usize) {
            Some(id) if *id != NEW => *id,
            _ => self.new_code(code),
        }
    }

    #[cold]
    fn new_code(&mut self, code: u32) -> u32 {
        let id = self.intern(Atom::Code(code));
        if (code as usize) < TABLE_MAX {
            if self.table.len() <= code as usize {
                self.table.resize(code as usize + 1, NEW);
            }
            self.table[code as usize] = id;
        }
        id
    }

    #[inline]
    fn day(&mut self, day: i64) -> u32 {
        match self.table.get(day.wrapping_sub(self.first_day) as usize) {
            Some(id) if *id != NEW => *id,
            _ => self.new_day(day),
        }
    }

    #[cold]
    fn new_day(&mut self, day: i64) -> u32 {
        let By::Bucket(bucket, _) = &self.level.by else { return self.intern(Atom::Day(day)) };
        let id = self.intern(Atom::Day(bucket.start(day)));
        if self.table.is_empty() {
            self.first_day = day;
        }
        let (first, last) =
            (self.first_day.min(day), (self.first_day + self.table.len() as i64 - 1).max(day));
        if ((last - first) as usize) < TABLE_MAX {
            if first < self.first_day {
                // Some room below, so that days that come backwards do not move the table each time.
                let first = first - 64;
                let mut table = vec![NEW; (self.first_day - first) as usize];
                table.append(&mut self.table);
                (self.table, self.first_day) = (table, first);
            }
            let at = (day - self.first_day) as usize;
            if self.table.len() <= at {
                self.table.resize(at + 1, NEW);
            }
            self.table[at] = id;
        }
        id
    }

    fn value(&mut self, number: f64) -> u32 {
        let bits = (number + 0.0).to_bits();
        if let Some(id) = self.numbers.get(&bits) {
            return *id;
        }
        let id = self.intern(Atom::Number(bits));
        self.numbers.insert(bits, id);
        id
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(id) = self.texts.get(text) {
            return *id;
        }
        let shared: Arc<str> = text.into();
        let id = self.intern(Atom::Text(Arc::clone(&shared)));
        self.texts.insert(shared, id);
        id
    }

    fn intern(&mut self, atom: Atom) -> u32 {
        if let Some(id) = self.known.get(&atom) {
            return *id;
        }
        let id = self.atoms.len() as u32;
        self.atoms.push(atom.clone());
        self.known.insert(atom, id);
        id
    }
}

/// The offset that held for the last moment, and from when to when it does.
#[derive(Default)]
struct Span {
    from: i64,
    to: i64,
    offset: i64,
}

impl Span {
    #[inline]
    fn day(&mut self, ms: i64, zone: &Zone) -> i64 {
        if ms < self.from || ms >= self.to {
            (self.from, self.to, self.offset) = zone.span(ms);
        }
        let local = ms.saturating_add(self.offset);
        // 1970 to 2109 by a division of 32 bits: a day is 84,375 times 1,024 milliseconds.
        if (local as u64) < 1 << 42 {
            i64::from((local >> 10) as u32 / 84_375)
        } else {
            local.div_euclid(DAY_MS)
        }
    }
}

fn chunk_codes(chunk: &Chunk, row: usize) -> &[u32] {
    if row < chunk.len() { chunk.codes_at(row) } else { &[] }
}

/// Whether `bits` has all rows of a chunk and none of them is blank or failed.
pub(super) fn all_of(chunk: &Chunk, bits: &Bits) -> bool {
    let n: usize = bits.iter().map(|word| word.count_ones() as usize).sum();
    n == chunk.len() && chunk.valid().all()
}

/// Calls `each` for each row of `bits`, ascending; full words without looking at their bits.
#[inline]
pub(super) fn each(bits: &Bits, mut each: impl FnMut(usize)) {
    for (idx, word) in bits.iter().enumerate() {
        let base = idx * 64;
        if *word == u64::MAX {
            (base..base + 64).for_each(&mut each);
        } else {
            let mut rest = *word;
            while rest != 0 {
                each(base + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }
}

/// Calls `each` with its place among the rows of `bits` and the row, for those rows that are `valid`.
#[inline]
pub(super) fn each_valid(bits: &Bits, valid: &[u64], mut each: impl FnMut(usize, usize)) {
    let mut place = 0;
    for (idx, (word, valid)) in bits.iter().zip(valid).enumerate() {
        let base = idx * 64;
        let wanted = word & valid;
        if wanted == u64::MAX {
            (0..64).for_each(|bit| each(place + bit, base + bit));
        } else {
            let mut rest = wanted;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                each(place + (word & ((1 << bit) - 1)).count_ones() as usize, base + bit);
                rest &= rest - 1;
            }
        }
        place += word.count_ones() as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_division_agrees_with_the_long_one() {
        let zone = Zone::named("Asia/Shanghai");
        let mut span = Span::default();
        for n in -2_000..4_000i64 {
            for ms in [n * DAY_MS, n * DAY_MS - 1, n * 7_777_777_777 + 13] {
                assert_eq!(span.day(ms, &zone), zone.day(ms), "{ms}");
            }
        }
    }

    #[test]
    fn rows_are_visited_once_in_order() {
        let mut bits = [0u64; 64];
        bits[0] = u64::MAX;
        bits[3] = 0b1010;
        let mut rows = Vec::new();
        each(&bits, |row| rows.push(row));
        assert_eq!(rows, (0..64).chain([193, 195]).collect::<Vec<_>>());
        let mut valid = [0u64; 64];
        valid[0] = 0b11;
        valid[3] = 0b1000;
        let mut places = Vec::new();
        each_valid(&bits, &valid, |place, row| places.push((place, row)));
        assert_eq!(places, [(0, 0), (1, 1), (65, 195)]);
    }
}
