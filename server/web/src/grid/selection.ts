/**
 * The cursor, the range and the checked rows. A range is two corners: `anchor`, which is the active cell, and `focus`,
 * which Shift and the mouse move. Corners are positions and field ids, so they survive new columns and scrolling.
 */
import type { FieldId, RecordId } from '../fields/wire';
import type { ColumnModel } from './columns';
import type { RowModel } from './rows';
import type { CellRange, Span } from './source';

export interface Corner {
  readonly position: number;
  readonly field: FieldId;
}

/** Corners in order: positions and column indexes, all inclusive. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export class Selection {
  anchor: Corner | null = null;
  focus: Corner | null = null;
  /** Record under the anchor when it was last seen: keeps the cursor on it when the order changes. */
  anchorRecord: RecordId | undefined;
  readonly checks = new Checks();

  constructor(
    private rows: RowModel,
    private columns: ColumnModel,
  ) {}

  use(rows: RowModel, columns: ColumnModel): void {
    this.rows = rows;
    this.columns = columns;
    this.anchor = this.repair(this.anchor);
    this.focus = this.anchor === null ? null : (this.repair(this.focus) ?? this.anchor);
  }

  /** A corner that exists: its field hidden or its record collapsed away means the nearest that is left. */
  private repair(corner: Corner | null): Corner | null {
    if (corner === null || this.rows.nVisible === 0) return null;
    const field = this.columns.of(corner.field) === undefined ? this.columns.get(0)?.field.id : corner.field;
    if (field === undefined) return null;
    const position = this.rows.lineOf(corner.position) === undefined ? this.rows.positionAt(this.rows.rankOf(corner.position)) : corner.position;
    return { position, field };
  }

  clear(): void {
    this.anchor = null;
    this.focus = null;
    this.anchorRecord = undefined;
  }

  set(corner: Corner): void {
    this.anchor = corner;
    this.focus = corner;
    this.anchorRecord = undefined;
  }

  extend(corner: Corner): void {
    if (this.anchor === null) this.set(corner);
    else this.focus = corner;
  }

  /** Moves the active cell, or with `extend` the other corner. Returns the corner that moved. */
  move(dx: number, dy: number, extend: boolean): Corner | null {
    const from = extend ? this.focus : this.anchor;
    if (from === null) return this.first();
    const column = this.columns.of(from.field)?.index ?? 0;
    const field = this.columns.get(clamp(column + dx, 0, this.columns.columns.length - 1))?.field.id ?? from.field;
    const position = dy === 0 ? from.position : this.rows.positionAt(this.rows.rankOf(from.position) + dy);
    const corner = { position, field };
    if (extend) this.extend(corner);
    else this.set(corner);
    return corner;
  }

  /** Tab and Enter walk inside a range of several cells, and leave it as it is. Returns false at the ends of the table. */
  step(dx: number, dy: number): boolean {
    const { anchor } = this;
    if (anchor === null) return this.first() !== null;
    const column = this.columns.of(anchor.field)?.index ?? 0;
    const next = column + dx;
    if (dx !== 0 && (next < 0 || next >= this.columns.columns.length)) {
      // Past the last column: the first of the next record.
      const rank = this.rows.rankOf(anchor.position) + dx;
      if (rank < 0 || rank >= this.rows.nVisible) return false;
      const field = this.columns.get(dx > 0 ? 0 : this.columns.columns.length - 1)?.field.id ?? anchor.field;
      this.set({ position: this.rows.positionAt(rank), field });
      return true;
    }
    this.move(dx, dy, false);
    return true;
  }

  private first(): Corner | null {
    const field = this.columns.get(0)?.field.id;
    if (field === undefined || this.rows.nVisible === 0) return null;
    const corner = { position: this.rows.positionAt(0), field };
    this.set(corner);
    return corner;
  }

  all(): void {
    const left = this.columns.get(0)?.field.id;
    const right = this.columns.get(this.columns.columns.length - 1)?.field.id;
    if (left === undefined || right === undefined || this.rows.nVisible === 0) return;
    this.set({ position: this.rows.positionAt(0), field: left });
    this.focus = { position: this.rows.positionAt(this.rows.nVisible - 1), field: right };
  }

  column(field: FieldId, extend: boolean): void {
    if (this.rows.nVisible === 0) return;
    const top = this.rows.positionAt(0);
    if (!extend || this.anchor === null) this.set({ position: top, field });
    else this.anchor = { position: top, field: this.anchor.field };
    this.focus = { position: this.rows.positionAt(this.rows.nVisible - 1), field };
  }

  /** Whole rows. */
  lines(position: number, extend: boolean): void {
    const left = this.columns.get(0)?.field.id;
    const right = this.columns.get(this.columns.columns.length - 1)?.field.id;
    if (left === undefined || right === undefined) return;
    if (!extend || this.anchor === null) this.set({ position, field: left });
    else this.anchor = { position: this.anchor.position, field: left };
    this.focus = { position, field: right };
  }

  box(): Box | null {
    if (this.anchor === null || this.focus === null) return null;
    const a = this.columns.of(this.anchor.field)?.index ?? 0;
    const b = this.columns.of(this.focus.field)?.index ?? 0;
    return {
      top: Math.min(this.anchor.position, this.focus.position),
      bottom: Math.max(this.anchor.position, this.focus.position),
      left: Math.min(a, b),
      right: Math.max(a, b),
    };
  }

  get single(): boolean {
    return this.anchor !== null && this.anchor.position === this.focus?.position && this.anchor.field === this.focus.field;
  }

  range(): CellRange | null {
    const box = this.box();
    return box === null ? null : this.rangeOf(box);
  }

  rangeOf(box: Box): CellRange {
    return {
      spans: this.rows.spans(box.top, box.bottom),
      fields: this.columns.columns.slice(box.left, box.right + 1).map((column) => column.field.id),
    };
  }
}

/** More checked rows than this are not followed one by one when the order changes. */
const followMax = 5000;

/** Checked rows, as spans of positions; they follow their records, or are dropped: never do they mean other records. */
export class Checks {
  spans: readonly Span[] = [];
  private all = false;
  private lastPosition = -1;
  /** Ids of the checked records; `null` when they are too many or not all known. */
  private ids: readonly RecordId[] | null = [];

  get any(): boolean {
    return this.spans.length > 0;
  }

  get count(): number {
    return this.spans.reduce((n, span) => n + span.to - span.from, 0);
  }

  has(position: number): boolean {
    return this.spans.some((span) => position >= span.from && position < span.to);
  }

  clear(): void {
    this.spans = [];
    this.all = false;
    this.lastPosition = -1;
  }

  setAll(spans: readonly Span[]): void {
    this.spans = spans;
    this.all = true;
  }

  /** One row, or with `extend` all from the last one touched; they all become what the clicked one becomes. */
  toggle(position: number, extend: boolean): void {
    const on = !this.has(position);
    const other = extend && this.lastPosition >= 0 ? this.lastPosition : position;
    const from = Math.min(position, other);
    const to = Math.max(position, other) + 1;
    this.spans = on || extend ? union(this.spans, { from, to }) : without(this.spans, { from, to });
    this.all = false;
    this.lastPosition = position;
  }

  /** Notes which records are meant, while positions still say it. */
  remember(idAt: (position: number) => RecordId | undefined): void {
    this.ids = null;
    if (this.all || this.count > followMax) return;
    const ids: RecordId[] = [];
    for (const span of this.spans) {
      for (let at = span.from; at < span.to; at++) {
        const id = idAt(at);
        if (id === undefined) return;
        ids.push(id);
      }
    }
    this.ids = ids;
  }

  /** The order changed. Returns whether the checks did. */
  follow(rows: RowModel, positionOf: (record: RecordId) => number | undefined): boolean {
    if (!this.any) return false;
    const before = this.spans;
    this.lastPosition = -1;
    if (this.all) this.spans = rows.nVisible === 0 ? [] : rows.spans(rows.positionAt(0), rows.positionAt(rows.nVisible - 1));
    else {
      const positions = (this.ids ?? []).flatMap((id) => positionOf(id) ?? []).sort((a, b) => a - b);
      this.spans = positions.reduce<readonly Span[]>((spans, at) => union(spans, { from: at, to: at + 1 }), []);
    }
    return before.length !== this.spans.length || before.some((span, i) => span.from !== this.spans[i]?.from || span.to !== this.spans[i]?.to);
  }
}

export function union(spans: readonly Span[], added: Span): readonly Span[] {
  const out: Span[] = [];
  let { from, to } = added;
  for (const span of spans) {
    if (span.to < from || span.from > to) out.push(span);
    else {
      from = Math.min(from, span.from);
      to = Math.max(to, span.to);
    }
  }
  out.push({ from, to });
  return out.sort((a, b) => a.from - b.from);
}

export function without(spans: readonly Span[], taken: Span): readonly Span[] {
  return spans.flatMap((span) => {
    if (span.to <= taken.from || span.from >= taken.to) return [span];
    const parts: Span[] = [];
    if (span.from < taken.from) parts.push({ from: span.from, to: taken.from });
    if (span.to > taken.to) parts.push({ from: taken.to, to: span.to });
    return parts;
  });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
