import { peopleIn } from '../people';
import type { Codec } from '../types';
import type { UserId } from '../wire';

export const codec: Codec = {
  format: (value, _field, c) => peopleIn(value, c).map((person) => person.name).join(', '),
  parse: (text, _field, c) => {
    const names = text.split(/[,，、\n]/).map((name) => name.trim()).filter((name) => name !== '');
    if (names.length === 0) return null;
    const ids: UserId[] = [];
    for (const name of names) {
      const same = [...c.people()].filter(([, person]) => person.name === name);
      // Nobody or two of that name: the server decides, or refuses with a reason.
      if (same.length !== 1 || same[0] === undefined) return undefined;
      ids.push(same[0][0]);
    }
    return [...new Set(ids)];
  },
};
