//! Planning for fields: making, changing, converting, moving, taking away.

use std::sync::Arc;

use formulas::column::{Chunk, Item, Kind};
use formulas::{FieldId, RecordId, TableId, Value};
use serde_json::Value as Json;

use super::planner::{Planner, name};
use super::table::place;
use super::{Command, NewField, record};
use crate::change::{Change, Edit, Ids, Outcome};
use crate::error::{Code, Refusal};
use crate::field::{self, Accept, Input, OptionsContext, Storage, storage};
use crate::limits::FIELDS_MAX;
use crate::position;
use crate::state::Stored;
use crate::state::schema::{Field, fold};

/// Texts of cells that a conversion report names.
const REPORTED_MAX: usize = 100;

/// Makes a field, and the other side of a two-way link.
pub(super) fn create(
    planner: &mut Planner<'_>,
    table: TableId,
    new: &NewField,
    after: Option<FieldId>,
) -> Result<Outcome, Refusal> {
    planner.table(table)?;
    if planner.stored.schema.fields_of(table).count() >= FIELDS_MAX {
        return Err(Refusal::limit(format!("a table has {FIELDS_MAX} fields at most")).in_table(table));
    }
    let name = free_name(planner, table, &new.name, None)?;
    let (options, inverse) = split_inverse(&new.type_name, table, &new.options, planner);
    let id = FieldId(planner.stored.schema.next[1]);
    let options = check(planner, table, id, None, &new.type_name, &options)?;
    let position = match after {
        Some(_) => {
            let others = planner.stored.schema.fields_of(table);
            place(others.map(|other| (other.id, other.position.as_str())), after)
        }
        None => {
            let last = planner.stored.schema.fields_of(table).last().map(|field| field.position.clone());
            position::between(last.as_deref(), None)
        }
    };
    let def = Field {
        id,
        table,
        name,
        description: new.description.trim().to_owned(),
        type_name: new.type_name.clone(),
        options,
        default: new.default.clone(),
        required: new.required,
        unique: new.unique,
        position,
    };
    check_demands(&def)?;
    let def = Arc::new(def);
    planner.change(Change::Field(id, Edit { before: None, after: Some(Arc::clone(&def)) }));
    let symmetric = match inverse {
        Some(inverse) => Some(create_inverse(planner, &def, inverse.as_deref())?),
        None => None,
    };
    Ok(Outcome::Field { field: id, symmetric })
}

/// Takes from a new link's options what is meant for its other side: `inverse` (a name), or `field: null` for a
/// one-way link. A link to another table is two-way unless told otherwise, one to itself one-way.
fn split_inverse(
    type_name: &str,
    table: TableId,
    options: &Json,
    planner: &Planner<'_>,
) -> (Json, Option<Option<String>>) {
    let mut options = options.clone();
    if type_name != "link" {
        return (options, None);
    }
    let Some(map) = options.as_object_mut() else { return (options, None) };
    let inverse = map.remove("inverse");
    let one_way = map.get("field").is_some_and(Json::is_null);
    let to_itself =
        map.get("table").and_then(Json::as_str).and_then(|id| planner.stored.ids().read_table(id))
            == Some(table);
    map.remove("field");
    map.remove("owner");
    match inverse {
        Some(Json::String(name)) => (options, Some(Some(name))),
        _ if one_way || to_itself => (options, None),
        _ => (options, Some(None)),
    }
}

fn create_inverse(
    planner: &mut Planner<'_>,
    def: &Arc<Field>,
    given: Option<&str>,
) -> Result<FieldId, Refusal> {
    let Storage::Link { table: far, many, .. } = storage(def) else {
        unreachable!("only links have another side")
    };
    let own_name = planner.table(def.table)?.name.clone();
    let wanted = given.unwrap_or(&own_name);
    let name = (1..)
        .map(|n| if n == 1 { wanted.to_owned() } else { format!("{wanted} {n}") })
        .find(|name| planner.stored.schema.field_named(far, name).is_none())
        .unwrap_or_default();
    let id = FieldId(planner.stored.schema.next[1]);
    let options = field::link_end_options(def.table, true, Some(def.id), false);
    let last = planner.stored.schema.fields_of(far).last().map(|field| field.position.clone());
    let other = Field {
        id,
        table: far,
        name,
        description: String::new(),
        type_name: "link".into(),
        options,
        default: Json::Null,
        required: false,
        unique: false,
        position: position::between(last.as_deref(), None),
    };
    planner.change(Change::Field(id, Edit::create(other)));
    let options = field::link_end_options(far, many, Some(id), true);
    planner.change(Change::Field(def.id, Edit::replace(def, Field { options, ..Field::clone(def) })));
    Ok(id)
}

fn free_name(
    planner: &Planner<'_>,
    table: TableId,
    given: &str,
    own: Option<FieldId>,
) -> Result<String, Refusal> {
    let name = name("field", given)?;
    match planner.stored.schema.fields_of(table).find(|field| fold(&field.name) == fold(&name)) {
        Some(field) if Some(field.id) != own => {
            let message = format!("there is a field \"{}\" already", field.name);
            Err(Refusal::new(Code::Conflict, message).in_table(table))
        }
        _ => Ok(name),
    }
}

fn check(
    planner: &Planner<'_>,
    table: TableId,
    id: FieldId,
    present: Option<&Field>,
    type_name: &str,
    options: &Json,
) -> Result<Json, Refusal> {
    let Some(ty) = field::by_name(type_name) else {
        let names: Vec<_> = field::REGISTRY.iter().map(|ty| ty.name()).collect();
        let message = format!("there is no field type \"{type_name}\"; there are {}", names.join(", "));
        return Err(Refusal::invalid(message));
    };
    let empty = Json::Object(serde_json::Map::new());
    let options = if options.is_null() { &empty } else { options };
    ty.options(options, &OptionsContext { stored: &planner.stored, table, field: present, id })
        .map_err(|message| Refusal::invalid(message).in_table(table))
}

/// The options of a field as its type wants them.
pub(super) fn checked_options(planner: &Planner<'_>, def: &Field, options: &Json) -> Result<Json, Refusal> {
    check(planner, def.table, def.id, Some(def), &def.type_name, options)
        .map_err(|refusal| refusal.in_field(def.id))
}

fn check_demands(def: &Field) -> Result<(), Refusal> {
    if (def.required || def.unique || !def.default.is_null()) && !field::is_stored(def) {
        let message = format!(
            "field \"{}\" is computed: it has no default and is neither required nor unique",
            def.name
        );
        return Err(Refusal::invalid(message));
    }
    if def.unique && matches!(storage(def), Storage::Link { .. }) {
        return Err(Refusal::invalid(format!("field \"{}\" is a link and cannot be unique", def.name)));
    }
    Ok(())
}

/// Renames a field or changes its options within its type.
pub(super) fn update(planner: &mut Planner<'_>, command: &Command) -> Result<Outcome, Refusal> {
    let Command::UpdateField { field, name, description, options, default, required, unique } = command
    else {
        unreachable!("called for this command alone")
    };
    let before = planner.field(*field)?;
    let mut after = Field::clone(&before);
    if let Some(name) = name {
        after.name = free_name(planner, before.table, name, Some(*field))?;
    }
    if let Some(description) = description {
        after.description = description.trim().to_owned();
    }
    if let Some(options) = options {
        after.options = checked_options(planner, &before, &kept_link(&before, options))?;
    }
    if let Some(default) = default {
        after.default = default.clone();
    }
    after.required = required.unwrap_or(after.required);
    after.unique = unique.unwrap_or(after.unique);
    check_demands(&after)?;
    if *before == after {
        return Ok(Outcome::Done);
    }
    clear_lost_options(planner, &before, &after);
    let tightened = (after.required && !before.required) || (after.unique && !before.unique);
    planner.change(Change::Field(*field, Edit::replace(&before, after.clone())));
    if tightened {
        check_present_cells(planner, &after)?;
    }
    Ok(Outcome::Done)
}

/// What a link is between is settled when it is made; later options change only the rest.
fn kept_link(before: &Field, options: &Json) -> Json {
    let mut options = options.clone();
    if before.type_name == "link"
        && let Some(map) = options.as_object_mut()
    {
        map.retain(|key, _| !matches!(key.as_str(), "field" | "owner" | "inverse"));
    }
    options
}

/// Cells of options that go with the change go too, in the same commit.
fn clear_lost_options(planner: &mut Planner<'_>, before: &Field, after: &Field) {
    let codes = |def: &Field| -> std::collections::BTreeSet<u32> {
        let options =
            def.options.get("options").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let ids = planner.stored.ids();
        let id = |option: &Json| ids.read_option(def.id, option.get("id")?.as_str()?);
        options.iter().filter_map(id).map(|id| id.0).collect()
    };
    if !matches!(before.type_name.as_str(), "singleSelect" | "multiSelect") {
        return;
    }
    let lost: Vec<u32> = codes(before).difference(&codes(after)).copied().collect();
    if lost.is_empty() {
        return;
    }
    let Some(state) = planner.stored.table(before.table) else { return };
    let cells = (0..state.len as u32)
        .map(RecordId)
        .filter_map(|record| {
            let value = state.get(before.id, record);
            let codes = value.as_codes();
            let kept: Vec<u32> = codes.iter().copied().filter(|code| !lost.contains(code)).collect();
            let changed = kept.len() != codes.len();
            changed.then(|| match value {
                Value::Choice(_) => (record, Value::Blank),
                _ => (record, record::list(kept)),
            })
        })
        .collect();
    planner.write_cells(before.table, before.id, cells);
}

fn check_present_cells(planner: &Planner<'_>, def: &Field) -> Result<(), Refusal> {
    let state = planner.state(def.table)?;
    let mut seen = std::collections::HashSet::new();
    for record in state.alive.iter() {
        let value = state.get(def.id, record);
        if value.is_blank() {
            if def.required {
                let message = format!("field \"{}\" has blank cells and cannot be required", def.name);
                return Err(Refusal::invalid(message).in_field(def.id).in_record(record));
            }
        } else if def.unique && !seen.insert(record::key_of(&value)) {
            let message = format!("field \"{}\" has cells twice and cannot be unique", def.name);
            return Err(Refusal::new(Code::Conflict, message).in_field(def.id).in_record(record));
        }
    }
    Ok(())
}

/// Gives a field another type and converts what converts.
///
/// Three changes, so that their inverses restore every cell: the old cells become blank, the field changes its
/// type and with it its column, the new cells are written.
pub(super) fn convert(
    planner: &mut Planner<'_>,
    id: FieldId,
    type_name: &str,
    options: &Json,
) -> Result<Outcome, Refusal> {
    let before = planner.field(id)?;
    let primary = planner.table(before.table)?.primary;
    if id == primary && matches!(type_name, "checkbox" | "multiSelect" | "person" | "lookup" | "link") {
        return Err(Refusal::invalid("the primary field cannot be of this type").in_field(id));
    }
    if before.type_name == type_name && type_name == "link" {
        let message = "a link keeps its table: make a new field to link to another";
        return Err(Refusal::invalid(message).in_field(id));
    }
    let (options, inverse) = split_inverse(type_name, before.table, options, planner);
    let options = check(planner, before.table, id, None, type_name, &options)?;
    let mut after = Field { type_name: type_name.to_owned(), options, ..Field::clone(&before) };
    after.default = Json::Null;
    let becomes_stored = field::is_stored(&after);
    if !becomes_stored {
        after.required = false;
        after.unique = false;
    }
    check_demands(&after)?;
    let texts = texts_of(planner, &before);
    let (values, after, report) =
        if becomes_stored { converted(planner, after, &texts)? } else { (Vec::new(), after, Outcome::Done) };
    let after = Arc::new(after);
    replace_end(planner, &before, Some(&after))?;
    if let Some(inverse) = inverse {
        create_inverse(planner, &after, inverse.as_deref())?;
    }
    let kind = match storage(&after) {
        Storage::Cells(kind) => Some(kind),
        Storage::Link { .. } => Some(Kind::List(Item::Choice)),
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| values.iter().any(|value| !value.is_blank())) {
        let ids = Ids::Range { first: 0, len: values.len() as u32 };
        let (old, new) = (Chunk::blank(kind, values.len()), Chunk::from_values(kind, &values));
        planner.change(Change::Cells { table: after.table, field: id, ids, before: old, after: new });
    }
    if after.required || after.unique {
        check_present_cells(planner, &after)?;
    }
    Ok(report)
}

/// The cells of all records as texts, those that are not there blank.
fn texts_of(planner: &Planner<'_>, def: &Field) -> Vec<Option<String>> {
    let stored: &Stored = &planner.stored;
    let Some(state) = stored.table(def.table) else { return Vec::new() };
    let printer = field::type_of(def);
    let shown = |record: RecordId| {
        let value = match storage(def) {
            Storage::Link { .. } => record::list(stored.linked(def.id, record)),
            _ if field::is_stored(def) => state.get(def.id, record),
            _ => planner.snapshot.get(def.id, record),
        };
        (!matches!(value, Value::Blank | Value::Error(_))).then(|| printer.text(&value, def, stored))
    };
    (0..state.len as u32)
        .map(|row| Some(RecordId(row)).filter(|id| state.is_alive(*id)).and_then(shown))
        .collect()
}

fn converted(
    planner: &Planner<'_>,
    mut after: Field,
    texts: &[Option<String>],
) -> Result<(Vec<Value>, Field, Outcome), Refusal> {
    let mut context = Accept {
        stored: &planner.stored,
        typecast: true,
        now_ms: planner.stamp.time_ms,
        new_options: Vec::new(),
    };
    let (mut n_converted, mut n_blank, mut n_failed, mut failed) = (0, 0, 0, Vec::new());
    let mut values = Vec::with_capacity(texts.len());
    {
        let mut acceptor = field::type_of(&after).acceptor(&after, &planner.stored);
        for (row, text) in texts.iter().enumerate() {
            let value = match text {
                None => {
                    n_blank += 1;
                    Value::Blank
                }
                Some(text) => match acceptor.accept(&Input::Text(text.clone()), &mut context) {
                    Ok(value) => {
                        n_converted += 1;
                        value
                    }
                    Err(_) => {
                        n_failed += 1;
                        if failed.len() < REPORTED_MAX {
                            failed.push((RecordId(row as u32), text.clone()));
                        }
                        Value::Blank
                    }
                },
            };
            values.push(value);
        }
    }
    let new: Vec<_> = context.new_options.into_iter().map(|(_, option, name)| (option, name)).collect();
    if !new.is_empty() {
        after.options = field::with_new_options(&after, &new, planner.stored.ids());
    }
    Ok((values, after, Outcome::Converted { converted: n_converted, blank: n_blank, n_failed, failed }))
}

/// Takes a field away. The end of a link that owns the pairs hands them to the other end first.
pub(super) fn delete(planner: &mut Planner<'_>, id: FieldId) -> Result<Outcome, Refusal> {
    let def = planner.field(id)?;
    if planner.table(def.table)?.primary == id {
        let message =
            format!("field \"{}\" titles the records; choose another primary field first", def.name);
        return Err(Refusal::invalid(message).in_field(id));
    }
    replace_end(planner, &def, None)?;
    Ok(Outcome::Done)
}

/// Takes a field's cells and then the field away, or puts `after` in its place with blank cells. What a link
/// loses stays with its other end, which is one-way from then on.
///
/// Cells of a field that goes for good stay where they are, so that undoing it needs none of them in the log;
/// those of a two-way link go all the same, since the other end owns the pairs next.
fn replace_end(
    planner: &mut Planner<'_>,
    before: &Arc<Field>,
    after: Option<&Arc<Field>>,
) -> Result<(), Refusal> {
    let far = match storage(before) {
        Storage::Link { other: Some(other), owner, .. } => Some((planner.field(other)?, owner)),
        _ => None,
    };
    let pairs = match &far {
        Some((far, true)) => pairs_of(planner, far),
        _ => Vec::new(),
    };
    let is_kept_here = far.as_ref().is_none_or(|(_, owner)| *owner) && field::is_stored(before);
    if is_kept_here && (far.is_some() || after.is_some()) {
        let blank = |row| (RecordId(row), Value::Blank);
        let own = (0..planner.state(before.table)?.len as u32).map(blank).collect();
        planner.write_cells(before.table, before.id, own);
    }
    let edit = Edit { before: Some(Arc::clone(before)), after: after.cloned() };
    planner.change(Change::Field(before.id, edit));
    if let Some((far, _)) = far {
        let many = matches!(storage(&far), Storage::Link { many: true, .. });
        let options = field::link_end_options(before.table, many, None, true);
        planner.change(Change::Field(far.id, Edit::replace(&far, Field { options, ..Field::clone(&far) })));
        planner.write_cells(far.table, far.id, pairs);
    }
    Ok(())
}

fn pairs_of(planner: &Planner<'_>, far: &Field) -> Vec<super::Cell> {
    let len = planner.stored.table(far.table).map_or(0, |state| state.len) as u32;
    let cell = |row| (RecordId(row), record::list(planner.stored.linked(far.id, RecordId(row))));
    (0..len).map(cell).filter(|(_, value)| !value.is_blank()).collect()
}

/// Puts a field behind another, or first.
pub(super) fn move_after(
    planner: &mut Planner<'_>,
    id: FieldId,
    after: Option<FieldId>,
) -> Result<Outcome, Refusal> {
    let before = planner.field(id)?;
    if let Some(after) = after
        && planner.field(after)?.table != before.table
    {
        return Err(Refusal::invalid("a field moves within its own table").in_field(after));
    }
    let others = planner.stored.schema.fields_of(before.table).filter(|other| other.id != id);
    let position = place(others.map(|other| (other.id, other.position.as_str())), after);
    planner.change(Change::Field(id, Edit::replace(&before, Field { position, ..Field::clone(&before) })));
    Ok(Outcome::Done)
}
