//! `ANCESTORS`, `DESCENDANTS` and `PATH`: records above or below others by a link of their table to itself.
//!
//! Upwards, links are gathered level by level, each record once for all rows. Downwards, who is below whom is made of
//! all links of the table, once for a snapshot. Then each row walks what was found, the nearest records first. A walk
//! that comes to a record twice may go in a circle, or two ways may lead there; only then is a circle looked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::run::{Run, kept};
use crate::column::{Bitmap, Chunk, Item, ListVector, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::{NodeId, Tree, TreeKind};
use crate::ids::TableId;
use crate::limits::{TREE_DEPTH_MAX, TREE_RECORDS_MAX};

/// The records right below each record of a table.
pub(super) struct Children {
    /// Where the records below record `i` end.
    ends: Vec<u32>,
    records: Vec<u32>,
}

/// The records right above some records.
#[derive(Default)]
struct Parents(HashMap<u32, Box<[u32]>>);

impl Run<'_> {
    pub(super) fn tree(&self, id: NodeId, tree: &Tree, of: &Chunk) -> Chunk {
        let starts: Vec<u32> = (0..of.len()).flat_map(|row| of.codes_at(row).iter().copied()).collect();
        if tree.what == TreeKind::Descendants {
            let children = kept(&self.prepared.trees[id], || self.children(tree));
            return self.walk(tree, of, &|record| children.of(record));
        }
        let parents = self.parents(tree, starts);
        let above = |record: u32| parents.0.get(&record).map_or(&[][..], |above| above);
        match tree.what {
            TreeKind::Path => self.walk(tree, of, &|record| above(record).get(..1).unwrap_or_default()),
            _ => self.walk(tree, of, &above),
        }
    }

    /// The links of `records` and of those above, as far up as is allowed.
    fn parents(&self, tree: &Tree, records: Vec<u32>) -> Parents {
        let mut parents = Parents::default();
        let mut level: Vec<u32> = records;
        for _ in 0..=TREE_DEPTH_MAX {
            level.sort_unstable();
            level.dedup();
            level.retain(|record| !parents.0.contains_key(record));
            if level.is_empty() {
                break;
            }
            let links = self.prepared.source.gather(tree.link, &level);
            let mut next = Vec::new();
            for (at, record) in level.iter().enumerate() {
                let above = links.codes_at(at);
                next.extend_from_slice(above);
                parents.0.insert(*record, above.into());
            }
            level = next;
        }
        parents
    }

    fn children(&self, tree: &Tree) -> Children {
        let records: Vec<u32> =
            self.prepared.source.records(tree.table).iter().map(|record| record.0).collect();
        let links = self.prepared.source.gather(tree.link, &records);
        let pairs = || {
            let of = |at: usize| links.codes_at(at).iter().map(move |above| *above as usize);
            (0..records.len()).flat_map(move |at| of(at).map(move |above| (above, at)))
        };
        let n = pairs().map(|(above, _)| above + 1).max().unwrap_or(0);
        let mut ends = vec![0u32; n];
        pairs().for_each(|(above, _)| ends[above] += 1);
        let mut end = 0;
        for count in &mut ends {
            let start = end;
            end += *count;
            *count = start;
        }
        let mut below = vec![0; end as usize];
        for (above, at) in pairs() {
            below[ends[above] as usize] = records[at];
            ends[above] += 1;
        }
        Children { ends, records: below }
    }

    /// For each row the records that `next` leads to from its own.
    fn walk<'n>(&self, tree: &Tree, of: &Chunk, next: &dyn Fn(u32) -> &'n [u32]) -> Chunk {
        let (mut records, mut ends, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..of.len() {
            let start = records.len();
            let found = match of.error(row) {
                Some(error) => Err(Arc::clone(error)),
                None => self.walk_from(tree, of.codes_at(row), next, &mut records).map_err(Arc::new),
            };
            if let Err(error) = found {
                records.truncate(start);
                errors.push((row as u32, error));
            } else if tree.what == TreeKind::Path {
                records[start..].reverse();
                records.extend_from_slice(of.codes_at(row));
            }
            ends.push(records.len() as u32);
        }
        let mut valid = Bitmap::filled(true, of.len());
        errors.iter().for_each(|(row, _)| valid.set(*row as usize, false));
        let lists = ListVector::from_parts(Item::Choice, ends, Chunk::full(Vector::Choice(records)));
        Chunk::with_errors(Vector::List(lists), valid, errors)
    }

    fn walk_from<'n>(
        &self,
        tree: &Tree,
        of: &[u32],
        next: &dyn Fn(u32) -> &'n [u32],
        out: &mut Vec<u32>,
    ) -> Result<(), CellError> {
        let begin = out.len();
        let mut seen: HashSet<u32> = HashSet::new();
        let mut twice = false;
        let mut level: Vec<u32> = of.to_vec();
        let mut depth = 0;
        while !level.is_empty() {
            let start = out.len();
            for record in &level {
                for found in next(*record) {
                    if seen.insert(*found) {
                        out.push(*found);
                    } else {
                        twice = true;
                    }
                }
            }
            if out.len() - begin > TREE_RECORDS_MAX {
                return Err(refused(format!(
                    "a tree has at most {TREE_RECORDS_MAX} records above or below one"
                )));
            }
            level = out[start..].to_vec();
            depth += 1;
            if depth > TREE_DEPTH_MAX && !level.is_empty() {
                return Err(refused(format!("a tree of records has at most {TREE_DEPTH_MAX} levels")));
            }
        }
        match twice.then(|| circle(of, next)).flatten() {
            Some(circle) => Err(self.in_a_circle(tree.table, &circle)),
            None => Ok(()),
        }
    }

    fn in_a_circle(&self, table: TableId, circle: &[u32]) -> CellError {
        const SHOWN_MAX: usize = 6;
        let name = |record: &u32| self.prepared.source.record_id_text(table, *record);
        let mut names: Vec<String> = circle.iter().take(SHOWN_MAX).map(name).collect();
        if circle.len() > SHOWN_MAX {
            names.push("…".to_owned());
        }
        names.extend(circle.first().map(name));
        refused(format!("records are above themselves: {}", names.join(" → ")))
    }
}

impl Children {
    fn of(&self, record: u32) -> &[u32] {
        let at = record as usize;
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.records[start as usize..*end as usize]
    }
}

fn refused(message: String) -> CellError {
    CellError::new(ErrorKind::Error, message)
}

/// Records that lead to each other in a circle, beginning with the least, if there are such behind `of`.
fn circle<'n>(of: &[u32], next: &dyn Fn(u32) -> &'n [u32]) -> Option<Vec<u32>> {
    let mut done: HashSet<u32> = HashSet::new();
    for start in of {
        // The way from the start, and at each record which neighbour is next.
        let mut way: Vec<(u32, usize)> = vec![(*start, 0)];
        let mut on_way: HashSet<u32> = HashSet::from([*start]);
        while let Some((record, at)) = way.last_mut() {
            let (here, neighbour) = (*record, next(*record).get(*at).copied());
            *at += 1;
            match neighbour {
                None => {
                    on_way.remove(&here);
                    done.insert(here);
                    way.pop();
                }
                Some(found) if on_way.contains(&found) => {
                    let from = way.iter().position(|(record, _)| *record == found)?;
                    let mut circle: Vec<u32> = way[from..].iter().map(|(record, _)| *record).collect();
                    let least = (0..circle.len()).min_by_key(|at| circle[*at])?;
                    circle.rotate_left(least);
                    return Some(circle);
                }
                Some(found) if done.contains(&found) => {}
                Some(found) => {
                    on_way.insert(found);
                    way.push((found, 0));
                }
            }
        }
    }
    None
}
