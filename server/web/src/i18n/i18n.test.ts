import { expect, test } from 'vitest';
import { en } from './en';
import { zh } from './zh';
import { pickLanguage } from './index.svelte';

test('the first language we speak wins', () => {
  expect(pickLanguage(['fr', 'zh-TW', 'en'])).toBe('zh');
  expect(pickLanguage(['en-GB'])).toBe('en');
  expect(pickLanguage(['fr'])).toBe('en');
});

/** Paths of all words. */
function paths(node: object, at = ''): string[] {
  return Object.entries(node).flatMap(([key, value]) => (typeof value === 'object' && value !== null ? paths(value as object, `${at}${key}.`) : [at + key]));
}

test('both languages have the same words and none is empty', () => {
  expect(paths(zh)).toEqual(paths(en));
  const empty = (node: object): string[] => Object.entries(node).flatMap(([k, v]) => (v === '' ? [k] : typeof v === 'object' ? empty(v as object) : []));
  expect([...empty(en), ...empty(zh)]).toEqual([]);
});
