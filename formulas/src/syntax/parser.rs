//! Tokens → [`Ast`], by Pratt's method: operators bind by their strength, loops do the rest.
//!
//! From the tightest: paths and method calls, postfix `%`, unary minus, `^`, `* /`, `+ -`, `&`, comparisons, `&&`, `||`; as
//! in spreadsheets `-2^2` is 4. A chain of operators is a loop, so only brackets, arguments, signs and paths count as
//! depth; beyond [`DEPTH_MAX`] the rest of the formula is an error node.

use std::ops::Range;

use super::ast::{Ast, AstId, AstKind, AstNode, Binary, Unary};
use super::lexer::{Form, Lexeme, Name, Quote, Token, lex};
use crate::error::Diagnostic;
use crate::limits::{DEPTH_MAX, FORMULA_BYTES_MAX, NODES_MAX};

pub(super) fn parse_form(text: &str, form: Form) -> (Ast, Vec<Diagnostic>) {
    if text.len() > FORMULA_BYTES_MAX {
        let message = format!("a formula has at most {FORMULA_BYTES_MAX} bytes, this one has {}", text.len());
        return failed(Diagnostic::new(0..text.len(), message));
    }
    let (lexemes, diagnostics) = lex(text, form);
    let mut parser = Parser { lexemes, at: 0, depth: 0, nodes: Vec::new(), depths: Vec::new(), diagnostics };
    let mut root = parser.expression(0);
    if !parser.is_at_end() && parser.diagnostics.is_empty() {
        let message = parser.left_over();
        root = parser.error(message);
    }
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.range.start);
    let nodes = parser.nodes;
    (Ast { nodes, root, diagnostics: diagnostics.clone() }, diagnostics)
}

fn failed(diagnostic: Diagnostic) -> (Ast, Vec<Diagnostic>) {
    let nodes = vec![AstNode { kind: AstKind::Error, range: diagnostic.range.clone() }];
    let diagnostics = vec![diagnostic];
    (Ast { nodes, root: 0, diagnostics: diagnostics.clone() }, diagnostics)
}

struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
    /// How deep the parser's own recursion is.
    depth: usize,
    nodes: Vec<AstNode>,
    /// How deep the tree below each node is; a chain of operators counts once.
    depths: Vec<usize>,
    diagnostics: Vec<Diagnostic>,
}

impl Parser {
    fn token(&self) -> &Token {
        &self.lexemes[self.at].token
    }

    fn range(&self) -> Range<usize> {
        self.lexemes[self.at].range.clone()
    }

    fn is_at_end(&self) -> bool {
        *self.token() == Token::End
    }

    fn advance(&mut self) -> Range<usize> {
        let range = self.range();
        if !self.is_at_end() {
            self.at += 1;
        }
        range
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = matches!(self.token(), Token::Symbol(text) if *text == symbol);
        if found {
            self.at += 1;
        }
        found
    }

    fn symbol(&self) -> Option<&'static str> {
        match self.token() {
            Token::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The current token as a message names it.
    fn current_word(&self) -> String {
        match self.token() {
            Token::Number(number) => format!("`{number}`"),
            Token::Text(_) => "a text".to_owned(),
            Token::Name(Name::Text(name), _) => format!("`{name}`"),
            Token::Name(..) => "a name".to_owned(),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::Error => "this".to_owned(),
            Token::End => "the end of the formula".to_owned(),
        }
    }

    /// What to say of a token behind a whole expression.
    fn left_over(&self) -> String {
        let word = self.current_word();
        match self.token() {
            Token::Name(Name::Text(name), Quote::Bare) => match name.to_ascii_uppercase().as_str() {
                "AND" => "between conditions stands `&&`; or AND(a, b)".to_owned(),
                "OR" => "between conditions stands `||`; or OR(a, b)".to_owned(),
                "IS" => "two values are compared by `=`".to_owned(),
                "MOD" => "a remainder is MOD(a, b)".to_owned(),
                _ => format!(
                    "{word} is not expected here; an operator such as `+` or `&` may be missing before it"
                ),
            },
            Token::Number(_) | Token::Text(_) | Token::Name(..) => {
                format!(
                    "{word} is not expected here; an operator such as `+` or `&` may be missing before it"
                )
            }
            _ => format!("{word} is not expected here"),
        }
    }

    /// An error node here; says `message` unless something was said before, since one mistake is enough.
    fn error(&mut self, message: impl Into<String>) -> AstId {
        let range = self.range();
        if self.diagnostics.is_empty() {
            self.diagnostics.push(Diagnostic::new(range.clone(), message));
        }
        self.at = self.lexemes.len() - 1;
        self.nodes.push(AstNode { kind: AstKind::Error, range });
        self.depths.push(1);
        self.nodes.len() - 1
    }

    fn add(&mut self, kind: AstKind, range: Range<usize>, depth: usize) -> AstId {
        if self.nodes.len() >= NODES_MAX {
            return self.error(format!("a formula has at most {NODES_MAX} parts"));
        }
        if depth > DEPTH_MAX {
            return self.error(format!("a formula nests at most {DEPTH_MAX} deep"));
        }
        self.nodes.push(AstNode { kind, range });
        self.depths.push(depth);
        self.nodes.len() - 1
    }

    /// An expression whose operators bind at least as tightly as `strength`.
    fn expression(&mut self, strength: u8) -> AstId {
        if self.depth >= DEPTH_MAX {
            return self.error(format!("a formula nests at most {DEPTH_MAX} deep"));
        }
        self.depth += 1;
        let mut left = self.prefix();
        // A bracketed chain is an operand like any other; only this loop's own chain stays flat.
        let mut chained = false;
        while let Some(op) = self.symbol().and_then(Binary::from_symbol) {
            if op.strength() < strength {
                break;
            }
            self.advance();
            let right = self.expression(op.strength() + 1);
            let range = self.nodes[left].range.start..self.nodes[right].range.end;
            let below = self.depths[left] + usize::from(!chained);
            let depth = below.max(self.depths[right] + 1);
            left = self.add(AstKind::Binary(op, left, right), range, depth);
            chained = true;
        }
        self.depth -= 1;
        left
    }

    fn prefix(&mut self) -> AstId {
        let op = match self.symbol() {
            Some("-") => Unary::Minus,
            Some("+") => Unary::Plus,
            _ => return self.postfix(),
        };
        if self.depth >= DEPTH_MAX {
            return self.error(format!("a formula nests at most {DEPTH_MAX} deep"));
        }
        self.depth += 1;
        let start = self.advance().start;
        let operand = self.prefix();
        self.depth -= 1;
        let range = start..self.nodes[operand].range.end;
        let depth = self.depths[operand] + 1;
        self.add(AstKind::Unary(op, operand), range, depth)
    }

    fn postfix(&mut self) -> AstId {
        let mut base = self.primary();
        loop {
            let start = self.nodes[base].range.start;
            let depth = self.depths[base] + 1;
            match self.symbol() {
                Some("%") => {
                    let end = self.advance().end;
                    base = self.add(AstKind::Unary(Unary::Percent, base), start..end, depth);
                }
                Some(".") => {
                    self.advance();
                    base = self.member(base);
                }
                _ => return base,
            }
        }
    }

    /// What stands behind a dot: a function with the base as its first argument, or a field.
    fn member(&mut self, base: AstId) -> AstId {
        let start = self.nodes[base].range.start;
        let Token::Name(name, quote) = self.token().clone() else {
            return self.error(format!(
                "behind the dot a field or a function is expected, not {}",
                self.current_word()
            ));
        };
        let name_range = self.advance();
        if let (Name::Text(function), Quote::Bare) = (&name, quote)
            && self.eat("(")
        {
            return self.call(function.clone(), name_range, Some(base));
        }
        let depth = self.depths[base] + 1;
        let range = start..name_range.end;
        self.add(AstKind::Path { base, name, quote, name_range }, range, depth)
    }

    fn primary(&mut self) -> AstId {
        let token = self.token().clone();
        match token {
            Token::Number(number) => {
                let range = self.advance();
                self.add(AstKind::Number(number), range, 1)
            }
            Token::Text(text) => {
                let range = self.advance();
                self.add(AstKind::Text(text), range, 1)
            }
            Token::Name(Name::Text(name), Quote::Bare) => self.bare(name),
            Token::Name(name, quote) => {
                let range = self.advance();
                self.add(AstKind::Name(name, quote), range, 1)
            }
            Token::Symbol("(") => self.parenthesized(),
            Token::Symbol(_) | Token::End | Token::Error => {
                self.error(format!("a value is expected here, not {}", self.current_word()))
            }
        }
    }

    fn parenthesized(&mut self) -> AstId {
        self.advance();
        let inner = self.expression(0);
        if !self.eat(")") {
            return self.error(format!("`)` is expected here, not {}", self.current_word()));
        }
        self.depths[inner] += 1;
        inner
    }

    /// A bare word: a constant, a call or a field.
    fn bare(&mut self, name: String) -> AstId {
        let range = self.advance();
        if self.eat("(") {
            return self.call(name, range, None);
        }
        let kind = match name.to_ascii_uppercase().as_str() {
            "TRUE" => AstKind::Bool(true),
            "FALSE" => AstKind::Bool(false),
            "CURRENTVALUE" => AstKind::CurrentValue,
            _ => AstKind::Name(Name::Text(name), Quote::Bare),
        };
        self.add(kind, range, 1)
    }

    /// The arguments behind `(`.
    fn call(&mut self, name: String, name_range: Range<usize>, receiver: Option<AstId>) -> AstId {
        let start = receiver.map_or(name_range.start, |base| self.nodes[base].range.start);
        let method = receiver.is_some();
        let mut args: Vec<AstId> = receiver.into_iter().collect();
        if !self.eat(")") {
            loop {
                args.push(self.expression(0));
                if self.eat(")") {
                    break;
                }
                if !self.eat(",") {
                    return self.error(format!("`,` or `)` is expected here, not {}", self.current_word()));
                }
            }
        }
        let end = self.lexemes[self.at - 1].range.end.max(name_range.end);
        let depth = 1 + args.iter().map(|arg| self.depths[*arg]).max().unwrap_or(0);
        self.add(AstKind::Call { name, name_range, args, method }, start..end, depth)
    }
}
