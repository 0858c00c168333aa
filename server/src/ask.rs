//! What somebody wants to see: `{table, view?, filter?, …}` read into a query, fields and summaries. Requests,
//! sockets and exports ask in the same words.

use engine::analyze::{Aggregate, Function};
use engine::query::{Parameters, Query};
use engine::{FieldId, PersonId, Refusal, Snapshot, TableId, ViewId};
use serde_json::{Map, Value as Json};

use crate::wire::args::{Args, Read, unknown};
use engine::access::sees_view;

/// Conditions, sort, groups and search of a request, beside its table and view.
const QUERY_KEYS: [&str; 4] = ["filter", "sort", "group", "search"];

/// Where to look.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Whose records.
    pub table: TableId,
    /// Through which view.
    pub view: Option<ViewId>,
    /// `{filter?, sort?, group?, search?}` beside the view.
    pub request: Json,
    /// The view whose order, made by hand, counts; that of `view` if nothing is said.
    pub by_hand: Option<ViewId>,
}

impl Source {
    /// Takes `table`, `view` and the query's keys out of `args`.
    ///
    /// # Errors
    ///
    /// If the table or view is not there for `who`.
    pub fn take(args: &mut Args, snapshot: &Snapshot, who: PersonId) -> Read<Self> {
        let table = args.table("table")?;
        if !snapshot.schema().tables.contains_key(&table) {
            return Err(unknown("table", &snapshot.ids().table(table)));
        }
        let view = match args.text_opt("view")? {
            None => None,
            Some(text) => Some(find_view(snapshot, table, &text, who)?),
        };
        let mut request = match args.any("query") {
            None => Map::new(),
            Some(Json::Object(map)) => map,
            Some(other) => {
                let kind = crate::wire::args::kind(&other);
                return Err(Refusal::invalid(format!("\"query\" is an object, got {kind}")));
            }
        };
        for key in QUERY_KEYS {
            if let Some(value) = args.any(key) {
                request.insert(key.into(), value);
            }
        }
        let by_hand = match request.remove("by_hand").or(args.any("by_hand")) {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(find_view(snapshot, table, &text, who)?),
            Some(other) => {
                let kind = crate::wire::args::kind(&other);
                return Err(Refusal::invalid(format!("\"by_hand\" is the id of a view, got {kind}")));
            }
        };
        Ok(Self { table, view, request: Json::Object(request), by_hand })
    }

    /// The query, with the view's as it is now.
    ///
    /// # Errors
    ///
    /// If it does not fit the base.
    pub fn query(&self, snapshot: &Snapshot) -> Read<Query> {
        let stored = snapshot.stored();
        let request = Query::read(stored, self.table, &self.request)?;
        let request = Query { by_hand: self.by_hand, ..request };
        match self.view.and_then(|view| snapshot.schema().views.get(&view)) {
            Some(view) => Ok(Query::of_view(stored, view)?.with(request)),
            None => Ok(request),
        }
    }
}

/// A view of a table that `who` may see.
///
/// # Errors
///
/// If there is none.
pub fn find_view(snapshot: &Snapshot, table: TableId, text: &str, who: PersonId) -> Read<ViewId> {
    let view = snapshot.ids().read_view(text).and_then(|id| snapshot.schema().views.get(&id));
    let view = view.filter(|view| view.table == table && sees_view(who, view.personal));
    view.map(|view| view.id).ok_or_else(|| unknown("view", text))
}

/// What a query may depend on: who looks, and the moment the snapshot was computed for.
pub fn parameters(snapshot: &Snapshot, who: PersonId) -> Parameters {
    Parameters { me: Some(who), now_ms: snapshot.computed().as_of_ms }
}

/// Takes `fields`; all of the table's if there is none.
///
/// # Errors
///
/// If one is not of the table.
pub fn take_fields(args: &mut Args, snapshot: &Snapshot, table: TableId) -> Read<Vec<FieldId>> {
    let Some(given) = args.any("fields") else {
        return Ok(snapshot.schema().fields_of(table).map(|def| def.id).collect());
    };
    let Json::Array(items) = given else {
        return Err(Refusal::invalid("\"fields\" is an array of field ids"));
    };
    if items.len() > engine::limits::FIELDS_MAX {
        return Err(Refusal::limit(format!("\"fields\" has {} at the most", engine::limits::FIELDS_MAX)));
    }
    items.iter().map(|item| own_field(snapshot, table, item.as_str().unwrap_or_default())).collect()
}

fn own_field(snapshot: &Snapshot, table: TableId, text: &str) -> Read<FieldId> {
    let field = snapshot.ids().read_field(text);
    let field = field.filter(|field| snapshot.field(*field).is_some_and(|def| def.table == table));
    field.ok_or_else(|| unknown("field", text))
}

/// Takes `summaries`: `{[fld]: "sum"}`.
///
/// # Errors
///
/// If a field is not of the table or a summary is none.
pub fn take_summaries(
    args: &mut Args,
    snapshot: &Snapshot,
    table: TableId,
) -> Read<Vec<(FieldId, Function)>> {
    match args.any("summaries") {
        None => Ok(Vec::new()),
        Some(Json::Object(map)) => map
            .iter()
            .map(|(key, name)| {
                let function = Function::read(name, &Json::Null).map_err(Refusal::invalid)?;
                Ok((own_field(snapshot, table, key)?, function))
            })
            .collect(),
        Some(_) => Err(Refusal::invalid("\"summaries\" is an object from field id to summary")),
    }
}

/// Takes `aggregate`.
///
/// # Errors
///
/// If it does not fit the table.
pub fn take_aggregate(args: &mut Args, snapshot: &Snapshot, table: TableId) -> Read<Option<Aggregate>> {
    args.any("aggregate").map(|json| Aggregate::read(snapshot.stored(), table, &json)).transpose()
}
