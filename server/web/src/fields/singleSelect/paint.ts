import { optionOf } from '../options';
import { paintChips } from '../draw';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => {
  const option = typeof value === 'string' ? optionOf(field, value) : undefined;
  if (option !== undefined) paintChips(p, rect, [{ text: option.name, color: option.color }]);
};
