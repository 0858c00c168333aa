/** Icons of the kinds of blocks. */
import AlignLeft from '@lucide/svelte/icons/align-left';
import ChartArea from '@lucide/svelte/icons/chart-area';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import ChartLine from '@lucide/svelte/icons/chart-line';
import ChartPie from '@lucide/svelte/icons/chart-pie';
import Funnel from '@lucide/svelte/icons/funnel';
import Gauge from '@lucide/svelte/icons/gauge';
import Hash from '@lucide/svelte/icons/hash';
import Grid3x3 from '@lucide/svelte/icons/grid-3x3';
import Table from '@lucide/svelte/icons/table';
import type { Component } from 'svelte';
import type { Choice } from './blocks';

export const icons: Readonly<Record<Choice, Component<{ size?: number }>>> = {
  metric: Hash, progress: Gauge, bar: ChartColumn, line: ChartLine, area: ChartArea, pie: ChartPie, funnel: Funnel, pivot: Grid3x3, table: Table, text: AlignLeft,
};
