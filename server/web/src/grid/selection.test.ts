import { beforeEach, expect, test } from 'vitest';
import type { FieldId, RecordId } from '../fields/wire';
import { ColumnModel } from './columns';
import { RowModel } from './rows';
import { Checks, Selection } from './selection';
import type { GridColumn, RowSegment } from './source';

const names = ['a', 'b', 'c'];
const list = names.map((name): GridColumn => ({ field: { id: name as FieldId, name, type: 'text', options: {}, computed: false }, width: 100, frozen: false, editable: true }));
const segments: RowSegment[] = [{ kind: 'records', start: 0, count: 5 }, { kind: 'new', group: null }, { kind: 'records', start: 15, count: 5 }];
const rows = new RowModel(segments, 34);
const columns = new ColumnModel(list, 1000, true);
const at = (position: number, field: string) => ({ position, field: field as FieldId });
let selection: Selection;

beforeEach(() => {
  selection = new Selection(rows, columns);
});

test('the first key goes to the first cell', () => {
  expect(selection.move(1, 0, false)).toEqual(at(0, 'a'));
});

test('arrows stop at the edges and jump over what is not a record', () => {
  selection.set(at(4, 'c'));
  selection.move(1, 0, false);
  expect(selection.anchor).toEqual(at(4, 'c'));
  selection.move(0, 1, false);
  expect(selection.anchor).toEqual(at(15, 'c'));
  selection.move(0, 1e9, false);
  expect(selection.anchor).toEqual(at(19, 'c'));
});

test('shift moves the other corner', () => {
  selection.set(at(2, 'b'));
  selection.move(1, 0, true);
  selection.move(0, 3, true);
  expect(selection.box()).toEqual({ top: 2, bottom: 15, left: 1, right: 2 });
  expect(selection.anchor).toEqual(at(2, 'b'));
  expect(selection.range()).toEqual({ spans: [{ from: 2, to: 5 }, { from: 15, to: 16 }], fields: ['b', 'c'] });
});

test('Tab goes on to the next record and leaves at the end', () => {
  selection.set(at(4, 'c'));
  expect(selection.step(1, 0)).toBe(true);
  expect(selection.anchor).toEqual(at(15, 'a'));
  expect(selection.step(-1, 0)).toBe(true);
  expect(selection.anchor).toEqual(at(4, 'c'));
  selection.set(at(19, 'c'));
  expect(selection.step(1, 0)).toBe(false);
});

test('whole columns, whole rows, everything', () => {
  selection.column('b' as FieldId, false);
  expect(selection.box()).toEqual({ top: 0, bottom: 19, left: 1, right: 1 });
  selection.lines(3, false);
  expect(selection.box()).toEqual({ top: 3, bottom: 3, left: 0, right: 2 });
  selection.lines(16, true);
  expect(selection.box()).toEqual({ top: 3, bottom: 16, left: 0, right: 2 });
  selection.all();
  expect(selection.box()).toEqual({ top: 0, bottom: 19, left: 0, right: 2 });
});

test('a hidden field or a collapsed group moves the cursor to what is left', () => {
  selection.set(at(17, 'c'));
  selection.use(new RowModel([{ kind: 'records', start: 0, count: 5 }], 34), new ColumnModel(list.slice(0, 2), 1000, true));
  expect(selection.anchor).toEqual(at(4, 'a'));
});

test('checks toggle, extend and are spans', () => {
  const checks = new Checks();
  checks.toggle(2, false);
  checks.toggle(6, true);
  expect(checks.spans).toEqual([{ from: 2, to: 7 }]);
  checks.toggle(4, false);
  expect(checks.spans).toEqual([{ from: 2, to: 4 }, { from: 5, to: 7 }]);
  expect([checks.count, checks.has(4), checks.has(5)]).toEqual([4, false, true]);
});

test('checks follow their records, and are dropped rather than mean others', () => {
  const checks = new Checks();
  checks.toggle(2, false);
  checks.toggle(3, false);
  checks.remember((at) => `rec${at}` as RecordId);
  expect(checks.follow(rows, (id) => Number(id.slice(3)) + 1)).toBe(true);
  expect(checks.spans).toEqual([{ from: 3, to: 5 }]);
  expect(checks.follow(rows, (id) => (id === 'rec2' ? 0 : undefined))).toBe(true);
  expect(checks.spans).toEqual([{ from: 0, to: 1 }]);
  checks.toggle(9, false);
  checks.remember(() => undefined);
  checks.follow(rows, () => 1);
  expect(checks.any).toBe(false);
});
