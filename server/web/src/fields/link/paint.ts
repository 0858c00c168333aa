import { paintChips } from '../draw';
import type { Paint } from '../types';
import { isLinkRef } from '../wire';

export const paint: Paint = (p, rect, value) => {
  if (!Array.isArray(value)) return;
  const chips = value.filter(isLinkRef).map((link) => ({ text: link.title || '—', color: 'gray', outline: true }));
  if (chips.length > 0) paintChips(p, rect, chips);
};
