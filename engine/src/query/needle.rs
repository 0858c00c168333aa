//! [`Needle`]: a text that is looked for inside others, ignoring case.
//!
//! Texts are scanned as bytes: letters of ASCII in both cases; other letters that have a case take the slow way
//! through lower case; scripts without case, as Chinese, are compared as they are.

/// A text to be found, prepared once.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    /// In lower case.
    folded: String,
    /// How its bytes are looked for.
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Bytes; letters of ASCII in both cases. The position of the byte that is looked for first.
    Bytes { anchor: usize },
    /// Both sides in lower case.
    Folded,
}

impl Needle {
    /// Prepares a text; surrounding spaces are not looked for.
    pub(crate) fn new(text: &str) -> Self {
        let folded = text.trim().to_lowercase();
        let cased = |char: char| !char.is_ascii() && (char.is_lowercase() || char.is_uppercase());
        let way = if folded.chars().any(cased) {
            Way::Folded
        } else {
            Way::Bytes { anchor: anchor(folded.as_bytes()) }
        };
        Self { folded, way }
    }

    /// Whether `text` contains it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        match self.way {
            Way::Bytes { anchor } => find(text.as_bytes(), self.folded.as_bytes(), anchor),
            Way::Folded => text.to_lowercase().contains(&self.folded),
        }
    }

    /// Whether `text` starts with it.
    pub(crate) fn starts(&self, text: &str) -> bool {
        match self.way {
            Way::Bytes { .. } => text
                .as_bytes()
                .get(..self.folded.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(self.folded.as_bytes())),
            Way::Folded => text.to_lowercase().starts_with(&self.folded),
        }
    }

    /// Whether `text` is it.
    pub(crate) fn is(&self, text: &str) -> bool {
        match self.way {
            Way::Bytes { .. } => text.eq_ignore_ascii_case(&self.folded),
            Way::Folded => text.to_lowercase() == self.folded,
        }
    }
}

/// The position of a byte that is rare in texts: the last of a Chinese character, a rare letter.
fn anchor(needle: &[u8]) -> usize {
    const COMMON: &[u8] = b"etaoinshrdlucmfwygpbvkxqjz";
    let rarity = |byte: &u8| match byte {
        0x80..0xC0 => 20,
        0xC0.. => 1,
        b' ' => 0,
        _ => COMMON.iter().position(|common| common == byte).unwrap_or(19) + 1,
    };
    (0..needle.len()).max_by_key(|idx| rarity(&needle[*idx])).unwrap_or(0)
}

fn find(text: &[u8], needle: &[u8], anchor: usize) -> bool {
    if text.len() < needle.len() {
        return false;
    }
    let Some(byte) = needle.get(anchor) else { return true };
    // Letters differ between the cases by this bit; nothing else is folded.
    let fold = if byte.is_ascii_lowercase() { 0x20 } else { 0 };
    let last = text.len() - needle.len();
    let places = &text[anchor..=anchor + last];
    let mut from = 0;
    while let Some(at) = position(&places[from..], *byte, fold) {
        let start = from + at;
        if text[start..start + needle.len()].eq_ignore_ascii_case(needle) {
            return true;
        }
        from = start + 1;
    }
    false
}

/// The first byte that is `byte` after setting the bits of `fold`, eight at a time.
#[inline]
fn position(bytes: &[u8], byte: u8, fold: u8) -> Option<usize> {
    let (ones, highs) = (0x0101_0101_0101_0101_u64, 0x8080_8080_8080_8080_u64);
    let (pattern, folds) = (ones * u64::from(byte), ones * u64::from(fold));
    let (blocks, rest) = bytes.as_chunks::<8>();
    for (at, block) in blocks.iter().enumerate() {
        let differs = (u64::from_le_bytes(*block) | folds) ^ pattern;
        // The lowest bit that this sets belongs to the first byte that is zero.
        let zeros = differs.wrapping_sub(ones) & !differs & highs;
        if zeros != 0 {
            return Some(at * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|other| other | fold == byte).map(|at| blocks.len() * 8 + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(text in "[a-cA-C 北京é]{0,40}", needle in "[a-cA-C北京é]{0,3}") {
            let (folded, lower) = (needle.trim().to_lowercase(), text.to_lowercase());
            let needle = Needle::new(&needle);
            prop_assert_eq!(needle.is_in(&text), lower.contains(&folded));
            prop_assert_eq!(needle.starts(&text), lower.starts_with(&folded));
            prop_assert_eq!(needle.is(&text), lower == folded);
        }
    }
}
