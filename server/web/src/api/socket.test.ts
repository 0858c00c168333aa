import { expect, test } from 'vitest';
import { LiveSocket, type Connection } from './socket';
import type { FieldId, ServerMessage, TableId } from './types';

class Line {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.onclose?.({ code: 1000 });
  }
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const welcome = { t: 'welcome', session: 's', epoch: 3, rev: 7, schema_rev: 1, person: 'usr1' };
const spec = { table: 'tbl1' as TableId, fields: ['fldA' as FieldId], range: { from: 0, len: 200 } };

function start(): { lines: Line[]; socket: LiveSocket; heard: ServerMessage[]; states: Connection[] } {
  const lines: Line[] = [];
  const heard: ServerMessage[] = [];
  const states: Connection[] = [];
  const socket = new LiveSocket('app1', { message: (m) => heard.push(m), connection: (s) => states.push(s) }, () => {
    const line = new Line();
    lines.push(line);
    return line;
  });
  socket.start();
  lines[0]?.onopen?.();
  return { lines, socket, heard, states };
}

/** Breaks the line and connects again. */
async function again(lines: Line[]): Promise<Line> {
  const n = lines.length;
  lines.at(-1)?.onclose?.({ code: 1006 });
  while (lines.length === n) await new Promise((done) => setTimeout(done, 20));
  const line = lines.at(-1) as Line;
  line.onopen?.();
  return line;
}

test('waits for welcome, then subscribes and sends what was asked before', () => {
  const { lines, socket } = start();
  socket.sub('w1.1.0', spec);
  socket.command([{ op: 'undo' }]);
  expect(lines[0]?.sent.map((m) => m.t)).toEqual(['hello']);
  lines[0]?.say(welcome);
  expect(lines[0]?.sent.map((m) => m.t)).toEqual(['hello', 'sub', 'cmd']);
});

test('sends unanswered commands again, in order, under the same numbers', async () => {
  const { lines, socket } = start();
  lines[0]?.say(welcome);
  for (let i = 0; i < 3; i++) socket.command([{ op: 'undo' }]);
  lines[0]?.say({ t: 'ack', n: 1, rev: 8, results: [], skipped: [] });
  const line = await again(lines);
  expect(line.sent[0]).toMatchObject({ t: 'hello', last_n: 1, cid: socket.cid });
  line.say(welcome);
  expect(line.sent.filter((m) => m.t === 'cmd').map((m) => m.n)).toEqual([2, 3]);
});

test('resumes only windows whose state it has', async () => {
  const { lines, socket } = start();
  lines[0]?.say(welcome);
  socket.sub('w1.1.0', spec);
  socket.sub('w1.2.1', spec);
  lines[0]?.say({ t: 'snap', sid: 'w1.1.0', epoch: 3, rev: 7, schema_rev: 1, total: 0, from: 0, fields: [], rows: [] });
  lines[0]?.say({ t: 'patch', from_rev: 7, to_rev: 9, wins: [] });
  const line = await again(lines);
  expect(line.sent[0]?.resume).toEqual([{ sid: 'w1.1.0', epoch: 3, rev: 9 }]);
  line.say(welcome);
  expect(line.sent.filter((m) => m.t === 'sub').map((m) => m.sid)).toEqual(['w1.1.0', 'w1.2.1']);
});

test('an ended session is not tried again', () => {
  const { lines, states } = start();
  lines[0]?.onclose?.({ code: 4401 });
  expect(states).toEqual(['connecting', 'closed']);
});

test('a busy server gets its commands again, in order, when it said; the rest of a gap too', async () => {
  const { lines, socket, heard } = start();
  const line = lines[0] as Line;
  line.say(welcome);
  for (let i = 0; i < 3; i++) socket.command([{ op: 'undo' }]);
  line.say({ t: 'ack', n: 1, rev: 8, results: [], skipped: [] });
  line.say({ t: 'nack', n: 2, code: 'busy', message: 'later', retry_after: 0.05 });
  line.say({ t: 'nack', n: 3, code: 'gap', message: '2 is missing' });
  socket.command([{ op: 'redo' }]);
  const numbers = (): unknown[] => line.sent.filter((m) => m.t === 'cmd').map((m) => m.n);
  expect(numbers()).toEqual([1, 2, 3]);
  await expect.poll(numbers).toEqual([1, 2, 3, 2, 3, 4]);
  expect(heard.some((m) => m.t === 'nack')).toBe(false);
  expect(socket.waiting).toBe(3);
});

test('no more than 64 commands are on the way', () => {
  const { lines, socket } = start();
  const line = lines[0] as Line;
  line.say(welcome);
  for (let i = 0; i < 100; i++) socket.command([{ op: 'undo' }]);
  const numbers = (): unknown[] => line.sent.filter((m) => m.t === 'cmd').map((m) => m.n);
  expect(numbers()).toHaveLength(64);
  line.say({ t: 'ack', n: 1, rev: 8, results: [], skipped: [] });
  expect(numbers().at(-1)).toBe(65);
});

test('commands held back go when they may; those of an earlier page under its name', () => {
  const { lines, socket } = start();
  socket.hold();
  lines[0]?.say(welcome);
  socket.command([{ op: 'undo' }]);
  expect(lines[0]?.sent.some((m) => m.t === 'cmd')).toBe(false);
  socket.release();
  expect(lines[0]?.sent.at(-1)).toMatchObject({ t: 'cmd', n: 1 });

  const line = new Line();
  // Number 6 was only a question: nobody waits for it.
  const heir = new LiveSocket('app1', { message: () => undefined, connection: () => undefined }, () => line, { cid: 'old', commands: [5, 7].map((n) => ({ n, ops: [{ op: 'undo' }] })) });
  heir.start();
  line.onopen?.();
  expect(line.sent[0]).toMatchObject({ cid: 'old', last_n: 6 });
  line.say(welcome);
  expect(line.sent.filter((m) => m.t === 'cmd').map((m) => m.n)).toEqual([5, 7]);
});
