import { describe, expect, test } from 'vitest';
import type { CellValue, FieldId, PatchOp, RecordId, Row, Snap, SubSpec, TableId, WireRow } from '../api/types';
import { pageRows, RowWindow, type WindowHost } from './window';

const field = 'fldA' as FieldId;
const table = 'tbl1' as TableId;

/** A server with one order; it keeps each subscribed page whole by patches in one of three styles. */
class Model implements WindowHost {
  order: { id: RecordId; version: number; value: CellValue }[] = [];
  subs = new Map<string, { from: number; len: number; rows: string[] }>();
  window: RowWindow | null = null;
  timers: (() => void)[] = [];
  next = 0;

  constructor(n: number) {
    for (let i = 0; i < n; i++) this.order.push(this.make());
  }
  make(): { id: RecordId; version: number; value: CellValue } {
    const n = this.next++;
    return { id: `rec${n}` as RecordId, version: 1, value: n };
  }
  sub(sid: string, spec: SubSpec): void {
    const { from, len } = spec.range ?? { from: 0, len: 0 };
    this.subs.set(sid, { from, len, rows: [] });
  }
  unsub(sid: string): void {
    this.subs.delete(sid);
  }
  overlay(row: Row): Row {
    return row;
  }
  fetchRows(_spec: unknown, from: number, len: number): Promise<Row[]> {
    return Promise.resolve(this.order.slice(from, from + len).map(({ id, version, value }) => ({ id, version, cells: { [field]: value } })));
  }
  schedule(run: () => void): void {
    this.timers.push(run);
  }
  closed(): void {}

  wire(i: number): WireRow {
    const row = this.order[i];
    if (!row) throw new Error('no row');
    return [row.id, row.version, [row.value]];
  }
  run(): void {
    for (const timer of this.timers.splice(0)) timer();
  }
  /** Answers subscriptions without rows. */
  answer(): void {
    for (const [sid, sub] of this.subs) if (sub.rows.length === 0) this.snap(sid);
  }
  snap(sid: string): void {
    const sub = this.subs.get(sid);
    if (!sub) return;
    const rows = this.order.slice(sub.from, sub.from + sub.len);
    sub.rows = rows.map((row) => row.id);
    const snap: Snap = {
      t: 'snap', sid, epoch: 1, rev: 1, schema_rev: 1, total: this.order.length, from: sub.from, fields: [field],
      rows: rows.map((row) => [row.id, row.version, [row.value]]),
    };
    this.window?.snap(snap);
  }
  /** What changed between the rows a sub last had and the rows it must have: deletes from the end, then inserts. */
  diff(sid: string, touched: ReadonlySet<string>): PatchOp[] {
    const sub = this.subs.get(sid);
    if (!sub || sub.rows.length === 0) return [];
    const want = this.order.slice(sub.from, sub.from + sub.len);
    const wanted = new Set<string>(want.map((row) => row.id));
    const have = [...sub.rows];
    const ops: PatchOp[] = [];
    for (let i = have.length - 1; i >= 0; i--) {
      if (!wanted.has(have[i] ?? '')) {
        have.splice(i, 1);
        ops.push(['d', sub.from + i]);
      }
    }
    want.forEach((row, i) => {
      if (have[i] === row.id) return;
      const from = have.indexOf(row.id);
      if (from >= 0) {
        have.splice(i, 0, ...have.splice(from, 1));
        ops.push(['m', sub.from + from, sub.from + i]);
      } else {
        have.splice(i, 0, row.id);
        ops.push(['i', sub.from + i, this.wire(sub.from + i)]);
      }
    });
    want.forEach((row, i) => {
      if (touched.has(row.id)) ops.push(['u', sub.from + i, row.id, row.version, { '0': row.value }]);
    });
    ops.push(['t', this.order.length]);
    sub.rows = want.map((row) => row.id);
    return ops;
  }
  patch(touched: ReadonlySet<string> = new Set()): void {
    for (const sid of [...this.subs.keys()]) this.window?.patch(sid, this.diff(sid, touched));
  }
}

function open(n: number): { model: Model; window: RowWindow } {
  const model = new Model(n);
  const window = new RowWindow('w1', { table, fields: [field] }, model);
  model.window = window;
  model.answer();
  return { model, window };
}

function look(model: Model, window: RowWindow, from: number, to: number): void {
  window.need(from, to);
  model.run();
  model.answer();
}

/** Every loaded row must be the one that the order has there. */
function check(model: Model, window: RowWindow): void {
  expect(window.total).toBe(model.order.length);
  const wrong: unknown[] = [];
  for (let i = 0; i < window.total + 5; i++) {
    const row = window.row(i);
    const want = model.order[i];
    if (row && (row.id !== want?.id || row.cells[field] !== want.value || window.positionOf(row.id) !== i)) wrong.push([i, row, want]);
  }
  expect(wrong).toEqual([]);
}

let seed = 7;
const random = (n: number): number => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed % n;
};

describe('a window over an order', () => {
  test('gives rows of loaded pages and undefined elsewhere', () => {
    const { model, window } = open(1000);
    expect(window.total).toBe(1000);
    expect(window.row(0)?.id).toBe('rec0');
    expect(window.row(pageRows)).toBeUndefined();
    look(model, window, 600, 640);
    expect(window.row(620)?.id).toBe('rec620');
    check(model, window);
  });

  test('asks for a page once while scrolling inside it', () => {
    const { model, window } = open(1000);
    window.need(210, 240);
    window.need(215, 245);
    expect(model.timers).toHaveLength(1);
    model.run();
    window.need(220, 250);
    expect(model.timers).toHaveLength(0);
    expect(model.subs.size).toBe(2);
  });

  test('keeps few subscriptions, shows rows left behind until the order changes', () => {
    const { model, window } = open(5000);
    for (let at = 0; at < 5000; at += pageRows) look(model, window, at, at + 40);
    expect(model.subs.size).toBeLessThanOrEqual(8);
    expect(window.row(10)?.id).toBe('rec10');
    model.order.splice(4900, 1);
    model.patch();
    expect(window.row(10)).toBeUndefined();
    check(model, window);
  });

  test('follows random commits exactly as the order does', () => {
    for (let round = 0; round < 60; round++) {
      const { model, window } = open(random(700));
      for (let step = 0; step < 40; step++) {
        if (random(3) === 0) look(model, window, random(model.order.length + 1), random(model.order.length + 1) + 60);
        const touched = new Set<string>();
        for (let k = random(4) + 1; k > 0; k--) {
          const i = random(model.order.length + 1);
          const row = model.order[i];
          const kind = random(5);
          if (kind === 0 || !row) model.order.splice(i, 0, model.make());
          else if (kind === 1) model.order.splice(i, 1);
          else if (kind === 2) model.order.splice(random(model.order.length), 0, ...model.order.splice(i, 1));
          else {
            row.value = random(1000);
            row.version++;
            touched.add(row.id);
          }
        }
        model.patch(touched);
        model.answer();
        // Cold pages may show old values; load what is near again.
        look(model, window, 0, model.order.length);
        check(model, window);
      }
    }
  });

  test('an insert in a full page pushes its last row out, whether the server says so or not', () => {
    for (const explicit of [true, false]) {
      const { model, window } = open(400);
      const sid = [...model.subs.keys()][0] ?? '';
      model.order.splice(3, 0, model.make());
      window.patch(sid, [['i', 3, model.wire(3)], ...(explicit ? ([['d', pageRows]] as PatchOp[]) : []), ['t', 401]]);
      check(model, window);
      expect(window.row(pageRows)).toBeUndefined();
    }
  });

  test('loads a page again when a patch does not fit it', () => {
    const { model, window } = open(300);
    const sid = [...model.subs.keys()][0] ?? '';
    window.patch(sid, [['u', 0, 'recNobody' as RecordId, 2, { '0': 1 }]]);
    expect(model.subs.has(sid)).toBe(false);
    model.answer();
    check(model, window);
  });

  test('keeps old rows on the screen until a new query answers', () => {
    const { model, window } = open(450);
    look(model, window, 200, 240);
    model.order.reverse();
    window.set({ table, fields: [field], query: { sort: [{ field, desc: true }] } });
    expect(window.row(0)?.id).toBe('rec0');
    model.answer();
    expect(window.row(0)?.id).toBe('rec449');
    check(model, window);
  });

  test('waits for the snap after "stale" and ignores patches meanwhile', () => {
    const { model, window } = open(100);
    const sid = [...model.subs.keys()][0] ?? '';
    window.patch(sid, [['x', 'too far behind']]);
    window.patch(sid, [['d', 0], ['t', 99]]);
    expect(window.row(0)?.id).toBe('rec0');
    model.order.splice(0, 1);
    model.snap(sid);
    check(model, window);
  });

  test('loads far ranges for a copy and refuses too many', async () => {
    const { model, window } = open(3000);
    await window.load([{ from: 0, to: 2600 }]);
    expect(window.row(2500)?.id).toBe('rec2500');
    check(model, window);
    await expect(window.load([{ from: 0, to: 50_000 }])).rejects.toThrow('rangeTooLarge');
  });

  test('tells what changed', () => {
    const { model, window } = open(50);
    const heard: string[] = [];
    window.onChange((what) => heard.push(what));
    const sid = [...model.subs.keys()][0] ?? '';
    window.patch(sid, [['s', { [field]: 4 }]]);
    window.patch(sid, [['u', 1, 'rec1' as RecordId, 2, { '0': 9 }]]);
    window.patch(sid, [['d', 0], ['t', 49]]);
    expect(heard).toEqual(['marks', 'cells', 'rows']);
  });
});

test('a refused query says why and shows nothing', () => {
  const { model, window } = open(10);
  const sid = [...model.subs.keys()][0] ?? '';
  window.snap({ t: 'snap', sid, epoch: 1, rev: 2, schema_rev: 2, error: { code: 'invalid', message: 'field "A" is gone' } } as unknown as Snap);
  expect([window.problem, window.total, window.row(0)]).toEqual(['field "A" is gone', 0, undefined]);
  model.snap(sid);
  expect(window.problem).toBeNull();
  check(model, window);
});

test('as many pages stay live as the window asks for', () => {
  const live = (more: object): number => {
    const model = new Model(20 * pageRows);
    model.window = new RowWindow('w', { table, fields: [field], ...more }, model);
    model.answer();
    for (let at = 0; at < 20; at++) {
      model.window.need(at * pageRows, (at + 1) * pageRows);
      model.run();
      model.answer();
    }
    return model.subs.size;
  };
  expect(live({})).toBe(8);
  expect(live({ live: 16 })).toBe(16);
});
