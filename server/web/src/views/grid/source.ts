/** What the grid shows, out of a window of rows, the view's settings and who else is here. Framework-free. */
import { kindOf } from '../../fields';
import { isBlank } from '../../fields/wire';
import type { CellValue, Field, FieldId, GroupNode, RecordId, Summary, Table, UserId, View } from '../../api/types';
import type { GridColumn, GridRecord, GridSource, Presence, RowSegment, SourceChange, Span } from '../../grid/source';
import { filteredFields, effectiveType } from '../../app/filter';
import { columnsOf } from '../../app/toolbar/columns';
import type { OpenBase } from '../../store/base.svelte';
import { codecContext } from '../../store/locale';
import type { RowWindow, WindowSpec } from '../../store/window';
import { number, words } from '../../i18n/index.svelte';

const counts: ReadonlySet<Summary> = new Set(['count', 'empty', 'filled', 'unique', 'checked']);

export function windowSpec(table: Table, view: View, search: string): WindowSpec {
  const { filter, sort, group, summaries } = view.settings;
  const fields = columnsOf(table, view.settings).filter((column) => !column.hidden).map((column) => column.field.id);
  for (const entry of group ?? []) if (!fields.includes(entry.field)) fields.push(entry.field);
  // The settings just changed may not have reached the server: they go with the query, not by the view's name.
  return {
    table: table.id,
    fields,
    query: { ...(filter ? { filter } : {}), ...(sort?.length ? { sort } : { by_hand: view.id }), ...(group?.length ? { group } : {}), ...(search ? { search } : {}) },
    ...(summaries && Object.keys(summaries).length > 0 ? { summaries } : {}),
  };
}

export class ViewSource implements GridSource {
  readonly collapsed = new Set<string>();
  #table: Table;
  #view: View;
  #window: RowWindow;
  #columns: readonly GridColumn[] = [];
  #segments: readonly RowSegment[] = [];
  /** Values of the levels of a group, by its key. */
  #groups = new Map<string, readonly CellValue[]>();
  #listeners = new Set<(change: SourceChange) => void>();
  #ends: (() => void)[];

  constructor(
    readonly base: OpenBase,
    table: Table,
    view: View,
    search: string,
  ) {
    this.#table = table;
    this.#view = view;
    this.#window = base.window(windowSpec(table, view, search));
    this.#rebuildColumns();
    this.#rebuildRows();
    this.#ends = [
      this.#window.onChange((what) => {
        if (what === 'rows') this.#rebuildRows();
        this.#tell({ kind: what });
      }),
      base.onRefused((cells) => {
        for (const { record, field } of cells) this.#tell({ kind: 'refused', record, field });
      }),
    ];
  }

  /** The schema, the settings or the search changed. */
  update(table: Table, view: View, search: string): void {
    this.#table = table;
    this.#view = view;
    this.#rebuildColumns();
    this.#tell({ kind: 'columns' });
    this.#window.set(windowSpec(table, view, search));
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#window.close();
  }

  /** Why the server gives no rows, if it refused. */
  get problem(): string | null {
    return this.#window.problem;
  }

  get loaded(): boolean {
    return this.#window.loaded;
  }

  get nRecords(): number {
    return this.#window.total;
  }

  segments(): readonly RowSegment[] {
    return this.#segments;
  }

  columns(): readonly GridColumn[] {
    return this.#columns;
  }

  row(position: number): GridRecord | undefined {
    return this.#window.row(position);
  }

  positionOf(record: RecordId): number | undefined {
    return this.#window.positionOf(record);
  }

  request(from: number, to: number): void {
    if (this.#segments.length === 0) return;
    for (const segment of this.#segments) {
      if (segment.kind !== 'records') continue;
      const a = Math.max(from, segment.start);
      const b = Math.min(to, segment.start + segment.count);
      if (a < b) this.#window.need(a, b);
    }
  }

  load(spans: readonly Span[]): Promise<void> {
    return this.#window.load(spans);
  }

  person(id: UserId): ReturnType<OpenBase['person']> {
    return this.base.person(id);
  }

  people(): Iterable<readonly [UserId, NonNullable<ReturnType<OpenBase['person']>>]> {
    return this.base.info.people.map((person) => [person.id, person] as const);
  }

  presence(): readonly Presence[] {
    return this.base.others.flatMap(({ session, who, table, record, field, editing, movedAt }) =>
      table === this.#table.id && record && field ? [{ session, user: who, record, field, movedAt, ...(editing ? { editing } : {}) }] : [],
    );
  }

  summaries(): Readonly<Record<FieldId, string>> {
    return this.#summaryTexts(this.#window.summaries);
  }

  listen(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Presence moved. */
  marks(): void {
    this.#tell({ kind: 'marks' });
  }

  toggle(key: string): void {
    if (!this.collapsed.delete(key)) this.collapsed.add(key);
    this.#rebuildRows();
    this.#tell({ kind: 'rows' });
  }

  collapseAll(collapsed: boolean): void {
    this.collapsed.clear();
    if (collapsed) for (const key of this.#groups.keys()) this.collapsed.add(key);
    this.#rebuildRows();
    this.#tell({ kind: 'rows' });
  }

  /** Cells that put a new record into a group. */
  groupCells(key: string | null): Record<FieldId, CellValue> {
    const values = key === null ? [] : (this.#groups.get(key) ?? []);
    const cells: Record<FieldId, CellValue> = {};
    (this.#view.settings.group ?? []).forEach((entry, i) => {
      const field = this.base.field(entry.field);
      if (!field || field.computed || entry.bucket || i >= values.length || isBlank(values[i])) return;
      cells[field.id] = asCell(field, values[i] ?? null);
    });
    return cells;
  }

  /** The first position of the run of records that a position lies in: its group's. */
  runStart(position: number): number {
    const run = this.#segments.find((segment) => segment.kind === 'records' && position >= segment.start && position < segment.start + segment.count);
    return run?.kind === 'records' ? run.start : 0;
  }

  /** Cells that put the record at a position into another group; `null` if a level of it cannot be written. */
  regrouped(position: number, key: string | null): Record<FieldId, CellValue> | null {
    const to = key === null ? [] : (this.#groups.get(key) ?? []);
    const from = this.#groupAt(position);
    const cells: Record<FieldId, CellValue> = {};
    for (const [i, entry] of (this.#view.settings.group ?? []).entries()) {
      if (i >= to.length || JSON.stringify(from[i]) === JSON.stringify(to[i])) continue;
      const field = this.base.field(entry.field);
      // A month has many days, and a formula says its value itself.
      if (!field || field.computed || entry.bucket || field.type === 'date') return null;
      cells[field.id] = isBlank(to[i]) ? null : asCell(field, to[i] ?? null);
    }
    return cells;
  }

  #groupAt(position: number): readonly CellValue[] {
    const path: CellValue[] = [];
    for (const node of this.#window.groups) {
      if (position < node.from || position >= node.from + node.count) continue;
      path[node.level] = node.key;
    }
    return path;
  }

  #rebuildColumns(): void {
    const { sort, filter, frozen = 1 } = this.#view.settings;
    const filtered = filteredFields(filter);
    const shown = columnsOf(this.#table, this.#view.settings).filter((column) => !column.hidden);
    this.#columns = shown.map(({ field, width }, i) => {
      const order = sort?.find((entry) => entry.field === field.id);
      return {
        field,
        width: width ?? (field.id === this.#table.primary ? 250 : (kindOf(field).width ?? 140)),
        frozen: i < Math.max(1, frozen),
        editable: this.base.canEdit && !field.computed,
        ...(order ? { sorted: order.desc ? ('desc' as const) : ('asc' as const) } : {}),
        ...(filtered.has(field.id) ? { filtered: true } : {}),
      };
    });
  }

  #rebuildRows(): void {
    const { total, groups } = this.#window;
    const levels = this.#view.settings.group ?? [];
    const mayAdd = this.base.canEdit && this.#window.loaded;
    this.#groups.clear();
    const out: RowSegment[] = [];
    if (levels.length === 0 || groups.length === 0) {
      if (total > 0) out.push({ kind: 'records', start: 0, count: total });
      if (mayAdd) out.push({ kind: 'new', group: null });
      this.#segments = out;
      return;
    }
    const path: CellValue[] = [];
    let hiddenBelow = Infinity;
    for (const node of groups) {
      path.length = node.level;
      path.push(node.key);
      const key = JSON.stringify(path);
      this.#groups.set(key, [...path]);
      if (node.level > hiddenBelow) continue;
      hiddenBelow = Infinity;
      const collapsed = this.collapsed.has(key);
      out.push(this.#groupSegment(node, key, collapsed, levels[node.level]?.field));
      if (collapsed) hiddenBelow = node.level;
      else if (node.level === levels.length - 1) {
        out.push({ kind: 'records', start: node.from, count: node.count });
        if (mayAdd) out.push({ kind: 'new', group: key });
      }
    }
    this.#segments = out;
  }

  #groupSegment(node: GroupNode, key: string, collapsed: boolean, fieldId: FieldId | undefined): RowSegment {
    const field = (fieldId && this.base.field(fieldId)) ?? (this.#table.fields[0] as Field);
    const chip = ['singleSelect', 'multiSelect', 'person', 'checkbox', 'rating'].includes(effectiveType(field));
    const label = isBlank(node.key) ? words().empty : chip ? undefined : node.label;
    return {
      kind: 'group', key, level: node.level, field, value: asCell(field, node.key), count: node.count, collapsed,
      ...(label !== undefined ? { label } : {}),
      ...(node.summaries ? { summaries: this.#summaryTexts(node.summaries) } : {}),
    };
  }

  #summaryTexts(values: Readonly<Record<string, number | null>>): Record<FieldId, string> {
    const w = words();
    const out: Record<FieldId, string> = {};
    for (const [id, name] of Object.entries(this.#view.settings.summaries ?? {})) {
      const value = values[id];
      const field = this.base.field(id);
      if (!field || value === undefined || value === null) continue;
      const text = counts.has(name) ? number(value) : kindOf(field).codec.format(value, field, codecContext(this.base));
      out[field.id] = `${w.summaries[name]} ${text || number(value)}`;
    }
    return out;
  }

  #tell(change: SourceChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** A group's key as a cell of its field: lists stay lists. */
function asCell(field: Field, key: CellValue): CellValue {
  const type = effectiveType(field);
  return (type === 'multiSelect' || type === 'person' || type === 'link') && !Array.isArray(key) && !isBlank(key) ? [key] : key;
}
