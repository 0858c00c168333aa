/**
 * Days as whole numbers since 1970-01-01: what bars, scales and drags compute with. A cell without time has no zone; a
 * moment falls on the day that the base's zone shows.
 */
const msPerDay = 86_400_000;
const zones = new Map<string, Intl.DateTimeFormat>();

/** The day of a date cell; `null` for blanks, errors and what cannot be read. */
export function dayOf(value: unknown, zone: string): number | null {
  if (typeof value !== 'string') return null;
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.test(value);
  const ms = Date.parse(plain ? `${value}T00:00:00Z` : value);
  if (Number.isNaN(ms)) return null;
  return plain ? ms / msPerDay : dayIn(ms, zone);
}

export function isoOf(day: number): string {
  return new Date(day * msPerDay).toISOString().slice(0, 10);
}

export function dateOf(day: number): Date {
  return new Date(day * msPerDay);
}

export function todayIn(zone: string, now = Date.now()): number {
  return dayIn(now, zone);
}

/** Monday is 0. */
export function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

export function isWeekend(day: number): boolean {
  return weekday(day) >= 5;
}

/** A cell moved so that it falls on `to`: a moment keeps its time of day, a blank becomes a date. */
export function movedTo(value: unknown, from: number | null, to: number, withTime: boolean): string {
  if (typeof value === 'string' && from !== null && value.includes('T')) {
    return new Date(Date.parse(value) + (to - from) * msPerDay).toISOString().replace('.000Z', 'Z');
  }
  return withTime ? `${isoOf(to)}T00:00:00Z` : isoOf(to);
}

function dayIn(ms: number, zone: string): number {
  let format = zones.get(zone);
  if (!format) {
    const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' };
    try {
      format = new Intl.DateTimeFormat('en-CA', { ...options, timeZone: zone });
    } catch {
      format = new Intl.DateTimeFormat('en-CA', { ...options, timeZone: 'UTC' });
    }
    zones.set(zone, format);
  }
  return Date.parse(`${format.format(ms)}T00:00:00Z`) / msPerDay;
}
