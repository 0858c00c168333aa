import { expect, test } from 'vitest';
import { ScrollMap, spacerMax } from './viewport';

const content = 34_000_080;
const view = 800;

function scaled(): ScrollMap {
  const map = new ScrollMap();
  map.resize(content, view);
  return map;
}

test('small content scrolls one to one', () => {
  const map = new ScrollMap();
  expect(map.resize(5000, 800)).toBe(0);
  expect(map.moved(1234)).toBe(1234);
  expect(map.spacerHeight).toBe(5000);
  expect(map.settled()).toBe(1234);
});

test('a million rows fit under the browsers\' limit', () => {
  const map = scaled();
  expect(map.spacerHeight).toBe(spacerMax);
  expect(map.moved(spacerMax - view)).toBe(content - view);
  expect(map.moved(0)).toBe(0);
});

test('a wheel moves as many pixels as it says, even where one native pixel stands for four', () => {
  const map = scaled();
  map.goTo(17_000_000);
  const native = map.settled();
  expect(map.moved(native + 100)).toBe(17_000_100);
  expect(map.moved(native + 40)).toBe(17_000_040);
});

test('settling never moves the content', () => {
  const map = scaled();
  map.goTo(1_000_000);
  let native = map.settled();
  for (let i = 0; i < 500; i++) {
    native += 60;
    map.moved(native);
    if (i % 50 === 0) native = map.settled();
  }
  expect(map.top).toBe(1_000_000 + 500 * 60);
});

test('every row can be reached and shown', () => {
  const map = scaled();
  for (const row of [0, 1, 499_999, 500_000, 999_998, 999_999]) {
    map.goTo(row * 34);
    expect(map.top).toBe(Math.min(row * 34, content - view));
    const native = map.settled();
    expect(map.moved(native)).toBe(Math.min(row * 34, content - view));
  }
});

test('a native scroller at its end does not stop content that has not reached its own', () => {
  const map = scaled();
  map.goTo(2000);
  map.moved(0);
  expect(map.stuck || map.top === 0).toBe(true);
  if (map.stuck) expect(map.settled()).toBeGreaterThan(0);
});
