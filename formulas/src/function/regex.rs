//! Regular expressions, in the syntax of RE2: no look-around and no references to groups, so that every one of
//! them takes time in proportion to the text.

use regex::{Captures, Regex};

use super::args::{Call, Given, Row};
use super::pattern::{Patterns, pattern_text};
use super::{Eval, Function};
use crate::column::Chunk;
use crate::error::CellError;
use crate::limits::TEXT_BYTES_MAX;

pub(super) const ALL: &[&Function] =
    &[&REGEX_MATCH, &REGEX_EXTRACT, &REGEX_REPLACE, &REGEXTEST, &REGEXREPLACE, &REGEXEXTRACTALL];

const REGEX_MATCH: Function = Function {
    name: "REGEX_MATCH",
    signature: "(text, pattern: text) -> bool",
    doc: "Whether a regular expression is found in the text.",
    examples: &[
        (r#"REGEX_MATCH("order 66", "\d+")"#, "true"),
        (r#"REGEX_MATCH("Good Morning", "morning")"#, "false"),
    ],
    eval: Eval::Rows(|call| {
        let patterns = Patterns::default();
        call.bools(|row| Ok(patterns.get(row.text(1))?.is_match(pattern_text(row.text(0))?)))
    }),
};

const REGEX_EXTRACT: Function = Function {
    name: "REGEX_EXTRACT",
    signature: "(text, pattern: text) -> text",
    doc: "What a regular expression finds first: its first group, or all of it; blank if it finds nothing.",
    examples: &[
        (r#"REGEX_EXTRACT("order 66", "\d+")"#, r#""66""#),
        (r#"REGEX_EXTRACT("order", "\d+")"#, "blank"),
    ],
    eval: Eval::Rows(|call| extracted(call, || Ok(false))),
};

const REGEX_REPLACE: Function = Function {
    name: "REGEX_REPLACE",
    signature: "(text, pattern: text, new: text) -> text",
    doc: "With `new` in place of all that a regular expression finds; `$1` stands for its first group, `$$` for `$`.",
    examples: &[
        (r#"REGEX_REPLACE("a1b22", "\d+", "-")"#, r#""a-b-""#),
        (r#"REGEX_REPLACE("Ada Lovelace", "(\w+) (\w+)", "$2, $1")"#, r#""Lovelace, Ada""#),
    ],
    eval: Eval::Rows(|call| {
        let patterns = Patterns::default();
        call.texts(|row, out| replace(row, &*patterns.get(row.text(1))?, 0, out))
    }),
};

const REGEXTEST: Function = Function {
    name: "REGEXTEST",
    signature: "(text, pattern: text, any_case: number = 0) -> bool",
    doc: "Whether a regular expression is found in the text; with 1 behind it, in any case.",
    examples: &[
        (r#"REGEXTEST("alfalfa", "[a-z]")"#, "true"),
        (r#"REGEXTEST("Good Morning", "morning", 1)"#, "true"),
    ],
    eval: Eval::Rows(|call| {
        let patterns = Patterns::default();
        call.bools(|row| {
            let pattern = patterns.any_case(row.text(1), row.number(2) == 1.0)?;
            Ok(pattern.is_match(pattern_text(row.text(0))?))
        })
    }),
};

const REGEXREPLACE: Function = Function {
    name: "REGEXREPLACE",
    signature: "(text, pattern: text, new: text, occurrence: number = 0, any_case: number = 0) -> text",
    doc: "As REGEX_REPLACE, but only at one occurrence if it is given, counted from the end where it is negative.",
    examples: &[
        (r#"REGEXREPLACE("a1b22", "\d+", "-")"#, r#""a-b-""#),
        (r#"REGEXREPLACE("a1b2c3", "\d", "_", -1)"#, r#""a1b2c_""#),
    ],
    eval: Eval::Rows(|call| {
        let patterns = Patterns::default();
        call.texts(|row, out| {
            let pattern = patterns.any_case(row.text(1), row.number(4) == 1.0)?;
            replace(row, &pattern, row.whole(3), out)
        })
    }),
};

const REGEXEXTRACTALL: Function = Function {
    name: "REGEXEXTRACTALL",
    signature: "(text, pattern: text) -> texts",
    doc: "The list of all that a regular expression finds: of each its first group, or all of it.",
    examples: &[
        (r#"REGEXEXTRACTALL("a1b22", "\d+")"#, r#"["1", "22"]"#),
        (r#"REGEXEXTRACTALL("k=v, x=y", "(\w)=")"#, r#"["k", "x"]"#),
    ],
    eval: Eval::Rows(|call| {
        let patterns = Patterns::default();
        call.text_lists(|row, give| {
            let pattern = patterns.get(row.text(1))?;
            pattern.captures_iter(pattern_text(row.text(0))?).try_for_each(|found| give(first_group(&found)))
        })
    }),
};

/// What each row's pattern finds first; `nothing` says what comes where it finds nothing, false for blank.
pub(super) fn extracted(call: &Call<'_>, nothing: impl Fn() -> Given<bool>) -> Chunk {
    let patterns = Patterns::default();
    call.maybe_texts(|row, out| {
        let pattern = patterns.get(row.text(1))?;
        let Some(found) = pattern.captures(pattern_text(row.text(0))?) else { return nothing() };
        out.push_str(first_group(&found));
        Ok(true)
    })
}

fn first_group<'a>(found: &Captures<'a>) -> &'a str {
    found.get(1).or_else(|| found.get(0)).map_or("", |found| found.as_str())
}

/// Writes the text with what is found replaced; `only`: at this occurrence, where it is not 0.
fn replace(row: Row<'_>, pattern: &Regex, only: i64, out: &mut String) -> Given<()> {
    let text = pattern_text(row.text(0))?;
    let only = match only {
        ..0 => match pattern.find_iter(text).count() as i64 + only + 1 {
            ..=0 => i64::MAX,
            nth => nth,
        },
        nth => nth,
    };
    let mut at = 0;
    for (found, nth) in pattern.captures_iter(text).zip(1..) {
        if only != 0 && nth != only {
            continue;
        }
        let whole = found.get(0).expect("a match has a whole");
        out.push_str(&text[at..whole.start()]);
        expand(&found, row.text(2), out);
        at = whole.end();
        if out.len() > TEXT_BYTES_MAX {
            return Err(CellError::clone(&super::text_too_long()));
        }
    }
    out.push_str(&text[at..]);
    Ok(())
}

/// Writes a replacement: `$1` to `$99` are groups, `$&` and `$0` all that was found, `${name}` and `$<name>` a
/// named group, `$$` a dollar; a `$` before anything else is one.
fn expand(found: &Captures<'_>, new: &str, out: &mut String) {
    let mut rest = new;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let group = (1..=digits).rev().find_map(|n| {
            let nth: usize = rest[..n].parse().ok()?;
            (nth < found.len()).then_some((nth, n))
        });
        let named = |open: char, close: char| {
            let inside = rest.strip_prefix(open)?;
            let name = &inside[..inside.find(close)?];
            let group = match name.parse::<usize>() {
                Ok(nth) => found.get(nth),
                Err(_) => found.name(name),
            };
            Some((group.map_or("", |group| group.as_str()), name.len() + 2))
        };
        if let Some((nth, n)) = group {
            out.push_str(found.get(nth).map_or("", |group| group.as_str()));
            rest = &rest[n..];
        } else if let Some((text, n)) = named('{', '}').or_else(|| named('<', '>')) {
            out.push_str(text);
            rest = &rest[n..];
        } else if let Some(behind) = rest.strip_prefix('&') {
            out.push_str(found.get(0).map_or("", |whole| whole.as_str()));
            rest = behind;
        } else {
            out.push('$');
            rest = rest.strip_prefix('$').unwrap_or(rest);
        }
    }
    out.push_str(rest);
}
