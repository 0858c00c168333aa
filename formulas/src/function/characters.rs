//! Characters by their codes, and forms of characters: Windows-1252, Unicode, wide and narrow, percent-encoded.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::args::refuse;
use super::{Eval, Function};

pub(super) const ALL: &[&Function] =
    &[&CHAR, &CODE, &UNICHAR, &UNICODE, &CLEAN, &PROPER, &ASC, &DBCS, &ENCODE_URL_COMPONENT];

/// The characters 128 to 159 of Windows-1252; U+FFFD where it has none.
const WINDOWS_1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

const CHAR: Function = Function {
    name: "CHAR",
    signature: "(code: number) -> text",
    doc: "The character of a code from 1 to 255 in Windows-1252; `CHAR(10)` is a new line.",
    examples: &[("CHAR(65)", r#""A""#), ("CHAR(128)", r#""€""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let code = row.whole(0);
            let char = match code {
                128..=159 => {
                    WINDOWS_1252.chars().nth((code - 128) as usize).filter(|char| *char != '\u{fffd}')
                }
                1..=255 => u32::try_from(code).ok().and_then(char::from_u32),
                256.. => {
                    return refuse(format!("CHAR takes a code from 1 to 255, got {code}; UNICHAR takes all"));
                }
                _ => None,
            };
            match char {
                Some(char) => out.push(char),
                None => return refuse(format!("{} is not the code of a character", row.number(0))),
            }
            Ok(())
        })
    }),
};

const CODE: Function = Function {
    name: "CODE",
    signature: "(text) -> number",
    doc: "The code of the first character in Windows-1252; 63, a question mark, for what it does not have.",
    examples: &[(r#"CODE("A")"#, "65"), (r#"CODE("€")"#, "128")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.text(0).chars().next() {
            None => refuse("an empty text has no first character"),
            Some(char) => match WINDOWS_1252.chars().position(|known| known == char && char != '\u{fffd}') {
                Some(at) => Ok(at as f64 + 128.0),
                None if matches!(u32::from(char), 0..=127 | 160..=255) => Ok(f64::from(u32::from(char))),
                None => Ok(63.0),
            },
        })
    }),
};

const UNICHAR: Function = Function {
    name: "UNICHAR",
    signature: "(code: number) -> text",
    doc: "The character of a Unicode code point.",
    examples: &[("UNICHAR(31639)", r#""算""#), ("UNICHAR(66)", r#""B""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let code = u32::try_from(row.whole(0)).ok().filter(|code| *code > 0);
            match code.and_then(char::from_u32) {
                Some(char) => out.push(char),
                None => return refuse(format!("{} is not the code of a character", row.number(0))),
            }
            Ok(())
        })
    }),
};

const UNICODE: Function = Function {
    name: "UNICODE",
    signature: "(text) -> number",
    doc: "The code point of the first character.",
    examples: &[(r#"UNICODE("算")"#, "31639"), (r#"UNICODE("B")"#, "66")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.text(0).chars().next() {
            Some(char) => Ok(f64::from(u32::from(char))),
            None => refuse("an empty text has no first character"),
        })
    }),
};

const CLEAN: Function = Function {
    name: "CLEAN",
    signature: "(text) -> text",
    doc: "Without the control characters 0 to 31, such as tabs and new lines.",
    examples: &[(r#"CLEAN("a" & CHAR(10) & "b")"#, r#""ab""#), (r#"CLEAN(CHAR(9) & "x")"#, r#""x""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            out.extend(row.text(0).chars().filter(|char| u32::from(*char) > 31));
            Ok(())
        })
    }),
};

const PROPER: Function = Function {
    name: "PROPER",
    signature: "(text) -> text",
    doc: "A capital for each letter that does not follow a letter, small letters for the others.",
    examples: &[
        (r#"PROPER("ada LOVELACE")"#, r#""Ada Lovelace""#),
        (r#"PROPER("2-way street, 76BudGet")"#, r#""2-Way Street, 76Budget""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let mut inside = false;
            for char in row.text(0).chars() {
                match inside {
                    true => out.extend(char.to_lowercase()),
                    false => out.extend(char.to_uppercase()),
                }
                inside = char.is_alphabetic() || is_combining(char);
            }
            Ok(())
        })
    }),
};

const ASC: Function = Function {
    name: "ASC",
    signature: "(text) -> text",
    doc: "Full-width letters, digits, signs and katakana as half-width ones.",
    examples: &[(r#"ASC("ＡＢＣ　１２３")"#, r#""ABC 123""#), (r#"ASC("エクセル")"#, r#""ｴｸｾﾙ""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            row.text(0).chars().for_each(|char| narrow(char, out));
            Ok(())
        })
    }),
};

const DBCS: Function = Function {
    name: "DBCS",
    signature: "(text) -> text",
    doc: "Half-width letters, digits, signs and katakana as full-width ones.",
    examples: &[(r#"DBCS("ABC123")"#, r#""ＡＢＣ１２３""#), (r#"DBCS("ｴｸｾﾙ")"#, r#""エクセル""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let wide = |char: char| match char {
                ' ' => '\u{3000}',
                '!'..='~' => char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char),
                _ => char,
            };
            // Composing joins a kana and the voicing mark behind it.
            let kana = |char: char| matches!(char, '\u{ff61}'..='\u{ff9f}');
            let text = row.text(0);
            match text.contains(kana) {
                true => out.extend(text.nfkc().map(wide)),
                false => out.extend(text.chars().map(wide)),
            }
            Ok(())
        })
    }),
};

const ENCODE_URL_COMPONENT: Function = Function {
    name: "ENCODE_URL_COMPONENT",
    signature: "(text) -> text",
    doc: "The text as part of an address: all but letters, digits and `-_.!~*'()` as `%XX`.",
    examples: &[
        (r#"ENCODE_URL_COMPONENT("a b&c")"#, r#""a%20b%26c""#),
        (r#"ENCODE_URL_COMPONENT("é")"#, r#""%C3%A9""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            for byte in row.text(0).bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
                    b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                        out.push(char::from(byte))
                    }
                    _ => write!(out, "%{byte:02X}").expect("a string takes text"),
                }
            }
            Ok(())
        })
    }),
};

fn is_combining(char: char) -> bool {
    unicode_normalization::char::is_combining_mark(char)
}

/// Writes the half-width form of a character, or the character.
fn narrow(char: char, out: &mut String) {
    match char {
        '\u{3000}' => out.push(' '),
        '\u{ff01}'..='\u{ff5e}' => out.extend(char::from_u32(u32::from(char) - 0xfee0)),
        _ => match half_width_kana().get(&char) {
            Some(kana) => out.push_str(kana),
            None => out.push(char),
        },
    }
}

/// Half-width katakana and signs by their full-width form; a voiced one is two characters.
fn half_width_kana() -> &'static HashMap<char, String> {
    static KANA: LazyLock<HashMap<char, String>> = LazyLock::new(|| {
        let mut kana = HashMap::new();
        for half in '\u{ff61}'..='\u{ff9d}' {
            let text = half.to_string();
            if let Some(wide) = text.nfkc().next() {
                kana.insert(wide, text.clone());
            }
            for mark in ['\u{ff9e}', '\u{ff9f}'] {
                let marked = format!("{text}{mark}");
                let mut composed = marked.nfkc();
                if let (Some(wide), None) = (composed.next(), composed.next()) {
                    kana.insert(wide, marked);
                }
            }
        }
        kana.insert('゛', "ﾞ".to_owned());
        kana.insert('゜', "ﾟ".to_owned());
        kana
    });
    &KANA
}
