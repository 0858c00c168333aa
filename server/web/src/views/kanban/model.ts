/**
 * Columns of a board and the cards in them, out of a grouped order: each column is a run of that order. Cards on their way
 * to another column already stand there, although the order still has them in the old one. Pure.
 */
import type { BoardColumn, CellValue, Field, FieldId, GroupNode, RecordId, Row, Table, View, ViewSettings } from '../../api/types';
import type { SelectOption } from '../../fields/wire';

export const pageCards = 50;

export interface Column {
  /** Option id; `null` for records without a value. */
  readonly key: string | null;
  readonly name: string;
  readonly color: string;
  readonly from: number;
  readonly count: number;
  readonly hidden: boolean;
  readonly collapsed: boolean;
}

/** A card dropped somewhere before the server has answered. */
export interface Moved {
  readonly row: Row;
  readonly from: string | null;
  readonly to: string | null;
  /** Where it was dropped among the target's other cards. */
  readonly index: number;
}

export const isColumnField = (field: Field): boolean => field.type === 'singleSelect';

export function columnField(table: Table, view: View): Field | undefined {
  return table.fields.find((field) => field.id === view.settings.kanban?.field && isColumnField(field));
}

export function optionsOf(field: Field): readonly SelectOption[] {
  return field.options.options ?? [];
}

/** Columns as the view has them, then other options in their order; "no value" leads, and is there when something has none. */
export function columnsOf(field: Field, kept: readonly BoardColumn[], groups: readonly GroupNode[], moved: ReadonlyMap<RecordId, Moved>, noValue: string): Column[] {
  const spans = new Map(groups.filter((group) => group.level === 0).map((group) => [group.key ?? null, group]));
  const one = (key: string | null, name: string, color: string): Column => {
    const span = spans.get(key);
    let count = span?.count ?? 0;
    for (const move of moved.values()) count += (move.to === key ? 1 : 0) - (move.from === key ? 1 : 0);
    const own = kept.find((column) => column.key === key);
    return { key, name, color, from: span?.from ?? 0, count: Math.max(0, count), hidden: own?.hidden === true, collapsed: own?.collapsed === true };
  };
  const columns = optionsOf(field).map((option) => one(option.id, option.name, option.color));
  const blank = one(null, noValue, 'gray');
  const all = blank.count > 0 ? [blank, ...columns] : columns;
  const place = new Map(kept.map((column, i) => [column.key, i]));
  // A stable sort: columns that the view does not name stay in the order of options, behind those that it names.
  return place.size === 0 ? all : [...all].sort((a, b) => (place.get(a.key) ?? place.size) - (place.get(b.key) ?? place.size));
}

/** The first `shown` cards of a column; `undefined` for one that is not loaded. */
export function cardsOf(column: Column, field: FieldId, shown: number, groups: readonly GroupNode[], row: (i: number) => Row | undefined, moved: ReadonlyMap<RecordId, Moved>): (Row | undefined)[] {
  const span = groups.find((group) => group.level === 0 && (group.key ?? null) === column.key);
  const cards: (Row | undefined)[] = [];
  const seen = new Set<RecordId>();
  for (let i = column.from; span && i < span.from + Math.min(span.count, shown); i++) {
    const one = row(i);
    if (one && (keyOf(one.cells[field]) !== column.key || moved.has(one.id))) continue;
    if (one) seen.add(one.id);
    cards.push(one);
  }
  for (const move of moved.values()) {
    if (move.to === column.key && !seen.has(move.row.id)) cards.splice(Math.min(move.index, cards.length), 0, move.row);
  }
  return cards;
}

/** The columns with one changed, as a view keeps them. "No value" is kept also while nothing has none. */
export function keptWith(columns: readonly Column[], kept: readonly BoardColumn[], key: string | null, change: Partial<Pick<BoardColumn, 'hidden' | 'collapsed'>>): BoardColumn[] {
  return keptOf(columns.map((column) => (column.key === key ? { ...column, ...change } : column)), kept);
}

/** The columns with one moved behind or before the next one that shows. */
export function keptMoved(columns: readonly Column[], kept: readonly BoardColumn[], key: string | null, by: -1 | 1): BoardColumn[] {
  const list = [...columns];
  const at = list.findIndex((column) => column.key === key);
  let to = at + by;
  while (list[to]?.hidden) to += by;
  const one = list[at];
  if (!one || to < 0 || to >= list.length) return keptOf(columns, kept);
  list.splice(at, 1);
  list.splice(to, 0, one);
  return keptOf(list, kept);
}

function keptOf(columns: readonly Column[], kept: readonly BoardColumn[]): BoardColumn[] {
  const blank = columns.some((column) => column.key === null) ? undefined : kept.find((column) => column.key === null);
  const list = columns.map(({ key, hidden, collapsed }) => ({ key, ...(hidden ? { hidden } : {}), ...(collapsed ? { collapsed } : {}) }));
  return blank ? [blank, ...list] : list;
}

export function keyOf(value: CellValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

const shownFirst = ['multiSelect', 'date', 'person', 'number'];

/** Fields on a card: those chosen, else a handful of kinds that say most. The title always leads. */
export function cardFields(table: Table, settings: ViewSettings): Field[] {
  const chosen = settings.kanban?.cards;
  if (chosen) return chosen.map((id) => table.fields.find((field) => field.id === id)).filter((field) => field !== undefined);
  const kinds = shownFirst.map((type) => table.fields.find((field) => field.type === type && field.id !== table.primary && (type !== 'number' || field.options.format === 'progress')));
  return kinds.filter((field) => field !== undefined);
}

/** Options with one changed, moved or added, as `fields.update` wants them. */
export function changed(options: readonly SelectOption[], id: string, change: Partial<Pick<SelectOption, 'name' | 'color'>>): SelectOption[] {
  return options.map((option) => (option.id === id ? { ...option, ...change } : option));
}
