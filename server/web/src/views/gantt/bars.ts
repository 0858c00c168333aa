/** Bars, milestones, summary bars of groups, and what a drag shows. */
import { colorsOf } from '../../grid/theme';
import { linkStart } from './drag';
import { barRect, boxOf, dotAt, dotRadius, headerHeight, lineTop, rowHeight, screenX, type Frame, type Ghost, type Rect } from './frame';
import type { Line, Task } from './model';
import { spanText } from './scale';

const radius = 5;

export function paintBar(frame: Frame, ctx: CanvasRenderingContext2D, task: Task, line: number): void {
  const rect = barRect(frame, task, line);
  if (!rect) return;
  if (rect.x > frame.width || rect.x + rect.w < frame.pane) return;
  const red = frame.model.late.has(task.id) || (frame.showCritical && frame.model.critical.has(task.id));
  const chosen = frame.selected === task.id;
  const moving = frame.ghost?.kind === 'bar' && frame.ghost.record === task.id;
  const aim = frame.ghost?.kind === 'link' && frame.ghost.to === task.id;
  if (task.milestone && !(moving && frame.ghost?.kind === 'bar' && frame.ghost.start !== frame.ghost.end)) {
    paintDiamond(frame, ctx, rect, frame.model.late.has(task.id) ? frame.theme.danger : frame.theme.fg, chosen || aim);
  } else {
    paintBox(frame, ctx, rect, task, red, chosen || moving || aim);
  }
  paintLabel(frame, ctx, rect, task);
  if (frame.canLink && !frame.ghost && (frame.hover === task.id || chosen)) paintDot(frame, ctx, rect);
}

function paintBox(frame: Frame, ctx: CanvasRenderingContext2D, rect: Rect, task: Task, red: boolean, strong: boolean): void {
  const { theme } = frame;
  const look = colorsOf(theme, task.color);
  ctx.fillStyle = look.bg;
  box(ctx, rect, 0, radius);
  ctx.fill();
  if (task.progress !== null && task.progress > 0) {
    ctx.save();
    box(ctx, rect, 0, radius);
    ctx.clip();
    ctx.fillStyle = look.solid;
    ctx.globalAlpha = 0.38;
    ctx.fillRect(rect.x, rect.y, rect.w * task.progress, rect.h);
    ctx.restore();
    frame.text.forgetFont();
  }
  if (!red && !strong) return;
  ctx.strokeStyle = strong ? theme.accent : theme.danger;
  ctx.lineWidth = strong ? 2 : 1.5;
  box(ctx, rect, 0.75, radius - 0.5);
  ctx.stroke();
}

function box(ctx: CanvasRenderingContext2D, rect: Rect, inset: number, r: number): void {
  ctx.beginPath();
  ctx.roundRect(rect.x + inset, rect.y + inset, Math.max(1, rect.w - 2 * inset), rect.h - 2 * inset, Math.min(r, rect.w / 2));
}

function paintDiamond(frame: Frame, ctx: CanvasRenderingContext2D, rect: Rect, color: string, strong: boolean): void {
  const [x, y, r] = [rect.x + rect.w / 2, rect.y + rect.h / 2, rect.w / 2];
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.closePath();
  ctx.fillStyle = color;
  ctx.fill();
  if (!strong) return;
  ctx.strokeStyle = frame.theme.accent;
  ctx.lineWidth = 2;
  ctx.stroke();
}

/** The name inside the bar, or to its right when it does not fit. */
function paintLabel(frame: Frame, ctx: CanvasRenderingContext2D, rect: Rect, task: Task): void {
  if (task.title === '') return;
  const { theme, text } = frame;
  text.use(theme.fonts.label);
  const middle = rect.y + rect.h / 2 + 0.5;
  // A bar that starts left of the screen keeps its name in sight.
  const left = Math.max(rect.x, frame.pane) + 8;
  const room = rect.x + rect.w - left - 6;
  if (!task.milestone && text.width(task.title) <= room) {
    ctx.fillStyle = colorsOf(theme, task.color).fg;
    ctx.fillText(task.title, left, middle);
    return;
  }
  // A name at the end of a bar goes with that end: of a bar that left the screen there is none.
  ctx.fillStyle = theme.fg2;
  ctx.fillText(text.cut(task.title, 260), rect.x + rect.w + (frame.canLink ? 20 : 8), middle);
}

function paintDot(frame: Frame, ctx: CanvasRenderingContext2D, rect: Rect): void {
  const { x, y } = dotAt(rect);
  ctx.beginPath();
  ctx.arc(x, y, dotRadius, 0, 2 * Math.PI);
  ctx.fillStyle = frame.theme.bg;
  ctx.fill();
  ctx.strokeStyle = frame.theme.accent;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

export function paintGroup(frame: Frame, ctx: CanvasRenderingContext2D, line: Extract<Line, { kind: 'group' }>, i: number): void {
  if (line.start === null || line.end === null) return;
  const { theme, text } = frame;
  const x = screenX(frame, line.start);
  const end = screenX(frame, line.end + 1);
  if (x > frame.width || end < frame.pane) return;
  const middle = lineTop(frame, i) + rowHeight / 2;
  ctx.fillStyle = line.color ? colorsOf(theme, line.color).solid : theme.fg3;
  ctx.beginPath();
  ctx.roundRect(x, middle - 4, Math.max(4, end - x), 8, 2);
  ctx.fill();
  text.use(theme.fonts.strong);
  ctx.fillStyle = theme.fg;
  ctx.fillText(line.label, end + 10, middle + 0.5);
}

export function paintGhost(frame: Frame, ctx: CanvasRenderingContext2D, ghost: Ghost): void {
  const { theme } = frame;
  if (ghost.kind === 'link') {
    const from = linkStart(frame, ghost.from);
    if (!from) return;
    ctx.strokeStyle = ghost.to && !ghost.allowed ? theme.danger : theme.accent;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([4, 3]);
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(ghost.x, ghost.y);
    ctx.stroke();
    ctx.setLineDash([]);
    return;
  }
  const known = ghost.record === null ? undefined : frame.model.task(ghost.record);
  const line = ghost.line ?? (ghost.record === null ? undefined : frame.model.lineOf(ghost.record));
  const rect = boxOf(frame, ghost.start, ghost.end, line ?? 0, false);
  if (!known || known.start === null) {
    ctx.fillStyle = theme.accentSoft;
    box(ctx, rect, 0, radius);
    ctx.fill();
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1.5;
    box(ctx, rect, 0.75, radius);
    ctx.stroke();
  }
  paintDates(frame, ctx, rect, spanText(ghost.start, ghost.end, frame.locale));
}

/** The dates of a drag, above the bar or below the first row. */
function paintDates(frame: Frame, ctx: CanvasRenderingContext2D, rect: Rect, label: string): void {
  const { theme, text } = frame;
  text.use(theme.fonts.flag);
  const width = text.width(label) + 16;
  const x = Math.min(Math.max(rect.x, frame.pane + 4), frame.width - width - 4);
  const y = rect.y - 26 < headerHeight ? rect.y + rect.h + 4 : rect.y - 26;
  ctx.fillStyle = theme.fg;
  ctx.beginPath();
  ctx.roundRect(x, y, width, 22, radius);
  ctx.fill();
  ctx.fillStyle = theme.bg;
  ctx.fillText(label, x + 8, y + 11.5);
}
