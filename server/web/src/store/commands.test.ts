import { expect, test } from 'vitest';
import type { FieldId, Op, RecordId, Row, TableId } from '../api/types';
import { Commands, Refusal, wireOp } from './commands';

const field = 'fldA' as FieldId;
const tags = 'fldTags' as FieldId;
const table = 'tbl1' as TableId;
const record = 'rec1' as RecordId;
const row: Row = { id: record, version: 1, cells: { [field]: 'old', [tags]: ['selA'] } };

function start(): { commands: Commands; sent: Op[][] } {
  const sent: Op[][] = [];
  const commands = new Commands({ cid: 'c', command: (ops) => sent.push([...ops]) }, () => undefined);
  return { commands, sent };
}
const set = (value: string): Op => ({ op: 'records.update', table, records: [{ id: record, fields: { [field]: value } }] });
const done = { version: 2, results: [], skipped: [] };

test('an edit is shown until its ack, then the confirmed row counts', async () => {
  const { commands } = start();
  const sent = commands.send([set('new')]);
  expect(commands.overlay(row).cells[field]).toBe('new');
  expect(commands.waiting).toBe(1);
  commands.ack('c', 1, done);
  await sent;
  expect(commands.overlay(row)).toBe(row);
  expect(commands.waiting).toBe(0);
});

test('later edits lie over earlier ones, whatever is answered first', () => {
  const { commands } = start();
  void commands.send([set('one')]);
  void commands.send([set('two')]);
  expect(commands.overlay(row).cells[field]).toBe('two');
  commands.ack('c', 1, done);
  expect(commands.overlay(row).cells[field]).toBe('two');
  commands.ack('c', 2, done);
  expect(commands.overlay(row).cells[field]).toBe('old');
});

test('a refused edit is taken back and names its cells', async () => {
  const { commands } = start();
  const sent = commands.send([set('bad')]);
  commands.nack('c', 1, { code: 'invalid', message: 'field "A" expects a date, got "bad"' });
  expect(commands.overlay(row)).toBe(row);
  const refusal = await sent.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).cells).toEqual([{ record, field }]);
});

test('the same object comes back while nothing changes', () => {
  const { commands } = start();
  void commands.send([set('new')]);
  expect(commands.overlay(row)).toBe(commands.overlay(row));
});

test('adding and removing items works on what is there', () => {
  const { commands } = start();
  void commands.send([{ op: 'cells.add', table, record, field: tags, items: ['selB'] }]);
  void commands.send([{ op: 'cells.remove', table, record, field: tags, items: ['selA'] }]);
  expect(commands.overlay(row).cells[tags]).toEqual(['selB']);
});

test('dry commands and texts for the server to read change nothing on the screen', () => {
  const { commands } = start();
  void commands.send([set('x')], true);
  void commands.send([{ ...set('1,234'), typecast: true }]);
  expect(commands.overlay(row)).toBe(row);
  expect(commands.waiting).toBe(1);
});

test('links go out as ids', () => {
  const op = wireOp({ op: 'records.update', table, records: [{ id: record, fields: { [field]: [{ id: record, title: 'A' }] } }] });
  expect(op.records).toEqual([{ id: record, fields: { [field]: ['rec1'] } }]);
});
