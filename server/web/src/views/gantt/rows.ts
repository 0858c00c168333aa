/** From the view to what the chart needs: roles of fields, the query, tasks of rows (made once a row). */
import type { OpenBase } from '../../store/base.svelte';
import { pageRows, type RowWindow, type WindowSpec } from '../../store/window';
import type { Field, Row, SummaryValues, Table, View } from '../../api/types';
import type { CodecContext } from '../../fields/types';
import { kindOf } from '../../fields';
import { dayOf } from './days';
import { taskOf, type Roles, type Task } from './model';

/** More tasks than this are not shown: nobody reads such a chart. */
export const tasksMax = 20_000;
/** Pages kept up to date. A chart of no more tasks has all of them, so that links and the critical path are whole. */
const livePages = 16;
export const wholeMax = livePages * pageRows;

export const isDate = (field: Field): boolean => field.type === 'date' || field.result?.type === 'date' || field.type === 'createdTime' || field.type === 'modifiedTime';
export const isProgress = (field: Field): boolean => (field.type === 'number' || field.result?.type === 'number' || field.type === 'checkbox') && (field.type === 'checkbox' || ['percent', 'progress'].includes(String((field.result?.options ?? field.options).format)));
export const isDepends = (field: Field, table: Table): boolean => field.type === 'link' && field.options.table === table.id;
export const isColor = (field: Field): boolean => ['singleSelect', 'multiSelect'].includes(field.result?.type ?? field.type);

export function rolesOf(table: Table, view: View): Roles | undefined {
  const gantt = view.settings.gantt;
  const field = (id: string | undefined): Field | undefined => table.fields.find((entry) => entry.id === id);
  const [start, end] = [field(gantt?.start), field(gantt?.end)];
  if (!gantt || !start || !end) return undefined;
  const depends = field(gantt.depends);
  return { start, end, milestones: gantt.milestones !== false, progress: field(gantt.progress), depends: depends && isDepends(depends, table) ? depends : undefined, color: field(gantt.color), title: table.primary };
}

export function specOf(table: Table, view: View, roles: Roles, search: string): WindowSpec {
  const { filter, sort, group } = view.settings;
  const fields = [table.primary, roles.start.id, roles.end.id, roles.progress?.id, roles.depends?.id, roles.color?.id, ...(group ?? []).map((entry) => entry.field)];
  return {
    table: table.id,
    live: livePages,
    // The server knows the bounds of groups, loaded or not. A field has one summary: with one field for both, loaded tasks must do.
    ...(roles.start.id !== roles.end.id ? { summaries: { [roles.start.id]: 'min', [roles.end.id]: 'max' } } : {}),
    fields: [...new Set(fields.filter((id) => id !== undefined))],
    query: { ...(filter ? { filter } : {}), ...(sort?.length ? { sort } : { by_hand: view.id }), ...(group?.length ? { group } : {}), ...(search ? { search } : {}) },
  };
}

/** The day that a summary of a date field means: a moment in the base's zone, or a day as it is. */
export function boundOf(values: SummaryValues, field: Field, zone: string): number | null {
  const ms = values[field.id];
  if (ms === undefined || ms === null) return null;
  const timed = field.type === 'createdTime' || field.type === 'modifiedTime' || (field.result?.options ?? field.options).time === true;
  const iso = new Date(ms).toISOString();
  return dayOf(timed ? iso : iso.slice(0, 10), zone);
}

/** Tasks by position, kept by row: a change of one cell makes one new task. */
export class TaskReader {
  #made = new WeakMap<Row, Task>();

  constructor(
    readonly base: OpenBase,
    readonly table: Table,
    readonly roles: Roles,
    readonly context: CodecContext,
  ) {}

  read(rows: RowWindow, i: number): Task | undefined {
    const row = rows.row(i);
    if (!row) return undefined;
    let task = this.#made.get(row);
    if (!task) {
      const primary = this.table.fields.find((field) => field.id === this.roles.title);
      const title = primary ? kindOf(primary).codec.format(row.cells[primary.id] ?? null, primary, this.context) : '';
      task = taskOf(row, this.roles, this.context.locale.zone, title);
      this.#made.set(row, task);
    }
    return task;
  }
}
