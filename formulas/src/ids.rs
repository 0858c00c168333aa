//! The ids that a formula can mention: dense integers, assigned in order and never reused.
//!
//! A table's and a field's id is unique in its base. A record's id is its position in every column of its
//! table, so that no map stands between the two. How ids look outside (`tbl…`, `fld…`, `rec…`) is the engine's.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an index into a vector.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id!(
    /// A table of a base.
    TableId
);
id!(
    /// A field, unique in its base (not only in its table).
    FieldId
);
id!(
    /// A record: its position in every column of its table.
    RecordId
);
