//! What the columns of a file are: a type is taken if it fits nearly every cell that says something.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::parse;
use super::sniff::Dialect;

/// Different texts up to which a column may be a select.
const OPTIONS_MAX: usize = 30;
/// Characters of an option's name.
const OPTION_CHARS_MAX: usize = 40;
/// Digits that a number keeps exactly; longer ones are order numbers and the like.
const DIGITS_MAX: usize = 15;
/// Of a hundred cells, so many must fit.
const FIT_PERCENT: u64 = 95;

/// A column of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// From the header; made up where that is blank or not unique.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// What people should know of how it was read: a made-up name, cells that kept it from being numbers.
    pub notes: Vec<String>,
}

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Anything.
    Text,
    /// Some cells have several lines or are long.
    LongText,
    /// `format` and `decimals` as the first cells show them.
    Number {
        /// `plain`, `thousands`, `percent` or `currency`.
        format: &'static str,
        /// Places behind the point.
        decimals: u8,
        /// ISO 4217.
        currency: Option<&'static str>,
    },
    /// Yes or no.
    Checkbox,
    /// With or without a time of day.
    Date {
        /// Whether any cell has one.
        time: bool,
    },
    /// Few different texts.
    Select,
}

impl Kind {
    /// The type of the field that is made.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "longText",
            Self::Number { .. } => "number",
            Self::Checkbox => "checkbox",
            Self::Date { .. } => "date",
            Self::Select => "singleSelect",
        }
    }

    /// The options of the field that is made.
    pub fn options(&self) -> Json {
        match self {
            Self::Number { format, decimals, currency: Some(currency) } => {
                json!({ "format": format, "decimals": decimals, "currency": currency })
            }
            Self::Number { format, decimals, currency: None } => {
                json!({ "format": format, "decimals": decimals })
            }
            Self::Date { time } => json!({ "time": time }),
            _ => Json::Null,
        }
    }
}

/// What is seen of a column while the file goes by.
#[derive(Default)]
struct Seen {
    filled: u64,
    numbers: u64,
    booleans: u64,
    zeros_and_ones: u64,
    dates: u64,
    times: u64,
    codes: u64,
    percents: u64,
    thousands: u64,
    decimals: usize,
    currency: Option<&'static str>,
    long: bool,
    distinct: HashSet<String>,
    many: bool,
    /// The first cells that are no number and no date, with their rows.
    no_number: Option<(u64, String)>,
    no_date: Option<(u64, String)>,
}

/// Words that mean yes and no together: a column of them is one of checkboxes.
const BOOLEANS: &[&[&str]] = &[
    &["true", "false"],
    &["yes", "no"],
    &["y", "n"],
    &["是", "否"],
    &["真", "假"],
    &["✓", "✗", "✘"],
    &["✔", "✗", "✘"],
    &["☑", "☐"],
    &["checked", "unchecked"],
    &["x"],
];

/// Guesses the columns of a file.
///
/// # Errors
///
/// If it cannot be read.
pub fn guess(path: &Path, dialect: &Dialect) -> io::Result<Vec<Column>> {
    let mut reader = dialect.open_with_header(path)?;
    let mut line = csv::StringRecord::new();
    if !reader.read_record(&mut line).map_err(io::Error::other)? {
        return Ok(Vec::new());
    }
    let names = names(&line);
    let mut seen: Vec<Seen> = names.iter().map(|_| Seen::default()).collect();
    let mut row = 0;
    while reader.read_record(&mut line).map_err(io::Error::other)? {
        row += 1;
        for (seen, cell) in seen.iter_mut().zip(line.iter()) {
            seen.look(row, cell.trim());
        }
    }
    let column = |((name, note), seen): ((String, Option<String>), Seen)| {
        let kind = seen.kind();
        let notes = note.into_iter().chain(seen.note(&kind)).collect();
        Column { name, kind, notes }
    };
    Ok(names.into_iter().zip(seen).map(column).collect())
}

/// The columns' names; made up where the header has none, or has it twice, with a note that says so.
fn names(header: &csv::StringRecord) -> Vec<(String, Option<String>)> {
    let mut used = HashSet::new();
    let name = |(at, cell): (usize, &str)| {
        let cell = cell.trim();
        let base: String =
            if cell.is_empty() { format!("Column {}", at + 1) } else { cell.chars().take(100).collect() };
        let mut name = base.clone();
        let mut n = 2;
        while !used.insert(name.to_lowercase()) {
            name = format!("{base} {n}");
            n += 1;
        }
        let note = match () {
            () if cell.is_empty() => Some("has no name in the file".to_owned()),
            () if name != base => Some(format!("is called \"{base}\" in the file, as another one is")),
            () => None,
        };
        (name, note)
    };
    header.iter().enumerate().map(name).collect()
}

impl Seen {
    fn look(&mut self, row: u64, cell: &str) {
        if cell.is_empty() || parse::is_placeholder(cell) {
            return;
        }
        self.filled += 1;
        self.long |= cell.contains('\n') || cell.len() > 300;
        if !self.many {
            if !self.distinct.contains(cell) {
                self.distinct.insert(cell.to_owned());
            }
            self.many = self.distinct.len() > OPTIONS_MAX || cell.chars().count() > OPTION_CHARS_MAX;
        }
        if is_code(cell) {
            self.codes += 1;
        }
        if parse::boolean(cell).is_some() {
            self.booleans += 1;
            self.zeros_and_ones += u64::from(cell == "0" || cell == "1");
        }
        if parse::number(cell).is_some() {
            self.numbers += 1;
            self.percents += u64::from(cell.ends_with(['%', '％']));
            self.thousands += u64::from(cell.contains(','));
            let digits = cell.trim_end_matches(|char: char| !char.is_ascii_digit());
            self.decimals =
                self.decimals.max(digits.split_once('.').map_or(0, |(_, places)| places.len())).min(8);
            self.currency = self.currency.or(match cell.trim_start_matches(['-', '(']).chars().next() {
                Some('¥' | '￥') => Some("CNY"),
                Some('$') => Some("USD"),
                Some('€') => Some("EUR"),
                Some('£') => Some("GBP"),
                Some('₹') => Some("INR"),
                _ => None,
            });
            self.no_date.get_or_insert_with(|| (row, cell.to_owned()));
            return;
        }
        self.no_number.get_or_insert_with(|| (row, cell.to_owned()));
        if parse::date(cell, &TimeZone::UTC).is_some() {
            self.dates += 1;
            self.times += u64::from(parse::has_time(cell));
        } else {
            self.no_date.get_or_insert_with(|| (row, cell.to_owned()));
        }
    }

    /// Which cell kept a column from being numbers or dates that most of it is: nothing is lost by reading it as
    /// text, but people want to know.
    fn note(&self, kind: &Kind) -> Option<String> {
        if !matches!(kind, Kind::Text | Kind::LongText | Kind::Select) || self.codes > 0 {
            return None;
        }
        let (word, n, first) = match () {
            () if self.numbers * 2 > self.filled => ("numbers", self.numbers, self.no_number.as_ref()),
            () if self.dates * 2 > self.filled => ("dates", self.dates, self.no_date.as_ref()),
            () => return None,
        };
        let (row, cell) = first?;
        let (of, cell) = (self.filled, cell.chars().take(40).collect::<String>());
        Some(format!("stays text: {n} of {of} cells are {word}, row {row} is \"{cell}\""))
    }

    /// Whether all cells are of one pair of words for yes and no.
    fn is_boolean(&self) -> bool {
        let is_of =
            |pair: &&&[&str]| self.distinct.iter().all(|cell| pair.contains(&cell.to_lowercase().as_str()));
        self.booleans == self.filled && self.filled > 0 && BOOLEANS.iter().any(|pair| is_of(&pair))
    }

    fn kind(&self) -> Kind {
        let fits = |n: u64| self.filled > 0 && n * 100 >= self.filled * FIT_PERCENT;
        // One order number with a zero in front makes all of them texts.
        if self.codes == 0 && fits(self.numbers) && self.zeros_and_ones < self.filled {
            let format = match () {
                () if self.percents * 2 > self.numbers => "percent",
                () if self.currency.is_some() => "currency",
                () if self.thousands > 0 => "thousands",
                () => "plain",
            };
            let currency = self.currency.filter(|_| format == "currency");
            let decimals = self.decimals as u8;
            return Kind::Number { format, decimals, currency };
        }
        if self.codes == 0 && fits(self.numbers) {
            return Kind::Number { format: "plain", decimals: 0, currency: None };
        }
        if fits(self.dates) {
            return Kind::Date { time: self.times > 0 };
        }
        if self.is_boolean() {
            return Kind::Checkbox;
        }
        if self.long {
            return Kind::LongText;
        }
        if !self.many && self.filled >= 10 && self.filled >= 4 * self.distinct.len() as u64 && self.codes == 0
        {
            return Kind::Select;
        }
        Kind::Text
    }
}

/// Digits that are no quantity: a leading zero, a plus sign, or more digits than a number keeps.
fn is_code(cell: &str) -> bool {
    let digits = cell.strip_prefix('+').unwrap_or(cell);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits
        && (digits.len() > 1 && digits.starts_with('0')
            || digits.len() > DIGITS_MAX
            || digits.len() < cell.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(cells: &[&str]) -> Kind {
        let mut seen = Seen::default();
        cells.iter().for_each(|cell| seen.look(1, cell));
        seen.kind()
    }

    #[test]
    fn says_what_kept_a_column_from_being_numbers() {
        let mut seen = Seen::default();
        ["1", "2", "abc", "4"].iter().zip(1..).for_each(|(cell, row)| seen.look(row, cell));
        let note = seen.note(&seen.kind());
        assert_eq!(note.as_deref(), Some("stays text: 3 of 4 cells are numbers, row 3 is \"abc\""));
        let header = csv::StringRecord::from(vec!["a", "a", ""]);
        let notes: Vec<_> = names(&header).into_iter().map(|(name, note)| (name, note.is_some())).collect();
        assert_eq!(notes, [("a".into(), false), ("a 2".into(), true), ("Column 3".into(), true)]);
    }

    #[test]
    fn guesses_what_columns_are() {
        let number = |format, decimals| Kind::Number { format, decimals, currency: None };
        assert_eq!(kind(&["1", "2", ""]), number("plain", 0));
        assert_eq!(kind(&["1,200", "3.25", "n/a"]), number("thousands", 2));
        assert_eq!(kind(&["45%", "12.5%"]), number("percent", 1));
        assert_eq!(
            kind(&["¥99", "¥1,200.50"]),
            Kind::Number { format: "currency", decimals: 2, currency: Some("CNY") }
        );
        assert_eq!(kind(&["007", "12", "13"]), Kind::Text);
        assert_eq!(kind(&["12345678901234567"]), Kind::Text);
        assert_eq!(kind(&["2026-01-01", "2026/1/2"]), Kind::Date { time: false });
        assert_eq!(kind(&["2026-01-01 10:00"]), Kind::Date { time: true });
        assert_eq!(kind(&["yes", "no", "yes"]), Kind::Checkbox);
        assert_eq!(kind(&["x", "y"]), Kind::Text);
        assert_eq!(kind(&["x", "", "X"]), Kind::Checkbox);
        assert_eq!(kind(&["0", "1"]), number("plain", 0));
        assert_eq!(kind(&["Open"; 12]), Kind::Select);
        assert_eq!(kind(&["a\nb", "c"]), Kind::LongText);
        assert_eq!(kind(&[]), Kind::Text);
    }
}
