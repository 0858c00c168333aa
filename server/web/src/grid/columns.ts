/** Columns on the x axis: a gutter, frozen columns, scrolled columns, and the "+" that makes a field. */
import type { FieldId } from '../fields/wire';
import type { GridColumn } from './source';

export const addWidth = 44;
export const minWidth = 60;
export const maxWidth = 1200;

/** Up to this width the phone's rules hold: one frozen column of 180 px, a narrow gutter. */
export const narrowMax = 640;
const narrowFrozen = 180;

export interface PlacedColumn extends GridColumn {
  readonly index: number;
  /** Left edge: from the host's edge when frozen, from the start of the scrolled content otherwise. */
  readonly left: number;
}

export class ColumnModel {
  readonly columns: readonly PlacedColumn[];
  readonly gutter: number;
  /** Where the scrolled pane begins. */
  readonly frozenRight: number;
  /** Width of gutter, frozen and scrolled columns together, "+" included. */
  readonly width: number;
  readonly nFrozen: number;
  private readonly byField: ReadonlyMap<FieldId, PlacedColumn>;

  constructor(columns: readonly GridColumn[], hostWidth: number, canAdd: boolean) {
    const narrow = hostWidth <= narrowMax;
    this.gutter = narrow ? 40 : 64;
    const placed: PlacedColumn[] = [];
    let frozenRight = this.gutter;
    let nFrozen = 0;
    // Frozen columns may take at most two thirds of the screen, or nothing would be left to scroll.
    const limit = Math.max(hostWidth * 0.66, this.gutter + narrowFrozen);
    for (const [index, column] of columns.entries()) {
      const width = narrow && index === 0 ? narrowFrozen : column.width;
      const frozen = narrow ? index === 0 : column.frozen && index === nFrozen && frozenRight + width <= limit;
      if (!frozen) break;
      placed.push({ ...column, width, frozen: true, index, left: frozenRight });
      frozenRight += width;
      nFrozen += 1;
    }
    let x = 0;
    for (const [index, column] of columns.entries()) {
      if (index < nFrozen) continue;
      placed.push({ ...column, frozen: false, index, left: x });
      x += column.width;
    }
    this.columns = placed;
    this.nFrozen = nFrozen;
    this.frozenRight = frozenRight;
    this.width = frozenRight + x + (canAdd ? addWidth : 0);
    this.byField = new Map(placed.map((column) => [column.field.id, column]));
  }

  get(index: number): PlacedColumn | undefined {
    return this.columns[index];
  }

  of(field: FieldId): PlacedColumn | undefined {
    return this.byField.get(field);
  }

  /** Left edge on the screen. */
  screenX(column: PlacedColumn, scrollX: number): number {
    return column.frozen ? column.left : this.frozenRight + column.left - scrollX;
  }

  /** Where the "+" begins on the screen. */
  endX(scrollX: number): number {
    const last = this.columns[this.columns.length - 1];
    if (last === undefined || last.frozen) return this.frozenRight - scrollX;
    return this.screenX(last, scrollX) + last.width;
  }

  /** The column under an x of the screen. */
  at(x: number, scrollX: number): PlacedColumn | undefined {
    if (x < this.gutter) return undefined;
    if (x < this.frozenRight) return this.columns.slice(0, this.nFrozen).find((c) => x < c.left + c.width);
    const inner = x - this.frozenRight + scrollX;
    const column = this.columns[this.search(inner)];
    return column !== undefined && !column.frozen && inner >= column.left && inner < column.left + column.width ? column : undefined;
  }

  /** Scrolled columns that show between the frozen ones and `hostWidth`. */
  scrolled(scrollX: number, hostWidth: number): readonly PlacedColumn[] {
    const from = this.search(scrollX);
    let to = from;
    const right = scrollX + hostWidth - this.frozenRight;
    while (to < this.columns.length && (this.columns[to]?.left ?? Infinity) < right) to += 1;
    return this.columns.slice(from, to);
  }

  frozen(): readonly PlacedColumn[] {
    return this.columns.slice(0, this.nFrozen);
  }

  /** The scroll position that shows a column whole, or the present one if it already does. */
  reveal(column: PlacedColumn, scrollX: number, hostWidth: number): number {
    if (column.frozen) return scrollX;
    const pane = hostWidth - this.frozenRight;
    if (column.left < scrollX) return column.left;
    if (column.left + column.width > scrollX + pane) return Math.min(column.left, column.left + column.width - pane);
    return scrollX;
  }

  /** Where a dragged column would be put: index of the column it comes before (`columns.length`: the end). */
  dropIndex(x: number, scrollX: number): number {
    for (const column of this.columns) {
      const left = this.screenX(column, scrollX);
      if (x < left + column.width / 2 && (column.frozen || left + column.width > this.frozenRight)) return column.index;
    }
    return this.columns.length;
  }

  private search(inner: number): number {
    let low = this.nFrozen;
    let high = this.columns.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.columns[middle]?.left ?? 0) <= inner) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
