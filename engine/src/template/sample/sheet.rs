//! [`Sheet`]: new records of one table, column by column, by the names of the fields.

use formulas::{FieldId, TableId};

use super::super::{Locale, Words};
use crate::base::Base;
use crate::command::Command;
use crate::error::{Error, Refusal};
use crate::field::Input;
use crate::snapshot::Snapshot;

/// Records that are about to be made. Columns are equally long.
pub(super) struct Sheet {
    snapshot: Snapshot,
    locale: Locale,
    pub(super) table: TableId,
    columns: Vec<(FieldId, Vec<Input>)>,
}

impl Sheet {
    pub(super) fn new(base: &Base, locale: Locale, table: Words) -> Result<Self, Error> {
        let snapshot = base.snapshot();
        let name = table.get(locale);
        let found = snapshot.schema().table_named(name).map(|table| table.id);
        let table = found.ok_or_else(|| Refusal::not_found(format!("there is no table \"{name}\"")))?;
        Ok(Self { snapshot, locale, table, columns: Vec::new() })
    }

    /// A field of the table.
    pub(super) fn field(&self, name: Words) -> Result<FieldId, Error> {
        let name = name.get(self.locale);
        let found = self.snapshot.schema().field_named(self.table, name).map(|field| field.id);
        found.ok_or_else(|| {
            Refusal::not_found(format!("there is no field \"{name}\"")).in_table(self.table).into()
        })
    }

    /// Adds the cells of a field.
    pub(super) fn column(&mut self, name: Words, cells: impl Iterator<Item = Input>) -> Result<(), Error> {
        let field = self.field(name)?;
        self.columns.push((field, cells.collect()));
        Ok(())
    }

    /// The command that makes the records. Options are given by their names.
    pub(super) fn command(self) -> Command {
        let n_records = self.columns.first().map_or(0, |(_, cells)| cells.len());
        Command::CreateRecords { table: self.table, columns: self.columns, n_records, typecast: true }
    }
}
