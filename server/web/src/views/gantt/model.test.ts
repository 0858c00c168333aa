import { expect, test } from 'vitest';
import type { Field, FieldId, OptionId, RecordId } from '../../fields/wire';
import { ids, modelOf, monday, task } from './fake';
import { Model, taskOf, type Roles } from './model';
import { boundOf } from './rows';

const field = (id: string, type: Field['type'], options: Field['options'] = {}): Field => ({ id: id as FieldId, name: id, type, options, computed: false });
const roles: Roles = {
  start: field('s', 'date'), end: field('e', 'date'), progress: field('p', 'number'), depends: field('d', 'link'),
  color: field('c', 'singleSelect', { options: [{ id: 'o1' as OptionId, name: 'A', color: 'pink' }] }), title: 't' as FieldId,
  milestones: true,
};
const row = (cells: Record<string, unknown>) => ({ id: 'r' as RecordId, cells: cells as never });

test('a row becomes a task', () => {
  const made = taskOf(row({ s: '2026-11-23', e: '2026-11-27', p: 1.4, c: 'o1', d: [{ id: 'x', title: 'X' }] }), roles, 'UTC', 'T');
  expect(made).toMatchObject({ milestone: false, progress: 1, color: 'pink', depends: ['x'] });
  expect((made.end as number) - (made.start as number)).toBe(4);
});

test('turned dates are put right, one date is one day, same days are a milestone', () => {
  const turned = taskOf(row({ s: '2026-11-27', e: '2026-11-23' }), roles, 'UTC', '');
  expect((turned.end as number) - (turned.start as number)).toBe(4);
  expect(taskOf(row({ e: '2026-11-23' }), roles, 'UTC', '')).toMatchObject({ milestone: false, color: 'gray' });
  expect(taskOf(row({ s: '2026-11-23', e: '2026-11-23' }), roles, 'UTC', '').milestone).toBe(true);
  expect(taskOf(row({}), roles, 'UTC', '').start).toBeNull();
  expect(taskOf(row({ s: '2026-11-23', e: '2026-11-23' }), { ...roles, milestones: false }, 'UTC', '').milestone).toBe(false);
});

test('groups give summary bars, collapse, and hide what is inside', () => {
  const tasks = [task('a', 0, 2), task('b', 5, 9), task('c', 20, 21)];
  const groups = [
    { level: 0, key: 'x', label: 'X', from: 0, count: 2 }, { level: 1, key: 'u', label: 'U', from: 0, count: 1 }, { level: 1, key: 'v', label: 'V', from: 1, count: 1 },
    { level: 0, key: 'y', label: 'Y', from: 2, count: 1 }, { level: 1, key: 'u', label: 'U', from: 2, count: 1 },
  ];
  const open = modelOf(tasks, groups);
  expect(open.lines.map((line) => (line.kind === 'group' ? line.label : line.task?.id))).toEqual(['X', 'U', 'a', 'V', 'b', 'Y', 'U', 'c']);
  expect(open.lines[0]).toMatchObject({ start: monday, end: monday + 9 });
  const closed = modelOf(tasks, groups, new Set(['"x"']));
  expect(closed.lines.map((line) => (line.kind === 'group' ? line.label : line.task?.id))).toEqual(['X', 'Y', 'U', 'c']);
  expect(closed.lineOf('a' as RecordId)).toBeUndefined();
});

test('late, unscheduled, span; rows not loaded keep their line', () => {
  const model = modelOf([task('a', 0, 2, { progress: 0.5 }), undefined, task('b', 0, 2, { progress: 1 }), task('c', null, null), task('d', 0, 2)]);
  expect([...model.late]).toEqual(['a']);
  expect(model.unscheduled.map((one) => one.id)).toEqual(['c']);
  expect(model.span).toEqual({ from: monday, to: monday + 2 });
  expect(model.lines).toHaveLength(5);
});

test('links know their lines, and whether the follower starts too early', () => {
  const model = modelOf([task('a', 0, 4), task('b', 5, 6, { depends: ids('a') }), task('c', 3, 8, { depends: ids('a', 'gone') })]);
  expect(model.links.map((link) => [link.a, link.b, link.broken])).toEqual([[0, 1, false], [0, 2, true]]);
  expect(model.reaches('b' as RecordId, 'a' as RecordId)).toBe(true);
  expect(model.reaches('a' as RecordId, 'b' as RecordId)).toBe(false);
});

test('the chain that decides the end is critical, what has slack is not', () => {
  const model = modelOf([
    task('a', 0, 4), task('b', 5, 9, { depends: ids('a') }), task('c', 12, 20, { depends: ids('b') }),
    task('x', 0, 2), task('y', 3, 4, { depends: ids('x') }), task('z', 12, 20, { depends: ids('y') }), task('alone', 0, 30),
  ]);
  expect([...model.critical].sort()).toEqual(['a', 'b', 'c', 'z']);
});

test('a circle ends, and a chain of ten thousand does not overflow', () => {
  expect(() => modelOf([task('a', 0, 1, { depends: ids('b') }), task('b', 2, 3, { depends: ids('a') })])).not.toThrow();
  const long = Array.from({ length: 10_000 }, (_, i) => task(`t${i}`, i, i, { depends: i === 0 ? [] : ids(`t${i - 1}`) }));
  expect(modelOf(long).critical.size).toBe(10_000);
});

test('of tasks that are not loaded the server says the bounds, and nobody what is critical', () => {
  const known = [task('a', 0, 2), task('b', 3, 4, { depends: ids('a') })];
  const groups = [{ level: 0, key: 'x', label: 'X', from: 0, count: 3, bounds: { from: monday - 5, to: monday + 40 } }];
  const model = new Model();
  model.build(3, (i) => known[i], groups, new Set(), monday, { from: monday - 5, to: null });
  expect(model.whole).toBe(false);
  expect(model.critical.size).toBe(0);
  expect(model.lines[0]).toMatchObject({ kind: 'group', start: monday - 5, end: monday + 40 });
  expect(model.span).toEqual({ from: monday - 5, to: monday + 4 });
  model.build(2, (i) => known[i], [], new Set(), monday);
  expect(model.critical.size).toBe(2);
});

test('a bound is a day as it is, or a moment in the base\'s zone', () => {
  const ms = Date.UTC(2026, 5, 18, 20);
  const day = Math.floor(ms / 86_400_000);
  expect(boundOf({ s: day * 86_400_000 }, field('s', 'date'), 'America/New_York')).toBe(day);
  expect(boundOf({ s: ms }, field('s', 'date', { time: true }), 'Asia/Shanghai')).toBe(day + 1);
  expect(boundOf({ s: null }, field('s', 'date'), 'UTC')).toBeNull();
});
