/** What lies under a point of the chart. */
import type { RecordId } from '../../fields/wire';
import { barRect, dotAt, headerHeight, rowHeight, visibleLines, type Frame, type Rect } from './frame';
import type { Link } from './model';
import { linkRoute } from './links';
import { distance } from './route';

export type Hit =
  | { readonly kind: 'bar'; readonly record: RecordId; readonly line: number; readonly part: 'body' | 'start' | 'end' | 'dot' }
  /** A task's row in the chart, away from its bar; `day` is under the pointer. */
  | { readonly kind: 'row'; readonly record: RecordId | null; readonly line: number; readonly day: number }
  | { readonly kind: 'name'; readonly record: RecordId | null; readonly line: number }
  | { readonly kind: 'group'; readonly key: string; readonly line: number }
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'header'; readonly day: number }
  | { readonly kind: 'none' };

/** Width of the ends that resize; a finger gets more. */
const endPx = 6;
const linkPx = 4;

export function hit(frame: Frame, x: number, y: number, coarse = false): Hit {
  const day = frame.scale.day(x - frame.pane + frame.scrollX);
  if (y < headerHeight) return x < frame.pane ? { kind: 'none' } : { kind: 'header', day };
  const line = Math.floor((y - headerHeight + frame.top) / rowHeight);
  const at = frame.model.lines[line];
  if (!at) return { kind: 'none' };
  if (at.kind === 'group') return { kind: 'group', key: at.key, line };
  const record = at.task?.id ?? null;
  if (x < frame.pane) return { kind: 'name', record, line };
  if (at.task) {
    const rect = barRect(frame, at.task, line);
    const part = rect && partOf(frame, rect, at.task.milestone, at.task.id, x, y, coarse ? 2 * endPx : endPx);
    if (part) return { kind: 'bar', record: at.task.id, line, part };
  }
  const link = linkAt(frame, x, y);
  return link ? { kind: 'link', link } : { kind: 'row', record, line, day };
}

function partOf(frame: Frame, rect: Rect, milestone: boolean, record: RecordId, x: number, y: number, end: number): 'body' | 'start' | 'end' | 'dot' | undefined {
  const dot = dotAt(rect);
  // The dot shows, and works, only on the bar that is pointed at or chosen.
  if (frame.canLink && (frame.hover === record || frame.selected === record) && Math.hypot(x - dot.x, y - dot.y) <= 8) return 'dot';
  if (y < rect.y - 3 || y > rect.y + rect.h + 3 || x < rect.x - 2 || x > rect.x + rect.w + 2) return undefined;
  if (milestone || !frame.canEdit) return 'body';
  // A short bar keeps half of itself for moving.
  const width = Math.min(end, rect.w / 4);
  if (x < rect.x + width) return 'start';
  if (x > rect.x + rect.w - width) return 'end';
  return 'body';
}

export function linkAt(frame: Frame, x: number, y: number): Link | undefined {
  const { from, to } = visibleLines(frame);
  for (let i = frame.model.links.length - 1; i >= 0; i--) {
    const link = frame.model.links[i];
    if (!link || Math.max(link.a, link.b) < from || Math.min(link.a, link.b) >= to) continue;
    const points = linkRoute(frame, link);
    if (points && distance(points, x, y) <= linkPx) return link;
  }
  return undefined;
}

/** CSS cursor for what is under the pointer. */
export function cursorOf(at: Hit, frame: Frame): string {
  if (at.kind === 'bar') {
    if (at.part === 'start' || at.part === 'end') return 'ew-resize';
    return at.part === 'dot' ? 'crosshair' : frame.canEdit ? 'grab' : 'pointer';
  }
  if (at.kind === 'row') {
    const line = frame.model.lines[at.line];
    return frame.canEdit && line?.kind === 'task' && line.task && line.task.start === null ? 'crosshair' : 'default';
  }
  return at.kind === 'name' || at.kind === 'group' || at.kind === 'link' ? 'pointer' : 'default';
}
