import type { Codec } from '../types';
import { isCellError } from '../wire';

export const codec: Codec = {
  format: (value) => (isCellError(value) ? value.error : value === null ? '' : String(value)),
  parse: () => undefined,
};
