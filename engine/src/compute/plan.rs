//! [`Plan`]: the computed fields of a base, checked, in order of dependency.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use formulas::{Aggregate, Expr, FieldId, Path, TableId, Type};

use super::source::Names;
use crate::field::{self, FieldTypes, mentions};
use crate::state::Stored;

/// One computed field that holds.
#[derive(Clone, Debug)]
pub struct Computation {
    /// Which.
    pub field: FieldId,
    /// Whose records.
    pub table: TableId,
    /// What computes a cell.
    pub expr: Arc<Expr>,
    /// The text it was checked from; a plan keeps the expressions of texts that stayed.
    pub text: String,
    /// What it reads: fields, each on the record itself, through links, or anywhere in a table; but for what its
    /// aggregates read of the items of whole tables.
    pub reads: Vec<(FieldId, Path)>,
    /// Tables of which all records are read, but by its aggregates.
    pub whole: Vec<TableId>,
    /// Aggregates inside of it that can follow single records.
    pub aggregates: Vec<Aggregate>,
}

/// All computed fields of a base.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Those that hold; each stands behind what it reads.
    pub order: Vec<Computation>,
    /// Those that do not, and why.
    pub broken: BTreeMap<FieldId, String>,
    /// Names that computing reads; a plan is for one state of the schema.
    pub(super) names: Names,
}

impl Plan {
    /// The plan for a base as it is.
    pub fn new(stored: &Stored) -> Self {
        let texts: BTreeMap<FieldId, String> = stored
            .schema
            .fields
            .values()
            .filter_map(|def| Some((def.id, field::formula(def, stored)?)))
            .collect();
        let mut plan = Plan::default();
        let schema = FieldTypes::new(&stored.schema);
        for (field, loops) in sorted(&texts) {
            let def = &stored.schema.fields[&field];
            if loops {
                plan.broken.insert(field, "the field depends on itself".into());
                continue;
            }
            match check(&texts[&field], def.table, &schema) {
                Ok(expr) => plan.order.push(computation(field, def.table, expr, texts[&field].clone())),
                Err(message) => {
                    plan.broken.insert(field, message);
                }
            }
        }
        plan
    }
}

/// The result types of all computed fields that hold.
pub fn types(stored: &Stored) -> BTreeMap<FieldId, Type> {
    Plan::new(stored).order.iter().map(|one| (one.field, one.expr.ty().clone())).collect()
}

fn check(text: &str, table: TableId, schema: &FieldTypes<'_>) -> Result<Expr, String> {
    let (ast, diagnostics) = formulas::parse_stored(text);
    if let Some(first) = diagnostics.first() {
        return Err(first.message.clone());
    }
    formulas::check(&ast, table, schema).map_err(|diagnostics| {
        diagnostics
            .into_iter()
            .next()
            .map_or_else(|| "the formula does not hold".into(), |first| first.message)
    })
}

fn computation(field: FieldId, table: TableId, expr: Expr, text: String) -> Computation {
    let found = formulas::aggregates(&expr);
    let reads = found.reads.into_iter().map(|read| (read.field, read.path)).collect();
    let (whole, aggregates) = (found.tables, found.list);
    Computation { field, table, text, reads, whole, aggregates, expr: Arc::new(expr) }
}

/// The fields in order of dependency, each with whether it stands in a loop. Iterative: a chain may be as long
/// as a base has fields.
fn sorted(texts: &BTreeMap<FieldId, String>) -> Vec<(FieldId, bool)> {
    let reads: BTreeMap<FieldId, Vec<FieldId>> = texts
        .iter()
        .map(|(field, text)| {
            (*field, mentions(text).into_iter().filter(|id| texts.contains_key(id)).collect())
        })
        .collect();
    let mut waiting: BTreeMap<FieldId, usize> = reads.iter().map(|(field, of)| (*field, of.len())).collect();
    let mut readers: BTreeMap<FieldId, Vec<FieldId>> = BTreeMap::new();
    for (field, of) in &reads {
        of.iter().for_each(|id| readers.entry(*id).or_default().push(*field));
    }
    let mut ready: BTreeSet<FieldId> =
        waiting.iter().filter(|(_, n)| **n == 0).map(|(field, _)| *field).collect();
    let mut order = Vec::with_capacity(texts.len());
    while let Some(field) = ready.pop_first() {
        order.push((field, false));
        waiting.remove(&field);
        for reader in readers.get(&field).into_iter().flatten() {
            if let Some(n) = waiting.get_mut(reader) {
                *n -= 1;
                if *n == 0 {
                    ready.insert(*reader);
                }
            }
        }
    }
    order.extend(waiting.into_keys().map(|field| (field, true)));
    order
}
