import { expect, test } from 'vitest';
import type { UserId } from '../api/types';
import { Outbox, type Shelf } from './outbox';

const [ada, bob] = ['usrA', 'usrB'] as UserId[];

function shelf(): Shelf {
  const stores = { pending: new Map<string, { base: string }>(), refused: new Map<string, { base: string }>() };
  return {
    put: (store, value) => {
      const { base, cid, n, id } = value as { base: string; cid?: string; n?: number; id?: string };
      stores[store].set(JSON.stringify(id === undefined ? [base, cid, n] : [base, id]), value as { base: string });
    },
    remove: (store, key) => stores[store].delete(JSON.stringify(key)),
    all: (store, base) => Promise.resolve([...stores[store].values()].filter((entry) => entry.base === base)),
  };
}

test('commands come back by page and number, only to the person and base they are of', async () => {
  const common = shelf();
  const outbox = new Outbox('app1', ada as UserId, common);
  for (const [cid, n, at] of [['new', 2, 20], ['new', 1, 10], ['old', 11, 5], ['old', 9, 4]] as const) outbox.keep({ cid, n, at, ops: [{ op: 'undo' }] });
  new Outbox('app1', bob as UserId, common).keep({ cid: 'his', n: 1, at: 1, ops: [] });
  new Outbox('app2', ada as UserId, common).keep({ cid: 'other', n: 1, at: 1, ops: [] });
  outbox.answered('old', 11);
  expect((await outbox.left()).map((page) => page.map(({ cid, n }) => [cid, n]))).toEqual([[['old', 9]], [['new', 1], ['new', 2]]]);
});

test('the tray is kept until it is dismissed', async () => {
  const outbox = new Outbox('app1', ada as UserId, shelf());
  for (const [id, at] of [['b', 2], ['a', 1]] as const) outbox.refuse({ id, at, ops: [], problem: { code: 'invalid', message: id } });
  expect((await outbox.refused()).map(({ id }) => id)).toEqual(['a', 'b']);
  outbox.dismiss('a');
  expect((await outbox.refused()).map(({ id }) => id)).toEqual(['b']);
});

test('without a database nothing is kept and nothing fails', async () => {
  const outbox = new Outbox('app1', ada as UserId, null);
  outbox.keep({ cid: 'c', n: 1, at: 0, ops: [] });
  expect(await outbox.left()).toEqual([]);
});
