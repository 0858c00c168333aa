/** Paints one frame: days, bars, arrows, then the list and the header over them. Nothing here changes state or fetches. */
import { colorsOf } from '../../grid/theme';
import { paintBar, paintGhost, paintGroup } from './bars';
import { isWeekend } from './days';
import { headerHeight, lineTop, rowHeight, screenX, visibleDays, visibleLines, type Frame } from './frame';
import { paintHeader } from './header';
import { paintLinks } from './links';

export function paint(frame: Frame, ctx: CanvasRenderingContext2D): void {
  const { theme, width, height, pane } = frame;
  ctx.textBaseline = 'middle';
  frame.text.forgetFont();
  ctx.fillStyle = theme.bg;
  ctx.fillRect(0, 0, width, height);
  ctx.save();
  clip(ctx, pane, headerHeight, width - pane, height - headerHeight);
  frame.text.forgetFont();
  paintDays(frame, ctx);
  paintRules(frame, ctx, pane, width);
  paintToday(frame, ctx);
  const { from, to } = visibleLines(frame);
  for (let i = from; i < to; i++) {
    const line = frame.model.lines[i];
    if (line?.kind === 'group') paintGroup(frame, ctx, line, i);
  }
  paintLinks(frame, ctx);
  for (let i = from; i < to; i++) {
    const line = frame.model.lines[i];
    if (line?.kind === 'task' && line.task) paintBar(frame, ctx, line.task, i);
  }
  if (frame.ghost) paintGhost(frame, ctx, frame.ghost);
  ctx.restore();
  frame.text.forgetFont();
  paintPane(frame, ctx);
  paintHeader(frame, ctx);
}

export function clip(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
}

function paintDays(frame: Frame, ctx: CanvasRenderingContext2D): void {
  // At a few pixels a day the stripes would only flicker.
  if (frame.scale.dayWidth < 6) return;
  const { from, to } = visibleDays(frame);
  ctx.fillStyle = frame.theme.canvas;
  for (let day = from; day <= to; day++) {
    if (isWeekend(day)) ctx.fillRect(screenX(frame, day), headerHeight, frame.scale.dayWidth, frame.height);
  }
}

function paintRules(frame: Frame, ctx: CanvasRenderingContext2D, left: number, right: number): void {
  const { from, to } = visibleLines(frame);
  const { theme } = frame;
  if (frame.hoverLine >= from && frame.hoverLine < to) {
    ctx.fillStyle = theme.hover;
    ctx.fillRect(left, lineTop(frame, frame.hoverLine), right - left, rowHeight);
  }
  const chosen = frame.selected === null ? undefined : frame.model.lineOf(frame.selected);
  if (chosen !== undefined) {
    ctx.fillStyle = theme.select;
    ctx.fillRect(left, lineTop(frame, chosen), right - left, rowHeight);
  }
  ctx.fillStyle = theme.line;
  for (let i = from; i < to; i++) ctx.fillRect(left, lineTop(frame, i) + rowHeight - 1, right - left, 1);
}

function paintToday(frame: Frame, ctx: CanvasRenderingContext2D): void {
  ctx.fillStyle = frame.theme.accent;
  ctx.fillRect(Math.round(screenX(frame, frame.today) + frame.scale.dayWidth / 2) - 1, headerHeight, 2, frame.height);
}

function paintPane(frame: Frame, ctx: CanvasRenderingContext2D): void {
  const { theme, pane, height, text } = frame;
  if (pane <= 0) return;
  ctx.save();
  clip(ctx, 0, headerHeight, pane, height);
  text.forgetFont();
  ctx.fillStyle = theme.bg;
  ctx.fillRect(0, headerHeight, pane, height);
  paintRules(frame, ctx, 0, pane);
  const { from, to } = visibleLines(frame);
  for (let i = from; i < to; i++) paintName(frame, ctx, i);
  ctx.restore();
  text.forgetFont();
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(pane - 1, 0, 1, height);
}

function paintName(frame: Frame, ctx: CanvasRenderingContext2D, i: number): void {
  const line = frame.model.lines[i];
  if (!line) return;
  const { theme, text, pane, words } = frame;
  const middle = lineTop(frame, i) + rowHeight / 2;
  const x = 20 + line.level * 20;
  const task = line.kind === 'task' ? line.task : undefined;
  if (line.kind === 'task' && !task) {
    ctx.fillStyle = theme.line;
    ctx.fillRect(x, middle - 6, Math.min(120, pane - x - 80), 12);
    return;
  }
  const { start, end } = line.kind === 'group' ? line : (task as NonNullable<typeof task>);
  const length = start === null || end === null ? '' : task?.milestone ? words.milestone : words.days(end - start + 1);
  text.use(theme.fonts.label);
  const taken = length === '' ? 0 : text.width(length) + 12;
  ctx.fillStyle = theme.fg3;
  if (pane >= 180 && length !== '') ctx.fillText(length, pane - 16 - text.width(length), middle + 0.5);
  const room = pane - x - 16 - (pane >= 180 ? taken : 0);
  if (line.kind === 'group') {
    paintChevron(ctx, x - 10, middle, line.open, theme.fg3);
    text.use(theme.fonts.strong);
    ctx.fillStyle = line.color ? colorsOf(theme, line.color).fg : theme.fg;
    ctx.fillText(text.cut(line.label, room), x, middle + 0.5);
  } else {
    text.use(theme.fonts.body);
    ctx.fillStyle = task?.title ? theme.fg : theme.fg3;
    ctx.fillText(text.cut(task?.title || words.untitled, room), x, middle + 0.5);
  }
}

function paintChevron(ctx: CanvasRenderingContext2D, x: number, y: number, open: boolean, color: string): void {
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  if (open) {
    ctx.moveTo(x - 3.5, y - 1.5);
    ctx.lineTo(x, y + 2);
    ctx.lineTo(x + 3.5, y - 1.5);
  } else {
    ctx.moveTo(x - 1.5, y - 3.5);
    ctx.lineTo(x + 2, y);
    ctx.lineTo(x - 1.5, y + 3.5);
  }
  ctx.stroke();
}
