//! Criteria as spreadsheets write them: `">5"`, `"<>done"`, `"=A*"`, or a value that items are equal to.
//!
//! * A text may begin with `=`, `<>`, `<`, `<=`, `>` or `>=`; what follows is a number, true or false, a date if the
//!   items are dates, or else a text. In texts that are compared for equality `*` stands for any characters, `?`
//!   for one, and `~` before one of these three takes its meaning away. Case does not matter.
//! * `"="` is for blank items, `"<>"` for all others, and the empty text for blank items and empty texts. A blank
//!   criterion is 0.
//! * Numbers are not compared with texts, but a text that reads as a number counts as one: lists of numbers and
//!   texts are lists of texts.
//! * Items that failed meet no criterion.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::ops::Range;
use std::str::Chars;

use jiff::tz::TimeZone;

use super::args::{Call, Given, Row, div_zero, refuse};
use super::criteria_index::Index;
use super::spell::{date_text, parse_date, parse_number};
use super::{Eval, Function, Special};
use crate::column::{Chunk, Kind, Vector};
use crate::error::CellError;
use crate::limits::WILDCARD_BYTES_MAX;

pub(super) const ALL: &[&Function] =
    &[&COUNTIF, &COUNTIFS, &SUMIF, &SUMIFS, &AVERAGEIF, &AVERAGEIFS, &MAXIFS, &MINIFS];

const COUNTIF: Function = Function {
    name: "COUNTIF",
    signature: "(list, condition: formula) -> number",
    doc: "How many items meet a criterion such as `\">5\"`, or for how many a condition on `CurrentValue` is true.",
    examples: &[
        (r#"COUNTIF(LIST(1, 5, 3), ">2")"#, "2"),
        (r#"COUNTIF(LIST("apple", "pear", "Apricot"), "ap*")"#, "2"),
        ("COUNTIF(LIST(1, 5, 3), CurrentValue > 2)", "2"),
    ],
    eval: Eval::Special(Special::CountIf),
};

const COUNTIFS: Function = Function {
    name: "COUNTIFS",
    signature: "(list: cells, criterion: cells, more: cells...) -> number",
    doc: "At how many places of lists of one length the items meet the criterion behind their list.",
    examples: &[
        (r#"COUNTIFS(LIST(1, 5, 3), ">2")"#, "2"),
        (r#"COUNTIFS(LIST("a", "b", "a"), "a", LIST(1, 2, 3), ">1")"#, "1"),
    ],
    eval: Eval::Rows(|call| {
        let index = Indexed::of(call, 0);
        call.numbers(|row| {
            let mut count = 0_usize;
            index.each_met(row, None, |_| count += 1)?;
            Ok(count as f64)
        })
    }),
};

const SUMIF: Function = Function {
    name: "SUMIF",
    signature: "(list, condition: formula, value: formula?) -> number",
    doc: "The sum of the items that meet a criterion such as `\">5\"` or a condition on `CurrentValue`, or of the \
          items at their places in another list, or of a value for each of them.",
    examples: &[
        (r#"SUMIF(LIST(1, 5, 3), ">2")"#, "8"),
        (r#"SUMIF(LIST("a", "b", "a"), "a", LIST(1, 2, 4))"#, "5"),
        ("SUMIF(LIST(1, 5), CurrentValue > 2, CurrentValue * 2)", "10"),
    ],
    eval: Eval::Special(Special::SumIf),
};

const SUMIFS: Function = Function {
    name: "SUMIFS",
    signature: "(values: sample, list: cells, criterion: cells, more: cells...) -> number",
    doc: "The sum of the values at the places where the items of lists meet the criterion behind their list.",
    examples: &[
        (r#"SUMIFS(LIST(1, 2, 4), LIST("a", "b", "a"), "a")"#, "5"),
        (r#"SUMIFS(LIST(1, 2, 4), LIST("a", "b", "a"), "a", LIST(1, 2, 4), ">1")"#, "4"),
    ],
    eval: Eval::Rows(|call| aggregate(call, 0.0, |sum, number| sum + number, |sum, _| Ok(sum))),
};

const AVERAGEIF: Function = Function {
    name: "AVERAGEIF",
    signature: "(list, condition: formula, value: formula?) -> number",
    doc: "The mean of the items that meet a criterion such as `\">5\"` or a condition on `CurrentValue`, or of the \
          items at their places in another list, or of a value for each of them.",
    examples: &[
        (r#"AVERAGEIF(LIST(1, 5, 3), ">2")"#, "4"),
        (r#"AVERAGEIF(LIST("a", "b", "a"), "a", LIST(1, 2, 4))"#, "2.5"),
    ],
    eval: Eval::Special(Special::AverageIf),
};

const AVERAGEIFS: Function = Function {
    name: "AVERAGEIFS",
    signature: "(values: sample, list: cells, criterion: cells, more: cells...) -> number",
    doc: "The mean of the values at the places where the items of lists meet the criterion behind their list.",
    examples: &[
        (r#"AVERAGEIFS(LIST(1, 2, 4), LIST("a", "b", "a"), "a")"#, "2.5"),
        (r#"IFERROR(AVERAGEIFS(LIST(1, 2), LIST("a", "b"), "c"), "none")"#, r#""none""#),
    ],
    eval: Eval::Rows(|call| {
        aggregate(
            call,
            0.0,
            |sum, number| sum + number,
            |sum, n| match n {
                0 => div_zero("no number meets the criteria"),
                n => Ok(sum / n as f64),
            },
        )
    }),
};

const MAXIFS: Function = Function {
    name: "MAXIFS",
    signature: "(values: sample, list: cells, criterion: cells, more: cells...) -> number",
    doc: "The largest value at the places where the items of lists meet the criterion behind their list, or 0.",
    examples: &[
        (r#"MAXIFS(LIST(1, 9, 4), LIST("a", "b", "a"), "a")"#, "4"),
        (r#"MAXIFS(LIST(1, 9), LIST("a", "b"), "c")"#, "0"),
    ],
    eval: Eval::Rows(|call| {
        aggregate(call, f64::NEG_INFINITY, f64::max, |max, n| Ok(if n == 0 { 0.0 } else { max }))
    }),
};

const MINIFS: Function = Function {
    name: "MINIFS",
    signature: "(values: sample, list: cells, criterion: cells, more: cells...) -> number",
    doc: "The smallest value at the places where the items of lists meet the criterion behind their list, or 0.",
    examples: &[
        (r#"MINIFS(LIST(3, 1, 4), LIST("a", "b", "a"), "a")"#, "3"),
        (r#"MINIFS(LIST(1, 9), LIST("a", "b"), "c")"#, "0"),
    ],
    eval: Eval::Rows(|call| {
        aggregate(call, f64::INFINITY, f64::min, |min, n| Ok(if n == 0 { 0.0 } else { min }))
    }),
};

/// A number for each row of the values in the first argument whose places meet the criteria behind it. With no more
/// than a criterion, as `SUMIF` may have it, the values themselves meet it: texts that are no numbers add nothing.
fn aggregate(
    call: &Call<'_>,
    start: f64,
    add: fn(f64, f64) -> f64,
    finish: fn(f64, usize) -> Given<f64>,
) -> Chunk {
    let index = Indexed::of(call, usize::from(call.args.len() > 2));
    call.numbers(|row| {
        let (values, range) = row.items(0);
        let numbers = values.numbers().expect("the signature says numbers");
        let (mut state, mut n, mut failed) = (start, 0, None);
        index.each_met(row, Some(range.len()), |place| {
            let at = range.start + place;
            if values.is_valid(at) {
                (state, n) = (add(state, numbers[at]), n + 1);
            } else if let Some(error) = values.error(at) {
                failed.get_or_insert_with(|| CellError::clone(error));
            }
        })?;
        failed.map_or_else(|| finish(state, n), Err)
    })
}

/// The lists and criteria of a call, from the argument `first` on, with an index of the first list if it is one for
/// all rows and its criterion is not.
struct Indexed<'a> {
    first: usize,
    items: Option<(&'a Chunk, Range<usize>)>,
    index: OnceCell<Index<'a>>,
}

impl<'a> Indexed<'a> {
    fn of(call: &'a Call<'_>, first: usize) -> Self {
        let is_asked_often = call.len > 1 && call.args[first].constant && !call.args[first + 1].constant;
        let items = is_asked_often.then(|| {
            let chunk: &Chunk = &call.args[first].chunk;
            chunk.lists().map_or((chunk, 0..1), |lists| (lists.items(), lists.range(0)))
        });
        Self { first, items, index: OnceCell::new() }
    }

    /// The places at which all items meet their criteria: lists of one length, which is `len` if there are values
    /// beside them, each with its criterion behind it.
    fn each_met(&self, row: Row<'_>, len: Option<usize>, mut visit: impl FnMut(usize)) -> Given<()> {
        if !(row.n_args() - self.first).is_multiple_of(2) {
            return refuse("behind each list stands its criterion");
        }
        let mut pairs = Vec::new();
        for arg in (self.first..row.n_args()).step_by(2) {
            let (items, range) = row.items(arg);
            pairs.push((items, range, Criterion::of(row, arg + 1, items.kind())?));
        }
        let len = len.unwrap_or_else(|| pairs.first().map_or(0, |(_, range, _)| range.len()));
        if let Some((_, range, _)) = pairs.iter().find(|(_, range, _)| range.len() != len) {
            return refuse(format!("all lists have one length, got {len} and {}", range.len()));
        }
        let is_met = |place: usize| {
            pairs.iter().all(|(items, range, criterion)| criterion.is_met(items, range.start + place))
        };
        let found = self.items.as_ref().and_then(|(items, range)| {
            let (_, _, criterion) = pairs.first()?;
            let is_indexed =
                criterion.is_equality().then(|| self.index.get_or_init(|| Index::of(items, range)));
            is_indexed?.places(criterion)
        });
        match found {
            Some(places) => {
                places.iter().map(|place| *place as usize).filter(|place| is_met(*place)).for_each(&mut visit)
            }
            None => (0..len).filter(|place| is_met(*place)).for_each(&mut visit),
        }
        Ok(())
    }
}

/// What an item is compared with, and how.
pub(super) struct Criterion<'a> {
    how: How,
    pub(super) with: With<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Equal,
    Unequal,
    /// The orders that are accepted; both ends of a range are one of them or equal.
    Ordered(Ordering, bool),
}

pub(super) enum With<'a> {
    Blank,
    /// Blank or the empty text.
    Empty,
    Bool(bool),
    Number(f64),
    Date(i64),
    Text(&'a str),
    /// A text that was not written as one.
    Written(String),
}

const OPERATORS: [(&str, How); 6] = [
    ("<>", How::Unequal),
    ("<=", How::Ordered(Ordering::Less, true)),
    (">=", How::Ordered(Ordering::Greater, true)),
    ("<", How::Ordered(Ordering::Less, false)),
    (">", How::Ordered(Ordering::Greater, false)),
    ("=", How::Equal),
];

impl<'a> Criterion<'a> {
    /// The criterion in an argument for items of a kind.
    fn of(row: Row<'a>, arg: usize, kind: Kind) -> Given<Self> {
        let (items, range): (&Chunk, Range<usize>) = row.items(arg);
        let at = match range.len() {
            0 => return Ok(Self { how: How::Equal, with: With::Number(0.0) }),
            1 => range.start,
            n => return refuse(format!("a criterion is one value, got a list of {n}")),
        };
        super::args::no_error(items, range)?;
        let with = match items.vector() {
            _ if !items.is_valid(at) => With::Number(0.0),
            Vector::Bool(bits) => With::Bool(bits.get(at)),
            Vector::Number(numbers) => With::Number(numbers[at]),
            Vector::Date(dates) if kind == Kind::Text => {
                With::Written(date_text(dates[at], *row.zone() != TimeZone::UTC))
            }
            Vector::Date(dates) => With::Date(dates[at]),
            Vector::Text(texts) => return Self::parse(texts.get(at), kind, row.zone()),
            Vector::Choice(_) | Vector::List(_) => unreachable!("the checker makes text of records first"),
        };
        Ok(Self { how: How::Equal, with })
    }

    fn parse(text: &'a str, kind: Kind, zone: &TimeZone) -> Given<Self> {
        let found = OPERATORS.iter().find_map(|(sign, how)| Some((*how, text.strip_prefix(sign)?)));
        let (how, operand) = found.unwrap_or((How::Equal, text));
        if operand.len() > WILDCARD_BYTES_MAX && operand.contains('*') {
            return refuse(format!("a criterion with * has at most {WILDCARD_BYTES_MAX} bytes"));
        }
        let word = operand.trim();
        let with = match found {
            None if operand.is_empty() => With::Empty,
            Some(_) if operand.is_empty() => With::Blank,
            _ if kind == Kind::Date => parse_date(word, zone).map_or(With::Text(operand), With::Date),
            _ if word.eq_ignore_ascii_case("true") => With::Bool(true),
            _ if word.eq_ignore_ascii_case("false") => With::Bool(false),
            _ => parse_number(word).map_or(With::Text(operand), With::Number),
        };
        Ok(Self { how, with })
    }

    pub(super) fn is_equality(&self) -> bool {
        self.how == How::Equal
    }

    fn is_met(&self, items: &Chunk, at: usize) -> bool {
        if items.error(at).is_some() {
            return false;
        }
        match self.how {
            How::Equal => self.is_equal(items, at),
            How::Unequal => !self.is_equal(items, at),
            How::Ordered(order, or_equal) => self
                .order(items, at)
                .is_some_and(|found| found == order || or_equal && found == Ordering::Equal),
        }
    }

    fn is_equal(&self, items: &Chunk, at: usize) -> bool {
        if !items.is_valid(at) {
            return matches!(self.with, With::Blank | With::Empty);
        }
        match (&self.with, items.vector()) {
            (With::Empty, Vector::Text(texts)) => texts.get(at).is_empty(),
            (With::Text(pattern), Vector::Text(texts)) => is_like(pattern, texts.get(at)),
            (With::Written(text), Vector::Text(texts)) => texts.get(at) == text,
            (With::Bool(bool), Vector::Text(texts)) => {
                texts.get(at).eq_ignore_ascii_case(if *bool { "true" } else { "false" })
            }
            _ => self.order(items, at) == Some(Ordering::Equal),
        }
    }

    /// How an item stands to what it is compared with, if they can be compared.
    fn order(&self, items: &Chunk, at: usize) -> Option<Ordering> {
        if !items.is_valid(at) {
            return None;
        }
        match (&self.with, items.vector()) {
            (With::Bool(with), Vector::Bool(bits)) => Some(bits.get(at).cmp(with)),
            (With::Number(with), Vector::Number(numbers)) => numbers[at].partial_cmp(with),
            (With::Number(with), Vector::Text(texts)) => parse_number(texts.get(at))?.partial_cmp(with),
            (With::Date(with), Vector::Date(dates)) => Some(dates[at].cmp(with)),
            (With::Text(with), Vector::Text(texts)) if parse_number(texts.get(at)).is_none() => {
                Some(lower(texts.get(at)).cmp(lower(with)))
            }
            _ => None,
        }
    }
}

pub(super) fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Whether a text is what a pattern with `*` and `?` describes, whatever the case.
///
/// After a mismatch the last `*` takes one character more; those before it need not be tried again.
fn is_like(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut last_star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let mut rest = text.clone();
        match (token(&mut pattern), rest.next()) {
            (Token::Any, _) => {
                last_star = Some((pattern.clone(), text.clone()));
                continue;
            }
            (Token::End, None) => return true,
            (Token::One, Some(_)) => text = rest,
            (Token::Char(wanted), Some(char)) if is_same(wanted, char) => text = rest,
            _ => {
                let Some((behind, taken)) = &mut last_star else { return false };
                if taken.next().is_none() {
                    return false;
                }
                (pattern, text) = (behind.clone(), taken.clone());
            }
        }
    }
}

enum Token {
    Any,
    One,
    Char(char),
    End,
}

fn token(pattern: &mut Chars<'_>) -> Token {
    match pattern.next() {
        None => Token::End,
        Some('*') => Token::Any,
        Some('?') => Token::One,
        Some('~') if pattern.as_str().starts_with(['*', '?', '~']) => {
            Token::Char(pattern.next().expect("one of these three"))
        }
        Some(char) => Token::Char(char),
    }
}

fn is_same(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase())
}
