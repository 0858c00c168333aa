//! `notify`: leaves a notice to people of the base in the outbox.

use formulas::{FieldId, TableId};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::{config, field_of};
use super::super::template::{Escape, Template};
use super::super::work::Work;
use super::{Action, ActionKind};
use crate::id::{IdCodec, PersonId};
use crate::state::Stored;

/// See the module's head.
pub(super) struct Notify;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    to: Json,
    text: String,
}

impl ActionKind for Notify {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "notify",
            doc: "Tells people: the automation's owner, those in a person field of the record, or named ones.",
            example: r#"{"kind": "notify", "to": "owner", "text": "{{Name}} is late"}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored, table: Option<TableId>) -> Result<Box<dyn Action>, String> {
        let config: Config = config(json)?;
        let one = |to: &Json| To::read(to, stored, table);
        let to = match &config.to {
            Json::Array(list) => list.iter().map(one).collect::<Result<Vec<_>, _>>()?,
            other => vec![one(other)?],
        };
        if to.is_empty() {
            return Err("\"to\" names nobody".into());
        }
        let text = Template::read(&config.text, stored, table).map_err(|why| format!("\"text\": {why}"))?;
        Ok(Box::new(Tell { to, text }))
    }
}

enum To {
    Owner,
    Field(FieldId),
    Person(PersonId),
}

impl To {
    fn read(json: &Json, stored: &Stored, table: Option<TableId>) -> Result<Self, String> {
        let text = json.as_str().ok_or("\"to\" is \"owner\", a person field, or ids of people")?;
        if text == "owner" {
            return Ok(Self::Owner);
        }
        if let Some(person) = IdCodec::read_person(text) {
            let known = stored.schema.people.get(&person).is_some_and(|person| person.role.is_some());
            return known
                .then_some(Self::Person(person))
                .ok_or_else(|| format!("\"to\": \"{text}\" is nobody of this base"));
        }
        let table = table.filter(|_| text.starts_with("fld"));
        let table = table
            .ok_or_else(|| format!("\"to\" is \"owner\", a person field or ids of people, got \"{text}\""))?;
        let field = field_of(stored, table, text)?;
        let def = stored.field(field).ok_or("there is no such field")?;
        if !matches!(def.type_name.as_str(), "person" | "createdBy" | "modifiedBy") {
            return Err(format!("\"to\": field \"{}\" has no people", def.name));
        }
        Ok(Self::Field(field))
    }
}

struct Tell {
    to: Vec<To>,
    text: Template,
}

impl Action for Tell {
    fn act(&self, work: &mut Work) -> Result<(), String> {
        let mut people = Vec::new();
        for to in &self.to {
            match (to, work.record) {
                (To::Owner, _) => people.push(work.automation.owner),
                (To::Person(person), _) => people.push(*person),
                (To::Field(field), Some((_, record))) => {
                    people.extend(work.draft.get(*field, record).as_codes().into_iter().map(PersonId));
                }
                (To::Field(_), None) => {}
            }
        }
        let text = self.text.render(work, Escape::Plain);
        work.notify(people, &text)
    }
}

/// A person of the base by id, e-mail or name.
pub(in super::super) fn person_named(stored: &Stored, name: &str) -> Option<PersonId> {
    let by_id = IdCodec::read_person(name).filter(|id| stored.schema.people.contains_key(id));
    by_id.or_else(|| stored.schema.person_named(name).map(|person| person.id))
}
