// The rules that keep the exit open: what may import what (docs: the layout of server/web).
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = import.meta.dirname;
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (f) => /\.(ts|svelte)$/.test(f) && !/\.(test|d)\.ts$/.test(f),
);

/** Imports of a file, as paths from src/ (or package names); `import type` counts too. */
function imports(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((m) => m[1] ?? '');
  return found.map((name) => (name.startsWith('.') ? relative(src, join(src, dirname(file), name)) : name));
}

const painterish = (f: string): boolean => /^fields\/[^/]+\/(paint|codec)\.ts$/.test(f) || f === 'fields/types.ts';
const plain = (f: string): boolean =>
  f.startsWith('grid/') || (f.startsWith('api/') && !f.endsWith('.svelte.ts')) || painterish(f);

test('grid, api, painters and codecs import nothing of Svelte', () => {
  const faults = files.filter(plain).flatMap((f) => imports(f).filter((i) => /^(svelte|bits-ui|@lucide)|\.svelte/.test(i)).map((i) => `${f} → ${i}`));
  expect(faults).toEqual([]);
});

test('the grid and the painters know nothing of the store, the socket or the views', () => {
  const faults = files
    .filter((f) => f.startsWith('grid/') || painterish(f))
    .flatMap((f) => imports(f).filter((i) => /^(store|api|app|views|record|parts)\//.test(i)).map((i) => `${f} → ${i}`));
  expect(faults).toEqual([]);
});

test('parts know nothing of bases', () => {
  const faults = files
    .filter((f) => f.startsWith('parts/'))
    .flatMap((f) => imports(f).filter((i) => /^(store|api|app|views|record|grid)\//.test(i)).map((i) => `${f} → ${i}`));
  expect(faults).toEqual([]);
});

test('only api/ fetches', () => {
  const faults = files.filter((f) => !f.startsWith('api/') && /\b(fetch|XMLHttpRequest|WebSocket)\(/.test(readFileSync(join(src, f), 'utf8')));
  expect(faults).toEqual([]);
});
