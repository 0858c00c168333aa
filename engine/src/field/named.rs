//! [`NamedCells`]: cells of things that people name (records by title, people by name or address) and programs by id.

use formulas::Value;

use super::words::{codes_cell, excerpt, expected, names, typed};
use super::{Accept, Acceptor, Input};
use crate::limits::LIST_ITEMS_MAX;

/// Finds things of one kind, as the numbers that cells keep.
pub(super) trait Finder {
    /// One of them: "record".
    const ONE: &'static str;
    /// Several: "records".
    const MANY: &'static str;
    /// What people give: "titles of records".
    const NAMES: &'static str;
    /// Whether a number or a checkbox that somebody typed may be a name.
    const ANY_NAME: bool;

    /// The one with this id.
    fn by_id(&self, text: &str) -> Result<u32, String>;

    /// The one with this id or name.
    fn find(&mut self, text: &str) -> Result<u32, String>;
}

/// Takes ids or names of one or many things, each once.
pub(super) struct NamedCells<F> {
    pub(super) finder: F,
    /// Whether a cell may have more than one.
    pub(super) many: bool,
    codes: Vec<u32>,
}

impl<F: Finder> NamedCells<F> {
    pub(super) const fn new(finder: F, many: bool) -> Self {
        Self { finder, many, codes: Vec::new() }
    }

    /// Names in a row; if one is unknown, the whole text may still be a name with a comma in it. Where there can
    /// be one thing only, the whole text is looked for first.
    fn row(&mut self, text: &str) -> Result<(), String> {
        let whole = text.trim();
        if !self.many
            && !whole.is_empty()
            && let Ok(code) = self.finder.find(whole)
        {
            return self.add(code, whole, true);
        }
        let row = names(text);
        let found: Vec<_> = row.iter().map(|name| self.finder.find(name)).collect();
        if row.len() > 1
            && found.iter().any(Result::is_err)
            && let Ok(code) = self.finder.find(whole)
        {
            return self.add(code, whole, true);
        }
        row.iter().zip(found).try_for_each(|(name, code)| self.add(code?, name, true))
    }

    fn push(&mut self, text: &str, typecast: bool) -> Result<(), String> {
        let code = match typecast {
            true => self.finder.find(text)?,
            false => self.finder.by_id(text)?,
        };
        self.add(code, text, typecast)
    }

    /// Somebody who writes a name twice means it once; a program that does so is mistaken.
    fn add(&mut self, code: u32, text: &str, lenient: bool) -> Result<(), String> {
        match self.codes.contains(&code) {
            false => self.codes.push(code),
            true if lenient => {}
            true => return Err(format!("expects each {} once, got {} twice", F::ONE, excerpt(text))),
        }
        Ok(())
    }
}

impl<F: Finder> Acceptor for NamedCells<F> {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        self.codes.clear();
        match input {
            Input::Blank => return Ok(Value::Blank),
            Input::List(items) => {
                for item in items {
                    match item {
                        Input::Text(text) => self.push(text, context.typecast)?,
                        other => return Err(expected(&format!("ids of {}", F::MANY), other)),
                    }
                }
            }
            Input::Text(text) if context.typecast => self.row(text)?,
            other if context.typecast => match typed(other).filter(|_| F::ANY_NAME) {
                Some(name) => self.push(&name, true)?,
                None => return Err(expected(F::NAMES, other)),
            },
            other => return Err(expected(&format!("a list of ids of {}", F::MANY), other)),
        }
        match self.codes.len() {
            len if len > 1 && !self.many => Err(format!("expects one {}, got {len}", F::ONE)),
            len if len > LIST_ITEMS_MAX => {
                Err(format!("a cell may have {LIST_ITEMS_MAX} {}, this one has {len}", F::MANY))
            }
            _ => Ok(codes_cell(&self.codes)),
        }
    }
}
