/** The name of a record: the text of its primary field. */
import { kindOf } from '../fields';
import type { Row, Table } from '../api/types';
import type { OpenBase } from '../store/base.svelte';
import { codecContext } from '../store/locale';

export function titleOf(row: Row, table: Table, base: OpenBase): string {
  const field = table.fields.find((entry) => entry.id === table.primary);
  if (!field) return '';
  return kindOf(field).codec.format(row.cells[field.id] ?? null, field, codecContext(base));
}
