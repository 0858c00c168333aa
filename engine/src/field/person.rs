//! `person`: people of the workspace. Also how a person is found by what people type, and printed: [`People`].
//!
//! A name that two people have names nobody: it is printed as the e-mail address, and typed it is refused with
//! the addresses to choose from. Somebody who has left gives way to somebody who is here.

use std::borrow::Cow;

use formulas::column::{Item, Kind};
use formulas::{Type, Value};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::given::{self, Given, to_json};
use super::multi_select::LIST_OPERATORS;
use super::named::{Finder, NamedCells};
use super::words::{excerpt, nfc, push_name};
use super::{Acceptor, FieldType, OptionsContext, Printer, Storage};
use crate::id::{IdCodec, PersonId};
use crate::state::Stored;
use crate::state::schema::{Field, Person as Known, Schema, fold};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Person;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PersonOptions {
    many: bool,
}

impl FieldType for Person {
    fn name(&self) -> &'static str {
        "person"
    }

    fn doc(&self) -> &'static str {
        "One or several people of the workspace."
    }

    fn options(&self, given: &Json, _context: &OptionsContext<'_>) -> Result<Json, String> {
        let given = Given::read(given, &["many"])?;
        Ok(to_json(&PersonOptions { many: given.bool("many")?.unwrap_or(false) }))
    }

    fn storage(&self, _field: &Field) -> Storage {
        Storage::Cells(Kind::List(Item::Choice))
    }

    fn formula_type(&self, _field: &Field, _schema: &Schema) -> Type {
        Type::list(Type::Text)
    }

    fn acceptor<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Acceptor + 'f> {
        let many = given::stored::<PersonOptions>(field).many;
        Box::new(NamedCells::new(People::new(stored), many))
    }

    fn printer<'f>(&self, field: &'f Field, stored: &'f Stored) -> Box<dyn Printer + 'f> {
        let many = given::stored::<PersonOptions>(field).many;
        Box::new(PrintPeople { people: People::new(stored), many })
    }

    fn operators(&self) -> &'static [&'static str] {
        LIST_OPERATORS
    }
}

/// The people of a base, by what they are called.
pub(super) struct People<'f> {
    stored: &'f Stored,
    called: Option<HashMap<String, Called>>,
}

/// Whom a name or an address means.
#[derive(Clone, Copy)]
struct Called {
    person: PersonId,
    present: bool,
    several: bool,
}

impl Finder for People<'_> {
    const ONE: &'static str = "person";
    const MANY: &'static str = "people";
    const NAMES: &'static str = "names or e-mail addresses of people";
    const ANY_NAME: bool = false;

    fn by_id(&self, text: &str) -> Result<u32, String> {
        let known = |id: &PersonId| self.stored.schema.people.contains_key(id);
        let found = IdCodec::read_person(text).filter(known);
        found
            .map(|person| person.0)
            .ok_or_else(|| format!("expects the id of a person of this base, got {}", excerpt(text)))
    }

    /// The person with this id, address or name.
    fn find(&mut self, text: &str) -> Result<u32, String> {
        if let Ok(person) = self.by_id(text) {
            return Ok(person);
        }
        let key = fold(&nfc(text));
        match self.called().get(&key).copied() {
            Some(called) if !called.several => Ok(called.person.0),
            Some(_) => {
                let addresses: Vec<&str> = self.of_name(&key).map(|person| person.email.as_str()).collect();
                let addresses = given::listed(&addresses, "or");
                Err(format!("{} may be one of several people: write {addresses}", excerpt(text)))
            }
            None => Err(format!("nobody in this base is called {}", excerpt(text))),
        }
    }
}

impl<'f> People<'f> {
    pub(super) const fn new(stored: &'f Stored) -> Self {
        Self { stored, called: None }
    }

    fn of_name(&self, key: &str) -> impl Iterator<Item = &'f Known> {
        let people = self.stored.schema.people.values().map(AsRef::as_ref);
        people.filter(move |person: &&Known| fold(&person.name) == key && !person.email.is_empty())
    }

    fn called(&mut self) -> &HashMap<String, Called> {
        self.called.get_or_insert_with(|| {
            let mut called = HashMap::new();
            for person in self.stored.schema.people.values() {
                let new = Called { person: person.id, present: person.role.is_some(), several: false };
                add(&mut called, fold(&nfc(&person.email)), new);
                add(&mut called, fold(&nfc(&person.name)), new);
            }
            called
        })
    }

    /// What a person is called: the shortest that means only them.
    fn name(&mut self, id: PersonId) -> Cow<'f, str> {
        self.found_by(id).map_or_else(|| Cow::Owned(IdCodec::person(id)), Cow::Borrowed)
    }

    fn found_by(&mut self, id: PersonId) -> Option<&'f str> {
        let person = self.stored.schema.people.get(&id)?;
        let called = self.called();
        [person.name.as_str(), person.email.as_str()].into_iter().find(|name| {
            let meant = called.get(&fold(&nfc(name)));
            !name.is_empty() && meant.is_some_and(|called| called.person == id && !called.several)
        })
    }
}

fn add(called: &mut HashMap<String, Called>, key: String, new: Called) {
    if key.is_empty() {
        return;
    }
    match called.entry(key) {
        Entry::Vacant(entry) => drop(entry.insert(new)),
        Entry::Occupied(mut entry) => {
            let old = entry.get_mut();
            match (old.present, new.present) {
                _ if old.person == new.person => {}
                (false, true) => *old = new,
                (true, false) => {}
                _ => old.several = true,
            }
        }
    }
}

/// Prints people; of a list or, for `createdBy`, of one.
pub(super) struct PrintPeople<'f> {
    pub(super) people: People<'f>,
    /// Whether a cell is a row of names, in which a name with a comma is quoted.
    pub(super) many: bool,
}

impl Printer for PrintPeople<'_> {
    fn print(&mut self, value: &Value, out: &mut String) {
        if let ([Value::Choice(person)], false) = (value.items(), self.many) {
            out.push_str(&self.people.name(PersonId(*person)));
            return;
        }
        for (at, person) in value.as_codes().into_iter().enumerate() {
            push_name(out, at == 0, &self.people.name(PersonId(person)));
        }
    }
}

/// The operators of fields that hold one person.
pub(super) const ONE_PERSON_OPERATORS: &[&str] =
    &["is", "isNot", "isAnyOf", "isNoneOf", "hasAnyOf", "hasAllOf", "hasNoneOf", "isEmpty", "isNotEmpty"];
