import { paintFigure } from '../draw';
import { formatDuration } from '../figures';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => {
  if (typeof value === 'number') paintFigure(p, rect, formatDuration(value, field.options));
};
