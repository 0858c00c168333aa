//! [`Function`]: a function of the language as data; the families list them.
//!
//! To add one, write a `const` in its family's file and a line in that family's `ALL`. The signature is read by
//! the checker, which inserts the conversions that arguments need: `eval` gets cells of the kinds it asks for.

mod args;
mod calendar;
mod date;
mod list;
mod logic;
mod lookup;
mod moment;
mod number;
mod pattern;
mod record;
mod signature;
mod spell;
mod text;
mod tree;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub(crate) use args::{Call, compare_items, text_too_long};
pub(crate) use calendar::{checked_date, to_moment};
pub(crate) use signature::{DefaultValue, Gives, Param, Signature, Wants};
pub(crate) use spell::{date_text, number_text, parse_date, parse_number};

use crate::column::Chunk;

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// The name in capitals; formulas may write it in any case.
    pub name: &'static str,
    /// Parameters and result, such as `(text, count: number = 1) -> text`.
    pub signature: &'static str,
    /// A sentence or two for people.
    pub doc: &'static str,
    /// Formulas and their results; each is run as a test.
    pub examples: &'static [(&'static str, &'static str)],
    pub(crate) eval: Eval,
}

/// How a function is computed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Eval {
    /// All rows at once, from arguments that have been converted.
    Rows(fn(&Call<'_>) -> Chunk),
    /// The checker makes nodes of it, because not all of its arguments are evaluated for all rows.
    Special(Special),
}

/// Functions that the checker knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    If,
    Ifs,
    Switch,
    And,
    Or,
    IfError,
    Blank,
    IfNa,
    IfBlank,
    Let,
    Lambda,
    Choose,
    Lookup,
    Filter,
    Map,
    SortBy,
    Reduce,
    Scan,
    Ancestors,
    Descendants,
    Path,
    CountIf,
    SumIf,
    RecordId,
    Flatten,
}

/// Functions that belong together.
#[derive(Debug)]
pub struct Family {
    /// One word: logic, text, number, date, list, lookup, record, tree.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [&'static Function],
}

/// All families in the order of the reference page.
pub const FAMILIES: &[Family] = &[
    Family { name: "logic", functions: logic::ALL },
    Family { name: "text", functions: text::ALL },
    Family { name: "number", functions: number::ALL },
    Family { name: "date", functions: date::ALL },
    Family { name: "list", functions: list::ALL },
    Family { name: "lookup", functions: lookup::ALL },
    Family { name: "record", functions: record::ALL },
    Family { name: "tree", functions: tree::ALL },
];

/// Names by which other spreadsheets know functions of ours.
const ALIASES: &[(&str, &str)] = &[
    ("ARRAYFLATTEN", "LISTCOMBINE"),
    ("UNIQUE", "ARRAYUNIQUE"),
    ("CONTAINTEXT", "CONTAINSTEXT"),
    ("STDEV", "STDEV.S"),
    ("VAR", "VAR.S"),
    ("NETWORKDAYS", "WORKDAY_DIFF"),
    ("DATEDIFF", "DATETIME_DIFF"),
    ("CONCAT", "CONCATENATE"),
    ("REGEXMATCH", "REGEX_MATCH"),
    ("REGEXEXTRACT", "REGEX_EXTRACT"),
    ("REGEXREPLACE", "REGEX_REPLACE"),
    ("ENCODEURL", "ENCODE_URL_COMPONENT"),
    ("TRUNC", "ROUNDDOWN"),
    ("CONTAINSONE", "CONTAINS"),
    ("CONTAIN", "CONTAINS"),
    ("DISTINCT", "ARRAYUNIQUE"),
];

/// All functions of the language.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.functions.iter().copied())
}

/// The function of this name, in any case, or of which it is another name.
pub fn function_named(name: &str) -> Option<&'static Function> {
    entry(name).map(|entry| entry.function)
}

/// The family that a function is in.
pub fn family_of(function: &Function) -> &'static Family {
    let is_in = |family: &&Family| family.functions.iter().any(|other| other.name == function.name);
    FAMILIES.iter().find(is_in).expect("every function is listed in a family")
}

/// A function with its signature as it was read.
pub(crate) struct Entry {
    pub(crate) function: &'static Function,
    pub(crate) signature: Arc<Signature>,
}

pub(crate) fn entry(name: &str) -> Option<&'static Entry> {
    static ENTRIES: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(entries);
    ENTRIES.get(name.to_ascii_uppercase().as_str())
}

fn entries() -> HashMap<&'static str, Entry> {
    let mut entries = HashMap::new();
    for function in functions() {
        let signature = Arc::new(Signature::parse(function.signature));
        let before = entries.insert(function.name, Entry { function, signature });
        assert!(before.is_none(), "two functions are named {}", function.name);
    }
    for function in lookup::HIDDEN {
        let signature = Arc::new(Signature::parse(function.signature));
        entries.insert(function.name, Entry { function, signature });
    }
    for (alias, name) in ALIASES {
        let Entry { function, signature } = &entries[name];
        let entry = Entry { function, signature: Arc::clone(signature) };
        entries.insert(alias, entry);
    }
    entries
}

/// Whether there is a function of this name.
pub(crate) fn is_function(name: &str) -> bool {
    entry(name).is_some()
}

impl Function {
    /// Whether results change as time passes.
    pub fn is_volatile(&self) -> bool {
        matches!(self.name, "NOW" | "TODAY" | "FROMNOW" | "TONOW")
    }

    pub(crate) fn run(&self, call: &Call<'_>) -> Chunk {
        match self.eval {
            Eval::Rows(eval) => eval(call),
            Eval::Special(special) => unreachable!("the checker makes nodes of {special:?}"),
        }
    }
}
