/** What one picture of the grid is made from. `grid.ts` fills it, painters and hit tests read it. */
import type { PaintContext } from '../fields/types';
import type { CellValue, FieldId, RecordId } from '../fields/wire';
import type { ColumnModel, PlacedColumn } from './columns';
import type { Place } from './ordering';
import type { Line, RowModel } from './rows';
import type { Box, Selection } from './selection';
import type { GridOptions, GridSource, Span } from './source';

export const headerHeight = 36;
export const footerHeight = 32;

export interface Hover {
  /** Record under the pointer; -1: none. */
  position: number;
  field: FieldId | null;
  /** Column whose header is under the pointer. */
  header: FieldId | null;
  part: 'check' | 'expand' | 'add' | 'grip' | 'resize' | 'new' | 'group' | 'headerCheck' | null;
  /** Row of a "new record" line or group header under the pointer; -1: none. */
  row: number;
}

export interface Frame {
  width: number;
  height: number;
  scrollX: number;
  /** Distance of the body's top from the top of the content, whole pixels. */
  top: number;
  rows: RowModel;
  columns: ColumnModel;
  source: GridSource;
  options: GridOptions;
  selection: Selection;
  hover: Hover;
  /** Whether the grid has the focus: a cursor elsewhere is only outlined in gray. */
  focused: boolean;
  /** Range that the fill handle would fill. */
  fillBox: Box | null;
  /** A column being dragged: where it is held and where it would go. */
  dragged: { readonly field: FieldId; readonly x: number; readonly index: number } | null;
  /** Rows in the hand, and where they would go. */
  placing: { readonly spans: readonly Span[]; readonly place: Place | undefined } | null;
  /** Cells that flash because an edit was refused, and until when. */
  flashes: ReadonlyMap<string, number>;
  narrow: boolean;
  now: number;
}

export const flashKey = (record: RecordId, field: FieldId): string => `${record}\n${field}`;

/** y on the screen of a line. */
export function screenY(frame: Frame, line: Line): number {
  return headerHeight + line.y - frame.top;
}

export function bodyBottom(frame: Frame): number {
  return frame.height - footerHeight;
}

/** The rectangle of a cell on the screen, parts outside included; `undefined` in a collapsed group. */
export function cellRect(frame: Frame, position: number, column: PlacedColumn): { x: number; y: number; w: number; h: number } | undefined {
  const line = frame.rows.lineOf(position);
  if (line === undefined) return undefined;
  return { x: frame.columns.screenX(column, frame.scrollX), y: screenY(frame, line), w: column.width, h: line.h };
}

/** Height of the sticky group headers above the body. */
export function stickyHeight(frame: Frame): number {
  return frame.rows.sticky(frame.top).reduce((n, header) => Math.max(n, header.y + header.h), 0);
}

/** Visible positions, and those of half a screen more in the direction of movement; `to` is -1 without any. */
export function positionsAhead(frame: Frame, down: boolean): { readonly from: number; readonly to: number } {
  const height = bodyBottom(frame) - headerHeight;
  let from = Infinity;
  let to = -1;
  frame.rows.visible(frame.top - (down ? 0 : height / 2), frame.top + height + (down ? height / 2 : 0), ({ position }) => {
    if (position < 0) return;
    from = Math.min(from, position);
    to = Math.max(to, position + 1);
  });
  return { from, to };
}

export function valueAt(frame: Frame, position: number, field: FieldId): CellValue {
  return frame.source.row(position)?.cells[field] ?? null;
}

/** The context handed to field painters, with what changes from cell to cell. */
export type MutableContext = { -readonly [K in keyof PaintContext]: PaintContext[K] };
