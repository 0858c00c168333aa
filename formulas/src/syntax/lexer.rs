//! Text → tokens. Never fails: what cannot be read becomes an error token with a diagnostic.
//!
//! Two forms are read. In the user's, a field is `{Name}`, `[Name]` or a bare name; in the stored one, the same
//! three are `{#12}`, `[{#12}]` and `#12`, and a table is `[#3]`. Everything else is alike, so that the stored
//! form keeps spacing and comments.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::Diagnostic;
use crate::function::is_function;
use crate::ids::{FieldId, TableId};

/// Which of the two forms of a formula is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// With names, as people write it.
    User,
    /// With ids.
    Stored,
}

/// How a name is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `Name`
    Bare,
    /// `{Name}`
    Braces,
    /// `[Name]`
    Brackets,
}

/// What a name says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Name {
    /// Text that has yet to be found among fields or tables.
    Text(String),
    /// A field of the stored form.
    Field(FieldId),
    /// A table of the stored form.
    Table(TableId),
}

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Text(String),
    Name(Name, Quote),
    /// An operator or a bracket; `<>` and `!=` are both `!=`.
    Symbol(&'static str),
    Error,
    End,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) range: Range<usize>,
}

/// All tokens of `text`, the last of them [`Token::End`].
pub(crate) fn lex(text: &str, form: Form) -> (Vec<Lexeme>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: 0, form, diagnostics: Vec::new() };
    let mut lexemes = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.token();
        let end = token == Token::End;
        lexemes.push(Lexeme { token, range: start..lexer.at });
        if end {
            return (lexemes, lexer.diagnostics);
        }
    }
}

/// Whether `name` can stand in a formula without braces.
pub(crate) fn is_bare(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_name)
        && chars.all(continues_name)
        && !["TRUE", "FALSE", "CurrentValue"].iter().any(|word| word.eq_ignore_ascii_case(name))
}

/// `name` between `open` and `close`, escaped so that it reads as itself.
pub(crate) fn quoted(name: &str, open: char, close: char) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    out.push(open);
    for char in name.chars() {
        if char == close || char == '\\' {
            out.push('\\');
        }
        out.push(char);
    }
    out.push(close);
    out
}

fn starts_name(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

fn continues_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || is_combining_mark(char)
}

/// Dots in the name of a function: `NORM.S.DIST` has two.
const FUNCTION_DOTS_MAX: usize = 2;

/// The longest first, so that `<=` is not read as `<`. What Chinese keyboards give is read like its twin.
const SYMBOLS: &[(&str, &str)] = &[
    ("!=", "!="),
    ("<>", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("==", "="),
    ("&&", "&&"),
    ("||", "||"),
    ("<", "<"),
    (">", ">"),
    ("=", "="),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("^", "^"),
    ("%", "%"),
    ("&", "&"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    (".", "."),
    ("，", ","),
    ("（", "("),
    ("）", ")"),
    ("！＝", "!="),
    ("＜＞", "!="),
    ("＜＝", "<="),
    ("＞＝", ">="),
    ("＝＝", "="),
    ("＆＆", "&&"),
    ("｜｜", "||"),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("＝", "="),
    ("＜", "<"),
    ("＞", ">"),
    ("＋", "+"),
    ("－", "-"),
    ("−", "-"),
    ("＊", "*"),
    ("×", "*"),
    ("／", "/"),
    ("÷", "/"),
    ("＾", "^"),
    ("％", "%"),
    ("＆", "&"),
    ("．", "."),
];

/// What people write who come from elsewhere, what it is here if it is one thing, and what to say of it.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (";", ",", "arguments have `,` between them, not `;`"),
    ("；", ",", "arguments have `,` between them, not `；`"),
    ("、", ",", "arguments have `,` between them, not `、`"),
    ("。", ".", "a field or a function follows a `.`, not a `。`"),
    ("!", "", "`!` has no meaning here; NOT(x) is true where x is not, and `!=` is for what differs"),
    ("！", "", "`！` has no meaning here; NOT(x) is true where x is not, and `!=` is for what differs"),
    ("|", "||", "`|` has no meaning here; `||` is for one or the other, `&` joins texts"),
    ("?", "", "`?` has no meaning here; IF(condition, then, else) chooses"),
    ("？", "", "`？` has no meaning here; IF(condition, then, else) chooses"),
    (":", "", "`:` has no meaning here; a range of cells is a list, such as [Table].[Field]"),
    ("：", "", "`：` has no meaning here; a range of cells is a list, such as [Table].[Field]"),
    ("$", "", "`$` has no meaning here; fields have names: {Price}"),
    ("@", "", "`@` has no meaning here; fields have names: {Price}"),
];

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    form: Form,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat_while(&mut self, accept: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|char| !accept(char)).unwrap_or(rest.len());
    }

    fn complain(&mut self, from: usize, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(from..self.at, message));
    }

    fn skip_blanks(&mut self) {
        loop {
            self.eat_while(|char| char.is_whitespace() || char == '\u{feff}');
            if self.rest().starts_with("//") {
                self.eat_while(|char| char != '\n');
            } else if self.rest().starts_with("/*") {
                let start = self.at;
                match self.rest().find("*/") {
                    Some(end) => self.at += end + 2,
                    None => {
                        self.at = self.text.len();
                        self.complain(start, "this comment has no end: `*/` is missing");
                    }
                }
            } else {
                return;
            }
        }
    }

    fn token(&mut self) -> Token {
        let Some(first) = self.peek() else { return Token::End };
        match first {
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
            '"' | '\'' => self.string(first, first),
            '“' | '”' => self.string(first, '”'),
            '‘' | '’' => self.string(first, '’'),
            '＂' | '＇' => self.string(first, first),
            '{' => self.name_in('{', '}', Quote::Braces),
            '[' => self.name_in('[', ']', Quote::Brackets),
            '｛' => self.name_in('｛', '｝', Quote::Braces),
            '【' => self.name_in('【', '】', Quote::Brackets),
            '#' if self.form == Form::Stored => self.bare_id(),
            _ if starts_name(first) => self.bare_name(),
            _ => self.symbol(first),
        }
    }

    fn symbol(&mut self, first: char) -> Token {
        let found = SYMBOLS.iter().find(|(written, _)| self.rest().starts_with(written));
        if let Some((written, meant)) = found {
            self.at += written.len();
            return Token::Symbol(meant);
        }
        let start = self.at;
        self.at += first.len_utf8();
        match ELSEWHERE.iter().find(|(written, ..)| self.text[start..].starts_with(written)) {
            Some((_, meant, message)) => {
                let suggestion = (!meant.is_empty()).then(|| (*meant).to_owned());
                let diagnostic = Diagnostic::new(start..self.at, *message);
                self.diagnostics.push(Diagnostic { suggestion, ..diagnostic });
            }
            None => self.complain(start, format!("`{first}` has no meaning here")),
        }
        Token::Error
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        self.eat_while(|char| char.is_ascii_digit());
        if self.rest().strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            self.at += 1;
            self.eat_while(|char| char.is_ascii_digit());
        }
        if let Some(rest) = self.rest().strip_prefix(['e', 'E']) {
            let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            if digits.starts_with(|char: char| char.is_ascii_digit()) {
                self.at += 1 + (rest.len() - digits.len());
                self.eat_while(|char| char.is_ascii_digit());
            }
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(number) if number.is_finite() => Token::Number(number),
            _ => {
                self.complain(start, "this number is too large");
                Token::Error
            }
        }
    }

    fn string(&mut self, open: char, close: char) -> Token {
        let start = self.at;
        self.at += open.len_utf8();
        let mut text = String::new();
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            match char {
                _ if char == close => return Token::Text(composed(text)),
                '\\' => self.escape(&mut text),
                _ => text.push(char),
            }
        }
        self.complain(start, format!("this text has no end: `{close}` is missing"));
        Token::Error
    }

    /// An escape that is none stays as it is, so that `"\d+"` can be given to the regular expressions.
    fn escape(&mut self, text: &mut String) {
        let Some(char) = self.peek() else { return };
        self.at += char.len_utf8();
        match char {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '\\' | '"' | '\'' | '“' | '”' | '‘' | '’' => text.push(char),
            _ => text.extend(['\\', char]),
        }
    }

    fn name_in(&mut self, open: char, close: char, quote: Quote) -> Token {
        if self.form == Form::Stored
            && let Some(name) = self.id_in(quote)
        {
            return Token::Name(name, quote);
        }
        let start = self.at;
        self.at += open.len_utf8();
        let mut text = String::new();
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            match char {
                _ if char == close => return Token::Name(Name::Text(composed(text)), quote),
                '\\' => match self.peek() {
                    Some(next) => {
                        self.at += next.len_utf8();
                        text.push(next);
                    }
                    None => break,
                },
                _ => text.push(char),
            }
        }
        self.complain(start, format!("this name has no end: `{close}` is missing"));
        Token::Error
    }

    /// `{#12}`, `[{#12}]` or `[#3]`, if that is what stands here.
    fn id_in(&mut self, quote: Quote) -> Option<Name> {
        debug_assert!(quote != Quote::Bare, "a bare id has no brackets");
        let field = |id| Name::Field(FieldId(id));
        let name = self.id_between("{#", "}").map(field).or_else(|| self.id_between("[{#", "}]").map(field));
        name.or_else(|| self.id_between("[#", "]").map(|id| Name::Table(TableId(id))))
    }

    fn id_between(&mut self, open: &str, close: &str) -> Option<u32> {
        let rest = self.rest().strip_prefix(open)?;
        let digits = rest.find(|char: char| !char.is_ascii_digit())?;
        let id = canonical_id(&rest[..digits])?;
        rest[digits..].starts_with(close).then(|| {
            self.at += open.len() + digits + close.len();
            id
        })
    }

    fn bare_id(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let digits = self.at;
        self.eat_while(|char| char.is_ascii_digit());
        match canonical_id(&self.text[digits..self.at]) {
            Some(id) => Token::Name(Name::Field(FieldId(id)), Quote::Bare),
            None => {
                self.complain(start, "`#` is not followed by the number of a field");
                Token::Error
            }
        }
    }

    fn bare_name(&mut self) -> Token {
        let start = self.at;
        self.eat_while(continues_name);
        // `STDEV.S` and `NORM.S.DIST` are one word, because there are such functions.
        let mut end = self.at;
        for _ in 0..FUNCTION_DOTS_MAX {
            let Some(rest) = self.text[end..].strip_prefix('.') else { break };
            let more = rest.find(|char| !continues_name(char)).unwrap_or(rest.len());
            if more == 0 {
                break;
            }
            end += 1 + more;
            if is_function(&self.text[start..end]) {
                self.at = end;
            }
        }
        Token::Name(Name::Text(composed(self.text[start..self.at].to_owned())), Quote::Bare)
    }
}

/// `text` in NFC, as cells and names are kept.
fn composed(text: String) -> String {
    if text.is_ascii() { text } else { text.nfc().collect() }
}

/// An id as it is printed: without leading zeros, so that each has one form.
fn canonical_id(digits: &str) -> Option<u32> {
    let id = digits.parse::<u32>().ok()?;
    (digits.len() == 1 || !digits.starts_with('0')).then_some(id)
}
