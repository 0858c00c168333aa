import { formatDuration, parseDuration } from '../figures';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field) => (typeof value === 'number' ? formatDuration(value, field.options) : ''),
  parse: (text, field) => parseDuration(text, field.options),
};
