/** The header row, the footer, and what is shown while a column is dragged. */
import { baseline, pad, paintIcon, paintTick } from '../fields/draw';
import { icons } from '../fields/icons';
import { kindOf } from '../fields/registry';
import type { PaintContext } from '../fields/types';
import { addWidth, type PlacedColumn } from './columns';
import { bodyBottom, footerHeight, headerHeight, type Frame } from './frame';
import { summary, tickX } from './lines';

export function paintHeader(p: PaintContext, frame: Frame): void {
  const { ctx } = p;
  const { columns } = frame;
  ctx.fillStyle = p.theme.canvas;
  ctx.fillRect(0, 0, frame.width, headerHeight);
  clipped(p, columns.frozenRight, 0, frame.width - columns.frozenRight, headerHeight, () => {
    for (const column of columns.scrolled(frame.scrollX, frame.width)) paintTitle(p, frame, column);
    paintAdd(p, frame);
  });
  clipped(p, 0, 0, columns.frozenRight, headerHeight, () => {
    ctx.fillStyle = p.theme.canvas;
    ctx.fillRect(0, 0, columns.frozenRight, headerHeight);
    for (const column of columns.frozen()) paintTitle(p, frame, column);
    if (!frame.narrow) paintTick(p, tickX, headerHeight / 2 - 8, allChecked(frame));
  });
  ctx.fillStyle = p.theme.lineStrong;
  ctx.fillRect(columns.frozenRight - 1, 0, 1, headerHeight);
  ctx.fillRect(0, headerHeight - 1, frame.width, 1);
  paintDragged(p, frame);
}

function allChecked(frame: Frame): boolean {
  return frame.rows.nVisible > 0 && frame.selection.checks.count >= frame.rows.nVisible;
}

function paintTitle(p: PaintContext, frame: Frame, column: PlacedColumn): void {
  const { ctx } = p;
  const x = frame.columns.screenX(column, frame.scrollX);
  const box = frame.selection.box();
  const hover = frame.hover.header === column.field.id && frame.dragged === null;
  const current = box !== null && column.index >= box.left && column.index <= box.right;
  if (hover || current) {
    ctx.fillStyle = p.theme.hover;
    ctx.fillRect(x, 0, column.width - 1, headerHeight - 1);
  }
  paintIcon(p, kindOf(column.field).icon, x + pad, headerHeight / 2 - 7, 14, p.theme.fg3);
  let right = x + column.width - 8;
  if (hover && !frame.narrow) {
    right -= 14;
    paintIcon(p, icons.chevronDown, right, headerHeight / 2 - 7, 14, p.theme.fg3);
    right -= 4;
  } else {
    if (column.sorted !== undefined) {
      right -= 12;
      paintIcon(p, column.sorted === 'asc' ? icons.arrowUp : icons.arrowDown, right, headerHeight / 2 - 6, 12, p.theme.accent);
      right -= 4;
    }
    if (column.filtered === true) {
      right -= 12;
      paintIcon(p, icons.filter, right, headerHeight / 2 - 6, 12, p.theme.accent);
      right -= 4;
    }
  }
  p.text.use(p.theme.fonts.chip);
  ctx.fillStyle = p.theme.fg2;
  const from = x + pad + 20;
  ctx.fillText(p.text.cut(column.field.name, right - from), from, baseline(headerHeight / 2, 12));
  ctx.fillStyle = frame.hover.part === 'resize' && hover ? p.theme.accent : p.theme.line;
  if (frame.hover.part === 'resize' && hover) ctx.fillRect(x + column.width - 2, 0, 2, headerHeight - 1);
  else ctx.fillRect(x + column.width - 1, 0, 1, headerHeight - 1);
}

function paintAdd(p: PaintContext, frame: Frame): void {
  if (!frame.options.canAddField) return;
  const x = frame.columns.endX(frame.scrollX);
  if (frame.hover.part === 'add') {
    p.ctx.fillStyle = p.theme.hover;
    p.ctx.fillRect(x, 0, addWidth, headerHeight - 1);
  }
  paintIcon(p, icons.plus, x + addWidth / 2 - 8, headerHeight / 2 - 8, 16, p.theme.fg3, 1.75);
}

/** A line where the column would go, and its title in the hand. */
function paintDragged(p: PaintContext, frame: Frame): void {
  const { dragged, columns } = frame;
  const column = dragged === null ? undefined : columns.of(dragged.field);
  if (dragged === null || column === undefined) return;
  const { ctx } = p;
  const target = columns.get(dragged.index);
  const x = target === undefined ? columns.endX(frame.scrollX) : columns.screenX(target, frame.scrollX);
  ctx.fillStyle = p.theme.accent;
  ctx.fillRect(Math.max(x - 1, 0) - 1, 0, 3, bodyBottom(frame));
  ctx.globalAlpha = 0.9;
  ctx.fillStyle = p.theme.raised;
  ctx.strokeStyle = p.theme.lineStrong;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.roundRect(dragged.x + 8.5, 4.5, Math.min(column.width, 200), headerHeight - 9, 7);
  ctx.fill();
  ctx.stroke();
  ctx.globalAlpha = 1;
  p.text.use(p.theme.fonts.chip);
  ctx.fillStyle = p.theme.fg;
  ctx.fillText(p.text.cut(column.field.name, Math.min(column.width, 200) - 20), dragged.x + 18, baseline(headerHeight / 2, 12));
}

export function paintFooter(p: PaintContext, frame: Frame): void {
  const { ctx } = p;
  const y = bodyBottom(frame);
  ctx.fillStyle = p.theme.canvas;
  ctx.fillRect(0, y, frame.width, footerHeight);
  ctx.fillStyle = p.theme.line;
  ctx.fillRect(0, y, frame.width, 1);
  const middle = y + footerHeight / 2;
  const summaries = frame.source.summaries();
  const { columns } = frame;
  const paint = (column: PlacedColumn): void => {
    const text = summaries[column.field.id];
    if (text === undefined || text === '') return;
    p.text.use(p.theme.fonts.chip);
    ctx.fillStyle = p.theme.fg2;
    summary(p, text, columns.screenX(column, frame.scrollX), column.width, middle);
  };
  clipped(p, columns.frozenRight, y, frame.width - columns.frozenRight, footerHeight, () => columns.scrolled(frame.scrollX, frame.width).forEach(paint));
  clipped(p, 0, y, columns.frozenRight, footerHeight, () => {
    columns.frozen().slice(1).forEach(paint);
    const room = (columns.get(0)?.width ?? 200) + columns.gutter - 20;
    p.text.use(p.theme.fonts.chip);
    ctx.fillStyle = p.theme.fg2;
    ctx.fillText(p.text.cut(frame.options.words.records(frame.source.nRecords), room), 16, baseline(middle, 12));
  });
}

function clipped(p: PaintContext, x: number, y: number, w: number, h: number, paint: () => void): void {
  const { ctx } = p;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  p.text.forgetFont();
  paint();
  ctx.restore();
  p.text.forgetFont();
}
