//! Reading dates in a format, as forgiving as Moment.js is: each token takes the first place of what is left
//! that fits it, what stands between is passed over, and so is what stands behind the last.
//!
//! What the format does not say is the present: a time alone is one of today, a month alone one of this year.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::args::Given;
use super::calendar::{checked_date, civil, days_between, days_later, moment, weekday};
use super::locale::{HalfDay, Locale};
use super::moment::{Format, Part, week_start};
use super::spell::date;
use crate::error::{CellError, ErrorKind};

/// The moment that `text` says in a format; without an offset it is one of `zone`.
pub(super) fn parse(text: &str, format: &Format, spelled: &str, zone: &TimeZone, now_ms: i64) -> Given<i64> {
    let mut reader = Reader { rest: text, read: Read::default(), locale: format.locale };
    let fits = format.parts.iter().all(|part| match part {
        Part::Literal(literal) => reader.literal(literal),
        Part::Token(token) => reader.token(token),
    });
    let read = reader.read;
    match read.moment(zone, now_ms, format.locale) {
        Some(ms) if fits && read.any => Ok(ms),
        _ => {
            let message = format!("{} does not fit the format {spelled:?}", crate::eval::excerpt(text));
            Err(CellError::new(ErrorKind::Value, message))
        }
    }
}

/// What a format has read so far.
#[derive(Default)]
struct Read {
    any: bool,
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    /// 0 for Sunday.
    weekday: Option<i64>,
    /// From the first day of the week in the language.
    local_weekday: Option<i64>,
    /// 1 for Monday.
    iso_weekday: Option<i64>,
    week: Option<i64>,
    week_year: Option<i64>,
    iso_week: Option<i64>,
    iso_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    half: Option<HalfDay>,
    offset: Option<i32>,
    unix_ms: Option<f64>,
}

struct Reader<'a> {
    rest: &'a str,
    read: Read,
    locale: &'static Locale,
}

impl<'a> Reader<'a> {
    /// Passes over a text if it is there at all; always fits.
    fn literal(&mut self, literal: &str) -> bool {
        if let Some(at) = self.rest.find(literal) {
            self.rest = &self.rest[at + literal.len()..];
            return true;
        }
        for char in literal.chars().filter(|char| !char.is_alphanumeric()) {
            if let Some(at) = self.rest.find(char) {
                self.rest = &self.rest[at + char.len_utf8()..];
            }
        }
        true
    }

    /// Whether what is left can be read as the token; a number that is missing is passed over.
    fn token(&mut self, token: &str) -> bool {
        match token {
            "MMMM" | "MMM" => {
                self.read.month = self.word(self.locale.month_words());
                self.read.month.is_some()
            }
            "dddd" | "ddd" | "dd" => {
                self.read.weekday = self.word(self.locale.day_words());
                self.read.weekday.is_some()
            }
            "A" | "a" => {
                let words = self.locale.half_day_words().into_iter().map(|word| (word, word)).collect();
                self.read.half = self.word(words).and_then(|word| self.locale.half_day_named(word));
                true
            }
            "Z" | "ZZ" => {
                self.offset();
                true
            }
            "X" => {
                self.read.unix_ms = self.decimal().map(|seconds| seconds * 1_000.0);
                true
            }
            "x" => {
                self.read.unix_ms = self.number(1, 20, true).map(|(number, _)| number as f64);
                true
            }
            "z" | "zz" | "N" | "NN" | "NNN" | "NNNN" | "NNNNN" => true,
            _ => {
                let (max, signed) = digits_of(token);
                let min = if matches!(token, "DDDD") { 3 } else { 1 };
                if let Some((number, n)) = self.number(min, max, signed) {
                    self.read.number(token, number, n);
                    if token.ends_with('o') {
                        let is_end =
                            |char: char| !char.is_ascii_digit() && !char.is_whitespace() && char != ',';
                        self.rest = self.rest.trim_start_matches(is_end);
                    }
                }
                true
            }
        }
    }

    /// The first number of up to `max` digits, and how many it has.
    fn number(&mut self, min: usize, max: usize, signed: bool) -> Option<(i64, usize)> {
        let mut from = 0;
        loop {
            let start = from + self.rest[from..].find(|char: char| char.is_ascii_digit())?;
            let n = self.rest[start..].bytes().take(max).take_while(u8::is_ascii_digit).count();
            if n < min {
                from = start + n;
                continue;
            }
            let number: i64 = self.rest[start..start + n].parse().ok()?;
            let negative = signed && self.rest[..start].ends_with('-');
            self.rest = &self.rest[start + n..];
            self.read.any = true;
            return Some((if negative { -number } else { number }, n));
        }
    }

    fn decimal(&mut self) -> Option<f64> {
        let (whole, _) = self.number(1, 15, true)?;
        let fraction = self.rest.strip_prefix('.').map_or("", |rest| {
            let n = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
            &rest[..n]
        });
        if !fraction.is_empty() {
            self.rest = &self.rest[fraction.len() + 1..];
        }
        let part = format!("0.{fraction}0").parse::<f64>().ok()?;
        Some(whole as f64 + if whole < 0 { -part } else { part })
    }

    /// The first of some words that stands at the beginning of a word; the longest of several.
    fn word<T: Copy>(&mut self, words: Vec<(&'static str, T)>) -> Option<T> {
        let mut before = ' ';
        for (at, char) in self.rest.char_indices() {
            if !(before.is_alphabetic() && before.is_ascii() && char.is_ascii()) {
                let found = words.iter().find_map(|(word, value)| {
                    starts_with_word(&self.rest[at..], word).map(|len| (len, *value))
                });
                if let Some((len, value)) = found {
                    self.rest = &self.rest[at + len..];
                    self.read.any = true;
                    return Some(value);
                }
            }
            before = char;
        }
        None
    }

    /// `Z`, `+08`, `+0800` or `+08:00`.
    fn offset(&mut self) {
        let Some(at) = self.rest.find(['Z', 'z', '+', '-']) else { return };
        let found = &self.rest[at..];
        if found.starts_with(['Z', 'z']) {
            self.read.offset = Some(0);
            self.rest = &found[1..];
            return;
        }
        let digits = |from: usize| found.get(from..from + 2).and_then(|digits| digits.parse::<i32>().ok());
        let Some(hours) = digits(1) else { return };
        let colon = usize::from(found[3..].starts_with(':'));
        let minutes = digits(3 + colon);
        let sign = if found.starts_with('-') { -1 } else { 1 };
        self.read.offset = Some(sign * (hours * 3_600 + minutes.unwrap_or(0) * 60));
        self.rest = &found[if minutes.is_some() { 5 + colon } else { 3 }..];
    }
}

/// How many digits a token takes at most, and whether a sign stands before them.
fn digits_of(token: &str) -> (usize, bool) {
    match token {
        "YYYY" | "GGGG" | "gggg" | "y" | "yy" | "yyy" | "yyyy" | "yo" => (4, false),
        "Y" => (6, true),
        "YYYYY" | "YYYYYY" | "GGGGG" | "ggggg" => (6, true),
        "DDD" | "DDDD" | "DDDo" | "S" | "SS" | "SSS" => (3, false),
        "Q" | "Qo" | "d" | "do" | "e" | "E" => (1, false),
        "Hmm" | "hmm" => (4, false),
        "Hmmss" | "hmmss" => (6, false),
        _ if token.starts_with('S') => (9, false),
        _ => (2, false),
    }
}

/// How long the beginning of `text` is that is `word` in any case.
fn starts_with_word(text: &str, word: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    for wanted in word.chars() {
        let (_, char) = chars.next()?;
        if char != wanted && !char.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(chars.next().map_or(text.len(), |(at, _)| at))
}

impl Read {
    fn number(&mut self, token: &str, number: i64, n_digits: usize) {
        let short_year = number + if number > 68 { 1900 } else { 2000 };
        match token {
            "YYYY" if n_digits == 2 => self.year = Some(short_year),
            "YYYY" | "YYYYY" | "YYYYYY" | "Y" | "y" | "yy" | "yyy" | "yyyy" | "yo" => {
                self.year = Some(number)
            }
            "YY" => self.year = Some(short_year),
            "GG" => self.iso_year = Some(short_year),
            "GGGG" | "GGGGG" => self.iso_year = Some(number),
            "gg" => self.week_year = Some(short_year),
            "gggg" | "ggggg" => self.week_year = Some(number),
            "Q" | "Qo" => self.month = Some((number - 1) * 3 + 1),
            "M" | "MM" | "Mo" => self.month = Some(number),
            "D" | "DD" | "Do" => self.day = Some(number),
            "DDD" | "DDDD" | "DDDo" => self.year_day = Some(number),
            "d" | "do" => self.weekday = Some(number),
            "e" => self.local_weekday = Some(number),
            "E" => self.iso_weekday = Some(number),
            "w" | "ww" | "wo" => self.week = Some(number),
            "W" | "WW" | "Wo" => self.iso_week = Some(number),
            "k" | "kk" if number == 24 => self.hour = 0,
            "H" | "HH" | "h" | "hh" | "k" | "kk" => self.hour = number,
            "Hmm" | "hmm" => (self.hour, self.minute) = (number / 100, number % 100),
            "Hmmss" | "hmmss" => {
                (self.hour, self.minute, self.second) = (number / 10_000, number / 100 % 100, number % 100);
            }
            "m" | "mm" => self.minute = number,
            "s" | "ss" => self.second = number,
            // Digits behind the point of a second.
            _ => self.millis = number * 1_000 / 10i64.pow(n_digits as u32),
        }
    }

    fn moment(&self, zone: &TimeZone, now_ms: i64, locale: &Locale) -> Option<i64> {
        if let Some(ms) = self.unix_ms {
            return checked_date(ms).ok();
        }
        let day = self.date(civil(now_ms, zone).ok()?.date(), locale)?;
        if self.weekday.is_some_and(|named| named != weekday(day)) {
            return None;
        }
        let hour = self.half.map_or(self.hour, |half| half.hour(self.hour));
        let day = match (hour, self.minute, self.second, self.millis) {
            (24, 0, 0, 0) => days_later(day, 1)?,
            (24.., ..) => return None,
            _ => day,
        };
        let small = |number: i64| i8::try_from(number).ok();
        let nanos = i32::try_from(self.millis * 1_000_000).ok()?;
        let time = Time::new(small(hour % 24)?, small(self.minute)?, small(self.second)?, nanos).ok()?;
        let at = DateTime::from_parts(day, time);
        match self.offset {
            Some(seconds) => moment(at, &TimeZone::fixed(Offset::from_seconds(seconds).ok()?)).ok(),
            None => moment(at, zone).ok(),
        }
    }

    fn date(&self, today: Date, locale: &Locale) -> Option<Date> {
        let this_year = i64::from(today.year());
        if self.month.is_none() && self.day.is_none() && self.has_week() {
            return self.date_of_week(this_year, today, locale);
        }
        if let Some(nth) = self.year_day {
            let new_year = date(self.year.unwrap_or(this_year), 1, 1)?;
            let next = date(i64::from(new_year.year()) + 1, 1, 1)?;
            return days_later(new_year, nth - 1).filter(|day| nth >= 1 && days_between(*day, next) > 0);
        }
        // The present stands for what is missing before the first that is given.
        match (self.year, self.month, self.day) {
            (None, None, None) => Some(today),
            (None, None, Some(day)) => date(this_year, today.month().into(), day),
            (None, Some(month), day) => date(this_year, month, day.unwrap_or(1)),
            (Some(year), month, day) => date(year, month.unwrap_or(1), day.unwrap_or(1)),
        }
    }

    fn has_week(&self) -> bool {
        let parts = [self.week, self.week_year, self.iso_week, self.iso_year, self.iso_weekday];
        parts.iter().chain([&self.weekday, &self.local_weekday]).any(Option::is_some)
    }

    fn date_of_week(&self, this_year: i64, today: Date, locale: &Locale) -> Option<Date> {
        if self.iso_week.is_some() || self.iso_year.is_some() || self.iso_weekday.is_some() {
            let year = self.iso_year.or(self.year).unwrap_or(this_year);
            let start = week_start(year, self.iso_week.unwrap_or(1), (1, 4))?;
            let day = self.iso_weekday.or(self.weekday.map(|day| if day == 0 { 7 } else { day }));
            return days_later(start, day.unwrap_or(1) - 1);
        }
        let first = locale.week.0;
        let day = match (self.weekday, self.local_weekday) {
            (Some(day), _) => (day - first).rem_euclid(7),
            (None, Some(day)) => day,
            (None, None) => 0,
        };
        // A day of the week alone is one of the present week.
        if self.week.is_none() && self.week_year.is_none() && self.year.is_none() {
            let back = (weekday(today) - first).rem_euclid(7);
            return days_later(today, day - back);
        }
        let year = self.week_year.or(self.year).unwrap_or(this_year);
        days_later(week_start(year, self.week.unwrap_or(1), locale.week)?, day)
    }
}
