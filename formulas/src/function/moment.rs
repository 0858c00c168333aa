//! Date formats as Moment.js has them: `YYYY-MM-DD HH:mm`, with `[text]` as it stands.
//!
//! A format is read once into [`Part`]s and then used for all rows: [`Format`] writes dates, `moment_parse.rs`
//! reads them. Tokens, their results and the ways to escape them are those of Moment.js 2 with its time zones,
//! which Airtable formats dates with.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::args::Given;
use super::calendar::{civil, days_between, weekday};
use super::locale::{Locale, MonthForm};

/// The longest first; those of one letter must not come before those that begin with them.
const TOKENS: &[&str] = &[
    "YYYYYY",
    "YYYYY",
    "YYYY",
    "YY",
    "Y",
    "yyyy",
    "yyy",
    "yy",
    "yo",
    "y",
    "GGGGG",
    "GGGG",
    "GG",
    "ggggg",
    "gggg",
    "gg",
    "MMMM",
    "MMM",
    "MM",
    "Mo",
    "M",
    "Qo",
    "Q",
    "DDDD",
    "DDDo",
    "DDD",
    "DD",
    "Do",
    "D",
    "dddd",
    "ddd",
    "dd",
    "do",
    "d",
    "e",
    "E",
    "ww",
    "wo",
    "w",
    "WW",
    "Wo",
    "W",
    "Hmmss",
    "Hmm",
    "HH",
    "H",
    "hmmss",
    "hmm",
    "hh",
    "h",
    "kk",
    "k",
    "mm",
    "m",
    "ss",
    "s",
    "SSSSSSSSS",
    "SSSSSSSS",
    "SSSSSSS",
    "SSSSSS",
    "SSSSS",
    "SSSS",
    "SSS",
    "SS",
    "S",
    "A",
    "a",
    "ZZ",
    "Z",
    "zz",
    "z",
    "X",
    "x",
    "NNNNN",
    "NNNN",
    "NNN",
    "NN",
    "N",
];

/// Tokens that stand for a format of the language.
const LONG: &[&str] = &["LTS", "LT", "LLLL", "LLL", "LL", "L", "llll", "lll", "ll", "l"];

/// Part of a format.
#[derive(Debug)]
pub(super) enum Part {
    Token(&'static str),
    Literal(String),
}

/// A format that has been read.
pub(super) struct Format {
    pub(super) parts: Vec<Part>,
    pub(super) locale: &'static Locale,
    months: MonthForm,
}

impl Format {
    /// Reads a format; every text is one.
    pub(super) fn new(format: &str, locale: &'static Locale) -> Self {
        let mut parts = Vec::new();
        each_part(format, locale, true, &mut parts);
        Self { months: month_form(&parts), parts, locale }
    }

    /// Writes a moment as the clocks of `zone` show it.
    pub(super) fn write(&self, ms: i64, zone: &TimeZone, out: &mut String) -> Given<()> {
        let at = civil(ms, zone)?;
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Token(token) => self.token(token, ms, at, zone, out),
            }
        }
        Ok(())
    }

    fn token(&self, token: &str, ms: i64, at: DateTime, zone: &TimeZone, out: &mut String) {
        let (date, locale) = (at.date(), self.locale);
        let (year, month, day) = (i64::from(at.year()), i64::from(at.month()), i64::from(at.day()));
        let (hour, minute, second) = (i64::from(at.hour()), i64::from(at.minute()), i64::from(at.second()));
        let half = (hour + 11) % 12 + 1;
        let millis = i64::from(at.subsec_nanosecond()) / 1_000_000;
        let (quarter, year_day) = ((month + 2) / 3, i64::from(date.day_of_year()));
        let iso = date.iso_week_date();
        let iso_week = i64::from(iso.week());
        let name = match token {
            "MMMM" => locale.month(month, self.months),
            "MMM" => locale.month_short(month, self.months),
            "dddd" => locale.day(weekday(date)),
            "ddd" => locale.day_short(weekday(date)),
            "dd" => locale.day_min(weekday(date)),
            "A" => locale.half_day(hour, minute, false),
            "a" => locale.half_day(hour, minute, true),
            "N" | "NN" | "NNN" | "NNNNN" => {
                if year < 1 {
                    "BC"
                } else {
                    "AD"
                }
            }
            "NNNN" => {
                if year < 1 {
                    "Before Christ"
                } else {
                    "Anno Domini"
                }
            }
            _ => "",
        };
        if !name.is_empty() {
            return out.push_str(name);
        }
        let ordinal = match token {
            "Mo" => Some((month, "M")),
            "Qo" => Some((quarter, "Q")),
            "Do" => Some((day, "D")),
            "DDDo" => Some((year_day, "DDD")),
            "do" => Some((weekday(date), "d")),
            "wo" => Some((week_of_year(date, locale.week).1, "w")),
            "Wo" => Some((iso_week, "W")),
            "yo" => Some((era_year(year), "y")),
            _ => None,
        };
        if let Some((number, of)) = ordinal {
            return out.push_str(&locale.ordinal(number, of));
        }
        let (number, width) = match token {
            "Y" => (year, 4),
            "YYYY" | "YYYYY" => (year, token.len()),
            "YYYYYY" => {
                out.push_str(if year < 0 { "" } else { "+" });
                (year, 6)
            }
            "YY" => (year % 100, 2),
            "y" | "yy" | "yyy" | "yyyy" => (era_year(year), token.len()),
            "GG" => (i64::from(iso.year()) % 100, 2),
            "GGGG" | "GGGGG" => (i64::from(iso.year()), token.len()),
            "gg" => (week_of_year(date, locale.week).0 % 100, 2),
            "gggg" | "ggggg" => (week_of_year(date, locale.week).0, token.len()),
            "M" | "MM" => (month, token.len()),
            "Q" => (quarter, 1),
            "DDD" => (year_day, 1),
            "DDDD" => (year_day, 3),
            "D" | "DD" => (day, token.len()),
            "d" => (weekday(date), 1),
            "e" => ((weekday(date) + 7 - locale.week.0) % 7, 1),
            "E" => ((weekday(date) + 6) % 7 + 1, 1),
            "w" | "ww" => (week_of_year(date, locale.week).1, token.len()),
            "W" | "WW" => (iso_week, token.len()),
            "H" | "HH" => (hour, token.len()),
            "h" | "hh" => (half, token.len()),
            "k" | "kk" => ((hour + 23) % 24 + 1, token.len()),
            "m" | "mm" => (minute, token.len()),
            "s" | "ss" => (second, token.len()),
            "Hmm" => (hour * 100 + minute, 3),
            "Hmmss" => (hour * 10_000 + minute * 100 + second, 5),
            "hmm" => (half * 100 + minute, 3),
            "hmmss" => (half * 10_000 + minute * 100 + second, 5),
            "S" => (millis / 100, 1),
            "SS" => (millis / 10, 2),
            "SSS" => (millis, 3),
            "X" => (ms.div_euclid(1_000), 1),
            "x" => (ms, 1),
            "Z" => return out.push_str(&offset_text(ms, zone, ":")),
            "ZZ" => return out.push_str(&offset_text(ms, zone, "")),
            "z" | "zz" => return out.push_str(&zone_name(ms, zone)),
            // More than three digits of a second are zeros.
            _ => (millis * 10i64.pow(token.len() as u32 - 3), token.len()),
        };
        let sign = if number < 0 { "-" } else { "" };
        write!(out, "{sign}{:0width$}", number.unsigned_abs()).expect("a string takes text");
    }
}

/// The year before the year 1 is 1 before Christ.
const fn era_year(year: i64) -> i64 {
    if year < 1 { 1 - year } else { year }
}

/// Cuts a format into tokens and what stands between; `expand`: tokens for long formats are read too.
fn each_part(format: &str, locale: &'static Locale, expand: bool, parts: &mut Vec<Part>) {
    let literal = |text: &str, parts: &mut Vec<Part>| match parts.last_mut() {
        Some(Part::Literal(before)) => before.push_str(text),
        _ => parts.push(Part::Literal(text.to_owned())),
    };
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if let Some(inside) = bracketed(rest) {
            literal(inside, parts);
            rest = &rest[inside.len() + 2..];
            continue;
        }
        // A backslash takes the meaning from the token behind it.
        if first == '\\' {
            rest = &rest[1..];
            let found = TOKENS.iter().chain(LONG).find(|token| rest.starts_with(**token));
            let len =
                found.map_or_else(|| rest.chars().next().map_or(0, char::len_utf8), |found| found.len());
            literal(&rest[..len], parts);
            rest = &rest[len..];
            continue;
        }
        let long = LONG.iter().find(|long| expand && rest.starts_with(**long));
        let token = TOKENS.iter().find(|token| rest.starts_with(**token));
        let len = match (long, token) {
            (Some(long), _) => {
                each_part(&locale.long_format(long), locale, false, parts);
                long.len()
            }
            (None, Some(token)) => {
                parts.push(Part::Token(token));
                token.len()
            }
            (None, None) => {
                literal(&rest[..first.len_utf8()], parts);
                first.len_utf8()
            }
        };
        rest = &rest[len..];
    }
}

/// What is in the brackets that `rest` begins with.
fn bracketed(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('[')?;
    let next = inside.find('[').unwrap_or(inside.len());
    inside[..next].rfind(']').map(|end| &inside[..end])
}

fn month_form(parts: &[Part]) -> MonthForm {
    let is_month = |part: &Part| matches!(part, Part::Token("MMMM" | "MMM"));
    let Some(at) = parts.iter().position(is_month) else { return MonthForm::Alone };
    let text = |part: Option<&Part>| match part {
        Some(Part::Literal(text)) => text.clone(),
        _ => String::new(),
    };
    let before = at.checked_sub(1).and_then(|at| parts.get(at));
    if text(before).ends_with('-') && text(parts.get(at + 1)).starts_with('-') {
        return MonthForm::Dashed;
    }
    let day = at.checked_sub(2).and_then(|at| parts.get(at));
    let is_day = matches!(day, Some(Part::Token("D" | "DD" | "Do")));
    let between = text(before);
    if is_day && !between.is_empty() && !between.contains(['-', '/']) {
        MonthForm::OfDay
    } else {
        MonthForm::Alone
    }
}

/// The year and the week in a language where weeks begin on `first` and the first week of a year has January
/// `7 + first - january`.
fn week_of_year(date: Date, (first, january): (i64, i64)) -> (i64, i64) {
    let year = i64::from(date.year());
    let week = (i64::from(date.day_of_year()) - week_offset(year, first, january) - 1).div_euclid(7) + 1;
    if week < 1 {
        (year - 1, week + weeks_in_year(year - 1, first, january))
    } else if week > weeks_in_year(year, first, january) {
        (year + 1, week - weeks_in_year(year, first, january))
    } else {
        (year, week)
    }
}

/// Days from January 1 to the start of the first week.
fn week_offset(year: i64, first: i64, january: i64) -> i64 {
    let day = 7 + first - january;
    let Some(new_year) = super::spell::date(year, 1, 1) else { return 0 };
    (day - 1) - (weekday(new_year) + day - 1 - first).rem_euclid(7)
}

fn weeks_in_year(year: i64, first: i64, january: i64) -> i64 {
    let days = match (super::spell::date(year, 1, 1), super::spell::date(year + 1, 1, 1)) {
        (Some(from), Some(to)) => days_between(from, to),
        _ => 365,
    };
    (days - week_offset(year, first, january) + week_offset(year + 1, first, january)) / 7
}

/// `EST`, or the offset where a zone has no letters.
fn zone_name(ms: i64, zone: &TimeZone) -> String {
    let Ok(moment) = Timestamp::from_millisecond(ms) else { return String::new() };
    zone.to_offset_info(moment).abbreviation().to_owned()
}

fn offset_text(ms: i64, zone: &TimeZone, between: &str) -> String {
    let seconds = Timestamp::from_millisecond(ms).map_or(0, |moment| zone.to_offset(moment).seconds());
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
}

/// The first day of a week and the rule for the first week, as a date: for reading weeks.
pub(super) fn week_start(year: i64, week: i64, (first, january): (i64, i64)) -> Option<Date> {
    let new_year = super::spell::date(year, 1, 1)?;
    super::calendar::days_later(new_year, week_offset(year, first, january) + (week - 1) * 7)
}
