//! `functions`: the registry of the formula language.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::{Value as Json, json};

#[derive(Debug, Args)]
pub(super) struct Functions {
    /// Only the one of this name
    name: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Print the reference page, docs/formulas.md
    #[arg(long, conflicts_with_all = ["json", "name"])]
    markdown: bool,
}

pub(super) fn run(command: &Functions) -> anyhow::Result<ExitCode> {
    let chosen: Vec<&formulas::Function> = match &command.name {
        None => formulas::functions().collect(),
        Some(name) => match formulas::function_named(name) {
            Some(function) => vec![function],
            None => {
                anyhow::bail!("there is no function {}; `sheaf functions` lists them", name.to_uppercase())
            }
        },
    };
    let text = if command.markdown {
        formulas::reference()
    } else if command.json {
        let all: Json = chosen.into_iter().map(described).collect();
        format!("{all:#}\n")
    } else {
        chosen.into_iter().map(shown).collect()
    };
    match io::stdout().write_all(text.as_bytes()) {
        // `sheaf functions | head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("the list cannot be written")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A function as people read it in a terminal.
fn shown(function: &formulas::Function) -> String {
    let mut out = format!("{}{}\n    {}\n", function.name, function.signature, function.doc);
    let examples = function.examples.iter();
    out.extend(examples.map(|(formula, result)| format!("    {formula} → {result}\n")));
    let aliases: Vec<_> = formulas::aliases_of(function).collect();
    if !aliases.is_empty() {
        out.push_str(&format!("    Also {}\n", aliases.join(", ")));
    }
    out
}

/// A function as `--json` has it.
fn described(function: &formulas::Function) -> Json {
    let examples = function.examples.iter();
    let examples = examples.map(|(formula, result)| json!({ "formula": formula, "result": result }));
    json!({
        "name": function.name,
        "family": formulas::family_of(function).name,
        "signature": function.signature,
        "doc": function.doc,
        "examples": examples.collect::<Vec<_>>(),
        "aliases": formulas::aliases_of(function).collect::<Vec<_>>(),
        "variants": formulas::variants().iter().filter(|one| one.of == function.name).map(variant).collect::<Json>(),
    })
}

/// What a function is in other dialects.
fn variant(variant: &formulas::Variant) -> Json {
    let dialects: Vec<_> = variant.dialects.iter().map(|dialect| dialect.name()).collect();
    let function = variant.function;
    let examples = function.examples.iter();
    let examples = examples.map(|(formula, result)| json!({ "formula": formula, "result": result }));
    json!({
        "dialects": dialects,
        "signature": function.signature,
        "doc": function.doc,
        "examples": examples.collect::<Vec<_>>(),
    })
}
