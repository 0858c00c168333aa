//! [`FormulaSchema`]: what the formula language asks about tables and fields, answered from a base.
//!
//! The type of a computed field follows from its formula, and so from the types of the fields that it mentions.
//! [`FieldTypes`] finds those first and remembers them, without recursion: a chain of formulas may be as long
//! as people make it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use formulas::{Diagnostic, Dialect, Expr, FieldId, FieldInfo, TableId, Type};

use super::words::excerpt;
use super::{Storage, storage, times, type_of};
use crate::state::Stored;
use crate::state::schema::{Field, Schema};

/// A base as formulas see it. Where many types are asked for, keep a [`FieldTypes`] instead.
#[derive(Clone, Copy, Debug)]
pub struct FormulaSchema<'a>(pub &'a Stored);

impl formulas::Schema for FormulaSchema<'_> {
    fn table_named(&self, name: &str) -> Option<TableId> {
        self.types().table_named(name)
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        self.types().table_name(table)
    }

    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.types().field_named(table, name)
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        self.types().field(field)
    }

    fn field_names(&self, table: TableId) -> Vec<String> {
        self.types().field_names(table)
    }

    fn primary_field(&self, table: TableId) -> Option<FieldId> {
        self.types().primary_field(table)
    }

    fn dialect(&self) -> Dialect {
        self.0.schema.dialect
    }

    fn created_time(&self, table: TableId) -> Option<FieldId> {
        self.types().created_time(table)
    }

    fn modified_time(&self, table: TableId, fields: &[FieldId]) -> Option<FieldId> {
        self.types().modified_time(table, fields)
    }
}

impl<'a> FormulaSchema<'a> {
    fn types(&self) -> FieldTypes<'a> {
        FieldTypes::new(&self.0.schema)
    }
}

/// The same as [`FormulaSchema`], remembering the types of computed fields. Good for one state of the schema.
#[derive(Clone, Debug)]
pub struct FieldTypes<'a> {
    schema: &'a Schema,
    /// Whether types are asked for at all; printing a formula needs names alone.
    typed: bool,
    /// Types of computed fields; blank while one is being found, so that a loop ends.
    known: RefCell<BTreeMap<FieldId, Type>>,
}

impl<'a> FieldTypes<'a> {
    /// The types of a schema.
    pub const fn new(schema: &'a Schema) -> Self {
        Self { schema, typed: true, known: RefCell::new(BTreeMap::new()) }
    }

    /// The names of a schema: every type is blank.
    pub(super) const fn names(schema: &'a Schema) -> Self {
        Self { schema, typed: false, known: RefCell::new(BTreeMap::new()) }
    }

    /// The type of a field; blank for one that is not there or whose formula does not hold.
    pub fn of(&self, field: FieldId) -> Type {
        let Some(def) = self.schema.fields.get(&field) else { return Type::Blank };
        match storage(def) {
            Storage::Computed(formula) => self.computed(field, def.table, formula),
            _ => type_of(def).formula_type(def, self.schema),
        }
    }

    /// The type of a formula of `table`, in its stored form.
    pub(crate) fn of_formula(&self, formula: &str, table: TableId) -> Type {
        self.learn(mentions(formula));
        self.check(formula, table)
    }

    fn computed(&self, field: FieldId, table: TableId, formula: String) -> Type {
        if let Some(known) = self.known.borrow().get(&field) {
            return known.clone();
        }
        self.learn(vec![field]);
        self.known.borrow().get(&field).cloned().unwrap_or_else(|| self.check(&formula, table))
    }

    /// Finds the types of all computed fields behind `fields`, the innermost first.
    fn learn(&self, fields: Vec<FieldId>) {
        // A field is seen twice: first its formula's fields are put on top of it, then it is checked.
        let mut stack: Vec<(FieldId, Option<String>)> =
            fields.into_iter().map(|field| (field, None)).collect();
        while let Some((field, formula)) = stack.pop() {
            let Some(def) = self.schema.fields.get(&field) else { continue };
            if let Some(formula) = formula {
                let ty = self.check(&formula, def.table);
                self.known.borrow_mut().insert(field, ty);
                continue;
            }
            if self.known.borrow().contains_key(&field) {
                continue;
            }
            let Storage::Computed(formula) = storage(def) else { continue };
            self.known.borrow_mut().insert(field, Type::Blank);
            let inner = mentions(&formula);
            stack.push((field, Some(formula)));
            stack.extend(inner.into_iter().map(|field| (field, None)));
        }
    }

    fn check(&self, formula: &str, table: TableId) -> Type {
        checked(formula, table, self).map_or(Type::Blank, |expr| expr.ty().clone())
    }

    fn def(&self, field: FieldId) -> Option<&'a Arc<Field>> {
        self.schema.fields.get(&field)
    }
}

impl formulas::Schema for FieldTypes<'_> {
    fn table_named(&self, name: &str) -> Option<TableId> {
        self.schema.table_named(name).map(|table| table.id)
    }

    fn table_name(&self, table: TableId) -> Option<String> {
        self.schema.tables.get(&table).map(|table| table.name.clone())
    }

    fn field_named(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.schema.field_named(table, name).map(|field| field.id)
    }

    fn field(&self, field: FieldId) -> Option<FieldInfo> {
        let def = self.def(field)?;
        let ty = if self.typed { self.of(field) } else { Type::Blank };
        Some(FieldInfo { name: def.name.clone(), table: def.table, ty })
    }

    fn field_names(&self, table: TableId) -> Vec<String> {
        self.schema.fields_of(table).map(|field| field.name.clone()).collect()
    }

    fn primary_field(&self, table: TableId) -> Option<FieldId> {
        self.schema.tables.get(&table).map(|table| table.primary)
    }

    fn dialect(&self) -> Dialect {
        self.schema.dialect
    }

    fn created_time(&self, table: TableId) -> Option<FieldId> {
        Some(times::created(table))
    }

    fn modified_time(&self, table: TableId, fields: &[FieldId]) -> Option<FieldId> {
        match fields {
            [] => Some(times::last_modified(table)),
            fields => times::modified_of(self.schema, table, fields),
        }
    }
}

/// Parses and checks a formula in its stored form.
fn checked(formula: &str, table: TableId, types: &FieldTypes<'_>) -> Result<Expr, Vec<Diagnostic>> {
    let (ast, diagnostics) = formulas::parse_stored(formula);
    if diagnostics.is_empty() { formulas::check(&ast, table, types) } else { Err(diagnostics) }
}

/// Checks that a stored formula of the field `id` of `table` holds and does not depend on itself.
///
/// # Errors
///
/// A sentence that names the place or the loop; `text` is the formula as people see it.
pub(super) fn check_stored(
    formula: &str,
    text: &str,
    id: FieldId,
    table: TableId,
    stored: &Stored,
) -> Result<(), String> {
    let types = FieldTypes::new(&stored.schema);
    types.learn(mentions(formula));
    checked(formula, table, &types).map_err(|diagnostics| sentence(&diagnostics, text))?;
    let Some(names) = loop_through(id, formula, stored) else { return Ok(()) };
    Err(format!("the formula would depend on itself: {}", names.join(" → ")))
}

/// One sentence of what is wrong with a formula: the first diagnostic and its place in the text.
pub(super) fn sentence(diagnostics: &[Diagnostic], text: &str) -> String {
    let Some(first) = diagnostics.first() else { return "the formula does not hold".to_owned() };
    let Some(place) = text.get(first.range.clone()) else { return first.message.clone() };
    let at = text[..first.range.start].chars().count() + 1;
    match place.is_empty() {
        true => format!("{}, at character {at}", first.message),
        false => format!("{}, at character {at} ({})", first.message, excerpt(place)),
    }
}

/// The names of the fields through which a formula of the field `id` would come back to it.
fn loop_through(id: FieldId, formula: &str, stored: &Stored) -> Option<Vec<String>> {
    let inner = |field: FieldId| match stored.field(field) {
        Some(def) => super::formula(def, stored).map(|formula| mentions(&formula)).unwrap_or_default(),
        None => Vec::new(),
    };
    let path = find_loop(id, mentions(formula), inner)?;
    let name =
        |field: FieldId| stored.field(field).map_or_else(|| "this field".to_owned(), |def| def.name.clone());
    Some(path.into_iter().map(name).collect())
}

/// A way from `start` over the fields that it and others need back to `start`, both ends named.
fn find_loop(
    start: FieldId,
    needs: Vec<FieldId>,
    inner: impl Fn(FieldId) -> Vec<FieldId>,
) -> Option<Vec<FieldId>> {
    let mut came_from: BTreeMap<FieldId, FieldId> = needs.iter().map(|field| (*field, start)).collect();
    let mut stack = needs;
    while let Some(field) = stack.pop() {
        if field == start {
            let back = |at: &FieldId| came_from.get(at).copied();
            let mut path = vec![start];
            let mut at = back(&start);
            while let Some(field) = at {
                path.push(field);
                at = if field == start { None } else { back(&field) };
            }
            path.reverse();
            return Some(path);
        }
        for next in inner(field) {
            if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(next) {
                entry.insert(field);
                stack.push(next);
            }
        }
    }
    None
}

/// The fields that a stored formula mentions: `{#12}`, `[{#12}]` and `#12`, but not the table `[#3]`.
pub(crate) fn mentions(formula: &str) -> Vec<FieldId> {
    let bytes = formula.as_bytes();
    let mut fields = Vec::new();
    for (at, _) in formula.match_indices('#') {
        if at > 0 && bytes[at - 1] == b'[' {
            continue;
        }
        let len = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = formula[at + 1..at + 1 + len].parse().ok();
        fields.extend(number.map(FieldId).filter(|field| !fields.contains(field)));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_fields() {
        assert_eq!(
            mentions("[#3].FILTER([{#7}] = {#12}).#5 & #12 & '#x'"),
            [FieldId(7), FieldId(12), FieldId(5)]
        );
    }

    #[test]
    fn a_loop_is_named_from_end_to_end() {
        let needs = |field: FieldId| match field.0 {
            2 => vec![FieldId(4), FieldId(3)],
            3 => vec![FieldId(1)],
            _ => Vec::new(),
        };
        let found = find_loop(FieldId(1), vec![FieldId(4), FieldId(2)], needs);
        assert_eq!(found, Some(vec![FieldId(1), FieldId(2), FieldId(3), FieldId(1)]));
        assert_eq!(find_loop(FieldId(1), vec![FieldId(1)], needs), Some(vec![FieldId(1), FieldId(1)]));
        assert_eq!(find_loop(FieldId(9), vec![FieldId(2)], needs), None);
    }
}
