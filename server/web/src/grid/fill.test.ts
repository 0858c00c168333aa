import { expect, test } from 'vitest';
import type { Field } from '../fields/wire';
import { goOn } from './fill';

const field = { id: 'f', name: 'F', type: 'number', options: {}, computed: false } as unknown as Field;

test('one value is copied', () => {
  expect(goOn([7], 3, field)).toEqual([7, 7, 7]);
  expect(goOn(['Sprint 1'], 2, field)).toEqual(['Sprint 1', 'Sprint 1']);
});

test('even steps go on, both ways, without binary dust', () => {
  expect(goOn([1, 3], 3, field)).toEqual([5, 7, 9]);
  expect(goOn([0.1, 0.2], 2, field)).toEqual([0.3, 0.4]);
  expect(goOn([10, 12], 2, field, true)).toEqual([8, 6]);
});

test('values without a series repeat', () => {
  expect(goOn([1, 2, 9], 4, field)).toEqual([1, 2, 9, 1]);
  expect(goOn(['a', 'b'], 3, field)).toEqual(['a', 'b', 'a']);
  expect(goOn([true, null], 3, field)).toEqual([true, null, true]);
});

test('dates go by days or by months', () => {
  expect(goOn(['2026-06-18', '2026-06-20'], 2, field)).toEqual(['2026-06-22', '2026-06-24']);
  expect(goOn(['2026-01-31', '2026-03-31'], 2, field)).toEqual(['2026-05-31', '2026-07-31']);
  expect(goOn(['2025-12-31', '2026-01-31'], 1, field)).toEqual(['2026-02-28']);
});

test('texts that end in numbers count on and keep their zeros', () => {
  expect(goOn(['Sprint 1', 'Sprint 2'], 2, field)).toEqual(['Sprint 3', 'Sprint 4']);
  expect(goOn(['T-008', 'T-009'], 2, field)).toEqual(['T-010', 'T-011']);
});
