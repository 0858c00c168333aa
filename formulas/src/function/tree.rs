//! Records above and below the record, by a link of a table to itself.

use super::{Eval, Function, Special};

pub(super) const ALL: &[&Function] = &[&ANCESTORS, &DESCENDANTS, &PATH];

const ANCESTORS: Function = Function {
    name: "ANCESTORS",
    signature: "(parent: any) -> list",
    doc: "The records above the record by a link of the table to itself, the nearest first. Records that stand above \
          themselves are an error that names them.",
    examples: &[("COUNTALL(ANCESTORS([Parent]))", "0")],
    eval: Eval::Special(Special::Ancestors),
};

const DESCENDANTS: Function = Function {
    name: "DESCENDANTS",
    signature: "(parent: any) -> list",
    doc: "The records below the record: all whose link leads to it, directly or through others; the nearest first. \
          `SUM(DESCENDANTS([Parent]).[Budget])` is a sum over all levels.",
    examples: &[("COUNTALL(DESCENDANTS([Parent]))", "0")],
    eval: Eval::Special(Special::Descendants),
};

const PATH: Function = Function {
    name: "PATH",
    signature: r#"(parent: any, name: any?, separator: text = " / ") -> text"#,
    doc: "A field of the records above the record and of itself, from the topmost down; of several parents the first \
          counts. Without a field it is the one by which people know the records.",
    examples: &[("PATH([Parent], [Name])", r#""""#)],
    eval: Eval::Special(Special::Path),
};
