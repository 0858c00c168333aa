/** A pivot table: rows by columns with totals, out of two keys; or rows by measures, out of one. Pure. */
import type { AggregateResult, Block, Measure } from '../api/types';
import { adds, tableOf, type Category, type Naming } from './series';

export interface PivotColumn extends Category {
  readonly measure: Measure;
  readonly total: number | null;
}

export interface PivotRow extends Category {
  readonly cells: readonly (number | null)[];
  readonly total: number | null;
}

export interface Pivot {
  readonly columns: readonly PivotColumn[];
  readonly rows: readonly PivotRow[];
  /** Whether there is a column of totals: only where adding the columns means something. */
  readonly across: boolean;
  readonly total: number | null;
  /** The largest cell, for the tint. */
  readonly max: number;
}

export function pivotOf(block: Block, result: AggregateResult, naming: Naming): Pivot {
  const { categories, series } = tableOf(block, result, naming);
  const across = (block.aggregate?.by.length ?? 0) > 1 && series.length > 0 && series.every((one) => adds(one.measure));
  const sum = (values: readonly (number | null)[]): number | null => (values.every((value) => value === null) ? null : values.reduce<number>((n, value) => n + (value ?? 0), 0));
  const columns = series.map((one, i) => ({ ...one, total: adds(one.measure) ? sum(one.values) : across ? null : (result.totals[i] ?? null) }));
  const rows = categories.map((row, r) => {
    const cells = series.map((one) => one.values[r] ?? null);
    return { ...row, cells, total: across ? sum(cells) : null };
  });
  const max = Math.max(0, ...series.map((one) => one.values.reduce<number>((n, value) => Math.max(n, value ?? 0), 0)));
  return { columns, rows, across, total: across ? sum(columns.map((column) => column.total)) : null, max };
}
