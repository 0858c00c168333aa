/** Numbers as people read them, and numbers out of what they type. Used by number, formula, rollup, count, summaries. */
import type { Locale } from './types';
import type { FieldOptions } from './wire';

const formats = new Map<string, Intl.NumberFormat>();

function intl(tag: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = tag + JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(tag, options);
    formats.set(key, format);
  }
  return format;
}

/** A fraction is a percentage: 0.45 is "45%". Without `decimals` up to ten places are shown, as many as there are. */
export function formatNumber(value: number, options: FieldOptions, locale: Locale): string {
  if (!Number.isFinite(value)) return String(value);
  const decimals = typeof options.decimals === 'number' ? Math.min(Math.max(options.decimals, 0), 10) : undefined;
  const digits = { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 10 };
  switch (options.format) {
    case 'percent':
    case 'progress':
      return `${intl(locale.tag, { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 2 }).format(value * 100)}%`;
    case 'currency':
      return currency(value, options.currency ?? 'CNY', decimals ?? 2, locale);
    case 'thousands':
      return intl(locale.tag, digits).format(value);
    default:
      return intl('en', { ...digits, useGrouping: false }).format(value);
  }
}

function currency(value: number, code: string, decimals: number, locale: Locale): string {
  try {
    return intl(locale.tag, {
      style: 'currency',
      currency: code,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }).format(value);
  } catch {
    // Not a currency that Intl knows: people may write any symbol.
    return code + intl(locale.tag, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
  }
}

/** What the text editor starts from: no separators, no symbol; "45%" for percentages. */
export function plainNumber(value: number, options: FieldOptions): string {
  if (options.format === 'percent' || options.format === 'progress') return `${Number((value * 100).toPrecision(12))}%`;
  return String(value);
}

/** `undefined` for what is not surely a number here (the server knows more forms). */
export function parseNumber(text: string, options: FieldOptions): number | null | undefined {
  const t = text.trim();
  if (t === '') return null;
  const m = /^([-+−]?)[¥￥$€£]?\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+|\d+\.)(?:e([-+]?\d+))?\s*([%％]?)$/i.exec(t);
  if (m === null) return undefined;
  const number = Number((m[2] ?? '').replaceAll(',', '') + (m[3] === undefined ? '' : `e${m[3]}`)) * (m[1] === '-' || m[1] === '−' ? -1 : 1);
  if (!Number.isFinite(number)) return undefined;
  const percent = options.format === 'percent' || options.format === 'progress';
  // In a percent column "45" means 45 %, as in other spreadsheets.
  return m[4] !== '' || percent ? Number((number / 100).toPrecision(15)) : number;
}

/** Seconds as h:mm or h:mm:ss. */
export function formatDuration(seconds: number, options: FieldOptions): string {
  const sign = seconds < 0 ? '-' : '';
  const s = Math.round(Math.abs(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor((s % 3600) / 60);
  return options.format === 'h:mm:ss' ? `${sign}${hours}:${two(minutes)}:${two(s % 60)}` : `${sign}${hours}:${two(minutes)}`;
}

export function parseDuration(text: string, options: FieldOptions): number | null | undefined {
  const t = text.trim();
  if (t === '') return null;
  const parts = /^(-?)(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?$/.exec(t);
  if (parts === null) return undefined;
  const [, sign, a, b, c] = parts;
  const [x, y, z] = [Number(a), Number(b ?? 0), Number(c ?? 0)];
  // A bare number counts the smallest unit that the column shows.
  const seconds = b === undefined ? x * (options.format === 'h:mm:ss' ? 1 : 60) : x * 3600 + y * 60 + z;
  return sign === '-' ? -seconds : seconds;
}
