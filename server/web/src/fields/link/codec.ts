import type { Codec } from '../types';
import { isLinkRef } from '../wire';

export const codec: Codec = {
  format: (value) => (Array.isArray(value) ? value.filter(isLinkRef).map((link) => link.title).join(', ') : ''),
  // Titles are resolved in the linked table, which only the server has.
  parse: (text) => (text.trim() === '' ? null : undefined),
};
