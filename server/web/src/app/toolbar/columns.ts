/** The columns of a view: order, width and visibility out of its settings. The primary field is always first and shown. */
import type { ColumnSetting, Field, FieldId, Table, ViewSettings } from '../../api/types';

export interface Column {
  readonly field: Field;
  readonly width?: number;
  readonly hidden: boolean;
}

export function columnsOf(table: Table, settings: ViewSettings): Column[] {
  const byId = new Map(table.fields.map((field) => [field.id, field]));
  const named = (settings.fields ?? []).filter((column) => byId.has(column.field));
  const seen = new Set(named.map((column) => column.field));
  const all: ColumnSetting[] = [...named, ...table.fields.filter((field) => !seen.has(field.id)).map((field) => ({ field: field.id }))];
  const columns = all.map(({ field, width, hidden }) => ({
    field: byId.get(field) as Field,
    ...(width === undefined ? {} : { width }),
    hidden: hidden === true && field !== table.primary,
  }));
  const first = columns.findIndex((column) => column.field.id === table.primary);
  if (first > 0) columns.unshift(...columns.splice(first, 1));
  return columns;
}

/** Back to settings. Every column is named once one is, so that new fields go to the end. */
export function settingsOf(columns: readonly Column[]): ColumnSetting[] {
  return columns.map(({ field, width, hidden }) => ({ field: field.id, ...(width === undefined ? {} : { width }), ...(hidden ? { hidden } : {}) }));
}

/** Puts `field` before another one, or at the end. */
export function moveColumn(columns: readonly Column[], field: FieldId, before: FieldId | null): Column[] {
  const moved = columns.find((column) => column.field.id === field);
  if (!moved) return [...columns];
  const rest = columns.filter((column) => column !== moved);
  const at = before === null ? -1 : rest.findIndex((column) => column.field.id === before);
  rest.splice(at < 0 ? rest.length : at, 0, moved);
  return rest;
}
