//! [`Filter`]: conditions on the fields of a record, in groups of "and" and "or".

use formulas::FieldId;
use serde_json::Value as Json;

/// A condition, or a group of them. Fields are dense ids; values are the wire's until a plan binds them.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them hold; true for none.
    And(Vec<Filter>),
    /// One of them holds; true for none, as a group that a person has just begun.
    Or(Vec<Filter>),
    /// A condition on one field.
    Field {
        /// Which.
        field: FieldId,
        /// How it is compared.
        op: Op,
        /// With what; `Null` for operators without a value.
        value: Json,
    },
    /// A formula of the table whose result is checked, non-zero or non-empty.
    Formula(String),
}

macro_rules! ops {
    ($($name:ident $text:literal,)*) => {
        /// How a cell is compared; the names are those of `docs/protocol.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Op {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Op {
            /// All of them.
            pub const ALL: &[Op] = &[$(Op::$name),*];

            /// Its name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => $text,)* }
            }
        }
    };
}

ops! {
    Is "is",
    IsNot "isNot",
    Contains "contains",
    DoesNotContain "doesNotContain",
    StartsWith "startsWith",
    IsEmpty "isEmpty",
    IsNotEmpty "isNotEmpty",
    Gt "gt",
    Gte "gte",
    Lt "lt",
    Lte "lte",
    IsAnyOf "isAnyOf",
    IsNoneOf "isNoneOf",
    HasAnyOf "hasAnyOf",
    HasAllOf "hasAllOf",
    HasNoneOf "hasNoneOf",
    IsBefore "isBefore",
    IsAfter "isAfter",
    IsOnOrBefore "isOnOrBefore",
    IsOnOrAfter "isOnOrAfter",
    IsWithin "isWithin",
}

impl Op {
    /// An operator by its name.
    pub fn named(name: &str) -> Option<Op> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// For an operator that says "not", the one that it is the opposite of.
    pub(crate) const fn opposite(self) -> Option<Op> {
        Some(match self {
            Self::IsNot => Self::Is,
            Self::DoesNotContain => Self::Contains,
            Self::IsEmpty => Self::IsNotEmpty,
            Self::IsNoneOf => Self::IsAnyOf,
            Self::HasNoneOf => Self::HasAnyOf,
            _ => return None,
        })
    }
}

impl Filter {
    /// How many conditions it has at any depth.
    pub fn n_conditions(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::n_conditions).sum(),
            Self::Field { .. } | Self::Formula(_) => 1,
        }
    }
}
