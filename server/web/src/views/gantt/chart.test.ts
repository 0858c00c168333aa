// Routes, hits, drags and pictures of the chart.
import { expect, test } from 'vitest';
import type { RecordId } from '../../fields/wire';
import { begin, drop, show } from './drag';
import { frameOf, ids, modelOf, monday, recorder, task } from './fake';
import { barRect, headerHeight } from './frame';
import { cursorOf, hit } from './hit';
import { paint } from './painter';
import { distance, route } from './route';
import type { Task } from './model';

const tasks = [task('a', 2, 5), task('b', 8, 8), task('c', null, null), task('d', 7, 12, { depends: ids('a'), progress: 0.5 })];
const frame = (more = {}) => frameOf(modelOf(tasks), more);

test('arrows use right angles and as few bends as possible', () => {
  expect(route(100, 10, 200, 46, 18)).toEqual([[100, 10], [108, 10], [108, 46], [200, 46]]);
  expect(route(100, 10, 102, 46, 18)).toEqual([[100, 10], [108, 10], [108, 28], [94, 28], [94, 46], [102, 46]]);
  expect(route(100, 46, 50, 10, 18)[2]).toEqual([108, 28]);
  expect(route(100, 10, 160, 10, 18)).toEqual([[100, 10], [160, 10]]);
  expect(distance([[0, 0], [10, 0], [10, 10]], 13, 5)).toBe(3);
});

test('hits: bar, ends, dot, name, row, header', () => {
  const f = frame();
  const bar = barRect(f, tasks[0] as Task, 0) as { x: number; y: number; w: number; h: number };
  expect(bar).toMatchObject({ x: 240, w: 80 });
  expect(hit(f, 280, bar.y + 5)).toMatchObject({ kind: 'bar', record: 'a', part: 'body' });
  expect(hit(f, 241, bar.y + 5)).toMatchObject({ part: 'start' });
  expect(hit(f, 318, bar.y + 5)).toMatchObject({ part: 'end' });
  expect(hit(f, 345, bar.y + 11)).toMatchObject({ kind: 'row', record: 'a' });
  expect(hit(f, 328, bar.y + 14)).toMatchObject({ kind: 'link' });
  expect(hit(frame({ hover: 'a' as RecordId }), 330, bar.y + 11)).toMatchObject({ kind: 'bar', part: 'dot' });
  expect(hit(f, 50, bar.y)).toEqual({ kind: 'name', record: 'a', line: 0 });
  expect(hit(f, 300, 10)).toEqual({ kind: 'header', day: monday + 5 });
  expect(hit(f, 300, 399)).toEqual({ kind: 'none' });
  expect(cursorOf(hit(f, 241, bar.y + 5), f)).toBe('ew-resize');
});

test('a viewer moves nothing, and sees no ends', () => {
  const f = frame({ canEdit: false, canLink: false });
  const at = hit(f, 241, headerHeight + 12);
  expect(at).toMatchObject({ part: 'body' });
  expect(begin(f, at, 241)).toBeUndefined();
});

function dragged(f: ReturnType<typeof frame>, from: [number, number], to: [number, number]) {
  const drag = begin(f, hit(f, ...from), from[0]);
  if (!drag) return undefined;
  f.ghost = show(f, drag, ...to, hit(f, ...to, true));
  return drop(f, drag, f.ghost);
}
const rowY = (line: number): number => headerHeight + line * 36 + 18;

test('dragging moves by whole days', () => {
  expect(dragged(frame(), [280, rowY(0)], [280 + 49, rowY(0)])).toEqual({ kind: 'dates', record: 'a', start: monday + 4, end: monday + 7 });
  expect(dragged(frame(), [280, rowY(0)], [284, rowY(0)])).toBeUndefined();
});

test('ends resize, never beyond each other', () => {
  expect(dragged(frame(), [241, rowY(0)], [205, rowY(0)])).toEqual({ kind: 'dates', record: 'a', start: monday, end: monday + 5 });
  expect(dragged(frame(), [318, rowY(0)], [359, rowY(0)])).toEqual({ kind: 'dates', record: 'a', start: monday + 2, end: monday + 7 });
  expect(dragged(frame(), [318, rowY(0)], [100, rowY(0)])).toEqual({ kind: 'dates', record: 'a', start: monday + 2, end: monday + 2 });
});

test('an unscheduled task is drawn on its own row', () => {
  expect(dragged(frame(), [305, rowY(2)], [365, rowY(2)])).toEqual({ kind: 'dates', record: 'c', start: monday + 5, end: monday + 8 });
});

test('links: allowed, known, closing a circle, onto nothing', () => {
  const hovered = (id: string) => frame({ hover: id as RecordId });
  const dotOf = (id: string, line: number): [number, number] => {
    const f = hovered(id);
    const rect = barRect(f, tasks[line] as Task, line) as { x: number; w: number };
    return [rect.x + rect.w + 10, rowY(line)];
  };
  expect(dragged(hovered('a'), dotOf('a', 0), [370, rowY(1)])).toEqual({ kind: 'link', from: 'a', to: 'b' });
  expect(dragged(hovered('a'), dotOf('a', 0), [380, rowY(3)])).toBeUndefined();
  expect(dragged(hovered('d'), dotOf('d', 3), [280, rowY(0)])).toBeUndefined();
  expect(dragged(hovered('a'), dotOf('a', 0), [500, rowY(2)])).toBeUndefined();
});

test('a picture: names, progress, diamond, arrow, today, dates of a drag', () => {
  const { ctx, calls, texts } = recorder();
  const f = frame({ ghost: { kind: 'bar', record: 'a' as RecordId, start: monday + 3, end: monday + 6, line: 0 } });
  paint(f, ctx);
  expect(texts()).toEqual(expect.arrayContaining(['Task a', 'Task b', 'Task d', 'Milestone', '4 d', 'Task']));
  expect(texts().some((text) => text.includes('–'))).toBe(true);
  // Progress is half of the six days of the last bar.
  expect(calls.some((call) => call.name === 'fillRect' && call.args[2] === 60 && call.fill === '--opt-teal')).toBe(true);
  // The line of today.
  expect(calls.some((call) => call.name === 'fillRect' && call.args[0] === 200 + 10 * 20 + 10 - 1 && call.fill === '--c-accent')).toBe(true);
  expect(calls.filter((call) => call.name === 'save').length).toBe(calls.filter((call) => call.name === 'restore').length);
});

test('a name goes with the end of its bar: left of the chart there is none', () => {
  const seen = (scrollX: number) => {
    const { ctx, calls } = recorder();
    paint(frameOf(modelOf([task('a', 0, 0), task('b', 0, 30)]), { scrollX }), ctx);
    return calls.filter((call) => call.name === 'fillText' && Number(call.args[1]) > 200 && String(call.args[0]).startsWith('Task')).map((call) => call.args[0]);
  };
  expect(seen(0)).toEqual(expect.arrayContaining(['Task a', 'Task b']));
  expect(seen(200)).toEqual(['Task b']);
  expect(seen(800)).toEqual([]);
});

test('rows outside the screen are not painted', () => {
  const many = Array.from({ length: 5000 }, (_, i) => task(`t${i}`, i % 50, (i % 50) + 3));
  const { ctx, texts } = recorder();
  paint(frameOf(modelOf(many), { top: 36 * 1000 }), ctx);
  expect(texts()).toContain('Task t1000');
  expect(texts()).not.toContain('Task t0');
  expect(texts().length).toBeLessThan(80);
});
