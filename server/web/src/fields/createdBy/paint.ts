import { paintPeople } from '../draw';
import { peopleIn } from '../people';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value) => {
  const people = peopleIn(value, p);
  if (people.length > 0) paintPeople(p, rect, people);
};
