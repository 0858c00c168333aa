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
