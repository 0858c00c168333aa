//! Regular expressions and number formats: patterns that usually are the same for all rows.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::args::{Given, refuse};
use crate::limits::REGEX_BYTES_MAX;

/// Keeps the last regular expression, since nearly always it is the next one too.
#[derive(Default)]
pub(super) struct Patterns {
    last: RefCell<Option<(String, Built)>>,
}

/// A regular expression, or why it is none.
type Built = Result<Rc<Regex>, String>;

impl Patterns {
    pub(super) fn get(&self, pattern: &str) -> Given<Rc<Regex>> {
        let mut last = self.last.borrow_mut();
        if last.as_ref().is_none_or(|(known, _)| known != pattern) {
            let built = RegexBuilder::new(pattern)
                .size_limit(REGEX_BYTES_MAX)
                .dfa_size_limit(REGEX_BYTES_MAX)
                .build();
            let built = built.map(Rc::new).map_err(|error| reason(&error));
            *last = Some((pattern.to_owned(), built));
        }
        match last.as_ref() {
            Some((_, Ok(regex))) => Ok(Rc::clone(regex)),
            Some((_, Err(reason))) => refuse(reason.as_str()),
            None => unreachable!("it was just put there"),
        }
    }
}

/// The last line of an error says what is wrong; the others draw where.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    format!("this regular expression cannot be read: {}", line.trim_start_matches("error: "))
}

/// Writes a number in a format of spreadsheets: `0`, `#`, `,`, `.`, `%`, and anything else as it stands.
pub(super) fn format_number(number: f64, format: &str, out: &mut String) {
    // A second section is for negative numbers.
    let mut sections = format.split(';');
    let positive = sections.next().unwrap_or_default();
    let (format, number) = match sections.next() {
        Some(negative) if number < 0.0 => (negative, -number),
        _ => (positive, number),
    };
    let is_slot = |char: char| matches!(char, '0' | '#' | ',' | '.' | '?');
    let Some(start) = format.find(is_slot) else {
        out.push_str(&format.replace('"', ""));
        return;
    };
    let end = format[start..].find(|char| !is_slot(char)).map_or(format.len(), |end| start + end);
    let (slots, percent) = (&format[start..end], format.contains('%'));
    let (whole, fraction) = slots.split_once('.').unwrap_or((slots, ""));
    let value = if percent { number * 100.0 } else { number };
    let most = fraction.chars().count().min(30);
    let least = fraction.trim_end_matches('#').chars().count().min(most);
    let digits = format!("{:.most$}", round_half_away(value.abs(), most as i32));
    let (mut units, mut decimals) = match digits.split_once('.') {
        Some((units, decimals)) => (units.to_owned(), decimals.to_owned()),
        None => (digits.clone(), String::new()),
    };
    while decimals.len() > least && decimals.ends_with('0') {
        decimals.pop();
    }
    let zeros = whole.chars().filter(|char| *char == '0').count();
    if zeros == 0 && units == "0" {
        units.clear();
    }
    while units.len() < zeros {
        units.insert(0, '0');
    }
    if whole.contains(',') {
        units = grouped(&units);
    }
    if value < 0.0 && digits.chars().any(|char| matches!(char, '1'..='9')) {
        out.push('-');
    }
    let point = if decimals.is_empty() { "" } else { "." };
    write!(out, "{}{units}{point}{decimals}{}", literal(&format[..start]), literal(&format[end..]))
        .expect("a string takes text");
}

fn literal(text: &str) -> String {
    text.replace(['"', '\\'], "")
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Rounds to `digits` decimals, halves away from zero as written in decimals: 1.005 becomes 1.01.
pub(super) fn round_half_away(number: f64, digits: i32) -> f64 {
    scaled(number, digits, f64::round)
}

/// Applies `round` to a number shifted by `digits` decimals. What differs from a whole number only by what a
/// binary fraction cannot say is that number.
pub(super) fn scaled(number: f64, digits: i32, round: fn(f64) -> f64) -> f64 {
    let digits = digits.clamp(-310, 310);
    let power = 10f64.powi(digits.abs());
    let shifted = if digits >= 0 { number * power } else { number / power };
    if !shifted.is_finite() || (digits >= 0 && shifted.abs() > 9e15) {
        return number;
    }
    // Half a unit in the last place and a little more.
    let nudged = shifted + shifted.signum() * shifted.abs() * 1.5 * f64::EPSILON;
    let near = if (nudged.round() - shifted).abs() < shifted.abs() * 2.0 * f64::EPSILON {
        nudged.round()
    } else {
        nudged
    };
    let rounded = round(near);
    if digits >= 0 { rounded / power } else { rounded * power }
}

/// A date format of spreadsheets (`yyyy-mm-dd hh:mm`) as one of Moment's: an `m` between hours and seconds is
/// minutes, any other a month. One with a `Y` or a `D` is Moment's already.
pub(super) fn moment_format(format: &str) -> String {
    if format.contains(['Y', 'D']) {
        return format.to_owned();
    }
    let half = format.to_ascii_lowercase().contains("am/pm");
    let format = format.replace("AM/PM", "A").replace("am/pm", "a");
    let mut out = String::new();
    let mut after_hours = false;
    let mut rest = format.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|char| char != first).unwrap_or(rest.len());
        let (run, left) = rest.split_at(end);
        let before_seconds = left.trim_start_matches(|char: char| !char.is_alphabetic()).starts_with('s');
        let hours = if half { "h" } else { "H" };
        match (first, run.len()) {
            ('y', 1 | 2) => out.push_str("YY"),
            ('y', _) => out.push_str("YYYY"),
            ('d', 1 | 2) => out.push_str(&run.to_uppercase()),
            ('h', n) => out.push_str(&hours.repeat(n)),
            ('m', _) if !after_hours && !before_seconds => out.push_str(&run.to_uppercase()),
            _ => out.push_str(run),
        }
        if first.is_alphabetic() {
            after_hours = matches!(first, 'h' | 'H');
        }
        rest = left;
    }
    out
}
