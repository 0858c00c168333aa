/** What lies under a point of the grid. */
import { chevronX, groupIndent } from './lines';
import { addWidth, type PlacedColumn } from './columns';
import { bodyBottom, headerHeight, type Frame } from './frame';
import { gripWidth } from './ordering';
import { handleRect } from './presence';
import type { Line } from './rows';
import type { GroupSegment } from './source';

export type Hit =
  | { readonly kind: 'cell'; readonly line: Line; readonly column: PlacedColumn }
  | { readonly kind: 'gutter'; readonly line: Line; readonly part: 'grip' | 'check' | 'expand' | 'number' }
  | { readonly kind: 'title'; readonly column: PlacedColumn; readonly part: 'body' | 'resize' | 'menu' }
  | { readonly kind: 'headerCheck' }
  | { readonly kind: 'add' }
  | { readonly kind: 'group'; readonly segment: GroupSegment; readonly row: number; readonly chevron: boolean }
  | { readonly kind: 'new'; readonly line: Line }
  | { readonly kind: 'handle' }
  | { readonly kind: 'footer' }
  | { readonly kind: 'none' };

/** How near to the edge of a title the resize cursor shows. */
const resizeReach = 5;

export function hit(frame: Frame, x: number, y: number): Hit {
  if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) return { kind: 'none' };
  if (y < headerHeight) return header(frame, x);
  if (y >= bodyBottom(frame)) return { kind: 'footer' };
  for (const { segment, y: top, h } of frame.rows.sticky(frame.top)) {
    if (y - headerHeight >= top && y - headerHeight < top + h) return group(segment, -1, x);
  }
  const handle = handleRect(frame);
  if (handle !== undefined && within(handle, x, y, 3)) return { kind: 'handle' };
  const line = frame.rows.lineAt(y - headerHeight + frame.top);
  if (line === undefined || y - headerHeight + frame.top >= line.y + line.h) return { kind: 'none' };
  if (line.segment.kind === 'group') return group(line.segment, line.row, x);
  if (line.segment.kind === 'new') return x < frame.columns.endX(frame.scrollX) || x < frame.columns.frozenRight ? { kind: 'new', line } : { kind: 'none' };
  if (x < frame.columns.gutter) return { kind: 'gutter', line, part: gutterPart(frame, x) };
  const column = frame.columns.at(x, frame.scrollX);
  return column === undefined ? { kind: 'none' } : { kind: 'cell', line, column };
}

function gutterPart(frame: Frame, x: number): 'grip' | 'check' | 'expand' | 'number' {
  if (frame.narrow) return 'number';
  if (x < gripWidth && frame.options.canOrder) return 'grip';
  return x < 34 ? 'check' : 'expand';
}

function group(segment: GroupSegment, row: number, x: number): Hit {
  return { kind: 'group', segment, row, chevron: x < chevronX + segment.level * groupIndent + 22 };
}

function header(frame: Frame, x: number): Hit {
  const { columns } = frame;
  if (x < columns.gutter) return { kind: 'headerCheck' };
  const column = columns.at(x, frame.scrollX);
  const before = x - resizeReach > columns.gutter ? columns.at(x - resizeReach, frame.scrollX) : undefined;
  // The edge belongs to the column on its left.
  if (before !== undefined && before !== column && (before.frozen || x >= columns.frozenRight)) return { kind: 'title', column: before, part: 'resize' };
  if (column !== undefined) {
    const right = columns.screenX(column, frame.scrollX) + column.width;
    if (right - x <= resizeReach) return { kind: 'title', column, part: 'resize' };
    return { kind: 'title', column, part: right - x <= 28 && !frame.narrow ? 'menu' : 'body' };
  }
  const end = columns.endX(frame.scrollX);
  return frame.options.canAddField && x >= end && x < end + addWidth ? { kind: 'add' } : { kind: 'none' };
}

function within(rect: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }, x: number, y: number, reach: number): boolean {
  return x >= rect.x - reach && x < rect.x + rect.w + reach && y >= rect.y - reach && y < rect.y + rect.h + reach;
}
