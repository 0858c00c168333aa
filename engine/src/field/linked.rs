//! What `lookup`, `rollup`, `count` and `conditionalRollup` have in common: records behind a link or of a whole
//! table, perhaps filtered, sorted and limited, perhaps a field of them, perhaps a function of its values.
//!
//! Each is a formula, written from its options whenever it is asked for: `SUM({#7}.{#12})`, or with a filter
//! `SUM({#7}.FILTER(CurrentValue.{#9} = "Done").{#12})`. Stored options name fields by their numbers, since
//! the plain formula is asked for without the base; the filter keeps the outside ids that it was given with.

use std::fmt::Write;
use std::sync::LazyLock;

use formulas::limits::FORMULA_BYTES_MAX;
use formulas::{Diagnostic, FieldId, TableId, Type};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::filter;
use super::formula::format_option;
use super::given::{Given, listed, stored, to_json, wrong};
use super::number::NumberOptions;
use super::schema::{FieldTypes, check_stored, sentence};
use super::{OptionsContext, link};
use crate::limits::LIST_ITEMS_MAX;
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// The options of all four; each has those of its own.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkedOptions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<u32>,
    /// The table of which all records are looked at, where there is no link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<u32>,
    /// The field of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<u32>,
    /// One of [`functions`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) function: Option<String>,
    /// Which of the records count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Json>,
    /// The same as a formula about `CurrentValue`, in stored form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    /// In which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sort: Option<Sort>,
    /// How many, the first of that order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// How numbers are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<NumberOptions>,
}

/// An order of records by a field of theirs.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Sort {
    field: u32,
    #[serde(default)]
    desc: bool,
}

/// The functions of rollups that are offered first.
const USUAL: &[&str] = &[
    "SUM",
    "AVERAGE",
    "MIN",
    "MAX",
    "MEDIAN",
    "COUNT",
    "COUNTA",
    "COUNTALL",
    "ARRAYUNIQUE",
    "ARRAYCOMPACT",
    "ARRAYJOIN",
    "CONCATENATE",
    "AND",
    "OR",
    "XOR",
];

/// The functions of rollups: the usual ones, then all others that make something of one list.
pub(super) fn functions() -> &'static [&'static str] {
    static FUNCTIONS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let others = formulas::functions().filter(|function| function.takes_one_list());
        let others = others.map(|function| function.name).filter(|name| !USUAL.contains(name));
        USUAL.iter().copied().chain(others).collect()
    });
    &FUNCTIONS
}

/// Reads and completes options, and checks the formula that they make; `known` are the options of the type and
/// `usual` is the function of one that has no such option.
pub(super) fn options(
    given: &Json,
    known: &[&str],
    usual: Option<&str>,
    context: &OptionsContext<'_>,
) -> Result<Json, String> {
    let given = Given::read(given, known)?;
    let base = context.stored;
    let (link, table) = match known.contains(&"link") {
        true => {
            let link = field_option(&given, "link", context.table, base)?;
            if link.type_name != "link" {
                return Err(format!("option \"link\" expects a link, but \"{}\" is none", link.name));
            }
            (Some(link.id.0), link::target(link))
        }
        false => (None, table_option(&given, base)?),
    };
    let function = if known.contains(&"function") { Some(function_option(&given)?) } else { None };
    // Records can be counted without a field of theirs.
    let counts_records = link.is_none() && function == Some("COUNTALL") && given.get("field").is_none();
    let field = match known.contains(&"field") && !counts_records {
        true => Some(field_option(&given, "field", table, base)?),
        false => None,
    };
    let filter = given.get("filter").filter(|filter| !filter::is_empty(filter));
    if let Some(filter) = filter {
        filter::condition(filter, table, context.table, base)
            .map_err(|why| format!("option \"filter\": {why}"))?;
    }
    let condition = given.text("condition", FORMULA_BYTES_MAX, "a formula about CurrentValue")?;
    if condition.is_some() && filter.is_some() {
        return Err("give either the option \"filter\" or the option \"condition\"".into());
    }
    let condition = condition.map(|text| stored_condition(text, table, context)).transpose()?;
    let options = LinkedOptions {
        link,
        table: link.is_none().then_some(table.0),
        field: field.map(|field| field.id.0),
        function: function.map(str::to_owned),
        filter: filter.cloned(),
        condition,
        sort: sort_option(&given, table, base)?,
        limit: given.integer("limit", 1..=LIST_ITEMS_MAX as u64)?,
        format: format_option(&given, base)?,
    };
    let formula = options.written(function.or(usual), Some((context.table, base)));
    // Nobody sees this formula, so no place in it is named.
    check_stored(&formula, "", context.id, context.table, base)?;
    Ok(to_json(&options))
}

fn function_option(given: &Given<'_>) -> Result<&'static str, String> {
    let wanted = || format!("{}, or another function of one list", listed(USUAL, "or"));
    let Some(name) = given.get("function") else {
        return Err(format!("option \"function\" expects {}", wanted()));
    };
    let found = name.as_str().and_then(|name| functions().iter().copied().find(|known| *known == name));
    found.ok_or_else(|| wrong("function", &wanted(), name))
}

fn table_option(given: &Given<'_>, base: &Stored) -> Result<TableId, String> {
    const WANTED: &str = "the id of a table";
    let Some(id) = given.get("table") else { return Err(format!("option \"table\" expects {WANTED}")) };
    let table = id.as_str().and_then(|id| base.ids().read_table(id));
    table.filter(|table| base.schema.tables.contains_key(table)).ok_or_else(|| wrong("table", WANTED, id))
}

fn sort_option(given: &Given<'_>, table: TableId, base: &Stored) -> Result<Option<Sort>, String> {
    let Some(sort) = given.get("sort") else { return Ok(None) };
    let inner = Given::read(sort, &["field", "desc"]).map_err(|why| format!("option \"sort\": {why}"))?;
    let field =
        field_option(&inner, "field", table, base).map_err(|why| format!("option \"sort\": {why}"))?;
    let desc = inner.bool("desc").map_err(|why| format!("option \"sort\": {why}"))?;
    Ok(Some(Sort { field: field.id.0, desc: desc.unwrap_or(false) }))
}

/// A condition that somebody wrote, with ids in place of names: what stands in the parentheses of a `FILTER`.
fn stored_condition(text: &str, table: TableId, context: &OptionsContext<'_>) -> Result<String, String> {
    let why = |diagnostics: &[Diagnostic]| format!("option \"condition\": {}", sentence(diagnostics, text));
    let (_, diagnostics) = formulas::parse(text);
    if !diagnostics.is_empty() {
        return Err(why(&diagnostics));
    }
    let schema = FieldTypes::new(&context.stored.schema);
    let head = user_head(table, context.table, context.stored);
    let stored =
        formulas::to_stored(&format!("{head}{text})"), context.table, &schema).map_err(|mut all| {
            for diagnostic in &mut all {
                let shifted = |at: usize| at.saturating_sub(head.len()).min(text.len());
                diagnostic.range = shifted(diagnostic.range.start)..shifted(diagnostic.range.end);
            }
            why(&all)
        })?;
    let inner = stored.strip_prefix(&stored_head(table)).and_then(|rest| rest.strip_suffix(')'));
    inner.map(str::to_owned).ok_or_else(|| "option \"condition\" expects a formula about CurrentValue".into())
}

/// What stands before a condition on a whole table, in stored form.
fn stored_head(table: TableId) -> String {
    format!("[#{}].FILTER(", table.0)
}

/// The same as people would write it.
fn user_head(table: TableId, own: TableId, base: &Stored) -> String {
    let whole =
        formulas::to_user(&format!("{}TRUE)", stored_head(table)), own, &FieldTypes::names(&base.schema));
    whole.strip_suffix("TRUE)").unwrap_or(&whole).to_owned()
}

fn field_option<'a>(
    given: &Given<'_>,
    name: &str,
    table: TableId,
    base: &'a Stored,
) -> Result<&'a Field, String> {
    let wanted = match base.schema.tables.get(&table) {
        Some(table) => format!("the id of a field of \"{}\"", table.name),
        None => "the id of a field".to_owned(),
    };
    let Some(id) = given.get(name) else { return Err(format!("option \"{name}\" expects {wanted}")) };
    let field = id.as_str().and_then(|id| base.ids().read_field(id)).and_then(|id| base.field(id));
    field.filter(|field| field.table == table).map(AsRef::as_ref).ok_or_else(|| wrong(name, &wanted, id))
}

impl LinkedOptions {
    /// The formula in stored form; with its filter, order and limit if the base and the own table are given.
    fn written(&self, function: Option<&str>, of: Option<(TableId, &Stored)>) -> String {
        let mut path = match (self.link, self.table) {
            (Some(link), _) => format!("{{#{link}}}"),
            (None, table) => format!("[#{}]", table.unwrap_or(u32::MAX)),
        };
        if let Some((own, base)) = of {
            self.write_choice(&mut path, own, base);
        }
        if let Some(field) = self.field {
            let _ = write!(path, ".{{#{field}}}");
        }
        match function {
            Some(function) => format!("{function}({path})"),
            None => path,
        }
    }

    /// Which records, in which order, and how many.
    fn write_choice(&self, path: &mut String, own: TableId, base: &Stored) {
        if let Some(filter) = &self.filter {
            // A filter that fitted may not do so any more. Then the field has to look broken, not unfiltered.
            let condition = filter::condition(filter, self.target(base), own, base)
                .unwrap_or_else(|why| format!("{{the filter: {}}}", why.replace(['{', '}', '\\'], "")));
            let _ = write!(path, ".FILTER({condition})");
        }
        if let Some(condition) = &self.condition {
            let _ = write!(path, ".FILTER({condition})");
        }
        if let Some(Sort { field, desc }) = self.sort {
            let _ = write!(path, ".SORTBY(CurrentValue.{{#{field}}}{})", if desc { ", TRUE" } else { "" });
        }
        if let Some(limit) = self.limit {
            let _ = write!(path, ".ARRAYSLICE(1, {limit})");
        }
    }

    /// The table of the records.
    fn target(&self, base: &Stored) -> TableId {
        let link = self.link.and_then(|link| base.field(FieldId(link)));
        link.map_or(TableId(self.table.unwrap_or(u32::MAX)), |link| link::target(link))
    }
}

/// The stored formula of a field without its filter; `function` is applied where the options have none.
/// Without parsing all options: storage is asked for with each edit of the table.
pub(super) fn plain_formula(field: &Field, function: Option<&str>) -> String {
    let number = |name| field.options.get(name).and_then(Json::as_u64).and_then(|id| u32::try_from(id).ok());
    let function = field.options.get("function").and_then(Json::as_str).or(function);
    let options = LinkedOptions {
        link: number("link"),
        table: number("table"),
        field: number("field"),
        ..LinkedOptions::default()
    };
    options.written(function, None)
}

/// The stored formula of a field with its filter.
pub(super) fn whole_formula(field: &Field, function: Option<&str>, base: &Stored) -> String {
    let options: LinkedOptions = stored(field);
    options.written(options.function.as_deref().or(function), Some((field.table, base)))
}

/// The type of what the plain formula gives.
pub(super) fn result_type(field: &Field, function: Option<&str>, schema: &Schema) -> Type {
    FieldTypes::new(schema).of_formula(&plain_formula(field, function), field.table)
}

/// The options with outside ids.
pub(super) fn shown(field: &Field, base: &Stored) -> Json {
    let options: LinkedOptions = stored(field);
    let mut shown = to_json(&options);
    let ids = base.ids();
    if let Some(link) = options.link {
        shown["link"] = json!(ids.field(FieldId(link)));
    }
    if let Some(table) = options.table {
        shown["table"] = json!(ids.table(TableId(table)));
    }
    if let Some(field) = options.field {
        shown["field"] = json!(ids.field(FieldId(field)));
    }
    if let Some(sort) = options.sort {
        shown["sort"]["field"] = json!(ids.field(FieldId(sort.field)));
    }
    if let Some(condition) = &options.condition {
        let table = options.target(base);
        let whole = format!("{}{condition})", stored_head(table));
        let text = formulas::to_user(&whole, field.table, &FieldTypes::names(&base.schema));
        let head = user_head(table, field.table, base);
        let inner = text.strip_prefix(&head).and_then(|rest| rest.strip_suffix(')'));
        shown["condition"] = json!(inner.unwrap_or(condition));
    }
    shown
}
