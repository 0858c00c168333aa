import { figureMiddle, pad, paintFigure } from '../draw';
import { formatNumber } from '../figures';
import type { Paint, PaintContext, Rect } from '../types';
import { isCellError } from '../wire';

export const paint: Paint = (p, rect, value, field) => {
  if (isCellError(value)) return paintFigure(p, rect, value.error, p.theme.danger);
  if (typeof value !== 'number') return;
  paintFigure(p, rect, formatNumber(value, field.options, p.locale));
  if (field.options.format === 'progress') paintBar(p, rect, value);
};

/** The bar stands left of the figure, which always has room for "100%". */
function paintBar(p: PaintContext, rect: Rect, value: number): void {
  const { ctx } = p;
  const w = rect.w - 2 * pad - 42;
  if (w < 16) return;
  const x = rect.x + pad;
  const y = Math.round(figureMiddle(rect)) - 3;
  ctx.fillStyle = p.theme.line;
  ctx.beginPath();
  ctx.roundRect(x, y, w, 6, 3);
  ctx.fill();
  const share = Math.min(Math.max(value, 0), 1);
  if (share === 0) return;
  ctx.fillStyle = p.theme.accent;
  ctx.beginPath();
  ctx.roundRect(x, y, Math.max(6, w * share), 6, 3);
  ctx.fill();
}
