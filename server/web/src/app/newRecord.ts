/** Cells of a record made in a filtered or grouped view: what it needs so that it is seen there. */
import type { OpenBase } from '../store/base.svelte';
import type { CellValue, FieldId, Filter, Table, View } from '../api/types';
import { isTest } from './filter';

export function newRecordFields(base: OpenBase, table: Table, view: View): Record<FieldId, CellValue> {
  const cells: Record<FieldId, CellValue> = {};
  collect(view.settings.filter, (field, value) => {
    const found = base.field(field);
    if (found && !found.computed && table.fields.includes(found)) cells[field] = value;
  });
  return cells;
}

/** Values that every record of the filter has: "is" tests that are not inside an "or". */
function collect(filter: Filter | null | undefined, set: (field: FieldId, value: CellValue) => void): void {
  if (!filter) return;
  if ('and' in filter) for (const entry of filter.and) collect(entry, set);
  else if (isTest(filter) && (filter.op === 'is' || filter.op === 'hasAllOf')) {
    const value = filter.value;
    if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))) return;
    set(filter.field, value as CellValue);
  }
}
