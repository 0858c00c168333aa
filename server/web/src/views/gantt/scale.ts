/** From days to pixels, and the two lines of the header. `x` is measured from the scale's first day. */
import { dateOf, weekday } from './days';

export type Zoom = 'day' | 'week' | 'month';

export const zoomWidths: Readonly<Record<Zoom, number>> = { day: 26, week: 12, month: 4 };
const narrowest = 1.5;
const widest = 64;

export interface Span {
  readonly x: number;
  readonly w: number;
  readonly label: string;
  /** First day it stands for. */
  readonly day: number;
}

export class Scale {
  /** The first day drawn and how many there are. */
  first = 0;
  count = 1;
  dayWidth = zoomWidths.day;

  get width(): number {
    return this.count * this.dayWidth;
  }

  x(day: number): number {
    return (day - this.first) * this.dayWidth;
  }

  /** The day under a place, as a fraction. */
  at(x: number): number {
    return this.first + x / this.dayWidth;
  }

  day(x: number): number {
    return Math.floor(this.at(x));
  }

  get zoom(): Zoom {
    return zoomOf(this.dayWidth);
  }

  /**
   * Covers `from .. to` with room on both sides, and `today`, and at least `view` pixels. Starts on the first of a month, so
   * that small changes of the tasks do not move the days.
   */
  fit(from: number, to: number, today: number, view: number): void {
    const room = Math.max(14, Math.ceil(160 / this.dayWidth));
    const low = dateOf(Math.min(from, today) - room);
    this.first = Date.UTC(low.getUTCFullYear(), low.getUTCMonth(), 1) / 86_400_000;
    const last = Math.max(to, today) + 2 * room;
    this.count = Math.max(last - this.first + 1, Math.ceil(view / this.dayWidth));
  }

  /** Changes the zoom by a factor or to a width. */
  zoomTo(width: number): void {
    this.dayWidth = Math.min(widest, Math.max(narrowest, width));
  }
}

export function zoomOf(dayWidth: number): Zoom {
  return dayWidth >= 18 ? 'day' : dayWidth >= 7 ? 'week' : 'month';
}

const formats = new Map<string, Intl.DateTimeFormat>();

function write(day: number, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })));
  const text = format.format(dateOf(day));
  // Chinese reads better with air between figures and words: "2026 年 11 月".
  return locale.startsWith('zh') && options.year ? text.replace(/(\d+)(年|月)/g, '$1 $2').replace(/年(\d)/, '年 $1') : text;
}

/** The upper line: months, or years when zoomed out. */
export function upperSpans(scale: Scale, from: number, to: number, locale: string): Span[] {
  return scale.zoom === 'month'
    ? units(scale, from, to, 12, (day) => write(day, locale, { year: 'numeric' }))
    : units(scale, from, to, 1, (day) => write(day, locale, { year: 'numeric', month: 'long' }));
}

/** The lower line: days, the Mondays of weeks, or months. */
export function lowerSpans(scale: Scale, from: number, to: number, locale: string): Span[] {
  if (scale.zoom === 'month') return units(scale, from, to, 1, (day) => write(day, locale, { month: scale.dayWidth < 2.2 ? 'narrow' : 'short' }));
  const step = scale.zoom === 'week' ? 7 : 1;
  const spans: Span[] = [];
  for (let day = step === 7 ? from - weekday(from) : from; day <= to; day += step) {
    spans.push({ x: scale.x(day), w: step * scale.dayWidth, label: String(dateOf(day).getUTCDate()), day });
  }
  return spans;
}

/** Spans of `months` months that touch `from .. to`. */
function units(scale: Scale, from: number, to: number, months: number, label: (day: number) => string): Span[] {
  const spans: Span[] = [];
  const start = dateOf(from);
  const month = start.getUTCMonth();
  let at = new Date(Date.UTC(start.getUTCFullYear(), month - (month % months), 1));
  while (at.getTime() / 86_400_000 <= to) {
    const next = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
    const [day, end] = [at.getTime() / 86_400_000, next.getTime() / 86_400_000];
    spans.push({ x: scale.x(day), w: (end - day) * scale.dayWidth, label: label(day), day });
    at = next;
  }
  return spans;
}

/** "Nov 12 – Nov 20", for the label of a drag. */
export function spanText(start: number, end: number, locale: string): string {
  const short = (day: number): string => write(day, locale, { month: 'short', day: 'numeric' });
  return start === end ? short(start) : `${short(start)} – ${short(end)}`;
}
