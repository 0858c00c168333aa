/** Options that a new field of a type starts with. */
import type { FieldOptions, FieldType, Table } from '../api/types';
import type { OpenBase } from '../store/base.svelte';

export function defaultOptions(type: FieldType, table: Table, base: OpenBase): FieldOptions {
  switch (type) {
    case 'number':
      return { format: 'plain', decimals: 0 };
    case 'rating':
      return { max: 5, icon: 'star' };
    case 'duration':
      return { format: 'h:mm' };
    case 'date':
      return { time: false, format: 'YYYY-MM-DD' };
    case 'createdTime':
    case 'modifiedTime':
      return { time: true };
    case 'singleSelect':
    case 'multiSelect':
      return { options: [] };
    case 'person':
      return { many: true };
    case 'link': {
      const other = base.info.tables.find((entry) => entry.id !== table.id) ?? table;
      return { table: other.id, many: true };
    }
    case 'formula':
      return { formula: '' };
    case 'lookup':
    case 'rollup':
    case 'count': {
      const link = table.fields.find((field) => field.type === 'link');
      const target = base.table(link?.options.table);
      return {
        ...(link ? { link: link.id } : {}),
        ...(type !== 'count' && target ? { field: target.primary } : {}),
        ...(type === 'rollup' ? { function: 'COUNTA' } : {}),
      } as FieldOptions;
    }
    default:
      return {};
  }
}
