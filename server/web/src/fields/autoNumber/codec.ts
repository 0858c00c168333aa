import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field) => {
    if (typeof value === 'string') return value;
    if (typeof value !== 'number') return '';
    return (field.options.prefix ?? '') + String(value).padStart(field.options.digits ?? 0, '0');
  },
  parse: () => undefined,
};
