/**
 * What a drag does, as a value: begun on a hit, moved by points, dropped into an edit. Snaps to days. Pure; `pointer.ts`
 * feeds it events and Escape simply forgets it.
 */
import type { RecordId } from '../../fields/wire';
import { barRect, screenX, type Frame, type Ghost } from './frame';
import type { Hit } from './hit';
import { isScheduled } from './model';

export type Drag =
  | { readonly kind: 'move' | 'start' | 'end'; readonly record: RecordId; readonly line: number; readonly from: number; readonly to: number; readonly grip: number }
  /** Draws the dates of an unscheduled task on its own row. */
  | { readonly kind: 'draw'; readonly record: RecordId; readonly line: number; readonly day: number }
  | { readonly kind: 'link'; readonly record: RecordId };

export type Edit =
  | { readonly kind: 'dates'; readonly record: RecordId; readonly start: number; readonly end: number }
  | { readonly kind: 'link'; readonly from: RecordId; readonly to: RecordId };

/** `undefined`: nothing to drag here, the pointer pans or selects. */
export function begin(frame: Frame, at: Hit, x: number): Drag | undefined {
  if (!frame.canEdit) return undefined;
  if (at.kind === 'row' && at.record) {
    const task = frame.model.task(at.record);
    return task && !isScheduled(task) ? { kind: 'draw', record: at.record, line: at.line, day: at.day } : undefined;
  }
  if (at.kind !== 'bar') return undefined;
  if (at.part === 'dot') return { kind: 'link', record: at.record };
  const task = frame.model.task(at.record);
  if (!task || !isScheduled(task)) return undefined;
  const kind = at.part === 'body' ? 'move' : at.part;
  return { kind, record: at.record, line: at.line, from: task.start, to: task.end, grip: x - screenX(frame, task.start) };
}

/** What to show while the pointer is at (x, y); `target` is what lies under it. */
export function show(frame: Frame, drag: Drag, x: number, y: number, target: Hit): Ghost {
  const day = frame.scale.at(x - frame.pane + frame.scrollX);
  switch (drag.kind) {
    case 'link': {
      const to = 'record' in target && target.kind !== 'name' ? target.record : null;
      const other = to && to !== drag.record ? frame.model.task(to) : undefined;
      const good = other && isScheduled(other) ? other : undefined;
      const allowed = good !== undefined && !good.depends.includes(drag.record) && !frame.model.reaches(drag.record, good.id);
      return { kind: 'link', from: drag.record, x, y, to: good?.id ?? null, allowed };
    }
    case 'draw': {
      const to = Math.floor(day);
      return { kind: 'bar', record: drag.record, line: drag.line, start: Math.min(drag.day, to), end: Math.max(drag.day, to) };
    }
    case 'move': {
      const start = Math.round(day - drag.grip / frame.scale.dayWidth);
      return { kind: 'bar', record: drag.record, line: drag.line, start, end: start + drag.to - drag.from };
    }
    case 'start':
      return { kind: 'bar', record: drag.record, line: drag.line, start: Math.min(Math.round(day), drag.to), end: drag.to };
    case 'end':
      return { kind: 'bar', record: drag.record, line: drag.line, start: drag.from, end: Math.max(Math.round(day) - 1, drag.from) };
  }
}

/** `undefined` when nothing would change. */
export function drop(frame: Frame, drag: Drag, ghost: Ghost): Edit | undefined {
  if (ghost.kind === 'link') return ghost.to && ghost.allowed ? { kind: 'link', from: ghost.from, to: ghost.to } : undefined;
  const task = frame.model.task(drag.record);
  if (!task || (task.start === ghost.start && task.end === ghost.end)) return undefined;
  return { kind: 'dates', record: drag.record, start: ghost.start, end: ghost.end };
}

/** The end of the bar that a new link starts from. */
export function linkStart(frame: Frame, record: RecordId): { x: number; y: number } | undefined {
  const line = frame.model.lineOf(record);
  const task = frame.model.task(record);
  const rect = task && line !== undefined ? barRect(frame, task, line) : undefined;
  return rect && { x: rect.x + rect.w, y: rect.y + rect.h / 2 };
}
