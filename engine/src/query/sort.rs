//! [`Level`]: one key of an order, and the two forms in which it is compared.
//!
//! An edit compares a record with a few others, by [`KeyPart`]s read from a snapshot. Sorting a whole table
//! makes a 64-bit word for each record first, equal or greater just as the parts are: numbers and dates by
//! their bits, options by their position, texts and names by their rank among those that occur. Blank cells
//! are last and failed ones before them, in both directions.

use std::cmp::Ordering;
use std::sync::Arc;

use formulas::column::{Chunk, Item, Kind, Vector};
use formulas::records::ones;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::collate::Collation;
use super::dates::{Bucket, Zone};
use super::reading::{Meaning, Names, Reading};
use super::select::Selection;
use crate::snapshot::Snapshot;

/// The word of a blank cell.
const BLANK: u64 = u64::MAX;
/// The word of a failed cell.
const FAILED: u64 = u64::MAX - 1;
/// Words of values leave room for the two above when they are inverted.
const FIRST: u64 = 2;

/// One key of one record, for comparing with [`Level::compare`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeyPart {
    /// A number, a date, a bucket or a checkbox.
    Word(u64),
    /// Texts and names as the locale sorts them, options by their positions.
    Bytes(Box<[u8]>),
    /// A failed cell.
    Failed,
    /// A blank one.
    Blank,
}

/// One key of an order.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    /// The cells.
    pub(crate) reading: Reading,
    /// Whether the largest comes first.
    pub(crate) desc: bool,
    /// What is compared.
    pub(crate) by: By,
    /// Whether texts and names that the locale calls equal are told apart: for groups.
    pub(crate) exact: bool,
}

/// What is compared of a cell.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// The value.
    Value,
    /// The day, week, … that a date is in.
    Bucket(Bucket, Arc<Zone>),
    /// The positions of options.
    Options(Ranks),
    /// The names of people, the titles of records.
    Names(Names),
}

/// The position of each option by its code.
#[derive(Clone, Debug)]
pub(crate) struct Ranks(Vec<u32>);

impl Ranks {
    /// Codes without a position stand behind the others, each in its own place.
    fn of(&self, code: u32) -> u32 {
        let rank = self.0.get(code as usize).copied().filter(|rank| *rank != Self::NONE);
        rank.unwrap_or(1 << 30 | code.min((1 << 30) - 1))
    }

    const NONE: u32 = u32::MAX;
}

impl Level {
    /// A key by `reading`; `bucket` rounds dates.
    pub(crate) fn new(snapshot: &Snapshot, reading: Reading, desc: bool, bucket: Option<Bucket>) -> Self {
        let by = match (Names::of(snapshot, &reading), reading.meaning, bucket) {
            (Some(Names::Options(options)), ..) => {
                let n = options.iter().map(|option| option.code as usize + 1).max().unwrap_or(0);
                let mut ranks = vec![Ranks::NONE; n];
                for (rank, option) in options.iter().enumerate() {
                    ranks[option.code as usize] = rank as u32;
                }
                By::Options(Ranks(ranks))
            }
            (Some(names), ..) => By::Names(names),
            (None, Meaning::Date { time }, Some(bucket)) => {
                let zone = if time { snapshot.stored().info.time_zone.as_str() } else { "UTC" };
                By::Bucket(bucket, Zone::named(zone))
            }
            _ => By::Value,
        };
        Self { reading, desc, by, exact: false }
    }

    /// The same for a level of groups.
    pub(crate) fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Which of two keys comes first.
    pub(crate) fn compare(&self, a: &KeyPart, b: &KeyPart) -> Ordering {
        let class = |part: &KeyPart| match part {
            KeyPart::Word(_) => 0,
            KeyPart::Bytes(_) => 1,
            KeyPart::Failed => 2,
            KeyPart::Blank => 3,
        };
        let values = match (a, b) {
            (KeyPart::Word(a), KeyPart::Word(b)) => a.cmp(b),
            (KeyPart::Bytes(a), KeyPart::Bytes(b)) => a.cmp(b),
            _ => match (class(a), class(b)) {
                (own @ 0..=1, other @ 0..=1) => own.cmp(&other),
                (own, other) => return own.cmp(&other),
            },
        };
        if self.desc { values.reverse() } else { values }
    }

    /// The key of the cell at `row`.
    pub(crate) fn part(&self, ctx: &KeyContext<'_>, chunk: &Chunk, row: usize) -> KeyPart {
        if row >= chunk.len() || !chunk.is_valid(row) {
            return match chunk.len() > row && chunk.error(row).is_some() {
                true => KeyPart::Failed,
                // A checkbox that nobody touched is not checked.
                false if self.reading.meaning == Meaning::Bool => KeyPart::Word(bool_word(false)),
                false => KeyPart::Blank,
            };
        }
        match chunk.vector() {
            Vector::Choice(_) => self.codes_part(ctx, chunk.codes_at(row)),
            Vector::List(lists) if lists.item() == Item::Choice => self.codes_part(ctx, lists.codes(row)),
            Vector::List(lists) => {
                let range = lists.range(row);
                match range.len() {
                    0 => KeyPart::Blank,
                    1 => self.part(ctx, lists.items(), range.start),
                    _ => self.text_part(ctx, &joined(lists.items(), range)),
                }
            }
            Vector::Number(numbers) => KeyPart::Word(number_word(numbers[row])),
            Vector::Bool(bits) => KeyPart::Word(bool_word(bits.get(row))),
            Vector::Date(dates) => KeyPart::Word(self.date_word(dates[row])),
            Vector::Text(texts) => self.text_part(ctx, texts.get(row)),
        }
    }

    fn date_word(&self, ms: i64) -> u64 {
        match &self.by {
            By::Bucket(bucket, zone) => date_word(bucket.start(zone.day(ms))),
            _ => date_word(ms),
        }
    }

    fn text_part(&self, ctx: &KeyContext<'_>, text: &str) -> KeyPart {
        if text.is_empty() {
            return KeyPart::Blank;
        }
        let mut key = Vec::with_capacity(text.len() * 2 + 8);
        self.write_text(ctx.collation, text, &mut key);
        KeyPart::Bytes(key.into())
    }

    fn write_text(&self, collation: &Collation, text: &str, key: &mut Vec<u8>) {
        if self.exact {
            collation.write_with(text, text.as_bytes(), key);
        } else {
            collation.write(text, key);
        }
    }

    /// The members of a set in order of their keys, one after the other. Keys of members end so that a set
    /// that is the beginning of another comes before it.
    pub(crate) fn codes_part(&self, ctx: &KeyContext<'_>, codes: &[u32]) -> KeyPart {
        match codes {
            [] => KeyPart::Blank,
            [code] => {
                let mut key = Vec::new();
                self.write_code(ctx, *code, &mut key);
                KeyPart::Bytes(key.into())
            }
            _ => {
                let member = |code: &u32| {
                    let mut key = Vec::new();
                    self.write_code(ctx, *code, &mut key);
                    key
                };
                let mut members: Vec<Vec<u8>> = codes.iter().map(member).collect();
                members.sort_unstable();
                KeyPart::Bytes(members.concat().into())
            }
        }
    }

    fn write_code(&self, ctx: &KeyContext<'_>, code: u32, key: &mut Vec<u8>) {
        match &self.by {
            By::Options(ranks) => key.extend_from_slice(&ranks.of(code).to_be_bytes()),
            By::Names(names) => {
                let name = names.name(ctx.snapshot, code);
                let tail = if self.exact { code.to_be_bytes() } else { [0; 4] };
                ctx.collation.write_with(&name, &tail, key);
            }
            _ => key.extend_from_slice(&code.to_be_bytes()),
        }
    }

    /// A word for each selected record that compares as the parts do, direction included.
    pub(crate) fn words(&self, ctx: &KeyContext<'_>, selection: &Selection) -> Vec<u64> {
        let mut words = vec![BLANK; selection.len()];
        match self.reading.kind {
            Kind::Number | Kind::Bool | Kind::Date => {
                selection.split(&mut words).into_par_iter().for_each(|(chunk, bits, out)| {
                    self.value_words(&self.reading.chunk(ctx.snapshot, chunk), bits, out);
                });
            }
            Kind::Choice | Kind::List(Item::Choice) => self.code_words(ctx, selection, &mut words),
            Kind::Text => self.text_words(ctx, selection, &mut words),
            Kind::List(_) => self.part_words(ctx, selection, &mut words),
        }
        if self.desc {
            for word in &mut words {
                *word = if *word >= FAILED { *word } else { !*word };
            }
        }
        words
    }

    fn value_words(&self, chunk: &Chunk, bits: &formulas::records::Bits, out: &mut [u64]) {
        let blank = if self.reading.meaning == Meaning::Bool { bool_word(false) } else { BLANK };
        let rows = || ones(bits).map(usize::from);
        let there = |row: usize| row < chunk.len() && chunk.is_valid(row);
        match chunk.vector() {
            Vector::Number(numbers) => rows().zip(out.iter_mut()).for_each(|(row, out)| {
                *out = if there(row) { number_word(numbers[row]) } else { blank };
            }),
            Vector::Bool(bools) => rows().zip(out.iter_mut()).for_each(|(row, out)| {
                *out = if there(row) { bool_word(bools.get(row)) } else { blank };
            }),
            Vector::Date(dates) => rows().zip(out.iter_mut()).for_each(|(row, out)| {
                *out = if there(row) { self.date_word(dates[row]) } else { blank };
            }),
            _ => out.fill(blank),
        }
        if !chunk.errors().is_empty() {
            let failed = rows().zip(out).filter(|(row, _)| chunk.error(*row).is_some());
            failed.for_each(|(_, out)| *out = FAILED);
        }
    }

    fn text_words(&self, ctx: &KeyContext<'_>, selection: &Selection, words: &mut [u64]) {
        let parts = selection.split(words);
        let dictionaries: Vec<Dictionary> = parts
            .into_par_iter()
            .map(|(chunk, bits, out)| {
                let cells = self.reading.chunk(ctx.snapshot, chunk);
                let mut dictionary = Dictionary::default();
                let Some(texts) = cells.texts() else { return dictionary };
                let mut seen: HashMap<&str, u64> = HashMap::new();
                for (row, out) in ones(bits).map(usize::from).zip(out) {
                    if row >= cells.len() || !cells.is_valid(row) {
                        *out = if row < cells.len() && cells.error(row).is_some() { FAILED } else { BLANK };
                        continue;
                    }
                    let text = texts.get(row);
                    if text.is_empty() {
                        continue;
                    }
                    *out = *seen.entry(text).or_insert_with(|| {
                        self.write_text(ctx.collation, text, &mut dictionary.bytes);
                        dictionary.ends.push(dictionary.bytes.len());
                        dictionary.ends.len() as u64 - 1
                    });
                }
                dictionary
            })
            .collect();
        let ranks = rank(&dictionaries);
        let parts: Vec<_> = selection.split(words).into_iter().zip(ranks).collect();
        parts.into_par_iter().for_each(|((_, _, out), ranks)| {
            for word in out.iter_mut().filter(|word| **word < FAILED) {
                *word = u64::from(ranks[*word as usize]) + FIRST;
            }
        });
    }

    /// Codes by rank: the rank of a set's first member, then its place among the sets that begin so.
    fn code_words(&self, ctx: &KeyContext<'_>, selection: &Selection, words: &mut [u64]) {
        let ranks = self.code_ranks(ctx, selection);
        let mut sets: Vec<(Vec<u32>, usize)> = Vec::new();
        let first = |rank: u32| (u64::from(rank) + FIRST) << 32;
        let mut at = 0;
        for (chunk, bits, out) in selection.split(words) {
            let cells = self.reading.chunk(ctx.snapshot, chunk);
            for (row, out) in ones(bits).map(usize::from).zip(out) {
                if row < cells.len() {
                    match cells.codes_at(row) {
                        [] if cells.error(row).is_some() => *out = FAILED,
                        [] => {}
                        [code] => *out = first(ranks.of(*code)),
                        codes => {
                            let mut set: Vec<u32> = codes.iter().map(|code| ranks.of(*code)).collect();
                            set.sort_unstable();
                            sets.push((set, at));
                        }
                    }
                }
                at += 1;
            }
        }
        sets.par_sort_unstable();
        let mut place = 0;
        for (idx, (set, at)) in sets.iter().enumerate() {
            let same = idx > 0 && sets[idx - 1].0 == *set;
            place += u64::from(!same);
            words[*at] = first(set[0]) | place;
        }
    }

    /// The rank of each code that occurs.
    fn code_ranks(&self, ctx: &KeyContext<'_>, selection: &Selection) -> Ranks {
        if let By::Options(ranks) = &self.by {
            return ranks.clone();
        }
        let mut used: Vec<u64> = Vec::new();
        for (chunk, bits) in selection.chunks() {
            let cells = self.reading.chunk(ctx.snapshot, chunk);
            for row in ones(bits).map(usize::from).filter(|row| *row < cells.len()) {
                for code in cells.codes_at(row) {
                    let word = *code as usize / 64;
                    if used.len() <= word {
                        used.resize(word + 1, 0);
                    }
                    used[word] |= 1 << (code % 64);
                }
            }
        }
        let codes: Vec<u32> = (0..used.len() as u32 * 64)
            .filter(|code| used[*code as usize / 64] >> (code % 64) & 1 == 1)
            .collect();
        let mut keys: Vec<(Vec<u8>, u32)> = codes
            .into_par_iter()
            .map(|code| {
                let mut key = Vec::new();
                self.write_code(ctx, code, &mut key);
                (key, code)
            })
            .collect();
        keys.par_sort_unstable();
        let mut ranks = vec![Ranks::NONE; used.len() * 64];
        let mut rank = 0;
        for (idx, (key, code)) in keys.iter().enumerate() {
            rank += u32::from(idx > 0 && keys[idx - 1].0 != *key);
            ranks[*code as usize] = rank;
        }
        Ranks(ranks)
    }

    /// Lists of other things than codes: rare, so each cell's part is made and ranked.
    fn part_words(&self, ctx: &KeyContext<'_>, selection: &Selection, words: &mut [u64]) {
        let parts: Vec<Vec<KeyPart>> = selection
            .chunks()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|(chunk, bits)| {
                let cells = self.reading.chunk(ctx.snapshot, chunk);
                ones(bits).map(|row| self.part(ctx, &cells, usize::from(row))).collect()
            })
            .collect();
        let parts: Vec<KeyPart> = parts.into_iter().flatten().collect();
        let ascending = Level { desc: false, ..self.clone() };
        let mut places: Vec<u32> = (0..parts.len() as u32).collect();
        places.par_sort_by(|a, b| ascending.compare(&parts[*a as usize], &parts[*b as usize]));
        let mut rank = FIRST;
        for (idx, place) in places.iter().enumerate() {
            let part = &parts[*place as usize];
            rank += u64::from(idx > 0 && parts[places[idx - 1] as usize] != *part);
            words[*place as usize] = match part {
                KeyPart::Failed => FAILED,
                KeyPart::Blank => BLANK,
                _ => rank,
            };
        }
    }
}

/// What keys are made with.
pub(crate) struct KeyContext<'a> {
    /// For names and titles.
    pub(crate) snapshot: &'a Snapshot,
    /// Of the base's locale.
    pub(crate) collation: &'a Collation,
}

/// The distinct keys of one chunk, one after the other.
#[derive(Default)]
struct Dictionary {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Dictionary {
    fn key(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }
}

/// The rank of each key of each dictionary among all of them; equal keys have equal ranks.
fn rank(dictionaries: &[Dictionary]) -> Vec<Vec<u32>> {
    // The first eight bytes decide most comparisons without a look at the keys themselves.
    let head = |key: &[u8]| {
        let mut head = [0u8; 8];
        let n = key.len().min(8);
        head[..n].copy_from_slice(&key[..n]);
        u64::from_be_bytes(head)
    };
    let mut keys: Vec<(u64, u32, u32)> = Vec::new();
    for (chunk, dictionary) in dictionaries.iter().enumerate() {
        keys.extend((0..dictionary.ends.len()).map(|at| (head(dictionary.key(at)), chunk as u32, at as u32)));
    }
    let key = |(_, chunk, at): &(u64, u32, u32)| dictionaries[*chunk as usize].key(*at as usize);
    keys.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a).cmp(key(b))));
    let mut ranks: Vec<Vec<u32>> =
        dictionaries.iter().map(|dictionary| vec![0; dictionary.ends.len()]).collect();
    let mut rank = 0;
    for (idx, own) in keys.iter().enumerate() {
        rank += u32::from(idx > 0 && (keys[idx - 1].0 != own.0 || key(&keys[idx - 1]) != key(own)));
        ranks[own.1 as usize][own.2 as usize] = rank;
    }
    ranks
}

/// The places of records, sorted by the words of each level, the first decides first; equal ones stay ascending.
pub(crate) fn sort_by_words(n_records: usize, levels: &[Vec<u64>]) -> Vec<u32> {
    let Some(first) = levels.first() else { return (0..n_records as u32).collect() };
    let mut pairs: Vec<(u64, u32)> = first.iter().copied().zip(0..n_records as u32).collect();
    sort_pairs(&mut pairs);
    refine(&mut pairs, &levels[1..]);
    pairs.into_iter().map(|(_, at)| at).collect()
}

fn sort_pairs(pairs: &mut [(u64, u32)]) {
    if !pairs.is_sorted() {
        pairs.par_sort_unstable();
    }
}

/// Sorts runs of equal words by the levels behind.
fn refine(pairs: &mut [(u64, u32)], levels: &[Vec<u64>]) {
    let Some((words, rest)) = levels.split_first() else { return };
    for run in pairs.chunk_by_mut(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        run.iter_mut().for_each(|(word, at)| *word = words[*at as usize]);
        sort_pairs(run);
        refine(run, rest);
    }
}

/// The first `n` of [`sort_by_words`] without sorting the others.
pub(crate) fn first_by_words(n_records: usize, levels: &[Vec<u64>], n: usize) -> Vec<u32> {
    let Some(first) = levels.first().filter(|_| n < n_records / 4) else {
        let mut all = sort_by_words(n_records, levels);
        all.truncate(n);
        return all;
    };
    let mut words = first.clone();
    // Whoever has the same first word as the last one may come before it by the next level.
    let bound = *words.select_nth_unstable(n).1;
    let kept: Vec<u32> = (0..n_records as u32).filter(|at| first[*at as usize] <= bound).collect();
    let levels: Vec<Vec<u64>> =
        levels.iter().map(|words| kept.iter().map(|at| words[*at as usize]).collect()).collect();
    let mut all = sort_by_words(kept.len(), &levels);
    all.truncate(n);
    all.into_iter().map(|at| kept[at as usize]).collect()
}

/// Orders numbers by their bits; both zeros are one.
pub(crate) fn number_word(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    let mask = (bits as i64 >> 63) as u64 | 1 << 63;
    bits ^ mask
}

pub(crate) fn date_word(ms: i64) -> u64 {
    (ms as u64 ^ 1 << 63).clamp(FIRST, FAILED - FIRST)
}

fn bool_word(bool: bool) -> u64 {
    FIRST + u64::from(bool)
}

/// The items of a list as one text.
pub(crate) fn joined(items: &Chunk, range: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for row in range {
        if !text.is_empty() {
            text.push_str(", ");
        }
        match items.get(row) {
            formulas::Value::Text(item) => text.push_str(&item),
            formulas::Value::Number(number) => text.push_str(&number.to_string()),
            formulas::Value::Bool(bool) => text.push_str(if bool { "true" } else { "false" }),
            formulas::Value::Date(ms) => {
                text.push_str(&Bucket::Day.label(ms.div_euclid(super::dates::DAY_MS)));
            }
            _ => {}
        }
    }
    text
}
