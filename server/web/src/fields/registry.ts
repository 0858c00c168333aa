/** Field types by name. Apart from `index.ts`, which fills it, so that computed types can use the types of their results. */
import type { FieldKind } from './types';
import type { Field, FieldType } from './wire';

const kinds = new Map<FieldType, FieldKind>();

export function register(kind: FieldKind): void {
  kinds.set(kind.type, kind);
}

/** The kind of a field; a type this client does not know yet is shown as text, and not edited. */
export function kindOf(field: Pick<Field, 'type'>): FieldKind {
  const kind = kinds.get(field.type);
  if (kind !== undefined) return kind;
  const text = kinds.get('text');
  if (text === undefined) throw new Error('import fields/index before asking for kinds');
  return { ...text, editing: 'none' };
}

export function allKinds(): readonly FieldKind[] {
  return [...kinds.values()];
}
