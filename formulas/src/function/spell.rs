//! Numbers and dates as text, and back, where no format is given.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::calendar::{civil, moment};
use super::locale::{HalfDay, Locale, MonthForm};

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

/// A date as people write it: ISO (also `20240131`, `2024-01`, `2024-W05-3`, `2024-031`), `2024/1/31`, `1/31/2024`,
/// `31 Jan 2024`, `Jan 31, 2024`, `January 2024`, `2024年1月31日`, each perhaps behind the day of the week; then perhaps
/// a time, `15:04`, `3:04:05 pm`, `下午3:04`; then perhaps `Z`, `GMT` or `+08:00`. Without that the time is one of
/// `zone`.
pub(crate) fn parse_date(text: &str, zone: &TimeZone) -> Option<i64> {
    let mut reader = Reader { rest: text.trim() };
    reader.day_of_week();
    let date = reader.date()?;
    reader.skip(|char| matches!(char, 'T' | 't' | ',') || char.is_whitespace());
    let time = if reader.rest.is_empty() { Time::midnight() } else { reader.time()? };
    let offset = reader.offset()?;
    let at = DateTime::from_parts(date, time);
    match offset {
        _ if !reader.rest.is_empty() => None,
        Some(offset) => moment(at, &TimeZone::fixed(offset)).ok(),
        None => moment(at, zone).ok(),
    }
}

/// A time of day as people write it, in milliseconds.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let mut reader = Reader { rest: text.trim() };
    let time = reader.time()?;
    let nanos = i64::from(time.subsec_nanosecond());
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    reader.rest.is_empty().then_some(seconds * 1_000 + nanos / 1_000_000)
}

/// The month of an English name or its first three letters.
fn month_named(name: &str) -> Option<i64> {
    named(name, (1..=12).map(|month| Locale::english().month(month, MonthForm::Alone))).map(|at| at + 1)
}

/// The place of a name among others, by at least its first three letters.
fn named(name: &str, mut names: impl Iterator<Item = &'static str>) -> Option<i64> {
    let is = |full: &str| {
        let start = full.get(..name.len());
        name.len() >= 3 && start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    names.position(is).map(|at| at as i64)
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

    /// Takes a text if it is there.
    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn number(&mut self) -> Option<i64> {
        let digits = self.take(|char| char.is_ascii_digit());
        if digits.len() > 4 { None } else { digits.parse().ok() }
    }

    /// How many digits come next.
    fn n_digits(&self) -> usize {
        self.rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    fn month_name(&mut self) -> Option<i64> {
        // `Sept` is as common as `Sep`.
        match self.take(char::is_alphabetic) {
            name if name.eq_ignore_ascii_case("sept") => Some(9),
            name => month_named(name),
        }
    }

    /// `Tue, ` or `Tuesday `, which the date says too.
    fn day_of_week(&mut self) {
        let end = self.rest.find(|char: char| !char.is_alphabetic()).unwrap_or(self.rest.len());
        let days = (0..7).map(|day| Locale::english().day(day));
        if named(&self.rest[..end], days).is_some() {
            self.rest = &self.rest[end..];
            self.skip(|char| matches!(char, ',' | '.') || char.is_whitespace());
        }
    }

    /// A year; of two digits, one from 1969 to 2068.
    fn year(&mut self) -> Option<i64> {
        let n = self.n_digits();
        let year = self.number()?;
        Some(match n {
            2 if year > 68 => year + 1900,
            2 => year + 2000,
            _ => year,
        })
    }

    fn date(&mut self) -> Option<Date> {
        if self.rest.starts_with(char::is_alphabetic) {
            let month = self.month_name()?;
            self.skip(|char| matches!(char, '.' | '-') || char.is_whitespace());
            if self.n_digits() == 4 {
                return date(self.number()?, month, 1);
            }
            let day = self.day()?;
            self.skip(|char| matches!(char, ',' | '-') || char.is_whitespace());
            return date(self.year()?, month, day);
        }
        let before_christ = self.rest.starts_with('-') && self.eat("-");
        let sign = if before_christ { -1 } else { 1 };
        let n = self.n_digits();
        if n == 8 {
            let (digits, rest) = self.rest.split_at(8);
            self.rest = rest;
            let part = |from: usize, to: usize| digits[from..to].parse::<i64>().ok();
            return date(part(0, 4)?, part(4, 6)?, part(6, 8)?);
        }
        let first = sign * self.number()?;
        let separator = self.rest.chars().next()?;
        match separator {
            '年' => self.chinese_date(first),
            '-' | '/' | '.' if n == 4 => {
                self.rest = &self.rest[1..];
                self.after_year(first, separator)
            }
            // A month's name between hyphens: `22-May-2011`.
            '-' | '/' | '.' if !self.rest[1..].starts_with(|char: char| char.is_ascii_digit()) => {
                self.rest = &self.rest[1..];
                let month = self.month_name()?;
                self.skip(|char| matches!(char, '-' | '/' | '.') || char.is_whitespace());
                date(self.year()?, month, first)
            }
            '-' | '/' | '.' => {
                self.rest = &self.rest[1..];
                let second = self.number()?;
                self.rest = self.rest.strip_prefix(separator)?;
                date(self.year()?, first, second)
            }
            _ => {
                self.skip(|char| char.is_alphabetic() && char.is_lowercase());
                self.skip(char::is_whitespace);
                self.eat("of ");
                let month = self.month_name()?;
                self.skip(|char| matches!(char, '.' | ',') || char.is_whitespace());
                date(self.year()?, month, first)
            }
        }
    }

    /// What stands behind `2024-`: a month and a day, a month, a week and a day, or a day of the year.
    fn after_year(&mut self, year: i64, separator: char) -> Option<Date> {
        if separator == '-' && self.eat("W") {
            let week = self.number()?;
            let day = if self.eat("-") { self.number()? } else { 1 };
            let start = super::moment::week_start(year, week, (1, 4))?;
            return super::calendar::days_later(start, day - 1).filter(|_| (1..=53).contains(&week));
        }
        let n = self.n_digits();
        let second = match n {
            0 => self.month_name()?,
            _ => self.number()?,
        };
        if separator == '-' && n == 3 {
            let day = super::calendar::days_later(date(year, 1, 1)?, second - 1)?;
            return (i64::from(day.year()) == year).then_some(day);
        }
        match self.rest.strip_prefix(separator) {
            Some(rest) => {
                self.rest = rest;
                let third = self.number()?;
                date(year, second, third)
            }
            None if separator == '-' && n == 2 => date(year, second, 1),
            None => None,
        }
    }

    fn chinese_date(&mut self, year: i64) -> Option<Date> {
        self.eat("年");
        let month = self.number()?;
        self.rest = self.rest.strip_prefix('月')?;
        if self.n_digits() == 0 {
            return date(year, month, 1);
        }
        let day = self.number()?;
        self.rest = self.rest.strip_prefix(['日', '号']).unwrap_or(self.rest);
        date(year, month, day)
    }

    /// A day of the month, perhaps `1st`.
    fn day(&mut self) -> Option<i64> {
        let day = self.number();
        self.skip(char::is_alphabetic);
        day
    }

    fn time(&mut self) -> Option<Time> {
        let mut half = self.half_day();
        let packed = self.n_digits();
        let mut hour = match packed {
            // `T1730` and `T173045`, as ISO has them.
            4 | 6 if half.is_none() => return self.packed_time(packed),
            _ => self.number()?,
        };
        let (mut minute, mut second, mut nanos) = (0, 0, 0);
        let with_signs = self.eat("点") || self.eat("時") || self.eat("时");
        if with_signs || self.eat(":") {
            minute = if with_signs && self.n_digits() == 0 { 0 } else { self.number()? };
            if with_signs {
                self.rest = self.rest.strip_prefix('分').unwrap_or(self.rest);
            }
        }
        if self.eat(":") {
            second = self.number()?;
        }
        if self.eat(".") {
            let digits = self.take(|char| char.is_ascii_digit());
            nanos = format!("{digits:0<9}").get(..9)?.parse::<i32>().ok()?;
        }
        self.skip(char::is_whitespace);
        half = half.or_else(|| self.half_day());
        if let Some(half) = half {
            if !(0..=12).contains(&hour) {
                return None;
            }
            hour = half.hour(hour);
        }
        let small = |number: i64| i8::try_from(number).ok();
        Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()
    }

    fn packed_time(&mut self, n: usize) -> Option<Time> {
        let (digits, rest) = self.rest.split_at(n);
        self.rest = rest;
        let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), |part| part.parse::<i8>().ok());
        Time::new(part(0)?, part(2)?, part(4)?, 0).ok()
    }

    /// `AM`, `p.m.`, `上午` and their like.
    fn half_day(&mut self) -> Option<HalfDay> {
        let words = [
            ("am", HalfDay::Morning),
            ("a.m.", HalfDay::Morning),
            ("pm", HalfDay::Afternoon),
            ("p.m.", HalfDay::Afternoon),
            ("上午", HalfDay::Morning),
            ("凌晨", HalfDay::Morning),
            ("早上", HalfDay::Morning),
            ("中午", HalfDay::AroundNoon),
            ("下午", HalfDay::Afternoon),
            ("晚上", HalfDay::Afternoon),
        ];
        let found = words.iter().find(|(word, _)| {
            self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        });
        found.map(|(word, half)| {
            self.rest = self.rest[word.len()..].trim_start();
            *half
        })
    }

    /// `Z`, `GMT`, `+08:00`, `GMT-0530 (a name)` or nothing; `None` if it is none of these.
    fn offset(&mut self) -> Option<Option<Offset>> {
        self.skip(char::is_whitespace);
        let is_utc = self.eat("UTC") || self.eat("GMT") || self.eat("Z") || self.eat("z");
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return Some(is_utc.then_some(Offset::UTC)),
        };
        self.rest = &self.rest[1..];
        let digits = self.take(|char| char.is_ascii_digit() || char == ':').replace(':', "");
        let (hours, minutes) = match digits.len() {
            1 | 2 => (digits.parse::<i32>().ok()?, 0),
            4 => (digits[..2].parse::<i32>().ok()?, digits[2..].parse::<i32>().ok()?),
            _ => return None,
        };
        self.skip(char::is_whitespace);
        if self.rest.starts_with('(') && self.rest.ends_with(')') {
            self.rest = "";
        }
        Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok().map(Some)
    }
}

/// A civil date from numbers that may be anything.
pub(crate) fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
