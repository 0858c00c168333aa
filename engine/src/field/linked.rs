//! What `lookup`, `rollup` and `count` have in common: a link, perhaps a field behind it, perhaps a filter.
//!
//! Each is a formula, written from its options whenever it is asked for: `SUM({#7}.{#12})`, or with a filter
//! `SUM({#7}.FILTER(CurrentValue.{#9} = "Done").{#12})`. Stored options name fields by their numbers, since
//! the plain formula is asked for without the base; the filter keeps the outside ids that it was given with.

use std::fmt::Write;

use formulas::{FieldId, TableId, Type};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::filter;
use super::formula::format_option;
use super::given::{Given, listed, stored, to_json, wrong};
use super::number::NumberOptions;
use super::schema::{FieldTypes, check_stored};
use super::{OptionsContext, link};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// The options of all three; each has those of its own.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkedOptions {
    link: u32,
    /// The field behind the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<u32>,
    /// One of [`FUNCTIONS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) function: Option<String>,
    /// Which of the linked records count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Json>,
    /// How numbers are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<NumberOptions>,
}

/// The functions of rollups.
pub(super) const FUNCTIONS: &[&str] = &[
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
    let link = field_option(&given, "link", context.table, base)?;
    if link.type_name != "link" {
        return Err(format!("option \"link\" expects a link, but \"{}\" is none", link.name));
    }
    let table = link::target(link);
    let field = match known.contains(&"field") {
        true => Some(field_option(&given, "field", table, base)?),
        false => None,
    };
    let function = match (known.contains(&"function"), given.one_of("function", FUNCTIONS)?) {
        (true, None) => return Err(format!("option \"function\" expects {}", listed(FUNCTIONS, "or"))),
        (_, function) => function,
    };
    let filter = given.get("filter").filter(|filter| !filter::is_empty(filter));
    if let Some(filter) = filter {
        filter::condition(filter, table, base).map_err(|why| format!("option \"filter\": {why}"))?;
    }
    let options = LinkedOptions {
        link: link.id.0,
        field: field.map(|field| field.id.0),
        function: function.map(str::to_owned),
        filter: filter.cloned(),
        format: format_option(&given, base)?,
    };
    let formula = options.written(function.or(usual), Some(base));
    // Nobody sees this formula, so no place in it is named.
    check_stored(&formula, "", context.id, context.table, base)?;
    Ok(to_json(&options))
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
    /// The formula in stored form; with its filter if the base is given.
    fn written(&self, function: Option<&str>, base: Option<&Stored>) -> String {
        let mut path = format!("{{#{}}}", self.link);
        if let (Some(filter), Some(base)) = (&self.filter, base) {
            let table = base.field(FieldId(self.link)).map_or(TableId(u32::MAX), |link| link::target(link));
            // A filter that fitted may not do so any more. Then the field has to look broken, not unfiltered.
            let condition = filter::condition(filter, table, base)
                .unwrap_or_else(|why| format!("{{the filter: {}}}", why.replace(['{', '}', '\\'], "")));
            let _ = write!(path, ".FILTER({condition})");
        }
        if let Some(field) = self.field {
            let _ = write!(path, ".{{#{field}}}");
        }
        match function {
            Some(function) => format!("{function}({path})"),
            None => path,
        }
    }
}

/// The stored formula of a field without its filter; `function` is applied where the options have none.
/// Without parsing all options: storage is asked for with each edit of the table.
pub(super) fn plain_formula(field: &Field, function: Option<&str>) -> String {
    let number = |name| field.options.get(name).and_then(Json::as_u64).and_then(|id| u32::try_from(id).ok());
    let function = field.options.get("function").and_then(Json::as_str).or(function);
    let link = number("link").unwrap_or(u32::MAX);
    LinkedOptions { link, field: number("field"), ..LinkedOptions::default() }.written(function, None)
}

/// The stored formula of a field with its filter.
pub(super) fn whole_formula(field: &Field, function: Option<&str>, base: &Stored) -> String {
    let options: LinkedOptions = stored(field);
    options.written(options.function.as_deref().or(function), Some(base))
}

/// The type of what the plain formula gives.
pub(super) fn result_type(field: &Field, function: Option<&str>, schema: &Schema) -> Type {
    FieldTypes::new(schema).of_formula(&plain_formula(field, function), field.table)
}

/// The options with outside ids.
pub(super) fn shown(field: &Field, base: &Stored) -> Json {
    let options: LinkedOptions = stored(field);
    let mut shown = to_json(&options);
    shown["link"] = json!(base.ids().field(FieldId(options.link)));
    if let Some(field) = options.field {
        shown["field"] = json!(base.ids().field(FieldId(field)));
    }
    shown
}
