import { figureMiddle, paintTick } from '../draw';
import type { CellClick, Paint, Rect } from '../types';
import type { CellValue } from '../wire';

export const paint: Paint = (p, rect, value) => {
  paintTick(p, Math.round(rect.x + rect.w / 2 - 8), Math.round(figureMiddle(rect)) - 8, value === true);
};

export function click(rect: Rect, x: number, y: number, value: CellValue): CellClick | undefined {
  const near = Math.abs(x - rect.w / 2) <= 12 && Math.abs(y - (figureMiddle(rect) - rect.y)) <= 12;
  return near ? { kind: 'edit', value: value !== true } : undefined;
}
