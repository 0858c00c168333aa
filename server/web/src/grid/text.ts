/**
 * Measuring and cutting text, with caches: measuring is the dearest call of a paint.
 * Caches are dropped when fonts, theme, zoom or density change, because all widths change with them.
 */

const cacheMax = 20_000;

/** A map that forgets half of its entries, the oldest, when full: cheaper than an exact LRU and as good here. */
class Cache<V> {
  private fresh = new Map<string, V>();
  private old = new Map<string, V>();

  get(key: string): V | undefined {
    const hit = this.fresh.get(key);
    if (hit !== undefined) return hit;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: string, value: V): void {
    if (this.fresh.size >= cacheMax / 2) {
      this.old = this.fresh;
      this.fresh = new Map();
    }
    this.fresh.set(key, value);
  }

  clear(): void {
    this.fresh.clear();
    this.old.clear();
  }
}

/** The part of a 2D context that measuring needs. */
export interface Measurer {
  font: string;
  measureText(text: string): { readonly width: number };
}

export class TextCache {
  private readonly widths = new Cache<number>();
  private readonly cuts = new Cache<string>();
  private readonly wraps = new Cache<readonly string[]>();

  private font = '';
  /** Short names of fonts in cache keys: a font text is a hundred characters. */
  private readonly fonts = new Map<string, number>();
  private fontKey = 0;

  constructor(private readonly ctx: Measurer) {}

  /** Sets the context's font, if it is another: the only way fonts are set in the grid. */
  use(font: string): void {
    if (font === this.font) return;
    this.font = font;
    this.ctx.font = font;
    const known = this.fonts.get(font);
    this.fontKey = known ?? this.fonts.size + 1;
    if (known === undefined) this.fonts.set(font, this.fontKey);
  }

  /** To be called after `ctx.restore()` or a resize of the canvas: both change the font behind our back. */
  forgetFont(): void {
    this.font = '';
  }

  clear(): void {
    this.font = '';
    this.widths.clear();
    this.cuts.clear();
    this.wraps.clear();
  }

  /** Width in CSS pixels in the context's current font. */
  width(text: string): number {
    const key = `${this.fontKey}\n${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      width = this.ctx.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  /** `text` on one line, cut with an ellipsis so that it is no wider than `max`. */
  cut(text: string, max: number): string {
    // A cell never shows more than this; measuring a whole article costs milliseconds.
    let line = text.length > 500 ? text.slice(0, 500) : text;
    if (line.includes('\n')) line = line.replace(/\s*\n\s*/g, ' ');
    if (max <= 0) return '';
    if (this.width(line) <= max) return line;
    const key = `${this.fontKey}\n${Math.floor(max)}\n${line}`;
    let cut = this.cuts.get(key);
    if (cut === undefined) {
      cut = this.fit(line, max - this.width('…'));
      cut = cut === '' ? (this.width('…') <= max ? '…' : '') : `${cut}…`;
      this.cuts.set(key, cut);
    }
    return cut;
  }

  /** `text` in at most `lines` lines no wider than `max`; breaks at spaces and between CJK characters. */
  wrap(text: string, max: number, lines: number): readonly string[] {
    if (lines <= 1 || max <= 0) return [this.cut(text, max)];
    const key = `${this.fontKey}\n${Math.floor(max)}\n${lines}\n${text.slice(0, 2000)}`;
    let wrapped = this.wraps.get(key);
    if (wrapped === undefined) {
      wrapped = this.wrapped(text.slice(0, 2000), max, lines);
      this.wraps.set(key, wrapped);
    }
    return wrapped;
  }

  private wrapped(text: string, max: number, lines: number): string[] {
    const out: string[] = [];
    const paragraphs = text.split('\n');
    for (let p = 0; p < paragraphs.length; p++) {
      let rest = paragraphs[p] ?? '';
      do {
        if (out.length === lines - 1) {
          const more = p < paragraphs.length - 1;
          out.push(this.cut(more ? `${rest}…` : rest, max));
          return out;
        }
        if (this.width(rest) <= max) {
          out.push(rest);
          break;
        }
        const head = this.fit(rest, max);
        const at = breakAt(rest, Math.max(1, head.length));
        out.push(rest.slice(0, at).trimEnd());
        rest = rest.slice(at).trimStart();
      } while (rest !== '');
    }
    return out;
  }

  /** The longest start of `text` no wider than `max`, by bisection; never splits a surrogate pair. */
  private fit(text: string, max: number): string {
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.ctx.measureText(text.slice(0, middle)).width <= max) low = middle;
      else high = middle - 1;
    }
    const code = text.charCodeAt(low - 1);
    if (low > 0 && code >= 0xd800 && code <= 0xdbff) low -= 1;
    return text.slice(0, low);
  }
}

/** The best place to break at or before `at`: after a space, or beside a CJK character; else `at`. */
function breakAt(text: string, at: number): number {
  for (let i = at; i > Math.max(0, at - 24); i--) {
    if (text[i] === ' ' || text[i - 1] === ' ' || text[i - 1] === '-') return i;
    if (isWide(text.charCodeAt(i - 1)) || isWide(text.charCodeAt(i))) return i;
  }
  return at;
}

function isWide(code: number): boolean {
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xff60);
}
