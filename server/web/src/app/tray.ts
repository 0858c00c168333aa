/** A command in words: which record, and what became of it. For the tray of refused edits. */
import { kindOf } from '../fields';
import type { CellValue, FieldId, Op, RecordId, TableId } from '../api/types';
import type { OpenBase } from '../store/base.svelte';
import { codecContext } from '../store/locale';
import { words } from '../i18n/index.svelte';

export interface Told {
  readonly table?: TableId;
  /** The only record that is meant. */
  readonly record?: RecordId;
  readonly text: string;
}

/** Cells that are written out; of more, only how many there are. */
const cellsMax = 3;

export function told(ops: readonly Op[], base: OpenBase): Told {
  const w = words().tray;
  const [op] = ops;
  const table = base.table(op?.table as TableId | undefined);
  if (!op || !table) return { text: op?.op ?? '' };
  const same = ops.filter((other) => other.op === op.op);
  const lines = (key: string): readonly unknown[] => same.flatMap((other) => (Array.isArray(other[key]) ? (other[key] as unknown[]) : []));
  switch (op.op) {
    case 'records.create':
      return { table: table.id, text: withCells(w.create(table.name), (lines('records') as { fields?: Fields }[])[0]?.fields, base) };
    case 'records.delete':
      return { table: table.id, text: w.remove(lines('records').length, table.name) };
    case 'cells.paste':
      return { table: table.id, text: w.paste(same.reduce((n, other) => n + (other.rows as unknown[][]).reduce((m, row) => m + row.length, 0), 0), table.name) };
    case 'records.update': {
      const records = lines('records') as { id: RecordId; fields: Fields }[];
      const [first] = records;
      if (records.length !== 1 || !first) return { table: table.id, text: w.change(records.length, table.name) };
      return { table: table.id, record: first.id, text: cells(first.fields, base) };
    }
    case 'cells.add':
    case 'cells.remove':
    case 'cells.increment': {
      const value = op.op === 'cells.increment' ? (op.by as number) : (op.items as CellValue);
      return { table: table.id, record: op.record as RecordId, text: cells({ [op.field as FieldId]: value }, base) };
    }
    default:
      return { table: table.id, text: w.change(lines('records').length, table.name) };
  }
}

type Fields = Readonly<Record<FieldId, CellValue>>;

function cells(fields: Fields, base: OpenBase): string {
  const entries = Object.entries(fields);
  const shown = entries.slice(0, cellsMax).map(([id, value]) => {
    const field = base.field(id);
    // A text that the server was to read is shown as it was typed.
    const text = field && value !== null ? kindOf(field).codec.format(value, field, codecContext(base)) || (typeof value === 'string' ? value : '') : '';
    return `${field?.name ?? id}: ${text === '' ? '–' : text}`;
  });
  return shown.join(', ') + (entries.length > cellsMax ? ' …' : '');
}

function withCells(text: string, fields: Fields | undefined, base: OpenBase): string {
  return fields && Object.keys(fields).length > 0 ? `${text}: ${cells(fields, base)}` : text;
}
