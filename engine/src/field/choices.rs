//! The options of `singleSelect` and `multiSelect`: how they are kept, numbered, found by name and printed.
//!
//! A cell holds an option's number. Numbers are given in order and never again, so an option that was deleted
//! cannot come back as another. The stored form is `{options: [{id: "sel…", name, color}], next}`; clients see
//! it without `next`. Names are unique in the field, ignoring case.

use std::borrow::Cow;

use formulas::FieldId;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::given::{Given, listed, to_json, wrong};
use super::words::{excerpt, nfc};
use super::{Accept, OptionsContext};
use crate::id::{IdCodec, OptionId};
use crate::limits::{NAME_BYTES_MAX, OPTIONS_MAX};
use crate::state::Stored;
use crate::state::schema::{Field, fold};

/// The colors of options, in the order in which they are given to new ones.
pub(super) const COLORS: [&str; 12] =
    ["gray", "red", "orange", "amber", "lime", "green", "teal", "cyan", "blue", "indigo", "violet", "pink"];

/// Lookups of a column that are done by walking through its options; from then on there is a map. A single cell
/// should not pay for a map of 5,000 options.
const WALKS: u32 = 2;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ChoiceOptions {
    options: Vec<Choice>,
    /// The number of the next new option.
    next: u32,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    id: String,
    name: String,
    color: String,
}

impl ChoiceOptions {
    fn add(&mut self, field: FieldId, ids: IdCodec, name: &str, color: Option<&str>) {
        let number = self.next;
        self.next += 1;
        self.options.push(Choice {
            id: ids.option(field, OptionId(number)),
            name: name.to_owned(),
            color: color.unwrap_or(COLORS[number as usize % COLORS.len()]).to_owned(),
        });
    }
}

/// Checks the options of a select: known ids are kept, options without an id are new.
pub(super) fn options(given: &Json, context: &OptionsContext<'_>) -> Result<Json, String> {
    let given = Given::read(given, &["options"])?;
    let ids = context.stored.ids();
    let before = context.field.filter(|field| is_select(field));
    let mut options = ChoiceOptions { options: Vec::new(), next: before.map_or(0, next_of) };
    let wanted = "a list such as [{\"name\": \"Done\", \"color\": \"green\"}]";
    let items = match given.get("options") {
        None => &[],
        Some(Json::Array(items)) => items.as_slice(),
        Some(other) => return Err(wrong("options", wanted, other)),
    };
    if items.len() > OPTIONS_MAX {
        return Err(format!("option \"options\" may have {OPTIONS_MAX} items, this one has {}", items.len()));
    }
    let mut names: HashMap<String, ()> = HashMap::new();
    let mut numbers: HashMap<OptionId, ()> = HashMap::new();
    for item in items {
        if !item.is_object() {
            return Err(wrong("options", wanted, item));
        }
        let item = Given::read(item, &["id", "name", "color"])?;
        let name = name_of(&item)?;
        if names.insert(fold(&name), ()).is_some() {
            return Err(format!("option \"options\" has the name {} twice", excerpt(&name)));
        }
        let color = item.one_of("color", &COLORS)?;
        let Some(id) = item.text("id", NAME_BYTES_MAX, "the id of an option")? else {
            options.add(context.id, ids, &name, color);
            continue;
        };
        let known = before
            .and_then(|field| named(field, ids).find(|(number, _)| ids.option(field.id, *number) == id));
        let Some((number, _)) = known else {
            return Err(format!("{} is no option of this field; a new option has no id", excerpt(id)));
        };
        if numbers.insert(number, ()).is_some() {
            return Err(format!("option \"options\" has the id {} twice", excerpt(id)));
        }
        let usual = COLORS[number.0 as usize % COLORS.len()];
        let color = color.unwrap_or(usual).to_owned();
        options.options.push(Choice { id: id.to_owned(), name: name.into_owned(), color });
    }
    Ok(to_json(&options))
}

fn name_of<'a>(item: &Given<'a>) -> Result<Cow<'a, str>, String> {
    let name = item.text("name", NAME_BYTES_MAX, "a name")?.map(str::trim).unwrap_or_default();
    if name.is_empty() {
        return Err("each of \"options\" has a \"name\"".into());
    }
    Ok(nfc(name))
}

/// Whether a field is a select, so that its options are a base for new ones.
fn is_select(field: &Field) -> bool {
    matches!(field.type_name.as_str(), "singleSelect" | "multiSelect")
}

/// The options as clients see them.
pub(super) fn shown(field: &Field) -> Json {
    json!({ "options": field.options.get("options").cloned().unwrap_or_else(|| Json::Array(Vec::new())) })
}

/// The options of a select field with others that inputs asked for; see [`Accept::new_options`].
pub(crate) fn with_new_options(field: &Field, new: &[(OptionId, String)], ids: IdCodec) -> Json {
    let mut options: ChoiceOptions = super::given::stored(field);
    for (number, name) in new {
        options.next = options.next.max(number.0);
        options.add(field.id, ids, name, None);
    }
    to_json(&options)
}

fn items_of(field: &Field) -> &[Json] {
    field.options.get("options").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn next_of(field: &Field) -> u32 {
    field.options.get("next").and_then(Json::as_u64).and_then(|next| u32::try_from(next).ok()).unwrap_or(0)
}

/// The options of a field in order, with their names.
pub(super) fn named(field: &Field, ids: IdCodec) -> impl Iterator<Item = (OptionId, &str)> {
    items_of(field).iter().filter_map(move |item| {
        let number = ids.read_option(field.id, item.get("id")?.as_str()?)?;
        Some((number, item.get("name")?.as_str()?))
    })
}

/// Finds the options of one field by what people give.
pub(super) struct Finder<'f> {
    field: &'f Field,
    ids: IdCodec,
    walks: u32,
    map: Option<Map<'f>>,
    /// How many of [`Accept::new_options`] the map has.
    n_seen: usize,
}

#[derive(Default)]
struct Map<'f> {
    /// As written and folded: names are unique either way.
    names: HashMap<Cow<'f, str>, OptionId>,
    numbers: HashMap<OptionId, ()>,
}

impl<'f> Finder<'f> {
    pub(super) fn new(field: &'f Field, stored: &Stored) -> Self {
        Self { field, ids: stored.ids(), walks: 0, map: None, n_seen: 0 }
    }

    /// The option with this outside id.
    pub(super) fn by_id(&mut self, text: &str) -> Result<OptionId, String> {
        let known = match self.may_walk() {
            true => {
                items_of(self.field).iter().any(|item| item.get("id").and_then(Json::as_str) == Some(text))
            }
            false => true,
        };
        let number = self.ids.read_option(self.field.id, text).filter(|_| known);
        let map = &self.map;
        let there = |number: &OptionId| map.as_ref().is_none_or(|map| map.numbers.contains_key(number));
        number.filter(there).ok_or_else(|| self.unknown(text))
    }

    /// The option that a person means by a text: its name, or its outside id. `None` if there is none.
    pub(super) fn by_name(&mut self, text: &str, context: &Accept<'_>) -> Option<OptionId> {
        let text = &*nfc(text);
        if self.may_walk() && context.new_options.is_empty() {
            let found = named(self.field, self.ids).find(|(_, name)| *name == text);
            if let Some((number, _)) = found {
                return Some(number);
            }
        }
        self.learn(context);
        let map = self.map.as_ref()?;
        if let Some(number) = map.names.get(text) {
            return Some(*number);
        }
        let folded = map.names.get(fold(text).as_str()).copied();
        folded.or_else(|| {
            self.ids.read_option(self.field.id, text).filter(|number| map.numbers.contains_key(number))
        })
    }

    /// The option of this name, which is asked for as a new one if there is none.
    pub(super) fn or_new(&mut self, text: &str, context: &mut Accept<'_>) -> Result<OptionId, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("expects the name of an option, got an empty text".into());
        }
        if let Some(number) = self.by_name(text, context) {
            return Ok(number);
        }
        let own = |new: &&(FieldId, OptionId, String)| new.0 == self.field.id;
        let n_new = context.new_options.iter().filter(own).count();
        if items_of(self.field).len() + n_new >= OPTIONS_MAX {
            return Err(format!(
                "a field may have {OPTIONS_MAX} options; {} would be one more",
                excerpt(text)
            ));
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(format!(
                "an option's name may have {NAME_BYTES_MAX} bytes, this one has {}",
                text.len()
            ));
        }
        let number = OptionId(next_of(self.field) + n_new as u32);
        context.new_options.push((self.field.id, number, nfc(text).into_owned()));
        Ok(number)
    }

    fn unknown(&self, text: &str) -> String {
        let names: Vec<&str> = named(self.field, self.ids).map(|(_, name)| name).take(5).collect();
        let hint = if names.is_empty() { String::new() } else { format!(" of {}", listed(&names, "or")) };
        format!("expects the id of an option{hint}, got {}", excerpt(text))
    }

    fn may_walk(&mut self) -> bool {
        if self.map.is_none() && self.walks < WALKS {
            self.walks += 1;
            return true;
        }
        self.map();
        false
    }

    fn map(&mut self) -> &mut Map<'f> {
        self.map.get_or_insert_with(|| {
            let mut map = Map::default();
            for (number, name) in named(self.field, self.ids) {
                map.add(Cow::Borrowed(name), number);
                map.numbers.insert(number, ());
            }
            map
        })
    }

    /// Takes over options that were asked for meanwhile, be it through another acceptor.
    fn learn(&mut self, context: &Accept<'_>) {
        let (field, from) = (self.field.id, self.n_seen);
        self.n_seen = context.new_options.len();
        let map = self.map();
        for (of, number, name) in context.new_options.get(from..).unwrap_or_default() {
            if *of == field {
                map.add(Cow::Owned(name.clone()), *number);
            }
        }
    }
}

impl<'f> Map<'f> {
    fn add(&mut self, name: Cow<'f, str>, number: OptionId) {
        self.names.insert(Cow::Owned(fold(&name)), number);
        self.names.insert(name, number);
    }
}

/// Prints option names.
pub(super) struct Names<'f> {
    field: &'f Field,
    ids: IdCodec,
    walks: u32,
    names: Option<HashMap<u32, &'f str>>,
}

impl<'f> Names<'f> {
    pub(super) fn new(field: &'f Field, stored: &Stored) -> Self {
        Self { field, ids: stored.ids(), walks: 0, names: None }
    }

    /// The name of an option; `None` for one that was deleted.
    pub(super) fn get(&mut self, number: u32) -> Option<&'f str> {
        if self.names.is_none() && self.walks < WALKS {
            self.walks += 1;
            let id = self.ids.option(self.field.id, OptionId(number));
            let item = items_of(self.field)
                .iter()
                .find(|item| item.get("id").and_then(Json::as_str) == Some(&id))?;
            return item.get("name")?.as_str();
        }
        let (field, ids) = (self.field, self.ids);
        let all = || named(field, ids).map(|(number, name)| (number.0, name)).collect();
        self.names.get_or_insert_with(all).get(&number).copied()
    }
}
