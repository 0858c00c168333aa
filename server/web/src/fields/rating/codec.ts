import type { Codec } from '../types';

export const codec: Codec = {
  format: (value) => (typeof value === 'number' ? String(value) : ''),
  parse: (text, field) => {
    const t = text.trim();
    if (t === '' || t === '0') return null;
    const n = /^★+☆*$/.test(t) ? t.lastIndexOf('★') + 1 : Number(t);
    return Number.isInteger(n) && n >= 1 ? Math.min(n, field.options.max ?? 5) : undefined;
  },
};
