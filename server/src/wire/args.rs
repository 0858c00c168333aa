//! [`Args`]: the members of a JSON object, taken one by one; what is left over is an error.

use engine::{DashboardId, FieldId, IdCodec, Input, RecordId, Refusal, TableId, ViewId};
use serde_json::{Map, Value as Json};

/// Members of an object that have not been taken yet.
#[derive(Debug)]
pub struct Args {
    what: &'static str,
    map: Map<String, Json>,
    ids: IdCodec,
}

/// A part that was read, or why not.
pub type Read<T> = Result<T, Refusal>;

impl Args {
    /// Reads an object; `what` names it in messages, such as `op`.
    ///
    /// # Errors
    ///
    /// For anything but an object.
    pub fn new(what: &'static str, json: Json, ids: IdCodec) -> Read<Self> {
        match json {
            Json::Object(map) => Ok(Self { what, map, ids }),
            other => Err(Refusal::invalid(format!("{what} is an object, got {}", kind(&other)))),
        }
    }

    /// The base's ids.
    pub const fn ids(&self) -> IdCodec {
        self.ids
    }

    /// A member of any kind; `null` counts as absent.
    pub fn any(&mut self, key: &str) -> Option<Json> {
        self.map.remove(key).filter(|value| !value.is_null())
    }

    /// A member, `null` included: whether it was given, and what.
    pub fn given(&mut self, key: &str) -> Option<Json> {
        self.map.remove(key)
    }

    /// A member that must be there.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn need(&mut self, key: &str) -> Read<Json> {
        self.any(key).ok_or_else(|| Refusal::invalid(format!("{} needs \"{key}\"", self.what)))
    }

    /// A text that may be absent.
    ///
    /// # Errors
    ///
    /// For anything but a text.
    pub fn text_opt(&mut self, key: &str) -> Read<Option<String>> {
        match self.any(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(key, "a text", &other)),
        }
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn text(&mut self, key: &str) -> Read<String> {
        match self.need(key)? {
            Json::String(text) => Ok(text),
            other => Err(self.wrong(key, "a text", &other)),
        }
    }

    /// `true` or `false` that may be absent.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn bool_opt(&mut self, key: &str) -> Read<Option<bool>> {
        match self.any(key) {
            None => Ok(None),
            Some(Json::Bool(bool)) => Ok(Some(bool)),
            Some(other) => Err(self.wrong(key, "true or false", &other)),
        }
    }

    /// A whole number from 0 that may be absent.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn whole_opt(&mut self, key: &str) -> Read<Option<u64>> {
        match self.any(key) {
            None => Ok(None),
            Some(other) => match other.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(key, "a whole number", &other)),
            },
        }
    }

    /// A number.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn number(&mut self, key: &str) -> Read<f64> {
        let value = self.need(key)?;
        value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| self.wrong(key, "a number", &value))
    }

    /// An array.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn array(&mut self, key: &str) -> Read<Vec<Json>> {
        match self.need(key)? {
            Json::Array(items) => Ok(items),
            other => Err(self.wrong(key, "an array", &other)),
        }
    }

    /// `tbl…`
    ///
    /// # Errors
    ///
    /// If it names no table of this base.
    pub fn table(&mut self, key: &str) -> Read<TableId> {
        let text = self.text(key)?;
        self.ids.read_table(&text).ok_or_else(|| unknown("table", &text))
    }

    /// `fld…`
    ///
    /// # Errors
    ///
    /// If it names no field of this base.
    pub fn field(&mut self, key: &str) -> Read<FieldId> {
        let text = self.text(key)?;
        self.ids.read_field(&text).ok_or_else(|| unknown("field", &text))
    }

    /// `viw…`
    ///
    /// # Errors
    ///
    /// If it names no view of this base.
    pub fn view(&mut self, key: &str) -> Read<ViewId> {
        let text = self.text(key)?;
        self.ids.read_view(&text).ok_or_else(|| unknown("view", &text))
    }

    /// `dsh…`
    ///
    /// # Errors
    ///
    /// If it names no dashboard of this base.
    pub fn dashboard(&mut self, key: &str) -> Read<DashboardId> {
        let text = self.text(key)?;
        self.ids.read_dashboard(&text).ok_or_else(|| unknown("dashboard", &text))
    }

    /// `rec…` of `table`.
    ///
    /// # Errors
    ///
    /// If it names no record of this table.
    pub fn record(&mut self, key: &str, table: TableId) -> Read<RecordId> {
        let text = self.text(key)?;
        self.ids.read_record(table, &text).ok_or_else(|| unknown("record", &text))
    }

    /// An id that may be absent or `null`, read by `read`.
    ///
    /// # Errors
    ///
    /// If it is there and names nothing.
    pub fn id_opt<T>(
        &mut self,
        key: &str,
        what: &str,
        read: impl Fn(&IdCodec, &str) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(text) = self.text_opt(key)? else { return Ok(None) };
        read(&self.ids, &text).map(Some).ok_or_else(|| unknown(what, &text))
    }

    /// An array of `rec…` of `table`.
    ///
    /// # Errors
    ///
    /// If one names no record of this table.
    pub fn records(&mut self, key: &str, table: TableId) -> Read<Vec<RecordId>> {
        self.ids_of(key, "record", move |ids, text| ids.read_record(table, text))
    }

    /// An array of `fld…`.
    ///
    /// # Errors
    ///
    /// If one names no field of this base.
    pub fn fields(&mut self, key: &str) -> Read<Vec<FieldId>> {
        self.ids_of(key, "field", IdCodec::read_field)
    }

    fn ids_of<T>(
        &mut self,
        key: &str,
        what: &str,
        read: impl Fn(&IdCodec, &str) -> Option<T>,
    ) -> Read<Vec<T>> {
        let one = |item: &Json| {
            let text = item.as_str().ok_or_else(|| self_wrong(key, "ids", item))?;
            read(&self.ids, text).ok_or_else(|| unknown(what, text))
        };
        let items = match self.map.remove(key) {
            Some(Json::Array(items)) => items,
            Some(other) => return Err(self.wrong(key, "an array of ids", &other)),
            None => return Err(Refusal::invalid(format!("{} needs \"{key}\"", self.what))),
        };
        items.iter().map(one).collect()
    }

    /// An array of inputs for a list cell.
    ///
    /// # Errors
    ///
    /// If one is no value.
    pub fn inputs(&mut self, key: &str) -> Read<Vec<Input>> {
        self.array(key)?.iter().map(super::value::input).collect()
    }

    /// Refuses what nobody took.
    ///
    /// # Errors
    ///
    /// If there is any.
    pub fn finish(self) -> Read<()> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(key) => Err(Refusal::invalid(format!("{} does not know \"{key}\"", self.what))),
        }
    }

    fn wrong(&self, key: &str, wanted: &str, got: &Json) -> Refusal {
        self_wrong(key, wanted, got)
    }
}

fn self_wrong(key: &str, wanted: &str, got: &Json) -> Refusal {
    Refusal::invalid(format!("\"{key}\" is {wanted}, got {}", kind(got)))
}

/// A refusal of an id that names nothing in this base.
pub fn unknown(what: &str, id: &str) -> Refusal {
    let shown: String = id.chars().take(40).collect();
    Refusal::not_found(format!("there is no {what} \"{shown}\""))
}

/// What a JSON value is, for messages.
pub fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
