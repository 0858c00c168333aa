/** What people do in the grid, as commands. Framework-free but for the base; menus and editors are the view's. */
import { kindOf } from '../../fields';
import { isBlank } from '../../fields/wire';
import type { CellValue, FieldId, Op, RecordId, Table, View } from '../../api/types';
import type { CellRange, Span } from '../../grid/source';
import { newRecordFields } from '../../app/newRecord';
import { notify } from '../../store/notices.svelte';
import type { OpenBase } from '../../store/base.svelte';
import { words } from '../../i18n/index.svelte';
import type { ViewSource } from './source';

/** Records of one op, and ops of one command, below the server's limits. */
const chunk = 500;

export class GridCommands {
  constructor(
    readonly base: OpenBase,
    readonly source: ViewSource,
    readonly now: () => { table: Table; view: View },
  ) {}

  edit(record: RecordId, field: FieldId, value: CellValue): void {
    const { table } = this.now();
    // The date editor hands over texts that only the server can read.
    const typecast = typeof value === 'string' && this.base.field(field)?.type === 'date' && !/^\d{4}-\d\d-\d\d(T|$)/.test(value);
    if (typecast) this.base.act({ op: 'records.update', table: table.id, typecast: true, records: [{ id: record, fields: { [field]: value } }] });
    else this.base.edit(table.id, record, { [field]: value });
  }

  async paste(range: CellRange, rows: readonly (readonly string[])[]): Promise<void> {
    const { table } = this.now();
    const records = this.#records(range.spans);
    if (records === null) return notify({ text: words().grid.loadFirst });
    const width = Math.max(...rows.map((row) => row.length), 1);
    const columns = this.source.columns().map((column) => column.field.id);
    const first = columns.indexOf(range.fields[0] as FieldId);
    const wide = Math.max(width, range.fields.length);
    const fields = columns.slice(first, first + wide);
    // A block smaller than the selection is repeated over it; a larger one goes on to the right and down.
    const height = Math.max(rows.length, rows.length === 1 ? records.length : Math.floor(records.length / rows.length) * rows.length);
    const lines = Array.from({ length: height }, (_, i) => {
      const row = rows[i % rows.length] ?? [];
      return fields.map((_, j) => row[width === 1 || range.fields.length > width ? j % Math.max(1, row.length) : j] ?? '');
    });
    let ids = records;
    if (lines.length > ids.length) ids = [...ids, ...this.#below(range, lines.length - ids.length)];
    try {
      const { results } = await this.base.send([{ op: 'cells.paste', table: table.id, records: ids.slice(0, lines.length), fields, rows: lines, create: true }]);
      const failed = (results[0]?.failed as readonly { message: string }[] | undefined) ?? [];
      const reason = failed[0]?.message;
      if (reason !== undefined) notify({ text: `${words().grid.pasted(failed.length)}: ${reason}`, action: { label: words().undo.undo, run: () => this.base.undo() } });
    } catch {
      // The toast said why.
    }
  }

  fill(range: CellRange, rows: readonly (readonly CellValue[])[]): void {
    const records = this.#records(range.spans);
    if (records === null || rows.length === 0) return;
    this.#write(records, (_, i) => Object.fromEntries(range.fields.map((field, j) => [field, rows[i % rows.length]?.[j % (rows[0]?.length ?? 1)] ?? null])), range.fields);
  }

  clear(range: CellRange): void {
    const records = this.#records(range.spans);
    if (records === null) return;
    this.#write(records, (record) => {
      const row = this.source.row(this.source.positionOf(record) ?? -1);
      // Blank cells are not written again: undo then has less to do.
      return Object.fromEntries(range.fields.filter((field) => !isBlank(row?.cells[field])).map((field) => [field, null]));
    }, range.fields);
  }

  delete(spans: readonly Span[]): void {
    const records = this.#records(spans);
    if (records === null || records.length === 0) return;
    void this.deleteRecords(records);
  }

  async deleteRecords(records: readonly RecordId[]): Promise<void> {
    const { table } = this.now();
    const w = words();
    const ops: Op[] = [];
    for (let i = 0; i < records.length; i += chunk) ops.push({ op: 'records.delete', table: table.id, records: records.slice(i, i + chunk) });
    try {
      await this.base.send(ops);
      notify({ text: w.grid.deleted(records.length), action: { label: w.undo.undo, run: () => this.base.undo() } });
    } catch {
      // The toast said why.
    }
  }

  async create(group: string | null, more: Record<FieldId, CellValue> = {}): Promise<RecordId | undefined> {
    const { table, view } = this.now();
    try {
      const fields = { ...newRecordFields(this.base, table, view), ...this.source.groupCells(group), ...more };
      const { results } = await this.base.send([{ op: 'records.create', table: table.id, records: [{ fields }] }]);
      return (results[0]?.records as RecordId[] | undefined)?.[0];
    } catch {
      return undefined;
    }
  }

  /** Puts records into the order by hand, and into the group where they are put: one command, one undo. */
  async move(spans: readonly Span[], to: { readonly after: number | null; readonly group: string | null }): Promise<void> {
    const { table, view } = this.now();
    const records = this.#records(spans);
    if (records === null) return notify({ text: words().grid.loadFirst });
    const moved = new Set(records);
    const start = to.after === null ? 0 : this.source.runStart(to.after);
    let at = to.after ?? -1;
    while (at >= start && moved.has(this.source.row(at)?.id as RecordId)) at--;
    const after = to.after === null || at < start ? null : this.source.row(at)?.id;
    if (after === undefined) return;
    const changes: { id: RecordId; fields: Record<FieldId, CellValue> }[] = [];
    for (const id of records) {
      const fields = this.source.regrouped(this.source.positionOf(id) ?? -1, to.group);
      if (fields === null) return notify({ text: words().grid.groupFixed });
      if (Object.keys(fields).length > 0) changes.push({ id, fields });
    }
    const ops: Op[] = changes.length > 0 ? [{ op: 'records.update', table: table.id, records: changes }] : [];
    try {
      await this.base.send([...ops, { op: 'records.move', table: table.id, view: view.id, records, after }]);
    } catch {
      // The toast said why.
    }
  }

  duplicate(record: RecordId): void {
    const row = this.source.row(this.source.positionOf(record) ?? -1);
    if (!row) return;
    const cells = Object.entries(row.cells).filter(([id, value]) => !this.base.field(id)?.computed && !isBlank(value));
    void this.create(null, Object.fromEntries(cells));
  }

  /** Ids of all positions, or null when some are not loaded. */
  #records(spans: readonly Span[]): RecordId[] | null {
    const out: RecordId[] = [];
    for (const { from, to } of spans) {
      for (let i = from; i < to; i++) {
        const row = this.source.row(i);
        if (!row) return null;
        out.push(row.id);
      }
    }
    return out;
  }

  /** Up to `n` records under a range, as far as they are loaded. */
  #below(range: CellRange, n: number): RecordId[] {
    const from = range.spans.at(-1)?.to ?? 0;
    const out: RecordId[] = [];
    for (let i = from; i < from + n; i++) {
      const row = this.source.row(i);
      if (!row) break;
      out.push(row.id);
    }
    return out;
  }

  #write(records: readonly RecordId[], cells: (record: RecordId, i: number) => Record<string, CellValue>, fields: readonly FieldId[]): void {
    const { table } = this.now();
    const editable = new Set(fields.filter((id) => {
      const field = this.base.field(id);
      return field && !field.computed && kindOf(field).editing !== 'none';
    }));
    const changes = records
      .map((id, i) => ({ id, fields: Object.fromEntries(Object.entries(cells(id, i)).filter(([field]) => editable.has(field as FieldId))) }))
      .filter((change) => Object.keys(change.fields).length > 0);
    const ops: Op[] = [];
    for (let i = 0; i < changes.length; i += chunk) ops.push({ op: 'records.update', table: table.id, records: changes.slice(i, i + chunk) });
    if (ops.length > 0) this.base.act(...ops);
  }
}
