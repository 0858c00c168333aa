//! Languages of dates: names of months and days, long formats, ordinals, halves of the day.
//!
//! The facts are those of Moment.js's locales, which Airtable shows dates with; the table is in
//! `locale_data.rs`. Names of twelve or seven stand in one text with `|` between, so that a language is a few
//! lines.

use super::args::{Given, refuse};
use super::locale_data::LOCALES;

/// How one language writes dates.
pub(super) struct Locale {
    /// The tag in small letters, such as `pt-br`.
    pub(super) tag: &'static str,
    pub(super) months: &'static str,
    /// The months behind a day (`5 марта`); empty where they are the same.
    pub(super) months_of_day: &'static str,
    pub(super) short: &'static str,
    pub(super) short_of_day: &'static str,
    /// Short months between hyphens (`5-mar-2024`), which some languages write without their dots.
    pub(super) short_dashed: &'static str,
    pub(super) days: &'static str,
    pub(super) days_short: &'static str,
    pub(super) days_min: &'static str,
    /// What `LT`, `LTS`, `L`, `LL`, `LLL` and `LLLL` stand for.
    pub(super) long: [&'static str; 6],
    /// `l` to `llll` where they are not the large ones with their names and zeros cut.
    pub(super) small: [&'static str; 4],
    /// The first day of a week, 0 for Sunday; and `7 + first - day`, where the week that has this day of
    /// January is the first.
    pub(super) week: (i64, i64),
    pub(super) ordinal: fn(i64, &str) -> String,
    pub(super) half_day: fn(i64, i64, bool) -> &'static str,
}

/// Where in a format a month's name stands, which decides its form in some languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MonthForm {
    /// Alone: `март 2024`.
    #[default]
    Alone,
    /// Behind a day: `5 марта`.
    OfDay,
    /// Between hyphens: `5-mar-2024`.
    Dashed,
}

/// What a word such as AM says of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HalfDay {
    Morning,
    /// Hours from 11 on are before or at noon, smaller ones behind it.
    AroundNoon,
    Afternoon,
}

impl HalfDay {
    /// The hour of 24 that `hour` is.
    pub(super) const fn hour(self, hour: i64) -> i64 {
        match self {
            Self::Morning if hour == 12 => 0,
            Self::Morning => hour,
            Self::AroundNoon if hour < 11 => hour + 12,
            Self::AroundNoon => hour,
            Self::Afternoon if hour < 12 => hour + 12,
            Self::Afternoon => hour,
        }
    }
}

impl Locale {
    /// English as in the United States, where no other language is named.
    pub(super) fn english() -> &'static Self {
        &LOCALES[0]
    }

    /// The language of a tag, in any case and with `_` or `-`; of a region that is not known, its language.
    pub(super) fn named(tag: &str) -> Given<&'static Self> {
        let wanted = tag.trim().to_ascii_lowercase().replace('_', "-");
        if wanted.is_empty() {
            return Ok(Self::english());
        }
        let other = match wanted.as_str() {
            "zh" | "zh-hans" | "zh-sg" => "zh-cn",
            "zh-hant" | "zh-hk" | "zh-mo" => "zh-tw",
            "en-ie" | "en-nz" | "en-in" | "en-za" => "en-gb",
            "no" | "nn" => "nb",
            other => other,
        };
        let find = |tag: &str| LOCALES.iter().find(|locale| locale.tag == tag);
        let language = other.split('-').next().unwrap_or_default();
        match find(other).or_else(|| find(language)) {
            Some(locale) => Ok(locale),
            None => {
                let tag = crate::eval::excerpt(tag);
                refuse(format!("{tag} is not a locale that is known, such as \"en-gb\" or \"zh-cn\""))
            }
        }
    }

    pub(super) fn month(&self, month: i64, form: MonthForm) -> &'static str {
        let months = match form {
            MonthForm::OfDay if !self.months_of_day.is_empty() => self.months_of_day,
            _ => self.months,
        };
        nth(months, month - 1)
    }

    pub(super) fn month_short(&self, month: i64, form: MonthForm) -> &'static str {
        let months = match form {
            MonthForm::OfDay if !self.short_of_day.is_empty() => self.short_of_day,
            MonthForm::Dashed if !self.short_dashed.is_empty() => self.short_dashed,
            _ => self.short,
        };
        nth(months, month - 1)
    }

    /// The name of a day, 0 for Sunday.
    pub(super) fn day(&self, day: i64) -> &'static str {
        nth(self.days, day)
    }

    pub(super) fn day_short(&self, day: i64) -> &'static str {
        nth(self.days_short, day)
    }

    pub(super) fn day_min(&self, day: i64) -> &'static str {
        nth(self.days_min, day)
    }

    /// A number in the order of things; `of` is the token it stands for: `M`, `Q`, `D`, `DDD`, `d`, `w` or `W`.
    pub(super) fn ordinal(&self, number: i64, of: &str) -> String {
        (self.ordinal)(number, of)
    }

    /// AM and PM and their kin.
    pub(super) fn half_day(&self, hour: i64, minute: i64, lower: bool) -> &'static str {
        (self.half_day)(hour, minute, lower)
    }

    /// The half of the day that a word says, in this language or in English.
    pub(super) fn half_day_named(&self, word: &str) -> Option<HalfDay> {
        let says = |hours: std::ops::Range<i64>| {
            hours.flat_map(|hour| [(hour, 0), (hour, 45)]).any(|(hour, minute)| {
                [false, true].into_iter().any(|lower| {
                    same(self.half_day(hour, minute, lower), word)
                        || same(Self::english().half_day(hour, minute, lower), word)
                })
            })
        };
        match (says(0..12), says(12..24)) {
            (true, true) => Some(HalfDay::AroundNoon),
            (true, false) => Some(HalfDay::Morning),
            (false, true) => Some(HalfDay::Afternoon),
            (false, false) => None,
        }
    }

    /// All words that say a half of the day, the longest first.
    pub(super) fn half_day_words(&self) -> Vec<&'static str> {
        let mut words = vec!["AM", "PM"];
        for hour in 0..24 {
            words.extend([self.half_day(hour, 0, false), self.half_day(hour, 45, false)]);
            words.push(self.half_day(hour, 0, true));
        }
        longest_first(words)
    }

    /// Every form of the names of months with the month that each is, the longest first.
    pub(super) fn month_words(&self) -> Vec<(&'static str, i64)> {
        let lists = [self.months, self.months_of_day, self.short, self.short_of_day, self.short_dashed];
        let mut words = Vec::new();
        for list in lists.into_iter().filter(|list| !list.is_empty()) {
            words.extend(list.split('|').zip(1..));
        }
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        words
    }

    /// Every form of the names of days with the day that each is, 0 for Sunday, the longest first.
    pub(super) fn day_words(&self) -> Vec<(&'static str, i64)> {
        let mut words = Vec::new();
        for list in [self.days, self.days_short, self.days_min] {
            words.extend(list.split('|').zip(0..));
        }
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        words
    }

    /// What a token such as `LL` stands for.
    pub(super) fn long_format(&self, token: &str) -> String {
        let at = |n: usize| self.long[n].to_owned();
        match token {
            "LT" => at(0),
            "LTS" => at(1),
            "L" => at(2),
            "LL" => at(3),
            "LLL" => at(4),
            "LLLL" => at(5),
            _ => {
                let n = token.len();
                match self.small[n - 1] {
                    "" => cut_names(self.long[n + 1]),
                    small => small.to_owned(),
                }
            }
        }
    }
}

/// A long format with short names and without leading zeros: `MMMM` as `MMM`, `DD` as `D`.
fn cut_names(long: &str) -> String {
    let mut out = String::new();
    let mut rest = long;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            _ => match ["MMMM", "dddd", "MM", "DD"].into_iter().find(|token| rest.starts_with(token)) {
                Some(token) => {
                    out.push_str(&token[1..]);
                    rest = &rest[token.len()..];
                    continue;
                }
                None => first.len_utf8(),
            },
        };
        out.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    out
}

fn nth(names: &'static str, n: i64) -> &'static str {
    usize::try_from(n).ok().and_then(|n| names.split('|').nth(n)).unwrap_or_default()
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn longest_first(mut words: Vec<&'static str>) -> Vec<&'static str> {
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

pub(super) fn plain(number: i64, _: &str) -> String {
    number.to_string()
}

pub(super) fn english(number: i64, _: &str) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

pub(super) fn english_half(hour: i64, _: i64, lower: bool) -> &'static str {
    if lower { half(hour, "am", "pm") } else { half(hour, "AM", "PM") }
}

pub(super) fn half(hour: i64, morning: &'static str, afternoon: &'static str) -> &'static str {
    if hour < 12 { morning } else { afternoon }
}

/// The words that count days, months and weeks in East Asia.
pub(super) fn counted(number: i64, of: &str, day: &str, month: &str, week: &str) -> String {
    let word = match of {
        "d" | "D" | "DDD" => day,
        "M" => month,
        "w" | "W" => week,
        _ => "",
    };
    format!("{number}{word}")
}

pub(super) fn chinese(hour: i64, minute: i64, _: bool) -> &'static str {
    match hour * 100 + minute {
        ..600 => "凌晨",
        600..900 => "早上",
        900..1130 => "上午",
        1130..1230 => "中午",
        1230..1800 => "下午",
        _ => "晚上",
    }
}

pub(super) fn french(number: i64, of: &str) -> String {
    let end = match (of, number) {
        ("D", 1) => "er",
        ("D", _) => "",
        ("w" | "W", 1) => "re",
        (_, 1) => "er",
        _ => "e",
    };
    format!("{number}{end}")
}

pub(super) fn french_canadian(number: i64, of: &str) -> String {
    if of == "D" && number != 1 { format!("{number}e") } else { french(number, of) }
}

pub(super) fn russian(number: i64, of: &str) -> String {
    match of {
        "M" | "d" | "DDD" => format!("{number}-й"),
        "D" => format!("{number}-го"),
        "w" | "W" => format!("{number}-я"),
        _ => number.to_string(),
    }
}

pub(super) fn russian_hours(hour: i64, _: i64, _: bool) -> &'static str {
    match hour {
        ..4 => "ночи",
        4..12 => "утра",
        12..17 => "дня",
        _ => "вечера",
    }
}

pub(super) fn ukrainian(number: i64, of: &str) -> String {
    match of {
        "M" | "d" | "DDD" | "w" | "W" => format!("{number}-й"),
        "D" => format!("{number}-го"),
        _ => number.to_string(),
    }
}

pub(super) fn ukrainian_hours(hour: i64, _: i64, _: bool) -> &'static str {
    match hour {
        ..4 => "ночі",
        4..12 => "ранку",
        12..17 => "дня",
        _ => "вечора",
    }
}

pub(super) fn bulgarian(number: i64, _: &str) -> String {
    let end = match (number % 10, number % 100) {
        _ if number == 0 => "-ев",
        (_, 0) => "-ен",
        (_, 11..=19) => "-ти",
        (1, _) => "-ви",
        (2, _) => "-ри",
        (7 | 8, _) => "-ми",
        _ => "-ти",
    };
    format!("{number}{end}")
}

pub(super) fn dutch(number: i64, _: &str) -> String {
    let end = if matches!(number, 1 | 8) || number >= 20 { "ste" } else { "de" };
    format!("{number}{end}")
}

pub(super) fn swedish(number: i64, _: &str) -> String {
    let end = if number / 10 % 10 != 1 && matches!(number % 10, 1 | 2) { ":a" } else { ":e" };
    format!("{number}{end}")
}

pub(super) fn catalan(number: i64, of: &str) -> String {
    let end = match (of, number) {
        ("w" | "W", _) => "a",
        (_, 1 | 3) => "r",
        (_, 2) => "n",
        (_, 4) => "t",
        _ => "è",
    };
    format!("{number}{end}")
}

pub(super) fn turkish(number: i64, of: &str) -> String {
    if matches!(of, "d" | "D") {
        return number.to_string();
    }
    let end = |number: i64| match number {
        1 | 5 | 8 | 70 | 80 => Some("'inci"),
        2 | 7 | 20 | 50 => Some("'nci"),
        3 | 4 | 100 => Some("'üncü"),
        6 => Some("'ncı"),
        9 | 10 | 30 => Some("'uncu"),
        0 | 60 | 90 => Some("'ıncı"),
        _ => None,
    };
    let (ones, tens) = (number % 10, number % 100 - number % 10);
    let parts = [ones, tens, 100].into_iter().filter(|part| *part != 0 || number == 0);
    let end = parts.filter_map(end).next().unwrap_or_default();
    format!("{number}{end}")
}

pub(super) fn indonesian(hour: i64, _: i64, _: bool) -> &'static str {
    match hour {
        ..11 => "pagi",
        11..15 => "siang",
        15..19 => "sore",
        _ => "malam",
    }
}

pub(super) fn malay(hour: i64, _: i64, _: bool) -> &'static str {
    match hour {
        ..11 => "pagi",
        11..15 => "tengahari",
        15..19 => "petang",
        _ => "malam",
    }
}
