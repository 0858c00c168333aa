import type { Codec } from '../types';

const yes = new Set(['true', 'yes', '1', '是', '✓', '✔', 'x', 'checked', 'on']);
const no = new Set(['false', 'no', '0', '否', '✗', '', 'off', 'unchecked']);

export const codec: Codec = {
  format: (value, _field, c) => (value === true ? c.locale.yes : c.locale.no),
  parse: (text, _field, c) => {
    const t = text.trim().toLowerCase();
    if (yes.has(t) || t === c.locale.yes.toLowerCase()) return true;
    if (no.has(t) || t === c.locale.no.toLowerCase()) return false;
    return undefined;
  },
};
