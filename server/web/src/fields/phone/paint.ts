import { pad, paintText } from '../draw';
import type { CellClick, Paint, Rect } from '../types';
import type { CellValue, Field } from '../wire';

export const paint: Paint = (p, rect, value) => {
  if (typeof value === 'string') paintText(p, rect, value, { color: p.theme.accent, underline: p.hover });
};

/** Ctrl or Cmd with a click opens; a plain click selects, as in every other cell. */
export function click(_rect: Rect, x: number, _y: number, value: CellValue, _field: Field, mod: boolean): CellClick | undefined {
  if (!mod || x < pad || typeof value !== 'string') return undefined;
  return { kind: 'open', url: `tel:${value.replace(/[^+\d]/g, '')}` };
}
