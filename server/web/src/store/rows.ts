/** One page's rows under the ops of a patch. An array of them is all that an op sees; indexes in ops are of the whole order. */
import type { CellValue, FieldId, PatchOp, Row, WireRow } from '../api/types';

export type RowOp = Extract<PatchOp, readonly ['u' | 'i' | 'd' | 'm', ...unknown[]]>;

/** Changes `rows`, which stand from index `from` on. False: they do not fit the op, the page must be loaded again. */
export function applyToRows(rows: Row[], from: number, fields: readonly FieldId[], op: RowOp): boolean {
  const at = op[1] - from;
  switch (op[0]) {
    case 'u': {
      const i = rows[at]?.id === op[2] ? at : rows.findIndex((row) => row.id === op[2]);
      const row = rows[i];
      if (!row) return false;
      const cells: Record<FieldId, CellValue> = { ...row.cells };
      for (const [position, value] of Object.entries(op[4])) {
        const field = fields[Number(position)];
        if (field !== undefined) cells[field] = value;
      }
      rows[i] = { id: row.id, version: op[3], cells };
      return true;
    }
    case 'i':
      if (at < 0 || at > rows.length) return false;
      rows.splice(at, 0, rowOf(op[2], fields));
      return true;
    case 'd':
      // Past the end: an insert before it pushed the row out already.
      if (at < 0 || at > rows.length) return false;
      rows.splice(at, 1);
      return true;
    case 'm': {
      const [moved] = at < 0 ? [] : rows.splice(at, 1);
      if (!moved) return false;
      rows.splice(op[2] - from, 0, moved);
      return true;
    }
  }
}

export function rowOf([id, version, values]: WireRow, fields: readonly FieldId[]): Row {
  const cells: Record<FieldId, CellValue> = {};
  fields.forEach((field, i) => {
    cells[field] = values[i] ?? null;
  });
  return { id, version, cells };
}
