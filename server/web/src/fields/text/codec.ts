import type { Codec } from '../types';

export const codec: Codec = {
  format: (value) => (value === null ? '' : String(value)),
  // One line: a pasted line break becomes a space.
  parse: (text) => {
    const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
    return line === '' ? null : line;
  },
};
