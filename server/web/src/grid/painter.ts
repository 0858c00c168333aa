/**
 * One picture: all visible cells, from back to front. Column by column, so that each column needs one clip; the frozen
 * pane comes after the scrolled one and never outside its own width.
 */
import { kindOf } from '../fields/registry';
import type { Locale, PaintContext, Rect } from '../fields/types';
import { paintFooter, paintHeader } from './edges';
import { bodyBottom, flashKey, headerHeight, screenY, type Frame, type MutableContext } from './frame';
import { paintGroup, paintGutter, paintLoading, paintNew } from './lines';
import type { PlacedColumn } from './columns';
import { paintPlacing } from './ordering';
import { paintRings } from './presence';
import type { Line } from './rows';
import type { GridSource } from './source';
import { TextCache } from './text';
import { colorsOf, type Theme } from './theme';

export class Painter {
  readonly p: MutableContext;
  private readonly ctx: CanvasRenderingContext2D;

  constructor(ctx: CanvasRenderingContext2D, theme: Theme, locale: Locale, source: GridSource) {
    this.ctx = ctx;
    this.p = {
      ctx,
      theme,
      text: new TextCache(ctx),
      locale,
      lineHeight: 19,
      hover: false,
      person: (id) => source.person(id),
      people: () => source.people(),
    };
  }

  /** Another theme, density, zoom or font: everything measured is wrong now. */
  reset(theme: Theme, locale: Locale): void {
    this.p.theme = theme;
    this.p.locale = locale;
    this.p.text.clear();
  }

  paint(frame: Frame, dpr: number): void {
    const { ctx, p } = this;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.textBaseline = 'alphabetic';
    p.text.forgetFont();
    ctx.fillStyle = p.theme.bg;
    ctx.fillRect(0, 0, frame.width, frame.height);

    const lines: Line[] = [];
    frame.rows.visible(frame.top, frame.top + bodyBottom(frame) - headerHeight, (line) => lines.push(line));

    const { columns } = frame;
    const right = frame.width;
    this.pane(frame, lines, columns.scrolled(frame.scrollX, right), columns.frozenRight, right);
    this.pane(frame, lines, columns.frozen(), 0, columns.frozenRight);
    this.frozenEdge(frame, headerHeight, bodyBottom(frame));
    this.sticky(frame);
    paintRings(p, frame);
    paintPlacing(p, frame);
    paintHeader(p, frame);
    paintFooter(p, frame);
  }

  /** Everything between `left` and `right` in the body. */
  private pane(frame: Frame, lines: readonly Line[], columns: readonly PlacedColumn[], left: number, right: number): void {
    const { ctx, p } = this;
    const frozen = left === 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, headerHeight, right - left, bodyBottom(frame) - headerHeight);
    ctx.clip();
    ctx.fillStyle = p.theme.bg;
    ctx.fillRect(left, headerHeight, right - left, bodyBottom(frame) - headerHeight);

    const end = frozen ? right : Math.min(right, frame.columns.endX(frame.scrollX));
    this.grounds(frame, lines, left, end);
    this.selectionFill(frame, lines, columns);
    for (const column of columns) this.column(frame, lines, column, left, right);
    p.text.forgetFont();

    for (const line of lines) {
      const y = screenY(frame, line);
      if (line.segment.kind === 'group') paintGroup(p, frame, line.segment, y, line.h, left, right);
      else {
        if (line.segment.kind === 'new') paintNew(p, frame, line, y, left, end);
        else if (frozen) paintGutter(p, frame, line, y);
        ctx.fillStyle = p.theme.line;
        ctx.fillRect(left, y + line.h - 1, end - left, 1);
      }
    }
    ctx.restore();
    p.text.forgetFont();
  }

  /** Hovered and checked rows, refused cells. */
  private grounds(frame: Frame, lines: readonly Line[], left: number, right: number): void {
    const { ctx, p } = this;
    for (const line of lines) {
      if (line.position < 0) continue;
      const checked = frame.selection.checks.has(line.position);
      if (!checked && frame.hover.position !== line.position) continue;
      ctx.fillStyle = checked ? p.theme.select : p.theme.canvas;
      ctx.fillRect(left, screenY(frame, line), right - left, line.h);
    }
  }

  /** The soft fill of a range, under the content so that chips keep their colours; the active cell stays clear. */
  private selectionFill(frame: Frame, lines: readonly Line[], columns: readonly PlacedColumn[]): void {
    const box = frame.selection.box();
    if (box === null || frame.selection.single) return;
    const { ctx, p } = this;
    const { anchor } = frame.selection;
    ctx.fillStyle = p.theme.select;
    for (const column of columns) {
      if (column.index < box.left || column.index > box.right) continue;
      const x = frame.columns.screenX(column, frame.scrollX);
      for (const line of lines) {
        if (line.position < box.top || line.position > box.bottom) continue;
        if (line.position === anchor?.position && column.field.id === anchor.field) continue;
        ctx.fillRect(x, screenY(frame, line), column.width, line.h);
      }
    }
  }

  private column(frame: Frame, lines: readonly Line[], column: PlacedColumn, left: number, right: number): void {
    const { ctx, p } = this;
    const x = frame.columns.screenX(column, frame.scrollX);
    const from = Math.max(x, left);
    const to = Math.min(x + column.width, right);
    if (to <= from) return;
    const { paint } = kindOf(column.field);
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, headerHeight, to - from, bodyBottom(frame) - headerHeight);
    ctx.clip();
    p.text.forgetFont();
    for (const line of lines) {
      if (line.position < 0) continue;
      const y = screenY(frame, line);
      const rect: Rect = { x, y, w: column.width - 1, h: line.h - 1 };
      const record = frame.source.row(line.position);
      if (record === undefined) paintLoading(p, rect, line.position, column.index);
      else {
        this.flash(frame, record.id, column, rect);
        if (column.index === 0 && record.color !== undefined) {
          ctx.fillStyle = colorsOf(p.theme, record.color).solid;
          ctx.fillRect(x, y + 3, 3, line.h - 7);
        }
        const value = record.cells[column.field.id] ?? null;
        p.hover = frame.hover.position === line.position && frame.hover.field === column.field.id;
        // An unticked box is something to click; every other blank is left out.
        if (value !== null || column.field.type === 'checkbox' || column.field.type === 'rating') paint(p, rect, value, column.field);
      }
      ctx.fillStyle = p.theme.line;
      ctx.fillRect(x + column.width - 1, y, 1, line.h);
    }
    ctx.restore();
  }

  private flash(frame: Frame, record: Parameters<typeof flashKey>[0], column: PlacedColumn, rect: Rect): void {
    const until = frame.flashes.size === 0 ? undefined : frame.flashes.get(flashKey(record, column.field.id));
    if (until === undefined || until <= frame.now) return;
    const { ctx, p } = this;
    ctx.globalAlpha = 0.25 * Math.min(1, (until - frame.now) / 600);
    ctx.fillStyle = p.theme.danger;
    ctx.fillRect(rect.x, rect.y, rect.w, rect.h);
    ctx.globalAlpha = 1;
  }

  private frozenEdge(frame: Frame, top: number, bottom: number): void {
    const { ctx, p } = this;
    ctx.fillStyle = p.theme.lineStrong;
    ctx.fillRect(frame.columns.frozenRight - 1, top, 1, bottom - top);
  }

  private sticky(frame: Frame): void {
    const headers = frame.rows.sticky(frame.top);
    if (headers.length === 0) return;
    const { ctx, p } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, headerHeight, frame.width, bodyBottom(frame) - headerHeight);
    ctx.clip();
    // Inner ones first: an outer header covers an inner one that is pushed out under it.
    for (const { segment, y, h } of [...headers].reverse()) {
      const at = headerHeight + y;
      for (const [left, right] of [[frame.columns.frozenRight, frame.width], [0, frame.columns.frozenRight]] as const) {
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, at, right - left, h);
        ctx.clip();
        p.text.forgetFont();
        paintGroup(p, frame, segment, at, h, left, right);
        ctx.restore();
      }
      this.frozenEdge(frame, at, at + h);
    }
    ctx.restore();
    p.text.forgetFont();
  }
}

export type { PaintContext };
