//! Positions of things that people put in order (tables, fields, views): fractional keys.
//!
//! A key is a fraction in base 62 without its leading "0.". Between two keys there is always another one, so
//! moving a thing changes that thing alone, and two moves at once do not disturb each other.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key between `before` and `after`; either end may be open.
///
/// # Panics
///
/// If `before` is not below `after`.
pub fn between(before: Option<&str>, after: Option<&str>) -> String {
    let low = before.unwrap_or("").as_bytes();
    let high = after.map(str::as_bytes);
    assert!(high.is_none_or(|high| low < high), "positions in order");
    if high.is_none()
        && let Some((last, rest)) = low.split_last()
    {
        // The end of an open list steps by one and not by half, or keys would grow with each append.
        let (rest, step) = if *last == b'z' { (low, 1) } else { (rest, digit(*last) + 1) };
        return rest.iter().map(|char| *char as char).chain([DIGITS[step] as char]).collect();
    }
    let mut key = String::new();
    let mut bounded = true;
    for idx in 0.. {
        let from = low.get(idx).map_or(0, |char| digit(*char));
        let to = match high.filter(|_| bounded) {
            Some(high) => high.get(idx).map_or(0, |char| digit(*char)),
            None => 62,
        };
        if from + 1 < to {
            key.push(DIGITS[(from + to) / 2] as char);
            return key;
        }
        key.push(DIGITS[from] as char);
        bounded = bounded && from == to;
    }
    unreachable!("the loop returns once the digits leave room")
}

fn digit(char: u8) -> usize {
    DIGITS.iter().position(|digit| *digit == char).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_room() {
        let mut keys = vec![between(None, None)];
        for round in 0..2_000usize {
            let at = (round * 7_919) % (keys.len() + 1);
            let key =
                between(at.checked_sub(1).map(|at| keys[at].as_str()), keys.get(at).map(String::as_str));
            keys.insert(at, key);
        }
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert!(keys.iter().map(String::len).max() < Some(30));
    }

    #[test]
    fn appending_keeps_keys_short() {
        let mut last = between(None, None);
        for _ in 0..500 {
            let next = between(Some(&last), None);
            assert!(next > last);
            last = next;
        }
        assert!(last.len() < 12, "{last}");
        let mut first = between(None, None);
        for _ in 0..50 {
            let next = between(None, Some(&first));
            assert!(next < first);
            first = next;
        }
    }
}
