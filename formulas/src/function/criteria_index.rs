//! [`Index`]: the places of equal items in a list that is the same for all rows.
//!
//! `COUNTIF([Orders].[SKU], {SKU})` asks for each of many records in one long list: with an index it is read once for
//! a chunk, and not once for each row.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::criteria::{Criterion, With, lower};
use super::spell::parse_number;
use crate::column::{Chunk, Vector};

/// Places by item, ascending.
pub(super) struct Index<'a> {
    places: HashMap<Key<'a>, Vec<u32>>,
}

/// What is the same for items that meet the same criterion of equality.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    /// Numbers, and texts that read as numbers.
    Number(u64),
    Date(i64),
    /// In small letters.
    Text(Cow<'a, str>),
}

impl<'a> Index<'a> {
    pub(super) fn of(items: &'a Chunk, range: &Range<usize>) -> Self {
        let mut places: HashMap<Key<'a>, Vec<u32>> = HashMap::new();
        for (place, at) in range.clone().enumerate().filter(|(_, at)| items.is_valid(*at)) {
            let mut add = |key: Key<'a>| places.entry(key).or_default().push(place as u32);
            match items.vector() {
                Vector::Number(numbers) => add(number_key(numbers[at])),
                Vector::Date(dates) => add(Key::Date(dates[at])),
                Vector::Text(texts) => {
                    let text = texts.get(at);
                    parse_number(text).map(number_key).into_iter().for_each(&mut add);
                    add(text_key(text));
                }
                Vector::Bool(_) | Vector::Choice(_) | Vector::List(_) => {}
            }
        }
        Self { places }
    }

    /// Where the items are that meet a criterion; `None` if that takes more than to look for equal ones.
    pub(super) fn places(&self, criterion: &Criterion<'_>) -> Option<&[u32]> {
        if !criterion.is_equality() {
            return None;
        }
        let key = match criterion.with {
            With::Number(number) => number_key(number),
            With::Date(ms) => Key::Date(ms),
            With::Text(text) if !text.contains(['*', '?', '~']) => Key::Text(lower(text).collect()),
            _ => return None,
        };
        Some(self.places.get(&key).map_or(&[], Vec::as_slice))
    }
}

/// Zero has no sign.
fn number_key<'a>(number: f64) -> Key<'a> {
    Key::Number((number + 0.0).to_bits())
}

fn text_key(text: &str) -> Key<'_> {
    if lower(text).eq(text.chars()) { Key::Text(text.into()) } else { Key::Text(lower(text).collect()) }
}
