/**
 * The grid for screen readers and tests: an invisible `role=grid` laid exactly over the visible cells, built anew 120 ms
 * after the last movement. It never takes the pointer; the canvas under it is what people see.
 */
import { kindOf } from '../fields/registry';
import type { PaintContext } from '../fields/types';
import { bodyBottom, headerHeight, screenY, type Frame } from './frame';
import type { PlacedColumn } from './columns';
import type { Line } from './rows';

export const mirrorMs = 120;

export class Mirror {
  readonly element: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Names of the people in a cell, by record and field. */
  private others: ReadonlyMap<string, string> = new Map();
  private static made = 0;
  private readonly name = `sheaf-grid-${(Mirror.made += 1)}`;

  constructor(
    parent: HTMLElement,
    private readonly frame: Frame,
    private readonly p: PaintContext,
    private readonly area: HTMLTextAreaElement,
  ) {
    this.element = document.createElement('div');
    this.element.className = 'sheaf-grid-mirror';
    this.element.setAttribute('role', 'grid');
    this.element.setAttribute('aria-multiselectable', 'true');
    this.element.id = this.name;
    area.setAttribute('aria-controls', this.name);
    parent.append(this.element);
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.element.remove();
  }

  /** Something moved. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.build(), mirrorMs);
    // While things move the mirror would lie.
    this.element.setAttribute('aria-busy', 'true');
  }

  private build(): void {
    const { frame, element } = this;
    const { columns } = frame;
    this.others = names(frame);
    const lines: Line[] = [];
    frame.rows.visible(frame.top, frame.top + bodyBottom(frame) - headerHeight, (line) => lines.push(line));
    const shown = [...columns.frozen(), ...columns.scrolled(frame.scrollX, frame.width)];
    element.setAttribute('aria-label', frame.options.words.grid);
    element.setAttribute('aria-rowcount', String(frame.rows.nRows + 1));
    element.setAttribute('aria-colcount', String(columns.columns.length));
    if (frame.options.readOnly) element.setAttribute('aria-readonly', 'true');
    else element.removeAttribute('aria-readonly');
    element.replaceChildren(this.header(shown), ...lines.map((line) => this.row(line, shown)));
    element.removeAttribute('aria-busy');
    this.describe();
  }

  private header(columns: readonly PlacedColumn[]): HTMLElement {
    const row = box('row', 0, 0, this.frame.width, headerHeight);
    row.setAttribute('aria-rowindex', '1');
    for (const column of columns) {
      const cell = box('columnheader', this.frame.columns.screenX(column, this.frame.scrollX), 0, column.width, headerHeight);
      cell.textContent = column.field.name;
      cell.dataset.field = column.field.id;
      cell.setAttribute('aria-colindex', String(column.index + 1));
      if (column.sorted !== undefined) cell.setAttribute('aria-sort', column.sorted === 'asc' ? 'ascending' : 'descending');
      row.append(cell);
    }
    return row;
  }

  private row(line: Line, columns: readonly PlacedColumn[]): HTMLElement {
    const { frame } = this;
    const y = screenY(frame, line);
    const row = box('row', 0, y, frame.width, line.h);
    row.setAttribute('aria-rowindex', String(line.row + 2));
    const { segment } = line;
    if (segment.kind === 'records') {
      const record = frame.source.row(line.position);
      if (record !== undefined) row.dataset.record = record.id;
      else row.setAttribute('aria-busy', 'true');
      if (frame.selection.checks.has(line.position)) row.dataset.checked = '';
      for (const column of columns) row.append(this.cell(line, column, record));
      return row;
    }
    const cell = box('gridcell', 0, 0, frame.columns.frozenRight, line.h);
    if (segment.kind === 'group') {
      row.dataset.group = segment.key;
      row.setAttribute('aria-expanded', String(!segment.collapsed));
      row.setAttribute('aria-level', String(segment.level + 1));
      const label = segment.label ?? kindOf(segment.field).codec.format(segment.value, segment.field, this.p);
      cell.textContent = `${label} ${frame.options.words.records(segment.count)}`;
    } else {
      row.dataset.new = segment.group ?? '';
      cell.textContent = frame.options.words.newRecord;
    }
    row.append(cell);
    return row;
  }

  private cell(line: Line, column: PlacedColumn, record: ReturnType<Frame['source']['row']>): HTMLElement {
    const { frame } = this;
    const cell = box('gridcell', frame.columns.screenX(column, frame.scrollX), 0, column.width, line.h);
    cell.dataset.field = column.field.id;
    cell.setAttribute('aria-colindex', String(column.index + 1));
    if (!column.editable) cell.setAttribute('aria-readonly', 'true');
    if (record !== undefined) {
      cell.dataset.record = record.id;
      cell.textContent = kindOf(column.field).codec.format(record.cells[column.field.id] ?? null, column.field, this.p);
    }
    const range = frame.selection.box();
    const selected = range !== null && line.position >= range.top && line.position <= range.bottom && column.index >= range.left && column.index <= range.right;
    cell.setAttribute('aria-selected', String(selected));
    const others = record === undefined ? undefined : this.others.get(`${record.id} ${column.field.id}`);
    if (others !== undefined) {
      cell.dataset.others = others;
      cell.setAttribute('aria-description', others);
    }
    const { anchor } = frame.selection;
    if (anchor !== null && anchor.position === line.position && anchor.field === column.field.id) cell.id = `${this.name}-active`;
    return cell;
  }

  /** The focused text area speaks for the active cell. */
  private describe(): void {
    const active = this.element.querySelector(`#${this.name}-active`);
    const { anchor } = this.frame.selection;
    const column = anchor === null ? undefined : this.frame.columns.of(anchor.field);
    const label = column === undefined ? this.frame.options.words.grid : `${column.field.name}: ${active?.textContent ?? ''}`;
    this.area.setAttribute('aria-label', label);
    if (active === null) this.area.removeAttribute('aria-activedescendant');
    else this.area.setAttribute('aria-activedescendant', active.id);
  }
}

function names(frame: Frame): Map<string, string> {
  const out = new Map<string, string>();
  for (const { record, field, user } of frame.source.presence()) {
    const name = frame.source.person(user)?.name;
    const key = `${record} ${field}`;
    if (name !== undefined) out.set(key, [out.get(key), name].filter(Boolean).join(', '));
  }
  return out;
}

function box(role: string, x: number, y: number, w: number, h: number): HTMLElement {
  const element = document.createElement('div');
  element.setAttribute('role', role);
  element.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px`;
  return element;
}
