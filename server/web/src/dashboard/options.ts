/** ECharts options of a block: pure, so that a chart is tested without drawing one. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Block, Measure } from '../api/types';
import type { Palette } from './palette';
import { adds, type Table } from './series';

export interface Writing {
  /** In full, for tooltips and values. */
  full(value: number | null, measure: Measure): string;
  /** For axes. */
  short(value: number, measure: Measure): string;
}

/** Size of the chart in pixels. */
export interface Size {
  readonly w: number;
  readonly h: number;
}

export function optionsOf(block: Block, table: Table, palette: Palette, writing: Writing, size: Size): EChartsCoreOption {
  const base = {
    textStyle: { fontFamily: palette.font, fontSize: palette.size, color: palette.fg2 },
    animationDuration: 240,
    animationDurationUpdate: 240,
    // The element around it says the numbers.
    aria: { enabled: false },
  };
  if (block.kind === 'pie') return { ...base, ...pie(block, table, palette, writing, size) };
  if (block.kind === 'funnel') return { ...base, ...funnel(table, palette, writing, size) };
  return { ...base, ...axes(block, table, palette, writing) };
}

/** A series that is an option keeps the option's color; the others take the chart's in order. */
export function colorOf(entry: { readonly color: string | null }, i: number, palette: Palette): string {
  return entry.color ? palette.option(entry.color) : (palette.series[i % palette.series.length] ?? palette.fg);
}

function tooltip(palette: Palette): object {
  return {
    backgroundColor: palette.raised, borderColor: palette.lineStrong, borderWidth: 1, padding: [8, 12], confine: true,
    textStyle: { color: palette.fg, fontSize: palette.size, fontFamily: palette.font }, extraCssText: 'box-shadow: var(--sh-2); border-radius: var(--r-control);',
  };
}

function legend(palette: Palette, more: object): object {
  return { type: 'scroll', icon: 'circle', itemWidth: 8, itemHeight: 8, itemGap: 14, textStyle: { color: palette.fg2, fontSize: palette.size }, pageIconColor: palette.fg3, pageIconInactiveColor: palette.line, pageTextStyle: { color: palette.fg3 }, ...more };
}

function axes(block: Block, table: Table, palette: Palette, writing: Writing): EChartsCoreOption {
  const { settings = {} } = block;
  const measure = table.series[0]?.measure ?? { function: 'count' as const };
  const lying = block.kind === 'bar' && settings.horizontal === true;
  const many = table.series.length > 1;
  // Parts of one figure make a whole; figures beside each other do not.
  const parts = block.aggregate?.by.length === 2;
  const stacked = many && (settings.stacked ?? parts) === true && table.series.every((one) => adds(one.measure)) && (block.kind !== 'line');
  // A period without a value is a gap: a line across it would tell of values that nobody has.
  const dated = block.aggregate?.by[0]?.bucket !== undefined;
  // One series of options: each bar in the color of its option.
  const each = block.kind === 'bar' && !many && table.categories.some((one) => one.color !== null);
  const label = { color: palette.fg3, fontSize: palette.size, fontFamily: palette.font };
  const names = {
    type: 'category', data: table.categories.map((one) => one.label), boundaryGap: block.kind === 'bar', inverse: lying,
    axisLine: { lineStyle: { color: palette.lineStrong } }, axisTick: { show: false }, axisLabel: { ...label, hideOverlap: true, ...(lying ? { width: 96, overflow: 'truncate' } : { interval: 'auto' }) },
  };
  const values = {
    type: 'value', axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4, splitLine: { lineStyle: { color: palette.line } },
    axisLabel: { ...label, formatter: (value: number) => writing.short(value, measure) },
  };
  return {
    grid: { left: 4, right: 12, top: 12, bottom: many ? 30 : 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: { ...tooltip(palette), trigger: 'axis', axisPointer: block.kind === 'bar' ? { type: 'shadow', shadowStyle: { color: palette.line, opacity: 0.5 } } : { lineStyle: { color: palette.lineStrong } } },
    ...(many ? { legend: legend(palette, { bottom: 0, left: 'center' }) } : {}),
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    series: table.series.map((one, i) => ({
      name: one.label,
      type: block.kind === 'bar' ? 'bar' : 'line',
      data: one.values.map((value, c) => (each ? { value, itemStyle: { color: colorOf(table.categories[c] ?? { color: null }, 0, palette) } } : value)),
      color: colorOf(one, i, palette),
      tooltip: { valueFormatter: (value: unknown) => writing.full(typeof value === 'number' ? value : null, one.measure) },
      ...(stacked ? { stack: 'all' } : {}),
      ...(settings.values === true ? { label: { show: true, position: stacked ? 'inside' : lying ? 'right' : 'top', color: palette.fg2, fontSize: palette.size, formatter: (p: { value: number | null }) => (p.value === null ? '' : writing.short(p.value, one.measure)) } } : {}),
      ...(block.kind === 'bar'
        ? { barMaxWidth: 22, itemStyle: { borderRadius: !stacked || i === table.series.length - 1 ? (lying ? [0, 4, 4, 0] : [4, 4, 0, 0]) : 0 } }
        : { smooth: settings.smooth !== false ? 0.35 : false, smoothMonotone: 'x', showSymbol: one.values.some((value, c) => value !== null && (one.values[c - 1] ?? null) === null && (one.values[c + 1] ?? null) === null), symbolSize: 6, symbol: 'circle', lineStyle: { width: 2 }, connectNulls: !dated, ...(block.kind === 'area' ? { areaStyle: { opacity: 0.12 } } : {}) }),
    })),
  };
}

/** Width that the names beside a pie take. */
const legendPx = 112;

function pie(block: Block, table: Table, palette: Palette, writing: Writing, size: Size): EChartsCoreOption {
  const one = table.series[0];
  const hole = block.settings?.hole !== false;
  const many = table.categories.length > 1;
  // Names stand beside the pie where that leaves it larger than names below would.
  const beside = many && size.w - legendPx >= size.h * 0.8;
  const w = beside ? size.w - legendPx : size.w;
  const h = many && !beside ? size.h - 34 : size.h;
  const outer = Math.max(20, Math.min(w, h) / 2 - 10);
  return {
    tooltip: { ...tooltip(palette), trigger: 'item', valueFormatter: (value: unknown) => writing.full(typeof value === 'number' ? value : null, one?.measure ?? { function: 'count' }) },
    ...(many ? { legend: legend(palette, beside ? { orient: 'vertical', right: 0, top: 'middle', itemGap: 10 } : { bottom: 0, left: 'center' }) } : {}),
    series: [{
      type: 'pie', radius: hole ? [outer * 0.68, outer] : [0, outer], center: [w / 2, h / 2], padAngle: 1, minAngle: 2, label: { show: false }, labelLine: { show: false },
      itemStyle: { borderRadius: 4, borderColor: palette.raised, borderWidth: 2 }, emphasis: { scaleSize: 4 },
      data: table.categories.map((entry, i) => ({ name: entry.label, value: one?.values[i] ?? 0, itemStyle: { color: colorOf(entry, i, palette) } })),
    }],
  };
}

function funnel(table: Table, palette: Palette, writing: Writing, size: Size): EChartsCoreOption {
  const one = table.series[0];
  const measure = one?.measure ?? { function: 'count' as const };
  // A guess at the widest name: exact widths are known only to the drawn chart. CJK is twice as wide.
  const names = table.categories.map((entry) => [...entry.label].reduce((n, c) => n + (c.charCodeAt(0) > 0x2e7f ? 1 : 0.6), 0));
  const left = Math.min(size.w * 0.4, (Math.max(0, ...names) + 3.5) * palette.size + 8);
  const max = Math.max(1, ...(one?.values ?? []).map((value) => value ?? 0));
  return {
    tooltip: { ...tooltip(palette), trigger: 'item', valueFormatter: (value: unknown) => writing.full(typeof value === 'number' ? value : null, measure) },
    series: [{
      // Named left of the steps, so that a narrow last step is readable too.
      type: 'funnel', left, right: 24, top: 8, bottom: 8, sort: 'none', gap: 3, min: 0, max, minSize: '4%', itemStyle: { borderWidth: 0, borderRadius: 3 },
      label: { position: 'left', color: palette.fg2, fontSize: palette.size, formatter: (p: { name: string; value: number }) => `${p.name}  ${writing.short(p.value, measure)}` }, labelLine: { show: false },
      data: table.categories.map((entry, i) => ({ name: entry.label, value: one?.values[i] ?? 0, itemStyle: { color: colorOf(entry, i, palette) } })),
    }],
  };
}
