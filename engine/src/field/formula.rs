//! `formula`: what a formula of the base gives for each record.
//!
//! Stored with ids in place of names, shown with today's names: a rename never breaks a formula.

use formulas::Type;
use formulas::limits::FORMULA_BYTES_MAX;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::given::{Given, to_json};
use super::number::NumberOptions;
use super::schema::{FieldTypes, check_stored, sentence};
use super::{FieldType, OptionsContext, Storage};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Formula;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FormulaOptions {
    /// In stored form.
    formula: String,
    /// How numbers are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<NumberOptions>,
}

impl FieldType for Formula {
    fn name(&self) -> &'static str {
        "formula"
    }

    fn doc(&self) -> &'static str {
        "What a formula gives for each record."
    }

    fn options(&self, given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["formula", "format"])?;
        let text = given.text("formula", FORMULA_BYTES_MAX, "a formula")?.unwrap_or_default();
        if text.trim().is_empty() {
            return Err("option \"formula\" expects a formula such as {Price} * {Quantity}".into());
        }
        let schema = FieldTypes::new(&context.stored.schema);
        let formula = formulas::to_stored(text, context.table, &schema)
            .map_err(|diagnostics| format!("option \"formula\": {}", sentence(&diagnostics, text)))?;
        check_stored(&formula, text, context.id, context.table, context.stored)
            .map_err(|why| format!("option \"formula\": {why}"))?;
        let format = format_option(&given, context.stored)?;
        Ok(to_json(&FormulaOptions { formula, format }))
    }

    fn shown_options(&self, field: &Field, stored: &Stored) -> Json {
        let mut options = field.options.clone();
        if let Some(formula) = options.get_mut("formula") {
            let text =
                formulas::to_user(&stored_formula(field), field.table, &FieldTypes::names(&stored.schema));
            *formula = json!(text);
        }
        options
    }

    fn storage(&self, field: &Field) -> Storage {
        Storage::Computed(stored_formula(field))
    }

    fn formula_type(&self, field: &Field, schema: &Schema) -> Type {
        FieldTypes::new(schema).of_formula(&stored_formula(field), field.table)
    }

    fn operators(&self) -> &'static [&'static str] {
        RESULT_OPERATORS
    }
}

/// The operators of computed fields: all of what a result may be; which fit is told by the result's type.
pub(super) const RESULT_OPERATORS: &[&str] = &[
    "is",
    "isNot",
    "contains",
    "doesNotContain",
    "startsWith",
    "gt",
    "gte",
    "lt",
    "lte",
    "isAnyOf",
    "isNoneOf",
    "hasAnyOf",
    "hasAllOf",
    "hasNoneOf",
    "isBefore",
    "isAfter",
    "isOnOrBefore",
    "isOnOrAfter",
    "isWithin",
    "isEmpty",
    "isNotEmpty",
];

/// The option `format`, which is the options of a number.
pub(super) fn format_option(given: &Given<'_>, stored: &Stored) -> Result<Option<NumberOptions>, String> {
    let format = given.get("format").map(|format| NumberOptions::read(format, stored));
    format.transpose().map_err(|why| format!("option \"format\": {why}"))
}

fn stored_formula(field: &Field) -> String {
    field.options.get("formula").and_then(Json::as_str).unwrap_or_default().to_owned()
}
