//! [`Reverse`]: which records link to a record, so that a link is seen from both ends.
//!
//! A link's cells are kept on the side that owns it, as lists of records in the order people gave them. The
//! other end is this index: for each target the sources in ascending order. A parent may have a million
//! children, so a large set is split in blocks and an edit copies one of them.

use std::sync::Arc;

use formulas::column::CHUNK;

const BLOCK: usize = 1_024;
const FEW: usize = 64;

/// The sources of one target, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
enum Sources {
    #[default]
    None,
    One(u32),
    Few(Arc<[u32]>),
    Many(Arc<Vec<Arc<Vec<u32>>>>),
}

/// For each target record of a link the records that link to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reverse {
    chunks: Vec<Arc<Vec<Sources>>>,
}

impl Reverse {
    /// The records that link to `target`, ascending.
    pub fn sources(&self, target: u32) -> impl Iterator<Item = u32> + '_ {
        let (few, many): (&[u32], &[Arc<Vec<u32>>]) = match self.slot(target) {
            None | Some(Sources::None) => (&[], &[]),
            Some(Sources::One(source)) => (std::slice::from_ref(source), &[]),
            Some(Sources::Few(few)) => (few, &[]),
            Some(Sources::Many(blocks)) => (&[], blocks),
        };
        few.iter().copied().chain(many.iter().flat_map(|block| block.iter().copied()))
    }

    /// How many records link to `target`.
    pub fn n_sources(&self, target: u32) -> usize {
        match self.slot(target) {
            None | Some(Sources::None) => 0,
            Some(Sources::One(_)) => 1,
            Some(Sources::Few(few)) => few.len(),
            Some(Sources::Many(blocks)) => blocks.iter().map(|block| block.len()).sum(),
        }
    }

    /// Notes that `source` links to `target`; nothing happens if it did already.
    pub(crate) fn insert(&mut self, target: u32, source: u32) {
        let slot = self.slot_mut(target);
        match slot {
            Sources::None => *slot = Sources::One(source),
            Sources::One(other) if *other == source => {}
            Sources::One(other) => {
                let mut few = [*other, source];
                few.sort_unstable();
                *slot = Sources::Few(few.into());
            }
            Sources::Few(few) => {
                let Err(at) = few.binary_search(&source) else { return };
                let mut all = Vec::with_capacity(few.len() + 1);
                all.extend_from_slice(&few[..at]);
                all.push(source);
                all.extend_from_slice(&few[at..]);
                *slot = if all.len() > FEW {
                    Sources::Many(Arc::new(vec![Arc::new(all)]))
                } else {
                    Sources::Few(all.into())
                };
            }
            Sources::Many(blocks) => insert_many(Arc::make_mut(blocks), source),
        }
    }

    /// Notes that `source` no longer links to `target`.
    pub(crate) fn remove(&mut self, target: u32, source: u32) {
        let slot = self.slot_mut(target);
        match slot {
            Sources::One(other) if *other == source => *slot = Sources::None,
            Sources::None | Sources::One(_) => {}
            Sources::Few(few) => {
                let rest: Vec<u32> = few.iter().copied().filter(|other| *other != source).collect();
                *slot = match rest.as_slice() {
                    [] => Sources::None,
                    [one] => Sources::One(*one),
                    _ => Sources::Few(rest.into()),
                };
            }
            Sources::Many(blocks) => {
                let blocks = Arc::make_mut(blocks);
                let at = blocks.partition_point(|block| block.last().is_some_and(|last| *last < source));
                let Some(block) = blocks.get_mut(at) else { return };
                let Ok(idx) = block.binary_search(&source) else { return };
                Arc::make_mut(block).remove(idx);
                if block.is_empty() {
                    blocks.remove(at);
                }
                if blocks.iter().map(|block| block.len()).sum::<usize>() <= FEW / 2 {
                    let rest: Vec<u32> = blocks.iter().flat_map(|block| block.iter().copied()).collect();
                    *slot = match rest.as_slice() {
                        [] => Sources::None,
                        [one] => Sources::One(*one),
                        _ => Sources::Few(rest.into()),
                    };
                }
            }
        }
    }

    fn slot(&self, target: u32) -> Option<&Sources> {
        self.chunks.get(target as usize / CHUNK)?.get(target as usize % CHUNK)
    }

    fn slot_mut(&mut self, target: u32) -> &mut Sources {
        let (chunk, row) = (target as usize / CHUNK, target as usize % CHUNK);
        while self.chunks.len() <= chunk {
            self.chunks.push(Arc::default());
        }
        let slots = Arc::make_mut(&mut self.chunks[chunk]);
        if slots.len() <= row {
            slots.resize(row + 1, Sources::None);
        }
        &mut slots[row]
    }
}

fn insert_many(blocks: &mut Vec<Arc<Vec<u32>>>, source: u32) {
    let at = blocks.partition_point(|block| block.last().is_some_and(|last| *last < source));
    let at = at.min(blocks.len() - 1);
    let Err(idx) = blocks[at].binary_search(&source) else { return };
    let block = Arc::make_mut(&mut blocks[at]);
    block.insert(idx, source);
    if block.len() > BLOCK {
        // New records come at the end: leave a full block behind there, halves elsewhere.
        let keep = if idx + 1 == block.len() { BLOCK } else { BLOCK / 2 };
        let rest = block.split_off(keep);
        blocks.insert(at + 1, Arc::new(rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_as_sets(edits in proptest::collection::vec((0u32..3, 0u32..400, any::<bool>()), 0..1_500)) {
            let mut reverse = Reverse::default();
            let mut plain = vec![BTreeSet::new(); 3];
            for (target, source, add) in edits {
                let target = target * 5_000;
                if add {
                    reverse.insert(target, source);
                    plain[target as usize / 5_000].insert(source);
                } else {
                    reverse.remove(target, source);
                    plain[target as usize / 5_000].remove(&source);
                }
            }
            for (at, sources) in plain.iter().enumerate() {
                let target = at as u32 * 5_000;
                prop_assert_eq!(reverse.sources(target).collect::<Vec<_>>(), sources.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(reverse.n_sources(target), sources.len());
            }
        }
    }

    #[test]
    fn a_parent_of_many_children_keeps_its_order() {
        let mut reverse = Reverse::default();
        (0..10_000).rev().step_by(3).for_each(|source| reverse.insert(7, source));
        (0..10_000).for_each(|source| reverse.insert(7, source));
        assert!(reverse.sources(7).eq(0..10_000));
    }
}
