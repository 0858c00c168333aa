/** Strokes that painters share: lines of text, chips, avatars, icons. All leave the context as `text.use` expects it. */
import { colorsOf } from '../grid/theme';
import { icons } from './icons';
import type { PaintContext, Rect } from './types';
import type { Person } from './wire';

/** Space between the cell's edge and its content. */
export const pad = 10;
const chipPad = 8;
const chipHeight = 22;
const chipGap = 4;
const chipRadius = 5;
/** Chips may stand a little nearer to the edge than text: their ground already is a margin. */
const chipInset = 8;

/** Baseline of one line of text centred on `middle`; cap height of the body font is 0.73 em. */
export function baseline(middle: number, size = 13): number {
  return Math.round(middle + size * 0.36);
}

export interface TextStyle {
  readonly font?: string;
  readonly color?: string;
  readonly align?: 'left' | 'right';
  readonly underline?: boolean;
}

/** How many lines of text fit into a cell of height `h`: one up to 44 px, then as many as there is room for. */
export function linesIn(h: number): number {
  return h < 60 ? 1 : Math.max(1, Math.floor((h - 10) / 19));
}

/** Text in a cell: one line in the middle, or wrapped from the top in tall rows. */
export function paintText(p: PaintContext, rect: Rect, text: string, style: TextStyle = {}): void {
  if (text === '') return;
  const { ctx } = p;
  p.text.use(style.font ?? p.theme.fonts.body);
  ctx.fillStyle = style.color ?? p.theme.fg;
  const max = rect.w - 2 * pad;
  const lines = linesIn(rect.h);
  if (lines === 1) {
    const cut = p.text.cut(text, max);
    const x = style.align === 'right' ? rect.x + rect.w - pad - p.text.width(cut) : rect.x + pad;
    const y = baseline(rect.y + rect.h / 2);
    ctx.fillText(cut, x, y);
    if (style.underline === true) ctx.fillRect(x, y + 2, p.text.width(cut), 1);
    return;
  }
  p.text.wrap(text, max, lines).forEach((line, n) => {
    const x = style.align === 'right' ? rect.x + rect.w - pad - p.text.width(line) : rect.x + pad;
    ctx.fillText(line, x, baseline(rect.y + 16 + 19 * n));
  });
}

/** A number, right-aligned, with digits of equal width so that columns of figures line up. */
export function paintFigure(p: PaintContext, rect: Rect, text: string, color = p.theme.fg): void {
  const { ctx } = p;
  p.text.use(p.theme.fonts.body);
  ctx.fillStyle = color;
  const digit = p.text.width('0');
  const y = baseline(figureMiddle(rect));
  const width = figureWidth(p, text, digit);
  if (width > rect.w - 2 * pad) {
    // Too wide: better no digits than a few of them, which would read as another number.
    const cut = p.text.cut(text, rect.w - 2 * pad);
    ctx.fillText(cut, rect.x + rect.w - pad - p.text.width(cut), y);
    return;
  }
  let x = rect.x + rect.w - pad - width;
  let run = '';
  for (const c of text) {
    if (c >= '0' && c <= '9') {
      if (run !== '') {
        ctx.fillText(run, x, y);
        x += p.text.width(run);
        run = '';
      }
      ctx.fillText(c, x + (digit - p.text.width(c)) / 2, y);
      x += digit;
    } else run += c;
  }
  if (run !== '') ctx.fillText(run, x, y);
}

function figureWidth(p: PaintContext, text: string, digit: number): number {
  let width = 0;
  for (const run of text.split(/(\d+)/)) width += /^\d/.test(run) ? run.length * digit : run === '' ? 0 : p.text.width(run);
  return width;
}

/** Figures of tall rows stand on the first line, beside the first line of text. */
export function figureMiddle(rect: Rect): number {
  return rect.h < 60 ? rect.y + rect.h / 2 : rect.y + 16;
}

export interface ChipLook {
  readonly text: string;
  readonly color: string;
  /** An outline instead of a ground: linked records. */
  readonly outline?: boolean;
}

/** Chips from left to right; in tall rows on several lines. What does not fit is counted: "+3". */
export function paintChips(p: PaintContext, rect: Rect, chips: readonly ChipLook[]): void {
  const { ctx } = p;
  p.text.use(p.theme.fonts.chip);
  const height = Math.min(chipHeight, rect.h - 6);
  const rows = rect.h < 60 ? 1 : Math.max(1, Math.floor((rect.h - 8) / (chipHeight + chipGap)));
  const left = rect.x + chipInset;
  const right = rect.x + rect.w - chipInset;
  let x = left;
  let row = 0;
  for (let n = 0; n < chips.length; n++) {
    const chip = chips[n];
    if (chip === undefined) continue;
    const natural = p.text.width(chip.text) + 2 * chipPad;
    const rest = chips.length - n - 1;
    if (x > left && x + natural > right - (rest > 0 && row === rows - 1 ? 26 : 0)) {
      if (row < rows - 1) {
        row += 1;
        x = left;
      } else if (rest > 0 || right - x < 44) {
        const y = rows === 1 ? rect.y + rect.h / 2 : rect.y + 6 + height / 2 + row * (chipHeight + chipGap);
        ctx.fillStyle = p.theme.fg3;
        if (right - x >= 16) ctx.fillText(`+${rest + 1}`, x + 2, baseline(y, 12));
        return;
      }
    }
    const w = Math.min(natural, right - x);
    if (w < 2 * chipPad) return;
    const y = rows === 1 ? Math.round(rect.y + (rect.h - height) / 2) : rect.y + 6 + row * (chipHeight + chipGap);
    paintChip(p, { x, y, w, h: height }, chip);
    x += w + chipGap;
  }
}

/** One chip filling `rect`; the chip font must be in use. */
export function paintChip(p: PaintContext, rect: Rect, chip: ChipLook): void {
  const { ctx } = p;
  const look = colorsOf(p.theme, chip.color);
  ctx.beginPath();
  ctx.roundRect(rect.x, rect.y, rect.w, rect.h, chipRadius);
  if (chip.outline === true) {
    ctx.fillStyle = p.theme.sunken;
    ctx.fill();
    ctx.fillStyle = p.theme.fg;
  } else {
    ctx.fillStyle = look.bg;
    ctx.fill();
    ctx.fillStyle = look.fg;
  }
  ctx.fillText(p.text.cut(chip.text, rect.w - 2 * chipPad + 0.5), rect.x + chipPad, baseline(rect.y + rect.h / 2, 12));
}

/** Width of a chip with this text. */
export function chipWidth(p: PaintContext, text: string): number {
  p.text.use(p.theme.fonts.chip);
  return p.text.width(text) + 2 * chipPad;
}

/** A disc with the first letter of a name; of a Chinese name the first character. */
export function paintAvatar(p: PaintContext, x: number, middle: number, size: number, person: Person): void {
  const { ctx } = p;
  ctx.fillStyle = colorsOf(p.theme, person.color).solid;
  ctx.beginPath();
  ctx.arc(x + size / 2, middle, size / 2, 0, Math.PI * 2);
  ctx.fill();
  const letter = (Array.from(person.name.trim())[0] ?? '?').toUpperCase();
  p.text.use(p.theme.fonts.flag);
  ctx.fillStyle = p.theme.avatar;
  ctx.fillText(letter, x + (size - p.text.width(letter)) / 2, baseline(middle, 11));
}

/** Avatars with names, as many as fit; the last name may be cut. */
export function paintPeople(p: PaintContext, rect: Rect, people: readonly Person[]): void {
  const size = 20;
  const { ctx } = p;
  const right = rect.x + rect.w - pad;
  const middle = figureMiddle(rect);
  let x = rect.x + pad;
  for (let n = 0; n < people.length; n++) {
    const person = people[n];
    if (person === undefined || right - x < size) return;
    paintAvatar(p, x, middle, size, person);
    x += size + 5;
    p.text.use(p.theme.fonts.body);
    ctx.fillStyle = p.theme.fg;
    const name = p.text.cut(person.name, right - x);
    if (name !== '') ctx.fillText(name, x, baseline(middle));
    x += p.text.width(name) + 8;
  }
}

const paths = new Map<string, Path2D>();

/** Path of an icon or of any path texts; made once. */
export function iconPath(icon: readonly string[]): Path2D {
  const key = icon.join(' ');
  let path = paths.get(key);
  if (path === undefined) {
    // One by one: a path that starts with a relative "m" would otherwise begin where the one before ended.
    path = new Path2D();
    for (const part of icon) path.addPath(new Path2D(part));
    paths.set(key, path);
  }
  return path;
}

/** An icon with its top left corner at (x, y). */
export function paintIcon(p: PaintContext, icon: readonly string[], x: number, y: number, size: number, color: string, width = 2): void {
  const { ctx } = p;
  const scale = size / 24;
  ctx.translate(x, y);
  ctx.scale(scale, scale);
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.stroke(iconPath(icon));
  ctx.scale(1 / scale, 1 / scale);
  ctx.translate(-x, -y);
}

/** A tick box of 16 px with its top left corner at (x, y). */
export function paintTick(p: PaintContext, x: number, y: number, on: boolean): void {
  const { ctx } = p;
  ctx.beginPath();
  if (on) {
    ctx.roundRect(x, y, 16, 16, 4);
    ctx.fillStyle = p.theme.accent;
    ctx.fill();
    paintIcon(p, icons.check, x + 2, y + 2, 12, p.theme.onAccent, 3.5);
  } else {
    ctx.roundRect(x + 0.75, y + 0.75, 14.5, 14.5, 3.5);
    ctx.strokeStyle = p.theme.lineStrong;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }
}
