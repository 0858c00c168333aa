import { peopleIn } from '../people';
import type { Codec } from '../types';

export const codec: Codec = {
  format: (value, _field, c) => peopleIn(value, c).map((person) => person.name).join(', '),
  parse: () => undefined,
};
