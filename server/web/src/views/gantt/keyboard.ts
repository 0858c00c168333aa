/** Keys of the chart: arrows choose a task, Alt+arrows shift it by a day, with Shift its end only. */
import { isScheduled } from './model';
import type { Gantt } from './gantt';

export function keys(gantt: Gantt, signal: AbortSignal): void {
  gantt.host.addEventListener('keydown', (event) => {
    if (event.target !== gantt.host || event.isComposing || event.defaultPrevented) return;
    if (handle(gantt, event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, { signal });
  // A press on the scroller gives it the focus; keys and screen readers look at the host.
  gantt.scroller.addEventListener('focus', () => gantt.host.focus({ preventScroll: true }), { signal });
  const focus = (on: boolean) => (): void => {
    gantt.frame.focused = on;
    gantt.draw();
  };
  gantt.host.addEventListener('focus', focus(true), { signal });
  gantt.host.addEventListener('blur', focus(false), { signal });
}

function handle(gantt: Gantt, event: KeyboardEvent): boolean {
  const { selected } = gantt.frame;
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const down = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
  if (event.altKey && sideways !== undefined) return shift(gantt, sideways, event.shiftKey);
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  if (down !== undefined) return step(gantt, down);
  if (sideways !== undefined) gantt.scrollBy(sideways * Math.max(40, gantt.frame.scale.dayWidth * 3), 0);
  else if ((event.key === 'Enter' || event.key === ' ') && selected) gantt.actions.open(selected);
  else if (event.key === 't') gantt.toToday();
  else if (event.key === 'Escape' && selected) gantt.select(null);
  else return false;
  return true;
}

function step(gantt: Gantt, by: number): boolean {
  const { lines } = gantt.model;
  const now = gantt.frame.selected === null ? undefined : gantt.model.lineOf(gantt.frame.selected);
  const direction = by > 0 ? 1 : -1;
  let at = now === undefined ? (direction > 0 ? -1 : lines.length) : now;
  let left = Math.abs(by);
  let found = now;
  for (at += direction; at >= 0 && at < lines.length && left > 0; at += direction) {
    const line = lines[at];
    if (line?.kind !== 'task' || !line.task) continue;
    found = at;
    left--;
  }
  const line = found === undefined ? undefined : lines[found];
  if (line?.kind === 'task' && line.task) {
    gantt.select(line.task.id);
    gantt.reveal(line.task.id);
  }
  return true;
}

function shift(gantt: Gantt, by: number, endOnly: boolean): boolean {
  const { selected, canEdit } = gantt.frame;
  const task = selected === null ? undefined : gantt.model.task(selected);
  if (!task || !canEdit || !isScheduled(task)) return false;
  const end = task.end + by;
  if (endOnly && end < task.start) return true;
  gantt.edit({ kind: 'dates', record: task.id, start: endOnly ? task.start : task.start + by, end });
  return true;
}
