//! Records above or below others by a link of their table to itself: `ANCESTORS`, `DESCENDANTS` and `PATH`.
//!
//! All three are given the link field that leads upwards, of the formula's own record (`[Parent]`) or of others
//! (`CurrentValue.[Parent]`). What they read is every link of the table: any record may come to stand above another.

use std::ops::Range;

use super::{Checker, Route, Typed};
use crate::expr::{Dependency, Op, Path, Tree, TreeKind};
use crate::function::entry;
use crate::ids::{FieldId, TableId};
use crate::syntax::AstId;
use crate::value::{Type, Value};

impl Checker<'_> {
    pub(super) fn tree(&mut self, what: TreeKind, args: &[AstId], range: Range<usize>) -> Typed {
        let link = self.value(args[0]);
        let place = link.range.clone();
        let Some((of, field, table)) = self.self_link(&link) else {
            return self.refuse(place, "a link of a table to itself is expected here, such as [Parent]");
        };
        if what == TreeKind::Path && of.ty.is_list() {
            return self.refuse(place, "PATH expects the link of one record");
        }
        self.dependencies.push(Dependency { field, path: Path::Whole(table) });
        let op = Op::Tree(Tree { what, of: of.id, link: field, table });
        let ty = Type::list(Type::Record(table));
        Typed { routes: vec![Route::Whole(table)], ..self.add(op, ty, range) }
    }

    /// `PATH(link, name, separator)`: the names from the topmost record down to this one.
    pub(super) fn tree_path(&mut self, args: &[AstId], range: Range<usize>) -> Typed {
        let records = self.tree(TreeKind::Path, &args[..1], range.clone());
        let texts = match args.get(1) {
            None => records,
            Some(_) if records.ty == Type::Blank => return records,
            Some(name) => {
                let name = self.value(*name);
                let Type::Record(table) = *records.ty.item() else { return records };
                match self.field_behind(&name).filter(|field| self.is_of(*field, table)) {
                    Some(field) => self.lookup(records, field, range.clone()),
                    None => return self.refuse(name.range, "PATH expects a field of the same record here"),
                }
            }
        };
        let texts = self.convert(texts, &Type::list(Type::Text));
        let separator = match args.get(2) {
            Some(separator) => self.value(*separator),
            None => self.add(Op::Constant(Value::text(" / ")), Type::Text, range.clone()),
        };
        let separator = self.expect(separator, &Type::Text, "PATH", "separator");
        let function = entry("ARRAYJOIN").expect("there is such a function").function;
        let op = Op::Call { function, args: vec![texts.id, separator.id], timed: false, needs_dates: false };
        self.add(op, Type::Text, range)
    }

    /// The record or records whose link a value is, and the link, if it is one of a table to itself.
    fn self_link(&mut self, value: &Typed) -> Option<(Typed, FieldId, TableId)> {
        let field = self.field_behind(value)?;
        let info = self.schema.field(field)?;
        if *info.ty.item() != Type::Record(info.table) {
            return None;
        }
        let of = match self.nodes[value.id].op {
            Op::Lookup { over, .. }
                if value.ty.is_list() && self.nodes[over].kind != crate::column::Kind::Choice =>
            {
                Typed { id: over, ty: Type::list(Type::Record(info.table)), ..value.clone() }
            }
            Op::Lookup { over, .. } => Typed { id: over, ty: Type::Record(info.table), ..value.clone() },
            _ => self.add(Op::Own, Type::Record(info.table), value.range.clone()),
        };
        Some((of, field, info.table))
    }

    /// The field that a value is, of the formula's record or of others.
    fn field_behind(&self, value: &Typed) -> Option<FieldId> {
        match self.nodes[value.id].op {
            Op::Field(field) | Op::Lookup { field, .. } => Some(field),
            _ => None,
        }
    }

    fn is_of(&self, field: FieldId, table: TableId) -> bool {
        self.schema.field(field).is_some_and(|info| info.table == table)
    }
}
