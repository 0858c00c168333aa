import { formatResult } from '../result';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, field, c) => formatResult(value, field, c, 'number'),
  parse: () => undefined,
};
