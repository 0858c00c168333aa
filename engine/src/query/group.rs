//! Groups: what makes cells equal, and how a group is shown.
//!
//! An [`Atom`] is the identity of a group at one level. Sets of options, people or records make one group each,
//! whatever order they were entered in; dates are rounded to a bucket; texts are told apart to the letter.

use std::sync::Arc;

use formulas::column::{Chunk, Item, Vector};
use formulas::error::{CellError, ErrorKind};
use formulas::{FieldId, Value};

use super::Group;
use super::dates::{Bucket, DAY_MS};
use super::reading::{Meaning, Names, Reading};
use super::sort::{By, KeyContext, KeyPart, Level, joined};
use crate::error::Refusal;
use crate::field;
use crate::snapshot::Snapshot;

/// One group of an order, as the wire's `GroupNode`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupNode {
    /// 0 for the outermost.
    pub level: usize,
    /// The cell that its records have; a date's bucket is its first day, midnight UTC.
    pub key: Value,
    /// The key for people; empty for blank cells.
    pub label: Arc<str>,
    /// The color of its option or person.
    pub color: Option<Arc<str>>,
    /// The position of its first record in the order.
    pub from: usize,
    /// How many records.
    pub count: usize,
    /// What was asked for of each field; `None` where there is nothing to sum.
    pub summaries: Vec<(FieldId, Option<f64>)>,
}

/// What is shown of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupValue {
    pub(crate) key: Value,
    pub(crate) label: Arc<str>,
    pub(crate) color: Option<Arc<str>>,
}

/// What makes the cells of a group equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    /// Blank cells.
    Blank,
    /// Failed cells, whatever the failure.
    Failed,
    /// A number by its bits.
    Number(u64),
    /// A checkbox.
    Bool(bool),
    /// A bucket by its first day.
    Day(i64),
    /// A date that is not rounded, in milliseconds: to count different values.
    Moment(i64),
    /// An option, a person or a record.
    Code(u32),
    /// Several, ascending.
    Set(Box<[u32]>),
    /// A text.
    Text(Arc<str>),
}

/// The level of a group.
pub(crate) fn level(snapshot: &Snapshot, group: &Group) -> Result<Level, Refusal> {
    let reading = Reading::of(snapshot, group.field)
        .ok_or_else(|| Refusal::invalid("the field of a group is gone").in_field(group.field))?;
    if group.bucket.is_some() && !matches!(reading.meaning, Meaning::Date { .. }) {
        let (name, word) = (&reading.field.name, reading.meaning.word());
        let message = format!("field {name:?} ({word}) has no days or months; leave \"bucket\" out");
        return Err(Refusal::invalid(message).in_field(group.field));
    }
    let bucket = Some(group.bucket.unwrap_or(Bucket::Day));
    Ok(Level::new(snapshot, reading, group.desc, bucket).exact())
}

impl Level {
    /// What makes the cell at `row` equal to others.
    pub(crate) fn atom(&self, chunk: &Chunk, row: usize) -> Atom {
        if row >= chunk.len() || !chunk.is_valid(row) {
            return match chunk.len() > row && chunk.error(row).is_some() {
                true => Atom::Failed,
                false if self.reading.meaning == Meaning::Bool => Atom::Bool(false),
                false => Atom::Blank,
            };
        }
        match chunk.vector() {
            Vector::Choice(codes) => Atom::Code(codes[row]),
            Vector::List(lists) if lists.item() == Item::Choice => set_atom(lists.codes(row)),
            Vector::List(lists) => {
                let range = lists.range(row);
                match range.len() {
                    0 => Atom::Blank,
                    1 => self.atom(lists.items(), range.start),
                    _ => text_atom(&joined(lists.items(), range)),
                }
            }
            Vector::Number(numbers) => Atom::Number((numbers[row] + 0.0).to_bits()),
            Vector::Bool(bits) => Atom::Bool(bits.get(row)),
            Vector::Date(dates) => match &self.by {
                By::Bucket(bucket, zone) => Atom::Day(bucket.start(zone.day(dates[row]))),
                _ => Atom::Moment(dates[row]),
            },
            Vector::Text(texts) => text_atom(texts.get(row)),
        }
    }

    /// The key by which the group of an atom is sorted: the same as that of its records.
    pub(crate) fn part_of(&self, ctx: &KeyContext<'_>, atom: &Atom) -> KeyPart {
        let cell = match atom {
            Atom::Blank => return KeyPart::Blank,
            Atom::Failed => return KeyPart::Failed,
            // Of a bucket the first day itself is compared.
            Atom::Day(day) => return KeyPart::Word(super::sort::date_word(*day)),
            Atom::Moment(ms) => return KeyPart::Word(super::sort::date_word(*ms)),
            Atom::Number(bits) => Vector::Number(vec![f64::from_bits(*bits)]),
            Atom::Bool(bool) => Vector::Bool([*bool].into_iter().collect()),
            Atom::Text(text) => Vector::Text(formulas::column::TextVector::from_texts([text.as_ref()])),
            Atom::Code(code) => return self.codes_part(ctx, &[*code]),
            Atom::Set(codes) => return self.codes_part(ctx, codes),
        };
        self.part(ctx, &Chunk::full(cell), 0)
    }

    /// How the group of an atom is shown.
    pub(crate) fn shown(&self, snapshot: &Snapshot, atom: &Atom) -> GroupValue {
        let plain = |key: Value, label: String| GroupValue { key, label: label.into(), color: None };
        match atom {
            Atom::Blank => plain(Value::Blank, String::new()),
            Atom::Failed => {
                let error = CellError::new(ErrorKind::Error, "computing these cells failed");
                plain(error.into(), ErrorKind::Error.text().to_owned())
            }
            Atom::Number(bits) => {
                let value = Value::Number(f64::from_bits(*bits));
                let list = self.reading.kind != formulas::column::Kind::Number;
                let label = if list {
                    f64::from_bits(*bits).to_string()
                } else {
                    field::type_of(&self.reading.field).text(&value, &self.reading.field, snapshot.stored())
                };
                plain(value, label)
            }
            Atom::Bool(bool) => plain(Value::Bool(*bool), bool.to_string()),
            Atom::Day(day) => {
                let bucket = if let By::Bucket(bucket, _) = &self.by { *bucket } else { Bucket::Day };
                plain(Value::Date(day * DAY_MS), bucket.label(*day))
            }
            Atom::Moment(ms) => plain(Value::Date(*ms), Bucket::Day.label(ms.div_euclid(DAY_MS))),
            Atom::Text(text) => plain(Value::Text(Arc::clone(text)), text.as_ref().to_owned()),
            Atom::Code(code) => self.shown_codes(snapshot, &[*code]),
            Atom::Set(codes) => self.shown_codes(snapshot, codes),
        }
    }

    fn shown_codes(&self, snapshot: &Snapshot, codes: &[u32]) -> GroupValue {
        let single = self.reading.kind == formulas::column::Kind::Choice;
        let key = match codes {
            [code] if single => Value::Choice(*code),
            codes => Value::codes(codes.iter().copied()),
        };
        let Some(names) = Names::of(snapshot, &self.reading) else {
            return GroupValue { key, label: Arc::from(""), color: None };
        };
        let shown: Vec<String> = codes.iter().map(|code| names.name(snapshot, *code)).collect();
        let color = if let [code] = codes { names.color(snapshot, *code) } else { None };
        GroupValue { key, label: shown.join(", ").into(), color: color.map(Arc::from) }
    }
}

fn set_atom(codes: &[u32]) -> Atom {
    match codes {
        [] => Atom::Blank,
        [code] => Atom::Code(*code),
        _ => {
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            Atom::Set(codes.into())
        }
    }
}

fn text_atom(text: &str) -> Atom {
    if text.is_empty() { Atom::Blank } else { Atom::Text(text.into()) }
}
