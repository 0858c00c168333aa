//! [`Given`]: reading the options that somebody gave for a field, with a sentence for each mistake.
//!
//! Serde's own errors do not say which option is wrong; here each option is asked for by name and its error
//! names it and what would be accepted. What a type stores is a struct of its own, written with [`to_json`] and
//! read back with [`stored`].

use std::ops::RangeInclusive;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::words::excerpt;
use crate::state::schema::Field;

/// Options as they were given; one that is `null` counts as not given.
pub(super) struct Given<'a>(Option<&'a Map<String, Json>>);

impl<'a> Given<'a> {
    /// The options, if they are an object of `known` names.
    pub(super) fn read(given: &'a Json, known: &[&str]) -> Result<Self, String> {
        let map = match given {
            Json::Null => return Ok(Self(None)),
            Json::Object(map) => map,
            other => return Err(format!("options are an object, got {}", got_json(other))),
        };
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self(Some(map))),
            Some(name) if known.is_empty() => {
                Err(format!("there is no option {}; this type has none", excerpt(name)))
            }
            Some(name) => {
                Err(format!("there is no option {}; this type has {}", excerpt(name), listed(known, "and")))
            }
        }
    }

    /// The option, if it is given and not `null`.
    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    /// Whether the option is there, even as `null`.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.0.is_some_and(|map| map.contains_key(name))
    }

    /// One of `choices`.
    pub(super) fn one_of(
        &self,
        name: &str,
        choices: &[&'static str],
    ) -> Result<Option<&'static str>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let found = value.as_str().and_then(|text| choices.iter().copied().find(|choice| *choice == text));
        found.map(Some).ok_or_else(|| wrong(name, &listed(choices, "or"), value))
    }

    /// A whole number in `range`.
    pub(super) fn integer<T: TryFrom<u64> + Copy>(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_u64().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).map(Some).ok_or_else(|| {
            wrong(name, &format!("a whole number from {} to {}", range.start(), range.end()), value)
        })
    }

    /// True or false.
    pub(super) fn bool(&self, name: &str) -> Result<Option<bool>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| wrong(name, "true or false", value))
    }

    /// A text of at most `bytes_max` bytes; `wanted` says what it is.
    pub(super) fn text(&self, name: &str, bytes_max: usize, wanted: &str) -> Result<Option<&'a str>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| wrong(name, wanted, value))?;
        if text.len() > bytes_max {
            return Err(format!("option \"{name}\" may have {bytes_max} bytes, this one has {}", text.len()));
        }
        Ok(Some(text))
    }
}

/// `option "max" expects …, got …`
pub(super) fn wrong(name: &str, wanted: &str, value: &Json) -> String {
    format!("option \"{name}\" expects {wanted}, got {}", got_json(value))
}

/// The stored options of a field; defaults where they do not fit, which planning does not let happen.
pub(super) fn stored<T: DeserializeOwned + Default>(field: &Field) -> T {
    T::deserialize(&field.options).unwrap_or_default()
}

/// Options as they are stored.
pub(super) fn to_json<T: Serialize>(options: &T) -> Json {
    serde_json::to_value(options).expect("options are plain data")
}

/// Options of a type that has none.
pub(super) fn none(given: &Json) -> Result<Json, String> {
    Given::read(given, &[])?;
    Ok(Json::Object(Map::new()))
}

fn got_json(value: &Json) -> String {
    match value {
        Json::String(text) => excerpt(text),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// `"a", "b" or "c"`
pub(super) fn listed(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        Some((end, _)) => end.clone(),
        None => String::new(),
    }
}
