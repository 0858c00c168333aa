//! Texts as people type them: excerpts for messages, full-width characters, and names in a row.
//!
//! A row of names (`"Doe, Jane", Bo`) is what a list cell is as text. A name that would not be read back as
//! itself stands in double quotes, as in CSV.

use std::borrow::Cow;

use formulas::Value;
use smallvec::SmallVec;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::Input;
use super::figures::push_number;

/// Characters of an excerpt.
const EXCERPT_CHARS: usize = 60;

/// The text in quotes, shortened so that a message stays a sentence.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS) {
        None => format!("\"{text}\""),
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
    }
}

/// `expects a number, got "soon"`
pub(super) fn expected(wanted: &str, input: &Input) -> String {
    match input {
        Input::Blank => format!("expects {wanted}, got nothing"),
        Input::Bool(bool) => format!("expects {wanted}, got {bool}"),
        Input::Number(number) => format!("expects {wanted}, got {number}"),
        Input::Text(text) => format!("expects {wanted}, got {}", excerpt(text)),
        Input::List(_) => format!("expects {wanted}, got a list"),
    }
}

/// What was entered as text, if it is no list: `true`, `12.5`.
pub(super) fn typed(input: &Input) -> Option<Cow<'_, str>> {
    match input {
        Input::Text(text) => Some(Cow::Borrowed(text)),
        Input::Bool(bool) => Some(Cow::Borrowed(if *bool { "true" } else { "false" })),
        Input::Number(number) => {
            let mut text = String::new();
            push_number(&mut text, *number);
            Some(Cow::Owned(text))
        }
        Input::Blank | Input::List(_) => None,
    }
}

/// The text in NFC; not copied if it is already.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The text without spaces at its ends and with full-width characters as their narrow twins. `buffer` is where
/// a changed text is kept, so that a column is read without an allocation for each cell.
pub(super) fn narrow<'t>(text: &'t str, buffer: &'t mut String) -> &'t str {
    if text.is_ascii() {
        return text.trim();
    }
    buffer.clear();
    buffer.extend(text.chars().map(narrow_char));
    buffer.trim()
}

fn narrow_char(char: char) -> char {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(char as u32 - 0xfee0).unwrap_or(char),
        '\u{3000}' | '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2212}' => '-',
        '￥' => '¥',
        other => other,
    }
}

const fn is_separator(char: char) -> bool {
    matches!(char, ',' | '，' | '、' | ';' | '；' | '\n' | '\r')
}

/// The names in a row of names; empty ones are left out.
pub(super) fn names(text: &str) -> SmallVec<[Cow<'_, str>; 4]> {
    let mut names = SmallVec::new();
    let mut rest = text;
    loop {
        let (name, after) = quoted_name(rest).unwrap_or_else(|| plain_name(rest));
        if !name.is_empty() {
            names.push(name);
        }
        match after {
            Some(after) => rest = after,
            None => return names,
        }
    }
}

fn plain_name(text: &str) -> (Cow<'_, str>, Option<&str>) {
    match text.char_indices().find(|(_, char)| is_separator(*char)) {
        Some((at, char)) => (Cow::Borrowed(text[..at].trim()), Some(&text[at + char.len_utf8()..])),
        None => (Cow::Borrowed(text.trim()), None),
    }
}

/// A name in double quotes, if there is one up to the next separator.
fn quoted_name(text: &str) -> Option<(Cow<'_, str>, Option<&str>)> {
    let body = text.trim_start().strip_prefix('"')?;
    let mut chars = body.char_indices().peekable();
    let end = loop {
        match chars.next()? {
            (_, '"') if chars.next_if(|(_, next)| *next == '"').is_some() => {}
            (at, '"') => break at,
            _ => {}
        }
    };
    let name = match &body[..end] {
        name if name.contains('"') => Cow::Owned(name.replace("\"\"", "\"")),
        name => Cow::Borrowed(name),
    };
    let after = body[end + 1..].trim_start_matches([' ', '\t']);
    match after.chars().next() {
        None => Some((name, None)),
        Some(char) if is_separator(char) => Some((name, Some(&after[char.len_utf8()..]))),
        Some(_) => None,
    }
}

/// Adds a name to a row of names, in quotes where it would not be read back otherwise.
pub(super) fn push_name(row: &mut String, first: bool, name: &str) {
    if !first {
        row.push_str(", ");
    }
    let plain = !name.is_empty()
        && !name.starts_with('"')
        && !name.contains(is_separator)
        && name.trim().len() == name.len();
    if plain {
        row.push_str(name);
        return;
    }
    row.push('"');
    row.extend(name.split('"').enumerate().flat_map(|(at, part)| [if at > 0 { "\"\"" } else { "" }, part]));
    row.push('"');
}

/// A list of codes as a cell: blank if there is none.
pub(super) fn codes_cell(codes: &[u32]) -> Value {
    if codes.is_empty() { Value::Blank } else { Value::codes(codes.iter().copied()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_of_names_is_read_back(given in proptest::collection::vec("[a-c\",;，、\n \"]{1,6}", 0..5)) {
            let mut row = String::new();
            given.iter().enumerate().for_each(|(at, name)| push_name(&mut row, at == 0, name));
            prop_assert_eq!(names(&row).to_vec(), given);
        }

        #[test]
        fn any_text_is_a_row_of_names(text in "\\PC*") {
            names(&text);
        }
    }
}
