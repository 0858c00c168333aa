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
use super::named::{Finder, NamedCells};
use super::words::{excerpt, nfc, push_name};
use super::{Acceptor, FieldType, Kept, OptionsContext, Printer, Storage, type_of};
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
        Box::new(NamedCells::new(finder, many))
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

/// Finds the records of a table by their titles.
struct Titles<'f> {
    stored: &'f Stored,
    table: TableId,
    walks: u32,
    map: Option<HashMap<String, RecordId>>,
    text: String,
}

impl Finder for Titles<'_> {
    const ONE: &'static str = "record";
    const MANY: &'static str = "records";
    const NAMES: &'static str = "titles of records";
    const ANY_NAME: bool = true;

    fn by_id(&self, text: &str) -> Result<u32, String> {
        let alive =
            |record: &RecordId| self.stored.table(self.table).is_some_and(|state| state.is_alive(*record));
        let found = self.stored.ids().read_record(self.table, text).filter(alive);
        found.map(|record| record.0).ok_or_else(|| {
            format!(
                "expects the id of a record of {}, got {}",
                table_name(self.stored, self.table),
                excerpt(text)
            )
        })
    }

    /// The record with this id or, the first in order of creation, with this title.
    fn find(&mut self, text: &str) -> Result<u32, String> {
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
        found.map(|record: RecordId| record.0).ok_or_else(|| {
            format!("no record of {} has the title {}", table_name(self.stored, self.table), excerpt(text))
        })
    }
}

impl Titles<'_> {
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
