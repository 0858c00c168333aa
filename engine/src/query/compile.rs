//! [`Filter`] → [`Test`]: operators are checked against what a field means, names become codes, relative dates
//! become moments.

use std::collections::BTreeSet;
use std::sync::Arc;

use formulas::records::ones;
use formulas::{FieldId, RecordId, TableId};
use serde_json::Value as Json;

use super::Parameters;
use super::dates::{RELATIVE, When, Zone, read_date, read_relative};
use super::filter::{Filter, Op};
use super::formula;
use super::needle::Needle;
use super::read::short;
use super::reading::{Meaning, Names, Reading};
use super::test::{Cells, Codes, How, Leaf, Test};
use crate::error::Refusal;
use crate::id::{IdCodec, PersonId};
use crate::snapshot::Snapshot;

/// Compiles the filter and the search of one query.
pub(super) struct Compiler<'a> {
    snapshot: &'a Snapshot,
    table: TableId,
    me: Option<PersonId>,
    zone: Arc<Zone>,
    now_ms: i64,
    today: i64,
    /// The fields that leaves read, by their numbers.
    pub(super) readings: Vec<Reading>,
    /// Fields of formulas in the query's own table.
    pub(super) more: BTreeSet<FieldId>,
    /// Fields of other records that the test was made from.
    pub(super) foreign: BTreeSet<FieldId>,
    /// Whether the test holds for one day only.
    pub(super) follows_day: bool,
    /// Whether it holds for one moment only.
    pub(super) follows_clock: bool,
    /// Whether it is about who looks.
    pub(super) follows_me: bool,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, table: TableId, parameters: &Parameters) -> Self {
        let zone = Zone::named(&snapshot.stored().info.time_zone);
        let today = zone.day(parameters.now_ms);
        Self {
            snapshot,
            table,
            me: parameters.me,
            zone,
            now_ms: parameters.now_ms,
            today,
            readings: Vec::new(),
            more: BTreeSet::new(),
            foreign: BTreeSet::new(),
            follows_day: false,
            follows_clock: false,
            follows_me: false,
        }
    }

    /// A filter as a test.
    pub(super) fn filter(&mut self, filter: &Filter) -> Result<Test, Refusal> {
        match filter {
            Filter::And(parts) => {
                let mut parts = parts.iter().map(|part| self.filter(part)).collect::<Result<Vec<_>, _>>()?;
                parts.sort_by_key(Test::cost);
                Ok(Test::And(parts))
            }
            // A group that a person has just begun hides nothing.
            Filter::Or(parts) if parts.is_empty() => Ok(Test::Const(true)),
            Filter::Or(parts) => {
                Ok(Test::Or(parts.iter().map(|part| self.filter(part)).collect::<Result<_, _>>()?))
            }
            Filter::Formula(text) => self.formula(text),
            Filter::Field { field, op, value } => {
                let reading = Reading::of(self.snapshot, *field)
                    .ok_or_else(|| Refusal::invalid("the field of a condition is gone").in_field(*field))?;
                let test = self.condition(&reading, *op, value);
                test.map_err(|message| {
                    let name = &reading.field.name;
                    Refusal::invalid(format!("field {name:?} {message}"))
                        .in_table(self.table)
                        .in_field(*field)
                })
            }
        }
    }

    /// All of the words are found somewhere in a record.
    pub(super) fn search(&mut self, text: &str) -> Test {
        let fields: Vec<FieldId> =
            self.snapshot.schema().fields_of(self.table).map(|field| field.id).collect();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let leaf = Leaf::Contains(Needle::new(word));
            let mut places = Vec::new();
            for field in &fields {
                let Some(reading) = Reading::of(self.snapshot, *field) else { continue };
                match reading.meaning {
                    Meaning::Text => {
                        let slot = self.slot(&reading);
                        places.push(Test::Leaf(slot, leaf.clone()));
                    }
                    Meaning::Option | Meaning::Person | Meaning::Record(_) => {
                        let codes = self.codes_named(&reading, &leaf);
                        let slot = self.slot(&reading);
                        places.push(Test::Leaf(slot, Leaf::Codes(Codes::new(codes, How::Any))));
                    }
                    Meaning::Number | Meaning::Bool | Meaning::Date { .. } => {}
                }
            }
            // Codes cost nothing beside a scan of texts.
            places.sort_by_key(Test::cost);
            words.push(Test::Or(places));
        }
        Test::And(words)
    }

    fn formula(&mut self, text: &str) -> Result<Test, Refusal> {
        let formula =
            formula::compile(self.snapshot, self.table, text, self.now_ms).map_err(Refusal::invalid)?;
        self.more.extend(formula.fields());
        self.foreign.extend(formula.foreign());
        self.follows_clock |= formula.follows_clock();
        Ok(Test::Formula(formula))
    }

    fn slot(&mut self, reading: &Reading) -> usize {
        let at = self.readings.iter().position(|known| known.field.id == reading.field.id);
        at.unwrap_or_else(|| {
            self.readings.push(reading.clone());
            self.readings.len() - 1
        })
    }

    fn condition(&mut self, reading: &Reading, op: Op, value: &Json) -> Result<Test, String> {
        let accepted = operators(reading.meaning);
        if !accepted.contains(&op) {
            let names: Vec<&str> = accepted.iter().map(|op| op.name()).collect();
            let word = reading.meaning.word();
            return Err(format!("({word}) is filtered by {}; not by {}", names.join(", "), op.name()));
        }
        let slot = self.slot(reading);
        let filled = Test::Leaf(slot, Leaf::Filled);
        let missing =
            value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        match op {
            Op::IsNotEmpty => return Ok(filled),
            Op::IsEmpty => return Ok(not(filled)),
            Op::Is if missing && reading.meaning != Meaning::Bool => return Ok(not(filled)),
            Op::IsNot if missing && reading.meaning != Meaning::Bool => return Ok(filled),
            // A condition whose value is still to be entered hides nothing.
            _ if missing && reading.meaning != Meaning::Bool => return Ok(Test::Const(true)),
            _ => {}
        }
        if let Some(opposite) = op.opposite() {
            return self.condition(reading, opposite, value).map(not);
        }
        let leaf = match reading.meaning {
            Meaning::Text => text_leaf(op, value)?,
            Meaning::Number => number_leaf(op, value)?,
            Meaning::Date { time } => self.date_leaf(op, value, time)?,
            Meaning::Bool => {
                let checked = Test::Leaf(slot, Leaf::Checked);
                return match value {
                    Json::Bool(true) => Ok(checked),
                    Json::Bool(false) | Json::Null => Ok(not(checked)),
                    other => Err(format!("is compared with true or false, got {}", short(other))),
                };
            }
            Meaning::Option | Meaning::Person | Meaning::Record(_) => self.code_leaf(reading, op, value)?,
        };
        Ok(Test::Leaf(slot, leaf))
    }

    fn date_leaf(&mut self, op: Op, value: &Json, time: bool) -> Result<Leaf, String> {
        let when = match value {
            Json::String(text) => read_date(text),
            Json::Object(_) => {
                self.follows_day = true;
                read_relative(value, self.today)
            }
            _ => None,
        };
        let when = when.ok_or_else(|| {
            let got = short(value);
            format!(
                "is compared with a date (\"2026-06-18\"), a moment or {{\"relative\": …}} with one of \
                 {RELATIVE}; got {got}"
            )
        })?;
        let (from, to) = When::range_ms(when, time, &self.zone);
        Ok(match op {
            Op::IsBefore | Op::Lt => Leaf::Moments(i64::MIN, from),
            Op::IsAfter | Op::Gt => Leaf::Moments(to, i64::MAX),
            Op::IsOnOrBefore | Op::Lte => Leaf::Moments(i64::MIN, to),
            Op::IsOnOrAfter | Op::Gte => Leaf::Moments(from, i64::MAX),
            _ => Leaf::Moments(from, to),
        })
    }

    fn code_leaf(&mut self, reading: &Reading, op: Op, value: &Json) -> Result<Leaf, String> {
        let how = match op {
            Op::Is => How::Exactly,
            Op::HasAllOf => How::All,
            _ => How::Any,
        };
        if matches!(op, Op::Contains | Op::StartsWith) {
            let text = text_of(value).ok_or_else(|| format!("expects a text, got {}", short(value)))?;
            if self.code_of_id(reading, &text).is_none() {
                let needle = Needle::new(&text);
                let starts = op == Op::StartsWith;
                let leaf = if starts { Leaf::StartsWith(needle) } else { Leaf::Contains(needle) };
                return Ok(Leaf::Codes(Codes::new(self.codes_named(reading, &leaf), How::Any)));
            }
        }
        let items = match value {
            Json::Array(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (mut codes, mut n_asked, mut ambiguous) = (Vec::new(), 0, false);
        for item in items {
            let found = self.codes_of(reading, item)?;
            n_asked += 1;
            ambiguous |= found.len() > 1;
            codes.extend(found);
        }
        // A title that several records have stands for any of them.
        let how = if ambiguous && n_asked == 1 { How::Any } else { how };
        let mut codes = Codes::new(codes, how);
        if how != How::Any {
            // What is gone can be asked for and is found nowhere.
            codes.len = codes.len.max(n_asked);
        }
        Ok(Leaf::Codes(codes))
    }

    /// The codes that one value of the wire stands for; none for an id of something that is gone.
    fn codes_of(&mut self, reading: &Reading, item: &Json) -> Result<Vec<u32>, String> {
        if item.get("me") == Some(&Json::Bool(true)) && reading.meaning == Meaning::Person {
            self.follows_me = true;
            return Ok(self.me.map(|me| me.0).into_iter().collect());
        }
        let text = item.as_str().or_else(|| item.get("id").and_then(Json::as_str));
        let Some(text) = text else {
            return Err(format!("is compared with ids or names, got {}", short(item)));
        };
        if let Some(code) = self.code_of_id(reading, text) {
            return Ok(code.into_iter().collect());
        }
        let codes = self.codes_named(reading, &Leaf::TextIn(vec![Needle::new(text)]));
        match (codes.is_empty(), reading.meaning) {
            (true, Meaning::Option) => Err(format!("has no option {text:?}")),
            (true, Meaning::Person) => {
                Err(format!("is compared with people of the base; {text:?} is not one"))
            }
            _ => Ok(codes),
        }
    }

    /// Reads an outside id: `Some(None)` for the id of something that is gone.
    fn code_of_id(&self, reading: &Reading, text: &str) -> Option<Option<u32>> {
        let ids = self.snapshot.ids();
        match reading.meaning {
            Meaning::Option => ids.read_option(reading.field.id, text).map(|option| Some(option.0)),
            Meaning::Person => IdCodec::read_person(text).map(|person| Some(person.0)),
            Meaning::Record(table) => ids.read_record(table, text).map(|record| Some(record.0)),
            _ => None,
        }
    }

    /// The codes of those names for which `leaf` holds.
    fn codes_named(&mut self, reading: &Reading, leaf: &Leaf) -> Vec<u32> {
        let snapshot = self.snapshot;
        match Names::of(snapshot, reading) {
            Some(Names::Options(options)) => {
                let options = options.iter().filter(|option| leaf_holds(leaf, &option.name));
                options.map(|option| option.code).collect()
            }
            Some(Names::People) => {
                let people = snapshot.schema().people.values();
                let people =
                    people.filter(|person| leaf_holds(leaf, &person.name) || leaf_holds(leaf, &person.email));
                people.map(|person| person.id.0).collect()
            }
            Some(Names::Records(table)) => {
                self.foreign.extend(reading.foreign(snapshot));
                records_titled(snapshot, table, leaf)
            }
            None => Vec::new(),
        }
    }
}

/// The records of a table whose title `leaf` holds for.
fn records_titled(snapshot: &Snapshot, table: TableId, leaf: &Leaf) -> Vec<u32> {
    let Some(def) = snapshot.schema().tables.get(&table) else { return Vec::new() };
    let alive = snapshot.alive(table);
    let Some(reading) = Reading::of(snapshot, def.primary).filter(|reading| reading.meaning == Meaning::Text)
    else {
        let titled = |record: &RecordId| leaf_holds(leaf, &snapshot.title(table, *record));
        return alive.iter().filter(titled).map(|record| record.0).collect();
    };
    let test = Test::Leaf(0, leaf.clone());
    let mut records = Vec::new();
    for (chunk, bits) in alive.chunks() {
        let chunks = [reading.chunk(snapshot, chunk)];
        let held = test.hold(&Cells { chunks: &chunks, snapshot, chunk }, bits);
        let base = (chunk * formulas::column::CHUNK) as u32;
        records.extend(ones(&held).map(|row| base + u32::from(row)));
    }
    records
}

fn leaf_holds(leaf: &Leaf, text: &str) -> bool {
    leaf.holds_text(text)
}

fn not(test: Test) -> Test {
    Test::Not(Box::new(test))
}

/// The operators that fit a meaning.
pub(crate) const fn operators(meaning: Meaning) -> &'static [Op] {
    match meaning {
        Meaning::Text => &[
            Op::Is,
            Op::IsNot,
            Op::Contains,
            Op::DoesNotContain,
            Op::StartsWith,
            Op::IsEmpty,
            Op::IsNotEmpty,
            Op::IsAnyOf,
            Op::IsNoneOf,
        ],
        Meaning::Number => &[
            Op::Is,
            Op::IsNot,
            Op::Gt,
            Op::Gte,
            Op::Lt,
            Op::Lte,
            Op::IsEmpty,
            Op::IsNotEmpty,
            Op::IsAnyOf,
            Op::IsNoneOf,
        ],
        Meaning::Bool => &[Op::Is, Op::IsNot],
        Meaning::Date { .. } => &[
            Op::Is,
            Op::IsNot,
            Op::IsBefore,
            Op::IsAfter,
            Op::IsOnOrBefore,
            Op::IsOnOrAfter,
            Op::IsWithin,
            Op::IsEmpty,
            Op::IsNotEmpty,
            Op::Gt,
            Op::Gte,
            Op::Lt,
            Op::Lte,
        ],
        Meaning::Option | Meaning::Person | Meaning::Record(_) => &[
            Op::Is,
            Op::IsNot,
            Op::IsAnyOf,
            Op::IsNoneOf,
            Op::HasAnyOf,
            Op::HasAllOf,
            Op::HasNoneOf,
            Op::Contains,
            Op::DoesNotContain,
            Op::StartsWith,
            Op::IsEmpty,
            Op::IsNotEmpty,
        ],
    }
}

fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

fn text_leaf(op: Op, value: &Json) -> Result<Leaf, String> {
    let one = |value: &Json| {
        let text = text_of(value).ok_or_else(|| format!("is compared with a text, got {}", short(value)))?;
        Ok::<Needle, String>(Needle::new(&text))
    };
    Ok(match (op, value) {
        (Op::Contains, _) => Leaf::Contains(one(value)?),
        (Op::StartsWith, _) => Leaf::StartsWith(one(value)?),
        (Op::IsAnyOf, Json::Array(items)) => Leaf::TextIn(items.iter().map(one).collect::<Result<_, _>>()?),
        _ => Leaf::TextIn(vec![one(value)?]),
    })
}

fn number_leaf(op: Op, value: &Json) -> Result<Leaf, String> {
    let one = |value: &Json| {
        let number = value.as_f64().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("is compared with a number, got {}", short(value)))
    };
    if let (Op::IsAnyOf, Json::Array(items)) = (op, value) {
        return Ok(Leaf::NumberIn(items.iter().map(one).collect::<Result<_, _>>()?));
    }
    let number = one(value)?;
    Ok(match op {
        Op::Gt => Leaf::Numbers(number.next_up(), f64::INFINITY),
        Op::Gte => Leaf::Numbers(number, f64::INFINITY),
        Op::Lt => Leaf::Numbers(f64::NEG_INFINITY, number.next_down()),
        Op::Lte => Leaf::Numbers(f64::NEG_INFINITY, number),
        _ => Leaf::Numbers(number, number),
    })
}
