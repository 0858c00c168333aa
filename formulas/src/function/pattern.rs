//! What is the same for nearly all rows and is made once: regular expressions and formats; and rounding.

use std::cell::RefCell;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::args::{Given, refuse};
use crate::limits::{FORMAT_BYTES_MAX, REGEX_BYTES_MAX, REGEX_TEXT_BYTES_MAX};

/// Keeps the last thing that was made of a text, since nearly always it is the next one too.
pub(super) struct Last<T> {
    last: RefCell<Option<(String, Given<Rc<T>>)>>,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self { last: RefCell::default() }
    }
}

impl<T> Last<T> {
    /// What `make` makes of `text`.
    pub(super) fn get(&self, text: &str, make: impl FnOnce(&str) -> Given<T>) -> Given<Rc<T>> {
        let mut last = self.last.borrow_mut();
        match last.as_ref() {
            Some((known, made)) if known == text => made.clone(),
            _ => {
                let made = make(text).map(Rc::new);
                *last = Some((text.to_owned(), made.clone()));
                made
            }
        }
    }
}

/// The last regular expression, and the last that is to find any case.
#[derive(Default)]
pub(super) struct Patterns([Last<Regex>; 2]);

impl Patterns {
    pub(super) fn get(&self, pattern: &str) -> Given<Rc<Regex>> {
        self.any_case(pattern, false)
    }

    /// A regular expression, which finds capitals for small letters too where `any_case` says so.
    pub(super) fn any_case(&self, pattern: &str, any_case: bool) -> Given<Rc<Regex>> {
        let build = |translated: &str| {
            RegexBuilder::new(translated)
                .case_insensitive(any_case)
                .size_limit(REGEX_BYTES_MAX)
                .dfa_size_limit(REGEX_BYTES_MAX)
                .build()
        };
        self.0[usize::from(any_case)].get(pattern, |pattern| match build(&from_re2(pattern)) {
            Ok(regex) => Ok(regex),
            // As it was typed, so that the place that is named is one that people see.
            Err(error) => refuse(reason(pattern, &build(pattern).err().unwrap_or(error))),
        })
    }
}

/// A format, which is read again where it changes from row to row.
pub(super) fn short_format(format: &str) -> Given<&str> {
    match format.len() {
        ..=FORMAT_BYTES_MAX => Ok(format),
        n => refuse(format!("a format has at most {FORMAT_BYTES_MAX} bytes, this one has {n}")),
    }
}

/// A text in which a regular expression may search.
pub(super) fn pattern_text(text: &str) -> Given<&str> {
    match text.len() {
        ..=REGEX_TEXT_BYTES_MAX => Ok(text),
        n => refuse(format!(
            "a regular expression searches at most {REGEX_TEXT_BYTES_MAX} bytes, the text has {n}"
        )),
    }
}

/// RE2's `\d`, `\w`, `\s` and `\b` know ASCII alone, and `\Q…\E` quotes.
fn from_re2(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('s') => out.push_str(r"[\t\n\x0C\r ]"),
                Some('S') => out.push_str(r"[^\t\n\x0C\r ]"),
                Some('b') if !in_class => out.push_str(r"(?-u:\b)"),
                Some('Q') if !in_class => {
                    let rest = chars.as_str();
                    let (quoted, behind) = rest.split_once(r"\E").unwrap_or((rest, ""));
                    out.push_str(&regex::escape(quoted));
                    chars = behind.chars();
                }
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                // A bracket right behind the opening one is a member.
                for first in ['^', ']'] {
                    if let Some(behind) = chars.as_str().strip_prefix(first) {
                        if first == ']' {
                            out.push('\\');
                        }
                        out.push(first);
                        chars = behind.chars();
                    }
                }
            }
            // Within a class it is a member, if no name of a class follows.
            '[' if !chars.as_str().starts_with(':') => out.push_str(r"\["),
            '[' => {
                let rest = chars.as_str();
                let end = rest.find(":]").map_or(0, |end| end + 2);
                out.push('[');
                out.push_str(&rest[..end]);
                chars = rest[end..].chars();
            }
            // These join classes here, and are members there.
            '&' | '~' | '-' if in_class && chars.as_str().starts_with(char) => out.extend(['\\', char]),
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

/// What is wrong with a pattern and where: the last line of an error says what, the marks before it say where.
fn reason(pattern: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let what = lines.last().map_or("", |line| line.trim_start_matches("error: "));
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return format!(
            "this regular expression is too large, it may take {REGEX_BYTES_MAX} bytes when compiled"
        );
    }
    // The pattern stands four columns in, on a line of its own, above the marks.
    let at = lines.iter().position(|line| line.contains('^') && line.trim_matches([' ', '^']).is_empty());
    let place = at
        .filter(|_| !pattern.contains('\n'))
        .and_then(|at| lines[at].find('^'))
        .map(|at| at.saturating_sub(4));
    match place {
        Some(at) => {
            let rest: String = pattern.chars().skip(at).take(12).collect();
            let near = if rest.is_empty() { String::new() } else { format!(", at {rest:?}") };
            format!("this regular expression cannot be read: {what}, at character {}{near}", at + 1)
        }
        None => format!("this regular expression cannot be read: {what}"),
    }
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
