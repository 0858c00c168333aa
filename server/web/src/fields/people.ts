/** People named by a cell: a list of ids, or one id (createdBy). */
import type { CodecContext } from './types';
import type { CellValue, Person, UserId } from './wire';

/** Somebody who left is still shown, in gray. */
const gone: Person = { name: '?', color: 'gray' };

export function peopleIn(value: CellValue, c: CodecContext): readonly Person[] {
  const ids = Array.isArray(value) ? value : [value];
  return ids.flatMap((id) => (typeof id === 'string' ? (c.person(id as UserId) ?? gone) : []));
}
