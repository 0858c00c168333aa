//! Looking for a value in a list, and taking what stands at its place.
//!
//! A key equals an item as `=` has it, but blank equals only blank (for texts also the empty one). Where the list is
//! the same for all rows, it is hashed for exact matches, or put in order for approximate ones, once.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::args::{Call, Given, Pick, Row, compare_items, refuse};
use super::{Eval, Function, Special};
use crate::column::{Chunk, Vector};
use crate::error::{CellError, ErrorKind};

pub(super) const ALL: &[&Function] = &[&MATCH, &XMATCH, &XLOOKUP, &LOOKUP, &INDEX, &CHOOSE];

/// What formulas cannot call by name: the checker puts them in place of parts of others.
pub(super) const HIDDEN: &[&Function] = &[&LOOKUP_VECTOR, &POSITION];

const MATCH: Function = Function {
    name: "MATCH",
    signature: "(value: key, list: keys, type: number = 1) -> number",
    doc: "The position of a value in a list. Type 0: the first that is equal, `*` and `?` in a text stand for any \
          characters; 1: the last of the largest that are not above it; -1: the first of the smallest that are not \
          below it. Fails with `#N/A` if there is none.",
    examples: &[
        (r#"MATCH("b", LIST("a", "b"), 0)"#, "2"),
        ("MATCH(25, LIST(10, 20, 30))", "2"),
        (r#"IFNA(MATCH("x", LIST("a"), 0), "none")"#, r#""none""#),
    ],
    eval: Eval::Rows(|call| {
        let finder = Finder::new(call, 0, 1);
        call.numbers(|row| {
            let how = match row.number(2) {
                0.0 if has_wildcard(call, row) => How { mode: Mode::Wildcard, last: false },
                0.0 => How { mode: Mode::Exact, last: false },
                n if n > 0.0 => How { mode: Mode::Smaller, last: true },
                _ => How { mode: Mode::Larger, last: false },
            };
            finder.find(row, how)?.map_or_else(not_found, |at| Ok(at as f64 + 1.0))
        })
    }),
};

const XMATCH: Function = Function {
    name: "XMATCH",
    signature: "(value: key, list: keys, match: number = 0, search: number = 1) -> number",
    doc: "The position of a value in a list. `match` 0: equal; -1: or else the next smaller; 1: or else the next \
          larger; 2: `*` and `?` stand for any characters. `search` -1: the last, not the first. Fails with `#N/A` \
          if there is none.",
    examples: &[
        ("XMATCH(3, LIST(1, 3, 3))", "2"),
        ("XMATCH(3, LIST(1, 3, 3), 0, -1)", "3"),
        ("XMATCH(2, LIST(1, 3), 1)", "2"),
        (r#"XMATCH("b*", LIST("abc", "bcd"), 2)"#, "2"),
    ],
    eval: Eval::Rows(|call| {
        let finder = Finder::new(call, 0, 1);
        call.numbers(|row| {
            let how = How::read(row.number(2), row.number(3))?;
            finder.find(row, how)?.map_or_else(not_found, |at| Ok(at as f64 + 1.0))
        })
    }),
};

const XLOOKUP: Function = Function {
    name: "XLOOKUP",
    signature: "(value: key, list: keys, results, fallback: result?, match: number = 0, search: number = 1) -> result",
    doc: "The item of `results` at the place where `list` has the value, or `fallback`. `match` and `search` are \
          those of `XMATCH`; without a fallback it fails with `#N/A` if there is none.",
    examples: &[
        (r#"XLOOKUP("b", LIST("a", "b"), LIST(1, 2))"#, "2"),
        (r#"XLOOKUP("c", LIST("a", "b"), LIST(1, 2), 0)"#, "0"),
        (r#"XLOOKUP(15, LIST(10, 20), LIST("low", "high"), "none", -1)"#, r#""low""#),
    ],
    eval: Eval::Rows(|call| {
        let finder = Finder::new(call, 0, 1);
        call.picked(2, |row| {
            let how = match row.has(4) {
                true => How::read(row.number(4), if row.has(5) { row.number(5) } else { 1.0 })?,
                false => How { mode: Mode::Exact, last: false },
            };
            let (keys, results) = (row.items(1).1, row.items(2).1);
            if keys.len() != results.len() {
                let (keys, results) = (keys.len(), results.len());
                return refuse(format!("lists of one length are expected, got {keys} and {results} items"));
            }
            match finder.find(row, how)? {
                Some(at) => Ok(Pick::Item(results.start + at)),
                None if row.has(3) => Ok(Pick::Argument(3)),
                None => not_found(),
            }
        })
    }),
};

const LOOKUP: Function = Function {
    name: "LOOKUP",
    signature: "(value: any, list: any, results: any?, more: any?) -> any",
    doc: "With two columns of a table, `LOOKUP(value, [Table].[Key], [Table].[Result])`: the results of all records \
          whose key is the value; also written `[Table].LOOKUP(value, key, result)`. With lists in ascending order: \
          the result at the place of the last of the largest items that are not above the value.",
    examples: &[
        (r#"LOOKUP(25, LIST(10, 20, 30), LIST("a", "b", "c"))"#, r#""b""#),
        ("LOOKUP(25, LIST(10, 20, 30))", "20"),
    ],
    eval: Eval::Special(Special::Lookup),
};

const LOOKUP_VECTOR: Function = Function {
    name: "(LOOKUP)",
    signature: "(value: key, list: keys, results: results?) -> result",
    doc: "The vector form of LOOKUP.",
    examples: &[],
    eval: Eval::Rows(|call| {
        let finder = Finder::new(call, 0, 1);
        let from = if call.args.len() > 2 { 2 } else { 1 };
        call.picked(from, |row| {
            let found = finder.find(row, How { mode: Mode::Smaller, last: true })?;
            let results = row.items(from).1;
            match found.map(|at| results.start + at) {
                Some(at) if at < results.end => Ok(Pick::Item(at)),
                _ => not_found(),
            }
        })
    }),
};

const INDEX: Function = Function {
    name: "INDEX",
    signature: "(list, position: number) -> T",
    doc: "The item at a position, counted from 1, or from the end if negative; fails with `#REF!` if there is none.",
    examples: &[("INDEX(LIST(5, 6, 7), 2)", "6"), ("INDEX(LIST(5, 6, 7), -1)", "7")],
    eval: Eval::Rows(|call| {
        call.item(|row, _, range| {
            let (at, len) = (row.whole(1), range.len() as i64);
            let place = if at < 0 { len.saturating_add(at) } else { at - 1 };
            if (0..len).contains(&place) {
                return Ok(Some(range.start + place as usize));
            }
            Err(CellError::new(ErrorKind::Ref, format!("the list has {len} items, there is none at {at}")))
        })
    }),
};

const CHOOSE: Function = Function {
    name: "CHOOSE",
    signature: "(position: number, value: any, more: any...) -> any",
    doc: "The value at a position, counted from 1; the others are not evaluated.",
    examples: &[(r#"CHOOSE(2, "a", "b")"#, r#""b""#), ("CHOOSE(1, 5, 1/0)", "5")],
    eval: Eval::Special(Special::Choose),
};

const POSITION: Function = Function {
    name: "(POSITION)",
    signature: "(position: number, n: number) -> number",
    doc: "A position without its fraction, if there is one.",
    examples: &[],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (at, n) = (row.number(0).trunc(), row.number(1));
            match (1.0..=n).contains(&at) {
                true => Ok(at),
                false => refuse(format!("CHOOSE has {n} values, there is none at {at}")),
            }
        })
    }),
};

/// How an item is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Exact,
    /// Equal, or else the largest below.
    Smaller,
    /// Equal, or else the smallest above.
    Larger,
    Wildcard,
}

#[derive(Clone, Copy, Debug)]
struct How {
    mode: Mode,
    /// The last of several, not the first.
    last: bool,
}

impl How {
    fn read(mode: f64, search: f64) -> Given<Self> {
        let mode = match mode {
            0.0 => Mode::Exact,
            -1.0 => Mode::Smaller,
            1.0 => Mode::Larger,
            2.0 => Mode::Wildcard,
            other => return refuse(format!("match is 0, -1, 1 or 2, not {other}")),
        };
        match search {
            // 2 and -2 promise an order, which is found out here anyway.
            1.0 | 2.0 => Ok(Self { mode, last: false }),
            -1.0 | -2.0 => Ok(Self { mode, last: true }),
            other => refuse(format!("search is 1 or -1, not {other}")),
        }
    }
}

fn not_found<T>() -> Given<T> {
    Err(CellError::new(ErrorKind::NotAvailable, "the list does not have the value"))
}

/// Looks for the keys of an argument in the lists of another.
struct Finder<'a> {
    keys: &'a Chunk,
    key: usize,
    list: usize,
    /// What is known of the list, if it is one for all rows.
    index: Option<Arc<Index>>,
}

/// What is known of a list that is the same for many rows.
#[derive(Default)]
struct Index {
    /// The first and the last place of each key.
    exact: OnceLock<Places>,
    /// The places of all items that are neither blank nor failed, by item.
    sorted: OnceLock<Vec<u32>>,
}

#[derive(Default)]
struct Places {
    bits: HashMap<u64, (u32, u32)>,
    texts: HashMap<Box<str>, (u32, u32)>,
    blank: Option<(u32, u32)>,
}

/// What is equal for equal items.
enum Key<'a> {
    Blank,
    Bits(u64),
    Text(&'a str),
}

impl<'a> Finder<'a> {
    fn new(call: &'a Call<'_>, key: usize, list: usize) -> Self {
        let is_one = call.args[list].constant;
        let index = is_one.then(|| call.kept(list, Index::default));
        Self { keys: &call.args[key].chunk, key, list, index }
    }

    /// The place in the row's list.
    fn find(&self, row: Row<'_>, how: How) -> Given<Option<usize>> {
        let at = row.place(self.key);
        let (items, range) = row.items(self.list);
        if how.mode == Mode::Wildcard {
            return wildcard(self.keys, at, items, range, how.last);
        }
        let Some(key) = key(self.keys, at) else { return Ok(None) };
        let found = match (&self.index, how.mode) {
            (Some(index), Mode::Exact) => index.exact(items, &range).get(&key, how.last),
            (Some(index), mode) if !matches!(key, Key::Blank) => {
                approximate(index.sorted(items, &range), self.keys, at, items, mode, how.last)
            }
            (Some(_), _) => None,
            (None, _) => scan(self.keys, at, items, range.clone(), how),
        };
        Ok(found.map(|found| found - range.start))
    }
}

impl Index {
    fn exact(&self, items: &Chunk, range: &Range<usize>) -> &Places {
        self.exact.get_or_init(|| {
            let mut places = Places::default();
            range.clone().for_each(|at| places.put(items, at));
            places
        })
    }

    fn sorted(&self, items: &Chunk, range: &Range<usize>) -> &[u32] {
        self.sorted.get_or_init(|| {
            let valid = range.clone().filter(|at| !matches!(key(items, *at), None | Some(Key::Blank)));
            let mut places: Vec<u32> = valid.map(|at| at as u32).collect();
            places.sort_by(|a, b| compare_items(items, *a as usize, *b as usize, false));
            places
        })
    }
}

impl Places {
    fn put(&mut self, items: &Chunk, at: usize) {
        let places = (at as u32, at as u32);
        match key(items, at) {
            None => {}
            Some(Key::Blank) => self.blank.get_or_insert(places).1 = at as u32,
            Some(Key::Bits(bits)) => self.bits.entry(bits).or_insert(places).1 = at as u32,
            Some(Key::Text(text)) => match self.texts.get_mut(text) {
                Some(found) => found.1 = at as u32,
                None => {
                    self.texts.insert(text.into(), places);
                }
            },
        }
    }

    fn get(&self, key: &Key<'_>, last: bool) -> Option<usize> {
        let (first, end) = match key {
            Key::Blank => self.blank?,
            Key::Bits(bits) => *self.bits.get(bits)?,
            Key::Text(text) => *self.texts.get(*text)?,
        };
        Some(if last { end } else { first } as usize)
    }
}

/// The key of a cell; `None` if it failed.
fn key(cells: &Chunk, at: usize) -> Option<Key<'_>> {
    if !cells.is_valid(at) {
        return cells.error(at).is_none().then_some(Key::Blank);
    }
    Some(match cells.vector() {
        Vector::Bool(bits) => Key::Bits(u64::from(bits.get(at))),
        Vector::Number(numbers) => Key::Bits((numbers[at] + 0.0).to_bits()),
        Vector::Text(texts) if texts.get(at).is_empty() => Key::Blank,
        Vector::Text(texts) => Key::Text(texts.get(at)),
        Vector::Date(dates) => Key::Bits(dates[at] as u64),
        Vector::Choice(codes) => Key::Bits(u64::from(codes[at])),
        Vector::List(_) => unreachable!("a key is one value"),
    })
}

/// The order of an item and a key, both valid and of one kind.
fn order(items: &Chunk, item: usize, keys: &Chunk, key: usize) -> Ordering {
    match (items.vector(), keys.vector()) {
        (Vector::Bool(a), Vector::Bool(b)) => a.get(item).cmp(&b.get(key)),
        (Vector::Number(a), Vector::Number(b)) => (a[item] + 0.0).total_cmp(&(b[key] + 0.0)),
        (Vector::Text(a), Vector::Text(b)) => a.get(item).cmp(b.get(key)),
        (Vector::Date(a), Vector::Date(b)) => a[item].cmp(&b[key]),
        (Vector::Choice(a), Vector::Choice(b)) => a[item].cmp(&b[key]),
        (a, b) => panic!("the checker compares one kind, not {:?} with {:?}", a.kind(), b.kind()),
    }
}

/// The place among items in order; equal ones are in the order of their places.
fn approximate(
    sorted: &[u32],
    keys: &Chunk,
    key: usize,
    items: &Chunk,
    mode: Mode,
    last: bool,
) -> Option<usize> {
    let below = sorted.partition_point(|at| order(items, *at as usize, keys, key).is_lt());
    let upto = below + sorted[below..].partition_point(|at| order(items, *at as usize, keys, key).is_eq());
    let nearest = match mode {
        _ if upto > below => below,
        Mode::Smaller => below.checked_sub(1)?,
        _ => below,
    };
    let found = *sorted.get(nearest)? as usize;
    let is_before = |at: &u32| compare_items(items, *at as usize, found, false).is_lt();
    let is_upto = |at: &u32| compare_items(items, *at as usize, found, false).is_le();
    let place = if last { sorted.partition_point(is_upto) - 1 } else { sorted.partition_point(is_before) };
    Some(sorted[place] as usize)
}

/// The place in a list that is looked through from one end to the other.
fn scan(keys: &Chunk, key_at: usize, items: &Chunk, range: Range<usize>, how: How) -> Option<usize> {
    let wanted = key(keys, key_at)?;
    let mut best: Option<usize> = None;
    for at in range {
        let Some(found) = key(items, at) else { continue };
        let fits = match (&wanted, &found) {
            (Key::Blank, Key::Blank) => how.mode == Mode::Exact,
            (Key::Blank, _) | (_, Key::Blank) => false,
            _ => match (order(items, at, keys, key_at), how.mode) {
                (Ordering::Equal, _) => true,
                (Ordering::Less, mode) => mode == Mode::Smaller,
                (Ordering::Greater, mode) => mode == Mode::Larger,
            },
        };
        let is_better = |best: usize| match compare_items(items, at, best, how.mode == Mode::Smaller) {
            Ordering::Less => true,
            Ordering::Equal => how.last,
            Ordering::Greater => false,
        };
        if fits && best.is_none_or(is_better) {
            best = Some(at);
            if how.mode == Mode::Exact && !how.last {
                break;
            }
        }
    }
    best
}

fn has_wildcard(call: &Call<'_>, row: Row<'_>) -> bool {
    let texts = call.args[0].chunk.texts();
    texts.is_some_and(|texts| texts.get(row.place(0)).contains(['*', '?', '~']))
}

/// The place of a text in which `*` stands for any characters and `?` for one; cases do not matter.
fn wildcard(
    keys: &Chunk,
    at: usize,
    items: &Chunk,
    mut range: Range<usize>,
    last: bool,
) -> Given<Option<usize>> {
    let (Some(keys), Some(texts)) = (keys.texts(), items.texts()) else {
        return refuse("wildcards are for texts");
    };
    let pattern = Pattern::read(keys.get(at))?;
    let start = range.start;
    let fits = |at: &usize| items.is_valid(*at) && pattern.fits(texts.get(*at));
    let found = if last { range.rfind(fits) } else { range.find(fits) };
    Ok(found.map(|at| at - start))
}

/// A text with `*` and `?`; `~` before one of them takes its meaning away.
struct Pattern(Vec<Part>);

#[derive(PartialEq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Pattern {
    fn read(text: &str) -> Given<Self> {
        const CHARS_MAX: usize = 255;
        let mut parts = Vec::new();
        let mut chars = text.chars().flat_map(char::to_lowercase).peekable();
        while let Some(char) = chars.next() {
            parts.push(match char {
                '~' if chars.peek().is_some_and(|next| matches!(next, '*' | '?' | '~')) => {
                    Part::Char(chars.next().unwrap_or('~'))
                }
                '*' => Part::Any,
                '?' => Part::One,
                char => Part::Char(char),
            });
        }
        if parts.len() > CHARS_MAX {
            return refuse(format!("a text with wildcards has at most {CHARS_MAX} characters"));
        }
        Ok(Self(parts))
    }

    /// Goes back to the last `*` only, which is enough.
    fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut part) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(part) {
                Some(Part::Any) => {
                    star = Some((part, at));
                    part += 1;
                }
                Some(Part::One) => (at, part) = (at + 1, part + 1),
                Some(Part::Char(char)) if *char == text[at] => (at, part) = (at + 1, part + 1),
                _ => match star {
                    Some((before, from)) => {
                        star = Some((before, from + 1));
                        (at, part) = (from + 1, before + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0[part..].iter().all(|part| *part == Part::Any)
    }
}
