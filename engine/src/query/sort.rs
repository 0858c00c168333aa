//! [`Level`]: one key of an order, and the two forms in which it is compared.
//!
//! An edit compares a record with a few others, by [`KeyPart`]s read from a snapshot. Sorting a whole table
//! makes a 64-bit word for each record first, equal or greater just as the parts are: numbers and dates by
//! their bits, options by their position, texts and names by their rank among those that occur. Blank cells
//! are last and failed ones before them, in both directions.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use formulas::column::{Chunk, Item, Kind, Vector};
use formulas::records::{Bits, ones};
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

    fn value_words(&self, chunk: &Chunk, bits: &Bits, out: &mut [u64]) {
        let blank = if self.reading.meaning == Meaning::Bool { bool_word(false) } else { BLANK };
        if out.len() == chunk.len() && chunk.valid().all() {
            // Every record of the chunk, and no blank among them: nothing to decide.
            match chunk.vector() {
                Vector::Number(numbers) => fill(out, numbers, |number| number_word(*number)),
                Vector::Date(dates) => fill(out, dates, |date| self.date_word(*date)),
                _ => self.some_value_words(chunk, bits, out, blank),
            }
        } else {
            self.some_value_words(chunk, bits, out, blank);
        }
    }

    fn some_value_words(&self, chunk: &Chunk, bits: &Bits, out: &mut [u64], blank: u64) {
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
        let chunks: Vec<Arc<Chunk>> =
            selection.chunks().map(|(chunk, _)| self.reading.chunk(ctx.snapshot, chunk)).collect();
        // Each chunk numbers its distinct texts and writes the numbers down.
        let parts: Vec<_> = selection.split(words).into_iter().zip(&chunks).collect();
        let distinct: Vec<Vec<&str>> =
            parts.into_par_iter().map(|((_, bits, out), cells)| number_texts(cells, bits, out)).collect();
        let ranks = self.text_ranks(ctx.collation, &distinct);
        let parts: Vec<_> = selection.split(words).into_iter().zip(ranks).collect();
        parts.into_par_iter().for_each(|((_, _, out), ranks)| {
            for word in out.iter_mut().filter(|word| **word < FAILED) {
                *word = u64::from(ranks[*word as usize]) + FIRST;
            }
        });
    }

    /// The rank of each text of each chunk.
    fn text_ranks(&self, collation: &Collation, distinct: &[Vec<&str>]) -> Vec<Vec<u32>> {
        let mut common: HashMap<&str, u32> = HashMap::new();
        // Texts that chunks share are worth one key; where nearly all differ, looking for them is not.
        let sample: Vec<&str> = distinct.iter().take(4).flatten().copied().collect();
        let different = sample.iter().copied().collect::<hashbrown::HashSet<_>>().len();
        if distinct.len() < 3 || different * 5 > sample.len() * 4 {
            return rank(
                &distinct.par_iter().map(|texts| self.dictionary(collation, texts)).collect::<Vec<_>>(),
            );
        }
        let mut all: Vec<&str> = Vec::new();
        let mut numbers: Vec<Vec<u32>> = Vec::with_capacity(distinct.len());
        for texts in distinct {
            let mut own = Vec::with_capacity(texts.len());
            for text in texts {
                own.push(*common.entry(*text).or_insert_with(|| {
                    all.push(*text);
                    all.len() as u32 - 1
                }));
            }
            numbers.push(own);
        }
        let parts: Vec<Dictionary> =
            all.par_chunks(1_024).map(|texts| self.dictionary(collation, texts)).collect();
        let ranks = rank(&parts).concat();
        let ranked = |numbers: Vec<u32>| numbers.into_iter().map(|number| ranks[number as usize]).collect();
        numbers.into_iter().map(ranked).collect()
    }

    fn dictionary(&self, collation: &Collation, texts: &[&str]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for text in texts {
            self.write_text(collation, text, &mut dictionary.bytes);
            dictionary.ends.push(dictionary.bytes.len());
        }
        dictionary
    }

    /// Codes by rank: the rank of a set's first member, then its place among the sets that begin so.
    fn code_words(&self, ctx: &KeyContext<'_>, selection: &Selection, words: &mut [u64]) {
        let ranks = self.code_ranks(ctx, selection);
        let first = |rank: u32| (u64::from(rank) + FIRST) << 32;
        let starts: Vec<usize> = selection.starts().to_vec();
        let parts: Vec<_> = selection.split(words).into_iter().zip(starts).collect();
        let sets: Vec<Vec<(Vec<u32>, usize)>> = parts
            .into_par_iter()
            .map(|((chunk, bits, out), start)| {
                let cells = self.reading.chunk(ctx.snapshot, chunk);
                let mut sets = Vec::new();
                let rows = ones(bits).map(usize::from).zip(out).enumerate();
                for (at, (row, out)) in rows.filter(|(_, (row, _))| *row < cells.len()) {
                    match cells.codes_at(row) {
                        [] if cells.error(row).is_some() => *out = FAILED,
                        [] => {}
                        [code] => *out = first(ranks.of(*code)),
                        codes => {
                            let mut set: Vec<u32> = codes.iter().map(|code| ranks.of(*code)).collect();
                            set.sort_unstable();
                            sets.push((set, start + at));
                        }
                    }
                }
                sets
            })
            .collect();
        let mut sets: Vec<(Vec<u32>, usize)> = sets.concat();
        if sets.is_empty() {
            // Without sets the upper halves are enough, and leave room for the keys behind.
            for word in words.iter_mut().filter(|word| **word < FAILED) {
                *word >>= 32;
            }
            return;
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
    if levels.is_empty() {
        return (0..n_records as u32).collect();
    }
    let (words, used) = packed(levels);
    let mut pairs = sorted_pairs(&words);
    refine(&mut pairs, &levels[used..]);
    pairs.into_iter().map(|(_, at)| at).collect()
}

/// The first `n` of [`sort_by_words`] without sorting the others.
pub(crate) fn first_by_words(n_records: usize, levels: &[Vec<u64>], n: usize) -> Vec<u32> {
    let (words, used) = if levels.is_empty() { (Cow::default(), 0) } else { packed(levels) };
    if used < levels.len() || levels.is_empty() || n >= n_records / 4 {
        let mut all = sort_by_words(n_records, levels);
        all.truncate(n);
        return all;
    }
    // Only those below the worst of the best so far are looked at again.
    let mut best: Vec<(u64, u32)> = Vec::new();
    let (mut bound, room) = (u64::MAX, 4 * n + 4_096);
    for (at, word) in words.iter().enumerate() {
        if *word <= bound {
            best.push((*word, at as u32));
            if best.len() == room {
                bound = best.select_nth_unstable(n).1.0;
                best.truncate(n + 1);
            }
        }
    }
    best.sort_unstable();
    best.truncate(n);
    best.into_iter().map(|(_, at)| at).collect()
}

/// The words of as many of the first levels as fit into 64 bits together, and how many those are.
fn packed(levels: &[Vec<u64>]) -> (Cow<'_, [u64]>, usize) {
    let ranges: Vec<(u64, u64)> = levels.iter().map(|words| range_of(words)).collect();
    // The two specials stand behind the largest value.
    let bits = |(min, max): &(u64, u64)| u64::BITS - (max - min).saturating_add(2).leading_zeros();
    let mut total = 0;
    let fits = |range: &&(u64, u64)| {
        total += bits(range);
        total <= u64::BITS
    };
    let used = ranges.iter().take_while(fits).count();
    if used < 2 {
        return (Cow::Borrowed(&levels[0]), 1);
    }
    let mut all = vec![0u64; levels[0].len()];
    for (words, range) in levels[..used].iter().zip(&ranges) {
        let ((min, max), shift) = (*range, bits(range));
        all.par_chunks_mut(1 << 16).zip(words.par_chunks(1 << 16)).for_each(|(all, words)| {
            for (all, word) in all.iter_mut().zip(words) {
                let place = match *word {
                    BLANK => max - min + 2,
                    FAILED => max - min + 1,
                    word => word - min,
                };
                *all = all.checked_shl(shift).unwrap_or(0) | place;
            }
        });
    }
    (Cow::Owned(all), used)
}

/// The smallest and the largest word of a value.
fn range_of(words: &[u64]) -> (u64, u64) {
    let values = words.iter().copied().filter(|word| *word < FAILED);
    let (min, max) = values.fold((u64::MAX, 0), |(min, max), word| (min.min(word), max.max(word)));
    if min > max { (0, 0) } else { (min, max) }
}

/// Buckets of a large sort: a few thousand, so that each is sorted inside the cache.
const BUCKETS: usize = 1 << 11;

/// Words below which a sort without buckets is quicker.
const BUCKET_SORT_MIN: usize = 1 << 15;

/// The words with their places, sorted.
fn sorted_pairs(words: &[u64]) -> Vec<(u64, u32)> {
    let mut pairs: Vec<(u64, u32)> = words.iter().copied().zip(0..).collect();
    sort_pairs(&mut pairs);
    pairs
}

fn sort_pairs(pairs: &mut [(u64, u32)]) {
    if pairs.is_sorted() {
        return;
    }
    if pairs.len() < BUCKET_SORT_MIN {
        pairs.sort_unstable();
    } else {
        sort_in_buckets(pairs);
    }
}

/// Spreads the pairs over buckets by the upper bits of their words, and sorts each.
fn sort_in_buckets(pairs: &mut [(u64, u32)]) {
    let values = pairs.iter().map(|(word, _)| *word).filter(|word| *word < FAILED);
    let (min, max) = values.fold((u64::MAX, 0), |(min, max), word| (min.min(word), max.max(word)));
    let (min, max) = if min > max { (0, 0) } else { (min, max) };
    let shift = (u64::BITS - (max - min).leading_zeros()).saturating_sub(BUCKETS.trailing_zeros());
    // Two more buckets for what failed and what is blank.
    let bucket = |word: u64| match word {
        BLANK => BUCKETS + 1,
        FAILED => BUCKETS,
        word => ((word - min) >> shift) as usize,
    };
    let mut ends = vec![0usize; BUCKETS + 2];
    pairs.iter().for_each(|(word, _)| ends[bucket(*word)] += 1);
    let mut sum = 0;
    for end in &mut ends {
        (*end, sum) = (sum, sum + *end);
    }
    let mut spread = vec![(0u64, 0u32); pairs.len()];
    for pair in pairs.iter() {
        let end = &mut ends[bucket(pair.0)];
        spread[*end] = *pair;
        *end += 1;
    }
    let mut buckets = Vec::with_capacity(ends.len());
    let (mut from, mut to, mut start) = (spread.as_mut_slice(), &mut *pairs, 0);
    for end in ends {
        let (own, rest) = from.split_at_mut(end - start);
        let (out, out_rest) = to.split_at_mut(end - start);
        buckets.push((own, out));
        (from, to, start) = (rest, out_rest, end);
    }
    buckets.into_par_iter().with_min_len(16).for_each(|(own, out)| {
        if own.len() < BUCKET_SORT_MIN {
            own.sort_unstable()
        } else {
            own.par_sort_unstable()
        }
        out.copy_from_slice(own);
    });
}

/// Sorts runs of equal words by the levels behind.
fn refine(pairs: &mut [(u64, u32)], levels: &[Vec<u64>]) {
    let Some((words, rest)) = levels.split_first() else { return };
    let runs: Vec<&mut [(u64, u32)]> =
        pairs.chunk_by_mut(|a, b| a.0 == b.0).filter(|run| run.len() > 1).collect();
    runs.into_par_iter().for_each(|run| {
        run.iter_mut().for_each(|(word, at)| *word = words[*at as usize]);
        sort_pairs(run);
        refine(run, rest);
    });
}

/// Numbers the distinct texts of the rows of `bits` and writes the numbers to `out`.
fn number_texts<'a>(cells: &'a Chunk, bits: &Bits, out: &mut [u64]) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    let Some(texts) = cells.texts() else { return distinct };
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for (row, out) in ones(bits).map(usize::from).zip(out) {
        if row >= cells.len() || !cells.is_valid(row) {
            *out = if row < cells.len() && cells.error(row).is_some() { FAILED } else { BLANK };
            continue;
        }
        let text = texts.get(row);
        if !text.is_empty() {
            *out = *seen.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() as u64 - 1
            });
        }
    }
    distinct
}

fn fill<T>(out: &mut [u64], values: &[T], word: impl Fn(&T) -> u64) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = word(value));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `n` words of a few or of many values, with blank and failed ones among them.
    fn words(n: usize, values: u64, stretch: u64, mut seed: u64) -> Vec<u64> {
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        let word = |next: u64, value: u64| match next % 50 {
            0 => BLANK,
            1 => FAILED,
            _ => FIRST + (value % values).saturating_mul(stretch).min(FAILED - 10),
        };
        (0..n).map(|_| word(next(), next())).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn words_are_sorted_as_by_comparing(
            n in prop_oneof![0usize..200, 40_000usize..50_000],
            levels in proptest::collection::vec((1u64..5_000, prop_oneof![Just(1u64), Just(1 << 20), Just(1 << 60)], any::<u64>()), 0..4),
            first in 0usize..300,
        ) {
            let levels: Vec<Vec<u64>> =
                levels.into_iter().map(|(values, stretch, seed)| words(n, values, stretch, seed)).collect();
            let mut plain: Vec<u32> = (0..n as u32).collect();
            plain.sort_by_key(|at| levels.iter().map(|words| words[*at as usize]).collect::<Vec<_>>());
            prop_assert_eq!(&sort_by_words(n, &levels), &plain);
            plain.truncate(first);
            prop_assert_eq!(first_by_words(n, &levels, first), plain);
        }
    }
}
