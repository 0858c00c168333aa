//! From text to [`Ast`] and back; parsing never fails.
//!
//! A formula is stored with ids in place of names, so that renaming a field never breaks it. Both directions
//! replace names and leave everything else as it was typed: spacing, comments, how a name was quoted.

mod ast;
mod lexer;
mod parser;
mod print;

pub use ast::Ast;
pub(crate) use ast::{AstId, AstKind, Binary, Unary};
pub(crate) use lexer::{Name, Quote};

use std::collections::HashSet;

use crate::check::resolve;
use crate::error::Diagnostic;
use crate::ids::TableId;
use crate::schema::Schema;
use lexer::{Form, Token, is_bare, lex, quoted};

/// Parses a formula as people write it. What is wrong with the text comes as diagnostics, and again from
/// [`crate::check()`].
pub fn parse(text: &str) -> (Ast, Vec<Diagnostic>) {
    parser::parse_form(text, Form::User)
}

/// Parses a formula as it is stored: fields are `{#12}`, `[{#12}]` or `#12`, tables `[#3]`.
pub fn parse_stored(text: &str) -> (Ast, Vec<Diagnostic>) {
    parser::parse_form(text, Form::Stored)
}

/// The stored form of a formula of `table`: names replaced by ids, all else as it was typed.
///
/// # Errors
///
/// What is wrong with the formula, as [`crate::check()`] says it.
pub fn to_stored(text: &str, table: TableId, schema: &dyn Schema) -> Result<String, Vec<Diagnostic>> {
    let (ast, _) = parse(text);
    let names = resolve(&ast, table, schema)?;
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, name, quote) in names {
        out.push_str(&text[at..range.start]);
        out.push_str(&stored_name(&name, quote));
        at = range.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// A stored formula with today's names; what was deleted prints as `{#REF!}`.
pub fn to_user(stored: &str, _table: TableId, schema: &dyn Schema) -> String {
    let (lexemes, _) = lex(stored, Form::Stored);
    let mut out = String::with_capacity(stored.len() * 2);
    let mut at = 0;
    let words = own_words(&lexemes);
    for lexeme in lexemes {
        let Token::Name(name, quote) = lexeme.token else { continue };
        let Some(text) = user_name(&name, quote, schema, &words) else { continue };
        out.push_str(&stored[at..lexeme.range.start]);
        out.push_str(&text);
        at = lexeme.range.end;
    }
    out.push_str(&stored[at..]);
    out
}

/// The bare words that may be names of the formula's own: all that are not followed by a parenthesis.
fn own_words(lexemes: &[lexer::Lexeme]) -> HashSet<String> {
    let own = lexemes.windows(2).filter_map(|pair| match (&pair[0].token, &pair[1].token) {
        (_, Token::Symbol("(")) => None,
        (Token::Name(Name::Text(word), Quote::Bare), _) => Some(word.to_lowercase()),
        _ => None,
    });
    own.collect()
}

/// A name as people write it.
pub(crate) fn written(name: &str, quote: Quote) -> String {
    match quote {
        Quote::Bare if is_bare(name) => name.to_owned(),
        Quote::Brackets => quoted(name, '[', ']'),
        _ => quoted(name, '{', '}'),
    }
}

fn stored_name(name: &Name, quote: Quote) -> String {
    match (name, quote) {
        (Name::Field(id), Quote::Bare) => format!("#{id}"),
        (Name::Field(id), Quote::Braces) => format!("{{#{id}}}"),
        (Name::Field(id), Quote::Brackets) => format!("[{{#{id}}}]"),
        (Name::Table(id), _) => format!("[#{id}]"),
        (Name::Text(_), _) => unreachable!("only resolved names are stored"),
    }
}

fn user_name(name: &Name, quote: Quote, schema: &dyn Schema, own_words: &HashSet<String>) -> Option<String> {
    const GONE: &str = "{#REF!}";
    match name {
        Name::Text(_) => None,
        Name::Table(id) => {
            Some(schema.table_name(*id).map_or(GONE.to_owned(), |name| quoted(&name, '[', ']')))
        }
        Name::Field(id) => Some(match schema.field(*id) {
            None => GONE.to_owned(),
            // In brackets it would be taken for the table.
            Some(field) if quote == Quote::Brackets && schema.table_named(&field.name).is_some() => {
                written(&field.name, Quote::Braces)
            }
            // Bare it would be taken for a name of the formula's own.
            Some(field) if quote == Quote::Bare && own_words.contains(&field.name.to_lowercase()) => {
                written(&field.name, Quote::Braces)
            }
            Some(field) => written(&field.name, quote),
        }),
    }
}
