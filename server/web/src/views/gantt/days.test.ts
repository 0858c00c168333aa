import { expect, test } from 'vitest';
import { dayOf, isoOf, isWeekend, movedTo, weekday } from './days';

test('a date has no zone, a moment falls on the day of the zone', () => {
  const day = dayOf('2026-06-18', 'Asia/Shanghai') as number;
  expect(isoOf(day)).toBe('2026-06-18');
  expect(isoOf(dayOf('2026-06-18T20:00:00Z', 'Asia/Shanghai') as number)).toBe('2026-06-19');
  expect(isoOf(dayOf('2026-06-18T02:00:00Z', 'America/New_York') as number)).toBe('2026-06-17');
  expect(dayOf(null, 'UTC')).toBeNull();
  expect(dayOf({ error: '#REF!' }, 'UTC')).toBeNull();
});

test('weeks start on Monday', () => {
  expect(weekday(dayOf('2026-11-23', 'UTC') as number)).toBe(0);
  expect(isWeekend(dayOf('2026-11-22', 'UTC') as number)).toBe(true);
  expect(isWeekend(dayOf('1969-12-28', 'UTC') as number)).toBe(true);
});

test('a moment keeps its time of day when moved', () => {
  const from = dayOf('2026-06-18T09:30:00Z', 'UTC') as number;
  expect(movedTo('2026-06-18T09:30:00Z', from, from + 3, true)).toBe('2026-06-21T09:30:00Z');
  expect(movedTo('2026-06-18', from, from - 1, false)).toBe('2026-06-17');
  expect(movedTo(null, null, from, false)).toBe('2026-06-18');
});
