/**
 * Filters as the builder edits them: which operators a field offers, what value an operator wants, and which tests are
 * complete enough to send. Pure; the components are in toolbar/.
 */
import { kindOf } from '../fields';
import type { Field, FieldType, Filter, FilterOp, FilterTest, FilterValue, RelativeDate } from '../api/types';

export type ValueKind = 'none' | 'text' | 'number' | 'boolean' | 'option' | 'options' | 'people' | 'date' | 'span' | 'records';

const valueless: ReadonlySet<FilterOp> = new Set(['isEmpty', 'isNotEmpty']);
const several: ReadonlySet<FilterOp> = new Set(['isAnyOf', 'isNoneOf', 'hasAnyOf', 'hasAllOf', 'hasNoneOf']);

/** What the cells of a field are like: a computed field is filtered by its result. */
export function effectiveType(field: Field): FieldType {
  if (field.type === 'formula' || field.type === 'rollup' || field.type === 'lookup') return field.result?.type ?? 'text';
  if (field.type === 'count') return 'number';
  if (field.type === 'autoNumber') return 'number';
  if (field.type === 'createdTime' || field.type === 'modifiedTime') return 'date';
  if (field.type === 'createdBy' || field.type === 'modifiedBy') return 'person';
  return field.type;
}

/** The field seen as its result, for painters, editors and pickers of values. */
export function effectiveField(field: Field): Field {
  const type = effectiveType(field);
  return type === field.type ? field : { ...field, type, options: field.result?.options ?? field.options };
}

export function operatorsOf(field: Field): readonly FilterOp[] {
  const own = field.type === 'lookup' ? kindOf(field) : kindOf(effectiveField(field));
  return own.operators as readonly FilterOp[];
}

export function valueKind(field: Field, op: FilterOp): ValueKind {
  if (valueless.has(op)) return 'none';
  if (op === 'contains' || op === 'doesNotContain' || op === 'startsWith') return 'text';
  switch (effectiveType(field)) {
    case 'number':
    case 'rating':
    case 'duration':
      return 'number';
    case 'checkbox':
      return 'boolean';
    case 'date':
      return op === 'isWithin' ? 'span' : 'date';
    case 'singleSelect':
      return several.has(op) ? 'options' : 'option';
    case 'multiSelect':
      return 'options';
    case 'person':
      return 'people';
    case 'link':
      return 'records';
    default:
      return 'text';
  }
}

/** A day relative to today, with whether it takes a number. */
export const relativeDays: readonly { readonly name: RelativeDate; readonly n?: true }[] = [
  { name: 'today' }, { name: 'yesterday' }, { name: 'tomorrow' }, { name: 'daysAgo', n: true }, { name: 'daysFromNow', n: true },
];
export const relativeSpans: readonly { readonly name: RelativeDate; readonly n?: true }[] = [
  { name: 'thisWeek' }, { name: 'lastWeek' }, { name: 'nextWeek' }, { name: 'thisMonth' }, { name: 'lastMonth' }, { name: 'nextMonth' },
  { name: 'thisYear' }, { name: 'pastDays', n: true }, { name: 'nextDays', n: true },
];

/** A new test on a field, with the first operator and a value that makes sense. */
export function newTest(field: Field): FilterTest {
  const offered = operatorsOf(field);
  // While one types, "is" would find nothing.
  const op = offered.includes('contains') ? 'contains' : (offered[0] ?? 'is');
  return withOp({ field: field.id, op }, field, op);
}

/** Another operator: the value stays if it is of the same kind. */
export function withOp(test: FilterTest, field: Field, op: FilterOp): FilterTest {
  const kind = valueKind(field, op);
  const before = valueKind(field, test.op);
  if (kind === 'none') return { field: test.field, op };
  let value: FilterValue | undefined = test.value;
  if (kind === 'options' && before === 'option') value = typeof value === 'string' ? [value] : [];
  else if (kind === 'option' && before === 'options') value = Array.isArray(value) ? (value[0] as string | undefined) : undefined;
  else if (kind !== before) value = undefined;
  if (value === undefined) value = { boolean: true, date: { relative: 'today' }, span: { relative: 'thisWeek' } }[kind as string] as FilterValue | undefined;
  return { field: test.field, op, ...(value === undefined ? {} : { value }) };
}

export function isTest(filter: Filter): filter is FilterTest {
  return 'op' in filter;
}

/** The tree without tests that miss their field or value; undefined when nothing is left. */
export function complete(filter: Filter | null | undefined, field: (id: string) => Field | undefined): Filter | undefined {
  if (!filter) return undefined;
  if ('and' in filter) return branch(filter.and, field, (and) => ({ and }));
  if ('or' in filter) return branch(filter.or, field, (or) => ({ or }));
  if ('formula' in filter) return filter.formula.trim() === '' ? undefined : filter;
  const known = field(filter.field);
  if (!known) return undefined;
  const kind = valueKind(known, filter.op);
  if (kind === 'none') return { field: filter.field, op: filter.op };
  const { value } = filter;
  const blank = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return blank ? undefined : filter;
}

function branch(list: readonly Filter[], field: (id: string) => Field | undefined, make: (list: Filter[]) => Filter): Filter | undefined {
  const kept = list.map((entry) => complete(entry, field)).filter((entry) => entry !== undefined);
  return kept.length === 0 ? undefined : make(kept);
}

/** How many tests a filter has: the number on the toolbar. */
export function countTests(filter: Filter | null | undefined): number {
  if (!filter) return 0;
  const list = 'and' in filter ? filter.and : 'or' in filter ? filter.or : null;
  return list ? list.reduce((n, entry) => n + countTests(entry), 0) : 1;
}

/** Fields that a filter tests, for the marks in the header. */
export function filteredFields(filter: Filter | null | undefined, into = new Set<string>()): Set<string> {
  if (!filter) return into;
  if (isTest(filter)) into.add(filter.field);
  else if ('and' in filter || 'or' in filter) for (const entry of 'and' in filter ? filter.and : filter.or) filteredFields(entry, into);
  return into;
}
