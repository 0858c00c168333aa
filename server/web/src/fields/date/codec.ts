import { formatMoment, parseDay } from '../moment';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field, c) => (typeof value === 'string' ? formatMoment(value, field.options, field.options.time === true, c.locale) : ''),
  // With a time the zone matters, and the server knows it best.
  parse: (text, field) => (text.trim() === '' ? null : field.options.time === true ? undefined : parseDay(text)),
};
