/** What the fill handle and Ctrl+D / Ctrl+R write: a series where the source is one, otherwise its values again and again. */
import type { CellValue, Field } from '../fields/wire';

/**
 * `n` values that go on after `source`, or before it when `backward`.
 * One value is copied. Two or more numbers or dates with equal steps go on; texts that end in such numbers too.
 */
export function goOn(source: readonly CellValue[], n: number, field: Field, backward = false): CellValue[] {
  const ordered = backward ? [...source].reverse() : source;
  const next = field.computed ? undefined : series(ordered);
  return Array.from({ length: n }, (_, i) => (next === undefined ? (ordered[i % ordered.length] ?? null) : next(i)));
}

/** The i-th value after a series; `undefined` if the values are none. */
function series(source: readonly CellValue[]): ((i: number) => CellValue) | undefined {
  if (source.length < 2) return undefined;
  if (source.every((value) => typeof value === 'number')) {
    const step = evenStep(source);
    const from = source[source.length - 1] ?? 0;
    // 0.1 + 0.2 must read 0.3.
    return step === undefined ? undefined : (i) => Number((from + step * (i + 1)).toPrecision(12));
  }
  if (!source.every((value) => typeof value === 'string')) return undefined;
  return days(source) ?? numbered(source);
}

function evenStep(numbers: readonly number[]): number | undefined {
  const step = (numbers[1] ?? 0) - (numbers[0] ?? 0);
  for (let i = 2; i < numbers.length; i++) {
    const other = (numbers[i] ?? 0) - (numbers[i - 1] ?? 0);
    if (Math.abs(other - step) > 1e-9 * Math.max(1, Math.abs(step))) return undefined;
  }
  return step;
}

const dayMs = 86_400_000;

/** Dates: by whole months where the day of the month stays, else by days. */
function days(source: readonly string[]): ((i: number) => CellValue) | undefined {
  if (!source.every((text) => /^\d{4}-\d{2}-\d{2}$/.test(text))) return undefined;
  const dates = source.map((text) => new Date(`${text}T00:00:00Z`));
  const last = dates[dates.length - 1];
  const first = dates[0];
  if (last === undefined || first === undefined) return undefined;
  const months = evenStep(dates.map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth()));
  if (months !== undefined && months !== 0 && dates.every((date) => date.getUTCDate() === first.getUTCDate())) {
    return (i) => addMonths(last, months * (i + 1), first.getUTCDate());
  }
  const step = evenStep(dates.map((date) => date.getTime() / dayMs));
  return step === undefined ? undefined : (i) => new Date(last.getTime() + step * (i + 1) * dayMs).toISOString().slice(0, 10);
}

/** 31 January and a month is the last of February. */
function addMonths(date: Date, months: number, day: number): string {
  const month = date.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(date.getUTCFullYear(), month, Math.min(day, lastDay))).toISOString().slice(0, 10);
}

/** "Sprint 1", "Sprint 2" → "Sprint 3"; leading zeros stay. */
function numbered(source: readonly string[]): ((i: number) => CellValue) | undefined {
  const parts = source.map((text) => /^(.*?)(\d{1,15})$/s.exec(text));
  const head = parts[0]?.[1];
  if (head === undefined || !parts.every((part) => part !== null && part[1] === head)) return undefined;
  const step = evenStep(parts.map((part) => Number(part?.[2])));
  const last = parts[parts.length - 1]?.[2];
  if (step === undefined || step === 0 || last === undefined) return undefined;
  const width = last.startsWith('0') ? last.length : 0;
  return (i) => {
    const number = Number(last) + step * (i + 1);
    return number < 0 ? null : head + String(number).padStart(width, '0');
  };
}
