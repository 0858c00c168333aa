//! Conversions between types, inserted where a value is used as another type.

use super::{Checker, Typed, article};
use crate::dialect::Dialect;
use crate::expr::{Conversion, Op};
use crate::function::WORDS;
use crate::value::{Type, Value};

impl Checker<'_> {
    /// The value as `to`; says what is wrong if it cannot be one. `by` is who asks (`YEAR`), `place` for which
    /// of its parameters; it is left out where its name says no more than the type.
    pub(super) fn expect(&mut self, value: Typed, to: &Type, by: &str, place: &str) -> Typed {
        if !accepts(&value.ty, to) {
            let place = if place == to.word() { String::new() } else { format!(" for {place}") };
            let message = format!("{by} expects {}{place}, got {}", article(to), article(&value.ty));
            return self.refuse(value.range, message);
        }
        self.convert(value, to)
    }

    pub(super) fn number(&mut self, value: Typed, by: &str) -> Typed {
        self.expect(value, &Type::Number, by, "number")
    }

    /// The value as `to`, which accepts it.
    pub(super) fn convert(&mut self, value: Typed, to: &Type) -> Typed {
        let range = value.range.clone();
        match (&value.ty, to) {
            (from, to) if from == to => value,
            (Type::Blank, _) => self.add(Op::Constant(Value::Blank), to.clone(), range),
            (_, Type::Blank) => value,
            (Type::List(_), Type::List(item)) => self.convert_items(value, item),
            (Type::List(_), Type::Text) => {
                let texts = self.convert_items(value, &Type::Text);
                self.conversion(texts, Conversion::Join, Type::Text)
            }
            (Type::List(_), Type::Bool) => self.conversion(value, Conversion::ToBool, Type::Bool),
            (Type::List(item), _) => {
                let item = item.as_ref().clone();
                let one = self.conversion(value, Conversion::Single, item);
                self.convert(one, to)
            }
            (_, Type::List(item)) => {
                let item = self.convert(value, item);
                self.conversion(item, Conversion::ToList, to.clone())
            }
            (Type::Record(_), Type::Bool) => self.conversion(value, Conversion::ToBool, Type::Bool),
            (Type::Record(_), _) => {
                let text = self.record_text(value);
                self.convert(text, to)
            }
            (from, _) => {
                let how = simple(from, to);
                self.conversion(value, how, to.clone())
            }
        }
    }

    fn convert_items(&mut self, list: Typed, item: &Type) -> Typed {
        let ty = Type::list(item.clone());
        match list.ty.item() {
            from if from == item => list,
            Type::Blank => {
                let range = list.range;
                self.add(Op::Constant(Value::Blank), ty, range)
            }
            Type::Record(_) => {
                let texts = self.record_text(list);
                self.convert(texts, &ty)
            }
            from => {
                let how = simple(from, item);
                self.conversion(list, how, ty)
            }
        }
    }

    /// A record, or records, by what people know them: their primary field.
    fn record_text(&mut self, value: Typed) -> Typed {
        let Type::Record(table) = *value.ty.item() else { return value };
        let range = value.range.clone();
        let text = if value.ty.is_list() { Type::list(Type::Text) } else { Type::Text };
        let primary = self.schema.primary_field(table).and_then(|id| Some((id, self.schema.field(id)?)));
        match primary {
            // A primary field of records could lead around in a circle.
            Some((field, info)) if !matches!(info.ty.item(), Type::Record(_)) => {
                let shown = self.lookup(value, field, range);
                self.convert(shown, &text)
            }
            _ => self.conversion(value, Conversion::RecordToText(table), text),
        }
    }

    fn conversion(&mut self, value: Typed, how: Conversion, ty: Type) -> Typed {
        let is_bool = matches!(how, Conversion::ToText { .. }) && *value.ty.item() == Type::Bool;
        if is_bool && self.schema.dialect() != Dialect::Airtable {
            return self.inner_as(&WORDS, value, ty);
        }
        let routes = super::routes_of(&ty, value.routes);
        Typed { routes, ..self.add(Op::Convert { arg: value.id, how }, ty, value.range) }
    }

    /// A condition of `AND` and `OR`: of a list, whether all or any of its items are true.
    pub(super) fn condition(&mut self, value: Typed, how: Conversion) -> Typed {
        match value.ty.item() {
            Type::Record(_) => self.convert(value, &Type::Bool),
            _ if value.ty.is_list() => {
                let bools = self.convert(value, &Type::list(Type::Bool));
                self.conversion(bools, how, Type::Bool)
            }
            _ => self.convert(value, &Type::Bool),
        }
    }
}

/// Between single values that are neither blank nor records.
fn simple(from: &Type, to: &Type) -> Conversion {
    match (from, to) {
        (Type::Date { time }, Type::Text) => Conversion::ToText { time: *time },
        (_, Type::Text) => Conversion::ToText { time: false },
        (_, Type::Number) => Conversion::ToNumber,
        (_, Type::Bool) => Conversion::ToBool,
        (Type::Date { .. }, Type::Date { .. }) => Conversion::DateToMoment,
        (_, Type::Date { time }) => Conversion::ToDate { time: *time },
        (from, to) => unreachable!("{from:?} is never asked to be {to:?}"),
    }
}

/// Whether a value of type `from` can be used as `to`; that a text says no number shows only in the cell.
pub(super) fn accepts(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::List(from), to) => accepts(from, to.item()),
        (from, Type::List(to)) => accepts(from, to),
        (Type::Blank, _) => true,
        (Type::Date { .. }, Type::Number) => false,
        (Type::Number | Type::Bool, Type::Date { .. }) => false,
        (Type::Record(a), Type::Record(b)) => a == b,
        (_, Type::Record(_)) => false,
        _ => true,
    }
}

/// The type of a value that is sometimes the one and sometimes the other; what mixes becomes text.
pub(super) fn unify(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Blank, other) | (other, Type::Blank) => other.clone(),
        (Type::Date { .. }, Type::Date { .. }) => Type::Date { time: true },
        (Type::Number | Type::Bool, Type::Number | Type::Bool) => Type::Number,
        (Type::List(a), Type::List(b)) => Type::list(unify(a, b)),
        (Type::List(item), single) | (single, Type::List(item)) => match unify(item, single) {
            Type::Text => Type::Text,
            item => Type::list(item),
        },
        _ => Type::Text,
    }
}
