/** The way of an arrow from the end of one bar to the start of another: right angles only, as few as possible. */
export type Point = readonly [x: number, y: number];

/** How far an arrow runs straight out of a bar, and into the next. */
export const stub = 8;

/**
 * `a` is where the first bar ends, `b` where the second starts; `lane` is half a row: between two rows the line runs in
 * the gap, never over bars.
 */
export function route(ax: number, ay: number, bx: number, by: number, lane: number): Point[] {
  const out = ax + stub;
  const into = bx - stub;
  if (ay === by) return bx >= ax ? [[ax, ay], [bx, by]] : around(ax, ay, bx, by, ay + lane);
  // Room between the two: one bend down, one in.
  if (into >= out) return [[ax, ay], [out, ay], [out, by], [bx, by]];
  return around(ax, ay, bx, by, by > ay ? by - lane : by + lane);
}

function around(ax: number, ay: number, bx: number, by: number, y: number): Point[] {
  return [[ax, ay], [ax + stub, ay], [ax + stub, y], [bx - stub, y], [bx - stub, by], [bx, by]];
}

/** Distance of a point from a way of straight pieces. */
export function distance(points: readonly Point[], x: number, y: number): number {
  let best = Infinity;
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1] as Point;
    const [bx, by] = points[i] as Point;
    const nx = Math.max(Math.min(ax, bx), Math.min(x, Math.max(ax, bx)));
    const ny = Math.max(Math.min(ay, by), Math.min(y, Math.max(ay, by)));
    best = Math.min(best, Math.hypot(x - nx, y - ny));
  }
  return best;
}
