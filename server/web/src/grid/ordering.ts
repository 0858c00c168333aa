/** Records put into an order by hand: which ones, between which others, and the line that shows it. */
import type { PaintContext } from '../fields/types';
import { bodyBottom, headerHeight, screenY, type Frame } from './frame';
import type { Grid } from './grid';
import type { Span } from './source';

/** Between which records of which group something is put; `y` is the line's, from the top of the content. */
export interface Place {
  /** Position of the record before; `null`: first of its group. */
  readonly after: number | null;
  readonly group: string | null;
  readonly y: number;
}

/** What is moved with the record at `position`: all checked ones if it is checked, all rows of the range if it lies there. */
export function rowsWith(frame: Frame, position: number): readonly Span[] {
  const { selection, rows } = frame;
  if (selection.checks.has(position)) return selection.checks.spans;
  const box = selection.box();
  return box !== null && position >= box.top && position <= box.bottom ? rows.spans(box.top, box.bottom) : [{ from: position, to: position + 1 }];
}

/** The place nearest to a point; `undefined` where records cannot stand. */
export function placeAt(frame: Frame, y: number): Place | undefined {
  const { rows } = frame;
  const at = Math.min(Math.max(y, headerHeight), bodyBottom(frame) - 1) - headerHeight + frame.top;
  const line = rows.lineAt(at);
  if (line === undefined) return undefined;
  const { segment } = line;
  if (segment.kind === 'records') {
    const group = rows.groupOf(line.position);
    if (at >= line.y + line.h / 2) return { after: line.position, group, y: line.y + line.h };
    return { after: line.position > segment.start ? line.position - 1 : null, group, y: line.y };
  }
  if (segment.kind === 'new') {
    const last = rows.line(line.row - 1);
    return { after: last !== undefined && last.position >= 0 ? last.position : null, group: segment.group, y: line.y };
  }
  // Under the header of an innermost group is its start.
  const next = rows.line(line.row + 1);
  return next?.segment.kind === 'records' || segment.collapsed ? { after: null, group: segment.key, y: line.y + line.h } : undefined;
}

/** One record up or down within the group; `undefined` at its ends. */
function placeBeside(frame: Frame, spans: readonly Span[], by: -1 | 1): Place | undefined {
  const { rows } = frame;
  const first = spans[0]?.from;
  const end = spans.at(-1)?.to;
  if (first === undefined || end === undefined) return undefined;
  const line = rows.lineOf(by < 0 ? first - 1 : end);
  const own = rows.lineOf(by < 0 ? first : end - 1);
  if (line?.segment.kind !== 'records' || line.segment !== own?.segment) return undefined;
  const group = rows.groupOf(line.position);
  if (by > 0) return { after: line.position, group, y: line.y + line.h };
  return { after: line.position > line.segment.start ? line.position - 1 : null, group, y: line.y };
}

/** Alt and an arrow: the selected rows go one up or down. One after the other: each press starts from what the last one made. */
export function shiftRows(grid: Grid, by: -1 | 1): void {
  if (grid.options.readOnly) return;
  if (!grid.options.canOrder) return grid.actions.notice?.('sorted');
  grid.ordering = grid.ordering.then(async () => {
    const { frame, selection } = grid;
    if (selection.anchor === null) return;
    const spans = rowsWith(frame, selection.anchor.position);
    const place = placeBeside(frame, spans, by);
    if (place === undefined) return;
    await grid.actions.moveRecords?.(spans, place);
    const line = frame.rows.lineOf(selection.anchor.position);
    if (line !== undefined) grid.scroller.reveal(line.y - frame.rows.stickyMax, line.y + line.h, frame.scrollX);
  });
}

const gripX = 4;
/** How wide the handle is that moves a row. */
export const gripWidth = 13;

/** Six dots: here a row is taken. */
export function paintGrip(p: PaintContext, middle: number, strong: boolean): void {
  const { ctx } = p;
  ctx.fillStyle = strong ? p.theme.accent : p.theme.fg3;
  for (const dx of [0, 4]) {
    for (const dy of [-5, -1, 3]) ctx.fillRect(gripX + dx, Math.round(middle) + dy, 2, 2);
  }
}

/** The rows in the hand are tinted; a line stands where they would go. */
export function paintPlacing(p: PaintContext, frame: Frame): void {
  const { placing } = frame;
  if (placing === null) return;
  const { ctx } = p;
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, headerHeight, frame.width, bodyBottom(frame) - headerHeight);
  ctx.clip();
  const right = Math.min(frame.width, Math.max(frame.columns.endX(frame.scrollX), frame.columns.frozenRight));
  ctx.fillStyle = p.theme.select;
  frame.rows.visible(frame.top, frame.top + bodyBottom(frame) - headerHeight, (line) => {
    if (placing.spans.some((span) => line.position >= span.from && line.position < span.to)) ctx.fillRect(0, screenY(frame, line), right, line.h - 1);
  });
  if (placing.place !== undefined) {
    const y = Math.min(Math.max(headerHeight + placing.place.y - frame.top, headerHeight + 2), bodyBottom(frame) - 2);
    ctx.fillStyle = p.theme.accent;
    ctx.fillRect(6, y - 2, right - 6, 3);
    ctx.beginPath();
    ctx.arc(6, y - 0.5, 4, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
  p.text.forgetFont();
}
