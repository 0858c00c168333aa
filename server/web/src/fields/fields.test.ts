// Every painter against a context that only records, and every codec there and back.
import { beforeAll, describe, expect, test } from 'vitest';
import { TextCache } from '../grid/text';
import { themeFrom } from '../grid/theme';
import { allKinds, kindOf } from '.';
import type { PaintContext } from './types';
import type { CellValue, Field, FieldType, Person, RecordId, UserId } from './wire';

beforeAll(() => {
  // Node has no Path2D; painters only hand it on.
  Object.assign(globalThis, { Path2D: class { addPath(): void {} } });
});

const people = new Map<UserId, Person>([['usr1' as UserId, { name: 'Wang Fang', color: 'indigo' }], ['usr2' as UserId, { name: '李雷', color: 'amber' }]]);

/** Texts and filled colours, in order; ten pixels a character. */
function recorder() {
  const texts: string[] = [];
  const colors: string[] = [];
  const right: number[] = [];
  const state: Record<string, unknown> = { font: '', fillStyle: '' };
  const ctx = new Proxy(state, {
    get: (target, name: string) => {
      if (name in target && typeof target[name] !== 'function') return target[name];
      if (name === 'measureText') return (text: string) => ({ width: text.length * 10 });
      return (...args: unknown[]) => {
        if (name === 'fillText') {
          texts.push(String(args[0]));
          right.push(Number(args[1]) + String(args[0]).length * 10);
        }
        if (name === 'fill' || name === 'fillRect') colors.push(String(target['fillStyle']));
      };
    },
    set: (target, name: string, value: unknown) => {
      target[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D;
  const p: PaintContext = {
    ctx,
    theme: themeFrom((property) => property),
    text: new TextCache(ctx),
    locale: { tag: 'en', zone: 'Asia/Shanghai', yes: 'Yes', no: 'No' },
    lineHeight: 19,
    hover: false,
    person: (id) => people.get(id),
    people: () => people,
  };
  return { p, texts, colors, right };
}

const options = { options: [{ id: 'selA', name: 'Todo', color: 'gray' }, { id: 'selB', name: 'Done', color: 'green' }] } as unknown as Field['options'];
const field = (type: FieldType, more: Partial<Field> = {}): Field => ({ id: 'fld' as Field['id'], name: 'F', type, options: {}, computed: false, ...more });

function painted(f: Field, value: CellValue, w = 300, h = 33) {
  const r = recorder();
  kindOf(f).paint(r.p, { x: 0, y: 0, w, h }, value, f);
  return r;
}

test('there are twenty-four types, each with a name in both languages and an icon', () => {
  expect(allKinds()).toHaveLength(24);
  for (const kind of allKinds()) {
    expect(kind.name.en && kind.name.zh && kind.icon.length > 0).toBeTruthy();
  }
});

test('no painter fails on blank, on odd values, on tiny or tall cells, or leaves its cell to the right', () => {
  const odd: CellValue[] = [null, '', 'text', 0, -1.5, true, [], ['selA', 'nobody'], ['usr1', 'usr2'], [{ id: 'rec1' as RecordId, title: 'A long title of a record' }], { error: '#REF!' }, [1, 2], [null]];
  for (const kind of allKinds()) {
    for (const value of odd) {
      for (const [w, h] of [[5, 27], [120, 33], [300, 111]] as const) {
        const r = painted(field(kind.type, { options }), value, w, h);
        if (w > 20) expect([kind.type, JSON.stringify(value), Math.max(0, ...r.right) <= w + 1]).toEqual([kind.type, JSON.stringify(value), true]);
      }
    }
  }
});

describe('what people read', () => {
  const cases: readonly (readonly [Field, CellValue, string])[] = [
    [field('text'), 'Fix export', 'Fix export'],
    [field('number', { options: { format: 'plain', decimals: 2 } }), 1234.5, '1234.50'],
    [field('number', { options: { format: 'thousands' } }), 1234567.25, '1,234,567.25'],
    [field('number', { options: { format: 'percent', decimals: 1 } }), 0.4567, '45.7%'],
    [field('number', { options: { format: 'currency', currency: 'CNY', decimals: 2 } }), 99, '¥99.00'],
    [field('number', { options: { format: 'currency', currency: '点', decimals: 0 } }), 99, '点99'],
    [field('number', { options: { format: 'progress' } }), 0.46, '46%'],
    [field('duration', { options: { format: 'h:mm' } }), 5400, '1:30'],
    [field('duration', { options: { format: 'h:mm:ss' } }), 5405, '1:30:05'],
    [field('rating'), 3, '3'],
    [field('checkbox'), true, 'Yes'],
    [field('date'), '2026-06-18', '2026-06-18'],
    [field('date', { options: { format: 'D/M/YYYY' } }), '2026-06-08', '8/6/2026'],
    [field('date', { options: { time: true } }), '2026-06-18T18:30:00Z', '2026-06-19 02:30'],
    [field('singleSelect', { options }), 'selB', 'Done'],
    [field('multiSelect', { options }), ['selB', 'selA'], 'Done, Todo'],
    [field('person'), ['usr1', 'usr2'], 'Wang Fang, 李雷'],
    [field('createdBy'), 'usr2', '李雷'],
    [field('link'), [{ id: 'rec1' as RecordId, title: 'Sprint 1' }, { id: 'rec2' as RecordId, title: 'Sprint 2' }], 'Sprint 1, Sprint 2'],
    [field('autoNumber', { options: { prefix: 'T-', digits: 4 } }), 7, 'T-0007'],
    [field('formula', { result: { type: 'number', options: { format: 'percent' } } }), 0.5, '50%'],
    [field('formula'), { error: '#DIV/0!' }, '#DIV/0!'],
    [field('lookup', { result: { type: 'singleSelect', options } }), ['selA', 'selA', 'selB'], 'Todo, Todo, Done'],
    [field('lookup', { result: { type: 'number' } }), [1, 2.5], '1, 2.5'],
    [field('rollup', { result: { type: 'date' } }), '2026-01-02', '2026-01-02'],
    [field('count'), 12, '12'],
  ];
  test.each(cases)('%# %o', (f, value, text) => {
    const { p } = recorder();
    expect(kindOf(f).codec.format(value, f, p)).toBe(text);
  });
});

describe('what people type', () => {
  const cases: readonly (readonly [Field, string, CellValue | undefined])[] = [
    [field('text'), 'a\nb', 'a b'],
    [field('longText'), 'a\nb', 'a\nb'],
    [field('text'), '', null],
    [field('number'), '1,234.5', 1234.5],
    [field('number'), '-3', -3],
    [field('number'), '¥99', 99],
    [field('number', { options: { format: 'percent' } }), '45%', 0.45],
    [field('number', { options: { format: 'percent' } }), '45', 0.45],
    [field('number'), 'about ten', undefined],
    [field('number'), '1,23', undefined],
    [field('duration'), '1:30', 5400],
    [field('duration'), '90', 5400],
    [field('rating'), '9', 5],
    [field('checkbox'), '是', true],
    [field('date'), '2026/6/8', '2026-06-08'],
    [field('date'), '2026-02-30', undefined],
    [field('date'), 'tomorrow', undefined],
    [field('singleSelect', { options }), 'done', 'selB'],
    [field('singleSelect', { options }), 'New one', undefined],
    [field('multiSelect', { options }), 'Todo，Done', ['selA', 'selB']],
    [field('person'), '李雷', ['usr2']],
    [field('person'), 'Nobody', undefined],
    [field('formula'), '5', undefined],
  ];
  test.each(cases)('%# %o', (f, text, value) => {
    const { p } = recorder();
    expect(kindOf(f).codec.parse(text, f, p)).toEqual(value);
  });
});

test('chips carry the colours of their options and what does not fit is counted', () => {
  const f = field('multiSelect', { options });
  expect(painted(f, ['selA', 'selB'])).toMatchObject({ texts: ['Todo', 'Done'], colors: ['--opt-gray-bg', '--opt-green-bg'] });
  expect(painted(f, ['selA', 'selB', 'selA', 'selB'], 130).texts).toEqual(['Todo', '+3']);
});

test('errors are in the danger colour, text is cut with an ellipsis', () => {
  expect(painted(field('formula'), { error: '#REF!' }).texts).toEqual(['#REF!']);
  expect(painted(field('text'), 'A rather long title', 100).texts).toEqual(['A rathe…']);
});

test('links open by Ctrl only, and never run script', () => {
  const f = field('url');
  const rect = { x: 0, y: 0, w: 200, h: 34 };
  const { click } = kindOf(f);
  expect(click?.(rect, 30, 10, 'example.com', f, false)).toBeUndefined();
  expect(click?.(rect, 30, 10, 'example.com', f, true)).toEqual({ kind: 'open', url: 'https://example.com' });
  expect(click?.(rect, 30, 10, 'javascript:alert(1)', f, true)).toEqual({ kind: 'open', url: 'https://javascript:alert(1)' });
});

test('stars rate, and the last one lit takes the rating away', () => {
  const f = field('rating');
  const rect = { x: 0, y: 0, w: 200, h: 34 };
  expect(kindOf(f).click?.(rect, 10 + 2 * 17 + 3, 10, null, f, false)).toEqual({ kind: 'edit', value: 3 });
  expect(kindOf(f).click?.(rect, 10 + 2 * 17 + 3, 10, 3, f, false)).toEqual({ kind: 'edit', value: null });
  expect(kindOf(f).click?.(rect, 180, 10, 3, f, false)).toBeUndefined();
});
