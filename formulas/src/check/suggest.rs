//! "Did you mean": the name that differs least from one that is not there.

/// The nearest of `names`, if one is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    // Longer names are not compared: the work is the product of lengths.
    const CHARS_MAX: usize = 60;
    if wanted.is_empty() || wanted.len() > CHARS_MAX {
        return None;
    }
    let limit = (wanted.len() / 3).max(1);
    let distances =
        names.filter(|name| name.len() <= 4 * CHARS_MAX).map(|name| (distance(&wanted, &folded(name)), name));
    distances
        .filter(|(distance, _)| *distance <= limit && *distance < wanted.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions and replacements from one to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
