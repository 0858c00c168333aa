/** Kinds of triggers and actions: their icons, what a new one starts with, and a line that describes one. */
import Bell from '@lucide/svelte/icons/bell';
import Clock from '@lucide/svelte/icons/clock';
import Code from '@lucide/svelte/icons/code';
import FilePlus from '@lucide/svelte/icons/file-plus-2';
import FilePen from '@lucide/svelte/icons/file-pen-line';
import ListFilter from '@lucide/svelte/icons/list-filter';
import Mail from '@lucide/svelte/icons/mail';
import MousePointer from '@lucide/svelte/icons/mouse-pointer-click';
import Send from '@lucide/svelte/icons/send';
import Timer from '@lucide/svelte/icons/timer';
import Webhook from '@lucide/svelte/icons/webhook';
import Zap from '@lucide/svelte/icons/zap';
import type { Component } from 'svelte';
import { countTests } from '../app/filter';
import type { Filter, Step, Table } from '../api/types';
import type { OpenBase } from '../store/base.svelte';
import type { Words } from '../i18n/index.svelte';

export interface StepLook {
  readonly icon: Component<{ size?: number }>;
  readonly color: string;
}

export const triggerKinds = ['record_created', 'record_updated', 'record_matches', 'schedule', 'webhook'] as const;
export const actionKinds = ['update_record', 'create_record', 'find', 'script', 'notify', 'webhook', 'send_email'] as const;
export type TriggerKind = (typeof triggerKinds)[number];
export type ActionKind = (typeof actionKinds)[number];

const looks: Readonly<Record<string, StepLook>> = {
  record_created: { icon: FilePlus, color: 'amber' },
  record_updated: { icon: FilePen, color: 'amber' },
  record_matches: { icon: ListFilter, color: 'amber' },
  schedule: { icon: Clock, color: 'amber' },
  button: { icon: MousePointer, color: 'amber' },
  update_record: { icon: FilePen, color: 'green' },
  create_record: { icon: FilePlus, color: 'green' },
  find: { icon: ListFilter, color: 'blue' },
  script: { icon: Code, color: 'violet' },
  notify: { icon: Bell, color: 'teal' },
  send_email: { icon: Mail, color: 'cyan' },
  webhook: { icon: Webhook, color: 'pink' },
  delay: { icon: Timer, color: 'gray' },
};

export function lookOf(kind: string, trigger = false): StepLook {
  if (trigger && kind === 'webhook') return { icon: Webhook, color: 'amber' };
  return looks[kind] ?? { icon: trigger ? Zap : Send, color: trigger ? 'amber' : 'teal' };
}

export function newTrigger(kind: TriggerKind, table: Table | undefined): Step {
  if (kind === 'schedule') return { kind, every: 'day', at: '09:00' };
  if (kind === 'webhook') return { kind };
  return { kind, ...(table ? { table: table.id } : {}) };
}

export function newAction(kind: ActionKind, table: Table | undefined): Step {
  switch (kind) {
    case 'update_record':
      return { kind, fields: {} };
    case 'create_record':
      return { kind, fields: {}, ...(table ? { table: table.id } : {}) };
    case 'find':
      return { kind, limit: 500, ...(table ? { table: table.id } : {}) };
    case 'script':
      return { kind, script: '' };
    case 'notify':
      return { kind, to: [], text: '' };
    case 'send_email':
      return { kind, to: '', subject: '', body: '' };
    case 'webhook':
      return { kind, url: '', body: '' };
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
  const filter = (step.filter ?? step.condition) as Filter | undefined;
  switch (step.kind) {
    case 'schedule': {
      const every = a.schedule[text(step.every) as 'day'];
      return text(step.cron) || `${a.every} ${every ?? text(step.every)} ${text(step.at)}`.trim();
    }
    case 'script':
      return `Rhai · ${a.lines(text(step.script).split('\n').length)}`;
    case 'notify':
      return (Array.isArray(step.to) ? step.to : []).map((id) => base.person(String(id))?.name ?? String(id)).join(', ');
    case 'webhook':
      return text(step.url) || (role === 'trigger' ? a.triggers.webhook : '');
    case 'send_email':
      return text(step.to);
    case 'find':
      return `${table} · ${w.tools.filters(countTests(filter))}`;
    case 'update_record':
    case 'create_record':
      return [table, ...Object.keys((step.fields ?? {}) as object).map((id) => base.field(id)?.name ?? id)].filter(Boolean).join(' · ');
    default: {
      const name = role === 'trigger' ? a.triggers[step.kind as TriggerKind] : '';
      return [name, table].filter(Boolean).join(' · ');
    }
  }
}
