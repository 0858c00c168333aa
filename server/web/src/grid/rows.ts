/**
 * Lines of the grid: group headers, records, "new record" lines. A million records are a few hundred segments with prefix
 * sums; every question is a binary search over them, never a walk over records.
 */
import type { GroupSegment, RowSegment, Span } from './source';

export const groupHeights = [40, 36] as const;
export const newHeight = 34;

export interface Line {
  /** Index among all lines. */
  readonly row: number;
  /** Distance from the top of the content. */
  readonly y: number;
  readonly h: number;
  readonly segment: RowSegment;
  /** Position of the record; -1 for other lines. */
  readonly position: number;
  /** Number shown in the gutter: counts from 1 in each group. */
  readonly number: number;
}

export class RowModel {
  readonly nRows: number;
  readonly height: number;
  /** Records that can be reached: those outside collapsed groups. */
  readonly nVisible: number;
  /** Room that sticky headers may take at the top. */
  readonly stickyMax: number;
  /** Where each segment starts: as row, in pixels, as rank (visible records before it). One more entry closes the last. */
  private readonly rows: number[] = [0];
  private readonly tops: number[] = [0];
  private readonly ranks: number[] = [0];
  /** Segments of records, by position. */
  private readonly runs: number[] = [];
  /** Position − number of the first record of the group, by segment. */
  private readonly numbers: number[] = [];

  constructor(
    readonly segments: readonly RowSegment[],
    readonly rowHeight: number,
  ) {
    let numbered = 0;
    segments.forEach((segment, i) => {
      const n = segment.kind === 'records' ? segment.count : 1;
      if (segment.kind === 'group') numbered = 0;
      this.numbers.push(numbered);
      if (segment.kind === 'records') {
        numbered += n;
        this.runs.push(i);
      }
      this.rows.push((this.rows[i] ?? 0) + n);
      this.tops.push((this.tops[i] ?? 0) + n * this.heightOf(segment));
      this.ranks.push((this.ranks[i] ?? 0) + (segment.kind === 'records' ? n : 0));
    });
    const levels = segments.reduce((n, segment) => (segment.kind === 'group' ? Math.max(n, segment.level + 1) : n), 0);
    this.stickyMax = levels === 0 ? 0 : groupHeights[0] + (levels - 1) * groupHeights[1];
    this.nRows = this.rows[segments.length] ?? 0;
    this.height = this.tops[segments.length] ?? 0;
    this.nVisible = this.ranks[segments.length] ?? 0;
  }

  heightOf(segment: RowSegment): number {
    if (segment.kind === 'records') return this.rowHeight;
    if (segment.kind === 'new') return newHeight;
    return segment.level === 0 ? groupHeights[0] : groupHeights[1];
  }

  /** The line at a distance from the top; the first or last beyond the ends; `undefined` only without lines. */
  lineAt(y: number): Line | undefined {
    if (this.nRows === 0) return undefined;
    const i = last(this.tops, this.segments.length, y);
    const segment = this.segments[i];
    if (segment === undefined) return undefined;
    const h = this.heightOf(segment);
    const n = segment.kind === 'records' ? segment.count : 1;
    const within = Math.min(Math.max(Math.floor((y - (this.tops[i] ?? 0)) / h), 0), n - 1);
    return this.make(i, within);
  }

  line(row: number): Line | undefined {
    if (row < 0 || row >= this.nRows) return undefined;
    const i = last(this.rows, this.segments.length, row);
    return this.make(i, row - (this.rows[i] ?? 0));
  }

  private make(i: number, within: number): Line | undefined {
    const segment = this.segments[i];
    if (segment === undefined) return undefined;
    const h = this.heightOf(segment);
    const record = segment.kind === 'records';
    return {
      row: (this.rows[i] ?? 0) + within,
      y: (this.tops[i] ?? 0) + within * h,
      h,
      segment,
      position: record ? segment.start + within : -1,
      number: record ? (this.numbers[i] ?? 0) + within + 1 : 0,
    };
  }

  /** Calls `visit` for every line that shows in `top .. bottom`. */
  visible(top: number, bottom: number, visit: (line: Line) => void): void {
    let line = this.lineAt(top);
    while (line !== undefined && line.y < bottom) {
      visit(line);
      line = this.line(line.row + 1);
    }
  }

  /** The line of a record; `undefined` inside a collapsed group. */
  lineOf(position: number): Line | undefined {
    const i = this.runOf(position);
    const segment = i === undefined ? undefined : this.segments[i];
    if (i === undefined || segment?.kind !== 'records' || position >= segment.start + segment.count) return undefined;
    return this.make(i, position - segment.start);
  }

  /** The last run that starts at or before `position`. */
  private runOf(position: number): number | undefined {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= position) low = middle;
      else high = middle - 1;
    }
    return high < 0 || this.startOf(low) > position ? undefined : this.runs[low];
  }

  private startOf(run: number): number {
    const segment = this.segments[this.runs[run] ?? -1];
    return segment?.kind === 'records' ? segment.start : Infinity;
  }

  /** How many visible records come before this one; for a hidden one, before the place where it would be. */
  rankOf(position: number): number {
    const i = this.runOf(position);
    const segment = i === undefined ? undefined : this.segments[i];
    if (i === undefined || segment?.kind !== 'records') return 0;
    return (this.ranks[i] ?? 0) + Math.min(position - segment.start, segment.count);
  }

  /** The position of the visible record of this rank, clamped to the ends; -1 without records. */
  positionAt(rank: number): number {
    if (this.nVisible === 0) return -1;
    const r = Math.min(Math.max(rank, 0), this.nVisible - 1);
    const i = last(this.ranks, this.segments.length, r);
    // Segments without records share their rank with the next run: `last` gives the run itself.
    const segment = this.segments[i];
    return segment?.kind === 'records' ? segment.start + (r - (this.ranks[i] ?? 0)) : -1;
  }

  /** Key of the innermost group around a visible record. */
  groupOf(position: number): string | null {
    const at = this.runOf(position);
    for (let i = at ?? -1; i >= 0; i--) {
      const segment = this.segments[i];
      if (segment?.kind === 'group') return segment.key;
    }
    return null;
  }

  /** The visible records from one position to another, as few spans as there are. */
  spans(a: number, b: number): Span[] {
    const from = Math.min(a, b);
    const to = Math.max(a, b) + 1;
    const out: Span[] = [];
    for (const i of this.runs) {
      const run = this.segments[i];
      if (run?.kind !== 'records') continue;
      if (run.start >= to) break;
      const start = Math.max(from, run.start);
      const end = Math.min(to, run.start + run.count);
      if (start >= end) continue;
      const before = out[out.length - 1];
      if (before !== undefined && before.to === start) out[out.length - 1] = { from: before.from, to: end };
      else out.push({ from: start, to: end });
    }
    return out;
  }

  /**
   * The group headers that stick at the top when `top` is scrolled away, outer before inner. `y` is relative to `top`;
   * a header is pushed out by the end of its group.
   */
  sticky(top: number): { readonly segment: GroupSegment; readonly y: number; readonly h: number }[] {
    const out: { segment: GroupSegment; y: number; h: number }[] = [];
    let offset = 0;
    for (let level = 0; ; level++) {
      const i = last(this.tops, this.segments.length, top + offset);
      let g = i;
      while (g >= 0 && !isGroup(this.segments[g], level)) {
        if (isAbove(this.segments[g], level)) return out;
        g -= 1;
      }
      const segment = this.segments[g];
      if (segment?.kind !== 'group') return out;
      const h = this.heightOf(segment);
      // Still in its own place: nothing sticks, but inner levels cannot either.
      if ((this.tops[g] ?? 0) >= top + offset) return out;
      let end = g + 1;
      while (end < this.segments.length && !isAbove(this.segments[end], level + 1)) end += 1;
      const y = Math.min(offset, (this.tops[end] ?? 0) - top - h);
      out.push({ segment, y, h });
      offset += h;
    }
  }
}

function isGroup(segment: RowSegment | undefined, level: number): boolean {
  return segment?.kind === 'group' && segment.level === level;
}

/** A header of an outer group than `level`: it ends every group of that level. */
function isAbove(segment: RowSegment | undefined, level: number): boolean {
  return segment?.kind === 'group' && segment.level < level;
}

/** The last of the first `n` entries that is ≤ `value`; 0 if none is. `sums` ascends. */
function last(sums: readonly number[], n: number, value: number): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sums[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
