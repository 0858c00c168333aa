/** Names of date buckets. A key is the first day of its bucket ("2026-06-01"), or the part that names it ("2026-06"). */
import type { Bucket, CellValue } from '../api/types';

const formats = new Map<string, Intl.DateTimeFormat>();

function write(date: Date, tag: string, options: Intl.DateTimeFormatOptions): string {
  const key = tag + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(tag, { ...options, timeZone: 'UTC' })));
  return format.format(date);
}

export function firstDay(key: CellValue): Date | undefined {
  if (typeof key !== 'string') return undefined;
  const m = /^(\d{4})(?:-(?:(\d{2})|Q([1-4])))?(?:-(\d{2}))?/.exec(key);
  if (!m) return undefined;
  const month = m[3] ? (Number(m[3]) - 1) * 3 : Number(m[2] ?? 1) - 1;
  return new Date(Date.UTC(Number(m[1]), month, Number(m[4] ?? 1)));
}

export function periodLabel(key: CellValue, bucket: Bucket, tag: string): string | undefined {
  const date = firstDay(key);
  if (!date) return undefined;
  switch (bucket) {
    case 'day':
      return write(date, tag, { month: 'numeric', day: 'numeric' });
    case 'week':
      return `W${isoWeek(date)}`;
    case 'month':
      return write(date, tag, date.getUTCMonth() === 0 ? { year: 'numeric', month: 'short' } : { month: 'short' });
    case 'quarter':
      return `${date.getUTCFullYear()} Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
    case 'year':
      return String(date.getUTCFullYear());
  }
}

/** The week that has the date's Thursday. */
export function isoWeek(date: Date): number {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * 86_400_000);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 4);
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * 86_400_000;
  return 1 + Math.floor((thursday.getTime() - monday) / (7 * 86_400_000));
}

/** The first day of the period that a day lies in; weeks begin on Monday, as on the server. */
export function periodOf(day: Date, bucket: Bucket): Date {
  const [y, m, d] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  switch (bucket) {
    case 'day':
      return new Date(Date.UTC(y, m, d));
    case 'week':
      return new Date(Date.UTC(y, m, d - ((day.getUTCDay() + 6) % 7)));
    case 'month':
      return new Date(Date.UTC(y, m, 1));
    case 'quarter':
      return new Date(Date.UTC(y, m - (m % 3), 1));
    case 'year':
      return new Date(Date.UTC(y, 0, 1));
  }
}

/** The period `n` after the one that begins on `first`. */
export function periodAfter(first: Date, bucket: Bucket, n: number): Date {
  const [y, m, d] = [first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()];
  switch (bucket) {
    case 'day':
      return new Date(Date.UTC(y, m, d + n));
    case 'week':
      return new Date(Date.UTC(y, m, d + 7 * n));
    case 'month':
      return new Date(Date.UTC(y, m + n, 1));
    case 'quarter':
      return new Date(Date.UTC(y, m + 3 * n, 1));
    case 'year':
      return new Date(Date.UTC(y + n, 0, 1));
  }
}
