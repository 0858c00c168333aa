/** What one picture of the chart is made from, and where things are in it. `gantt.ts` fills it; painters and hits read it. */
import type { RecordId } from '../../fields/wire';
import type { TextCache } from '../../grid/text';
import type { Theme } from '../../grid/theme';
import { isScheduled, type Model, type Task } from './model';
import type { Scale } from './scale';

export const headerHeight = 56;
export const rowHeight = 36;
export const barHeight = 22;
/** Half the diagonal of a milestone. */
export const diamond = 10;
/** Distance of the link dot from the end of a bar, and its radius. */
export const dotGap = 10;
export const dotRadius = 4.5;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What a drag shows until it is dropped. */
export type Ghost =
  | { readonly kind: 'bar'; readonly record: RecordId | null; readonly start: number; readonly end: number; readonly line: number | null }
  | { readonly kind: 'link'; readonly from: RecordId; readonly x: number; readonly y: number; readonly to: RecordId | null; readonly allowed: boolean };

export interface GanttWords {
  readonly tasks: string;
  readonly milestone: string;
  readonly today: string;
  readonly untitled: string;
  days(n: number): string;
}

export interface Frame {
  width: number;
  height: number;
  /** Width of the list on the left. */
  pane: number;
  scrollX: number;
  top: number;
  today: number;
  locale: string;
  words: GanttWords;
  theme: Theme;
  text: TextCache;
  model: Model;
  scale: Scale;
  hover: RecordId | null;
  hoverLine: number;
  selected: RecordId | null;
  ghost: Ghost | null;
  showCritical: boolean;
  canEdit: boolean;
  canLink: boolean;
  focused: boolean;
}

export function lineTop(frame: Frame, line: number): number {
  return headerHeight + line * rowHeight - frame.top;
}

/** Lines on the screen, `to` exclusive. */
export function visibleLines(frame: Frame): { from: number; to: number } {
  const from = Math.max(0, Math.floor(frame.top / rowHeight));
  return { from, to: Math.min(frame.model.lines.length, Math.ceil((frame.top + frame.height - headerHeight) / rowHeight)) };
}

export function screenX(frame: Frame, day: number): number {
  return frame.pane + frame.scale.x(day) - frame.scrollX;
}

/** The box of a bar, with the dates that a drag gives it; `undefined` when unscheduled. */
export function barRect(frame: Frame, task: Task, line: number): Rect | undefined {
  if (!isScheduled(task)) return undefined;
  return boxOf(frame, ...shownDates(frame, task), line, task.milestone && !resizing(frame, task));
}

export function boxOf(frame: Frame, start: number, end: number, line: number, milestone: boolean): Rect {
  const x = screenX(frame, start);
  const y = lineTop(frame, line) + (rowHeight - barHeight) / 2;
  if (milestone) {
    const middle = x + frame.scale.dayWidth / 2;
    return { x: middle - diamond, y: y + barHeight / 2 - diamond, w: 2 * diamond, h: 2 * diamond };
  }
  return { x, y, w: Math.max(4, (end - start + 1) * frame.scale.dayWidth), h: barHeight };
}

function shownDates(frame: Frame, task: Task & { readonly start: number; readonly end: number }): [number, number] {
  const ghost = frame.ghost;
  return ghost?.kind === 'bar' && ghost.record === task.id ? [ghost.start, ghost.end] : [task.start, task.end];
}

function resizing(frame: Frame, task: Task): boolean {
  return frame.ghost?.kind === 'bar' && frame.ghost.record === task.id && frame.ghost.start !== frame.ghost.end;
}

/** Middle of the dot that a new link is drawn from. */
export function dotAt(rect: Rect): { x: number; y: number } {
  return { x: rect.x + rect.w + dotGap, y: rect.y + rect.h / 2 };
}

/** Days of the chart that are on the screen, one more on each side. */
export function visibleDays(frame: Frame): { from: number; to: number } {
  const { scale } = frame;
  return { from: scale.day(frame.scrollX) - 1, to: scale.day(frame.scrollX + frame.width - frame.pane) + 1 };
}
