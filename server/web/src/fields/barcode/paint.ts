import { paintText } from '../draw';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value) => {
  if (typeof value === 'string') paintText(p, rect, value);
};
