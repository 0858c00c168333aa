//! Statements → commands: builds a base from its text form, through the same door as everybody.

use std::collections::HashSet;

use formulas::{FieldId, RecordId, TableId};
use serde_json::Value as Json;

use super::parse::{FieldLine, Script, Statement, SyntaxError};
use crate::base::Base;
use crate::change::Outcome;
use crate::command::{Command, NewField, RecordUpdate, Request};
use crate::error::Error;
use crate::field::Input;
use crate::id::{IdCodec, PersonId};
use crate::limits::BATCH_OPS_MAX;
use crate::snapshot::Snapshot;
use crate::state::Stored;

/// Why a text does not become a base.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BuildError {
    /// The text is not in the form.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A statement names something that is not there, or is refused.
    #[error("line {line}: {message}")]
    Statement {
        /// From 1.
        line: usize,
        /// A sentence without a final dot.
        message: String,
    },
}

/// Builds what `script` says in `base`, which exists already: tables, fields, records, views, dashboards,
/// automations, in an order in which each finds what it names.
///
/// # Errors
///
/// The first statement that does not work; what came before it stays.
pub fn build(base: &Base, script: &Script, author: Option<PersonId>, now_ms: i64) -> Result<(), BuildError> {
    let builder = Builder { base, author, now_ms };
    builder.base(script)?;
    builder.tables(script)?;
    builder.fields(script)?;
    builder.records(script)?;
    for (line, statement) in &script.statements {
        builder.rest(*line, statement)?;
    }
    builder.views(script)
}

/// A field that is not made yet: its table's line and name.
type Waiting<'s> = (usize, &'s str, &'s FieldLine);

/// Fields whose names are all there, with the commands that make them.
type Ready<'s> = Vec<(Waiting<'s>, Command)>;

struct Builder<'a> {
    base: &'a Base,
    author: Option<PersonId>,
    now_ms: i64,
}

impl Builder<'_> {
    fn submit(&self, line: usize, commands: Vec<Command>) -> Result<Vec<Outcome>, BuildError> {
        let request = Request::new(self.author, self.now_ms, commands);
        let receipt = self.base.submit(request).map_err(|error| wrong(line, said(&error)))?;
        Ok(receipt.outcomes.to_vec())
    }

    /// The dialect that the formulas below are written in. Locale and time zone were chosen by whoever made the base.
    fn base(&self, script: &Script) -> Result<(), BuildError> {
        for (line, statement) in &script.statements {
            let Statement::Base { settings, .. } = statement else { continue };
            let Some(dialect) = settings.get("dialect") else { continue };
            let dialect = dialect.as_str().ok_or_else(|| wrong(*line, "a dialect is a text".into()))?;
            let (name, locale, time_zone) = (None, None, None);
            let update = Command::UpdateBase { name, locale, time_zone, dialect: Some(dialect.into()) };
            self.submit(*line, vec![update])?;
        }
        Ok(())
    }

    /// All tables with their first field, so that links find them.
    fn tables(&self, script: &Script) -> Result<(), BuildError> {
        let (mut lines, mut commands) = (Vec::new(), Vec::new());
        for (line, statement) in &script.statements {
            let Statement::Table { name, description, fields } = statement else { continue };
            let first = fields.first().ok_or_else(|| wrong(*line, format!("table {name} needs a field")))?;
            let field = new_field(first, &self.base.snapshot()).map_err(|message| wrong(*line, message))?;
            let (name, description) = (name.clone(), description.clone());
            lines.push(*line);
            commands.push(Command::CreateTable { name, description, fields: vec![field] });
        }
        if commands.is_empty() {
            return Ok(());
        }
        let request = Request::new(self.author, self.now_ms, commands);
        let made = self.base.submit(request).map(drop);
        made.map_err(|error| {
            let op = if let Error::Refused(refusal) = &error { refusal.at.op } else { None };
            wrong(lines[op.unwrap_or(0).min(lines.len() - 1)], said(&error))
        })
    }

    /// The other fields in the order of the text; one that names a field further down waits for it. As many as can
    /// be go in one commit: on a disk, each costs a sync.
    fn fields(&self, script: &Script) -> Result<(), BuildError> {
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for (line, statement) in &script.statements {
            if let Statement::Table { name, fields, .. } = statement {
                waiting.extend(fields.iter().skip(1).map(|field| (*line, name.as_str(), field)));
            }
        }
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut failed = None;
            let mut still = Vec::new();
            let mut ready = Vec::new();
            let snapshot = self.base.snapshot();
            for field in waiting {
                match command_for(field, &snapshot) {
                    Ok(Some(command)) => ready.push((field, command)),
                    Ok(None) => {}
                    Err(error) => {
                        failed.get_or_insert(error);
                        still.push(field);
                    }
                }
            }
            while !ready.is_empty() {
                let (field, error) = match self.batch(&mut ready)? {
                    None => break,
                    Some(refused) => refused,
                };
                failed.get_or_insert(error);
                still.push(field);
            }
            if let (true, Some(error)) = (still.len() == before, failed) {
                return Err(error);
            }
            still.sort_by_key(|(line, ..)| *line);
            waiting = still;
        }
        self.order(script)
    }

    /// Makes the fields at the front of `ready` and takes them out of it, with the first one that is refused.
    fn batch<'s>(&self, ready: &mut Ready<'s>) -> Result<Option<(Waiting<'s>, BuildError)>, BuildError> {
        let upto = ready.len().min(BATCH_OPS_MAX);
        let commands = ready[..upto].iter().map(|(_, command)| command.clone()).collect();
        let request = Request::new(self.author, self.now_ms, commands);
        let ((line, table, field), refusal) = match self.base.submit(request) {
            Ok(_) => {
                ready.drain(..upto);
                return Ok(None);
            }
            Err(Error::Refused(refusal)) => (ready[refusal.at.op.unwrap_or(0)].0, refusal),
            Err(error) => return Err(wrong(ready[0].0.0, said(&error))),
        };
        let mut made: Vec<Command> = Vec::new();
        for (_, command) in ready.drain(..=refusal.at.op.unwrap_or(0)) {
            made.push(command);
        }
        made.pop();
        if !made.is_empty() {
            self.submit(line, made)?;
        }
        let error = wrong(line, format!("field {}: {}", field.name, refusal.message));
        Ok(Some(((line, table, field), error)))
    }

    /// Puts fields into the order of the text, which those that waited have left.
    fn order(&self, script: &Script) -> Result<(), BuildError> {
        for (line, statement) in &script.statements {
            let Statement::Table { name, fields, .. } = statement else { continue };
            let snapshot = self.base.snapshot();
            let table = table_named(snapshot.stored(), name).map_err(|message| wrong(*line, message))?;
            let ids: Vec<FieldId> = fields
                .iter()
                .filter_map(|field| Some(snapshot.schema().field_named(table, &field.name)?.id))
                .collect();
            let present: Vec<FieldId> = snapshot.schema().fields_of(table).map(|field| field.id).collect();
            let listed: HashSet<FieldId> = ids.iter().copied().collect();
            if present.iter().filter(|id| listed.contains(id)).eq(ids.iter()) && present.starts_with(&ids) {
                continue;
            }
            let moves = ids.iter().enumerate().map(|(at, field)| Command::MoveField {
                field: *field,
                after: at.checked_sub(1).map(|at| ids[at]),
            });
            self.submit(*line, moves.collect())?;
        }
        Ok(())
    }

    /// Runs of records of one table go as one command; links between them are written when all are there.
    fn records(&self, script: &Script) -> Result<(), BuildError> {
        let records: Vec<(usize, &str, &Json)> = script
            .statements
            .iter()
            .filter_map(|(line, statement)| match statement {
                Statement::Record { table, cells } => Some((*line, table.as_str(), cells)),
                _ => None,
            })
            .collect();
        let snapshot = self.base.snapshot();
        let mut links: Vec<(usize, TableId, RecordId, FieldId, Json)> = Vec::new();
        let mut from = 0;
        while from < records.len() {
            let (line, name, _) = records[from];
            let run = records[from..].iter().take_while(|(_, table, _)| *table == name).count();
            let table = table_named(snapshot.stored(), name).map_err(|message| wrong(line, message))?;
            let first = self.base.snapshot().stored().table(table).map_or(0, |state| state.len) as u32;
            let mut columns: Vec<(FieldId, Vec<Input>)> = Vec::new();
            for (row, (line, _, cells)) in records[from..from + run].iter().enumerate() {
                let cells =
                    cells.as_object().ok_or_else(|| wrong(*line, "cells are a JSON object".into()))?;
                for (name, cell) in cells {
                    let field = snapshot.schema().field_named(table, name);
                    let field = field.ok_or_else(|| wrong(*line, format!("there is no field {name}")))?;
                    if field.type_name == "link" {
                        links.push((*line, table, RecordId(first + row as u32), field.id, cell.clone()));
                        continue;
                    }
                    let cell = resolve(cell, snapshot.stored()).map_err(|message| wrong(*line, message))?;
                    let at = columns.iter().position(|(id, _)| *id == field.id).unwrap_or_else(|| {
                        columns.push((field.id, vec![Input::Blank; run]));
                        columns.len() - 1
                    });
                    columns[at].1[row] = crate::command::input_of(&cell);
                }
            }
            let create = Command::CreateRecords { table, columns, n_records: run, typecast: true };
            self.submit(line, vec![create])?;
            from += run;
        }
        self.links(links)
    }

    /// Links of one table after the other go as one command.
    fn links(&self, links: Vec<(usize, TableId, RecordId, FieldId, Json)>) -> Result<(), BuildError> {
        let snapshot = self.base.snapshot();
        for run in links.chunk_by(|a, b| a.1 == b.1) {
            let (line, table) = (run[0].0, run[0].1);
            let mut records = Vec::with_capacity(run.len());
            for (line, _, record, field, cell) in run {
                let cell = resolve(cell, snapshot.stored()).map_err(|message| wrong(*line, message))?;
                let cells = vec![(*field, crate::command::input_of(&cell))];
                records.push(RecordUpdate { record: *record, if_version: None, cells });
            }
            let update = Command::UpdateRecords { table, records, typecast: true };
            let request = Request::new(self.author, self.now_ms, vec![update]);
            self.base.submit(request).map_err(|error| {
                let record = if let Error::Refused(refusal) = &error { refusal.at.record } else { None };
                let at = run.iter().find(|link| Some(link.2) == record).map_or(line, |link| link.0);
                wrong(at, said(&error))
            })?;
        }
        Ok(())
    }

    /// Takes away the view that came with a table, if the text gives the table views and that one is none of them.
    fn views(&self, script: &Script) -> Result<(), BuildError> {
        for (line, statement) in &script.statements {
            let Statement::Table { name: of, .. } = statement else { continue };
            let named = script.statements.iter().filter_map(|(_, other)| match other {
                Statement::View { table, name, .. } if table == of => Some(name),
                _ => None,
            });
            let named: HashSet<&String> = named.collect();
            let snapshot = self.base.snapshot();
            let table = table_named(snapshot.stored(), of).map_err(|message| wrong(*line, message))?;
            let first = snapshot.schema().views_of(table).first().map(|view| (view.id, view.name.clone()));
            if let Some((view, _)) = first.filter(|(_, name)| !named.is_empty() && !named.contains(name)) {
                self.submit(*line, vec![Command::DeleteView(view)])?;
            }
        }
        Ok(())
    }

    fn rest(&self, line: usize, statement: &Statement) -> Result<(), BuildError> {
        let snapshot = self.base.snapshot();
        let resolved = |json: &Json| resolve(json, snapshot.stored()).map_err(|message| wrong(line, message));
        let command = match statement {
            Statement::Base { .. } | Statement::Table { .. } | Statement::Record { .. } => return Ok(()),
            Statement::View { table, name, kind, settings } => {
                let table = table_named(snapshot.stored(), table).map_err(|message| wrong(line, message))?;
                let settings = resolved(settings)?;
                let made =
                    snapshot.schema().views_of(table).into_iter().find(|view| view.name == *name).cloned();
                // The view that came with the table takes the settings of the first one of its name and kind.
                match made {
                    Some(view) if view.kind == *kind => Command::UpdateView {
                        view: view.id,
                        name: None,
                        settings: Some(settings),
                        locked: None,
                    },
                    _ => Command::CreateView {
                        table,
                        kind: kind.clone(),
                        name: name.clone(),
                        settings,
                        personal: None,
                    },
                }
            }
            Statement::Dashboard { name, blocks } => {
                Command::CreateDashboard { name: name.clone(), blocks: resolved(blocks)? }
            }
            Statement::Automation { name, settings } => {
                let settings = resolved(settings)?;
                let part = |key: &str| settings.get(key).cloned().unwrap_or(Json::Null);
                Command::CreateAutomation {
                    name: name.clone(),
                    trigger: part("trigger"),
                    condition: part("condition"),
                    actions: part("actions"),
                    enabled: settings.get("enabled").and_then(Json::as_bool).unwrap_or(true),
                }
            }
        };
        self.submit(line, vec![command]).map(drop)
    }
}

/// The command that makes a field; none for the far end of a link, which was made with the link: the text only says
/// where it stands.
fn command_for(
    (line, table, field): Waiting<'_>,
    snapshot: &Snapshot,
) -> Result<Option<Command>, BuildError> {
    let table = table_named(snapshot.stored(), table).map_err(|message| wrong(line, message))?;
    if snapshot.schema().field_named(table, &field.name).is_some() {
        return Ok(None);
    }
    if field.options.get("inverse_of").is_some() {
        let message = format!("field {} is the other end of a link that is not there", field.name);
        return Err(wrong(line, message));
    }
    let new = new_field(field, snapshot);
    let new = new.map_err(|message| wrong(line, format!("field {}: {message}", field.name)))?;
    Ok(Some(Command::CreateField { table, field: new, after: None }))
}

fn new_field(line: &FieldLine, snapshot: &Snapshot) -> Result<NewField, String> {
    let mut options = resolve(&line.options, snapshot.stored())?;
    let extra = options.as_object_mut().and_then(|map| map.remove("field_settings")).unwrap_or(Json::Null);
    let flag = |key: &str| extra.get(key).and_then(Json::as_bool).unwrap_or(false);
    Ok(NewField {
        name: line.name.clone(),
        type_name: line.type_name.clone(),
        options,
        description: extra.get("description").and_then(Json::as_str).unwrap_or_default().to_owned(),
        default: extra.get("default").cloned().unwrap_or(Json::Null),
        required: flag("required"),
        unique: flag("unique"),
    })
}

/// The same JSON with ids in place of names.
///
/// # Errors
///
/// A sentence about the first name that is not there.
pub fn resolve(json: &Json, stored: &Stored) -> Result<Json, String> {
    Ok(match json {
        Json::String(text) => match text.strip_prefix('$') {
            Some(rest) if rest.starts_with('$') => Json::String(rest.to_owned()),
            Some(name) => Json::String(resolve_name(name, stored)?),
            None => json.clone(),
        },
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| resolve(item, stored)).collect::<Result<_, _>>()?)
        }
        Json::Object(map) => {
            let entry = |(key, value): (&String, &Json)| {
                let key = match key.strip_prefix('$') {
                    Some(name) => resolve_name(name, stored)?,
                    None => key.clone(),
                };
                Ok::<_, String>((key, resolve(value, stored)?))
            };
            Json::Object(map.iter().map(entry).collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

fn resolve_name(name: &str, stored: &Stored) -> Result<String, String> {
    let ids = stored.ids();
    if let Some(person) = name.strip_prefix('@') {
        let found =
            stored.schema.person_named(person).ok_or_else(|| format!("there is no person {person}"))?;
        return Ok(IdCodec::person(found.id));
    }
    if let Some((table, number)) = name.rsplit_once('#')
        && let Ok(number) = number.parse::<u32>()
    {
        let table = table_named(stored, table)?;
        return Ok(ids.record(table, RecordId(number.saturating_sub(1))));
    }
    if let Some((table, view)) = name.split_once('/') {
        let table = table_named(stored, table)?;
        let found = stored.schema.views_of(table).into_iter().find(|other| other.name == view);
        return found.map(|view| ids.view(view.id)).ok_or_else(|| format!("there is no view {view}"));
    }
    let Some((table, field)) = name.split_once('.') else {
        return Ok(ids.table(table_named(stored, name)?));
    };
    let table = table_named(stored, table)?;
    let (field, option) = match field.split_once('=') {
        Some((field, option)) => (field, Some(option)),
        None => (field, None),
    };
    let def = stored.schema.field_named(table, field).ok_or_else(|| format!("there is no field {field}"))?;
    let Some(option) = option else { return Ok(ids.field(def.id)) };
    let options = def.options.get("options").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let found = options.iter().find(|other| other.get("name").and_then(Json::as_str) == Some(option));
    let id = found.and_then(|found| found.get("id")?.as_str());
    id.map(str::to_owned).ok_or_else(|| format!("field {field} has no option {option}"))
}

fn table_named(stored: &Stored, name: &str) -> Result<TableId, String> {
    stored.schema.table_named(name).map(|table| table.id).ok_or_else(|| format!("there is no table {name}"))
}

fn wrong(line: usize, message: String) -> BuildError {
    BuildError::Statement { line, message }
}

fn said(error: &Error) -> String {
    error.to_string()
}
