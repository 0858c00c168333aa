/** Kinds of triggers and actions: their icons, what a new one starts with, and a line that describes one. */
import Bell from '@lucide/svelte/icons/bell';
import Clock from '@lucide/svelte/icons/clock';
import Code from '@lucide/svelte/icons/code';
import FilePlus from '@lucide/svelte/icons/file-plus-2';
import FilePen from '@lucide/svelte/icons/file-pen-line';
import ListFilter from '@lucide/svelte/icons/list-filter';
import Send from '@lucide/svelte/icons/send';
import Webhook from '@lucide/svelte/icons/webhook';
import Zap from '@lucide/svelte/icons/zap';
import type { Component } from 'svelte';
import { countTests } from '../app/filter';
import type { Filter, Step, Table } from '../api/types';
import type { OpenBase } from '../store/base.svelte';
import { fromCron } from './cron';
import type { Words } from '../i18n/index.svelte';

export interface StepLook {
  readonly icon: Component<{ size?: number }>;
  readonly color: string;
}

export const triggerKinds = ['recordCreated', 'recordUpdated', 'recordMatches', 'schedule'] as const;
export const actionKinds = ['updateRecord', 'createRecord', 'script', 'notify', 'http'] as const;
export type TriggerKind = (typeof triggerKinds)[number];
export type ActionKind = (typeof actionKinds)[number];

const looks: Readonly<Record<string, StepLook>> = {
  recordCreated: { icon: FilePlus, color: 'amber' },
  recordUpdated: { icon: FilePen, color: 'amber' },
  recordMatches: { icon: ListFilter, color: 'amber' },
  schedule: { icon: Clock, color: 'amber' },
  updateRecord: { icon: FilePen, color: 'green' },
  createRecord: { icon: FilePlus, color: 'green' },
  script: { icon: Code, color: 'violet' },
  notify: { icon: Bell, color: 'teal' },
  http: { icon: Webhook, color: 'pink' },
};

export function lookOf(kind: string, trigger = false): StepLook {
  return looks[kind] ?? { icon: trigger ? Zap : Send, color: trigger ? 'amber' : 'teal' };
}

export function newTrigger(kind: TriggerKind, table: Table | undefined): Step {
  if (kind === 'schedule') return { kind, cron: '0 9 * * *' };
  return { kind, ...(table ? { table: table.id } : {}), ...(kind === 'recordMatches' ? { filter: null } : {}) };
}

/** `about`: the table of the trigger's record, if it has one. */
export function newAction(kind: ActionKind, about: Table | undefined, any: Table | undefined): Step {
  switch (kind) {
    case 'updateRecord':
      return { kind, record: about ? 'trigger' : { table: any?.id ?? '', filter: null }, fields: {} };
    case 'createRecord':
      return { kind, table: (about ?? any)?.id ?? '', fields: {} };
    case 'script':
      return { kind, source: '' };
    case 'notify':
      return { kind, to: ['owner'], text: '' };
    case 'http':
      return { kind, url: '', method: 'POST', body: {} };
  }
}

/** The table whose records a trigger is about. */
export function tableOf(trigger: Step, base: OpenBase): Table | undefined {
  return typeof trigger.table === 'string' ? base.table(trigger.table) : undefined;
}

/** One line under the step's name. */
export function describe(step: Step, base: OpenBase, w: Words, role: 'trigger' | 'action'): string {
  const a = w.automation;
  const table = typeof step.table === 'string' ? (base.table(step.table)?.name ?? '') : '';
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const fields = Object.keys((step.fields ?? {}) as object).map((id) => base.field(id)?.name ?? id);
  switch (step.kind) {
    case 'schedule': {
      const timing = fromCron(text(step.cron));
      return timing ? `${a.every} ${a.schedule[timing.every]} ${timing.at}` : text(step.cron);
    }
    case 'script':
      return `Rhai · ${a.lines(text(step.source).split('\n').length)}`;
    case 'notify':
      return (Array.isArray(step.to) ? step.to : [step.to]).map((to) => (to === 'owner' ? a.owner : (base.person(String(to))?.name ?? base.field(String(to))?.name ?? String(to)))).join(', ');
    case 'http':
      return text(step.url);
    case 'updateRecord':
    case 'createRecord':
      return [table, ...fields].filter(Boolean).join(' · ');
    default: {
      const name = role === 'trigger' ? (a.triggers[step.kind as TriggerKind] ?? step.kind) : '';
      const n = countTests(step.filter as Filter | undefined);
      return [name, table, n > 0 ? w.tools.filters(n) : ''].filter(Boolean).join(' · ');
    }
  }
}
