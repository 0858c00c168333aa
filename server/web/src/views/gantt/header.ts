/** The two lines of the time header, with the pill of today, and the head of the list. */
import { dateOf, isWeekend } from './days';
import { headerHeight, screenX, visibleDays, type Frame } from './frame';
import { clip } from './painter';
import { lowerSpans, upperSpans } from './scale';

const upperMiddle = 16;
const lowerMiddle = 40;

export function paintHeader(frame: Frame, ctx: CanvasRenderingContext2D): void {
  const { theme, width, pane, text, scale, words } = frame;
  ctx.fillStyle = theme.canvas;
  ctx.fillRect(0, 0, width, headerHeight);
  ctx.save();
  clip(ctx, pane, 0, width - pane, headerHeight);
  text.forgetFont();
  const { from, to } = visibleDays(frame);
  const offset = pane - frame.scrollX;
  text.use(theme.fonts.strong);
  for (const span of upperSpans(scale, from, to, frame.locale)) {
    // The month stays in sight until the next one pushes it out.
    const room = span.x + span.w + offset - 10;
    const x = Math.min(Math.max(span.x + offset, pane) + 10, room - text.width(span.label));
    ctx.fillStyle = theme.fg;
    ctx.fillText(span.label, Math.max(x, span.x + offset + 4), upperMiddle);
    ctx.fillStyle = theme.lineStrong;
    if (scale.zoom !== 'day') ctx.fillRect(Math.round(span.x + offset), 6, 1, headerHeight - 6);
  }
  paintLower(frame, ctx, from, to, offset);
  paintPill(frame, ctx);
  ctx.restore();
  text.forgetFont();
  text.use(theme.fonts.label);
  ctx.fillStyle = theme.fg2;
  if (pane > 0) ctx.fillText(text.cut(words.tasks, pane - 36), 20, headerHeight / 2);
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(0, headerHeight - 1, width, 1);
  if (pane > 0) ctx.fillRect(pane - 1, 0, 1, headerHeight);
}

function paintLower(frame: Frame, ctx: CanvasRenderingContext2D, from: number, to: number, offset: number): void {
  const { theme, text, scale } = frame;
  text.use(theme.fonts.label);
  const days = scale.zoom === 'day';
  const pill = pillLabel(frame);
  const middle = screenX(frame, frame.today) + scale.dayWidth / 2;
  for (const span of lowerSpans(scale, from, to, frame.locale)) {
    const width = text.width(span.label);
    const x = days ? span.x + offset + (span.w - width) / 2 : span.x + offset + 4;
    if (days && span.day === frame.today) continue;
    if (!days && x < middle + pill.width / 2 + 2 && x + width > middle - pill.width / 2 - 2) continue;
    ctx.fillStyle = days && isWeekend(span.day) ? theme.fg4 : theme.fg3;
    ctx.fillText(span.label, x, lowerMiddle);
  }
}

function pillLabel(frame: Frame): { label: string; width: number } {
  const { text, theme, scale } = frame;
  text.use(theme.fonts.label);
  const label = scale.zoom === 'month' ? frame.words.today : String(dateOf(frame.today).getUTCDate());
  return { label, width: Math.max(22, text.width(label) + 10) };
}

function paintPill(frame: Frame, ctx: CanvasRenderingContext2D): void {
  const { theme, scale, text } = frame;
  const { label, width } = pillLabel(frame);
  const middle = screenX(frame, frame.today) + scale.dayWidth / 2;
  ctx.fillStyle = theme.accent;
  ctx.beginPath();
  ctx.roundRect(middle - width / 2, lowerMiddle - 10, width, 20, 5);
  ctx.fill();
  ctx.fillStyle = theme.onAccent;
  ctx.fillText(label, middle - text.width(label) / 2, lowerMiddle);
}
