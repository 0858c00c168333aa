//! Positions of things that people put in order (tables, fields, views, records of a view): fractional keys.
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

/// `n` keys between `before` and `after`, ascending: each halves what the ones around it leave, so that they are
/// about `log62(n)` digits longer than one key would be.
///
/// # Panics
///
/// If `before` is not below `after`.
pub fn spread(before: Option<&str>, after: Option<&str>, n: usize) -> Vec<String> {
    let mut keys = vec![String::new(); n];
    fill(&mut keys, before, after);
    keys
}

fn fill(keys: &mut [String], before: Option<&str>, after: Option<&str>) {
    if keys.is_empty() {
        return;
    }
    let (left, rest) = keys.split_at_mut(keys.len() / 2);
    let Some((middle, right)) = rest.split_first_mut() else { return };
    *middle = between(before, after);
    fill(left, before, Some(middle));
    fill(right, Some(middle), after);
}

/// Digits of [`implied`]: enough for every record that a table may have.
const IMPLIED_DIGITS: usize = 6;

/// The key of a record that nobody moved: its number in base 62 with leading zeros, and a half behind it. Keys
/// of neighbours leave room between them, and all of them ascend with the numbers.
pub fn implied(number: u32) -> String {
    let mut key = [b'V'; IMPLIED_DIGITS + 1];
    let mut rest = number as usize;
    for place in key[..IMPLIED_DIGITS].iter_mut().rev() {
        *place = DIGITS[rest % 62];
        rest /= 62;
    }
    key.iter().map(|char| *char as char).collect()
}

/// How many of the keys that [`implied`] makes are not above `key`: the number of the first record that, if
/// nobody moved it, stands behind. Not beyond `u32::MAX`.
pub fn implied_up_to(key: &str) -> u32 {
    let digits = key.bytes().chain(std::iter::repeat(b'0')).take(IMPLIED_DIGITS);
    let number = digits.fold(0u64, |number, char| number * 62 + digit(char) as u64);
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    if implied(number).as_str() <= key { number.saturating_add(1) } else { number }
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
    fn many_keys_fit_between_two() {
        let (low, high) = (implied(61), implied(62));
        let keys = spread(Some(&low), Some(&high), 10_000);
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert!(keys[0] > low && keys[9_999] < high);
        assert!(keys.iter().map(String::len).max() < Some(13));
        assert_eq!(spread(None, None, 0), Vec::<String>::new());
    }

    #[test]
    fn implied_keys_ascend_and_are_counted() {
        let numbers = [0, 1, 61, 62, 3_843, 3_844, 1_000_000, u32::MAX - 1];
        assert!(numbers.map(implied).is_sorted_by(|a, b| a < b));
        for number in numbers {
            let key = implied(number);
            assert_eq!(implied_up_to(&key), number + 1);
            assert_eq!(implied_up_to(&between(Some(&key), Some(&implied(number + 1)))), number + 1);
        }
        assert_eq!(implied_up_to(""), 0);
        assert_eq!(implied_up_to(&between(None, Some(&implied(0)))), 0);
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
