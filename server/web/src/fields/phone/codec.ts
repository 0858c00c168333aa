import type { Codec } from '../types';

export const codec: Codec = {
  format: (value) => (value === null ? '' : String(value)),
  parse: (text) => text.trim() || null,
};
