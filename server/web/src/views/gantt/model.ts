/**
 * What the chart shows: tasks made of rows, lines (groups with a summary bar, tasks), links between them, and which of all
 * that is late or critical. Pure; `gantt.ts` holds one and asks it in every frame.
 */
import { colorNames, isBlank, isLinkRef, type CellValue, type ColorName, type Field, type FieldId, type RecordId } from '../../fields/wire';
import { criticalTasks } from './critical';
import { dayOf } from './days';

export interface Roles {
  readonly start: Field;
  readonly end: Field;
  readonly progress?: Field | undefined;
  readonly depends?: Field | undefined;
  readonly color?: Field | undefined;
  readonly title: FieldId;
  /** Whether a task of one day is a milestone. */
  readonly milestones: boolean;
}

export interface Task {
  readonly id: RecordId;
  readonly title: string;
  /** Both inclusive; `null` where the cell is blank. With one of the two the task lasts one day. */
  readonly start: number | null;
  readonly end: number | null;
  readonly milestone: boolean;
  /** 0 to 1. */
  readonly progress: number | null;
  readonly color: ColorName;
  readonly depends: readonly RecordId[];
}

export interface SourceRow {
  readonly id: RecordId;
  readonly cells: Readonly<Record<FieldId, CellValue>>;
}

export interface SourceGroup {
  readonly level: number;
  readonly key: CellValue;
  readonly label: string;
  readonly color?: string | undefined;
  readonly from: number;
  readonly count: number;
  /** Days of the first start and the last end, loaded or not. */
  readonly bounds?: Bounds | undefined;
}

export interface Bounds {
  readonly from: number | null;
  readonly to: number | null;
}

export type Line =
  | { readonly kind: 'task'; readonly position: number; readonly level: number; readonly task: Task | undefined }
  | { readonly kind: 'group'; readonly key: string; readonly label: string; readonly color: string | undefined; readonly level: number; readonly start: number | null; readonly end: number | null; readonly open: boolean; readonly count: number };

export interface Link {
  readonly from: RecordId;
  readonly to: RecordId;
  /** Lines of its ends. */
  readonly a: number;
  readonly b: number;
  readonly critical: boolean;
  /** The follower starts before its predecessor ends. */
  readonly broken: boolean;
}

export function taskOf(row: SourceRow, roles: Roles, zone: string, title: string): Task {
  const cell = (field: Field | undefined): CellValue => (field ? (row.cells[field.id] ?? null) : null);
  let start = dayOf(cell(roles.start), zone);
  let end = dayOf(cell(roles.end), zone);
  if (start !== null && end !== null && end < start) [start, end] = [end, start];
  const progress = cell(roles.progress);
  const depends = cell(roles.depends);
  return {
    id: row.id,
    title,
    start: start ?? end,
    end: end ?? start,
    milestone: roles.milestones && start !== null && start === end,
    progress: typeof progress === 'number' ? Math.min(1, Math.max(0, progress)) : progress === true ? 1 : null,
    color: colorOf(cell(roles.color), roles.color),
    depends: Array.isArray(depends) ? depends.filter(isLinkRef).map((ref) => ref.id) : [],
  };
}

function colorOf(value: CellValue, field: Field | undefined): ColorName {
  if (!field) return 'teal';
  const id = Array.isArray(value) ? value[0] : value;
  const color = (field.result?.options ?? field.options).options?.find((option) => option.id === id)?.color;
  return color && (colorNames as readonly string[]).includes(color) ? color : isBlank(value) ? 'gray' : 'teal';
}

export class Model {
  lines: readonly Line[] = [];
  links: readonly Link[] = [];
  critical: ReadonlySet<RecordId> = new Set();
  late: ReadonlySet<RecordId> = new Set();
  unscheduled: readonly Task[] = [];
  /** First and last day of any task; `null` when nothing is scheduled. */
  span: { readonly from: number; readonly to: number } | null = null;
  #lineOf = new Map<RecordId, number>();
  #tasks = new Map<RecordId, Task>();
  #total = 0;

  /** `task(i)` is undefined for a row that is not loaded; `bounds` are those of all. `closed` has the keys of collapsed groups. */
  build(total: number, task: (i: number) => Task | undefined, groups: readonly SourceGroup[], closed: ReadonlySet<string>, today: number, bounds?: Bounds): void {
    const tasks: (Task | undefined)[] = new Array<Task | undefined>(total);
    this.#total = total;
    this.#tasks = new Map();
    for (let i = 0; i < total; i++) {
      const one = (tasks[i] = task(i));
      if (one) this.#tasks.set(one.id, one);
    }
    this.lines = linesOf(tasks, groups, closed);
    this.#lineOf = new Map();
    this.lines.forEach((line, i) => line.kind === 'task' && line.task && this.#lineOf.set(line.task.id, i));
    const all = [...this.#tasks.values()];
    const scheduled = all.filter(isScheduled);
    this.unscheduled = all.filter((one) => !isScheduled(one));
    const { start, end } = around(tasks, 0, total, bounds);
    this.span = start === null || end === null ? null : { from: start, to: end };
    // Of a part nobody can say what is critical.
    this.critical = this.whole ? criticalTasks(scheduled) : new Set();
    this.late = new Set(scheduled.filter((one) => one.end < today && one.progress !== null && one.progress < 1).map((one) => one.id));
    this.links = this.#linksOf(scheduled);
  }

  lineOf(record: RecordId): number | undefined {
    return this.#lineOf.get(record);
  }

  task(record: RecordId): Task | undefined {
    return this.#tasks.get(record);
  }

  /** Whether every task is loaded. */
  get whole(): boolean {
    return this.#tasks.size === this.#total;
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Whether a link `from → to` would close a circle. */
  reaches(start: RecordId, goal: RecordId): boolean {
    const seen = new Set<RecordId>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === goal) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(this.#tasks.get(at)?.depends ?? []));
    }
    return false;
  }

  #linksOf(tasks: readonly Scheduled[]): Link[] {
    const links: Link[] = [];
    for (const task of tasks) {
      const b = this.#lineOf.get(task.id);
      if (b === undefined) continue;
      for (const before of task.depends) {
        const a = this.#lineOf.get(before);
        const other = this.#tasks.get(before);
        if (a === undefined || !other || !isScheduled(other)) continue;
        const broken = task.start < other.end || (task.start === other.end && !task.milestone && !other.milestone);
        links.push({ from: before, to: task.id, a, b, broken, critical: this.critical.has(before) && this.critical.has(task.id) });
      }
    }
    return links;
  }
}

export type Scheduled = Task & { readonly start: number; readonly end: number };

export function isScheduled(task: Task): task is Scheduled {
  return task.start !== null && task.end !== null;
}


function linesOf(tasks: readonly (Task | undefined)[], groups: readonly SourceGroup[], closed: ReadonlySet<string>): Line[] {
  const line = (position: number, level: number): Line => ({ kind: 'task', position, level, task: tasks[position] });
  if (groups.length === 0) return tasks.map((_, i) => line(i, 0));
  const lines: Line[] = [];
  const path: string[] = [];
  let hidden = Infinity;
  groups.forEach((group, g) => {
    path.length = group.level;
    path.push(JSON.stringify(group.key));
    if (group.level > hidden) return;
    hidden = Infinity;
    const key = path.join('/');
    const open = !closed.has(key);
    const { start, end } = around(tasks, group.from, Math.min(group.from + group.count, tasks.length), group.bounds);
    lines.push({ kind: 'group', key, label: group.label, color: group.color, level: group.level, start, end, open, count: group.count });
    if (!open) hidden = group.level;
    else if ((groups[g + 1]?.level ?? 0) <= group.level) for (let i = group.from; i < group.from + group.count; i++) lines.push(line(i, group.level + 1));
  });
  return lines;
}

function around(tasks: readonly (Task | undefined)[], from: number, to: number, bounds?: Bounds): { start: number | null; end: number | null } {
  let [start, end] = [bounds?.from ?? Infinity, bounds?.to ?? -Infinity];
  // A start without an end, or the other way round: one day.
  if (start === Infinity) start = end === -Infinity ? Infinity : end;
  if (end === -Infinity) end = start === Infinity ? -Infinity : start;
  for (let i = from; i < to; i++) {
    const task = tasks[i];
    if (!task || !isScheduled(task)) continue;
    start = Math.min(start, task.start);
    end = Math.max(end, task.end);
  }
  return end === -Infinity ? { start: null, end: null } : { start, end };
}
