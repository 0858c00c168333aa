/** What a held mouse button does: a range, whole rows, the fill handle, a column's width, a column's place, rows' place. */
import type { FieldId } from '../fields/wire';
import { maxWidth, minWidth } from './columns';
import { fillTo } from './commands';
import { bodyBottom, headerHeight } from './frame';
import type { Grid } from './grid';
import { placeAt } from './ordering';
import type { Box } from './selection';
import type { Span } from './source';

export type Drag =
  | { readonly kind: 'range' }
  | { readonly kind: 'lines' }
  | { readonly kind: 'fill'; readonly from: Box }
  | { readonly kind: 'resize'; readonly field: FieldId; readonly startX: number; readonly startWidth: number }
  | { readonly kind: 'column'; readonly field: FieldId; readonly startX: number; readonly grip: number; moved: boolean }
  | { readonly kind: 'rows'; readonly spans: readonly Span[]; readonly startY: number };

/** A mouse must move this far before a click becomes the drag of a column. */
const dragReach = 4;

export class Dragging {
  private drag: Drag | null = null;
  private at = { x: 0, y: 0 };
  private scrolling = 0;

  constructor(private readonly grid: Grid) {}

  get active(): boolean {
    return this.drag !== null;
  }

  start(drag: Drag, pointer: number): void {
    this.drag = drag;
    this.grid.host.setPointerCapture(pointer);
  }

  move(at: { readonly x: number; readonly y: number }): void {
    this.at = at;
    this.dragged();
    this.autoScroll();
  }

  end(): void {
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
      grid.host.style.removeProperty('cursor');
    } else if (drag?.kind === 'rows' && frame.placing !== null) {
      const { spans, place } = frame.placing;
      frame.placing = null;
      if (place !== undefined) void grid.actions.moveRecords?.(spans, place);
      grid.host.style.removeProperty('cursor');
    }
    grid.schedule();
  }

  cancel(): void {
    const { frame, host } = this.grid;
    cancelAnimationFrame(this.scrolling);
    this.scrolling = 0;
    this.drag = null;
    frame.fillBox = null;
    frame.dragged = null;
    frame.placing = null;
    host.style.removeProperty('cursor');
    this.grid.schedule();
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
      grid.host.style.setProperty('cursor', 'grabbing');
      frame.dragged = { field: drag.field, x: this.at.x - drag.grip, index: frame.columns.dropIndex(this.at.x, frame.scrollX) };
      grid.schedule();
      return;
    }
    if (drag.kind === 'rows') {
      if (frame.placing === null && Math.abs(this.at.y - drag.startY) < dragReach) return;
      grid.host.style.setProperty('cursor', 'grabbing');
      frame.placing = { spans: drag.spans, place: placeAt(frame, this.at.y) };
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
      const dx = this.drag.kind === 'rows' ? 0 : beyond(this.at.x, this.drag.kind === 'column' || this.at.x > frame.columns.frozenRight ? frame.columns.frozenRight : 0, frame.width);
      const dy = this.drag.kind === 'column' ? 0 : beyond(this.at.y, headerHeight, bodyBottom(frame));
      if (dx === 0 && dy === 0) return;
      scroller.by(dx, dy);
      this.dragged();
      this.scrolling = requestAnimationFrame(step);
    };
    this.scrolling = requestAnimationFrame(step);
  }
}

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
