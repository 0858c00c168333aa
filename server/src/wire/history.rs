//! Commits as feeds and histories show them: one line for each thing that changed.

use engine::field::{self, Storage};
use engine::state::schema::Field;
use engine::{Cause, Change, Commit, Edit, FieldId, IdCodec, Snapshot, TableId, Value};
use serde_json::{Map, Value as Json, json};

use super::value::Shape;
use crate::time::rfc3339;

/// Lines of one commit in a feed; an import has more, and says so.
const LINES_MAX: usize = 1_000;

/// Who, when and why.
pub fn head(commit: &Commit) -> Map<String, Json> {
    let mut map = Map::new();
    map.insert("version".into(), commit.version.into());
    map.insert("time".into(), rfc3339(commit.time_ms).into());
    map.insert("by".into(), commit.author.map(IdCodec::person).into());
    map.insert("cause".into(), cause(&commit.cause).into());
    map
}

fn cause(cause: &Cause) -> &'static str {
    match cause {
        Cause::Edit => "edit",
        Cause::Undo(_) => "undo",
        Cause::Redo(_) => "redo",
        Cause::Run { .. } => "automation",
        Cause::System => "system",
    }
}

/// A commit of the change feed.
pub fn commit(commit: &Commit, snapshot: &Snapshot) -> Json {
    let mut lines = Lines { snapshot, lines: Vec::new(), left_out: 0 };
    commit.changes.iter().for_each(|change| lines.change(change));
    let mut map = head(commit);
    map.insert("changes".into(), lines.lines.into());
    if lines.left_out > 0 {
        map.insert("left_out".into(), lines.left_out.into());
    }
    map.into()
}

struct Lines<'a> {
    snapshot: &'a Snapshot,
    lines: Vec<Json>,
    left_out: usize,
}

impl Lines<'_> {
    fn change(&mut self, change: &Change) {
        let ids = self.snapshot.ids();
        match change {
            Change::Base(edit) => self.thing("base", json!({}), edit, |info| json!({ "name": info.name })),
            Change::Table(id, edit) => {
                self.thing(
                    "table",
                    json!({ "table": ids.table(*id) }),
                    edit,
                    |table| json!({ "name": table.name }),
                );
            }
            Change::Field(id, edit) => {
                let def = edit.after.as_ref().or(edit.before.as_ref());
                let place = json!({ "table": def.map(|def| ids.table(def.table)), "field": ids.field(*id) });
                self.thing(
                    "field",
                    place,
                    edit,
                    |field| json!({ "name": field.name, "type": field.type_name, "options": field.options }),
                );
            }
            Change::View(id, edit) => {
                // A personal view is nobody else's business.
                if [&edit.before, &edit.after].into_iter().flatten().any(|view| view.personal.is_some()) {
                    return;
                }
                let def = edit.after.as_ref().or(edit.before.as_ref());
                let place = json!({ "table": def.map(|def| ids.table(def.table)), "view": ids.view(*id) });
                self.thing(
                    "view",
                    place,
                    edit,
                    |view| json!({ "name": view.name, "settings": view.settings }),
                );
            }
            Change::Dashboard(id, edit) => {
                self.thing(
                    "dashboard",
                    json!({ "dashboard": ids.dashboard(*id) }),
                    edit,
                    |def| json!({ "name": def.name }),
                );
            }
            Change::Automation(id, edit) => {
                self.thing(
                    "automation",
                    json!({ "automation": ids.automation(*id) }),
                    edit,
                    |def| json!({ "name": def.name, "enabled": def.enabled }),
                );
            }
            Change::Person(id, edit) => {
                self.thing("person", json!({ "person": IdCodec::person(*id) }), edit, |person| {
                    json!({ "name": person.name, "role": person.role.map(crate::directory::role_name) })
                });
            }
            Change::Records { table, ids: records, before, after } => {
                for record in records.iter() {
                    self.line(json!({
                        "kind": "record", "table": ids.table(*table), "record": ids.record(*table, record),
                        "before": before, "after": after,
                    }));
                }
            }
            Change::Cells { table, field, ids: records, before, after } => {
                let Some(def) = self.snapshot.field(*field) else { return };
                let shape = Shape::of(def, self.snapshot);
                for (at, record) in records.iter().enumerate().filter(|(at, _)| !before.same(*at, after, *at))
                {
                    if self.lines.len() >= LINES_MAX {
                        self.left_out += records.len() - at;
                        break;
                    }
                    self.line(json!({
                        "kind": "cell", "table": ids.table(*table), "field": ids.field(*field),
                        "record": ids.record(*table, record),
                        "before": shape.json(&before.get(at), self.snapshot),
                        "after": shape.json(&after.get(at), self.snapshot),
                    }));
                }
            }
            Change::Places { table, view, ids: records, .. } => {
                let personal =
                    self.snapshot.schema().views.get(view).is_none_or(|def| def.personal.is_some());
                if personal {
                    return;
                }
                for record in records.iter() {
                    self.line(json!({
                        "kind": "place", "table": ids.table(*table), "view": ids.view(*view),
                        "record": ids.record(*table, record),
                    }));
                }
            }
            Change::Run(..) | Change::Effect(..) | Change::Watched { .. } => {}
        }
    }

    fn thing<T>(&mut self, kind: &str, place: Json, edit: &Edit<T>, show: impl Fn(&T) -> Json) {
        let mut line = place;
        if let Json::Object(map) = &mut line {
            map.insert("kind".into(), kind.into());
            map.insert("before".into(), edit.before.as_deref().map(&show).into());
            map.insert("after".into(), edit.after.as_deref().map(&show).into());
        }
        self.line(line);
    }

    fn line(&mut self, line: Json) {
        if self.lines.len() < LINES_MAX { self.lines.push(line) } else { self.left_out += 1 }
    }
}

/// The lines of a commit that are about one record.
pub fn of_record(
    commit: &Commit,
    table: TableId,
    record: engine::RecordId,
    snapshot: &Snapshot,
) -> Vec<Json> {
    let mut lines = Vec::new();
    for change in &commit.changes {
        match change {
            Change::Records { table: of, ids, before, after }
                if *of == table && ids.position(record).is_some() =>
            {
                lines.push((None, Json::Bool(*before), Json::Bool(*after)));
            }
            Change::Cells { table: of, field, ids, before, after } if *of == table => {
                let (Some(at), Some(def)) = (ids.position(record), snapshot.field(*field)) else { continue };
                // A column of many records has cells that stay as they are.
                if before.same(at, after, at) {
                    continue;
                }
                let shape = Shape::of(def, snapshot);
                lines.push((
                    Some(*field),
                    shape.json(&before.get(at), snapshot),
                    shape.json(&after.get(at), snapshot),
                ));
            }
            // A link's cells change on the side that owns it; the other end's history has them too.
            Change::Cells { field, ids, before, after, .. } => {
                let Some(other) = snapshot.field(*field).and_then(|def| other_side(def, table)) else {
                    continue;
                };
                let is = |cells: &formulas::column::Chunk, at| cells.codes_at(at).contains(&record.0);
                let sources = |cells: &formulas::column::Chunk| {
                    Value::codes(ids.iter().enumerate().filter(|(at, _)| is(cells, *at)).map(|(_, id)| id.0))
                };
                let Some(def) = snapshot.field(other) else { continue };
                let (was, now) = (sources(before), sources(after));
                if was != now {
                    let shape = Shape::of(def, snapshot);
                    lines.push((Some(other), shape.json(&was, snapshot), shape.json(&now, snapshot)));
                }
            }
            _ => {}
        }
    }
    let line = |(field, before, after): (Option<FieldId>, Json, Json)| {
        let mut map = head(commit);
        map.insert("field".into(), field.map(|field| snapshot.ids().field(field)).into());
        map.insert("before".into(), before);
        map.insert("after".into(), after);
        Json::Object(map)
    };
    lines.into_iter().map(line).collect()
}

fn other_side(def: &Field, table: TableId) -> Option<FieldId> {
    match field::storage(def) {
        Storage::Link { table: target, owner: true, other: Some(other), .. } if target == table => {
            Some(other)
        }
        _ => None,
    }
}
