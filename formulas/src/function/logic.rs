//! Conditions and blanks.

use super::args::Call;
use super::{Eval, Function, Special};
use crate::column::{Bitmap, Chunk, Vector};
use crate::error::{CellError, ErrorKind};

pub(super) const ALL: &[&Function] = &[
    &LET, &LAMBDA, &IF, &IFS, &SWITCH, &AND, &OR, &NOT, &XOR, &TRUE, &FALSE, &BLANK, &ISBLANK, &IFBLANK,
    &ISERROR, &IFERROR, &IFNA, &ERROR, &NA,
];

const LET: Function = Function {
    name: "LET",
    signature: "(name: any, value: any, more: any...) -> any",
    doc: "Names for values, and then a result that uses them; each value is computed once. A name is one word \
          without brackets, and a value may use the names before it.",
    examples: &[("LET(x, 2, y, x * 10, x + y)", "22"), ("LET(double, LAMBDA(x, x * 2), double(4))", "8")],
    eval: Eval::Special(Special::Let),
};

const LAMBDA: Function = Function {
    name: "LAMBDA",
    signature: "(name: any, more: any...) -> any",
    doc: "A function of the formula's own: parameters, and then its result. It stands where `MAP`, `FILTER`, \
          `SORTBY`, `REDUCE` or `SCAN` ask for one, or behind a name in `LET`.",
    examples: &[("MAP(LIST(1, 2), LAMBDA(x, x * 10))", "[10, 20]")],
    eval: Eval::Special(Special::Lambda),
};

const IF: Function = Function {
    name: "IF",
    signature: "(condition: bool, then: any, else: any?) -> any",
    doc: "`then` where the condition is true, else `else`, or blank. The other one is not evaluated.",
    examples: &[(r#"IF(2 > 1, "yes", "no")"#, r#""yes""#), ("IF(0, 1/0)", "blank")],
    eval: Eval::Special(Special::If),
};

const IFS: Function = Function {
    name: "IFS",
    signature: "(condition: bool, then: any, more: any...) -> any",
    doc: "The value behind the first true condition; blank if none is true.",
    examples: &[(r#"IFS(1 > 2, "a", 2 > 1, "b")"#, r#""b""#)],
    eval: Eval::Special(Special::Ifs),
};

const SWITCH: Function = Function {
    name: "SWITCH",
    signature: "(value: any, pattern: any, then: any, more: any...) -> any",
    doc: "The value behind the first pattern that equals `value`; a last argument alone is for all others.",
    examples: &[(r#"SWITCH("b", "a", 1, "b", 2, 0)"#, "2"), (r#"SWITCH("c", "a", 1)"#, "blank")],
    eval: Eval::Special(Special::Switch),
};

const AND: Function = Function {
    name: "AND",
    signature: "(condition: any, more: any...) -> bool",
    doc: "Whether all conditions are true; those behind a false one are not looked at. `a && b` is the same.",
    examples: &[("AND(1 < 2, 2 < 3)", "true"), ("AND(FALSE, 1/0)", "false")],
    eval: Eval::Special(Special::And),
};

const OR: Function = Function {
    name: "OR",
    signature: "(condition: any, more: any...) -> bool",
    doc: "Whether any condition is true; those behind a true one are not looked at. `a || b` is the same.",
    examples: &[("OR(1 > 2, 3 > 2)", "true"), ("OR(TRUE, 1/0)", "true")],
    eval: Eval::Special(Special::Or),
};

const NOT: Function = Function {
    name: "NOT",
    signature: "(condition: bool) -> bool",
    doc: "True where the condition is false or blank.",
    examples: &[("NOT(1 > 2)", "true"), ("NOT(BLANK())", "true")],
    eval: Eval::Rows(|call| call.bools(|row| Ok(!row.is_true(0)))),
};

const XOR: Function = Function {
    name: "XOR",
    signature: "(condition: bool, more: bool...) -> bool",
    doc: "Whether an odd number of conditions is true.",
    examples: &[("XOR(TRUE, FALSE)", "true"), ("XOR(TRUE, TRUE)", "false")],
    eval: Eval::Rows(|call| {
        call.bools(|row| Ok((0..row.n_args()).filter(|arg| row.is_true(*arg)).count() % 2 == 1))
    }),
};

const TRUE: Function = Function {
    name: "TRUE",
    signature: "() -> bool",
    doc: "True; as a number 1.",
    examples: &[("TRUE()", "true"), ("TRUE() + 1", "2")],
    eval: Eval::Rows(|call| call.bools(|_| Ok(true))),
};

const FALSE: Function = Function {
    name: "FALSE",
    signature: "() -> bool",
    doc: "False; as a number 0.",
    examples: &[("FALSE()", "false")],
    eval: Eval::Rows(|call| call.bools(|_| Ok(false))),
};

const BLANK: Function = Function {
    name: "BLANK",
    signature: "() -> any",
    doc: "Nothing: 0 in arithmetic, the empty text in texts, false in conditions.",
    examples: &[("BLANK()", "blank"), (r#"BLANK() = """#, "true")],
    eval: Eval::Special(Special::Blank),
};

const ISBLANK: Function = Function {
    name: "ISBLANK",
    signature: "(value: any) -> bool",
    doc: "Whether there is nothing: blank, the empty text or the empty list. 0 and false are something.",
    examples: &[("ISBLANK(BLANK())", "true"), (r#"ISBLANK("")"#, "true"), ("ISBLANK(0)", "false")],
    eval: Eval::Rows(|call| {
        call.bools(|row| {
            let (items, range) = row.items(0);
            let is_empty_text = |at: usize| items.texts().is_some_and(|texts| texts.get(at).is_empty());
            let is_list = row.is_list(0);
            Ok(range.is_empty() || !is_list && (row.is_blank(0) || is_empty_text(range.start)))
        })
    }),
};

const ISERROR: Function = Function {
    name: "ISERROR",
    signature: "(value: any) -> bool",
    doc: "Whether the value failed.",
    examples: &[("ISERROR(1/0)", "true"), ("ISERROR(1)", "false")],
    eval: Eval::Rows(is_error),
};

const IFBLANK: Function = Function {
    name: "IFBLANK",
    signature: "(value: any, fallback: any) -> any",
    doc: "The value, or `fallback` where there is nothing: blank, the empty text or the empty list.",
    examples: &[(r#"IFBLANK("", "none")"#, r#""none""#), ("IFBLANK(0, 5)", "0")],
    eval: Eval::Special(Special::IfBlank),
};

const IFNA: Function = Function {
    name: "IFNA",
    signature: "(value: any, fallback: any) -> any",
    doc: "The value, or `fallback` where it failed with `#N/A`; other failures stay.",
    examples: &[("IFNA(MATCH(3, LIST(1), 0), 0)", "0"), ("IFNA(1/2, 0)", "0.5")],
    eval: Eval::Special(Special::IfNa),
};

const NA: Function = Function {
    name: "NA",
    signature: "() -> text",
    doc: "The failure `#N/A`: nothing was found.",
    examples: &[(r#"IFNA(NA(), "none")"#, r#""none""#)],
    eval: Eval::Rows(|call| {
        call.texts(|_, _| Err(CellError::new(ErrorKind::NotAvailable, "there is no value")))
    }),
};

const IFERROR: Function = Function {
    name: "IFERROR",
    signature: "(value: any, fallback: any) -> any",
    doc: "The value, or `fallback` where it failed.",
    examples: &[("IFERROR(1/0, 0)", "0"), ("IFERROR(1/2, 0)", "0.5")],
    eval: Eval::Special(Special::IfError),
};

const ERROR: Function = Function {
    name: "ERROR",
    signature: r#"(message: text = "this formula asks for an error") -> text"#,
    doc: "A failure with a message.",
    examples: &[(r#"IFERROR(ERROR("no"), "caught")"#, r#""caught""#)],
    eval: Eval::Rows(|call| call.texts(|row, _| Err(CellError::new(ErrorKind::Error, row.text(0))))),
};

fn is_error(call: &Call<'_>) -> Chunk {
    let arg = &call.args[0];
    let failed = |row: usize| {
        let at = arg.at(row);
        let in_list = |at| {
            arg.chunk
                .lists()
                .is_some_and(|lists| lists.range(at).any(|item| lists.items().error(item).is_some()))
        };
        arg.chunk.error(at).is_some() || in_list(at)
    };
    Chunk::full(Vector::Bool((0..call.len).map(failed).collect::<Bitmap>()))
}
