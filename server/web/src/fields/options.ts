/** Options of a select field by id and by name, looked up once per field object (the store replaces it when it changes). */
import type { Field, SelectOption } from './wire';

const byId = new WeakMap<Field, ReadonlyMap<string, SelectOption>>();

export function optionsOf(field: Field): readonly SelectOption[] {
  return field.options.options ?? [];
}

export function optionOf(field: Field, id: string): SelectOption | undefined {
  let map = byId.get(field);
  if (map === undefined) {
    map = new Map(optionsOf(field).map((option) => [option.id, option]));
    byId.set(field, map);
  }
  return map.get(id);
}

export function optionNamed(field: Field, name: string): SelectOption | undefined {
  const wanted = name.trim().toLowerCase();
  return optionsOf(field).find((option) => option.name.toLowerCase() === wanted);
}
