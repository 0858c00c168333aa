//! Dates and times as people type them in English and Chinese, and back.
//!
//! Read by hand from left to right: a day, then perhaps a time, then perhaps an offset. What can be read two
//! ways (`6/7/2026`) is refused and both readings are named, since a wrong date is worse than none.

use std::fmt::Write;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::words::excerpt;

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    /// A day.
    Day(Date),
    /// A time on the clock of some place.
    Local(DateTime),
    /// A time that is the same everywhere.
    At(Timestamp),
}

const EPOCH: Date = Date::constant(1970, 1, 1);
const DAY_MS: i64 = 86_400_000;

/// Midnight UTC of a day.
pub(super) fn day_ms(day: Date) -> i64 {
    day.duration_since(EPOCH).as_secs() * 1_000
}

/// The day of a cell without time; `None` beyond the calendar.
pub(super) fn day_of(ms: i64) -> Option<Date> {
    let days = i32::try_from(ms.div_euclid(DAY_MS)).ok()?;
    EPOCH.checked_add(days.days()).ok()
}

/// Today in `zone`.
pub(super) fn today(now_ms: i64, zone: &TimeZone) -> Date {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    zone.to_datetime(now).date()
}

/// Reads `2026-06-18` and nothing else.
pub(super) fn exact_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let fits = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    fits.then(|| day_of_parts(number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?))?
}

/// Reads RFC 3339, such as `2026-06-18T09:30:00Z`, and nothing else.
pub(super) fn exact_time(text: &str) -> Option<Timestamp> {
    let (day, rest) = (exact_day(text.get(..10)?)?, text.get(10..)?);
    let mut reader = Reader { rest: rest.strip_prefix('T')? };
    let time = reader.clock()?;
    let offset = reader.offset()?;
    let at = offset.to_timestamp(day.to_datetime(time)).ok()?;
    (reader.rest.is_empty()).then_some(at)
}

fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0i32, |sum, digit| {
        digit.is_ascii_digit().then(|| sum.checked_mul(10)?.checked_add(i32::from(digit - b'0')))?
    })
}

fn day_of_parts(year: i32, month: i32, day: i32) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| (1..=9_999).contains(year))?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unread {
    /// It does not look like one.
    Strange,
    /// It does, and this sentence says why it is none.
    Because(String),
}

/// Reads a text that went through [`super::words::narrow`]. `today` tells the day that "today" means.
pub(super) fn read_moment(text: &str, today: impl Fn() -> Date) -> Result<Moment, Unread> {
    if let Some(day) = exact_day(text) {
        return Ok(Moment::Day(day));
    }
    let mut reader = Reader { rest: text };
    let day = reader.day(text, &today)?;
    reader.skip_weekday();
    reader.skip(|char| char == ' ' || char == ',');
    if reader.rest.is_empty() {
        return Ok(Moment::Day(day));
    }
    reader.skip_prefix_of(&["T", "t", "at "]);
    let time = reader.time().ok_or(Unread::Strange)?;
    let local = day.to_datetime(time);
    reader.skip(|char| char == ' ');
    if reader.rest.is_empty() {
        return Ok(Moment::Local(local));
    }
    let offset = reader.offset().filter(|_| reader.rest.is_empty()).ok_or(Unread::Strange)?;
    offset.to_timestamp(local).map(Moment::At).map_err(|_| Unread::Strange)
}

const RELATIVE: &[(&str, i32)] = &[
    ("today", 0),
    ("tomorrow", 1),
    ("yesterday", -1),
    ("今天", 0),
    ("今日", 0),
    ("明天", 1),
    ("明日", 1),
    ("后天", 2),
    ("昨天", -1),
    ("昨日", -1),
    ("前天", -2),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Whether a word is `full` or begins it with at least three letters.
fn abbreviates(word: &str, full: &str) -> bool {
    word.len() >= 3 && full.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn month_named(word: &str) -> Option<i32> {
    let at = MONTHS.iter().position(|month| abbreviates(word, month))?;
    i32::try_from(at + 1).ok()
}

/// What is still to be read.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn eat(&mut self, prefix: &str) -> bool {
        self.rest.strip_prefix(prefix).map(|rest| self.rest = rest).is_some()
    }

    /// Eats `prefix` and spaces in front of it.
    fn eat_spaced(&mut self, prefix: &str) -> bool {
        let rest = self.rest.trim_start_matches(' ').strip_prefix(prefix);
        rest.map(|rest| self.rest = rest).is_some()
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(skipped);
    }

    fn skip_prefix_of(&mut self, prefixes: &[&str]) {
        let _ = prefixes.iter().any(|prefix| self.eat(prefix));
    }

    /// A number of at most eight digits, and how many it has.
    fn number(&mut self) -> Option<(i32, usize)> {
        let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=8).contains(&len) {
            return None;
        }
        let (digits, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some((number(digits.as_bytes())?, len))
    }

    fn word(&mut self) -> &'t str {
        let len = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at(len);
        self.rest = rest;
        word
    }

    fn skip_weekday(&mut self) {
        let before = self.rest;
        self.skip(|char| matches!(char, ' ' | ',' | '('));
        if self.has_digit_ahead() {
            self.rest = before;
            return;
        }
        let english = WEEKDAYS.iter().any(|weekday| abbreviates(self.word_ahead(), weekday));
        let chinese = ["星期", "周", "礼拜"].iter().find_map(|start| self.rest.strip_prefix(start));
        if english {
            self.word();
            self.skip(|char| matches!(char, '.' | ',' | ' ' | ')'));
        } else if let Some(rest) = chinese
            && rest.starts_with(['一', '二', '三', '四', '五', '六', '日', '天'])
        {
            self.rest = rest[3..].trim_start_matches([' ', ',', ')']);
        } else {
            self.rest = before;
        }
    }

    fn word_ahead(&self) -> &'t str {
        Reader { rest: self.rest }.word()
    }

    fn day(&mut self, text: &str, today: &impl Fn() -> Date) -> Result<Date, Unread> {
        if !self.has_digit_ahead() {
            if let Some(day) = self.relative_day(today) {
                return Ok(day);
            }
            self.skip_weekday();
        }
        let (year, month, day) = match self.has_digit_ahead() {
            true => self.day_of_numbers(text, today)?,
            false => self.day_after_month().ok_or(Unread::Strange)?,
        };
        let year = year.unwrap_or_else(|| i32::from(today().year()));
        let none = || Unread::Because(format!("{} is no day of the calendar", excerpt(text)));
        day_of_parts(year, month, day).ok_or_else(none)
    }

    fn relative_day(&mut self, today: &impl Fn() -> Date) -> Option<Date> {
        let is = |(word, _): &&(&str, i32)| {
            self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let (word, days) = RELATIVE.iter().find(is)?;
        self.rest = &self.rest[word.len()..];
        today().checked_add(days.days()).ok()
    }

    fn has_digit_ahead(&self) -> bool {
        self.rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
    }

    /// `Jun 18, 2026`, `June 18th`
    fn day_after_month(&mut self) -> Option<(Option<i32>, i32, i32)> {
        let month = month_named(self.word())?;
        self.skip(|char| matches!(char, '.' | ' ' | '-'));
        let (day, len) = self.number()?;
        if len > 2 {
            return None;
        }
        self.skip_ordinal();
        Some((self.year_behind(), month, day))
    }

    /// The `th` of `18th`.
    fn skip_ordinal(&mut self) {
        if ["st", "nd", "rd", "th"].contains(&self.word_ahead()) {
            self.word();
        }
    }

    /// A year of four digits, if one follows.
    fn year_behind(&mut self) -> Option<i32> {
        let mut ahead = Reader { rest: self.rest };
        ahead.skip(|char| matches!(char, ' ' | ',' | '-' | '.' | '/'));
        let (year, len) = ahead.number()?;
        (len == 4 && ahead.peek() != Some(':')).then(|| {
            self.rest = ahead.rest;
            year
        })
    }

    fn day_of_numbers(
        &mut self,
        text: &str,
        today: &impl Fn() -> Date,
    ) -> Result<(Option<i32>, i32, i32), Unread> {
        let (first, len) = self.number().ok_or(Unread::Strange)?;
        match len {
            8 => Ok((Some(first / 10_000), first / 100 % 100, first % 100)),
            4 => self.day_after_year(first).ok_or(Unread::Strange),
            1 | 2 => self.day_after_day(first, text, today),
            _ => Err(Unread::Strange),
        }
    }

    /// `2026-6-18`, `2026/6/18`, `2026.6.18`, `2026 Jun 18`, `2026年6月18日`
    fn day_after_year(&mut self, year: i32) -> Option<(Option<i32>, i32, i32)> {
        let chinese = self.eat_spaced("年");
        let separator = if chinese { None } else { self.separator() };
        self.skip(|char| char == ' ');
        if self.peek().is_some_and(|char| char.is_ascii_alphabetic()) {
            let (_, month, day) = self.day_after_month()?;
            return Some((Some(year), month, day));
        }
        let (month, _) = self.number()?;
        let fits = match chinese {
            true => self.eat_spaced("月"),
            false => self.separator() == separator && separator.is_some(),
        };
        self.skip(|char| char == ' ');
        let (day, len) = self.number()?;
        let _ = self.eat_spaced("日") || self.eat_spaced("号");
        (fits && len <= 2).then_some((Some(year), month, day))
    }

    fn separator(&mut self) -> Option<char> {
        let char = self.peek().filter(|char| matches!(char, '-' | '/' | '.'))?;
        self.rest = &self.rest[1..];
        Some(char)
    }

    /// `18 Jun 2026`, `6月18日`, `18/6/2026`, `6/18/2026`
    fn day_after_day(
        &mut self,
        first: i32,
        text: &str,
        today: &impl Fn() -> Date,
    ) -> Result<(Option<i32>, i32, i32), Unread> {
        if self.eat_spaced("月") {
            self.skip(|char| char == ' ');
            let (day, len) = self.number().ok_or(Unread::Strange)?;
            let _ = self.eat_spaced("日") || self.eat_spaced("号");
            return if len <= 2 { Ok((None, first, day)) } else { Err(Unread::Strange) };
        }
        self.skip_ordinal();
        let mut ahead = Reader { rest: self.rest };
        ahead.skip_prefix_of(&[" of "]);
        ahead.skip(|char| matches!(char, ' ' | '-' | '.' | '/'));
        if let Some(month) = month_named(ahead.word()) {
            self.rest = ahead.rest.strip_prefix('.').unwrap_or(ahead.rest);
            return Ok((self.year_behind(), month, first));
        }
        let separator = self.separator().ok_or(Unread::Strange)?;
        let (second, _) = self.number().filter(|(_, len)| *len <= 2).ok_or(Unread::Strange)?;
        let mut year = None;
        if self.peek() == Some(separator) {
            self.rest = &self.rest[1..];
            let (number, len) = self.number().ok_or(Unread::Strange)?;
            if len != 4 {
                let message = format!("{} has no year of four digits: write it as 2026-06-18", excerpt(text));
                return Err(Unread::Because(message));
            }
            year = Some(number);
        } else if separator != '/' {
            // 18.6 is a number and 18-6 a difference; only 6/18 is a usual date without its year.
            return Err(Unread::Strange);
        }
        match (first, second) {
            _ if first == second => Ok((year, first, second)),
            (13.., _) => Ok((year, second, first)),
            (_, 13..) => Ok((year, first, second)),
            _ => {
                let year = year.unwrap_or_else(|| i32::from(today().year()));
                Err(Unread::Because(two_readings(text, year, first, second)))
            }
        }
    }

    /// A time in any of its forms.
    fn time(&mut self) -> Option<Time> {
        const HALVES: &[(&str, i32)] = &[
            ("凌晨", 0),
            ("清晨", 0),
            ("早上", 0),
            ("上午", 0),
            ("中午", 1),
            ("下午", 12),
            ("傍晚", 12),
            ("晚上", 12),
        ];
        let mut half = None;
        if !self.has_digit_ahead() {
            half = HALVES.iter().find(|(word, _)| self.eat(word)).map(|(_, half)| *half);
            self.skip(|char| char == ' ');
        }
        let before = self.rest;
        let (hour, len) = self.number()?;
        let time = match self.peek() {
            _ if len > 2 => None,
            Some(':') => {
                self.rest = before;
                self.clock()
            }
            Some('点' | '时') => self.chinese_clock(hour),
            _ => Time::new(i8::try_from(hour).ok()?, 0, 0, 0).ok().filter(|_| self.half_ahead().is_some()),
        }?;
        let half = half.or_else(|| {
            let (half, rest) = self.half_ahead()?;
            self.rest = rest;
            Some(half)
        });
        in_half(time, half)
    }

    /// `am` or `pm` and what follows it.
    fn half_ahead(&self) -> Option<(i32, &'t str)> {
        let rest = self.rest.trim_start();
        let is = |word: &&(&str, i32)| {
            rest.get(..word.0.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.0))
        };
        let (word, half) = [("a.m.", 0), ("p.m.", 12), ("am", 0), ("pm", 12)].iter().find(is).copied()?;
        Some((half, &rest[word.len()..]))
    }

    /// `14点`, `14点30分`, `14时30分20秒`, `2点半`
    fn chinese_clock(&mut self, hour: i32) -> Option<Time> {
        self.skip_prefix_of(&["点钟", "点", "时"]);
        let (mut minute, mut second) = (0, 0);
        if self.eat("半") {
            minute = 30;
        } else if let Some((number, _)) = self.number() {
            minute = number;
            if self.eat("分")
                && let Some((number, _)) = self.number()
            {
                second = number;
                self.eat("秒");
            }
        }
        Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
    }

    /// `14:30`, `14:30:05`, `14:30:05.123`
    fn clock(&mut self) -> Option<Time> {
        let (hour, hour_len) = self.number()?;
        if !self.eat(":") || hour_len > 2 {
            return None;
        }
        let minute = self.two_digits()?;
        let (mut second, mut nanos) = (0, 0);
        if self.eat(":") {
            second = self.two_digits()?;
            if self.eat(".") {
                let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                let (digits, rest) = self.rest.split_at(len);
                self.rest = rest;
                let padded = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
                nanos = padded.fold(0i32, |sum, digit| sum * 10 + i32::from(digit - b'0'));
                if len == 0 {
                    return None;
                }
            }
        }
        Time::new(i8::try_from(hour).ok()?, minute, second, nanos).ok()
    }

    fn two_digits(&mut self) -> Option<i8> {
        self.number().filter(|(_, len)| *len == 2).and_then(|(number, _)| i8::try_from(number).ok())
    }

    /// `Z`, `UTC`, `+08:00`, `+0800`, `+08`
    fn offset(&mut self) -> Option<Offset> {
        if ["Z", "z", "UTC", "GMT"].iter().any(|word| self.eat(word)) {
            return Some(Offset::UTC);
        }
        let sign = match self.peek()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let (number, len) = self.number()?;
        let (hours, minutes) = match len {
            4 => (number / 100, number % 100),
            1 | 2 if self.eat(":") => (number, i32::from(self.two_digits()?)),
            1 | 2 => (number, 0),
            _ => return None,
        };
        let fits = hours <= 25 && minutes < 60;
        fits.then(|| Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok())?
    }
}

/// A time on a clock of twelve hours; 1 as `half` is noon, around which it means itself.
fn in_half(time: Time, half: Option<i32>) -> Option<Time> {
    let hour = i32::from(time.hour());
    let hour = match half {
        Some(12) if hour < 12 => hour + 12,
        Some(1) if hour < 3 => hour + 12,
        Some(0) if hour == 12 => 0,
        _ => hour,
    };
    Time::new(i8::try_from(hour).ok()?, time.minute(), time.second(), time.subsec_nanosecond()).ok()
}

fn two_readings(text: &str, year: i32, first: i32, second: i32) -> String {
    format!(
        "{} can be read as {year:04}-{first:02}-{second:02} and as {year:04}-{second:02}-{first:02}: write the one \
         that is meant",
        excerpt(text)
    )
}

/// Adds a day as `2026-06-18`.
pub(super) fn push_day(out: &mut String, day: Date) {
    let _ = write!(out, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

/// Adds a time in `zone` as `2026-06-18 14:30`, with seconds where there are some, and with the offset in the
/// hour that a change of clocks repeats.
pub(super) fn push_time(out: &mut String, ms: i64, zone: &TimeZone) {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return };
    let local = zone.to_datetime(at);
    push_day(out, local.date());
    let _ = write!(out, " {:02}:{:02}", local.hour(), local.minute());
    let millis = local.millisecond();
    if local.second() != 0 || millis != 0 {
        let _ = write!(out, ":{:02}", local.second());
    }
    if millis != 0 {
        let _ = write!(out, ".{millis:03}");
    }
    if zone.to_timestamp(local).is_ok_and(|back| back != at) {
        let seconds = zone.to_offset(at).seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let _ = write!(out, "{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    }
}

/// The zone of this IANA name; UTC if there is none.
pub(super) fn zone_named(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}
