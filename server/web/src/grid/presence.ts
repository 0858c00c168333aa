/** Rings over the content: the range, the active cell with its fill handle, and the cells of other people with their names. */
import { baseline } from '../fields/draw';
import type { PaintContext } from '../fields/types';
import { bodyBottom, cellRect, headerHeight, stickyHeight, type Frame } from './frame';
import type { Box } from './selection';
import type { Presence } from './source';
import { colorsOf } from './theme';

/** A name flag stays this long after its owner moved, then fades. */
export const flagMs = 3000;
export const fadeMs = 400;
export const handleSize = 7;

export function paintRings(p: PaintContext, frame: Frame): void {
  const { ctx } = p;
  const { columns } = frame;
  const top = headerHeight + stickyHeight(frame);
  // One pixel more than the pane, because a ring covers the line left of its cell.
  for (const [left, right, frozen] of [[columns.frozenRight - 1, frame.width, false], [0, columns.frozenRight, true]] as const) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top - 1, right - left, bodyBottom(frame) - top + 1);
    ctx.clip();
    p.text.forgetFont();
    for (const presence of frame.source.presence()) {
      const column = columns.of(presence.field);
      if (column !== undefined && column.frozen === frozen) paintOther(p, frame, presence, top);
    }
    paintOwn(p, frame, frozen);
    ctx.restore();
  }
  p.text.forgetFont();
}

function paintOwn(p: PaintContext, frame: Frame, frozen: boolean): void {
  const { ctx } = p;
  const { selection } = frame;
  const box = selection.box();
  if (box === null || selection.anchor === null) return;
  ctx.strokeStyle = frame.focused ? p.theme.accent : p.theme.fg4;
  ctx.lineWidth = 2;
  if (!selection.single) ring(p, boxRect(frame, box, frozen));
  const column = frame.columns.of(selection.anchor.field);
  if (column !== undefined && column.frozen === frozen) ring(p, cellRect(frame, selection.anchor.position, column));
  if (frame.fillBox !== null) {
    ctx.setLineDash([4, 3]);
    ctx.lineWidth = 1;
    const rect = boxRect(frame, frame.fillBox, frozen);
    if (rect !== undefined) ctx.strokeRect(rect.x - 0.5, rect.y - 0.5, rect.w, rect.h);
    ctx.setLineDash([]);
  }
  const handle = handleRect(frame);
  const corner = frame.columns.get(box.right);
  if (handle !== undefined && corner?.frozen === frozen) {
    ctx.fillStyle = p.theme.bg;
    ctx.fillRect(handle.x - 1, handle.y - 1, handle.w + 2, handle.h + 2);
    ctx.fillStyle = frame.focused ? p.theme.accent : p.theme.fg4;
    ctx.fillRect(handle.x, handle.y, handle.w, handle.h);
  }
}

/** Two pixels on the edge of a cell, covering the hairlines on both sides. */
function ring(p: PaintContext, rect: { readonly x: number; readonly y: number; readonly w: number; readonly h: number } | undefined): void {
  if (rect !== undefined) p.ctx.strokeRect(rect.x, rect.y, rect.w - 1, rect.h - 1);
}

/** The part of a box in one pane. A box over both panes is drawn in both, cut by the clip. */
function boxRect(frame: Frame, box: Box, frozen: boolean): { x: number; y: number; w: number; h: number } | undefined {
  const { columns, rows } = frame;
  const first = columns.get(box.left);
  const last = columns.get(box.right);
  const top = rows.lineOf(box.top);
  const bottom = rows.lineOf(box.bottom);
  if (first === undefined || last === undefined || top === undefined || bottom === undefined) return undefined;
  // In the frozen pane a box that goes on to the right has its right edge outside the clip, and the other way round.
  const far = 4;
  const x = first.frozen === frozen || frozen ? columns.screenX(first, frame.scrollX) : columns.frozenRight - far;
  const right = last.frozen === frozen || !frozen ? columns.screenX(last, frame.scrollX) + last.width : columns.frozenRight + far;
  if (frozen && !first.frozen) return undefined;
  if (!frozen && last.frozen) return undefined;
  const y = headerHeight + top.y - frame.top;
  // Far outside the screen strokes cost time and lose precision.
  const y1 = Math.max(y, -10);
  const y2 = Math.min(headerHeight + bottom.y + bottom.h - frame.top, frame.height + 10);
  return { x, y: y1, w: right - x, h: y2 - y1 };
}

/** The small square at the end of the selection; `undefined` where nothing may be filled. */
export function handleRect(frame: Frame): { x: number; y: number; w: number; h: number } | undefined {
  const box = frame.selection.box();
  if (box === null || frame.options.readOnly || frame.narrow) return undefined;
  const column = frame.columns.get(box.right);
  if (column === undefined || !column.editable) return undefined;
  const rect = cellRect(frame, box.bottom, column);
  if (rect === undefined) return undefined;
  const { x, y, w, h } = rect;
  return { x: x + w - 1 - Math.ceil(handleSize / 2), y: y + h - 1 - Math.ceil(handleSize / 2), w: handleSize, h: handleSize };
}

function paintOther(p: PaintContext, frame: Frame, presence: Presence, top: number): void {
  const { ctx } = p;
  const position = frame.source.positionOf(presence.record);
  const column = frame.columns.of(presence.field);
  const person = frame.source.person(presence.user);
  if (position === undefined || column === undefined || person === undefined) return;
  const rect = cellRect(frame, position, column);
  if (rect === undefined || rect.y > frame.height || rect.y + rect.h < top) return;
  const color = colorsOf(p.theme, person.color).solid;
  ctx.strokeStyle = color;
  ctx.lineWidth = 2;
  ring(p, rect);
  const alpha = presence.editing === true ? 1 : flagAlpha(frame.now - presence.movedAt);
  if (alpha === 0) return;
  p.text.use(p.theme.fonts.flag);
  const text = p.text.cut(person.name, 120);
  const width = p.text.width(text) + 12;
  // Above the cell, or inside it under the header.
  const y = rect.y - 16 >= top ? rect.y - 16 : rect.y;
  ctx.globalAlpha = alpha;
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.roundRect(rect.x - 1, y, width, 16, [4, 4, 4, 0]);
  ctx.fill();
  ctx.fillStyle = p.theme.avatar;
  ctx.fillText(text, rect.x + 5, baseline(y + 8, 11));
  ctx.globalAlpha = 1;
}

export function flagAlpha(age: number): number {
  if (age < flagMs) return 1;
  return Math.max(0, 1 - (age - flagMs) / fadeMs);
}

/** Milliseconds until some flag looks different; `undefined` when all have faded. */
export function nextFlagChange(presence: readonly Presence[], now: number): number | undefined {
  let soonest: number | undefined;
  for (const other of presence) {
    const age = now - other.movedAt;
    if (other.editing === true || age >= flagMs + fadeMs) continue;
    const wait = age < flagMs ? flagMs - age : 32;
    soonest = Math.min(soonest ?? wait, wait);
  }
  return soonest;
}
