import { paintFigure } from '../draw';
import { formatNumber } from '../figures';
import type { Paint } from '../types';
import { isCellError } from '../wire';

export const paint: Paint = (p, rect, value) => {
  if (isCellError(value)) paintFigure(p, rect, value.error, p.theme.danger);
  else if (typeof value === 'number') paintFigure(p, rect, formatNumber(value, { format: 'thousands' }, p.locale));
};
