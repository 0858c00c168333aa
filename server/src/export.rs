//! Export as CSV, streamed: a table's records in a view's order, cells as people type them.

use std::io::{self, Write};

use engine::field::{self, FieldType};
use engine::state::schema::Field;
use engine::{FieldId, RecordId, Snapshot, Value};

/// What begins a formula in spreadsheet programs.
const RISKY: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a header and a line for each record.
///
/// With `safe` a text that a spreadsheet program would take for a formula gets a `'` in front.
///
/// # Errors
///
/// If `out` cannot be written.
pub fn write_csv(
    snapshot: &Snapshot,
    fields: &[FieldId],
    records: impl Iterator<Item = RecordId>,
    safe: bool,
    out: impl Write,
) -> io::Result<()> {
    let defs: Vec<(&Field, &dyn FieldType)> = fields
        .iter()
        .filter_map(|id| snapshot.field(*id))
        .map(|def| (def.as_ref(), field::type_of(def)))
        .collect();
    let mut writer = csv::WriterBuilder::new().buffer_capacity(64 << 10).from_writer(out);
    let mut line = csv::StringRecord::new();
    defs.iter().for_each(|(def, _)| line.push_field(&guard(def.name.clone(), safe)));
    writer.write_record(&line)?;
    for record in records {
        line.clear();
        for (def, ty) in &defs {
            let value = snapshot.get(def.id, record);
            let text = if value.is_blank() { String::new() } else { ty.text(&value, def, snapshot.stored()) };
            // A number begins with a minus and is no formula.
            let is_text = !matches!(value, Value::Number(_) | Value::Bool(_) | Value::Date(_));
            line.push_field(&guard(text, safe && is_text));
        }
        writer.write_record(&line)?;
    }
    writer.flush()
}

fn guard(text: String, safe: bool) -> String {
    if safe && text.starts_with(RISKY) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx"] {
            assert_eq!(guard(text.into(), true), format!("'{text}"));
            assert_eq!(guard(text.into(), false), text);
        }
        assert_eq!(guard("a=1".into(), true), "a=1");
    }
}
