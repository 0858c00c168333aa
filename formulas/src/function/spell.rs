//! Numbers and dates as text, and back, where no format is given.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::calendar::{civil, moment};

/// The shortest text that reads as the same number; very large and very small ones with an exponent.
pub(crate) fn number_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        return format!("{number:e}").replace('e', if size < 1.0 { "e" } else { "e+" });
    }
    // The only number with a sign that is not seen.
    format!("{}", number + 0.0)
}

/// A number as people write it: `-1,234.5`, `12%`, `$3`.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest.trim_start(), true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let text = text.strip_prefix(['$', '€', '£', '¥', '￥']).unwrap_or(text).trim_start();
    let (text, percent) = match text.strip_suffix(['%', '％']) {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let allowed = |char: char| char.is_ascii_digit() || matches!(char, '.' | ',' | 'e' | 'E' | '+' | '-');
    let starts_well = text.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    if !starts_well || !text.chars().all(allowed) {
        return None;
    }
    let number: f64 = text.replace(',', "").parse().ok()?;
    let number = if percent { number / 100.0 } else { number };
    number.is_finite().then_some(if negative { -number } else { number })
}

/// A date in ISO form: `2024-01-31`, or `2024-01-31T12:00:00.000Z` if its time is meant.
pub(crate) fn date_text(ms: i64, time: bool) -> String {
    let Ok(at) = civil(ms, &TimeZone::UTC) else { return String::new() };
    let date = iso_date(at.date());
    if !time {
        return date;
    }
    let millis = at.subsec_nanosecond() / 1_000_000;
    format!("{date}T{:02}:{:02}:{:02}.{millis:03}Z", at.hour(), at.minute(), at.second())
}

/// `2024-01-31`.
pub(crate) fn iso_date(date: Date) -> String {
    let sign = if date.year() < 0 { "-" } else { "" };
    format!("{sign}{:04}-{:02}-{:02}", date.year().unsigned_abs(), date.month(), date.day())
}

/// A date as people write it: ISO, `2024/1/31`, `1/31/2024`, `31 Jan 2024`, `Jan 31, 2024`, `2024年1月31日`; then
/// perhaps a time, `15:04`, `3:04:05 pm`; then perhaps `Z` or `+08:00`. Without that the time is one of `zone`.
pub(crate) fn parse_date(text: &str, zone: &TimeZone) -> Option<i64> {
    let mut reader = Reader { rest: text.trim() };
    let date = reader.date()?;
    reader.skip(|char| char == 'T' || char == 't' || char == ',' || char.is_whitespace());
    let time = if reader.rest.is_empty() { Time::midnight() } else { reader.time()? };
    let offset = reader.offset()?;
    let at = DateTime::from_parts(date, time);
    match offset {
        _ if !reader.rest.is_empty() => None,
        Some(offset) => moment(at, &TimeZone::fixed(offset)).ok(),
        None => moment(at, zone).ok(),
    }
}

/// Eats a text from the left.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, accept: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(accept);
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !accept(char)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn number(&mut self) -> Option<i64> {
        let digits = self.take(|char| char.is_ascii_digit());
        if digits.len() > 4 { None } else { digits.parse().ok() }
    }

    fn month_name(&mut self) -> Option<i64> {
        super::moment::month_named(self.take(char::is_alphabetic))
    }

    fn date(&mut self) -> Option<Date> {
        if self.rest.starts_with(char::is_alphabetic) {
            let month = self.month_name()?;
            self.skip(|char| char == '.' || char.is_whitespace());
            let day = self.day()?;
            self.skip(|char| char == ',' || char.is_whitespace());
            return date(self.number()?, month, day);
        }
        let first_len = self.rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(self.rest.len());
        let first = self.number()?;
        let separator = self.rest.chars().next()?;
        match separator {
            '年' => {
                self.skip(|char| char == '年');
                let month = self.number()?;
                self.rest = self.rest.strip_prefix('月')?;
                let day = self.number()?;
                self.rest = self.rest.strip_prefix(['日', '号']).unwrap_or(self.rest);
                date(first, month, day)
            }
            '-' | '/' | '.' => {
                self.rest = &self.rest[1..];
                let second = self.number()?;
                self.rest = self.rest.strip_prefix(separator)?;
                let third = self.number()?;
                if first_len == 4 { date(first, second, third) } else { date(third, first, second) }
            }
            _ => {
                self.skip(|char| char.is_alphabetic() && char.is_lowercase());
                self.skip(char::is_whitespace);
                let month = self.month_name()?;
                self.skip(|char| char == '.' || char == ',' || char.is_whitespace());
                date(self.number()?, month, first)
            }
        }
    }

    /// A day of the month, perhaps `1st`.
    fn day(&mut self) -> Option<i64> {
        let day = self.number();
        self.skip(char::is_alphabetic);
        day
    }

    fn time(&mut self) -> Option<Time> {
        let mut hour = self.number()?;
        let (mut minute, mut second, mut nanos) = (0, 0, 0);
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
            minute = self.number()?;
        }
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
            second = self.number()?;
        }
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            let digits = self.take(|char| char.is_ascii_digit());
            nanos = format!("{digits:0<9}").get(..9)?.parse::<i32>().ok()?;
        }
        self.skip(char::is_whitespace);
        let half = self.rest.get(..2).map(str::to_ascii_lowercase);
        if let Some(half @ ("am" | "pm")) = half.as_deref() {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if half == "pm" { 12 } else { 0 };
            self.rest = &self.rest[2..];
        }
        let small = |number: i64| i8::try_from(number).ok();
        Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()
    }

    /// `Z`, `+08:00`, `-0530` or nothing; `None` if it is none of these.
    fn offset(&mut self) -> Option<Option<Offset>> {
        self.skip(char::is_whitespace);
        if let Some(rest) = self.rest.strip_prefix(['Z', 'z']) {
            self.rest = rest;
            return Some(Some(Offset::UTC));
        }
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return Some(None),
        };
        self.rest = &self.rest[1..];
        let digits = self.take(|char| char.is_ascii_digit() || char == ':').replace(':', "");
        let (hours, minutes) = match digits.len() {
            2 => (digits.parse::<i32>().ok()?, 0),
            4 => (digits[..2].parse::<i32>().ok()?, digits[2..].parse::<i32>().ok()?),
            _ => return None,
        };
        Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok().map(Some)
    }
}

/// A civil date from numbers that may be anything.
pub(crate) fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
