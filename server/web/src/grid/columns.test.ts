import { expect, test } from 'vitest';
import type { FieldId } from '../fields/wire';
import { ColumnModel } from './columns';
import type { GridColumn } from './source';

const column = (name: string, width: number, frozen = false): GridColumn =>
  ({ field: { id: name as FieldId, name, type: 'text', options: {}, computed: false }, width, frozen, editable: true });
const list = [column('a', 200, true), column('b', 100), column('c', 150), column('d', 120)];

test('frozen columns stay, the others scroll under them', () => {
  const columns = new ColumnModel(list, 1200, true);
  expect(columns.frozenRight).toBe(264);
  const b = columns.of('b' as FieldId);
  if (b === undefined) throw new Error('missing');
  expect(columns.screenX(b, 0)).toBe(264);
  expect(columns.screenX(b, 60)).toBe(204);
  expect(columns.at(270, 0)?.field.id).toBe('b');
  expect(columns.at(270, 100)?.field.id).toBe('c');
  expect(columns.at(100, 9999)?.field.id).toBe('a');
  expect(columns.at(10, 0)).toBeUndefined();
  expect(columns.width).toBe(264 + 370 + 44);
});

test('only what shows is painted', () => {
  expect(new ColumnModel(list, 1200, false).scrolled(0, 420).map((c) => c.field.id)).toEqual(['b', 'c']);
  expect(new ColumnModel(list, 1200, false).scrolled(120, 420).map((c) => c.field.id)).toEqual(['c', 'd']);
});

test('a phone freezes one column of 180 px whatever the view says', () => {
  const columns = new ColumnModel([column('a', 400, true), column('b', 100, true)], 390, true);
  expect(columns.nFrozen).toBe(1);
  expect(columns.frozenRight).toBe(220);
});

test('frozen columns never take the whole screen', () => {
  const columns = new ColumnModel([column('a', 300, true), column('b', 600, true), column('c', 80)], 900, true);
  expect(columns.nFrozen).toBe(1);
});

test('reveal scrolls no more than it must', () => {
  const columns = new ColumnModel([...list, column('e', 300)], 660, false);
  const b = columns.of('b' as FieldId);
  const e = columns.of('e' as FieldId);
  if (b === undefined || e === undefined) throw new Error('missing');
  expect(columns.reveal(e, 0, 660)).toBe(670 - (660 - 264));
  expect(columns.reveal(b, 134, 660)).toBe(0);
  expect(columns.reveal(b, 0, 660)).toBe(0);
});

test('a dropped column goes before the one whose first half it is over', () => {
  const columns = new ColumnModel(list, 1200, false);
  expect(columns.dropIndex(100, 0)).toBe(0);
  expect(columns.dropIndex(270, 0)).toBe(1);
  expect(columns.dropIndex(340, 0)).toBe(2);
  expect(columns.dropIndex(1190, 0)).toBe(4);
});
