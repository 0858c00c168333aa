import { figureMiddle, iconPath, pad } from '../draw';
import { icons } from '../icons';
import type { CellClick, Paint, Rect } from '../types';
import type { CellValue, Field } from '../wire';

const size = 15;
const step = 17;

function iconOf(field: Field): readonly string[] {
  switch (field.options.icon) {
    case 'heart':
      return icons.heart;
    case 'flag':
      return icons.flag;
    case 'thumb':
      return icons.thumb;
    default:
      return icons.rating;
  }
}

function maxOf(field: Field): number {
  return Math.min(Math.max(field.options.max ?? 5, 1), 10);
}

export const paint: Paint = (p, rect, value, field) => {
  const { ctx } = p;
  const path = iconPath(iconOf(field));
  const n = Math.min(maxOf(field), Math.floor((rect.w - 2 * pad + step - size) / step));
  const y = Math.round(figureMiddle(rect) - size / 2);
  const rated = typeof value === 'number' ? value : 0;
  const scale = size / 24;
  for (let i = 0; i < n; i++) {
    const x = rect.x + pad + i * step;
    ctx.translate(x, y);
    ctx.scale(scale, scale);
    ctx.fillStyle = i < rated ? p.theme.star : p.theme.starOff;
    ctx.fill(path);
    ctx.scale(1 / scale, 1 / scale);
    ctx.translate(-x, -y);
  }
};

/** A click on a star rates; on the last lit star it takes the rating away. */
export function click(_rect: Rect, x: number, _y: number, value: CellValue, field: Field): CellClick | undefined {
  const star = Math.floor((x - pad) / step) + 1;
  if (x < pad || star > maxOf(field)) return undefined;
  return { kind: 'edit', value: value === star ? null : star };
}
