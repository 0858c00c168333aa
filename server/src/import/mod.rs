//! Import of CSV and TSV: a file is sniffed, its columns are guessed, and its rows become records.
//!
//! The file is read twice, never held: once to guess, once to write, in batches through the same commands as
//! everything else. What is not understood stays blank and is named by row and column in the [`Report`].

mod guess;
pub mod parse;
mod sniff;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use engine::field;
use engine::{
    Base, Code, Command, Error, FieldId, Input, NewField, Outcome, PersonId, Receipt, Refusal, Request,
    TableId,
};
use serde_json::{Value as Json, json};

pub use guess::{Column, Kind, guess};
pub use sniff::{Dialect, sniff};

use crate::time::now_ms;

/// Records of one command: large enough that commits cost little, small enough that an edit gets between.
const BATCH_RECORDS: usize = 25_000;
/// Cells named in a report; more are counted.
const ISSUES_MAX: usize = 100;
/// Columns of a file.
const COLUMNS_MAX: usize = 500;

/// A cell that was not understood and stays blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Line of the table, 1 for the first below the header.
    pub row: u64,
    /// The column's name.
    pub column: String,
    /// What stood there.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Records created.
    pub records: u64,
    /// Fields that were made for the file's columns, with their types.
    pub fields: Vec<(String, String)>,
    /// Columns that were left out, and why.
    pub left_out: Vec<(String, String)>,
    /// What people should know of how columns were read.
    pub notes: Vec<(String, String)>,
    /// The first cells that were not understood.
    pub issues: Vec<Issue>,
    /// How many there are.
    pub n_issues: u64,
    /// How the file was read.
    pub encoding: String,
    /// Between cells.
    pub delimiter: char,
    /// The version after the last commit.
    pub version: u64,
}

impl Report {
    /// As JSON.
    pub fn json(&self) -> Json {
        let issue = |issue: &Issue| json!({ "row": issue.row, "column": issue.column, "text": issue.text, "why": issue.why });
        json!({
            "records": self.records,
            "version": self.version,
            "encoding": self.encoding,
            "delimiter": self.delimiter.to_string(),
            "fields": self.fields.iter().map(|(name, ty)| json!({ "name": name, "type": ty })).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(|(name, why)| json!({ "column": name, "why": why })).collect::<Vec<_>>(),
            "notes": self.notes.iter().map(|(name, note)| json!({ "column": name, "note": note })).collect::<Vec<_>>(),
            "issues": self.issues.iter().map(issue).collect::<Vec<_>>(),
            "n_issues": self.n_issues,
        })
    }

    fn issue(&mut self, row: u64, column: &str, text: &str, why: String) {
        self.n_issues += 1;
        if self.issues.len() < ISSUES_MAX {
            let text = text.chars().take(200).collect();
            self.issues.push(Issue { row, column: column.to_owned(), text, why });
        }
    }
}

/// Where the records go.
#[derive(Clone, Debug)]
pub enum Target {
    /// A table that is there; columns are matched with fields by name, and new fields are made for the others.
    Table(TableId),
    /// A new table of this name.
    New(String),
}

/// Imports a file. `progress` hears of the bytes read.
///
/// # Errors
///
/// If the file cannot be read, or a command is refused; batches before it stay.
pub fn import(
    base: &Base,
    author: PersonId,
    target: &Target,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, Error> {
    let dialect = sniff(path).map_err(unreadable)?;
    let guessed = guess(path, &dialect).map_err(unreadable)?;
    if guessed.is_empty() {
        return Err(Refusal::invalid("the file is empty").into());
    }
    if guessed.len() > COLUMNS_MAX {
        let n = guessed.len();
        return Err(Refusal::limit(format!(
            "a table has up to {COLUMNS_MAX} fields, the file has {n} columns"
        ))
        .into());
    }
    let mut report = Report {
        encoding: dialect.encoding.name().to_owned(),
        delimiter: char::from(dialect.delimiter),
        ..Report::default()
    };
    let note = |column: &Column| {
        let name = column.name.clone();
        column.notes.iter().map(move |note| (name.clone(), note.clone())).collect::<Vec<_>>()
    };
    report.notes = guessed.iter().flat_map(note).collect();
    let (table, columns) = prepare(base, author, target, &guessed, &mut report)?;
    let mut sender = Sender { base, author, table, columns: &columns, waiting: None };
    let mut batch = Batch::new(&columns, 1);
    let mut reader = dialect.open(path).map_err(unreadable)?;
    let mut line = csv::StringRecord::new();
    let mut row = 0;
    let zone = time_zone(base);
    loop {
        match reader.read_record(&mut line) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(Refusal::invalid(format!("row {}: {error}", row + 1)).into()),
        }
        row += 1;
        if line.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        batch.push(&columns, &line, row, &zone, &mut report);
        if batch.len() == BATCH_RECORDS {
            let full = std::mem::replace(&mut batch, Batch::new(&columns, row + 1));
            sender.send(full, &mut report)?;
            progress(reader.position().byte());
        }
    }
    if batch.len() > 0 {
        sender.send(batch, &mut report)?;
    }
    sender.finish(&mut report)?;
    progress(reader.position().byte());
    report.version = base.snapshot().version();
    Ok(report)
}

/// A column of the file with the field it goes to.
struct Planned {
    name: String,
    /// Its position in the file.
    at: usize,
    field: FieldId,
    reading: Reading,
}

/// How the texts of a column become inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Number,
    Checkbox,
    Date,
    /// The field's type reads the text itself.
    Text,
}

fn prepare(
    base: &Base,
    author: PersonId,
    target: &Target,
    guessed: &[Column],
    report: &mut Report,
) -> Result<(TableId, Vec<Planned>), Error> {
    match target {
        Target::New(name) => {
            let fields: Vec<_> =
                guessed.iter().enumerate().map(|(at, column)| column.field(at == 0)).collect();
            report.fields =
                fields.iter().map(|field| (field.name.clone(), field.type_name.clone())).collect();
            let command = Command::CreateTable { name: name.clone(), description: String::new(), fields };
            let receipt = base.submit(Request::new(Some(author), now_ms(), vec![command]))?;
            let Some(Outcome::Table { table, fields, .. }) = receipt.outcomes.first() else {
                return Err(Error::Open("the table was not made".into()));
            };
            Ok((
                *table,
                fields
                    .iter()
                    .zip(guessed)
                    .enumerate()
                    .map(|(at, (id, column))| planned(base, at, *id, column))
                    .collect(),
            ))
        }
        Target::Table(table) => {
            let snapshot = base.snapshot();
            let schema = snapshot.schema();
            let mut found: BTreeMap<usize, FieldId> = BTreeMap::new();
            let mut missing = Vec::new();
            for (at, column) in guessed.iter().enumerate() {
                match schema.field_named(*table, &column.name) {
                    Some(def) if field::is_stored(def) => drop(found.insert(at, def.id)),
                    Some(_) => {
                        report.left_out.push((column.name.clone(), "the base computes this field".into()))
                    }
                    None => missing.push(at),
                }
            }
            let commands: Vec<_> = missing
                .iter()
                .map(|at| Command::CreateField {
                    table: *table,
                    field: guessed[*at].field(false),
                    after: None,
                })
                .collect();
            if !commands.is_empty() {
                let receipt = base.submit(Request::new(Some(author), now_ms(), commands))?;
                for (at, outcome) in missing.iter().zip(receipt.outcomes.iter()) {
                    if let Outcome::Field { field, .. } = outcome {
                        found.insert(*at, *field);
                        let column = &guessed[*at];
                        report.fields.push((column.name.clone(), column.kind.type_name().to_owned()));
                    }
                }
            }
            Ok((*table, found.into_iter().map(|(at, id)| planned(base, at, id, &guessed[at])).collect()))
        }
    }
}

fn planned(base: &Base, at: usize, field: FieldId, column: &Column) -> Planned {
    let snapshot = base.snapshot();
    let reading = match snapshot.field(field).map_or("text", |def| def.type_name.as_str()) {
        "number" | "rating" => Reading::Number,
        "checkbox" => Reading::Checkbox,
        "date" => Reading::Date,
        _ => Reading::Text,
    };
    Planned { name: column.name.clone(), at, field, reading }
}

fn time_zone(base: &Base) -> jiff::tz::TimeZone {
    let name = base.snapshot().stored().info.time_zone.clone();
    jiff::tz::TimeZone::get(&name).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// Rows on their way, by column.
struct Batch {
    first_row: u64,
    rows: Vec<u64>,
    columns: Vec<Vec<Input>>,
}

impl Batch {
    fn new(columns: &[Planned], first_row: u64) -> Self {
        let columns = columns.iter().map(|_| Vec::with_capacity(BATCH_RECORDS.min(1_024))).collect();
        Self { first_row, rows: Vec::new(), columns }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn push(
        &mut self,
        columns: &[Planned],
        line: &csv::StringRecord,
        row: u64,
        zone: &jiff::tz::TimeZone,
        report: &mut Report,
    ) {
        for (column, cells) in columns.iter().zip(&mut self.columns) {
            let text = line.get(column.at).unwrap_or_default().trim();
            let cell = read_cell(text, column.reading, zone);
            cells.push(cell.unwrap_or_else(|why| {
                report.issue(row, &column.name, text, why.to_owned());
                Input::Blank
            }));
        }
        self.rows.push(row);
    }
}

fn read_cell(text: &str, reading: Reading, zone: &jiff::tz::TimeZone) -> Result<Input, &'static str> {
    if text.is_empty() {
        return Ok(Input::Blank);
    }
    if reading != Reading::Text && parse::is_placeholder(text) {
        return Ok(Input::Blank);
    }
    match reading {
        Reading::Text => Ok(Input::Text(text.to_owned())),
        Reading::Number => parse::number(text).map(Input::Number).ok_or("not a number"),
        Reading::Checkbox => parse::boolean(text).map(Input::Bool).ok_or("neither yes nor no"),
        Reading::Date => parse::date(text, zone).map(Input::Text).ok_or("not a date"),
    }
}

/// Sends batches, one ahead of the reader: while one is committed the next is read.
struct Sender<'a> {
    base: &'a Base,
    author: PersonId,
    table: TableId,
    columns: &'a [Planned],
    waiting: Option<(Receiver<Result<Receipt, Error>>, Batch)>,
}

impl Sender<'_> {
    fn send(&mut self, batch: Batch, report: &mut Report) -> Result<(), Error> {
        self.finish(report)?;
        let columns = self
            .columns
            .iter()
            .zip(&batch.columns)
            .map(|(column, cells)| (column.field, cells.clone()))
            .collect();
        let command =
            Command::CreateRecords { table: self.table, columns, n_records: batch.len(), typecast: true };
        let (sender, receiver) = sync_channel(1);
        let request = Request::new(Some(self.author), now_ms(), vec![command]);
        self.base.submit_with(request, Box::new(move |result| drop(sender.send(result))))?;
        self.waiting = Some((receiver, batch));
        Ok(())
    }

    fn finish(&mut self, report: &mut Report) -> Result<(), Error> {
        let Some((receiver, batch)) = self.waiting.take() else { return Ok(()) };
        let answer = receiver.recv().unwrap_or_else(|_| Err(Error::Stopped("the base was closed".into())));
        match answer {
            Ok(_) => {
                report.records += batch.len() as u64;
                Ok(())
            }
            // A value that its field does not take: the same rows as a paste, which leaves such cells out.
            Err(Error::Refused(refusal)) if refusal.code == Code::Invalid => self.paste(&batch, report),
            Err(error) => Err(error),
        }
    }

    fn paste(&self, batch: &Batch, report: &mut Report) -> Result<(), Error> {
        let rows = (0..batch.len())
            .map(|row| batch.columns.iter().map(|cells| text_of(&cells[row])).collect())
            .collect();
        let command = Command::Paste {
            table: self.table,
            records: Vec::new(),
            fields: self.columns.iter().map(|column| column.field).collect(),
            rows,
            create: true,
        };
        let receipt = self.base.submit(Request::new(Some(self.author), now_ms(), vec![command]))?;
        let Some(Outcome::Records { created, failed, .. }) = receipt.outcomes.first() else { return Ok(()) };
        report.records += created.len() as u64;
        for (row, column, why) in failed {
            let (row, column) = (*row as usize, *column as usize);
            let text =
                batch.columns.get(column).and_then(|cells| cells.get(row)).map(text_of).unwrap_or_default();
            let name = self.columns.get(column).map_or("", |column| column.name.as_str());
            let line = batch.rows.get(row).copied().unwrap_or(batch.first_row);
            report.issue(line, name, &text, why.clone());
        }
        Ok(())
    }
}

fn text_of(input: &Input) -> String {
    match input {
        Input::Blank | Input::List(_) => String::new(),
        Input::Bool(bool) => bool.to_string(),
        Input::Number(number) => number.to_string(),
        Input::Text(text) => text.clone(),
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Refusal::invalid(format!("the file cannot be read: {error}")).into()
}

impl Column {
    /// The field that is made for it. The first one titles records, which a checkbox or a select cannot.
    fn field(&self, is_first: bool) -> NewField {
        let kind = match self.kind {
            Kind::Select | Kind::Checkbox if is_first => &Kind::Text,
            ref kind => kind,
        };
        NewField {
            name: self.name.clone(),
            type_name: kind.type_name().into(),
            options: kind.options(),
            ..NewField::default()
        }
    }
}
