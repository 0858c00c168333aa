/** Mouse, pen and touch: hover, selecting, and the drags (range, fill handle, column width, column order). */
import { kindOf } from '../fields/registry';
import { maxWidth, minWidth } from './columns';
import { fillTo } from './commands';
import { bodyBottom, cellRect, headerHeight } from './frame';
import type { Grid } from './grid';
import { hit, type Hit } from './hit';
import type { Box } from './selection';
import type { MenuTarget } from './source';

type Drag =
  | { readonly kind: 'range' }
  | { readonly kind: 'lines' }
  | { readonly kind: 'fill'; readonly from: Box }
  | { readonly kind: 'resize'; readonly field: Parameters<Grid['mayEdit']>[0]; readonly startX: number; readonly startWidth: number }
  | { readonly kind: 'column'; readonly field: Parameters<Grid['mayEdit']>[0]; readonly startX: number; readonly grip: number; moved: boolean };

const longPressMs = 500;
/** A mouse must move this far before a click becomes the drag of a column. */
const dragReach = 4;

export class Pointer {
  private drag: Drag | null = null;
  private at = { x: 0, y: 0 };
  private inside = false;
  private scrolling = 0;
  private press: ReturnType<typeof setTimeout> | undefined;
  private pressed = { x: 0, y: 0, long: false };
  private readonly ending = new AbortController();

  constructor(private readonly grid: Grid) {
    const { host } = grid;
    const options = { signal: this.ending.signal };
    host.addEventListener('pointerdown', (e) => this.down(e), options);
    host.addEventListener('pointermove', (e) => this.move(e), options);
    host.addEventListener('pointerup', (e) => this.up(e), options);
    host.addEventListener('pointercancel', () => this.cancel(), options);
    host.addEventListener('pointerleave', () => this.leave(), options);
    // The focus stays in the text area, whatever is clicked.
    host.addEventListener('mousedown', (e) => this.ours(e) && e.preventDefault(), options);
    host.addEventListener('dblclick', (e) => this.doubleClick(e), options);
    host.addEventListener('contextmenu', (e) => this.menu(e), options);
    window.addEventListener('keydown', (e) => e.key === 'Escape' && this.drag !== null && this.cancel(), { ...options, capture: true });
  }

  destroy(): void {
    this.ending.abort();
    clearTimeout(this.press);
    cancelAnimationFrame(this.scrolling);
  }

  /** The content moved under a resting pointer. */
  scrolled(): void {
    clearTimeout(this.press);
    if (this.inside && this.drag === null) this.hover(hit(this.grid.frame, this.at.x, this.at.y));
  }

  /** Not in an overlay, not in the open text area, not on a scroll bar. */
  private ours(event: MouseEvent): boolean {
    const { scroller, host, canvas } = this.grid;
    const target = event.target as Node;
    if (target !== host && target !== canvas && !scroller.element.contains(target)) return false;
    const box = scroller.element.getBoundingClientRect();
    const overBar = target === scroller.element && (event.clientX - box.x >= scroller.element.clientWidth || event.clientY - box.y >= scroller.element.clientHeight);
    return !overBar;
  }

  private locate(event: MouseEvent): Hit {
    const box = this.grid.host.getBoundingClientRect();
    this.at = { x: event.clientX - box.x, y: event.clientY - box.y };
    return hit(this.grid.frame, this.at.x, this.at.y);
  }

  private down(event: PointerEvent): void {
    if (!this.ours(event)) return;
    const what = this.locate(event);
    if (event.pointerType === 'touch') {
      this.pressed = { ...this.at, long: false };
      clearTimeout(this.press);
      this.press = setTimeout(() => {
        this.pressed.long = true;
        this.openMenu(what, { x: event.clientX, y: event.clientY });
      }, longPressMs);
      return;
    }
    if (event.button !== 0) return;
    const { grid } = this;
    const { selection } = grid;
    grid.editor.finish(true);
    grid.focus();
    switch (what.kind) {
      case 'cell': {
        const corner = { position: what.line.position, field: what.column.field.id };
        const again = selection.single && selection.anchor?.position === corner.position && selection.anchor.field === corner.field;
        if (event.shiftKey) selection.extend(corner);
        else selection.set(corner);
        this.start({ kind: 'range' }, event);
        grid.changed();
        if (!event.shiftKey) this.click(what, again, isMod(event));
        return;
      }
      case 'handle': {
        const from = selection.box();
        if (from !== null) this.start({ kind: 'fill', from }, event);
        return;
      }
      case 'gutter':
        if (what.part === 'check') grid.check(() => selection.checks.toggle(what.line.position, event.shiftKey));
        else if (what.part === 'expand') {
          const record = grid.source.row(what.line.position);
          if (record !== undefined) grid.actions.openRecord(record.id);
        } else {
          selection.lines(what.line.position, event.shiftKey);
          this.start({ kind: 'lines' }, event);
          grid.changed();
        }
        return;
      case 'title': {
        const { column } = what;
        if (what.part === 'resize') this.start({ kind: 'resize', field: column.field.id, startX: this.at.x, startWidth: column.width }, event);
        else if (what.part === 'menu') grid.menu({ kind: 'column', field: column.field.id }, this.below(event));
        else {
          selection.column(column.field.id, event.shiftKey);
          grid.changed();
          const grip = this.at.x - grid.frame.columns.screenX(column, grid.frame.scrollX);
          if (!grid.options.readOnly) this.start({ kind: 'column', field: column.field.id, startX: this.at.x, grip, moved: false }, event);
        }
        return;
      }
      default:
        this.plain(what, event);
    }
  }

  /** What a mouse button and a tap do alike. */
  private plain(what: Hit, event: MouseEvent): void {
    const { grid } = this;
    switch (what.kind) {
      case 'headerCheck':
        grid.check(() => {
          const { checks } = grid.selection;
          const { rows } = grid.frame;
          if (checks.any) checks.clear();
          else if (rows.nVisible > 0) checks.setAll(rows.spans(rows.positionAt(0), rows.positionAt(rows.nVisible - 1)));
        });
        return;
      case 'add':
        grid.menu({ kind: 'newField' }, this.below(event));
        return;
      case 'group':
        grid.actions.toggleGroup(what.segment.key);
        return;
      case 'new':
        if (!grid.options.readOnly && what.line.segment.kind === 'new') grid.actions.newRecord({ group: what.line.segment.group });
        return;
      default:
    }
  }

  /** Menus of the header open under it. */
  private below(event: MouseEvent): { x: number; y: number } {
    return { x: event.clientX, y: this.grid.host.getBoundingClientRect().y + headerHeight };
  }

  /** A painter may take the click: tick boxes at once, stars only in the active cell, links with Ctrl. */
  private click(what: Extract<Hit, { kind: 'cell' }>, again: boolean, mod: boolean): boolean {
    const { grid } = this;
    const { field } = what.column;
    const kind = kindOf(field);
    const record = grid.source.row(what.line.position);
    const rect = cellRect(grid.frame, what.line.position, what.column);
    if (kind.click === undefined || record === undefined || rect === undefined) return false;
    const answer = kind.click(rect, this.at.x - rect.x, this.at.y - rect.y, record.cells[field.id] ?? null, field, mod);
    if (answer === undefined) return false;
    if (answer.kind === 'open') grid.actions.openUrl(answer.url);
    else if (!grid.mayEdit(field.id) || (kind.editing !== 'toggle' && !again)) return false;
    else grid.actions.edit(record.id, field.id, answer.value);
    return true;
  }

  private start(drag: Drag, event: PointerEvent): void {
    this.drag = drag;
    this.grid.host.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    this.inside = true;
    const what = this.locate(event);
    if (event.pointerType === 'touch') {
      if (Math.hypot(this.at.x - this.pressed.x, this.at.y - this.pressed.y) > 8) clearTimeout(this.press);
      return;
    }
    if (this.drag === null) return this.ours(event) ? this.hover(what) : this.leave();
    this.dragged();
    this.autoScroll();
  }

  private dragged(): void {
    const { grid, drag } = this;
    const { frame, selection } = grid;
    if (drag === null) return;
    if (drag.kind === 'resize') {
      const width = Math.round(Math.min(Math.max(drag.startWidth + this.at.x - drag.startX, minWidth), maxWidth));
      grid.actions.resizeColumn(drag.field, width);
      return;
    }
    if (drag.kind === 'column') {
      if (!drag.moved && Math.abs(this.at.x - drag.startX) < dragReach) return;
      drag.moved = true;
      grid.canvas.parentElement?.style.setProperty('cursor', 'grabbing');
      frame.dragged = { field: drag.field, x: this.at.x - drag.grip, index: frame.columns.dropIndex(this.at.x, frame.scrollX) };
      grid.schedule();
      return;
    }
    const corner = this.nearest();
    if (corner === undefined) return;
    if (drag.kind === 'fill') {
      frame.fillBox = grow(drag.from, corner.position, corner.index);
      grid.schedule();
      return;
    }
    const field = drag.kind === 'lines' ? selection.focus?.field : corner.field;
    if (field === undefined || (selection.focus?.position === corner.position && selection.focus.field === field)) return;
    selection.extend({ position: corner.position, field });
    grid.changed();
  }

  /** The cell nearest to the pointer, also when it is outside. */
  private nearest() {
    const { frame } = this.grid;
    const { rows, columns } = frame;
    const y = Math.min(Math.max(this.at.y, headerHeight), bodyBottom(frame) - 1) - headerHeight + frame.top;
    let line = rows.lineAt(y);
    while (line !== undefined && line.position < 0) line = rows.line(line.row - 1);
    const x = Math.min(Math.max(this.at.x, columns.gutter), frame.width - 1);
    const column = columns.at(x, frame.scrollX) ?? columns.get(columns.columns.length - 1);
    return line === undefined || column === undefined ? undefined : { position: line.position, field: column.field.id, index: column.index };
  }

  /** While a drag is held beyond an edge, the content comes to it; faster the farther it is. */
  private autoScroll(): void {
    if (this.scrolling !== 0) return;
    const step = (): void => {
      this.scrolling = 0;
      const { frame, scroller } = this.grid;
      if (this.drag === null || this.drag.kind === 'resize') return;
      const dx = beyond(this.at.x, this.drag.kind === 'column' || this.at.x > frame.columns.frozenRight ? frame.columns.frozenRight : 0, frame.width);
      const dy = this.drag.kind === 'column' ? 0 : beyond(this.at.y, headerHeight, bodyBottom(frame));
      if (dx === 0 && dy === 0) return;
      scroller.by(dx, dy);
      this.dragged();
      this.scrolling = requestAnimationFrame(step);
    };
    this.scrolling = requestAnimationFrame(step);
  }

  private up(event: PointerEvent): void {
    clearTimeout(this.press);
    if (event.pointerType === 'touch') {
      const moved = Math.hypot(this.at.x - this.pressed.x, this.at.y - this.pressed.y) > 8;
      if (!this.pressed.long && !moved && this.ours(event)) this.tap(event);
      return;
    }
    const { drag, grid } = this;
    const { frame } = grid;
    this.drag = null;
    if (drag?.kind === 'fill' && frame.fillBox !== null) {
      const target = frame.fillBox;
      frame.fillBox = null;
      fillTo(grid, drag.from, target);
    } else if (drag?.kind === 'column' && frame.dragged !== null) {
      const { index } = frame.dragged;
      frame.dragged = null;
      const own = frame.columns.of(drag.field)?.index ?? -1;
      if (index !== own && index !== own + 1) grid.actions.moveColumn(drag.field, frame.columns.get(index)?.field.id ?? null);
      grid.canvas.parentElement?.style.removeProperty('cursor');
    }
    grid.schedule();
  }

  /** Touch: the first tap selects, the second opens; no keyboard pops up by itself. */
  private tap(event: PointerEvent): void {
    const { grid } = this;
    const { selection, frame } = grid;
    const what = this.locate(event);
    if (what.kind === 'cell') {
      const corner = { position: what.line.position, field: what.column.field.id };
      const again = selection.anchor?.position === corner.position && selection.anchor.field === corner.field;
      grid.editor.finish(true);
      selection.set(corner);
      grid.changed();
      if (this.click(what, again, false) || !again) return;
      const record = grid.source.row(corner.position);
      if (frame.narrow && record !== undefined) grid.actions.openRecord(record.id);
      else grid.edit();
    } else if (what.kind === 'gutter') {
      const record = grid.source.row(what.line.position);
      if (record !== undefined) grid.actions.openRecord(record.id);
    } else if (what.kind === 'title') grid.menu({ kind: 'column', field: what.column.field.id }, this.below(event));
    else this.plain(what, event);
  }

  private cancel(): void {
    clearTimeout(this.press);
    const { frame, host } = this.grid;
    this.drag = null;
    frame.fillBox = null;
    frame.dragged = null;
    host.style.removeProperty('cursor');
    this.grid.schedule();
  }

  private leave(): void {
    this.inside = false;
    if (this.drag === null) this.hover({ kind: 'none' });
  }

  private doubleClick(event: MouseEvent): void {
    if (!this.ours(event)) return;
    const what = this.locate(event);
    const { grid } = this;
    if (what.kind === 'cell' && kindOf(what.column.field).editing !== 'toggle') grid.edit();
    else if (what.kind === 'title' && what.part === 'resize') grid.actions.resizeColumn(what.column.field.id, grid.fitWidth(what.column));
  }

  private menu(event: MouseEvent): void {
    if (!this.ours(event)) return;
    event.preventDefault();
    if ((event as PointerEvent).pointerType === 'touch') return;
    this.openMenu(this.locate(event), { x: event.clientX, y: event.clientY });
  }

  private openMenu(what: Hit, point: { readonly x: number; readonly y: number }): void {
    const target = this.target(what);
    if (target !== undefined) this.grid.menu(target, point);
  }

  /** A right click inside the range keeps it, outside it goes there. */
  private target(what: Hit): MenuTarget | undefined {
    const { grid } = this;
    const { selection } = grid;
    if (what.kind === 'title') return { kind: 'column', field: what.column.field.id };
    if (what.kind === 'group') return { kind: 'group', key: what.segment.key };
    if (what.kind === 'add') return { kind: 'newField' };
    if (what.kind !== 'cell' && what.kind !== 'gutter') return undefined;
    const { position } = what.line;
    if (selection.checks.has(position)) return { kind: 'records', spans: selection.checks.spans };
    const box = selection.box();
    const index = what.kind === 'cell' ? what.column.index : (box?.left ?? 0);
    const inside = box !== null && position >= box.top && position <= box.bottom && index >= box.left && index <= box.right;
    if (!inside) {
      if (what.kind === 'cell') selection.set({ position, field: what.column.field.id });
      else selection.lines(position, false);
      grid.changed();
    }
    const cell = grid.activeCell();
    const range = selection.range();
    return cell === undefined || range === null ? undefined : { kind: 'cell', cell: grid.ref(cell), range };
  }

  private hover(what: Hit): void {
    const { frame, host } = this.grid;
    const { hover } = frame;
    const before = `${hover.position} ${hover.field} ${hover.header} ${hover.part} ${hover.row}`;
    hover.position = what.kind === 'cell' || what.kind === 'gutter' ? what.line.position : -1;
    hover.field = what.kind === 'cell' ? what.column.field.id : null;
    hover.header = what.kind === 'title' ? what.column.field.id : null;
    hover.row = what.kind === 'new' ? what.line.row : what.kind === 'group' ? what.row : -1;
    hover.part = null;
    if (what.kind === 'title' && what.part === 'resize') hover.part = 'resize';
    else if (what.kind === 'gutter' && what.part !== 'number') hover.part = what.part;
    else if (what.kind === 'add' || what.kind === 'new' || what.kind === 'group' || what.kind === 'headerCheck') hover.part = what.kind;
    host.style.cursor = cursorOf(what);
    if (before !== `${hover.position} ${hover.field} ${hover.header} ${hover.part} ${hover.row}`) this.grid.schedule();
  }
}

function cursorOf(what: Hit): string {
  switch (what.kind) {
    case 'title':
      return what.part === 'resize' ? 'col-resize' : 'pointer';
    case 'handle':
      return 'crosshair';
    case 'gutter':
    case 'group':
    case 'new':
    case 'add':
    case 'headerCheck':
      return 'pointer';
    default:
      return 'default';
  }
}

const isMod = (event: PointerEvent): boolean => event.ctrlKey || event.metaKey;

/** Pixels per frame for a pointer beyond an edge (or within 16 px of it). */
function beyond(at: number, low: number, high: number): number {
  const over = at < low ? at - low : at > high - 16 ? at - (high - 16) : 0;
  return Math.sign(over) * Math.min(Math.ceil(Math.abs(over) / 4), 60);
}

/** The box of a fill: only in the direction that the pointer went farther. */
export function grow(from: Box, position: number, index: number): Box | null {
  const down = Math.max(position - from.bottom, from.top - position, 0);
  const across = Math.max(index - from.right, from.left - index, 0);
  if (down === 0 && across === 0) return null;
  if (down >= across) return { ...from, top: Math.min(from.top, position), bottom: Math.max(from.bottom, position) };
  return { ...from, left: Math.min(from.left, index), right: Math.max(from.right, index) };
}
