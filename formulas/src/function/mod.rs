//! [`Function`]: a function of the language as data; the families list them.
//!
//! To add one, write a `const` in its family's file and a line in that family's `ALL`. The signature is read by
//! the checker, which inserts the conversions that arguments need: `eval` gets cells of the kinds it asks for.

mod args;
mod base;
mod calendar;
mod cashflow;
mod characters;
mod criteria;
mod criteria_index;
mod date;
mod date_text;
mod depreciation;
mod distribution;
mod finance;
mod format;
mod info;
mod list;
mod locale;
mod locale_data;
mod logic;
mod lookup;
mod math;
mod moment;
mod moment_parse;
mod number;
mod pattern;
mod rank;
mod record;
mod regex;
mod regression;
mod root;
mod rounding;
mod sample;
mod sheet_date;
mod sheet_format;
mod sheet_number;
mod signature;
mod span;
mod special;
mod spell;
mod split;
mod statistics;
mod text;
mod tree;
mod trigonometry;
mod units;
mod variant;
mod workday;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub(crate) use args::{Call, compare_items, text_too_long};
pub(crate) use calendar::{checked_date, to_moment};
pub(crate) use date_text::format_needs_now;
pub(crate) use signature::{DefaultValue, Gives, Param, Signature, Wants};
pub(crate) use spell::{date_text, number_text, parse_date, parse_number};
pub(crate) use variant::{FOLDED, NO_MATCH, RANK, WORDS, variant};
pub use variant::{Variant, variants};

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
    AverageIf,
    RecordId,
    CreatedTime,
    ModifiedTime,
    Flatten,
}

/// Functions that belong together.
#[derive(Debug)]
pub struct Family {
    /// One word, such as logic, text or finance.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [&'static Function],
}

/// All families in the order of the reference page.
pub const FAMILIES: &[Family] = &[
    Family { name: "logic", functions: logic::ALL },
    Family { name: "text", functions: TEXT },
    Family { name: "regex", functions: regex::ALL },
    Family { name: "number", functions: number::ALL },
    Family { name: "rounding", functions: rounding::ALL },
    Family { name: "math", functions: math::ALL },
    Family { name: "trigonometry", functions: trigonometry::ALL },
    Family { name: "statistics", functions: statistics::ALL },
    Family { name: "rank", functions: rank::ALL },
    Family { name: "regression", functions: regression::ALL },
    Family { name: "distribution", functions: distribution::ALL },
    Family { name: "criteria", functions: criteria::ALL },
    Family { name: "finance", functions: finance::ALL },
    Family { name: "cashflow", functions: cashflow::ALL },
    Family { name: "depreciation", functions: depreciation::ALL },
    Family { name: "base", functions: base::ALL },
    Family { name: "units", functions: units::ALL },
    Family { name: "date", functions: DATE },
    Family { name: "list", functions: list::ALL },
    Family { name: "lookup", functions: lookup::ALL },
    Family { name: "info", functions: info::ALL },
    Family { name: "record", functions: record::ALL },
    Family { name: "tree", functions: tree::ALL },
];

/// Families that fill more than one file.
const TEXT: &[&Function] = &joined::<
    { text::ALL.len() + split::ALL.len() + characters::ALL.len() + format::ALL.len() },
>(&[text::ALL, split::ALL, characters::ALL, format::ALL]);
const DATE: &[&Function] = &joined::<
    { date::ALL.len() + date_text::ALL.len() + span::ALL.len() + workday::ALL.len() },
>(&[date::ALL, date_text::ALL, span::ALL, workday::ALL]);

/// The functions of several files as one list of `N`.
const fn joined<const N: usize>(parts: &[&[&'static Function]]) -> [&'static Function; N] {
    let mut all = [parts[0][0]; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut nth = 0;
        while nth < parts[part].len() {
            all[at] = parts[part][nth];
            (at, nth) = (at + 1, nth + 1);
        }
        part += 1;
    }
    assert!(at == N, "the lists have as many functions as the sum says");
    all
}

/// Names by which other spreadsheets know functions of ours.
const ALIASES: &[(&str, &str)] = &[
    ("ARRAYFLATTEN", "LISTCOMBINE"),
    ("UNIQUE", "ARRAYUNIQUE"),
    ("CONTAINTEXT", "CONTAINSTEXT"),
    ("STDEV", "STDEV.S"),
    ("VAR", "VAR.S"),
    ("NETWORKDAYS", "WORKDAY_DIFF"),
    ("DATEDIFF", "DATETIME_DIFF"),
    ("REGEXMATCH", "REGEX_MATCH"),
    ("REGEXEXTRACT", "REGEX_EXTRACT"),
    ("ENCODEURL", "ENCODE_URL_COMPONENT"),
    ("CONTAINSONE", "CONTAINS"),
    ("STDEVP", "STDEV.P"),
    ("VARP", "VAR.P"),
    ("MODE", "MODE.SNGL"),
    ("PERCENTILE", "PERCENTILE.INC"),
    ("QUARTILE", "QUARTILE.INC"),
    ("PERCENTRANK", "PERCENTRANK.INC"),
    ("RANK", "RANK.EQ"),
    ("PEARSON", "CORREL"),
    ("COVAR", "COVARIANCE.P"),
    ("FORECAST", "FORECAST.LINEAR"),
    ("NORMDIST", "NORM.DIST"),
    ("NORMINV", "NORM.INV"),
    ("NORMSDIST", "NORM.S.DIST"),
    ("NORMSINV", "NORM.S.INV"),
    ("CONFIDENCE", "CONFIDENCE.NORM"),
    ("LOGNORMDIST", "LOGNORM.DIST"),
    ("LOGINV", "LOGNORM.INV"),
    ("BINOMDIST", "BINOM.DIST"),
    ("POISSON", "POISSON.DIST"),
    ("EXPONDIST", "EXPON.DIST"),
    ("WEIBULL", "WEIBULL.DIST"),
    ("ERF.PRECISE", "ERF"),
    ("ERFC.PRECISE", "ERFC"),
    ("GAMMALN.PRECISE", "GAMMALN"),
    ("ISO.CEILING", "CEILING.PRECISE"),
    ("CONTAIN", "CONTAINS"),
    ("DISTINCT", "ARRAYUNIQUE"),
    ("TODATE", "DATETIME_PARSE"),
    ("JIS", "DBCS"),
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

/// Other names by which formulas may call a function.
pub fn aliases_of(function: &Function) -> impl Iterator<Item = &'static str> + use<> {
    let name = function.name;
    ALIASES.iter().filter(move |(_, own)| *own == name).map(|(alias, _)| *alias)
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

    /// Whether it makes something of one list and needs nothing else: what a rollup may do with the values it sees.
    pub fn takes_one_list(&self) -> bool {
        if let Eval::Special(special) = self.eval
            && !matches!(special, Special::And | Special::Or | Special::Flatten)
        {
            return false;
        }
        let Some(entry) = entry(self.name) else { return false };
        let Some((first, more)) = entry.signature.params.split_first() else { return false };
        let lists = matches!(
            first.wants,
            Wants::Numbers
                | Wants::Texts
                | Wants::Dates
                | Wants::Sample
                | Wants::Cells
                | Wants::Ordered
                | Wants::List
        );
        match more {
            [next] if first.wants == Wants::Any => next.wants == Wants::Any && next.repeats,
            _ => {
                let is_left_out = |param: &Param| param.optional || param.default.is_some();
                (lists || first.wants == Wants::Any && first.repeats)
                    && more.iter().all(is_left_out)
                    && more.iter().all(|param| param.wants != Wants::Formula)
            }
        }
    }

    pub(crate) fn run(&self, call: &Call<'_>) -> Chunk {
        match self.eval {
            Eval::Rows(eval) => eval(call),
            Eval::Special(special) => unreachable!("the checker makes nodes of {special:?}"),
        }
    }
}
