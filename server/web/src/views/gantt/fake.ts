/** A frame over a few tasks and a 2D context that records, for the tests of this folder. */
import { TextCache } from '../../grid/text';
import { themeFrom } from '../../grid/theme';
import type { ColorName, RecordId } from '../../fields/wire';
import type { Frame } from './frame';
import { Model, type SourceGroup, type Task } from './model';
import { Scale } from './scale';

export const monday = 20_780;

export function task(id: string, start: number | null, end: number | null, more: Partial<Task> = {}): Task {
  const at = (day: number | null): number | null => (day === null ? null : monday + day);
  return { id: id as RecordId, title: `Task ${id}`, start: at(start), end: at(end), milestone: start !== null && start === end, progress: null, color: 'teal' as ColorName, depends: [], ...more };
}

export const ids = (...list: string[]): RecordId[] => list as RecordId[];

export function modelOf(tasks: readonly (Task | undefined)[], groups: readonly SourceGroup[] = [], closed: ReadonlySet<string> = new Set()): Model {
  const model = new Model();
  model.build(tasks.length, (i) => tasks[i], groups, closed, monday + 10);
  return model;
}

export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly fill: unknown;
  readonly stroke: unknown;
}

export function recorder(): { ctx: CanvasRenderingContext2D; calls: Call[]; texts(): string[] } {
  const calls: Call[] = [];
  const state: Record<string, unknown> = {};
  const ctx = new Proxy(state, {
    get: (_, name: string) => {
      if (name === 'measureText') return (text: string) => ({ width: text.length * 7 });
      if (name in state) return state[name];
      return (...args: unknown[]) => calls.push({ name, args, fill: state.fillStyle, stroke: state.strokeStyle });
    },
    set: (_, name: string, value) => {
      state[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D;
  return { ctx, calls, texts: () => calls.filter((call) => call.name === 'fillText').map((call) => String(call.args[0])) };
}

export function frameOf(model: Model, more: Partial<Frame> = {}): Frame {
  const scale = new Scale();
  scale.first = monday;
  scale.count = 100;
  scale.dayWidth = 20;
  return {
    width: 800, height: 400, pane: 200, scrollX: 0, top: 0, today: monday + 10, locale: 'en',
    words: { tasks: 'Task', milestone: 'Milestone', today: 'Today', untitled: 'Untitled', days: (n) => `${n} d` },
    theme: themeFrom((name) => name), text: new TextCache(recorder().ctx), model, scale, hover: null, hoverLine: -1, selected: null, ghost: null,
    showCritical: true, canEdit: true, canLink: true, focused: false, ...more,
  };
}
