// Numbers, periods, series, pivots, options and blocks of dashboards.
import { expect, test } from 'vitest';
import type { AggregateResult, Block, CellValue, Field, Measure, Table } from '../api/types';
import { copyOf, freeSpot, freshId, newBlock, withChoice } from './blocks';
import { figure, short, shortFigure } from './figures';
import { optionsOf, type Writing } from './options';
import type { Palette } from './palette';
import { isoWeek, periodLabel } from './periods';
import { pivotOf } from './pivot';
import { comparison, tableOf, type Naming } from './series';
import { paragraphs } from './text';
import { dashboardWords } from './words';

const zh = { tag: 'zh-CN', zone: 'UTC', yes: '是', no: '否' };
const en = { tag: 'en', zone: 'UTC', yes: 'yes', no: 'no' };
const number = (options: object): Field => ({ id: 'n', name: 'N', type: 'number', options, computed: false }) as unknown as Field;
const sum: Measure = { function: 'sum', field: 'n' as never };
const count: Measure = { function: 'count' };

test('figures take the format of their field', () => {
  expect(figure(1234.5, sum, number({ format: 'currency', currency: 'CNY', decimals: 2 }), zh)).toBe('¥1,235');
  expect(figure(99.5, sum, number({ format: 'currency', currency: 'CNY', decimals: 2 }), zh)).toBe('¥99.50');
  expect(figure(0.456, { function: 'average', field: 'n' as never }, number({ format: 'percent', decimals: 1 }), en)).toBe('45.6%');
  expect(figure(3.14159, { function: 'average', field: 'n' as never }, number({ format: 'plain', decimals: 0 }), en)).toBe('3.1');
  expect(figure(1_234_567, count, undefined, en)).toBe('1,234,567');
  expect(figure(12, { function: 'unique', field: 'n' as never }, number({ format: 'currency' }), en)).toBe('12');
  expect(figure(null, sum, undefined, en)).toBe('–');
  expect(figure(5400, sum, { ...number({ format: 'h:mm' }), type: 'duration' }, en)).toBe('1:30');
});

test('axes are short in both languages', () => {
  expect([9999, 12_000, 1_234_567, 120_000_000].map((n) => short(n, 'zh-CN'))).toEqual(['9999', '1.2万', '123万', '1.2亿']);
  expect([999, 12_000, 1_234_567, 2.5e9].map((n) => short(n, 'en'))).toEqual(['999', '12K', '1.2M', '2.5B']);
  expect(shortFigure(50_000, sum, number({ format: 'currency', currency: 'CNY' }), zh)).toBe('¥5万');
  expect(shortFigure(-2000, sum, number({ format: 'currency', currency: 'USD' }), en)).toBe('-$2K');
  expect(shortFigure(0.5, sum, number({ format: 'percent' }), en)).toBe('50%');
});

test('periods', () => {
  expect(isoWeek(new Date('2026-01-01T00:00:00Z'))).toBe(1);
  expect(isoWeek(new Date('2027-01-01T00:00:00Z'))).toBe(53);
  expect(periodLabel('2026-11-16', 'week', 'en')).toBe('W47');
  expect(periodLabel('2026-06', 'month', 'zh-CN')).toBe('6月');
  expect(periodLabel('2026-01-01', 'month', 'en')).toBe('Jan 2026');
  expect(periodLabel('2026-Q3', 'quarter', 'en')).toBe('2026 Q3');
  expect(periodLabel(null, 'day', 'en')).toBeUndefined();
});

const order = ['p0', 'p1'];
const naming: Naming = { tag: 'en', empty: '(empty)', measure: (m) => m.function, rank: (_, key) => order.indexOf(key as string) };
const result = (groups: [CellValue[], (number | null)[]][], totals: number[] = []): AggregateResult => ({
  groups: groups.map(([keys, values]) => ({ keys, labels: keys.map((key) => (key === null ? '' : `L${String(key)}`)), colors: keys.map((key) => (key === 'p0' ? 'red' : null)), values })), totals, records: 0,
});
const block = (more: Partial<Block>): Block => ({ id: 'b', kind: 'bar', title: '', x: 0, y: 0, w: 4, h: 4, ...more });
const two = block({ aggregate: { by: [{ field: 's' as never }, { field: 'p' as never }], measures: [count] } });
const cross = result([[['todo', 'p1'], [48]], [['todo', null], [2]], [['done', 'p0'], [40]], [['done', 'p1'], [310]]], [400]);

test('two keys make a series of each second key, options first, the empty one last', () => {
  const table = tableOf(two, cross, naming);
  expect(table.categories.map((one) => one.label)).toEqual(['Ltodo', 'Ldone']);
  expect(table.series.map((one) => [one.label, one.color, one.values])).toEqual([['Lp0', 'red', [null, 40]], ['Lp1', null, [48, 310]], ['(empty)', 'gray', [2, null]]]);
});

test('a pivot has totals where adding means something', () => {
  const pivot = pivotOf(two, cross, naming);
  expect(pivot.rows.map((row) => row.total)).toEqual([50, 350]);
  expect(pivot.columns.map((column) => column.total)).toEqual([40, 358, 2]);
  expect([pivot.total, pivot.max, pivot.across]).toEqual([400, 310, true]);
  const averages = pivotOf({ ...two, aggregate: { by: two.aggregate?.by ?? [], measures: [{ function: 'average', field: 'n' as never }] } }, cross, naming);
  expect([averages.across, averages.rows[0]?.total]).toEqual([false, null]);
  const one = pivotOf(block({ aggregate: { by: [{ field: 's' as never }], measures: [count, { function: 'average' }] } }), result([[['a'], [1, 5]], [['b'], [2, 7]]], [3, 6]), naming);
  expect(one.columns.map((column) => column.total)).toEqual([3, 6]);
});

test('a metric compares its period with the one before by the calendar', () => {
  const by = (bucket: 'day' | 'week' | 'month', measures: Measure[] = [sum]): Block => block({ kind: 'metric', aggregate: { by: [{ field: 'd' as never, bucket }], measures } });
  const weeks = result([[['2026-11-09'], [100]], [['2026-11-16'], [112]], [[null], [5]]]);
  expect(comparison(by('week'), weeks, '2026-11-18')).toMatchObject({ value: 112, before: 100, change: 0.12, bucket: 'week', period: null });
  // Two days ago is not the day before.
  const days = result([[['2026-11-14'], [80]], [['2026-11-16'], [40]], [['2026-11-30'], [9]]]);
  expect(comparison(by('day'), days, '2026-11-16')).toMatchObject({ value: 40, before: 0, change: null, line: [80, 0, 40] });
  expect(comparison(by('day', [{ function: 'average' }]), days, '2026-11-16')).toMatchObject({ value: 40, before: null, change: null, line: [80, 40] });
  // What is still to come is not now; a period that is over says so.
  expect(comparison(by('day'), days, '2026-11-17')).toMatchObject({ value: 40, period: '2026-11-16' });
  expect(comparison(by('month'), result([[['2025-12-01'], [3]], [['2026-01-01'], [6]]]), '2026-01-31')).toMatchObject({ value: 6, before: 3, change: 1 });
  expect(comparison(by('week'), result([[['2026-11-16'], [112]]]), '2026-11-22')).toMatchObject({ value: 112, before: null, change: null });
  expect(comparison(block({ kind: 'metric', aggregate: { by: [], measures: [sum] } }), result([], [7]), '2026-11-22')).toMatchObject({ value: 7, bucket: null });
});

test('a second figure of a metric divides the first: the ratio of sums', () => {
  const roi = (by: { field: never; bucket: 'day' }[] = []): Block => block({ kind: 'metric', aggregate: { by, measures: [sum, sum] } });
  // The mean of 10 and 1 would be 5.5.
  expect(comparison(roi(), result([[['a'], [10, 1]], [['b'], [100, 100]]], [110, 101]), '2026-01-01').value).toBeCloseTo(110 / 101);
  expect(comparison(roi(), result([], [110, 0]), '2026-01-01').value).toBeNull();
  const day = [{ field: 'd' as never, bucket: 'day' as const }];
  expect(comparison(roi(day), result([[['2026-01-01'], [6, 2]], [['2026-01-02'], [8, 2]]]), '2026-01-02')).toMatchObject({ value: 4, before: 3 });
  expect(withChoice(block({ kind: 'bar', aggregate: { by: [], measures: [sum, sum] } }), 'metric', table).aggregate?.measures).toHaveLength(1);
});

test('periods without records are part of a chart: zero where figures add up, a gap where they do not', () => {
  const by = (bucket: 'day' | 'week' | 'month', measures: Measure[]): Block => block({ kind: 'line', aggregate: { by: [{ field: 'd' as never, bucket }], measures } });
  const mean: Measure = { function: 'average', field: 'n' as never };
  const days = tableOf(by('day', [sum, mean]), result([[['2026-02-27'], [5, 5]], [['2026-03-02'], [7, 7]], [[null], [1, 1]]]), naming);
  expect(days.categories.map((one) => one.id)).toEqual(['"2026-02-27"', '"2026-02-28"', '"2026-03-01"', '"2026-03-02"', 'null']);
  expect(days.series.map((one) => one.values)).toEqual([[5, 0, 0, 7, 1], [5, null, null, 7, 1]]);
  expect(tableOf(by('week', [count]), result([[['2026-12-28'], [1]], [['2027-01-11'], [1]]]), naming).series[0]?.values).toEqual([1, 0, 1]);
  expect(tableOf(by('month', [count]), result([[['2026-11'], [1]], [['2027-02'], [1]]]), naming).categories.map((one) => one.label)).toEqual(['Nov', 'Dec', 'Jan 2027', 'Feb']);
  // Ordered by size or cut off, only what there is.
  const cut = by('day', [sum]);
  expect(tableOf({ ...cut, aggregate: { ...(cut.aggregate as NonNullable<Block['aggregate']>), order: '-value' } }, result([[['2026-03-02'], [7]], [['2026-02-27'], [5]]]), naming).categories).toHaveLength(2);
  const split = block({ kind: 'bar', aggregate: { by: [{ field: 'd' as never, bucket: 'day' }, { field: 'p' as never }], measures: [count] } });
  expect(tableOf(split, result([[['2026-02-01', 'p0'], [2]], [['2026-02-03', 'p1'], [3]]]), naming).series.map((one) => one.values)).toEqual([[2, 0, 0], [0, 0, 3]]);
});

const palette: Palette = { series: ['s1', 's2'], fg: 'fg', fg2: 'fg2', fg3: 'fg3', line: 'line', lineStrong: 'ls', raised: 'raised', font: 'F', size: 12, option: (name) => `opt-${name}` };
const writing: Writing = { full: (value) => `full ${value}`, short: (value) => `short ${value}` };
const size = { w: 400, h: 300 };
type Shape = { series: { type: string; stack?: string; color?: string; data: { value: number; itemStyle: { color: string } }[] }[]; xAxis: { type: string; data?: string[] }; legend?: { orient?: string; bottom?: number } };
const drawn = (one: Block, answer: AggregateResult, at = size): Shape => optionsOf(one, tableOf(one, answer, naming), palette, writing, at) as unknown as Shape;

test('series that are options keep their color; counts stack, averages do not', () => {
  const bars = drawn(two, cross);
  expect(bars.series.map((one) => [one.type, one.stack, one.color])).toEqual([['bar', 'all', 'opt-red'], ['bar', 'all', 's2'], ['bar', 'all', 'opt-gray']]);
  const averages = drawn({ ...two, aggregate: { by: two.aggregate?.by ?? [], measures: [{ function: 'average', field: 'n' as never }] } }, cross);
  expect(averages.series[0]?.stack).toBeUndefined();
  expect(drawn({ ...two, kind: 'line' }, cross).series[0]?.stack).toBeUndefined();
});

test('bars of options are each in their color, and lie down when told', () => {
  const one = block({ aggregate: { by: [{ field: 'p' as never }], measures: [count] }, settings: { horizontal: true } });
  const lying = drawn(one, result([[['p0'], [3]], [['p1'], [4]]]));
  expect(lying.xAxis.type).toBe('value');
  expect(lying.series[0]?.data.map((entry) => entry.itemStyle.color)).toEqual(['opt-red', 's1']);
});

test('names of a pie stand below it where the block is narrow', () => {
  const one = block({ kind: 'pie', aggregate: { by: [{ field: 'p' as never }], measures: [count] } });
  const answer = result([[['p0'], [3]], [['p1'], [4]]]);
  expect(drawn(one, answer).legend?.orient).toBe('vertical');
  expect(drawn(one, answer, { w: 240, h: 300 }).legend?.bottom).toBe(0);
});

const table = { id: 't', primary: 'a', views: [], fields: [{ id: 'a', type: 'text', options: {} }, { id: 's', type: 'singleSelect', options: {} }, { id: 'd', type: 'date', options: {} }] } as unknown as Table;
const w = dashboardWords();

test('new blocks go where there is room and ask something that can be answered', () => {
  const there = [block({ id: 'blk1', x: 0, y: 0, w: 6, h: 2 }), block({ id: 'blk2', x: 6, y: 0, w: 6, h: 2 })];
  expect(freeSpot(there, 4, 2)).toEqual({ x: 0, y: 2 });
  expect(freeSpot(there.slice(0, 1), 4, 2)).toEqual({ x: 6, y: 0 });
  expect(freshId(there)).toBe('blk3');
  expect(newBlock('line', table, there, w, 'x').aggregate?.by).toEqual([{ field: 'd', bucket: 'month' }]);
  expect(newBlock('pie', table, there, w, 'x').aggregate?.by).toEqual([{ field: 's' }]);
  expect(newBlock('progress', table, there, w, 'x')).toMatchObject({ kind: 'metric', settings: { look: 'progress' } });
  expect(newBlock('text', undefined, there, w, 'x').aggregate).toBeUndefined();
  expect(copyOf(there[0] as Block, there.slice(0, 1), 'y')).toMatchObject({ x: 6, y: 0 });
  expect(copyOf(there[0] as Block, there, 'y')).toMatchObject({ x: 0, y: 2 });
});

test('another kind keeps the question as far as it can', () => {
  expect(withChoice(two, 'pie', table).aggregate?.by).toHaveLength(1);
  expect(withChoice(two, 'pivot', table).aggregate?.by).toHaveLength(2);
  expect(withChoice(block({ kind: 'metric', aggregate: { by: [], measures: [sum] } }), 'bar', table).aggregate).toMatchObject({ by: [{ field: 's' }], measures: [sum] });
});

test('text blocks know titles, lists and bold', () => {
  expect(paragraphs('# Title\n- one **two**\n\nplain')).toEqual([
    { kind: 'title', pieces: [{ text: 'Title', strong: false }] },
    { kind: 'item', pieces: [{ text: 'one ', strong: false }, { text: 'two', strong: true }] },
    { kind: 'text', pieces: [{ text: 'plain', strong: false }] },
  ]);
});
