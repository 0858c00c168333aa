//! Texts. Positions and lengths count Unicode scalars: `LEN("预算")` is 2, an emoji of several counts as several.
//!
//! Airtable and Excel count UTF-16 units, which is the same for all but rare characters and emoji (there 2 for
//! each scalar). Scalars were chosen because no position then cuts a character into halves that are no text, and
//! because what a scalar is never changes, as what people see as one character does with each edition of Unicode:
//! stored results would change with the program.

use super::args::{Given, Row, refuse};
use super::{Eval, Function};
use crate::dialect::Dialect;
use crate::eval::excerpt;
use crate::limits::TEXT_BYTES_MAX;

pub(super) const ALL: &[&Function] = &[
    &CONCATENATE,
    &LEFT,
    &RIGHT,
    &MID,
    &LEN,
    &UPPER,
    &LOWER,
    &TRIM,
    &SUBSTITUTE,
    &REPLACE,
    &FIND,
    &SEARCH,
    &CONTAINSTEXT,
    &STARTSWITH,
    &ENDSWITH,
    &EXACT,
    &REPT,
    &T,
];

const CONCATENATE: Function = Function {
    name: "CONCATENATE",
    signature: "(text, more: text...) -> text",
    doc: "All texts one behind the other, as `&` gives.",
    examples: &[
        (r#"CONCATENATE("a", 1, "b")"#, r#""a1b""#),
        (r#"CONCATENATE("John", " - ", 40)"#, r#""John - 40""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            (0..row.n_args()).for_each(|arg| out.push_str(row.text(arg)));
            Ok(())
        })
    }),
};

const LEFT: Function = Function {
    name: "LEFT",
    signature: "(text, count: number = 1) -> text",
    doc: "The first `count` characters.",
    examples: &[(r#"LEFT("hello", 2)"#, r#""he""#), (r#"LEFT("预算表", 2)"#, r#""预算""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.push_str(prefix(row.text(0), row.count(1)?));
            Ok(())
        })
    }),
};

const RIGHT: Function = Function {
    name: "RIGHT",
    signature: "(text, count: number = 1) -> text",
    doc: "The last `count` characters.",
    examples: &[(r#"RIGHT("hello", 2)"#, r#""lo""#), (r#"RIGHT("预算表", 1)"#, r#""表""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (text, count) = (row.text(0), row.count(1)?);
            let skipped = text.chars().count().saturating_sub(count);
            out.push_str(suffix(text, skipped));
            Ok(())
        })
    }),
};

const MID: Function = Function {
    name: "MID",
    signature: "(text, start: number, count: number) -> text",
    doc: "`count` characters from position `start` on; the first has position 1.",
    examples: &[(r#"MID("hello", 2, 3)"#, r#""ell""#), (r#"MID("quick brown fox", 7, 5)"#, r#""brown""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let rest = suffix(row.text(0), position(row, 1)?);
            out.push_str(prefix(rest, row.count(2)?));
            Ok(())
        })
    }),
};

const LEN: Function = Function {
    name: "LEN",
    signature: "(text) -> number",
    doc: "How many characters.",
    examples: &[(r#"LEN("hello")"#, "5"), (r#"LEN("预算")"#, "2"), ("LEN(BLANK())", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.text(0).chars().count() as f64))),
};

const UPPER: Function = Function {
    name: "UPPER",
    signature: "(text) -> text",
    doc: "In capitals.",
    examples: &[(r#"UPPER("straße")"#, r#""STRASSE""#), (r#"UPPER("Hello!")"#, r#""HELLO!""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.extend(row.text(0).chars().flat_map(char::to_uppercase));
            Ok(())
        })
    }),
};

const LOWER: Function = Function {
    name: "LOWER",
    signature: "(text) -> text",
    doc: "In small letters.",
    examples: &[(r#"LOWER("ABC")"#, r#""abc""#), (r#"LOWER("ÀÉ")"#, r#""àé""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.push_str(&row.text(0).to_lowercase());
            Ok(())
        })
    }),
};

const TRIM: Function = Function {
    name: "TRIM",
    signature: "(text) -> text",
    doc: "Without blanks at both ends.",
    examples: &[(r#"TRIM("  a b ")"#, r#""a b""#), (r#"TRIM("a")"#, r#""a""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.push_str(row.text(0).trim());
            Ok(())
        })
    }),
};

const SUBSTITUTE: Function = Function {
    name: "SUBSTITUTE",
    signature: "(text, old: text, new: text, occurrence: number = 0) -> text",
    doc: "With `new` in place of `old`: everywhere, or only at the given occurrence, counted from 1.",
    examples: &[
        (r#"SUBSTITUTE("a-b-c", "-", "+")"#, r#""a+b+c""#),
        (r#"SUBSTITUTE("a-b-c", "-", "+", 2)"#, r#""a-b+c""#),
    ],
    eval: Eval::Rows(|call| call.texts(substitute)),
};

const REPLACE: Function = Function {
    name: "REPLACE",
    signature: "(text, start: number, count: number, new: text) -> text",
    doc: "With `new` in place of `count` characters from position `start` on.",
    examples: &[
        (r#"REPLACE("hello", 2, 3, "ipp")"#, r#""hippo""#),
        (r#"REPLACE("database", 2, 5, "o")"#, r#""dose""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (text, at) = (row.text(0), position(row, 1)?);
            out.push_str(prefix(text, at));
            out.push_str(row.text(3));
            out.push_str(suffix(text, at.saturating_add(row.count(2)?)));
            Ok(())
        })
    }),
};

const FIND: Function = Function {
    name: "FIND",
    signature: "(wanted: text, text, start: number = 1) -> number",
    doc: "The position of `wanted` in `text` from `start` on; 0 if it is not there (Feishu: -1, Excel: `#VALUE!`).",
    examples: &[
        (r#"FIND("l", "hello")"#, "3"),
        (r#"FIND("l", "hello", 4)"#, "4"),
        (r#"FIND("x", "hello")"#, "0"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match (find(row)?, call.context.dialect) {
            (Some(at), _) => Ok(at as f64),
            (None, Dialect::Airtable) => Ok(0.0),
            (None, Dialect::Feishu) => Ok(-1.0),
            (None, Dialect::Excel) => refuse(format!("{} is not in the text", excerpt(row.text(0)))),
        })
    }),
};

const SEARCH: Function = Function {
    name: "SEARCH",
    signature: "(wanted: text, text, start: number = 1) -> number",
    doc: "As FIND, but blank if it is not there.",
    examples: &[(r#"SEARCH("lo", "hello")"#, "4"), (r#"SEARCH("x", "hello")"#, "blank")],
    eval: Eval::Rows(|call| call.maybe_numbers(|row| Ok(find(row)?.map(|at| at as f64)))),
};

const CONTAINSTEXT: Function = Function {
    name: "CONTAINSTEXT",
    signature: "(text, wanted: text) -> bool",
    doc: "Whether `wanted` is in `text`.",
    examples: &[(r#"CONTAINTEXT("hello", "ell")"#, "true"), (r#""hello".CONTAINTEXT("x")"#, "false")],
    eval: Eval::Rows(|call| call.bools(|row| Ok(row.text(0).contains(row.text(1))))),
};

const STARTSWITH: Function = Function {
    name: "STARTSWITH",
    signature: "(text, wanted: text) -> bool",
    doc: "Whether `text` begins with `wanted`.",
    examples: &[(r#"STARTSWITH("hello", "he")"#, "true"), (r#"STARTSWITH("hello", "He")"#, "false")],
    eval: Eval::Rows(|call| call.bools(|row| Ok(row.text(0).starts_with(row.text(1))))),
};

const ENDSWITH: Function = Function {
    name: "ENDSWITH",
    signature: "(text, wanted: text) -> bool",
    doc: "Whether `text` ends with `wanted`.",
    examples: &[(r#"ENDSWITH("hello", "lo")"#, "true"), (r#"ENDSWITH("hello", "l")"#, "false")],
    eval: Eval::Rows(|call| call.bools(|row| Ok(row.text(0).ends_with(row.text(1))))),
};

const EXACT: Function = Function {
    name: "EXACT",
    signature: "(a: text, b: text) -> bool",
    doc: "Whether two texts are the same, letter by letter.",
    examples: &[(r#"EXACT("a", "A")"#, "false"), (r#"EXACT("a", "a")"#, "true")],
    eval: Eval::Rows(|call| call.bools(|row| Ok(row.text(0) == row.text(1)))),
};

const REPT: Function = Function {
    name: "REPT",
    signature: "(text, count: number) -> text",
    doc: "The text `count` times.",
    examples: &[(r#"REPT("ab", 3)"#, r#""ababab""#), (r#"REPT("Hi! ", 0)"#, r#""""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (text, count) = (row.text(0), row.count(1)?);
            if text.len().saturating_mul(count) > TEXT_BYTES_MAX {
                return Err(crate::CellError::clone(&super::text_too_long()));
            }
            out.push_str(&text.repeat(if text.is_empty() { 0 } else { count }));
            Ok(())
        })
    }),
};

const T: Function = Function {
    name: "T",
    signature: "(value: any) -> text",
    doc: "The value if it is text, else blank.",
    examples: &[(r#"T("a")"#, r#""a""#), ("T(1)", "blank")],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            let (items, range) = row.items(0);
            let Some(texts) = items.texts().filter(|_| !row.is_list(0)) else { return Ok(false) };
            out.push_str(texts.get(range.start));
            Ok(!row.is_blank(0))
        })
    }),
};

fn prefix(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

fn suffix(text: &str, skipped: usize) -> &str {
    text.char_indices().nth(skipped).map_or("", |(start, _)| &text[start..])
}

/// A position that counts from 1, as an index.
fn position(row: Row<'_>, arg: usize) -> Given<usize> {
    match row.whole(arg) {
        at if at < 1 => refuse(format!("a position counts from 1, got {at}")),
        at => Ok(usize::try_from(at - 1).unwrap_or(usize::MAX)),
    }
}

/// The position of the first argument in the second, counted from 1.
fn find(row: Row<'_>) -> Given<Option<usize>> {
    let (wanted, text) = (row.text(0), row.text(1));
    let start = usize::try_from(row.whole(2).max(1) - 1).unwrap_or(usize::MAX);
    if start > text.chars().count() {
        return Ok(None);
    }
    let rest = suffix(text, start);
    Ok(rest.find(wanted).map(|at| start + rest[..at].chars().count() + 1))
}

fn substitute(row: Row<'_>, out: &mut String) -> Given<()> {
    let (text, old, new) = (row.text(0), row.text(1), row.text(2));
    if old.is_empty() {
        out.push_str(text);
        return Ok(());
    }
    let wanted = row.count(3)?;
    let mut at = 0;
    for (nth, (start, _)) in text.match_indices(old).enumerate() {
        if wanted != 0 && nth + 1 != wanted {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(new);
        at = start + old.len();
        if out.len() > TEXT_BYTES_MAX {
            return Ok(());
        }
    }
    out.push_str(&text[at..]);
    Ok(())
}
