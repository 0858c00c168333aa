//! [`Expr`]: a checked formula, ready to be evaluated; and what it depends on.

use crate::column::{Chunk, Kind};
use crate::eval::{Context, Rows, Source};
use crate::ids::{FieldId, TableId};
use crate::value::Type;

/// A checked formula.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) ty: Type,
}

/// A field that a formula reads, and of which records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// The field.
    pub field: FieldId,
    /// Of which records it is read.
    pub path: Path,
}

/// How a formula gets from its own record to the records whose field it reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// The same record.
    Same,
    /// The records behind these link fields: the first is of the formula's table, the field is of the last
    /// one's target.
    Through(Vec<FieldId>),
    /// Any record of the table.
    Whole(TableId),
}

impl Expr {
    /// The type of every result that is neither blank nor failed.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// What the vectors of results hold.
    pub fn kind(&self) -> Kind {
        kind_of(&self.ty)
    }

    /// The fields that are read, sorted, each once for each path.
    pub fn dependencies(&self) -> Vec<Dependency> {
        Vec::new()
    }

    /// The tables of which all living records are read, sorted: a created or deleted record there changes
    /// results even where no field is read.
    pub fn whole_tables(&self) -> Vec<TableId> {
        Vec::new()
    }

    /// Whether results change as time passes (`NOW`, `TODAY`).
    pub fn is_volatile(&self) -> bool {
        false
    }

    /// The results for the rows asked for of one chunk, one cell for each of them.
    pub fn evaluate(&self, _source: &dyn Source, _context: &Context, _chunk: usize, rows: Rows<'_>) -> Chunk {
        Chunk::blank(self.kind(), rows.len())
    }
}

/// The kind of vector in which values of `ty` are kept.
pub const fn kind_of(ty: &Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Number => Kind::Number,
        Type::Text | Type::Blank => Kind::Text,
        Type::Date { .. } => Kind::Date,
        Type::Record(_) => Kind::Choice,
        Type::List(item) => kind_of(item).listed(),
    }
}
