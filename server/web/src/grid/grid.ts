/**
 * The grid: a canvas under a native scroller, an always focused text area, and a mirror for screen readers. It shows a
 * `GridSource` and reports to `GridActions`; this file only ties the parts together.
 */
import './grid.css';
import { kindOf } from '../fields/registry';
import type { Rect } from '../fields/types';
import type { CellValue, FieldId, RecordId } from '../fields/wire';
import { ColumnModel, minWidth, narrowMax, type PlacedColumn } from './columns';
import { copy, doKey, paste } from './commands';
import { CellEditor, type EditTarget } from './editor';
import { bodyBottom, cellRect, flashKey, headerHeight, valueAt, type Frame } from './frame';
import { meaning } from './keyboard';
import { Mirror } from './mirror';
import { Painter } from './painter';
import { Pointer } from './pointer';
import { nextFlagChange } from './presence';
import { RowModel } from './rows';
import { Scroller } from './scroller';
import { Selection, type Box, type Corner } from './selection';
import type { CellRef, GridActions, GridOptions, GridRecord, GridSource, MenuTarget, Move, SourceChange } from './source';
import { themeOf } from './theme';

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
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
  readonly editor: CellEditor;
  readonly scroller: Scroller;
  readonly canvas: HTMLCanvasElement;
  private readonly mirror: Mirror;
  private readonly pointer: Pointer;
  private readonly layer: HTMLElement;
  private readonly flashes = new Map<string, number>();
  private readonly ending = new AbortController();
  private readonly observer: ResizeObserver;
  private readonly unlisten: () => void;
  private scheduled = 0;
  private flagTimer: ReturnType<typeof setTimeout> | undefined;
  private dpr = 1;
  private asked = { from: -1, to: -1, top: 0 };
  /** Cell of the rich editor that the view has open. */
  private rich: { readonly record: RecordId; readonly field: FieldId; at: string } | null = null;

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
    this.layer = document.createElement('div');
    this.layer.className = 'sheaf-grid-layer';
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
      flashes: this.flashes,
      narrow: false,
      now: 0,
    };
    host.append(this.canvas);
    this.scroller = new Scroller(host, () => this.scrolled());
    host.append(this.layer);
    this.painter = new Painter(ctx, themeOf(host), options.locale, source);
    this.editor = new CellEditor(this.layer, {
      target: () => this.editTarget(),
      key: (event) => {
        const what = meaning(event, isMac);
        return what !== undefined && doKey(this, what);
      },
      commit: (text, move) => this.commitText(text, move),
      closed: () => this.changed(),
      rich: (initial) => this.openRich(initial),
      refused: () => this.actions.notice?.('readOnly'),
      resized: () => this.placeEditor(),
      copy: (event, cut) => copy(this, event.clipboardData, cut),
      paste: (event) => paste(this, event.clipboardData),
      focus: (has) => {
        this.frame.focused = has || this.rich !== null;
        this.schedule();
      },
    });
    this.mirror = new Mirror(host, this.frame, this.painter.p, this.editor.area);
    this.pointer = new Pointer(this);
    this.unlisten = source.listen((change) => this.sourceChanged(change));
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    const { signal } = this.ending;
    window.addEventListener('sheaf:theme', () => this.restyle(), { signal });
    document.fonts?.addEventListener('loadingdone', () => this.restyle(), { signal });
    // Measuring before the font is there would cache the widths of another one.
    void document.fonts?.load('500 13px Inter').then(() => this.restyle());
    this.resize();
  }

  destroy(): void {
    this.ending.abort();
    this.observer.disconnect();
    this.unlisten();
    cancelAnimationFrame(this.scheduled);
    clearTimeout(this.flagTimer);
    this.pointer.destroy();
    this.editor.destroy();
    this.mirror.destroy();
    this.scroller.destroy();
    this.canvas.remove();
    this.layer.remove();
    this.host.classList.remove('sheaf-grid');
  }

  // ---- for the view ----

  configure(options: Partial<GridOptions>): void {
    this.options = { ...this.options, ...options };
    this.frame.options = this.options;
    this.painter.reset(themeOf(this.host), this.options.locale);
    this.rebuild();
  }

  focus(): void {
    this.editor.focus();
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
    this.placeEditor();
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

  /** The innermost group around a position, for new records. */
  groupOf(position: number): string | null {
    const segments = this.source.segments();
    const at = segments.findIndex((s) => s.kind === 'records' && position >= s.start && position < s.start + s.count);
    for (let i = at; i >= 0; i--) {
      const segment = segments[i];
      if (segment?.kind === 'group') return segment.key;
    }
    return null;
  }

  /** Enter or a click on a tick box. */
  toggle(): boolean {
    const cell = this.activeCell();
    if (cell === undefined || kindOf(cell.column.field).editing !== 'toggle') return false;
    if (this.mayEdit(cell.column.field.id)) this.actions.edit(cell.record.id, cell.column.field.id, cell.value !== true);
    else this.actions.notice?.('readOnly');
    return true;
  }

  /** Begins to edit the active cell; a cell that cannot be edited opens its record. */
  edit(): void {
    const cell = this.activeCell();
    if (cell === undefined) return;
    if (!this.mayEdit(cell.column.field.id)) return this.actions.openRecord(cell.record.id);
    this.moved(this.selection.anchor);
    if (!this.editor.open()) this.openRich();
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

  openRich(initial?: string): void {
    const cell = this.activeCell();
    if (cell === undefined || !this.mayEdit(cell.column.field.id)) return;
    const rect = this.rectOf(cell.record.id, cell.column.field.id);
    if (rect === null) return;
    const { record, column, value } = cell;
    const field = column.field;
    const mine = { record: record.id, field: field.id, at: JSON.stringify(rect) };
    this.rich = mine;
    let ended = false;
    this.actions.openEditor({
      field,
      record: record.id,
      value,
      rect,
      ...(initial === undefined ? {} : { initial }),
      done: (changed, move = 'stay') => {
        if (ended) return;
        ended = true;
        if (this.rich === mine) this.rich = null;
        if (changed !== undefined) this.actions.edit(record.id, field.id, changed);
        this.focus();
        this.walk(move);
      },
    });
  }

  // ---- own work ----

  private editTarget(): EditTarget | null {
    const cell = this.activeCell();
    if (cell === undefined) return null;
    const { field } = cell.column;
    const kind = kindOf(field);
    const how = !this.mayEdit(field.id) || kind.editing === 'toggle' ? 'no' : kind.editing === 'text' ? 'text' : 'rich';
    const text = (kind.codec.edit ?? kind.codec.format)(cell.value, field, this.painter.p);
    return { how, multiline: field.type === 'longText', align: kind.align ?? 'left', text };
  }

  private commitText(text: string, move: Move): void {
    const cell = this.activeCell();
    if (cell !== undefined) {
      const { field } = cell.column;
      const kind = kindOf(field);
      const before = (kind.codec.edit ?? kind.codec.format)(cell.value, field, this.painter.p);
      if (text !== before) {
        const value = kind.codec.parse(text, field, this.painter.p);
        const at = this.selection.anchor?.position ?? 0;
        if (value === undefined) this.actions.pasteText({ spans: [{ from: at, to: at + 1 }], fields: [field.id] }, [[text]]);
        else this.actions.edit(cell.record.id, field.id, value);
      }
    }
    this.walk(move);
  }

  private walk(move: Move): void {
    const dx = move === 'left' ? -1 : move === 'right' ? 1 : 0;
    const dy = move === 'up' ? -1 : move === 'down' ? 1 : 0;
    if (dx === 0 && dy === 0) return this.changed();
    this.selection.step(dx, dy);
    this.moved(this.selection.anchor);
  }

  private report(): void {
    const cell = this.activeCell();
    this.actions.selected(cell === undefined ? null : this.ref(cell), this.selection.range());
  }

  private sourceChanged(change: SourceChange): void {
    if (change.kind === 'rows' || change.kind === 'columns') this.rebuild();
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
    this.placeEditor();
    this.followRich();
    this.animate(now);
  }

  /** Tells the source what is visible, with half a screen more ahead of the movement. */
  private ask(): void {
    const { frame } = this;
    const height = bodyBottom(frame) - headerHeight;
    const down = frame.top >= this.asked.top;
    let from = Infinity;
    let to = -1;
    frame.rows.visible(frame.top - (down ? 0 : height / 2), frame.top + height + (down ? height / 2 : 0), ({ position }) => {
      if (position < 0) return;
      from = Math.min(from, position);
      to = Math.max(to, position + 1);
    });
    if (to < 0 || (from === this.asked.from && to === this.asked.to)) return;
    this.asked = { from, to, top: frame.top };
    this.source.request(from, to);
  }

  private placeEditor(): void {
    const { anchor } = this.selection;
    const column = anchor === null ? undefined : this.frame.columns.of(anchor.field);
    const rect = anchor === null || column === undefined ? undefined : cellRect(this.frame, anchor.position, column);
    // A scrolled cell must not be edited over the frozen ones: the layer begins where they end.
    const left = column === undefined || column.frozen ? 0 : this.frame.columns.frozenRight - 1;
    this.layer.style.left = `${left}px`;
    this.editor.place(rect === undefined ? undefined : { ...rect, x: rect.x - left, y: rect.y - headerHeight }, bodyBottom(this.frame) - headerHeight);
  }

  private followRich(): void {
    if (this.rich === null || this.actions.moveEditor === undefined) return;
    const rect = this.rectOf(this.rich.record, this.rich.field);
    const at = JSON.stringify(rect);
    if (at === this.rich.at) return;
    this.rich.at = at;
    this.actions.moveEditor(rect);
  }

  /** Flashes and name flags change by themselves. */
  private animate(now: number): void {
    for (const [key, until] of this.flashes) if (until <= now) this.flashes.delete(key);
    if (this.flashes.size > 0) this.schedule();
    clearTimeout(this.flagTimer);
    const wait = nextFlagChange(this.source.presence(), now);
    if (wait !== undefined) this.flagTimer = setTimeout(() => this.schedule(), wait);
  }

  /** The width that shows a column's title and its visible values whole. */
  fitWidth(column: PlacedColumn): number {
    const { frame, painter } = this;
    const { p } = painter;
    const kind = kindOf(column.field);
    const chips = column.field.type === 'singleSelect' || column.field.type === 'multiSelect' || column.field.type === 'link';
    p.text.use(p.theme.fonts.chip);
    let width = p.text.width(column.field.name) + 54;
    p.text.use(chips ? p.theme.fonts.chip : p.theme.fonts.body);
    frame.rows.visible(frame.top, frame.top + bodyBottom(frame) - headerHeight, ({ position }) => {
      if (position < 0) return;
      const text = kind.codec.format(valueAt(frame, position, column.field.id), column.field, p).slice(0, 200);
      width = Math.max(width, p.text.width(text) + (chips ? 36 : 24));
    });
    return Math.round(Math.min(Math.max(width, minWidth), 600));
  }

  /** For tests and the view: a value as it is painted now. */
  valueAt(position: number, field: FieldId): CellValue {
    return valueAt(this.frame, position, field);
  }
}
