//! [`Ast`] → text, with as few brackets as mean the same; comments and spacing of the source are gone.

use std::fmt;

use super::ast::{Ast, AstId, AstKind, Binary, Unary};
use super::lexer::{Name, Quote, quoted};

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(self.root, 0, f)
    }
}

/// Binds tighter than every operator between operands.
const PREFIX: u8 = 8;
/// Binds tightest.
const POSTFIX: u8 = 9;

impl Ast {
    /// Prints `id` where at least `strength` is needed; recursion is bounded by the parser, chains are loops.
    fn print(&self, id: AstId, strength: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.strength(id);
        if own < strength {
            f.write_str("(")?;
        }
        match &self.nodes[id].kind {
            AstKind::Error => f.write_str("?")?,
            AstKind::Number(number) => write!(f, "{number}")?,
            AstKind::Text(text) => print_text(text, f)?,
            AstKind::Bool(bool) => f.write_str(if *bool { "TRUE" } else { "FALSE" })?,
            AstKind::CurrentValue => f.write_str("CurrentValue")?,
            AstKind::Name(name, quote) => print_name(name, *quote, f)?,
            AstKind::Unary(Unary::Percent, operand) => {
                self.print(*operand, POSTFIX, f)?;
                f.write_str("%")?;
            }
            AstKind::Unary(op, operand) => {
                f.write_str(if *op == Unary::Minus { "-" } else { "+" })?;
                self.print(*operand, PREFIX, f)?;
            }
            AstKind::Binary(..) => self.print_chain(id, f)?,
            AstKind::Call { name, args, method, .. } => {
                let mut args = args.iter();
                if *method && let Some(receiver) = args.next() {
                    self.print(*receiver, POSTFIX, f)?;
                    f.write_str(".")?;
                }
                write!(f, "{name}(")?;
                for (at, arg) in args.enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    self.print(*arg, 0, f)?;
                }
                f.write_str(")")?;
            }
            AstKind::Path { base, name, quote, .. } => {
                self.print(*base, POSTFIX, f)?;
                f.write_str(".")?;
                print_name(name, *quote, f)?;
            }
        }
        if own < strength {
            f.write_str(")")?;
        }
        Ok(())
    }

    /// A chain such as `a + b - c` leans to the left as deep as it is long: walked by a loop.
    fn print_chain(&self, id: AstId, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut links: Vec<(Binary, AstId)> = Vec::new();
        let mut first = id;
        while let AstKind::Binary(op, left, right) = &self.nodes[first].kind {
            if links.last().is_some_and(|(above, _)| op.strength() < above.strength()) {
                break;
            }
            links.push((*op, *right));
            first = *left;
        }
        let (op, _) = links.last().expect("a chain has a link");
        self.print(first, op.strength(), f)?;
        for (op, right) in links.into_iter().rev() {
            write!(f, " {} ", op.symbol())?;
            self.print(right, op.strength() + 1, f)?;
        }
        Ok(())
    }

    fn strength(&self, id: AstId) -> u8 {
        match &self.nodes[id].kind {
            AstKind::Binary(op, ..) => op.strength(),
            AstKind::Unary(Unary::Percent, _) => POSTFIX,
            AstKind::Unary(..) => PREFIX,
            _ => POSTFIX + 1,
        }
    }
}

fn print_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for char in text.chars() {
        match char {
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '"' | '\\' => write!(f, "\\{char}")?,
            _ => write!(f, "{char}")?,
        }
    }
    f.write_str("\"")
}

fn print_name(name: &Name, quote: Quote, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (name, quote) {
        (Name::Text(text), Quote::Bare) => f.write_str(text),
        (Name::Text(text), Quote::Braces) => f.write_str(&quoted(text, '{', '}')),
        (Name::Text(text), Quote::Brackets) => f.write_str(&quoted(text, '[', ']')),
        (Name::Field(id), Quote::Bare) => write!(f, "#{id}"),
        (Name::Field(id), Quote::Braces) => write!(f, "{{#{id}}}"),
        (Name::Field(id), Quote::Brackets) => write!(f, "[{{#{id}}}]"),
        (Name::Table(id), _) => write!(f, "[#{id}]"),
    }
}
