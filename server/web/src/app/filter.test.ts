import { expect, test } from 'vitest';
import { allKinds } from '../fields';
import type { Field, FieldId } from '../api/types';
import { complete, countTests, filteredFields, newTest, operatorsOf, valueKind, withOp } from './filter';

const make = (id: string, type: Field['type'], more: Partial<Field> = {}): Field => ({ id: id as FieldId, name: id, type, options: {}, computed: false, ...more });
const status = make('fldS', 'singleSelect');
const due = make('fldD', 'date');
const fields = [status, due, make('fldN', 'number')];
const field = (id: string): Field | undefined => fields.find((f) => f.id === id);

test('every field type offers operators with a known kind of value', () => {
  for (const kind of allKinds()) {
    const of = make('fldX', kind.type);
    expect(operatorsOf(of).length, kind.type).toBeGreaterThan(0);
    for (const op of operatorsOf(of)) expect(valueKind(of, op), `${kind.type} ${op}`).toBeTruthy();
    expect(newTest(of).field).toBe('fldX');
  }
});

test('a formula is filtered by what it gives', () => {
  const formula = make('fldF', 'formula', { result: { type: 'date' } });
  expect(operatorsOf(formula)).toContain('isBefore');
  expect(valueKind(formula, 'isBefore')).toBe('date');
});

test('another operator keeps a value of the same kind', () => {
  const one = { field: status.id, op: 'is' as const, value: 'selA' };
  expect(withOp(one, status, 'isNot').value).toBe('selA');
  expect(withOp(one, status, 'isAnyOf').value).toEqual(['selA']);
  expect(withOp(one, status, 'isEmpty')).toEqual({ field: status.id, op: 'isEmpty' });
  expect(withOp({ field: due.id, op: 'isEmpty' }, due, 'is').value).toEqual({ relative: 'today' });
});

test('unfinished tests are not sent, and empty groups neither', () => {
  const filter = {
    and: [
      { field: status.id, op: 'is' as const },
      { or: [{ field: 'fldGone' as FieldId, op: 'is' as const, value: 1 }] },
      { field: due.id, op: 'isEmpty' as const },
    ],
  };
  expect(complete(filter, field)).toEqual({ and: [{ field: due.id, op: 'isEmpty' }] });
  expect(complete({ and: [] }, field)).toBeUndefined();
  expect(complete({ and: [{ field: 'fldN' as FieldId, op: 'is', value: 0 }] }, field)).toBeDefined();
});

test('counts tests and names their fields through groups', () => {
  const filter = { and: [{ field: status.id, op: 'isEmpty' as const }, { or: [{ field: due.id, op: 'isEmpty' as const }] }] };
  expect(countTests(filter)).toBe(2);
  expect([...filteredFields(filter)]).toEqual(['fldS', 'fldD']);
});
