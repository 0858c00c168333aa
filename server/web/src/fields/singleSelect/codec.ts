import { optionNamed, optionOf } from '../options';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field) => (typeof value === 'string' ? (optionOf(field, value)?.name ?? '') : ''),
  // A name that is no option yet goes to the server, which makes one.
  parse: (text, field) => (text.trim() === '' ? null : optionNamed(field, text)?.id),
};
