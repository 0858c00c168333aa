//! The reference page of the language, made of the crate's own documentation and of the registry of functions.

use std::fmt::Write;

use crate::dialect::Dialect;
use crate::function::{FAMILIES, Function, aliases_of, variants};

/// The page `docs/formulas.md` in Markdown: the rules of the language, then every function by family.
pub fn reference() -> String {
    let mut out = String::from("# Formulas\n\n");
    out.push_str("Made by `sheaf functions --markdown`; a test compares it and runs each example. ");
    let dialects = Dialect::ALL.map(|dialect| format!("`{dialect}`")).join(", ");
    let _ = write!(
        out,
        "A base has one of the\ndialects {dialects}, `{}` unless one is chosen; where a function is something else in some of them, \
         its entry says so,\nand [decision 005](decisions/005-dialects.md) says why.\n\n",
        Dialect::default()
    );
    out.push_str(&rules());
    for family in FAMILIES {
        let _ = write!(out, "\n## {}\n", title(family.name));
        family.functions.iter().for_each(|function| describe(function, &mut out));
    }
    out
}

/// What the crate's documentation says of the language.
fn rules() -> String {
    let lines = include_str!("lib.rs").lines().map_while(|line| line.strip_prefix("//!"));
    let section = lines
        .skip_while(|line| !line.ends_with("# The language"))
        .take_while(|line| !line.ends_with("# Examples"));
    let text: String = section.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    format!("#{}\n", text.trim_end())
}

fn describe(function: &Function, out: &mut String) {
    let _ = write!(out, "\n### {}\n\n`{}{}`\n\n", function.name, function.name, function.signature);
    let _ = writeln!(out, "{}", function.doc);
    let aliases: Vec<String> = aliases_of(function).map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        let _ = writeln!(out, "\nAlso written {}.", aliases.join(", "));
    }
    out.push('\n');
    examples(function, out);
    for variant in variants().iter().filter(|variant| variant.of == function.name) {
        let dialects: Vec<String> = variant.dialects.iter().map(|dialect| format!("`{dialect}`")).collect();
        let signature = variant.function.signature;
        let _ = write!(
            out,
            "\nIn {}, `{}{signature}`: {}\n\n",
            dialects.join(" and "),
            function.name,
            variant.function.doc
        );
        examples(variant.function, out);
    }
}

fn examples(function: &Function, out: &mut String) {
    for (formula, result) in function.examples {
        let _ = writeln!(out, "    {formula} → {result}");
    }
}

fn title(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
