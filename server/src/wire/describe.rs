//! Bases, tables, fields, views, dashboards, automations and people as the wire shows them.

use engine::field::{self, Storage};
use engine::state::schema::{Automation, Dashboard, Field, Person, Table, View};
use engine::{IdCodec, PersonId, Snapshot};
use formulas::Type;
use serde_json::{Map, Value as Json, json};

use crate::access::Principal;
use crate::directory::role_name;
use engine::access::sees_view;

/// `Base`: all that a browser must know before it asks for rows.
pub fn base(snapshot: &Snapshot, app: &str, who: Principal) -> Json {
    let schema = snapshot.schema();
    let info = &snapshot.stored().info;
    let tables: Vec<_> =
        schema.tables_in_order().into_iter().map(|def| table(snapshot, def, who.person)).collect();
    let mut dashboards: Vec<_> = schema.dashboards.values().collect();
    dashboards.sort_by(|a, b| a.position.cmp(&b.position));
    let mut automations: Vec<_> = schema.automations.values().collect();
    automations.sort_by(|a, b| a.position.cmp(&b.position));
    json!({
        "id": app,
        "name": info.name,
        "role": role_name(who.role),
        "version": snapshot.version(),
        "schema_version": schema.version,
        "locale": info.locale,
        "time_zone": info.time_zone,
        "dialect": info.dialect.name(),
        "tables": tables,
        "dashboards": dashboards.into_iter().map(|def| dashboard(snapshot, def)).collect::<Vec<_>>(),
        "automations": automations.into_iter().map(|def| automation(snapshot, def)).collect::<Vec<_>>(),
        "people": schema.people.values().map(|def| person(def)).collect::<Vec<_>>(),
    })
}

/// `Person`
pub fn person(def: &Person) -> Json {
    let mut json = person_of(def.id, &def.name, &def.email, &def.color);
    if let (Some(role), Json::Object(map)) = (def.role, &mut json) {
        map.insert("role".into(), role_name(role).into());
    }
    json
}

/// `Person` from its parts.
pub fn person_of(id: PersonId, name: &str, email: &str, color: &str) -> Json {
    json!({ "id": IdCodec::person(id), "name": name, "email": email, "color": color })
}

fn table(snapshot: &Snapshot, def: &Table, who: PersonId) -> Json {
    let schema = snapshot.schema();
    let views = schema.views_of(def.id).into_iter().filter(|view| sees_view(who, view.personal));
    json!({
        "id": snapshot.ids().table(def.id),
        "name": def.name,
        "description": def.description,
        "primary": snapshot.ids().field(def.primary),
        "fields": schema.fields_of(def.id).map(|def| field_of(snapshot, def)).collect::<Vec<_>>(),
        "views": views.map(|def| view(snapshot, def)).collect::<Vec<_>>(),
        "records": snapshot.n_records(def.id),
    })
}

/// `Field`
pub fn field_of(snapshot: &Snapshot, def: &Field) -> Json {
    let mut json = json!({
        "id": snapshot.ids().field(def.id),
        "name": def.name,
        "type": def.type_name,
        "description": def.description,
        "options": field::type_of(def).shown_options(def, snapshot.stored()),
        "computed": !field::is_stored(def),
        "required": def.required,
        "unique": def.unique,
        "default": def.default,
    });
    let Json::Object(map) = &mut json else { return json };
    if matches!(field::storage(def), Storage::Computed(_)) {
        map.insert("result".into(), result(snapshot, def));
    }
    if let Some(error) = snapshot.computed().broken.get(&def.id) {
        map.insert("error".into(), error.clone().into());
    }
    json
}

/// What the cells of a computed field look like.
fn result(snapshot: &Snapshot, def: &Field) -> Json {
    let types = super::value::computed_types(snapshot);
    let ty = types.get(&def.id).cloned().unwrap_or(Type::Text);
    // A lookup shows numbers and dates as the field does that it looks at, a formula as it says itself.
    let looked_up =
        def.options.get("field").and_then(Json::as_str).and_then(|id| snapshot.ids().read_field(id));
    let looked_up = looked_up.filter(|_| def.type_name != "count").and_then(|id| snapshot.field(id));
    let format = || match def.options.get("format") {
        Some(Json::Object(format)) => Json::Object(format.clone()),
        _ => json!({}),
    };
    let shown = |other: &Field| field::type_of(other).shown_options(other, snapshot.stored());
    let (name, options) = match ty.item() {
        Type::Bool => ("checkbox", json!({})),
        Type::Number => match looked_up {
            Some(other)
                if matches!(other.type_name.as_str(), "number" | "rating" | "duration")
                    && format() == json!({}) =>
            {
                (other.type_name.as_str(), shown(other))
            }
            _ => ("number", format()),
        },
        Type::Date { time } => match looked_up {
            Some(other) if other.type_name == "date" => ("date", shown(other)),
            _ => ("date", json!({ "time": time })),
        },
        Type::Record(table) => {
            ("link", json!({ "table": snapshot.ids().table(*table), "many": true, "field": null }))
        }
        Type::Text | Type::Blank | Type::List(_) => ("text", json!({})),
    };
    json!({ "type": name, "options": options, "list": ty.is_list() })
}

/// `View`
pub fn view(snapshot: &Snapshot, def: &View) -> Json {
    json!({
        "id": snapshot.ids().view(def.id),
        "table": snapshot.ids().table(def.table),
        "name": def.name,
        "kind": def.kind,
        "personal": def.personal.map(IdCodec::person),
        "locked": def.locked,
        "settings": object(&def.settings),
    })
}

/// `Dashboard`
pub fn dashboard(snapshot: &Snapshot, def: &Dashboard) -> Json {
    let blocks = if def.blocks.is_array() { def.blocks.clone() } else { json!([]) };
    json!({ "id": snapshot.ids().dashboard(def.id), "name": def.name, "blocks": blocks })
}

/// `Automation`
pub fn automation(snapshot: &Snapshot, def: &Automation) -> Json {
    let mut json = json!({
        "id": snapshot.ids().automation(def.id),
        "name": def.name,
        "enabled": def.enabled,
        "trigger": def.trigger,
        "condition": def.condition,
        "actions": def.actions,
    });
    if let Some(problem) = engine::automation::problem(def, snapshot.stored()) {
        json["problem"] = json!(problem);
    }
    json
}

fn object(json: &Json) -> Json {
    if json.is_object() { json.clone() } else { Json::Object(Map::new()) }
}
