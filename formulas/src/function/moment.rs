//! Date formats as Moment.js has them: `YYYY-MM-DD HH:mm`, with `[text]` as it stands.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};

use super::args::Given;
use super::calendar::{civil, moment, week, weekday};
use super::spell::date;
use crate::error::{CellError, ErrorKind};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Formats that stand for others.
const LONG: &[(&str, &str)] = &[
    ("LLLL", "dddd, MMMM D, YYYY h:mm A"),
    ("LLL", "MMMM D, YYYY h:mm A"),
    ("LTS", "h:mm:ss A"),
    ("LT", "h:mm A"),
    ("LL", "MMMM D, YYYY"),
    ("L", "MM/DD/YYYY"),
    ("llll", "ddd, MMM D, YYYY h:mm A"),
    ("lll", "MMM D, YYYY h:mm A"),
    ("ll", "MMM D, YYYY"),
    ("l", "M/D/YYYY"),
];

/// The longest first.
const TOKENS: &[&str] = &[
    "YYYY", "YY", "Y", "GGGG", "GG", "gggg", "MMMM", "MMM", "MM", "Mo", "M", "Qo", "Q", "DDDD", "DDDo",
    "DDD", "DD", "Do", "D", "dddd", "ddd", "dd", "do", "d", "e", "E", "ww", "wo", "w", "WW", "Wo", "W", "HH",
    "H", "hh", "h", "kk", "k", "mm", "m", "ss", "s", "SSS", "SS", "S", "A", "a", "ZZ", "Z", "X", "x",
];

/// The month of a name or its first three letters.
pub(super) fn month_named(name: &str) -> Option<i64> {
    let name = name.to_ascii_lowercase();
    let is = |month: &str| name.len() >= 3 && month.to_ascii_lowercase().starts_with(&name);
    MONTHS.iter().position(|month| is(month)).map(|at| at as i64 + 1)
}

/// Part of a format.
enum Part<'a> {
    Token(&'static str),
    Literal(&'a str),
}

/// Cuts a format into tokens and what stands between.
fn each_part<'a>(format: &'a str, depth: usize, visit: &mut dyn FnMut(Part<'a>) -> Given<()>) -> Given<()> {
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '['
            && let Some(end) = rest.find(']')
        {
            visit(Part::Literal(&rest[1..end]))?;
            rest = &rest[end + 1..];
        } else if let Some((long, meant)) = LONG.iter().find(|(long, _)| depth == 0 && rest.starts_with(long))
        {
            each_part(meant, 1, visit)?;
            rest = &rest[long.len()..];
        } else if let Some(token) = TOKENS.iter().find(|token| rest.starts_with(**token)) {
            visit(Part::Token(token))?;
            rest = &rest[token.len()..];
        } else {
            visit(Part::Literal(&rest[..first.len_utf8()]))?;
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(())
}

/// Writes a moment in a format.
pub(super) fn format(ms: i64, format: &str, zone: &TimeZone, out: &mut String) -> Given<()> {
    let at = civil(ms, zone)?;
    each_part(format, 0, &mut |part| {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Token(token) => write_token(token, ms, at, zone, out),
        }
        Ok(())
    })
}

fn write_token(token: &str, ms: i64, at: DateTime, zone: &TimeZone, out: &mut String) {
    let date = at.date();
    let day_name = DAYS[weekday(date) as usize];
    let month_name = MONTHS[at.month() as usize - 1];
    let (hour, half) = (i64::from(at.hour()), (i64::from(at.hour()) + 11) % 12 + 1);
    let millis = i64::from(at.subsec_nanosecond()) / 1_000_000;
    let quarter = (i64::from(at.month()) + 2) / 3;
    let iso = date.iso_week_date();
    let year_day = i64::from(date.day_of_year());
    let mut number =
        |number: i64, width: usize| write!(out, "{number:0width$}").expect("a string takes text");
    match token {
        "YYYY" | "gggg" => number(i64::from(at.year()), 4),
        "YY" => number(i64::from(at.year()).rem_euclid(100), 2),
        "Y" => number(i64::from(at.year()), 1),
        "GGGG" => number(i64::from(iso.year()), 4),
        "GG" => number(i64::from(iso.year()).rem_euclid(100), 2),
        "MMMM" => out.push_str(month_name),
        "MMM" => out.push_str(&month_name[..3]),
        "MM" => number(at.month().into(), 2),
        "M" => number(at.month().into(), 1),
        "Mo" => out.push_str(&ordinal(at.month().into())),
        "Q" => number(quarter, 1),
        "Qo" => out.push_str(&ordinal(quarter)),
        "DDDD" => number(year_day, 3),
        "DDDo" => out.push_str(&ordinal(year_day)),
        "DDD" => number(year_day, 1),
        "DD" => number(at.day().into(), 2),
        "D" => number(at.day().into(), 1),
        "Do" => out.push_str(&ordinal(at.day().into())),
        "dddd" => out.push_str(day_name),
        "ddd" => out.push_str(&day_name[..3]),
        "dd" => out.push_str(&day_name[..2]),
        "d" | "e" => number(weekday(date), 1),
        "do" => out.push_str(&ordinal(weekday(date))),
        "E" => number((weekday(date) + 6) % 7 + 1, 1),
        "ww" => number(week(date, Weekday::Sunday), 2),
        "w" => number(week(date, Weekday::Sunday), 1),
        "wo" => out.push_str(&ordinal(week(date, Weekday::Sunday))),
        "WW" => number(iso.week().into(), 2),
        "W" => number(iso.week().into(), 1),
        "Wo" => out.push_str(&ordinal(iso.week().into())),
        "HH" => number(hour, 2),
        "H" => number(hour, 1),
        "hh" => number(half, 2),
        "h" => number(half, 1),
        "kk" => number((hour + 23) % 24 + 1, 2),
        "k" => number((hour + 23) % 24 + 1, 1),
        "mm" => number(at.minute().into(), 2),
        "m" => number(at.minute().into(), 1),
        "ss" => number(at.second().into(), 2),
        "s" => number(at.second().into(), 1),
        "SSS" => number(millis, 3),
        "SS" => number(millis / 10, 2),
        "S" => number(millis / 100, 1),
        "A" => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        "a" => out.push_str(if hour < 12 { "am" } else { "pm" }),
        "Z" => out.push_str(&offset_text(ms, zone, ":")),
        "ZZ" => out.push_str(&offset_text(ms, zone, "")),
        "X" => number(ms.div_euclid(1_000), 1),
        "x" => number(ms, 1),
        _ => out.push_str(token),
    }
}

fn ordinal(number: i64) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

fn offset_text(ms: i64, zone: &TimeZone, between: &str) -> String {
    let seconds = Timestamp::from_millisecond(ms).map_or(0, |moment| zone.to_offset(moment).seconds());
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
}

/// What a format has read so far.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    afternoon: Option<bool>,
    offset: Option<i32>,
    unix_ms: Option<i64>,
}

/// Reads a text in a format. Between tokens, anything that is neither letter nor digit separates.
pub(super) fn parse(text: &str, format: &str, zone: &TimeZone) -> Given<i64> {
    let mut rest = text.trim();
    let mut read = Read::default();
    let failed = || {
        let message = format!("{} does not fit the format {format:?}", crate::eval::excerpt(text));
        CellError::new(ErrorKind::Value, message)
    };
    each_part(format, 0, &mut |part| {
        let token = match part {
            Part::Literal(literal) => {
                rest = rest.strip_prefix(literal).unwrap_or_else(|| {
                    rest.trim_start_matches(|char: char| {
                        !char.is_alphanumeric() && !matches!(char, '+' | '-')
                    })
                });
                return Ok(());
            }
            Part::Token(token) => token,
        };
        match read.token(token, rest) {
            Some(left) => {
                rest = left;
                Ok(())
            }
            None => Err(failed()),
        }
    })?;
    match read.moment(zone) {
        Some(ms) if rest.trim().is_empty() => Ok(ms),
        _ => Err(failed()),
    }
}

impl Read {
    /// Reads a token from the left of `text`; gives what is left.
    fn token<'a>(&mut self, token: &str, text: &'a str) -> Option<&'a str> {
        let (digits_max, word) = match token {
            "YYYY" | "gggg" | "GGGG" => (4, false),
            "Y" | "X" | "x" => (16, false),
            "SSS" | "DDDD" | "DDD" | "DDDo" => (3, false),
            "S" | "Q" | "d" | "e" | "E" => (1, false),
            "MMMM" | "MMM" | "dddd" | "ddd" | "dd" | "A" | "a" => (0, true),
            "Z" | "ZZ" => return self.zone(text),
            _ => (2, false),
        };
        if word {
            let end = text.find(|char: char| !char.is_alphabetic()).unwrap_or(text.len());
            return self.word(token, &text[..end]).then(|| &text[end..]);
        }
        let negative = matches!(token, "X" | "x") && text.starts_with('-');
        let start = usize::from(negative);
        let n = text[start..].bytes().take(digits_max).take_while(u8::is_ascii_digit).count();
        let number: i64 = text[..start + n].parse().ok()?;
        self.number(token, number);
        let rest = &text[start + n..];
        Some(if token.ends_with('o') { rest.trim_start_matches(char::is_alphabetic) } else { rest })
    }

    fn number(&mut self, token: &str, number: i64) {
        match token {
            "YYYY" | "Y" | "gggg" | "GGGG" => self.year = Some(number),
            "YY" | "GG" => self.year = Some(number + if number > 68 { 1900 } else { 2000 }),
            "M" | "MM" | "Mo" => self.month = Some(number),
            "D" | "DD" | "Do" => self.day = Some(number),
            "DDD" | "DDDD" | "DDDo" => self.year_day = Some(number),
            "H" | "HH" | "h" | "hh" | "k" | "kk" => self.hour = number,
            "m" | "mm" => self.minute = number,
            "s" | "ss" => self.second = number,
            "SSS" => self.millis = number,
            "SS" => self.millis = number * 10,
            "S" => self.millis = number * 100,
            "X" => self.unix_ms = number.checked_mul(1_000),
            "x" => self.unix_ms = Some(number),
            _ => {}
        }
    }

    fn word(&mut self, token: &str, word: &str) -> bool {
        match token {
            "MMMM" | "MMM" => {
                self.month = month_named(word);
                self.month.is_some()
            }
            "A" | "a" => {
                self.afternoon = match word.to_ascii_lowercase().as_str() {
                    "am" => Some(false),
                    "pm" => Some(true),
                    _ => None,
                };
                self.afternoon.is_some()
            }
            _ => !word.is_empty(),
        }
    }

    fn zone<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        if let Some(rest) = text.strip_prefix(['Z', 'z']) {
            self.offset = Some(0);
            return Some(rest);
        }
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let body = text.strip_prefix(['+', '-'])?;
        let end = body.find(|char: char| !char.is_ascii_digit() && char != ':').unwrap_or(body.len());
        let digits = body[..end].replace(':', "");
        let (hours, minutes) =
            (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..4)?.parse::<i32>().ok()?);
        self.offset = Some(sign * (hours * 3_600 + minutes * 60));
        Some(&body[end..])
    }

    fn moment(&self, zone: &TimeZone) -> Option<i64> {
        if let Some(ms) = self.unix_ms {
            return super::calendar::checked_date(ms as f64).ok();
        }
        let year = self.year?;
        let day = match self.year_day {
            Some(day) => super::calendar::days_later(date(year, 1, 1)?, day - 1)?,
            None => date(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match self.afternoon {
            Some(afternoon) => self.hour % 12 + if afternoon { 12 } else { 0 },
            None => self.hour % 24,
        };
        let small = |number: i64| i8::try_from(number).ok();
        let nanos = i32::try_from(self.millis * 1_000_000).ok()?;
        let time = Time::new(small(hour)?, small(self.minute)?, small(self.second)?, nanos).ok()?;
        let at = DateTime::from_parts(day, time);
        match self.offset {
            Some(seconds) => moment(at, &TimeZone::fixed(Offset::from_seconds(seconds).ok()?)).ok(),
            None => moment(at, zone).ok(),
        }
    }
}
