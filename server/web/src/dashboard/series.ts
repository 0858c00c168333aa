/** An aggregate as categories and series: what charts and pivot tables are drawn from. Pure. */
import type { AggregateResult, Block, Bucket, CellValue, Group, Measure } from '../api/types';
import { periodLabel } from './periods';

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

/** One key: a series for each measure. Two keys: a series for each second key, of the first measure. */
export function tableOf(block: Block, result: AggregateResult, naming: Naming): Table {
  const { by = [], measures = [] } = block.aggregate ?? {};
  if (by.length < 2) {
    const categories = result.groups.map((group) => category(group, 0, by[0], naming));
    const series = measures.map((measure, m) => ({ id: `m${m}`, label: naming.measure(measure), color: null, measure, values: result.groups.map((group) => group.values[m] ?? null) }));
    return { categories, series };
  }
  const categories = new Map<string, Category>();
  const columns = new Map<string, Category>();
  const values = new Map<string, number | null>();
  for (const group of result.groups) {
    const row = category(group, 0, by[0], naming);
    const column = category(group, 1, by[1], naming);
    if (!categories.has(row.id)) categories.set(row.id, row);
    if (!columns.has(column.id)) columns.set(column.id, column);
    values.set(`${row.id}\n${column.id}`, group.values[0] ?? null);
  }
  const measure = measures[0] ?? { function: 'count' };
  const rows = [...categories.values()];
  const series = sorted([...columns.values()]).map((column) => ({ ...column, measure, values: rows.map((row) => values.get(`${row.id}\n${column.id}`) ?? null) }));
  return { categories: rows, series };
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
  readonly value: number;
  readonly before: number | null;
  /** Relative change; `null` without a value before. */
  readonly change: number | null;
  readonly bucket: Bucket | null;
  readonly line: readonly number[];
}

/** The figure of a metric: the total, or with a date bucket the newest period beside the one before it. */
export function comparison(block: Block, result: AggregateResult): Comparison {
  const bucket = block.aggregate?.by[0]?.bucket ?? null;
  const line = result.groups.filter((group) => group.keys[0] !== null).map((group) => group.values[0] ?? 0);
  if (!bucket || line.length === 0) return { value: result.totals[0] ?? 0, before: null, change: null, bucket: null, line: [] };
  const value = line[line.length - 1] ?? 0;
  const before = line.length > 1 ? (line[line.length - 2] ?? null) : null;
  return { value, before, change: before === null || before === 0 ? null : (value - before) / Math.abs(before), bucket, line };
}
