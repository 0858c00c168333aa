import { paintChips } from '../draw';
import { optionOf } from '../options';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => {
  if (!Array.isArray(value) || value.length === 0) return;
  const chips = value.flatMap((id) => (typeof id === 'string' ? (optionOf(field, id) ?? []) : []));
  paintChips(p, rect, chips.map((option) => ({ text: option.name, color: option.color })));
};
