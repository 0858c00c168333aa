/** Dates and moments as people read them. A date without time has no zone; a moment is shown in the field's or the person's. */
import type { Locale } from './types';
import type { FieldOptions } from './wire';

const formats = new Map<string, Intl.DateTimeFormat>();
let shown = new Map<string, string>();

function inZone(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    try {
      format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
    } catch {
      format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
    }
    formats.set(zone, format);
  }
  return format;
}

/** `withTime` decides whether the clock is shown; patterns are made of YYYY, MM, M, DD, D. */
export function formatMoment(value: string, options: FieldOptions, withTime: boolean, locale: Locale): string {
  const pattern = typeof options.format === 'string' && /[YMD]/.test(options.format) ? options.format : 'YYYY-MM-DD';
  const zone = options.zone ?? locale.zone;
  const key = `${value}\n${pattern}\n${zone}\n${withTime}`;
  const known = shown.get(key);
  if (known !== undefined) return known;
  const text = write(value, pattern, zone, withTime);
  if (shown.size > 20_000) shown = new Map();
  shown.set(key, text);
  return text;
}

function write(value: string, pattern: string, zone: string, withTime: boolean): string {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (day !== null) return date(pattern, day[1] ?? '', day[2] ?? '', day[3] ?? '') + (withTime ? ' 00:00' : '');
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  const parts = Object.fromEntries(inZone(zone).formatToParts(at).map((part) => [part.type, part.value]));
  const text = date(pattern, parts.year ?? '', parts.month ?? '', parts.day ?? '');
  return withTime ? `${text} ${parts.hour ?? '00'}:${parts.minute ?? '00'}` : text;
}

function date(pattern: string, year: string, month: string, day: string): string {
  return pattern.replace(/YYYY|YY|MM|M|DD|D/g, (part) => {
    switch (part) {
      case 'YYYY':
        return year;
      case 'YY':
        return year.slice(-2);
      case 'MM':
        return month;
      case 'M':
        return String(Number(month));
      case 'DD':
        return day;
      default:
        return String(Number(day));
    }
  });
}

/** A date that cannot be read two ways; everything else the server reads. */
export function parseDay(text: string): string | null | undefined {
  const t = text.trim();
  if (t === '') return null;
  const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(t);
  if (m === null) return undefined;
  const [y, mo, d] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const at = new Date(Date.UTC(y, mo - 1, d));
  if (at.getUTCMonth() !== mo - 1 || at.getUTCDate() !== d) return undefined;
  return at.toISOString().slice(0, 10);
}
