//! `link`: records of a table.
//!
//! Two fields are the two ends of a two-way link; one of them owns the pairs. Stored options hold dense numbers
//! (`{table, many, field, owner}`), since [`FieldType::storage`] is asked without the base and often; clients
//! see `{table, many, field}` with outside ids. Which end owns, and the making of the other end, is planning's.

use formulas::{FieldId, RecordId, TableId, Type, Value};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::given::{self, Given, to_json, wrong};
use super::words::{codes_cell, excerpt, expected, names, nfc, push_name, typed};
use super::{Accept, Acceptor, FieldType, Input, Kept, OptionsContext, Printer, Storage, type_of};
use crate::limits::LIST_ITEMS_MAX;
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Link;

/// Titles that are looked for by walking through the table; from then on there is a map of all titles.
const WALKS: u32 = 2;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct LinkOptions {
    table: u32,
    many: bool,
    /// The other end.
    field: Option<u32>,
    owner: bool,
}

/// The stored options of one end of a link, for the planner that makes both.
pub(crate) fn end_options(table: TableId, many: bool, other: Option<FieldId>, owner: bool) -> Json {
    to_json(&LinkOptions { table: table.0, many, field: other.map(|field| field.0), owner })
}

impl FieldType for Link {
    fn name(&self) -> &'static str {
        "link"
    }

    fn doc(&self) -> &'static str {
        "Records of another table or of this one."
    }

    /// `field` that is not given keeps the other end; an owner is who was, or who is new.
    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["table", "many", "field"])?;
        let stored = context.stored;
        let before: Option<LinkOptions> =
            context.field.filter(|field| field.type_name == "link").map(given::stored);
        let table = match (given.get("table"), &before) {
            (None, Some(before)) => TableId(before.table),
            (None, None) => return Err("option \"table\" expects the id of the table to link to".into()),
            (Some(id), _) => {
                let table = id.as_str().and_then(|id| stored.ids().read_table(id));
                let table = table.filter(|table| stored.schema.tables.contains_key(table));
                table.ok_or_else(|| wrong("table", "the id of a table of this base", id))?
            }
        };
        if before.as_ref().is_some_and(|before| before.table != table.0) {
            return Err("a link keeps its table: make a new field to link to another".into());
        }
        let many = given.bool("many")?.unwrap_or(before.as_ref().is_none_or(|before| before.many));
        let other = match given.get("field") {
            Some(id) => Some(other_end(id, table, context)?),
            None if given.mentions("field") => None,
            None => before.as_ref().and_then(|before| before.field).map(FieldId),
        };
        Ok(end_options(table, many, other, before.is_none_or(|before| before.owner)))
    }

    fn shown_options(&self, field: &Field, stored: &Stored) -> Json {
        let options: LinkOptions = given::stored(field);
        let other = options.field.map(|other| stored.ids().field(FieldId(other)));
        json!({ "table": stored.ids().table(TableId(options.table)), "many": options.many, "field": other })
    }

    fn storage(&self, field: &Field) -> Storage {
        let number =
            |name| field.options.get(name).and_then(Json::as_u64).and_then(|id| u32::try_from(id).ok());
        let bool = |name| field.options.get(name).and_then(Json::as_bool).unwrap_or(false);
        Storage::Link {
            table: TableId(number("table").unwrap_or(u32::MAX)),
            owner: bool("owner"),
            other: number("field").map(FieldId),
            many: bool("many"),
        }
    }

    fn formula_type(&self, field: &Field, _schema: &Schema) -> Type {
        Type::list(Type::Record(target(field)))
    }

    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let many = field.options.get("many").and_then(Json::as_bool).unwrap_or(false);
        let finder = Titles { stored, table: target(field), walks: 0, map: None, text: String::new() };
        Box::new(Records { finder, many, codes: Vec::new() })
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        let many = field.options.get("many").and_then(Json::as_bool).unwrap_or(false);
        Box::new(PrintRecords { many, ..PrintRecords::new(target(field), stored) })
    }

    fn operators(&self) -> &'static [&'static str] {
        &["is", "hasAnyOf", "hasAllOf", "hasNoneOf", "contains", "doesNotContain", "isEmpty", "isNotEmpty"]
    }
}

/// The linked table of a link field.
pub(super) fn target(field: &Field) -> TableId {
    match Link.storage(field) {
        Storage::Link { table, .. } => table,
        _ => TableId(u32::MAX),
    }
}

fn other_end(id: &Json, table: TableId, context: &OptionsContext<'_>) -> Result<FieldId, String> {
    let field = id.as_str().and_then(|id| context.stored.ids().read_field(id));
    let fits = |field: &FieldId| {
        context.stored.field(*field).is_some_and(|other| {
            let back = other.type_name == "link" && target(other) == context.table;
            back && other.table == table && other.id != context.id
        })
    };
    field.filter(fits).ok_or_else(|| wrong("field", "the id of a link field that links back", id))
}

struct Records<'f> {
    finder: Titles<'f>,
    many: bool,
    codes: Vec<u32>,
}

impl Acceptor for Records<'_> {
    fn accept(&mut self, input: &Input, context: &mut Accept<'_>) -> Result<Value, String> {
        self.codes.clear();
        match input {
            Input::Blank => return Ok(Value::Blank),
            Input::List(items) => {
                for item in items {
                    match item {
                        Input::Text(text) => self.push(text, context.typecast)?,
                        other => return Err(expected("ids of records", other)),
                    }
                }
            }
            Input::Text(text) if context.typecast => self.row(text)?,
            // The title may be a number.
            other if context.typecast => match typed(other) {
                Some(title) => self.push(&title, true)?,
                None => return Err(expected("titles of records", other)),
            },
            other => return Err(expected("a list of ids of records", other)),
        }
        match self.codes.len() {
            len if len > 1 && !self.many => Err(format!("expects one record, got {len}")),
            len if len > LIST_ITEMS_MAX => {
                Err(format!("a cell may have {LIST_ITEMS_MAX} records, this one has {len}"))
            }
            _ => Ok(codes_cell(&self.codes)),
        }
    }
}

impl Records<'_> {
    /// Titles in a row; if one is unknown, the whole text may still be a title with a comma in it. Where there
    /// can be one record only, the whole text is looked for first.
    fn row(&mut self, text: &str) -> Result<(), String> {
        let whole = text.trim();
        if !self.many
            && !whole.is_empty()
            && let Ok(record) = self.finder.find(whole)
        {
            return self.add(record, whole, true);
        }
        let row = names(text);
        let found: Vec<_> = row.iter().map(|title| self.finder.find(title)).collect();
        if row.len() > 1
            && found.iter().any(Result::is_err)
            && let Ok(record) = self.finder.find(whole)
        {
            return self.add(record, whole, true);
        }
        row.iter().zip(found).try_for_each(|(title, record)| self.add(record?, title, true))
    }

    fn push(&mut self, text: &str, typecast: bool) -> Result<(), String> {
        let record = match typecast {
            true => self.finder.find(text)?,
            false => self.finder.by_id(text)?,
        };
        self.add(record, text, typecast)
    }

    /// A person who writes a title twice means it once; a program that does so is mistaken.
    fn add(&mut self, record: RecordId, text: &str, lenient: bool) -> Result<(), String> {
        match self.codes.contains(&record.0) {
            false => self.codes.push(record.0),
            true if lenient => {}
            true => return Err(format!("expects each record once, got {} twice", excerpt(text))),
        }
        Ok(())
    }
}

/// Finds the records of a table by their titles.
struct Titles<'f> {
    stored: &'f Stored,
    table: TableId,
    walks: u32,
    map: Option<HashMap<String, RecordId>>,
    text: String,
}

impl Titles<'_> {
    fn by_id(&self, text: &str) -> Result<RecordId, String> {
        let alive =
            |record: &RecordId| self.stored.table(self.table).is_some_and(|state| state.is_alive(*record));
        let found = self.stored.ids().read_record(self.table, text).filter(alive);
        found.ok_or_else(|| {
            format!(
                "expects the id of a record of {}, got {}",
                table_name(self.stored, self.table),
                excerpt(text)
            )
        })
    }

    /// The record with this id or, the first in order of creation, with this title.
    fn find(&mut self, text: &str) -> Result<RecordId, String> {
        if let Ok(record) = self.by_id(text) {
            return Ok(record);
        }
        let title = &*nfc(text.trim());
        let found = match &self.map {
            Some(map) => map.get(title).copied(),
            None if self.walks < WALKS => {
                self.walks += 1;
                self.walk(|record, text| (text == title).then_some(record))
            }
            None => {
                let mut map = HashMap::new();
                self.walk(|record, text| {
                    if !map.contains_key(text) {
                        map.insert(text.to_owned(), record);
                    }
                    None::<()>
                });
                self.map.insert(map).get(title).copied()
            }
        };
        found.ok_or_else(|| {
            format!("no record of {} has the title {}", table_name(self.stored, self.table), excerpt(text))
        })
    }

    /// Calls `visit` with each record and its title until something comes of it.
    fn walk<T>(&mut self, mut visit: impl FnMut(RecordId, &str) -> Option<T>) -> Option<T> {
        let mut titles = TitlePrinter::new(self.table, self.stored)?;
        let alive = &self.stored.table(self.table)?.alive;
        alive.iter().find_map(|record| {
            self.text.clear();
            titles.print(record, &mut self.text);
            let title = self.text.trim();
            if title.is_empty() { None } else { visit(record, title) }
        })
    }
}

fn table_name(stored: &Stored, table: TableId) -> String {
    stored
        .schema
        .tables
        .get(&table)
        .map_or_else(|| "a deleted table".to_owned(), |table| excerpt(&table.name))
}

/// Prints the titles of records, as far as stored state tells them.
struct TitlePrinter<'f> {
    stored: &'f Stored,
    primary: &'f Field,
    printer: Box<dyn Printer + 'f>,
}

impl<'f> TitlePrinter<'f> {
    /// `None` where titles are computed or are links themselves, which could go round in circles.
    fn new(table: TableId, stored: &'f Stored) -> Option<Self> {
        let primary = stored.field(stored.schema.tables.get(&table)?.primary)?;
        let ty = type_of(primary);
        match ty.storage(primary) {
            Storage::Computed(_) | Storage::Link { .. } => None,
            _ => Some(Self { stored, primary, printer: ty.printer(primary, stored) }),
        }
    }

    fn print(&mut self, record: RecordId, out: &mut String) {
        self.printer.print(&self.cell(record), out);
    }

    fn cell(&self, record: RecordId) -> Value {
        let Some(state) = self.stored.table(self.primary.table) else { return Value::Blank };
        match super::storage(self.primary) {
            Storage::Kept(Kept::Number) => Value::Number(f64::from(record.0) + 1.0),
            Storage::Kept(Kept::CreatedAt) => state.created_at.get(record),
            Storage::Kept(Kept::CreatedBy) => state.created_by.get(record),
            Storage::Kept(Kept::ModifiedAt) => state.modified_at.get(record),
            Storage::Kept(Kept::ModifiedBy) => state.modified_by.get(record),
            _ => state.get(self.primary.id, record),
        }
    }
}

/// Prints linked records by their titles; one without a title by its id.
pub(super) struct PrintRecords<'f> {
    /// Whether a cell is a row of names, in which a title with a comma is quoted.
    many: bool,
    table: TableId,
    stored: &'f Stored,
    titles: Option<TitlePrinter<'f>>,
    title: String,
}

impl<'f> PrintRecords<'f> {
    pub(super) fn new(table: TableId, stored: &'f Stored) -> Self {
        Self { many: true, table, stored, titles: TitlePrinter::new(table, stored), title: String::new() }
    }

    /// What a record is called.
    pub(super) fn title(&mut self, record: RecordId) -> &str {
        self.title.clear();
        if let Some(titles) = &mut self.titles {
            titles.print(record, &mut self.title);
        }
        if self.title.trim().is_empty() {
            self.title = self.stored.ids().record(self.table, record);
        }
        self.title.trim()
    }
}

impl Printer for PrintRecords<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let ([Value::Choice(record)], false) = (value.items(), self.many) {
            out.push_str(self.title(RecordId(*record)));
            return;
        }
        for (at, record) in value.as_codes().into_iter().enumerate() {
            push_name(out, at == 0, self.title(RecordId(record)));
        }
    }
}
