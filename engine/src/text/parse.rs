//! Text → statements.

use serde_json::Value as Json;

/// A field as it stands below its table.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldLine {
    /// Its name.
    pub name: String,
    /// The name of its type.
    pub type_name: String,
    /// Its options with names in place of ids; may have `description`, `default`, `required` and `unique` in
    /// `"field": {…}`.
    pub options: Json,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `base NAME {locale, time_zone, dialect?}`
    Base {
        /// The base's name.
        name: String,
        /// Locale, time zone, and the dialect of formulas if it is not Airtable's.
        settings: Json,
    },
    /// `table NAME {description?}` with its fields on the lines below.
    Table {
        /// The table's name.
        name: String,
        /// For people.
        description: String,
        /// In order; the first is the primary one.
        fields: Vec<FieldLine>,
    },
    /// `record TABLE {field: cell}`
    Record {
        /// The table's name.
        table: String,
        /// Cells by the names of their fields, as a person would type them.
        cells: Json,
    },
    /// `view TABLE NAME KIND {settings}`
    View {
        /// The table's name.
        table: String,
        /// The view's name.
        name: String,
        /// Its kind.
        kind: String,
        /// Its settings.
        settings: Json,
    },
    /// `dashboard NAME [blocks]`
    Dashboard {
        /// Its name.
        name: String,
        /// Its blocks.
        blocks: Json,
    },
    /// `automation NAME {trigger, condition?, actions, enabled?}`
    Automation {
        /// Its name.
        name: String,
        /// When and what.
        settings: Json,
    },
}

/// The statements of a text, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Each with the number of its line.
    pub statements: Vec<(usize, Statement)>,
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SyntaxError {
    /// From 1.
    pub line: usize,
    /// A sentence without a final dot.
    pub message: String,
}

/// Reads the text form of a base.
///
/// # Errors
///
/// The first line that is no statement.
pub fn parse(text: &str) -> Result<Script, SyntaxError> {
    let mut script = Script::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = at + 1;
        let wrong = |message: String| SyntaxError { line, message };
        if is_blank(lines[at]) {
            at += 1;
            continue;
        }
        let (words, json, next) = statement(&lines, at)?;
        at = next;
        let mut words = words.into_iter();
        let keyword = words.next().unwrap_or_default();
        let mut word = |what: &str| words.next().ok_or_else(|| wrong(format!("\"{keyword}\" needs {what}")));
        let statement = match keyword.as_str() {
            "base" => Statement::Base { name: word("a name")?, settings: json.unwrap_or(Json::Null) },
            "table" => {
                let description = json.as_ref().and_then(|json| json.get("description")?.as_str());
                let description = description.unwrap_or_default().to_owned();
                Statement::Table { name: word("a name")?, description, fields: Vec::new() }
            }
            "field" => {
                let field = FieldLine {
                    name: word("a name")?,
                    type_name: word("a type")?,
                    options: json.unwrap_or(Json::Null),
                };
                match script.statements.last_mut() {
                    Some((_, Statement::Table { fields, .. })) => fields.push(field),
                    _ => return Err(wrong("a field stands below its table".into())),
                }
                continue;
            }
            "record" => Statement::Record {
                table: word("a table")?,
                cells: json.ok_or_else(|| wrong("a record needs its cells as JSON".into()))?,
            },
            "view" => Statement::View {
                table: word("a table")?,
                name: word("a name")?,
                kind: word("a kind")?,
                settings: json.unwrap_or(Json::Null),
            },
            "dashboard" => Statement::Dashboard { name: word("a name")?, blocks: json.unwrap_or(Json::Null) },
            "automation" => Statement::Automation {
                name: word("a name")?,
                settings: json.ok_or_else(|| wrong("an automation needs its settings as JSON".into()))?,
            },
            other => return Err(wrong(format!("\"{other}\" is no statement"))),
        };
        script.statements.push((line, statement));
    }
    Ok(script)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

type Parts = (Vec<String>, Option<Json>, usize);

/// The words and the JSON of the statement at `at`, and the line after it.
fn statement(lines: &[&str], at: usize) -> Result<Parts, SyntaxError> {
    let wrong = |message: String| SyntaxError { line: at + 1, message };
    let (words, rest) = words(lines[at]).map_err(&wrong)?;
    let mut json = rest.to_owned();
    if json.is_empty() {
        return Ok((words, None, at + 1));
    }
    let mut next = at + 1;
    loop {
        match serde_json::from_str(&json) {
            Ok(value) => return Ok((words, Some(value), next)),
            Err(error) if error.is_eof() && next < lines.len() => {
                json.push('\n');
                json.push_str(lines[next]);
                next += 1;
            }
            Err(error) => {
                let line = at + error.line();
                return Err(SyntaxError { line, message: format!("not JSON: {error}") });
            }
        }
    }
}

/// The words of a line up to its JSON, and the rest.
fn words(line: &str) -> Result<(Vec<String>, &str), String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with(['{', '[']) {
        if rest.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            match stream.next() {
                Some(Ok(word)) => words.push(word),
                _ => return Err("a quoted name has no end".into()),
            }
            rest = rest[stream.byte_offset()..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
        }
    }
    Ok((words, rest))
}
