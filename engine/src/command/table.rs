//! Planning for the base itself, its people, and tables.

use std::sync::Arc;

use formulas::{Dialect, FieldId, TableId};
use serde_json::Value as Json;

use super::planner::{Planner, name};
use super::{NewField, field};
use crate::change::{Change, Edit, Outcome};
use crate::error::{Code, Refusal};
use crate::field::{Storage, storage};
use crate::id::{PersonId, ViewId};
use crate::limits::TABLES_MAX;
use crate::position;
use crate::state::schema::{BaseInfo, Person, Role, Table, View, fold};

/// Names a new base.
pub(super) fn create_base(
    planner: &mut Planner<'_>,
    id: u128,
    given: &str,
    locale: &str,
    time_zone: &str,
) -> Result<Outcome, Refusal> {
    if planner.stored.version != 0 || !planner.changes.is_empty() {
        return Err(Refusal::new(Code::Conflict, "the base exists already"));
    }
    let info = BaseInfo {
        id,
        name: name("base", given)?,
        locale: checked_locale(locale)?,
        time_zone: checked_zone(time_zone)?,
        dialect: Dialect::default(),
    };
    planner.change(Change::Base(Edit::create(info)));
    Ok(Outcome::Done)
}

/// Changes the base's own settings: name, locale, time zone and dialect, as far as they are given.
pub(super) fn update_base(
    planner: &mut Planner<'_>,
    [given, locale, time_zone, dialect]: [Option<&str>; 4],
) -> Result<Outcome, Refusal> {
    let before = Arc::clone(&planner.stored.info);
    let mut after = BaseInfo::clone(&before);
    if let Some(given) = given {
        after.name = name("base", given)?;
    }
    if let Some(locale) = locale {
        after.locale = checked_locale(locale)?;
    }
    if let Some(zone) = time_zone {
        after.time_zone = checked_zone(zone)?;
    }
    if let Some(dialect) = dialect {
        after.dialect = checked_dialect(dialect)?;
    }
    if *before != after {
        planner.change(Change::Base(Edit::replace(&before, after)));
    }
    Ok(Outcome::Done)
}

fn checked_locale(locale: &str) -> Result<String, Refusal> {
    match locale.parse::<icu_locale_core::Locale>() {
        Ok(locale) => Ok(locale.to_string()),
        Err(_) => Err(Refusal::invalid(format!("\"{locale}\" is no locale, such as zh-CN or en"))),
    }
}

fn checked_zone(zone: &str) -> Result<String, Refusal> {
    match jiff::tz::TimeZone::get(zone) {
        Ok(_) => Ok(zone.to_owned()),
        Err(_) => Err(Refusal::invalid(format!("\"{zone}\" is no time zone, such as Asia/Shanghai"))),
    }
}

fn checked_dialect(name: &str) -> Result<Dialect, Refusal> {
    Dialect::named(name).ok_or_else(|| {
        let known = Dialect::ALL.map(Dialect::name).join(", ");
        Refusal::invalid(format!("\"{name}\" is no dialect of formulas; it is one of {known}"))
    })
}

/// Makes a person known to the base or changes what it knows.
pub(super) fn set_person(
    planner: &mut Planner<'_>,
    id: PersonId,
    name: &str,
    email: &str,
    color: &str,
    role: Option<Role>,
) -> Outcome {
    let after = Person { id, name: name.into(), email: email.into(), color: color.into(), role };
    let before = planner.stored.schema.people.get(&id).cloned();
    if before.as_deref() != Some(&after) {
        planner.change(Change::Person(id, Edit { before, after: Some(Arc::new(after)) }));
    }
    Outcome::Done
}

/// Makes a table with its fields and a grid view.
pub(super) fn create(
    planner: &mut Planner<'_>,
    given: &str,
    description: &str,
    fields: &[NewField],
) -> Result<Outcome, Refusal> {
    if planner.stored.schema.tables.len() >= TABLES_MAX {
        return Err(Refusal::limit(format!("a base has {TABLES_MAX} tables at most")));
    }
    if fields.is_empty() {
        return Err(Refusal::invalid("a table needs at least one field"));
    }
    let name = free_name(planner, given, None)?;
    let schema = &planner.stored.schema;
    let id = TableId(schema.next[0]);
    let last = schema.tables_in_order().last().map(|table| table.position.clone());
    let table = Table {
        id,
        name,
        description: description.trim().to_owned(),
        primary: FieldId(schema.next[1]),
        position: position::between(last.as_deref(), None),
    };
    planner.change(Change::Table(id, Edit::create(table)));
    let mut made = Vec::with_capacity(fields.len());
    for new in fields {
        if let Outcome::Field { field, .. } = field::create(planner, id, new, None)? {
            made.push(field);
        }
    }
    check_primary(planner, id, made[0])?;
    let view = ViewId(planner.stored.schema.next[2]);
    let grid = View {
        id: view,
        table: id,
        name: if planner.stored.info.locale.starts_with("zh") { "全部记录" } else { "All records" }.into(),
        kind: "grid".into(),
        personal: None,
        locked: false,
        settings: Json::Object(serde_json::Map::new()),
        position: position::between(None, None),
    };
    planner.change(Change::View(view, Edit::create(grid)));
    Ok(Outcome::Table { table: id, fields: made, view })
}

fn free_name(planner: &Planner<'_>, given: &str, own: Option<TableId>) -> Result<String, Refusal> {
    let name = name("table", given)?;
    match planner.stored.schema.tables.values().find(|table| fold(&table.name) == fold(&name)) {
        Some(table) if Some(table.id) != own => {
            Err(Refusal::new(Code::Conflict, format!("there is a table \"{}\" already", table.name)))
        }
        _ => Ok(name),
    }
}

fn check_primary(planner: &Planner<'_>, table: TableId, primary: FieldId) -> Result<(), Refusal> {
    let def = planner.field(primary)?;
    if def.table != table {
        return Err(Refusal::invalid("the primary field must be one of the table's own").in_field(primary));
    }
    if matches!(def.type_name.as_str(), "link" | "checkbox" | "multiSelect" | "person" | "lookup") {
        let message =
            format!("field \"{}\" cannot title a record; choose a text, number, date or formula", def.name);
        return Err(Refusal::invalid(message).in_field(primary));
    }
    Ok(())
}

/// Renames a table or chooses its primary field.
pub(super) fn update(
    planner: &mut Planner<'_>,
    table: TableId,
    given: Option<&str>,
    description: Option<&str>,
    primary: Option<FieldId>,
) -> Result<Outcome, Refusal> {
    let before = Arc::clone(planner.table(table)?);
    let mut after = Table::clone(&before);
    if let Some(given) = given {
        after.name = free_name(planner, given, Some(table))?;
    }
    if let Some(description) = description {
        after.description = description.trim().to_owned();
    }
    if let Some(primary) = primary {
        check_primary(planner, table, primary)?;
        after.primary = primary;
    }
    if *before != after {
        planner.change(Change::Table(table, Edit::replace(&before, after)));
    }
    Ok(Outcome::Done)
}

/// Takes a table away: its views, the links to it from other tables, its fields, itself. Records stay in the
/// state, so that an undo brings all of it back.
pub(super) fn delete(planner: &mut Planner<'_>, table: TableId) -> Result<Outcome, Refusal> {
    let def = Arc::clone(planner.table(table)?);
    if planner.stored.schema.tables.len() == 1 {
        return Err(Refusal::invalid("a base keeps at least one table").in_table(table));
    }
    let views: Vec<_> = planner.stored.schema.views_of(table).into_iter().cloned().collect();
    for view in views {
        planner.change(Change::View(view.id, Edit::delete(&view)));
    }
    let far: Vec<_> = planner
        .stored
        .schema
        .fields
        .values()
        .filter(|field| {
            field.table != table && matches!(storage(field), Storage::Link { table: to, .. } if to == table)
        })
        .cloned()
        .collect();
    let own: Vec<_> = planner.stored.schema.fields_of(table).cloned().collect();
    for field in far.into_iter().chain(own) {
        planner.change(Change::Field(field.id, Edit::delete(&field)));
    }
    planner.change(Change::Table(table, Edit::delete(&def)));
    Ok(Outcome::Done)
}

/// Puts a table behind another, or first.
pub(super) fn move_after(
    planner: &mut Planner<'_>,
    table: TableId,
    after: Option<TableId>,
) -> Result<Outcome, Refusal> {
    let before = Arc::clone(planner.table(table)?);
    if let Some(after) = after {
        planner.table(after)?;
    }
    let schema = &planner.stored.schema;
    let others = schema.tables_in_order().into_iter().filter(|other| other.id != table);
    let position = place(others.map(|other| (other.id, other.position.as_str())), after);
    planner.change(Change::Table(table, Edit::replace(&before, Table { position, ..Table::clone(&before) })));
    Ok(Outcome::Done)
}

/// The key of a place behind `after`, or first, among others in order.
pub(super) fn place<'p, K: PartialEq>(
    others: impl Iterator<Item = (K, &'p str)>,
    after: Option<K>,
) -> String {
    let others: Vec<(K, &str)> = others.collect();
    let at = after.and_then(|after| others.iter().position(|(id, _)| *id == after)).map_or(0, |at| at + 1);
    let key = |at: usize| others.get(at).map(|(_, position)| *position);
    let low = at.checked_sub(1).and_then(key);
    // Two equal keys can arise only from an undo; then the place is behind both.
    let high = key(at).filter(|high| low.is_none_or(|low| low < *high));
    position::between(low, high)
}
