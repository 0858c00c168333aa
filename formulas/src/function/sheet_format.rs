//! Number formats of spreadsheets: `#,##0.00;[Red]-0`, `0.0E+00`, `# ?/8`, `yyyy-mm-dd hh:mm`, `@ "units"`.
//!
//! A format is read once into sections of [`Item`]s and then used for all rows. This file reads them and chooses
//! among the sections; `sheet_number.rs` and `sheet_date.rs` write numbers and dates. The rules are those of
//! Excel's number format codes (ECMA-376, 18.8.31); colors and fill characters are read and left out.

use super::sheet_date::{self, Clock};
use super::sheet_number;

/// A format that has been read.
pub(super) struct SheetFormat {
    sections: Vec<Section>,
}

/// What one kind of value is written with.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) items: Vec<Item>,
    condition: Option<(Comparison, f64)>,
}

/// Part of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Literal(String),
    /// `0`, `#` or `?`; in a fraction's denominator also another digit.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` or `E-`.
    Exponent {
        plus: bool,
    },
    Slash,
    General,
    /// `@`
    Text,
    Date(DatePart),
}

/// Part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatePart {
    Year(usize),
    Month(usize),
    Day(usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    /// Digits behind the point of seconds.
    Fraction(usize),
    /// `AM/PM`, or `A/P`, small or large.
    Half {
        long: bool,
        lower: bool,
    },
    /// All hours, minutes or seconds: `[h]`.
    Elapsed(char, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown<'a> {
    Number(f64),
    Date(Clock),
    Text(&'a str),
}

impl SheetFormat {
    /// Reads a format; every text is one.
    pub(super) fn new(format: &str) -> Self {
        let sections = split_sections(format).into_iter().map(Section::new).collect();
        Self { sections }
    }

    /// Writes a value.
    pub(super) fn write(&self, value: Shown<'_>, out: &mut String) {
        match value {
            Shown::Text(text) => self.text(text, out),
            Shown::Number(number) => {
                let (section, number) = self.section_of(number);
                match section.is_date() {
                    true => sheet_date::write(
                        section,
                        Clock::of_serial(number).rounded(section.fraction_digits()),
                        out,
                    ),
                    false => sheet_number::write(section, number, out),
                }
            }
            Shown::Date(clock) => {
                let section = &self.sections[0];
                match section.is_date() {
                    true => sheet_date::write(section, clock, out),
                    false => {
                        let (section, number) = self.section_of(clock.serial());
                        sheet_number::write(section, number, out);
                    }
                }
            }
        }
    }

    /// A text through the section with `@`, or as it stands.
    fn text(&self, text: &str, out: &mut String) {
        let is_text = |section: &&Section| section.items.contains(&Item::Text);
        let section = self.sections.get(3).or_else(|| self.sections.last().filter(is_text));
        let Some(section) = section else { return out.push_str(text) };
        for item in &section.items {
            match item {
                Item::Text | Item::General => out.push_str(text),
                Item::Literal(literal) => out.push_str(literal),
                _ => {}
            }
        }
    }

    /// The section for a number, and the number as it is to be written there: without the sign that a section
    /// for negative numbers shows in its own way.
    fn section_of(&self, number: f64) -> (&Section, f64) {
        let is_text_only = |section: &Section| section.items.contains(&Item::Text) && !section.has_digits();
        let n = self.sections.len().min(3);
        let numeric = &self.sections[..n];
        let numeric = match numeric {
            [rest @ .., last] if n > 1 && is_text_only(last) => rest,
            all => all,
        };
        if numeric.iter().any(|section| section.condition.is_some()) {
            let holds =
                |section: &&Section| section.condition.is_none_or(|(how, than)| how.holds(number, than));
            let at = numeric.iter().position(|section| holds(&section)).unwrap_or(numeric.len() - 1);
            let section = &numeric[at];
            // The sections behind the first show a sign only if they are asked for both kinds.
            let own_sign = matches!(section.condition, Some((Comparison::Less | Comparison::LessEqual, than)) if than <= 0.0);
            return (
                section,
                if own_sign || (at > 0 && section.condition.is_none()) { number.abs() } else { number },
            );
        }
        match numeric {
            [_, negative, ..] if number < 0.0 => (negative, -number),
            [_, _, zero] if number == 0.0 => (zero, number),
            [positive, ..] => (positive, number),
            [] => (&self.sections[0], number),
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, than: f64) -> bool {
        match self {
            Self::Less => number < than,
            Self::LessEqual => number <= than,
            Self::Greater => number > than,
            Self::GreaterEqual => number >= than,
            Self::Equal => number == than,
            Self::NotEqual => number != than,
        }
    }
}

impl Section {
    fn new(text: &str) -> Self {
        let mut section = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = section.item(first, rest);
        }
        section.tell_minutes_from_months();
        section
    }

    pub(super) fn has_digits(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Digit(_)))
    }

    fn is_date(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Date(_)))
    }

    /// How many digits of a second are shown.
    fn fraction_digits(&self) -> usize {
        let digits = |item: &Item| match item {
            Item::Date(DatePart::Fraction(n)) => Some(*n),
            _ => None,
        };
        self.items.iter().find_map(digits).unwrap_or(0)
    }

    fn literal(&mut self, text: &str) {
        match self.items.last_mut() {
            Some(Item::Literal(before)) => before.push_str(text),
            _ => self.items.push(Item::Literal(text.to_owned())),
        }
    }

    /// Reads an item from the left; gives what is left.
    fn item<'a>(&mut self, first: char, rest: &'a str) -> &'a str {
        let behind = &rest[first.len_utf8()..];
        let behind_next = behind.char_indices().nth(1).map_or("", |(at, _)| &behind[at..]);
        let next = behind.chars().next();
        let in_date = self.is_date();
        match first {
            '"' => {
                let end = behind.find('"').unwrap_or(behind.len());
                self.literal(&behind[..end]);
                return behind.get(end + 1..).unwrap_or_default();
            }
            '\\' | '!' if next.is_some() => {
                self.literal(&behind[..behind.len() - behind_next.len()]);
                return behind_next;
            }
            // As wide as the next character; or filled up with it.
            '_' if next.is_some() => {
                self.literal(" ");
                return behind_next;
            }
            '*' if next.is_some() => return behind_next,
            '[' => {
                if let Some(end) = behind.find(']') {
                    self.bracket(&behind[..end]);
                    return &behind[end + 1..];
                }
                self.literal("[");
            }
            '0' if in_date => {
                let n = rest.len() - rest.trim_start_matches('0').len();
                let zeros = &rest[..n];
                // `ss.00`: the point was read before.
                match self.items.pop() {
                    Some(Item::Point) => self.items.push(Item::Date(DatePart::Fraction(n.min(9)))),
                    before => {
                        self.items.extend(before);
                        self.literal(zeros);
                    }
                }
                return &rest[n..];
            }
            '0' | '#' | '?' => self.items.push(Item::Digit(first)),
            '1'..='9' if self.items.contains(&Item::Slash) => self.items.push(Item::Digit(first)),
            '.' => self.items.push(Item::Point),
            ',' if in_date => self.literal(","),
            ',' => self.items.push(Item::Comma),
            '%' => self.items.push(Item::Percent),
            '/' if self.has_digits() && !in_date => self.items.push(Item::Slash),
            '@' => self.items.push(Item::Text),
            'E' | 'e' if self.has_digits() && matches!(next, Some('+' | '-')) => {
                self.items.push(Item::Exponent { plus: next == Some('+') });
                return behind_next;
            }
            _ => return self.word(first, rest),
        }
        behind
    }

    fn word<'a>(&mut self, first: char, rest: &'a str) -> &'a str {
        let starts =
            |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if starts("General") {
            self.items.push(Item::General);
            return &rest[7..];
        }
        for (word, long) in [("AM/PM", true), ("A/P", false)] {
            if starts(word) {
                self.items.push(Item::Date(DatePart::Half { long, lower: first == 'a' }));
                return &rest[word.len()..];
            }
        }
        let small = first.to_ascii_lowercase();
        let n = rest.chars().take_while(|char| char.to_ascii_lowercase() == small).count();
        let part = match small {
            'y' => DatePart::Year(n),
            'e' => DatePart::Year(4),
            'm' => DatePart::Month(n),
            'd' => DatePart::Day(n),
            'h' => DatePart::Hour(n),
            's' => DatePart::Second(n),
            _ => {
                self.literal(&rest[..first.len_utf8()]);
                return &rest[first.len_utf8()..];
            }
        };
        self.items.push(Item::Date(part));
        &rest[n..]
    }

    /// What stands in brackets: elapsed time, a condition, a currency; anything else is a color.
    fn bracket(&mut self, inside: &str) {
        let small = inside.to_ascii_lowercase();
        if let Some(first @ ('h' | 'm' | 's')) = small.chars().next()
            && small.chars().all(|char| char == first)
        {
            return self.items.push(Item::Date(DatePart::Elapsed(first, small.len().min(9))));
        }
        if let Some(currency) = inside.strip_prefix('$') {
            return self.literal(currency.split('-').next().unwrap_or_default());
        }
        let signs = [
            ("<=", Comparison::LessEqual),
            (">=", Comparison::GreaterEqual),
            ("<>", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ];
        for (sign, how) in signs {
            if let Some(than) = inside.strip_prefix(sign).and_then(|than| than.trim().parse().ok()) {
                self.condition = Some((how, than));
                return;
            }
        }
    }

    /// An `m` is minutes behind hours and before seconds, elsewhere months.
    fn tell_minutes_from_months(&mut self) {
        let dates: Vec<(usize, DatePart)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| match item {
                Item::Date(part) => Some((at, *part)),
                _ => None,
            })
            .collect();
        for (nth, (at, part)) in dates.iter().enumerate() {
            let DatePart::Month(n @ 1..=2) = part else { continue };
            let before = nth.checked_sub(1).map(|nth| dates[nth].1);
            let behind = dates.get(nth + 1).map(|(_, part)| *part);
            let after_hours = matches!(before, Some(DatePart::Hour(_) | DatePart::Elapsed('h', _)));
            if after_hours || matches!(behind, Some(DatePart::Second(_) | DatePart::Elapsed('s', _))) {
                self.items[*at] = Item::Date(DatePart::Minute(*n));
            }
        }
        // A point that no fraction of a second followed is a point.
        if self.is_date() {
            for item in &mut self.items {
                if *item == Item::Point {
                    *item = Item::Literal(".".to_owned());
                }
            }
        }
    }
}

/// The parts between semicolons that are neither quoted nor escaped.
fn split_sections(format: &str) -> Vec<&str> {
    let (mut sections, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, char) in format.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match char {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            ';' if !quoted => {
                sections.push(&format[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    sections.push(&format[start..]);
    sections
}
