import { formatNumber, parseNumber, plainNumber } from '../figures';
import type { Codec } from '../types';
import { isCellError } from '../wire';

export const codec: Codec = {
  format: (value, field, c) => {
    if (isCellError(value)) return value.error;
    return typeof value === 'number' ? formatNumber(value, field.options, c.locale) : '';
  },
  edit: (value, field) => (typeof value === 'number' ? plainNumber(value, field.options) : ''),
  parse: (text, field) => parseNumber(text, field.options),
};
