/** An aggregate as categories and series: what charts and pivot tables are drawn from. Pure. */
import type { AggregateResult, Block, Bucket, CellValue, Group, Measure } from '../api/types';
import { firstDay, periodAfter, periodLabel, periodOf } from './periods';

export interface Naming {
  readonly tag: string;
  readonly empty: string;
  measure(measure: Measure): string;
  /** Place of a key among the options of its field; -1 where it has none. */
  rank(by: Group, key: CellValue): number;
}

export interface Category {
  readonly id: string;
  readonly label: string;
  /** An option's color name. */
  readonly color: string | null;
  readonly rank?: number;
}

export interface Series extends Category {
  readonly measure: Measure;
  /** One for each category; `null` where there is no such group. */
  readonly values: readonly (number | null)[];
}

export interface Table {
  readonly categories: readonly Category[];
  readonly series: readonly Series[];
}

type ResultGroup = AggregateResult['groups'][number];

function category(group: ResultGroup, i: number, by: Group | undefined, naming: Naming): Category {
  const key = group.keys[i] ?? null;
  const named = by?.bucket ? periodLabel(key, by.bucket, naming.tag) : undefined;
  return { id: JSON.stringify(key), label: key === null ? naming.empty : (named ?? (group.labels[i] || naming.empty)), color: group.colors[i] ?? (key === null ? 'gray' : null), rank: by ? naming.rank(by, key) : -1 };
}

/** Periods of a chart; more would be thinner than a pixel. */
const periodsMax = 1_000;

/**
 * The first keys of a result, each once. Where they are periods in their own order, those without records are there too:
 * a quiet day is part of the picture.
 */
function rowsOf(block: Block, result: AggregateResult, naming: Naming): Category[] {
  const { by = [], order, limit } = block.aggregate ?? {};
  const found = new Map<string, Category>();
  const dates = new Map<string, Date>();
  for (const group of result.groups) {
    const row = category(group, 0, by[0], naming);
    found.set(row.id, row);
    const date = firstDay(group.keys[0] ?? null);
    if (date) dates.set(row.id, date);
  }
  const bucket = by[0]?.bucket;
  const rows = [...found.values()];
  const chart = block.kind === 'bar' || block.kind === 'line' || block.kind === 'area';
  if (!bucket || !chart || limit !== undefined || (order ?? 'key') !== 'key' || dates.size < 2) return rows;
  const times = [...dates.values()].map((date) => date.getTime());
  const [first, last] = [new Date(Math.min(...times)), Math.max(...times)];
  const known = new Map([...dates].map(([id, date]) => [date.getTime(), found.get(id) as Category]));
  const filled: Category[] = [];
  for (let n = 0; ; n++) {
    const date = periodAfter(first, bucket, n);
    if (date.getTime() > last) break;
    if (n >= periodsMax) return rows;
    const key = date.toISOString().slice(0, 10);
    filled.push(known.get(date.getTime()) ?? { id: JSON.stringify(key), label: periodLabel(key, bucket, naming.tag) ?? key, color: null });
  }
  if (by[0]?.desc === true) filled.reverse();
  const undated = rows.filter((row) => !dates.has(row.id));
  // Records without a date stand where the server put them, before or after all others.
  return rows[0] && !dates.has(rows[0].id) ? [...undated, ...filled] : [...filled, ...undated];
}

/** One key: a series for each measure. Two keys: a series for each second key, of the first measure. */
export function tableOf(block: Block, result: AggregateResult, naming: Naming): Table {
  const { by = [], measures = [] } = block.aggregate ?? {};
  const categories = rowsOf(block, result, naming);
  const dated = by[0]?.bucket !== undefined;
  // Nothing in a period adds up to zero; of nothing there is no average.
  const none = (measure: Measure): number | null => (dated && block.kind !== 'pivot' && adds(measure) ? 0 : null);
  if (by.length < 2) {
    const groups = new Map(result.groups.map((group) => [category(group, 0, by[0], naming).id, group]));
    const series = measures.map((measure, m) => ({
      id: `m${m}`, label: naming.measure(measure), color: null, measure,
      values: categories.map((row) => groups.get(row.id)?.values[m] ?? none(measure)),
    }));
    return { categories, series };
  }
  const columns = new Map<string, Category>();
  const values = new Map<string, number | null>();
  for (const group of result.groups) {
    const row = category(group, 0, by[0], naming);
    const column = category(group, 1, by[1], naming);
    if (!columns.has(column.id)) columns.set(column.id, column);
    values.set(`${row.id}\n${column.id}`, group.values[0] ?? null);
  }
  const measure = measures[0] ?? { function: 'count' };
  const series = sorted([...columns.values()]).map((column) => ({ ...column, measure, values: categories.map((row) => values.get(`${row.id}\n${column.id}`) ?? none(measure)) }));
  return { categories, series };
}

/** Groups come in the order of the first key; the second keys by their options or their value, the empty one last. */
function sorted(list: Category[]): Category[] {
  const last = (entry: Category): number => (entry.id === 'null' ? 1 : 0);
  return list.sort((a, b) => last(a) - last(b) || (a.rank ?? -1) - (b.rank ?? -1) || (a.id < b.id ? -1 : 1));
}

/** Whether sums across groups mean anything: those of averages do not. */
export function adds(measure: Measure): boolean {
  return measure.function === 'sum' || measure.function === 'count' || measure.function === 'filled' || measure.function === 'empty' || measure.function === 'checked';
}

export interface Comparison {
  /** `null`: nothing to show, as of a ratio to zero. */
  readonly value: number | null;
  readonly before: number | null;
  /** Relative change; `null` without a value before. */
  readonly change: number | null;
  readonly bucket: Bucket | null;
  /** First day of the period shown, where it is not the present one. */
  readonly period: string | null;
  readonly line: readonly number[];
}

/** A metric's second figure divides the first: of sums that is the ratio of sums, not a mean of ratios. */
export function isRatio(block: Block): boolean {
  return block.kind === 'metric' && (block.aggregate?.measures.length ?? 0) > 1;
}

/**
 * The figure of a metric: the total, or with a date bucket the newest period up to today beside the one before it by the
 * calendar. `today` is the base's day. Periods without records count as zero where figures add up.
 */
export function comparison(block: Block, result: AggregateResult, today: string): Comparison {
  const bucket = block.aggregate?.by[0]?.bucket ?? null;
  const ratio = isRatio(block);
  const figure = (values: readonly (number | null)[] | undefined): number | null => {
    const [over, under] = [values?.[0] ?? null, values?.[1] ?? null];
    if (!ratio) return over;
    return over === null || under === null || under === 0 ? null : over / under;
  };
  const total = { value: figure(result.totals) ?? (ratio ? null : 0), before: null, change: null, bucket: null, period: null, line: [] };
  if (!bucket) return total;
  const present = periodOf(new Date(`${today}T00:00:00Z`), bucket);
  const periods = new Map<number, number | null>();
  for (const group of result.groups) {
    const date = firstDay(group.keys[0] ?? null);
    if (date && date <= present) periods.set(date.getTime(), figure(group.values));
  }
  if (periods.size === 0) return result.groups.some((group) => group.keys[0] !== null) ? { ...total, value: ratio ? null : 0 } : total;
  const measure = block.aggregate?.measures[0];
  const none = !ratio && measure && adds(measure) ? 0 : null;
  const first = Math.min(...periods.keys());
  const shown = new Date(Math.max(...periods.keys()));
  const at = (n: number): number | null => {
    const time = periodAfter(shown, bucket, n).getTime();
    return periods.get(time) ?? (time < first ? null : none);
  };
  const line: number[] = [];
  for (let n = 0; n > -periodsMax && periodAfter(shown, bucket, n).getTime() >= first; n--) {
    const value = at(n);
    if (value !== null) line.unshift(value);
  }
  const [value, before] = [at(0), at(-1)];
  return {
    value, before, change: value === null || before === null || before === 0 ? null : (value - before) / Math.abs(before), bucket,
    period: shown.getTime() === present.getTime() ? null : shown.toISOString().slice(0, 10), line,
  };
}
