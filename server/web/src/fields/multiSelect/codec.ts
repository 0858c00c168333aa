import { optionNamed, optionOf } from '../options';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field) =>
    Array.isArray(value) ? value.flatMap((id) => (typeof id === 'string' ? (optionOf(field, id)?.name ?? []) : [])).join(', ') : '',
  parse: (text, field) => {
    const names = text.split(/[,，、\n]/).filter((name) => name.trim() !== '');
    const options = names.map((name) => optionNamed(field, name));
    if (options.length === 0) return null;
    return options.every((option) => option !== undefined) ? [...new Set(options.map((option) => option.id))] : undefined;
  },
};
