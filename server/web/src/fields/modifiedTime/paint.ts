import { paintText } from '../draw';
import { formatMoment } from '../moment';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => {
  const withTime = field.options.time !== false;
  if (typeof value === 'string') paintText(p, rect, formatMoment(value, field.options, withTime, p.locale), { color: p.theme.fg2 });
};
