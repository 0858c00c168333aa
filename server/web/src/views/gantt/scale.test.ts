import { expect, test } from 'vitest';
import { dayOf, dateOf } from './days';
import { lowerSpans, Scale, spanText, upperSpans, zoomOf, zoomWidths } from './scale';

const day = (text: string): number => dayOf(text, 'UTC') as number;

function scale(width: number): Scale {
  const made = new Scale();
  made.dayWidth = width;
  made.fit(day('2026-11-01'), day('2026-12-20'), day('2026-11-22'), 1000);
  return made;
}

test('days and pixels are inverses', () => {
  const made = scale(26);
  expect(made.day(made.x(day('2026-11-22')) + 25)).toBe(day('2026-11-22'));
  expect(made.day(made.x(day('2026-11-22')) - 1)).toBe(day('2026-11-21'));
});

test('the first day is the first of a month, and today is always inside', () => {
  const made = new Scale();
  made.fit(day('2030-01-10'), day('2030-02-01'), day('2026-11-22'), 500);
  expect(dateOf(made.first).getUTCDate()).toBe(1);
  expect(made.first).toBeLessThan(day('2026-11-22'));
  expect(made.first + made.count).toBeGreaterThan(day('2030-02-01'));
});

test('the zoom follows from the width of a day', () => {
  expect((['day', 'week', 'month'] as const).map((zoom) => zoomOf(zoomWidths[zoom]))).toEqual(['day', 'week', 'month']);
  const made = scale(26);
  made.zoomTo(1000);
  expect(made.dayWidth).toBe(64);
});

test('header in Chinese and English', () => {
  const made = scale(26);
  const [from, to] = [day('2026-11-10'), day('2026-12-02')];
  expect(upperSpans(made, from, to, 'zh-CN').map((span) => span.label)).toEqual(['2026 年 11 月', '2026 年 12 月']);
  expect(upperSpans(made, from, to, 'en').map((span) => span.label)).toEqual(['November 2026', 'December 2026']);
  expect(lowerSpans(made, from, to, 'en').slice(0, 3).map((span) => span.label)).toEqual(['10', '11', '12']);
  made.dayWidth = 12;
  expect(lowerSpans(made, from, to, 'en').map((span) => span.label)).toEqual(['9', '16', '23', '30']);
  made.dayWidth = 4;
  expect(upperSpans(made, from, to, 'en').map((span) => span.label)).toEqual(['2026']);
  expect(lowerSpans(made, from, to, 'zh-CN').map((span) => span.label)).toEqual(['11月', '12月']);
});

test('texts of a drag', () => {
  expect(spanText(day('2026-11-03'), day('2026-11-03'), 'en')).toBe('Nov 3');
  expect(spanText(day('2026-11-28'), day('2026-12-02'), 'en')).toBe('Nov 28 – Dec 2');
});
