//! `eval`: formulas without a base, one from the command line or many as JSON lines.
//!
//! Each line is answered before the next is read, so that a program can ask and wait. A line that cannot be read is
//! answered too, and never ends the run.

mod cell;
mod line;

use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use formulas::{Diagnostic, Dialect, Value};
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use line::{Defaults, Outcome, Question};

/// Bytes of a line: more than the longest formula and the longest cells that anybody tries.
const LINE_BYTES_MAX: u64 = 16 << 20;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sheaf eval 'IF({A} > 1, \"x\", \"y\")' --fields '{\"A\": 2}'
  sheaf eval 'DATEADD({Due}, 1, \"month\")' --fields '{\"Due\": \"2024-01-31\"}'
  echo '{\"id\": 1, \"expr\": \"SUM({L})\", \"fields\": {\"L\": [1, 2]}}' | sheaf eval --jsonl")]
pub(super) struct Eval {
    /// The formula
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    formula: Option<String>,
    /// Cells by the names of their fields; a text such as "2024-03-05" is a date unless --types says otherwise
    #[arg(long, value_name = "JSON", value_parser = object, conflicts_with = "jsonl")]
    fields: Option<Map<String, Json>>,
    /// Types by the names of their fields: singleLineText, number, checkbox, date, lookup:number …
    #[arg(long, value_name = "JSON", value_parser = object, conflicts_with = "jsonl")]
    types: Option<Map<String, Json>>,
    /// Whose results are given where they disagree: airtable, feishu or excel
    #[arg(long, env = "SHEAF_DIALECT", value_name = "NAME", default_value = "airtable", value_parser = line::dialect)]
    dialect: Dialect,
    /// The time zone in which moments are read
    #[arg(long, env = "SHEAF_TIMEZONE", value_name = "ZONE", default_value = "UTC", value_parser = line::zone)]
    timezone: TimeZone,
    /// What NOW() gives, such as 2024-03-05T10:00:00Z; the time of day without it
    #[arg(long, value_name = "MOMENT", value_parser = line::moment, allow_hyphen_values = true)]
    now: Option<i64>,
    /// Print a text in quotes, as JSON has it
    #[arg(long, conflicts_with = "jsonl")]
    json: bool,
    /// Read lines {"id", "expr", "fields", "types"?, "dialect"?, "timezone"?, "now"?} and write lines {"id", "value"},
    /// {"id", "error": {"kind", "message"}} or {"id", "diagnostics": [{"range", "message", "suggestion"}]}
    #[arg(long)]
    jsonl: bool,
}

fn object(text: &str) -> Result<Map<String, Json>, String> {
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err("an object such as {\"A\": 2} is expected".to_owned()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

pub(super) fn run(command: Eval) -> anyhow::Result<ExitCode> {
    let defaults = Defaults { dialect: command.dialect, zone: command.timezone.clone(), now_ms: command.now };
    match &command.formula {
        Some(formula) => Ok(one(formula, &command, defaults)),
        None => lines(io::stdin().lock(), io::stdout().lock(), &defaults),
    }
}

fn one(formula: &str, command: &Eval, defaults: Defaults) -> ExitCode {
    let record =
        line::record(command.fields.as_ref(), command.types.as_ref(), defaults.dialect, &defaults.zone);
    let record = match record {
        Ok(record) => record,
        Err(message) => {
            eprintln!("sheaf: {message}");
            return ExitCode::from(2);
        }
    };
    let now_ms = defaults.now_ms.unwrap_or_else(crate::time::now_ms);
    match (Question { formula, record, zone: defaults.zone, now_ms }).answer() {
        Outcome::Value(Value::Error(error), _) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
        Outcome::Value(value, ty) => {
            match cell::json(&value, &ty) {
                Json::String(text) if !command.json => println!("{text}"),
                json => println!("{json}"),
            }
            ExitCode::SUCCESS
        }
        Outcome::Refused(diagnostics) => {
            diagnostics.iter().for_each(|diagnostic| tell(formula, diagnostic));
            ExitCode::from(1)
        }
    }
}

/// The line of the formula that is meant, marks under the place, and what is wrong with it.
fn tell(formula: &str, diagnostic: &Diagnostic) {
    let (start, end) = (diagnostic.range.start.min(formula.len()), diagnostic.range.end.min(formula.len()));
    let from = formula[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = formula[start..].find('\n').map_or(formula.len(), |at| start + at);
    let chars = |range: std::ops::Range<usize>| formula.get(range).map_or(0, |text| text.chars().count());
    let marks = "^".repeat(chars(start..end.min(to)).max(1));
    eprintln!("{}\n{}{marks}\n{diagnostic}", &formula[from..to], " ".repeat(chars(from..start)));
    if let Some(suggestion) = &diagnostic.suggestion {
        eprintln!("  → {suggestion}");
    }
}

/// Answers every line; 1 if one of them could not be read.
fn lines(mut input: impl BufRead, mut out: impl Write, defaults: &Defaults) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.context("the input cannot be read")? == 0 {
            break;
        }
        let whole = line.ends_with(b"\n") || (line.len() as u64) < LINE_BYTES_MAX;
        if whole && line.trim_ascii().is_empty() {
            continue;
        }
        let (answer, readable) = if whole {
            guarded(&line, number, defaults)
        } else {
            skip_line(&mut input)?;
            (line::unreadable(None, number, &format!("a line has at most {LINE_BYTES_MAX} bytes")), false)
        };
        if !readable {
            code = ExitCode::from(1);
        }
        let written = writeln!(out, "{answer}").and_then(|()| out.flush());
        match written {
            // Whoever asked has heard enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            other => other.context("the answer cannot be written")?,
        }
    }
    Ok(code)
}

/// A bug in one formula is no reason to leave the others without an answer.
fn guarded(line: &[u8], number: u64, defaults: &Defaults) -> (Json, bool) {
    catch_unwind(AssertUnwindSafe(|| line::answer(line, number, defaults))).unwrap_or_else(|_| {
        let asked: Json = serde_json::from_slice(line).unwrap_or_default();
        (line::unreadable(asked.get("id"), number, "this is a bug of Sheaf: please report the line"), false)
    })
}

fn skip_line(input: &mut impl BufRead) -> anyhow::Result<()> {
    loop {
        let rest = input.fill_buf().context("the input cannot be read")?;
        let (len, found) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (rest.len(), false),
        };
        input.consume(len);
        if found || len == 0 {
            return Ok(());
        }
    }
}
