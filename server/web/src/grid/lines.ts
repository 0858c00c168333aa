/** Lines that are not cells: group headers, "new record", the gutter with numbers, and the grey bars of unloaded records. */
import { baseline, chipWidth, linesIn, pad, paintAvatar, paintChip, paintIcon, paintTick } from '../fields/draw';
import { icons } from '../fields/icons';
import { optionOf } from '../fields/options';
import { kindOf } from '../fields/registry';
import type { PaintContext, Rect } from '../fields/types';
import type { UserId } from '../fields/wire';
import type { Frame } from './frame';
import { paintGrip } from './ordering';
import type { Line } from './rows';
import type { GroupSegment } from './source';

export const groupIndent = 20;
export const chevronX = 14;

export function paintGroup(p: PaintContext, frame: Frame, group: GroupSegment, y: number, h: number, left: number, right: number): void {
  const { ctx } = p;
  ctx.fillStyle = group.level === 0 ? p.theme.canvas : p.theme.bg;
  ctx.fillRect(left, y, right - left, h);
  ctx.fillStyle = p.theme.line;
  ctx.fillRect(left, y + h - 1, right - left, 1);
  const middle = y + (h - 1) / 2;
  if (left === 0) {
    let x = chevronX + group.level * groupIndent;
    paintIcon(p, group.collapsed ? icons.chevronRight : icons.chevronDown, x, Math.round(middle - 8), 16, p.theme.fg2);
    x += 26;
    x = paintKey(p, group, x, middle, right - 60) + 8;
    p.text.use(p.theme.fonts.label);
    ctx.fillStyle = p.theme.fg3;
    const count = p.text.cut(frame.options.words.records(group.count), right - x - 4);
    ctx.fillText(count, x, baseline(middle, 12));
  }
  const { summaries } = group;
  if (summaries === undefined) return;
  const columns = left === 0 ? frame.columns.frozen().slice(1) : frame.columns.scrolled(frame.scrollX, frame.width);
  p.text.use(p.theme.fonts.chip);
  ctx.fillStyle = p.theme.fg2;
  for (const column of columns) {
    const text = summaries[column.field.id];
    if (text !== undefined) summary(p, text, frame.columns.screenX(column, frame.scrollX), column.width, middle);
  }
}

/** A summary at the right end of its column, without its name where that has no room; the label font must be in use. */
export function summary(p: PaintContext, text: string, x: number, width: number, middle: number): void {
  const room = width - 2 * pad;
  const cut = p.text.cut(p.text.width(text) > room ? text.slice(text.indexOf(' ') + 1) : text, room);
  p.ctx.fillText(cut, x + width - pad - p.text.width(cut), baseline(middle, 12));
}

/** The group's value: a chip, a person, or its text. Returns where it ends. */
function paintKey(p: PaintContext, group: GroupSegment, x: number, middle: number, right: number): number {
  const { ctx } = p;
  const option = typeof group.value === 'string' ? optionOf(group.field, group.value) : undefined;
  const text = group.label ?? option?.name ?? kindOf(group.field).codec.format(group.value, group.field, p);
  const color = group.color ?? option?.color;
  if (color !== undefined && color !== '') {
    const w = Math.min(chipWidth(p, text), Math.max(right - x, 40));
    paintChip(p, { x, y: Math.round(middle - 11), w, h: 22 }, { text, color });
    return x + w;
  }
  const id = Array.isArray(group.value) ? group.value[0] : group.value;
  const person = group.field.type === 'person' && typeof id === 'string' ? p.person(id as UserId) : undefined;
  if (person !== undefined) {
    paintAvatar(p, x, middle, 20, person);
    x += 25;
  }
  p.text.use(p.theme.fonts.strong);
  ctx.fillStyle = p.theme.fg;
  const cut = p.text.cut(text, Math.max(right - x, 40));
  ctx.fillText(cut, x, baseline(middle));
  return x + p.text.width(cut);
}

export function paintNew(p: PaintContext, frame: Frame, line: Line, y: number, left: number, right: number): void {
  const { ctx } = p;
  const hover = frame.hover.row === line.row;
  if (hover) {
    ctx.fillStyle = p.theme.canvas;
    ctx.fillRect(left, y, right - left, line.h);
  }
  if (left !== 0) return;
  const color = hover ? p.theme.fg2 : p.theme.fg3;
  const middle = y + (line.h - 1) / 2;
  paintIcon(p, icons.plus, Math.round(frame.columns.gutter / 2 - 8), Math.round(middle - 8), 16, color, 1.75);
  p.text.use(p.theme.fonts.body);
  ctx.fillStyle = color;
  ctx.fillText(frame.options.words.newRecord, frame.columns.gutter + pad, baseline(middle));
}

export const tickX = 14;
export const expandX = 37;

/** The number of a record; under the pointer its tick box and the arrows that open it. */
export function paintGutter(p: PaintContext, frame: Frame, line: Line, y: number): void {
  const { ctx } = p;
  const middle = y + (linesIn(line.h - 1) === 1 ? (line.h - 1) / 2 : 16.5);
  const checked = frame.selection.checks.has(line.position);
  const hover = frame.hover.position === line.position;
  if (!frame.narrow && (checked || hover)) {
    paintTick(p, tickX, Math.round(middle - 8), checked);
    if (hover && frame.options.canOrder) paintGrip(p, middle, frame.hover.part === 'grip');
    if (hover) paintIcon(p, icons.expand, expandX, Math.round(middle - 7), 14, frame.hover.part === 'expand' ? p.theme.accent : p.theme.fg3);
    return;
  }
  const text = String(line.number);
  p.text.use(p.theme.fonts.hint);
  ctx.fillStyle = p.theme.fg3;
  ctx.fillText(text, Math.round((frame.columns.gutter - p.text.width(text)) / 2), baseline(middle, 11));
}

/** A bar as high as text, its width a stable 35 to 75 % of the cell, so that loading does not flicker. */
export function paintLoading(p: PaintContext, rect: Rect, position: number, column: number): void {
  const { ctx } = p;
  const share = 0.35 + (((position * 7 + column * 13) % 11) / 11) * 0.4;
  ctx.fillStyle = p.theme.sunken;
  ctx.beginPath();
  ctx.roundRect(rect.x + pad, Math.round(rect.y + Math.min(rect.h / 2, 17) - 5), (rect.w - 2 * pad) * share, 10, 4);
  ctx.fill();
}
