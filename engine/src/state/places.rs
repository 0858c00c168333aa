//! [`Places`]: the order that people gave the records of one view by hand.
//!
//! Every record has a key, and the order is that of the keys; equal keys stand in order of creation. A record
//! that nobody moved has the key that its number implies ([`position::implied`]), and nothing is kept of it: a
//! view that nobody ordered costs nothing, one that people ordered costs what they moved. A record that was moved
//! has a key of its own, between those of its neighbours at that moment.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use formulas::{RecordId, RecordSet};

use crate::position;

/// Entries of a block at the most; a block that grows beyond is split.
const BLOCK: usize = 512;

/// The keys of records that were moved. Cloning shares them; a change copies a block or two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    by_record: Sorted<(u32, Arc<str>)>,
    by_key: Sorted<(Arc<str>, u32)>,
}

/// The key of one record, for comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// That of its number.
    Implied,
    /// Its own.
    Key(Arc<str>),
}

impl Places {
    /// Whether nobody moved a record.
    pub fn is_empty(&self) -> bool {
        self.by_record.blocks.is_empty()
    }

    /// The key that a record was given; `None` for one that was not moved.
    pub fn get(&self, record: RecordId) -> Option<&Arc<str>> {
        let at = self.by_record.find(|(other, _)| other.cmp(&record.0));
        self.by_record.get(at).filter(|(other, _)| *other == record.0).map(|(_, key)| key)
    }

    /// The key of any record.
    pub fn key(&self, record: RecordId) -> Arc<str> {
        self.get(record).cloned().unwrap_or_else(|| position::implied(record.0).into())
    }

    /// The records that have a key of their own in order of their keys, from the first on that is not below
    /// `key` and `record`.
    pub fn from(&self, key: &str, record: u32) -> impl Iterator<Item = &(Arc<str>, u32)> + '_ {
        let at = self.by_key.find(|(other, id)| (&**other, *id).cmp(&(key, record)));
        self.by_key.iter_from(at)
    }

    /// The records with their keys, by number.
    pub fn iter(&self) -> impl Iterator<Item = (RecordId, &Arc<str>)> + '_ {
        self.by_record.iter_from((0, 0)).map(|(record, key)| (RecordId(*record), key))
    }

    /// Gives a record a key, or takes it away.
    pub(crate) fn set(&mut self, record: RecordId, key: Option<&str>) {
        let at = self.by_record.find(|(other, _)| other.cmp(&record.0));
        if self.by_record.get(at).is_some_and(|(other, _)| *other == record.0) {
            let (_, old) = self.by_record.remove(at);
            let at = self.by_key.find(|(key, id)| (key, *id).cmp(&(&old, record.0)));
            self.by_key.remove(at);
        }
        let Some(key) = key else { return };
        let key: Arc<str> = key.into();
        let at = self.by_record.find(|(other, _)| other.cmp(&record.0));
        self.by_record.insert(at, (record.0, Arc::clone(&key)));
        let at = self.by_key.find(|(other, id)| (other, *id).cmp(&(&key, record.0)));
        self.by_key.insert(at, (key, record.0));
    }

    pub(crate) fn place(&self, record: u32) -> Place {
        self.get(RecordId(record)).map_or(Place::Implied, |key| Place::Key(Arc::clone(key)))
    }

    /// Which of two records comes first, the first one's place given.
    pub(crate) fn compare(&self, (record, place): (u32, &Place), other: u32) -> Ordering {
        let keys = match (place, self.get(RecordId(other))) {
            (Place::Implied, None) => Ordering::Equal,
            (Place::Implied, Some(key)) => position::implied(record).as_str().cmp(key),
            (Place::Key(key), None) => (**key).cmp(position::implied(other).as_str()),
            (Place::Key(own), Some(key)) => own.cmp(key),
        };
        keys.then(record.cmp(&other))
    }

    /// A word for each of `records`, ascending: words compare as the records do.
    pub(crate) fn words(&self, records: &[u32]) -> Vec<u64> {
        // Behind a record that nobody moved come, until the next such one, those that were moved there.
        let mut words: Vec<u64> = records.iter().map(|record| (u64::from(*record) + 1) << 32).collect();
        let moved = self.by_key.iter_from((0, 0));
        for (at, (key, record)) in moved.enumerate() {
            if let Ok(found) = records.binary_search(record) {
                words[found] = u64::from(position::implied_up_to(key)) << 32 | (at as u64 + 1);
            }
        }
        words
    }

    /// The records whose keys differ; parts that both share are not looked at.
    pub(crate) fn differing(&self, other: &Self) -> RecordSet {
        let mut touched = RecordSet::new();
        for (own, other) in [(self, other), (other, self)] {
            let known: HashSet<_> = other.by_record.blocks.iter().map(Arc::as_ptr).collect();
            let blocks = own.by_record.blocks.iter().filter(|block| !known.contains(&Arc::as_ptr(block)));
            for (record, key) in blocks.flat_map(|block| block.iter()) {
                if other.get(RecordId(*record)) != Some(key) {
                    touched.insert(RecordId(*record));
                }
            }
        }
        touched
    }
}

/// A sorted list in blocks that versions share. Places in it are a block and an entry of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sorted<T> {
    /// None is empty.
    blocks: Vec<Arc<Vec<T>>>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T: Clone> Sorted<T> {
    /// The first entry that is not below what `compare` compares entries with.
    fn find(&self, compare: impl Fn(&T) -> Ordering) -> (usize, usize) {
        let below = |entry: &T| compare(entry) == Ordering::Less;
        let block = self.blocks.partition_point(|block| block.last().is_some_and(below));
        let at = self.blocks.get(block).map_or(0, |block| block.partition_point(below));
        (block, at)
    }

    fn get(&self, (block, at): (usize, usize)) -> Option<&T> {
        self.blocks.get(block)?.get(at)
    }

    fn iter_from(&self, (block, at): (usize, usize)) -> impl Iterator<Item = &T> + '_ {
        self.blocks.iter().skip(block).flat_map(|block| block.iter()).skip(at)
    }

    /// Puts an entry before the one at a place that [`Sorted::find`] found.
    fn insert(&mut self, (block, at): (usize, usize), entry: T) {
        // Behind the last of all: into the last block.
        let (block, at) = match (self.blocks.get(block), self.blocks.last()) {
            (None, None) => return self.blocks.push(Arc::new(vec![entry])),
            (None, Some(last)) => (self.blocks.len() - 1, last.len()),
            (Some(_), _) => (block, at),
        };
        let entries = Arc::make_mut(&mut self.blocks[block]);
        entries.insert(at, entry);
        if entries.len() > BLOCK {
            let rest = entries.split_off(BLOCK / 2);
            self.blocks.insert(block + 1, Arc::new(rest));
        }
    }

    /// Takes out the entry at a place.
    fn remove(&mut self, (block, at): (usize, usize)) -> T {
        let entries = Arc::make_mut(&mut self.blocks[block]);
        let entry = entries.remove(at);
        if entries.is_empty() {
            self.blocks.remove(block);
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn places_behave_as_a_map(edits in proptest::collection::vec((0u32..900, proptest::option::of(0u32..900)), 0..1_500)) {
            let mut places = Places::default();
            let mut plain = std::collections::BTreeMap::new();
            let half = edits.len() / 2;
            let mut before = (places.clone(), plain.clone());
            for (at, (record, near)) in edits.into_iter().enumerate() {
                if at == half {
                    before = (places.clone(), plain.clone());
                }
                let key = near.map(|near| position::between(Some(&position::implied(near)), Some(&position::implied(near + 1))));
                places.set(RecordId(record), key.as_deref());
                match key {
                    Some(key) => drop(plain.insert(record, key)),
                    None => drop(plain.remove(&record)),
                }
            }
            let kept: Vec<_> = places.iter().map(|(record, key)| (record.0, key.to_string())).collect();
            prop_assert_eq!(kept, plain.clone().into_iter().collect::<Vec<_>>());
            // As the comparison orders records, so do the words.
            let key = |record: u32| plain.get(&record).cloned().unwrap_or_else(|| position::implied(record));
            let mut ordered: Vec<u32> = (0..900).collect();
            ordered.sort_by_key(|record| (key(*record), *record));
            let words = places.words(&(0..900).collect::<Vec<_>>());
            prop_assert!(ordered.is_sorted_by_key(|record| words[*record as usize]));
            prop_assert!(ordered.windows(2).all(|pair| places.compare((pair[0], &places.place(pair[0])), pair[1]) == Ordering::Less));
            // Keys differ just where they differ.
            let (old, known) = before;
            let differ = (0..900).filter(|record| known.get(record) != plain.get(record)).collect::<Vec<_>>();
            prop_assert_eq!(old.differing(&places).iter().map(|record| record.0).collect::<Vec<_>>(), differ);
        }
    }
}
