/**
 * The grid: a canvas under a native scroller, an always focused text area, and a mirror for screen readers. It shows a
 * `GridSource` and reports to `GridActions`; this file only ties the parts together.
 */
import './grid.css';
import { kindOf } from '../fields/registry';
import type { Rect } from '../fields/types';
import type { CellValue, FieldId, RecordId } from '../fields/wire';
import { ColumnModel, narrowMax, type PlacedColumn } from './columns';
import { Editing } from './editing';
import type { CellEditor } from './editor';
import { bodyBottom, cellRect, flashKey, headerHeight, positionsAhead, valueAt, type Frame } from './frame';
import { Mirror } from './mirror';
import { Painter } from './painter';
import { Pointer } from './pointer';
import { nextFlagChange } from './presence';
import { RowModel } from './rows';
import { Scroller } from './scroller';
import { Selection, type Box, type Corner } from './selection';
import type { CellRef, GridActions, GridOptions, GridRecord, GridSource, MenuTarget, SourceChange } from './source';
import { themeOf } from './theme';

const flashMs = 900;

export interface ActiveCell {
  readonly record: GridRecord;
  readonly column: PlacedColumn;
  readonly value: CellValue;
}

export class Grid {
  readonly frame: Frame;
  readonly selection: Selection;
  readonly painter: Painter;
  readonly editing: Editing;
  readonly editor: CellEditor;
  readonly scroller: Scroller;
  readonly canvas: HTMLCanvasElement;
  /** Moves of rows by keys, one after the other. */
  ordering: Promise<void> = Promise.resolve();
  private readonly mirror: Mirror;
  private readonly pointer: Pointer;
  private readonly flashes = new Map<string, number>();
  private readonly ending = new AbortController();
  private readonly observer: ResizeObserver;
  private readonly unlisten: () => void;
  private scheduled = 0;
  private flagTimer: ReturnType<typeof setTimeout> | undefined;
  private dpr = 1;
  private asked = { from: -1, to: -1, top: 0 };

  constructor(
    readonly host: HTMLElement,
    readonly source: GridSource,
    readonly actions: GridActions,
    public options: GridOptions,
  ) {
    host.classList.add('sheaf-grid');
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('aria-hidden', 'true');
    const ctx = this.canvas.getContext('2d', { alpha: false });
    if (ctx === null) throw new Error('no 2D canvas');
    const rows = new RowModel(source.segments(), options.rowHeight);
    const columns = new ColumnModel(source.columns(), 1024, options.canAddField);
    this.selection = new Selection(rows, columns);
    this.frame = {
      width: 0,
      height: 0,
      scrollX: 0,
      top: 0,
      rows,
      columns,
      source,
      options,
      selection: this.selection,
      hover: { position: -1, field: null, header: null, part: null, row: -1 },
      focused: false,
      fillBox: null,
      dragged: null,
      placing: null,
      flashes: this.flashes,
      narrow: false,
      now: 0,
    };
    host.append(this.canvas);
    this.scroller = new Scroller(host, () => this.scrolled());
    this.painter = new Painter(ctx, themeOf(host), options.locale, source);
    this.editing = new Editing(this);
    this.editor = this.editing.editor;
    this.mirror = new Mirror(host, this.frame, this.painter.p, this.editor.area);
    this.pointer = new Pointer(this);
    this.unlisten = source.listen((change) => this.sourceChanged(change));
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    const { signal } = this.ending;
    window.addEventListener('sheaf:theme', () => this.restyle(), { signal });
    document.fonts?.addEventListener('loadingdone', () => this.restyle(), { signal });
    // Measuring before the font is there would cache the widths of another one.
    document.fonts?.load('500 13px Inter').then(
      () => this.restyle(),
      // Without it the system's font is measured, rightly.
      () => undefined,
    );
    this.resize();
  }

  destroy(): void {
    this.ending.abort();
    this.observer.disconnect();
    this.unlisten();
    cancelAnimationFrame(this.scheduled);
    clearTimeout(this.flagTimer);
    this.pointer.destroy();
    this.editing.destroy();
    this.mirror.destroy();
    this.scroller.destroy();
    this.canvas.remove();
    this.host.classList.remove('sheaf-grid');
  }

  // ---- for the view ----

  configure(options: Partial<GridOptions>): void {
    this.options = { ...this.options, ...options };
    this.frame.options = this.options;
    this.painter.reset(themeOf(this.host), this.options.locale);
    this.rebuild();
  }

  /** Takes the keyboard; not on touch screens, where one would pop up. */
  focus(): void {
    if (!matchMedia('(pointer: coarse)').matches) this.editor.focus();
  }

  /** Puts the cursor on a cell and shows it. */
  goTo(position: number, field?: FieldId): void {
    const to = field ?? this.frame.columns.get(0)?.field.id;
    if (to === undefined) return;
    this.selection.set({ position, field: to });
    this.moved(this.selection.anchor);
  }

  /** Where a cell is, relative to the host; `null` when it is not on the screen. */
  rectOf(record: RecordId, field: FieldId): Rect | null {
    const position = this.source.positionOf(record);
    const column = this.frame.columns.of(field);
    const rect = position === undefined || column === undefined ? undefined : cellRect(this.frame, position, column);
    if (rect === undefined || rect.y + rect.h <= headerHeight || rect.y >= bodyBottom(this.frame)) return null;
    return column?.frozen !== true && rect.x + rect.w <= this.frame.columns.frozenRight ? null : rect;
  }

  // ---- for the parts ----

  schedule(): void {
    if (this.scheduled === 0) this.scheduled = requestAnimationFrame((now) => this.draw(now));
  }

  /** The selection changed by itself: repaint and report. */
  changed(): void {
    const cell = this.activeCell();
    if (cell !== undefined) this.selection.anchorRecord = cell.record.id;
    this.report();
    this.editing.left(cell);
    this.editing.place();
    this.mirror.touch();
    this.schedule();
  }

  /** The cursor or the range's corner went to `corner`: show it. */
  moved(corner: Corner | null): void {
    const column = corner === null ? undefined : this.frame.columns.of(corner.field);
    if (corner !== null && column !== undefined) {
      const line = this.frame.rows.lineOf(corner.position);
      if (line !== undefined) this.scroller.reveal(line.y - this.frame.rows.stickyMax, line.y + line.h, this.frame.columns.reveal(column, this.frame.scrollX, this.scroller.width));
    }
    this.changed();
  }

  select(box: Box): void {
    const left = this.frame.columns.get(box.left)?.field.id;
    const right = this.frame.columns.get(box.right)?.field.id;
    if (left === undefined || right === undefined) return;
    this.selection.set({ position: box.top, field: left });
    this.selection.extend({ position: box.bottom, field: right });
    this.changed();
  }

  check(change: () => void): void {
    change();
    this.selection.checks.remember((at) => this.source.row(at)?.id);
    this.actions.checked?.(this.selection.checks.spans);
    this.mirror.touch();
    this.schedule();
  }

  activeRecord(): GridRecord | undefined {
    const { anchor } = this.selection;
    return anchor === null ? undefined : this.source.row(anchor.position);
  }

  activeCell(): ActiveCell | undefined {
    const { anchor } = this.selection;
    const record = this.activeRecord();
    const column = anchor === null ? undefined : this.frame.columns.of(anchor.field);
    if (record === undefined || column === undefined) return undefined;
    return { record, column, value: record.cells[column.field.id] ?? null };
  }

  mayEdit(field: FieldId): boolean {
    const column = this.frame.columns.of(field);
    return column?.editable === true && !this.options.readOnly && kindOf(column.field).editing !== 'none';
  }

  menuAtCursor(): void {
    const cell = this.activeCell();
    const range = this.selection.range();
    if (cell === undefined || range === null) return;
    const rect = this.rectOf(cell.record.id, cell.column.field.id);
    const host = this.host.getBoundingClientRect();
    const point = { x: host.x + (rect?.x ?? 0) + 20, y: host.y + (rect?.y ?? 0) + (rect?.h ?? 0) };
    this.menu({ kind: 'cell', cell: this.ref(cell), range }, point);
  }

  menu(target: MenuTarget, point: { readonly x: number; readonly y: number }): void {
    this.editor.finish(true);
    this.actions.contextMenu(target, point);
  }

  ref(cell: ActiveCell): CellRef {
    return { record: cell.record.id, field: cell.column.field.id, position: this.selection.anchor?.position ?? -1 };
  }

  // ---- own work ----

  private report(): void {
    const cell = this.activeCell();
    this.actions.selected(cell === undefined ? null : this.ref(cell), this.selection.range());
  }

  private sourceChanged(change: SourceChange): void {
    if (change.kind === 'rows' || change.kind === 'columns') this.rebuild();
    if (change.kind === 'rows' && this.selection.checks.follow(this.frame.rows, (record) => this.source.positionOf(record))) {
      this.actions.checked?.(this.selection.checks.spans);
    }
    if (change.kind === 'refused') {
      this.flashes.set(flashKey(change.record, change.field), performance.now() + flashMs);
    }
    if (this.selection.anchorRecord === undefined) {
      const record = this.activeRecord();
      if (record !== undefined) this.selection.anchorRecord = record.id;
    }
    this.mirror.touch();
    this.schedule();
  }

  /** Rows or columns are others: new models, the cursor stays on its record. */
  private rebuild(): void {
    const { frame, selection } = this;
    frame.rows = new RowModel(this.source.segments(), this.options.rowHeight);
    frame.columns = new ColumnModel(this.source.columns(), frame.width, this.options.canAddField);
    frame.narrow = frame.width <= narrowMax;
    const { anchor, focus, anchorRecord } = selection;
    const now = anchorRecord === undefined ? undefined : this.source.positionOf(anchorRecord);
    if (anchor !== null && now !== undefined && now !== anchor.position) {
      const shift = now - anchor.position;
      selection.anchor = { ...anchor, position: now };
      selection.focus = focus === null ? null : { ...focus, position: Math.max(0, focus.position + shift) };
    }
    selection.use(frame.rows, frame.columns);
    this.scroller.content(frame.columns.width, frame.rows.height);
    this.scrolled();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.frame.width = clientWidth;
    this.frame.height = clientHeight;
    this.rebuild();
  }

  private restyle(): void {
    this.painter.reset(themeOf(this.host), this.options.locale);
    this.schedule();
  }

  private scrolled(): void {
    this.frame.top = Math.round(this.scroller.top);
    this.frame.scrollX = Math.round(this.scroller.left);
    this.pointer?.scrolled();
    this.mirror?.touch();
    this.schedule();
  }

  private draw(now: number): void {
    this.scheduled = 0;
    const { frame, canvas } = this;
    if (frame.width === 0) return;
    const dpr = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(frame.width * dpr), Math.round(frame.height * dpr)];
    if (canvas.width !== w || canvas.height !== h || dpr !== this.dpr) {
      canvas.width = w;
      canvas.height = h;
      if (dpr !== this.dpr) this.painter.p.text.clear();
      this.dpr = dpr;
    }
    frame.now = now;
    this.ask();
    this.painter.paint(frame, dpr);
    this.editing.follow();
    this.animate(now);
  }

  /** Tells the source what is visible, with half a screen more ahead of the movement. */
  private ask(): void {
    const { frame } = this;
    const { from, to } = positionsAhead(frame, frame.top >= this.asked.top);
    if (to < 0 || (from === this.asked.from && to === this.asked.to)) return;
    this.asked = { from, to, top: frame.top };
    this.source.request(from, to);
  }

  /** Flashes and name flags change by themselves. */
  private animate(now: number): void {
    for (const [key, until] of this.flashes) if (until <= now) this.flashes.delete(key);
    if (this.flashes.size > 0) this.schedule();
    clearTimeout(this.flagTimer);
    const wait = nextFlagChange(this.source.presence(), now);
    if (wait !== undefined) this.flagTimer = setTimeout(() => this.schedule(), wait);
  }

  /** For tests and the view: a value as it is painted now. */
  valueAt(position: number, field: FieldId): CellValue {
    return valueAt(this.frame, position, field);
  }
}
