/** How wide a column wants to be: a double click on its edge. */
import { kindOf } from '../fields/registry';
import type { PaintContext } from '../fields/types';
import { minWidth, type PlacedColumn } from './columns';
import { bodyBottom, headerHeight, valueAt, type Frame } from './frame';

/** The width that shows a column's title and its visible values whole. */
export function fitWidth(p: PaintContext, frame: Frame, column: PlacedColumn): number {
  const kind = kindOf(column.field);
  const chips = column.field.type === 'singleSelect' || column.field.type === 'multiSelect' || column.field.type === 'link';
  p.text.use(p.theme.fonts.chip);
  let width = p.text.width(column.field.name) + 54;
  p.text.use(chips ? p.theme.fonts.chip : p.theme.fonts.body);
  frame.rows.visible(frame.top, frame.top + bodyBottom(frame) - headerHeight, ({ position }) => {
    if (position < 0) return;
    const text = kind.codec.format(valueAt(frame, position, column.field.id), column.field, p).slice(0, 200);
    width = Math.max(width, p.text.width(text) + (chips ? 36 : 24));
  });
  return Math.round(Math.min(Math.max(width, minWidth), 600));
}
