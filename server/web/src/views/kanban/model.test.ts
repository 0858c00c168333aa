import { expect, test } from 'vitest';
import type { Field, GroupNode, RecordId, Row, Table } from '../../api/types';
import { cardFields, cardsOf, changed, columnsOf, keptMoved, keptWith, type Moved } from './model';

const options = [{ id: 'o1', name: 'To do', color: 'gray' }, { id: 'o2', name: 'Done', color: 'green' }];
const field = { id: 'f', name: 'Status', type: 'singleSelect', options: { options }, computed: false } as unknown as Field;
const groups: GroupNode[] = [{ level: 0, key: 'o1', label: 'To do', from: 0, count: 2 }, { level: 0, key: null, label: '', from: 2, count: 1 }];
const row = (id: string, key: string | null): Row => ({ id: id as RecordId, version: 1, cells: { [field.id]: key } as never });
const rows = [row('a', 'o1'), row('b', 'o1'), row('c', null)];
const none = new Map<RecordId, Moved>();

test('a column for each option, also empty ones; "no value" leads if it has records', () => {
  expect(columnsOf(field, [], groups, none, 'None').map((column) => [column.key, column.from, column.count])).toEqual([[null, 2, 1], ['o1', 0, 2], ['o2', 0, 0]]);
  expect(columnsOf(field, [], groups.slice(0, 1), none, 'None').map((column) => column.key)).toEqual(['o1', 'o2']);
});

test('cards are a run of the order, as far as asked for', () => {
  const [, todo] = columnsOf(field, [], groups, none, '');
  const cards = (shown: number) => cardsOf(todo as never, field.id, shown, groups, (i) => rows[i], none).map((card) => card?.id);
  expect(cards(50)).toEqual(['a', 'b']);
  expect(cards(1)).toEqual(['a']);
});

test('a dropped card stands in its new column at once, and only there', () => {
  const moved = new Map([['a' as RecordId, { row: row('a', 'o2'), from: 'o1', to: 'o2', index: 0 }]]);
  // The window lays the pending edit over the row, though the order still has it in the old run.
  const overlaid = [row('a', 'o2'), ...rows.slice(1)];
  const columns = columnsOf(field, [], groups, moved, '');
  expect(columns.map((column) => column.count)).toEqual([1, 1, 1]);
  const cards = (i: number) => cardsOf(columns[i] as never, field.id, 50, groups, (n) => overlaid[n], moved).map((card) => card?.id);
  expect(cards(1)).toEqual(['b']);
  expect(cards(2)).toEqual(['a']);
});

test('a view keeps its columns: in its order, hidden, folded; others come behind', () => {
  const kept = [{ key: 'o2' }, { key: 'gone', hidden: true }, { key: null, collapsed: true }];
  const columns = columnsOf(field, kept, groups, none, '');
  expect(columns.map((column) => [column.key, column.hidden, column.collapsed])).toEqual([['o2', false, false], [null, false, true], ['o1', false, false]]);
  expect(keptWith(columns, kept, 'o1', { hidden: true })).toEqual([{ key: 'o2' }, { key: null, collapsed: true }, { key: 'o1', hidden: true }]);
  expect(keptMoved(columns, kept, 'o1', -1).map((column) => column.key)).toEqual(['o2', 'o1', null]);
  expect(keptMoved(columns, kept, 'o1', 1).map((column) => column.key)).toEqual(['o2', null, 'o1']);
  // A column without records and value is not shown, but stays as it was kept; a hidden one is passed over.
  const fewer = columnsOf(field, [{ key: null, hidden: true }], groups.slice(0, 1), none, '');
  expect(keptWith(fewer, [{ key: null, hidden: true }], 'o1', { hidden: true })).toEqual([{ key: null, hidden: true }, { key: 'o1', hidden: true }, { key: 'o2' }]);
  const passing = columnsOf(field, [{ key: 'o1' }, { key: 'o2', hidden: true }], groups, none, '');
  expect(keptMoved(passing, [], 'o1', 1).map((column) => column.key)).toEqual(['o2', null, 'o1']);
});

test('a card dropped within its column stands at its place at once', () => {
  const moved = new Map([['a' as RecordId, { row: row('a', 'o1'), from: 'o1', to: 'o1', index: 1 }]]);
  const todo = columnsOf(field, [], groups, moved, '').find((column) => column.key === 'o1');
  expect(todo?.count).toBe(2);
  expect(cardsOf(todo as never, field.id, 50, groups, (i) => rows[i], moved).map((card) => card?.id)).toEqual(['b', 'a']);
});

test('options change', () => {
  expect(changed(options as never, 'o2', { name: 'Shipped' })[1]).toMatchObject({ id: 'o2', name: 'Shipped', color: 'green' });
});

test('a card shows what was chosen, else a few telling fields', () => {
  const of = (id: string, type: string, more = {}) => ({ id, type, options: more }) as never;
  const table = { primary: 't', fields: [of('t', 'text'), of('n', 'number'), of('p', 'number', { format: 'progress' }), of('d', 'date'), of('w', 'person')] } as unknown as Table;
  expect(cardFields(table, {}).map((one) => one.id)).toEqual(['d', 'w', 'p']);
  expect(cardFields(table, { kanban: { field: 'f' as never, cards: ['n', 'gone'] as never } }).map((one) => one.id)).toEqual(['n']);
});
