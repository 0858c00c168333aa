/** Blocks as data: new ones, copies, where they go, what each kind needs. Pure. */
import type { Aggregate, Block, BlockKind, Field, Table } from '../api/types';
import type { DashboardWords } from './words';

/** What the menu offers: a progress bar is a figure with another look. */
export type Choice = BlockKind | 'progress';
export const choices: readonly Choice[] = ['metric', 'progress', 'bar', 'line', 'area', 'pie', 'funnel', 'pivot', 'table', 'text'];

const sizes: Readonly<Record<Choice, readonly [w: number, h: number]>> = {
  metric: [3, 2], progress: [3, 2], bar: [6, 5], line: [8, 6], area: [8, 6], pie: [4, 6], funnel: [4, 6], pivot: [6, 5], table: [6, 6], text: [4, 3],
};

export const isChart = (kind: BlockKind): boolean => ['bar', 'line', 'area', 'pie', 'funnel'].includes(kind);

export function choiceOf(block: Block): Choice {
  return block.kind === 'metric' && block.settings?.look === 'progress' ? 'progress' : block.kind;
}

/** How many keys a kind is grouped by, at least and at most. */
export function keysOf(kind: BlockKind): readonly [number, number] {
  switch (kind) {
    case 'metric':
      return [0, 1];
    case 'pie':
    case 'funnel':
      return [1, 1];
    case 'pivot':
    case 'bar':
    case 'line':
    case 'area':
      return [1, 2];
    default:
      return [0, 0];
  }
}

export function newBlock(choice: Choice, table: Table | undefined, blocks: readonly Block[], w: DashboardWords, id: string): Block {
  const [width, height] = sizes[choice];
  const kind: BlockKind = choice === 'progress' ? 'metric' : choice;
  const block: Block = { id, kind, title: w.kinds[choice], ...freeSpot(blocks, width, height), w: width, h: height, ...(choice === 'progress' ? { settings: { look: 'progress' } } : {}) };
  if (kind === 'text' || !table) return block;
  if (kind === 'table') return { ...block, table: table.id, ...(table.views[0] ? { view: table.views[0].id } : {}) };
  return { ...block, table: table.id, aggregate: startAggregate(kind, table) };
}

/** A question that most tables can answer: how many records, by the first select or date. */
export function startAggregate(kind: BlockKind, table: Table): Aggregate {
  const [least] = keysOf(kind);
  const selects = table.fields.filter(isSelect);
  const dates = table.fields.filter(isDateField);
  const time = kind === 'line' || kind === 'area';
  const first = time ? (dates[0] ?? selects[0]) : (selects[0] ?? dates[0] ?? table.fields[0]);
  const by = least === 0 || !first ? [] : [isDateField(first) ? { field: first.id, bucket: 'month' as const } : { field: first.id }];
  const second = selects.find((field) => field.id !== first?.id);
  if (kind === 'pivot' && second) by.push({ field: second.id });
  return { by, measures: [{ function: 'count' }] };
}

/** Another kind: the question stays as far as the kind can show it. */
export function withChoice(block: Block, choice: Choice, table: Table | undefined): Block {
  const kind: BlockKind = choice === 'progress' ? 'metric' : choice;
  const { look: _, ...rest } = (block.settings ?? {}) as Record<string, unknown>;
  const settings = choice === 'progress' ? { ...rest, look: 'progress' } : rest;
  const [least, most] = keysOf(kind);
  const start = table && kind !== 'text' && kind !== 'table' ? (block.aggregate ?? startAggregate(kind, table)) : block.aggregate;
  if (!start || !table) return { ...block, kind, settings };
  const by = start.by.length < least ? startAggregate(kind, table).by : start.by.slice(0, most);
  // A figure's second measure would divide the first.
  const measures = kind === 'metric' && block.kind !== 'metric' ? start.measures.slice(0, 1) : start.measures;
  return { ...block, kind, settings, aggregate: { ...start, by, measures } };
}

export function copyOf(block: Block, blocks: readonly Block[], id: string): Block {
  const right = block.x + 2 * block.w <= 12 && !blocks.some((other) => overlaps(other, { ...block, x: block.x + block.w }));
  return { ...block, id, x: right ? block.x + block.w : block.x, y: right ? block.y : block.y + block.h };
}

/** The first place from the top that has room. */
export function freeSpot(blocks: readonly Block[], w: number, h: number): { x: number; y: number } {
  for (let y = 0; ; y++) {
    for (let x = 0; x + w <= 12; x++) {
      if (!blocks.some((block) => overlaps(block, { x, y, w, h }))) return { x, y };
    }
  }
}

type Box = Pick<Block, 'x' | 'y' | 'w' | 'h'>;

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** An id that no other block of the dashboard has. */
export function freshId(blocks: readonly Block[]): string {
  let n = blocks.length + 1;
  while (blocks.some((block) => block.id === `blk${n}`)) n++;
  return `blk${n}`;
}

const typeOf = (field: Field): string => field.result?.type ?? field.type;
export const isSelect = (field: Field): boolean => ['singleSelect', 'multiSelect', 'person', 'checkbox'].includes(typeOf(field)) || field.type === 'createdBy' || field.type === 'modifiedBy';
export const isDateField = (field: Field): boolean => typeOf(field) === 'date' || field.type === 'createdTime' || field.type === 'modifiedTime';
export const isNumeric = (field: Field): boolean => ['number', 'rating', 'duration', 'count'].includes(typeOf(field));
