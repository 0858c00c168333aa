//! [`Ast`]: a parsed formula, as a flat vector of nodes in which children stand before their parents.

use std::ops::Range;

use super::lexer::{Name, Quote};

/// A parsed formula with the text ranges of its parts.
///
/// What could not be read is a node of its own; the diagnostics of [`super::parse`] say why. An `Ast` knows
/// neither fields nor types: see [`crate::check()`].
#[derive(Clone, Debug)]
pub struct Ast {
    pub(crate) nodes: Vec<AstNode>,
    /// The whole formula; always the last node.
    pub(crate) root: AstId,
    /// Whether parsing had something to say, in which case checking says it again.
    pub(crate) diagnostics: Vec<crate::error::Diagnostic>,
}

/// The position of a node in [`Ast::nodes`].
pub(crate) type AstId = usize;

/// A part of a formula and where it stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct AstNode {
    pub(crate) kind: AstKind,
    pub(crate) range: Range<usize>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum AstKind {
    /// Something that could not be read.
    Error,
    Number(f64),
    Text(String),
    Bool(bool),
    /// A field of the formula's own table, or a table.
    Name(Name, Quote),
    /// The item that the innermost `FILTER` or `MAP` looks at.
    CurrentValue,
    Unary(Unary, AstId),
    Binary(Binary, AstId, AstId),
    /// `F(a, b)`; written `a.F(b)` where `method`.
    Call {
        name: String,
        name_range: Range<usize>,
        args: Vec<AstId>,
        method: bool,
    },
    /// `base.{Name}`.
    Path {
        base: AstId,
        name: Name,
        quote: Quote,
        name_range: Range<usize>,
    },
}

/// An operator before or behind its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Minus,
    Plus,
    Percent,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Binary {
    /// All operators with their symbol and how tightly they bind.
    pub(crate) const ALL: &[(Binary, &'static str, u8)] = &[
        (Self::Or, "||", 1),
        (Self::And, "&&", 2),
        (Self::Equal, "=", 3),
        (Self::NotEqual, "!=", 3),
        (Self::LessEqual, "<=", 3),
        (Self::GreaterEqual, ">=", 3),
        (Self::Less, "<", 3),
        (Self::Greater, ">", 3),
        (Self::Concat, "&", 4),
        (Self::Add, "+", 5),
        (Self::Subtract, "-", 5),
        (Self::Multiply, "*", 6),
        (Self::Divide, "/", 6),
        (Self::Power, "^", 7),
    ];

    /// The operator written `symbol`.
    pub(crate) fn from_symbol(symbol: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, text, _)| *text == symbol).map(|(op, ..)| *op)
    }

    /// How it is written.
    pub(crate) fn symbol(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(op, ..)| *op == self)
            .map(|(_, text, _)| *text)
            .expect("ALL has every operator")
    }

    /// How tightly it binds; all are left-associative.
    pub(crate) fn strength(self) -> u8 {
        Self::ALL.iter().find(|(op, ..)| *op == self).map(|(.., by)| *by).expect("ALL has every operator")
    }
}
