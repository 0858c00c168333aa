/** Arrows between bars: which are on the screen, their way, and their strokes. */
import { barRect, rowHeight, visibleLines, type Frame } from './frame';
import type { Link } from './model';
import { route, type Point } from './route';

export function linkRoute(frame: Frame, link: Link): Point[] | undefined {
  const { model } = frame;
  const [from, to] = [model.task(link.from), model.task(link.to)];
  const a = from && barRect(frame, from, link.a);
  const b = to && barRect(frame, to, link.b);
  if (!a || !b) return undefined;
  return route(a.x + a.w, a.y + a.h / 2, b.x - 1, b.y + b.h / 2, rowHeight / 2);
}

/** Strokes all visible links of one color in one path: four thousand single strokes would take a frame of their own. */
export function paintLinks(frame: Frame, ctx: CanvasRenderingContext2D): void {
  const { from, to } = visibleLines(frame);
  const calm: Point[][] = [];
  const red: Point[][] = [];
  for (const link of frame.model.links) {
    if (Math.max(link.a, link.b) < from - 1 || Math.min(link.a, link.b) > to) continue;
    const points = linkRoute(frame, link);
    if (!points || !touches(points, frame.pane, frame.width)) continue;
    (link.broken || (link.critical && frame.showCritical) ? red : calm).push(points);
  }
  strokeAll(ctx, calm, frame.theme.fg4);
  strokeAll(ctx, red, frame.theme.danger);
}

function touches(points: readonly Point[], left: number, right: number): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const [x] of points) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return high >= left && low <= right;
}

export function strokeAll(ctx: CanvasRenderingContext2D, ways: readonly (readonly Point[])[], color: string): void {
  if (ways.length === 0) return;
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = 'round';
  ctx.beginPath();
  for (const points of ways) {
    points.forEach(([x, y], i) => (i === 0 ? ctx.moveTo(x, y) : ctx.lineTo(i === points.length - 1 ? x - 3 : x, y)));
  }
  ctx.stroke();
  ctx.beginPath();
  for (const points of ways) {
    const [x, y] = points[points.length - 1] as Point;
    ctx.moveTo(x, y);
    ctx.lineTo(x - 6, y - 3.5);
    ctx.lineTo(x - 6, y + 3.5);
    ctx.closePath();
  }
  ctx.fill();
}
