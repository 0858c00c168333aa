/** Numbers of measures: in the format of their field, and short on axes (1.2万, 12K). Pure. */
import { formatDuration, formatNumber } from '../fields/figures';
import type { Locale } from '../fields/types';
import type { Field, Measure } from '../api/types';
import type { FieldOptions } from '../fields/wire';

/** Functions that count records: their result has no unit. */
const counting: ReadonlySet<string> = new Set(['count', 'empty', 'filled', 'unique', 'checked']);

type Unit = { readonly kind: 'number'; readonly options: FieldOptions } | { readonly kind: 'duration'; readonly options: FieldOptions };

function unitOf(measure: Measure, field: Field | undefined): Unit {
  const type = field?.result?.type ?? field?.type;
  const options = field?.result?.options ?? field?.options ?? {};
  if (counting.has(measure.function) || !field) return { kind: 'number', options: { format: 'thousands', decimals: 0 } };
  if (type === 'duration') return { kind: 'duration', options };
  if (type !== 'number' || options.format === undefined || options.format === 'plain') return { kind: 'number', options: { format: 'thousands', ...(options.decimals === undefined ? {} : { decimals: options.decimals }) } };
  return { kind: 'number', options };
}

/** In full, as tables and tooltips show it. Averages get one more place than the field; large amounts lose their cents. */
export function figure(value: number | null | undefined, measure: Measure, field: Field | undefined, locale: Locale): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const { kind, options } = unitOf(measure, field);
  if (kind === 'duration') return formatDuration(value, options);
  const percent = options.format === 'percent' || options.format === 'progress';
  const fine = measure.function === 'average' || measure.function === 'median' || measure.function === 'percentile';
  let decimals = options.decimals ?? (fine ? 1 : undefined);
  if (fine && decimals !== undefined && !percent) decimals = Math.max(decimals, Math.abs(value) < 1000 ? 1 : 0);
  if (!percent && Math.abs(value) >= 1000) decimals = 0;
  return formatNumber(value, { ...options, ...(decimals === undefined ? { decimals: Number.isInteger(value) ? 0 : 2 } : { decimals }) }, locale);
}

/** A few characters, for axes. */
export function shortFigure(value: number, measure: Measure, field: Field | undefined, locale: Locale): string {
  const { kind, options } = unitOf(measure, field);
  if (kind === 'duration') return formatDuration(value, { format: 'h:mm' });
  if (options.format === 'percent' || options.format === 'progress') return formatNumber(value, { format: 'percent' }, locale);
  const sign = options.format === 'currency' ? symbol(options.currency ?? 'CNY', locale) : '';
  return `${value < 0 ? '-' : ''}${sign}${short(Math.abs(value), locale.tag)}`;
}

const steps = {
  zh: [[1e8, '亿'], [1e4, '万']],
  en: [[1e9, 'B'], [1e6, 'M'], [1e3, 'K']],
} as const;

/** 12000 is "1.2万" in Chinese and "12K" in English. */
export function short(value: number, tag: string): string {
  for (const [size, name] of tag.startsWith('zh') ? steps.zh : steps.en) {
    if (value < size) continue;
    const n = value / size;
    return `${Number(n.toFixed(n < 100 ? 1 : 0))}${name}`;
  }
  return String(Number(value.toPrecision(4)));
}

function symbol(code: string, locale: Locale): string {
  try {
    return new Intl.NumberFormat(locale.tag, { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' }).formatToParts(0).find((part) => part.type === 'currency')?.value ?? code;
  } catch {
    return code;
  }
}
