//! Texts cut at delimiters, and put together with them: Excel's `TEXT…` functions and Feishu's `SPLIT`.

use super::args::{Given, Row, no_error, refuse};
use super::{Eval, Function};
use crate::error::{CellError, ErrorKind};
use crate::limits::{DELIMITERS_MAX, SPLIT_ITEMS_MAX, TEXT_BYTES_MAX};

pub(super) const ALL: &[&Function] =
    &[&CONCAT, &TEXTJOIN, &SPLIT, &TEXTSPLIT, &TEXTBEFORE, &TEXTAFTER, &FORMAT, &HYPERLINK];

const CONCAT: Function = Function {
    name: "CONCAT",
    signature: "(values: texts...) -> text",
    doc: "All texts and the items of lists one behind the other.",
    examples: &[(r#"CONCAT("a", 1, "b")"#, r#""a1b""#), (r#"CONCAT(LIST("x", "y"), "z")"#, r#""xyz""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            row.each_text(0, |text| {
                if out.len() <= TEXT_BYTES_MAX {
                    out.push_str(text);
                }
            })
        })
    }),
};

const TEXTJOIN: Function = Function {
    name: "TEXTJOIN",
    signature: "(delimiter: text, skip_empty: bool, values: texts...) -> text",
    doc: "Texts and the items of lists with `delimiter` between them.",
    examples: &[
        (r#"TEXTJOIN("-", TRUE, "a", "", "b")"#, r#""a-b""#),
        (r#"TEXTJOIN("-", FALSE, "a", "", "b")"#, r#""a--b""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let mut first = true;
            row.each_text(2, |text| {
                if text.is_empty() && row.is_true(1) || out.len() > TEXT_BYTES_MAX {
                    return;
                }
                if !std::mem::take(&mut first) {
                    out.push_str(row.text(0));
                }
                out.push_str(text);
            })
        })
    }),
};

const SPLIT: Function = Function {
    name: "SPLIT",
    signature: "(text, delimiter: text) -> texts",
    doc: "The list of what stands between the delimiters; without a delimiter, of the characters.",
    examples: &[
        (r#"SPLIT("a,b,c", ",")"#, r#"["a", "b", "c"]"#),
        (r#"SPLIT("2024-03-05", "-").LAST()"#, r#""05""#),
    ],
    eval: Eval::Rows(|call| {
        call.text_lists(|row, give| match (row.text(0), row.text(1)) {
            ("", _) => Ok(()),
            (text, "") => {
                let mut buffer = [0; 4];
                text.chars().try_for_each(|char| give(char.encode_utf8(&mut buffer)))
            }
            (text, delimiter) => text.split(delimiter).try_for_each(give),
        })
    }),
};

const TEXTSPLIT: Function = Function {
    name: "TEXTSPLIT",
    signature: r#"(text, delimiter: texts, row_delimiter: texts = "", ignore_empty: bool = FALSE, match_mode: number = 0) -> texts"#,
    doc: "The list of what stands between any of the delimiters; `match_mode` 1 takes them in any case.",
    examples: &[
        (r#"TEXTSPLIT("Dakota Lennon Sanchez", " ")"#, r#"["Dakota", "Lennon", "Sanchez"]"#),
        (r#"TEXTSPLIT("Do. Or do not.", LIST(".", " "), "", TRUE)"#, r#"["Do", "Or", "do", "not"]"#),
    ],
    eval: Eval::Rows(|call| {
        call.text_lists(|row, give| {
            let mut delimiters = delimiters(row, 1)?;
            delimiters.extend(self::delimiters(row, 2)?);
            delimiters.retain(|delimiter| !delimiter.is_empty());
            if delimiters.is_empty() {
                return refuse("TEXTSPLIT expects a delimiter that is not empty");
            }
            let text = row.text(0);
            let mut start = 0;
            for (at, len) in places(text, &delimiters, row.number(4) == 1.0) {
                if at > start || !row.is_true(3) {
                    give(&text[start..at])?;
                }
                start = at + len;
            }
            if start < text.len() || !row.is_true(3) {
                give(&text[start..])?;
            }
            Ok(())
        })
    }),
};

const TEXTBEFORE: Function = Function {
    name: "TEXTBEFORE",
    signature: "(text, delimiter: texts, instance: number = 1, match_mode: number = 0, match_end: number = 0, if_not_found: text?) -> text",
    doc: "What stands before a delimiter: the first, the given one, or counted from the end where it is negative.",
    examples: &[
        (r#"TEXTBEFORE("Red riding hood's, red hood", "hood")"#, r#""Red riding ""#),
        (r#"TEXTBEFORE("Socrates", "Plato", 1, 0, 0, "none")"#, r#""none""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            match place(row)? {
                Some((at, _)) => out.push_str(&row.text(0)[..at]),
                None => not_found(row, out)?,
            }
            Ok(())
        })
    }),
};

const TEXTAFTER: Function = Function {
    name: "TEXTAFTER",
    signature: "(text, delimiter: texts, instance: number = 1, match_mode: number = 0, match_end: number = 0, if_not_found: text?) -> text",
    doc: "What stands behind a delimiter: the first, the given one, or counted from the end where it is negative.",
    examples: &[
        (r#"TEXTAFTER("Red riding hood's, red hood", "hood")"#, r#""'s, red hood""#),
        (r#"TEXTAFTER("a/b/c", "/", -1)"#, r#""c""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            match place(row)? {
                Some((at, len)) => out.push_str(&row.text(0)[at + len..]),
                None => not_found(row, out)?,
            }
            Ok(())
        })
    }),
};

const FORMAT: Function = Function {
    name: "FORMAT",
    signature: "(template: text, values: text...) -> text",
    doc: "The template with the first value in place of `{1}`, the second in place of `{2}`, and so on.",
    examples: &[
        (r#"FORMAT("{1} of {2}", 3, "ten")"#, r#""3 of ten""#),
        (r#"FORMAT("{2}{1}{2}", "a", "b")"#, r#""bab""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let mut rest = row.text(0);
            while let Some(at) = rest.find('{') {
                out.push_str(&rest[..at]);
                rest = &rest[at..];
                let end = rest.find('}').unwrap_or(0);
                let nth = rest.get(1..end).and_then(|nth| nth.trim().parse::<usize>().ok());
                match nth.filter(|nth| (1..row.n_args()).contains(nth)) {
                    Some(nth) => {
                        out.push_str(row.text(nth));
                        rest = &rest[end + 1..];
                    }
                    None => {
                        out.push('{');
                        rest = &rest[1..];
                    }
                }
                if out.len() > TEXT_BYTES_MAX {
                    return Ok(());
                }
            }
            out.push_str(rest);
            Ok(())
        })
    }),
};

const HYPERLINK: Function = Function {
    name: "HYPERLINK",
    signature: r#"(url: text, shown: text = "") -> text"#,
    doc: "The text that is shown for a link: `shown`, or the address itself.",
    examples: &[
        (r#"HYPERLINK("https://example.com", "Example")"#, r#""Example""#),
        (r#"HYPERLINK("https://example.com")"#, r#""https://example.com""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.push_str(if row.text(1).is_empty() { row.text(0) } else { row.text(1) });
            Ok(())
        })
    }),
};

fn delimiters<'a>(row: Row<'a>, arg: usize) -> Given<Vec<&'a str>> {
    let (items, range) = row.items(arg);
    no_error(items, range.clone())?;
    if range.len() > DELIMITERS_MAX {
        return refuse(format!("a text is cut at up to {DELIMITERS_MAX} delimiters, got {}", range.len()));
    }
    let texts = items.texts().expect("the signature says texts");
    Ok(range.map(|at| texts.get(at)).collect())
}

/// Where any of the delimiters stands, as byte and length; of several at one place the longest.
fn places(text: &str, delimiters: &[&str], any_case: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, _) in text.char_indices() {
        if at < end || found.len() > SPLIT_ITEMS_MAX {
            continue;
        }
        let len =
            delimiters.iter().filter_map(|delimiter| starts_with(&text[at..], delimiter, any_case)).max();
        if let Some(len) = len.filter(|len| *len > 0) {
            found.push((at, len));
            end = at + len;
        }
    }
    found
}

/// How much of the beginning of `text` is `wanted`.
fn starts_with(text: &str, wanted: &str, any_case: bool) -> Option<usize> {
    if !any_case {
        return text.starts_with(wanted).then_some(wanted.len());
    }
    let mut chars = text.char_indices();
    for wanted in wanted.chars() {
        let (_, char) = chars.next()?;
        if !char.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(chars.next().map_or(text.len(), |(at, _)| at))
}

/// The delimiter that is meant, as byte and length.
fn place(row: Row<'_>) -> Given<Option<(usize, usize)>> {
    let (text, instance) = (row.text(0), row.whole(2));
    let length = text.chars().count() as i64;
    if instance == 0 || instance.saturating_abs() > length.max(1) {
        return refuse(format!("the text has {length} characters, so no delimiter number {instance}"));
    }
    let delimiters = delimiters(row, 1)?;
    // The empty delimiter stands at both ends.
    if delimiters.iter().any(|delimiter| delimiter.is_empty()) {
        return Ok(Some(if instance > 0 { (0, 0) } else { (text.len(), 0) }));
    }
    let mut places = places(text, &delimiters, row.number(3) == 1.0);
    if row.number(4) == 1.0 {
        match instance > 0 {
            true => places.push((text.len(), 0)),
            false => places.insert(0, (0, 0)),
        }
    }
    let nth = match instance {
        1.. => usize::try_from(instance - 1).ok(),
        _ => usize::try_from(places.len() as i64 + instance).ok(),
    };
    Ok(nth.and_then(|nth| places.get(nth)).copied())
}

fn not_found(row: Row<'_>, out: &mut String) -> Given<()> {
    if !row.has(5) {
        return Err(CellError::new(ErrorKind::NotAvailable, "the delimiter is not in the text"));
    }
    out.push_str(row.text(5));
    Ok(())
}
