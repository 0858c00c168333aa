import { expect, test } from 'vitest';
import type { Field } from '../fields/wire';
import { newHeight, RowModel } from './rows';
import type { RowSegment } from './source';

const field = { id: 'fld', name: 'F', type: 'text', options: {}, computed: false } as unknown as Field;
const group = (key: string, level: number, count: number, collapsed = false): RowSegment => ({ kind: 'group', key, level, field, value: key, count, collapsed });
const records = (start: number, count: number): RowSegment => ({ kind: 'records', start, count });
const fresh: RowSegment = { kind: 'new', group: null };

/** a: 5 records; b collapsed (positions 5..15 hidden); c with two inner groups of 3 and 4. */
const grouped = new RowModel(
  [group('a', 0, 5), records(0, 5), fresh, group('b', 0, 10, true), group('c', 0, 7), group('c1', 1, 3), records(15, 3), group('c2', 1, 4), records(18, 4)],
  34,
);

test('a flat table of a million records is found by arithmetic', () => {
  const rows = new RowModel([records(0, 1_000_000), fresh], 34);
  expect(rows.height).toBe(34_000_000 + newHeight);
  expect(rows.lineAt(17_000_000)).toMatchObject({ position: 500_000, number: 500_001, y: 17_000_000 });
  expect(rows.lineAt(1e12)?.segment.kind).toBe('new');
  expect(rows.lineOf(999_999)?.y).toBe(33_999_966);
});

test('lines carry positions and numbers that restart in each group', () => {
  const seen: string[] = [];
  grouped.visible(0, grouped.height, (line) => seen.push(line.segment.kind === 'records' ? `${line.position}/${line.number}` : line.segment.kind));
  expect(seen).toEqual(['group', '0/1', '1/2', '2/3', '3/4', '4/5', 'new', 'group', 'group', 'group', '15/1', '16/2', '17/3', 'group', '18/1', '19/2', '20/3', '21/4']);
  expect(grouped.nRows).toBe(seen.length);
});

test('line, lineAt and lineOf agree everywhere', () => {
  for (let row = 0; row < grouped.nRows; row++) {
    const line = grouped.line(row);
    if (line === undefined) throw new Error('missing');
    expect(grouped.lineAt(line.y)).toEqual(line);
    expect(grouped.lineAt(line.y + line.h - 1)).toEqual(line);
    if (line.position >= 0) expect(grouped.lineOf(line.position)).toEqual(line);
  }
});

test('collapsed records have no line, and ranks skip them', () => {
  expect(grouped.lineOf(7)).toBeUndefined();
  expect(grouped.nVisible).toBe(12);
  expect(Array.from({ length: 12 }, (_, rank) => grouped.positionAt(rank))).toEqual([0, 1, 2, 3, 4, 15, 16, 17, 18, 19, 20, 21]);
  expect(grouped.rankOf(15)).toBe(5);
  expect(grouped.rankOf(9)).toBe(5);
  expect(grouped.positionAt(99)).toBe(21);
  expect(grouped.positionAt(-3)).toBe(0);
});

test('a range over a collapsed group becomes spans without it', () => {
  expect(grouped.spans(19, 3)).toEqual([{ from: 3, to: 5 }, { from: 15, to: 20 }]);
  expect(grouped.spans(6, 8)).toEqual([]);
});

test('group headers stick, inner under outer, and are pushed out by the next one', () => {
  expect(grouped.sticky(0)).toEqual([]);
  expect(grouped.sticky(60).map((s) => [s.segment.key, s.y])).toEqual([['a', 0]]);
  const end = grouped.line(7)?.y ?? 0;
  expect(grouped.sticky(end - 10).map((s) => [s.segment.key, s.y])).toEqual([['a', -30]]);
  const inner = grouped.lineOf(16)?.y ?? 0;
  expect(grouped.sticky(inner - 40).map((s) => [s.segment.key, s.y])).toEqual([['c', 0], ['c1', 40]]);
});

test('no records at all', () => {
  const empty = new RowModel([], 34);
  expect(empty.lineAt(10)).toBeUndefined();
  expect(empty.positionAt(0)).toBe(-1);
  expect(empty.sticky(0)).toEqual([]);
});
