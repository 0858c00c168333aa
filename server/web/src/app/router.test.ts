import { expect, test } from 'vitest';
import { href, parse, type Place } from './router';

const places: Place[] = [
  { at: 'bases' },
  { at: 'login' },
  { at: 'tokens' },
  { at: 'setup', token: 'a b' },
  { at: 'base', base: 'app1' },
  { at: 'table', base: 'app1', table: 'tbl1' },
  { at: 'table', base: 'app1', table: 'tbl1', view: 'viw1', record: 'rec1' },
  { at: 'dashboard', base: 'app1', dashboard: 'dsh1' },
  { at: 'automations', base: 'app1' },
  { at: 'automations', base: 'app1', automation: 'aut1' },
  { at: 'settings', base: 'app1' },
];

test('every place comes back from its address', () => {
  for (const place of places) {
    const [path, query] = href(place).split('?');
    expect(parse(path ?? '', query)).toEqual(place);
  }
});

test('what is no address of ours is lost, not a crash', () => {
  for (const path of ['/x', '/b', '/b/app1/t', '/b/app1/t/tbl1/v', '/b/app1/d', '/b/app1/settings/more']) expect(parse(path)).toEqual({ at: 'lost' });
});
