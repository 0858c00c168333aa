import { figureMiddle, pad, baseline } from '../draw';
import { formatMoment } from '../moment';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => {
  if (typeof value !== 'string') return;
  p.text.use(p.theme.fonts.body);
  p.ctx.fillStyle = p.theme.fg2;
  const text = formatMoment(value, field.options, field.options.time === true, p.locale);
  p.ctx.fillText(p.text.cut(text, rect.w - 2 * pad), rect.x + pad, baseline(figureMiddle(rect)));
};
