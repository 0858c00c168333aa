//! What `sheaf check` looks at in an open base: replay, links from both ends, computed cells.

use formulas::RecordId;

use crate::base::Base;
use crate::compute::{self, Plan};
use crate::field::{Storage, storage};
use crate::state::Stored;

/// What is wrong with a base, in sentences; nothing if nothing is.
pub fn problems(base: &Base) -> Vec<String> {
    let snapshot = base.snapshot();
    let mut problems = Vec::new();
    match base.commits_after(0, usize::MAX) {
        Ok(commits) => {
            let mut replayed = Stored::default();
            for commit in &commits {
                crate::apply::commit(&mut replayed, commit);
            }
            compare(&replayed, snapshot.stored(), &mut problems);
        }
        Err(error) => problems.push(error.to_string()),
    }
    let plan = Plan::new(snapshot.stored());
    let fresh = compute::scratch(snapshot.stored(), &plan, snapshot.computed().as_of_ms);
    for (field, column) in &fresh.columns {
        let Some(def) = snapshot.field(*field) else { continue };
        let alive = snapshot.alive(def.table);
        let differs = |record: &RecordId| {
            snapshot.computed().columns.get(field).map(|own| own.get(*record)) != Some(column.get(*record))
        };
        let n_wrong = alive.iter().filter(differs).count();
        if n_wrong > 0 {
            problems
                .push(format!("field \"{}\": {n_wrong} computed cells differ from their formula", def.name));
        }
    }
    links(snapshot.stored(), &mut problems);
    problems
}

/// Compares what a replay of the log gives with what is served.
fn compare(replayed: &Stored, served: &Stored, problems: &mut Vec<String>) {
    if replayed.version != served.version {
        problems.push(format!("the log has {} versions, {} are served", replayed.version, served.version));
    }
    if replayed.schema.fields != served.schema.fields || replayed.schema.tables != served.schema.tables {
        problems.push("tables and fields differ from what the log says".into());
    }
    if replayed.orders != served.orders {
        problems.push("orders made by hand differ from what the log says".into());
    }
    for (id, table) in &replayed.tables {
        let name = served.schema.tables.get(id).map_or("a deleted table", |def| def.name.as_str());
        let Some(own) = served.table(*id) else {
            problems.push(format!("table \"{name}\": its records are missing"));
            continue;
        };
        if own.alive != table.alive || own.len != table.len {
            problems.push(format!("table \"{name}\": other records than the log says"));
        }
        for (field, column) in &table.columns {
            if own.columns.get(field) != Some(column) {
                let field = served.field(*field).map_or("a deleted field", |def| def.name.as_str());
                problems.push(format!(
                    "table \"{name}\", field \"{field}\": cells differ from what the log says"
                ));
            }
        }
    }
}

/// Every pair of a link is seen from both ends and joins records that are there.
fn links(stored: &Stored, problems: &mut Vec<String>) {
    for def in stored.schema.fields.values() {
        let Storage::Link { table: far, owner: true, .. } = storage(def) else { continue };
        let (Some(state), Some(target)) = (stored.table(def.table), stored.table(far)) else { continue };
        let Some(reverse) = state.reverse.get(&def.id) else {
            problems.push(format!("link \"{}\" cannot be seen from its other end", def.name));
            continue;
        };
        let (mut n_pairs, mut n_dead) = (0, 0);
        for record in state.alive.iter() {
            for linked in stored.linked(def.id, record) {
                n_pairs += 1;
                n_dead += usize::from(!target.is_alive(RecordId(linked)));
            }
        }
        let n_reverse: usize = target.alive.iter().map(|record| reverse.n_sources(record.0)).sum();
        if n_dead > 0 {
            problems.push(format!("link \"{}\" names {n_dead} records that are not there", def.name));
        }
        if n_reverse != n_pairs {
            problems.push(format!(
                "link \"{}\": {n_pairs} pairs from one end, {n_reverse} from the other",
                def.name
            ));
        }
    }
}
