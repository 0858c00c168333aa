//! How ids look outside: a three-letter prefix and 14 base-62 characters, such as `rec4kQ0aZ1b9XyTu7`.
//!
//! The characters are a keyed permutation of the dense id (80 bits: owner, slot, 16 zero bits as a check), so
//! that ids don't reveal counts, need no index and are told from garbage. It hides numbers from curious eyes;
//! it is not encryption, and nothing relies on an id being hard to guess.

use formulas::{FieldId, RecordId, TableId};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHARS: usize = 14;
const HALF_BITS: u32 = 40;
const HALF: u64 = (1 << HALF_BITS) - 1;
const ROUNDS: u64 = 6;

macro_rules! object_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, bincode::Encode, bincode::Decode)]
        pub struct $name(pub u32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

object_id!(
    /// A view of a table.
    ViewId
);
object_id!(
    /// A dashboard.
    DashboardId
);
object_id!(
    /// An automation.
    AutomationId
);
object_id!(
    /// A person of the workspace: the same number in each base.
    PersonId
);
object_id!(
    /// An option of a select, unique in its field.
    OptionId
);

/// Writes and reads the outside form of a base's ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdCodec {
    key: u128,
}

impl IdCodec {
    /// The codec of the base whose id is `base`.
    pub const fn new(base: u128) -> Self {
        Self { key: base }
    }

    /// `tbl…`
    pub fn table(&self, id: TableId) -> String {
        self.write(b"tbl", 0, id.0)
    }

    /// `fld…`
    pub fn field(&self, id: FieldId) -> String {
        self.write(b"fld", 0, id.0)
    }

    /// `rec…`
    pub fn record(&self, table: TableId, id: RecordId) -> String {
        self.write(b"rec", table.0, id.0)
    }

    /// `viw…`
    pub fn view(&self, id: ViewId) -> String {
        self.write(b"viw", 0, id.0)
    }

    /// `dsh…`
    pub fn dashboard(&self, id: DashboardId) -> String {
        self.write(b"dsh", 0, id.0)
    }

    /// `aut…`
    pub fn automation(&self, id: AutomationId) -> String {
        self.write(b"aut", 0, id.0)
    }

    /// `usr…`: the same in every base of a workspace.
    pub fn person(id: PersonId) -> String {
        Self { key: 0 }.write(b"usr", 0, id.0)
    }

    /// `sel…`
    pub fn option(&self, field: FieldId, id: OptionId) -> String {
        self.write(b"sel", field.0, id.0)
    }

    /// Reads `tbl…`; `None` for anything else.
    pub fn read_table(&self, text: &str) -> Option<TableId> {
        self.read(b"tbl", text).filter(|(owner, _)| *owner == 0).map(|(_, id)| TableId(id))
    }

    /// Reads `fld…`.
    pub fn read_field(&self, text: &str) -> Option<FieldId> {
        self.read(b"fld", text).filter(|(owner, _)| *owner == 0).map(|(_, id)| FieldId(id))
    }

    /// Reads `rec…` of `table`.
    pub fn read_record(&self, table: TableId, text: &str) -> Option<RecordId> {
        self.read(b"rec", text).filter(|(owner, _)| *owner == table.0).map(|(_, id)| RecordId(id))
    }

    /// Reads `viw…`.
    pub fn read_view(&self, text: &str) -> Option<ViewId> {
        self.read(b"viw", text).map(|(_, id)| ViewId(id))
    }

    /// Reads `dsh…`.
    pub fn read_dashboard(&self, text: &str) -> Option<DashboardId> {
        self.read(b"dsh", text).map(|(_, id)| DashboardId(id))
    }

    /// Reads `aut…`.
    pub fn read_automation(&self, text: &str) -> Option<AutomationId> {
        self.read(b"aut", text).map(|(_, id)| AutomationId(id))
    }

    /// Reads `usr…`.
    pub fn read_person(text: &str) -> Option<PersonId> {
        Self { key: 0 }.read(b"usr", text).map(|(_, id)| PersonId(id))
    }

    /// Reads `sel…` of `field`.
    pub fn read_option(&self, field: FieldId, text: &str) -> Option<OptionId> {
        self.read(b"sel", text).filter(|(owner, _)| *owner == field.0).map(|(_, id)| OptionId(id))
    }

    fn write(&self, prefix: &[u8; 3], owner: u32, slot: u32) -> String {
        // Left half: owner and the upper byte of the slot; right half: the rest of the slot and the check.
        let mut left = u64::from(owner) << 8 | u64::from(slot >> 24);
        let mut right = u64::from(slot & 0xFF_FFFF) << 16;
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.mix(prefix, round, right));
        }
        let mut number = u128::from(left) << HALF_BITS | u128::from(right);
        let mut chars = [0u8; CHARS + 3];
        chars[..3].copy_from_slice(prefix);
        for char in chars[3..].iter_mut().rev() {
            *char = ALPHABET[(number % 62) as usize];
            number /= 62;
        }
        String::from_utf8_lossy(&chars).into_owned()
    }

    fn read(&self, prefix: &[u8; 3], text: &str) -> Option<(u32, u32)> {
        let chars = text.as_bytes().strip_prefix(prefix)?;
        if chars.len() != CHARS {
            return None;
        }
        let mut number = 0u128;
        for char in chars {
            let digit = match char {
                b'0'..=b'9' => char - b'0',
                b'A'..=b'Z' => char - b'A' + 10,
                b'a'..=b'z' => char - b'a' + 36,
                _ => return None,
            };
            number = number * 62 + u128::from(digit);
        }
        if number >> (2 * HALF_BITS) != 0 {
            return None;
        }
        let mut left = (number >> HALF_BITS) as u64;
        let mut right = number as u64 & HALF;
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.mix(prefix, round, left), left);
        }
        if right & 0xFFFF != 0 {
            return None;
        }
        Some(((left >> 8) as u32, (left as u32 & 0xFF) << 24 | (right >> 16) as u32))
    }

    /// The round function: a 64-bit finalizer (Stafford's variant 13) over the half, the key and the round.
    fn mix(&self, prefix: &[u8; 3], round: u64, half: u64) -> u64 {
        let kind = u64::from(prefix[0]) << 56 ^ u64::from(prefix[2]) << 48;
        let mut x = half ^ self.key as u64 ^ kind ^ (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27 ^ (self.key >> 64) as u64).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ x >> 31) & HALF
    }
}

/// Writes a base's own id, `app…`, from its 128-bit key (the upper 80 bits are enough to tell bases apart).
pub fn base_id(key: u128) -> String {
    let mut number = key >> 48;
    let mut chars = [0u8; CHARS + 3];
    chars[..3].copy_from_slice(b"app");
    for char in chars[3..].iter_mut().rev() {
        *char = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8_lossy(&chars).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reading_inverts_writing(key: u128, table: u32, slot: u32) {
            let ids = IdCodec::new(key);
            let text = ids.record(TableId(table), RecordId(slot));
            prop_assert_eq!(text.len(), 17);
            prop_assert_eq!(ids.read_record(TableId(table), &text), Some(RecordId(slot)));
            prop_assert_eq!(ids.read_record(TableId(table ^ 1), &text), None);
            prop_assert_eq!(ids.read_table(&text.replacen("rec", "tbl", 1)), None);
            prop_assert_eq!(IdCodec::person(PersonId(slot)), IdCodec::person(PersonId(slot)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
            let _ = IdCodec::new(7).read_field(&text);
        }
    }

    #[test]
    fn neighbors_look_unrelated() {
        let ids = IdCodec::new(0x1234_5678_9abc_def0_1122_3344_5566_7788);
        let (a, b) = (ids.record(TableId(1), RecordId(1)), ids.record(TableId(1), RecordId(2)));
        let same = a.bytes().zip(b.bytes()).skip(3).filter(|(a, b)| a == b).count();
        assert!(same < 5, "{a} {b}");
    }
}
