import { formatMoment } from '../moment';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field, c) => (typeof value === 'string' ? formatMoment(value, field.options, field.options.time !== false, c.locale) : ''),
  parse: () => undefined,
};
