/** Actions on the base as a whole: what the sidebar, the header and the palette share. */
import type { OpenBase } from '../store/base.svelte';
import type { Table } from '../api/types';
import type { Words } from '../i18n/index.svelte';
import type { Action } from './actions.svelte';
import { route } from './route.svelte';

export async function createTable(base: OpenBase, w: Words): Promise<void> {
  const name = w.nav.tableName(base.info.tables.length + 1);
  const { results } = await base.send([{ op: 'tables.create', name, fields: [{ name: w.name, type: 'text' }] }]);
  const made = results[0] as { table: string; view?: string } | undefined;
  if (made) route.go({ at: 'table', base: base.id, table: made.table, ...(made.view ? { view: made.view } : {}) });
}

export async function createDashboard(base: OpenBase, w: Words): Promise<void> {
  const { results } = await base.send([{ op: 'dashboards.create', name: w.nav.dashboardName(base.info.dashboards.length + 1), blocks: [] }]);
  const made = results[0]?.dashboard;
  if (typeof made === 'string') route.go({ at: 'dashboard', base: base.id, dashboard: made });
}

export async function createAutomation(base: OpenBase, w: Words): Promise<void> {
  const table: Table | undefined = base.info.tables[0];
  const trigger = { kind: 'recordCreated', ...(table ? { table: table.id } : {}) };
  const { results } = await base.send([
    { op: 'automations.create', name: w.automation.newName(base.info.automations.length + 1), trigger, actions: [{ kind: 'notify', to: ['owner'], text: '' }], enabled: false },
  ]);
  const made = results[0]?.automation;
  if (typeof made === 'string') route.go({ at: 'automations', base: base.id, automation: made });
}

export function baseActions(base: OpenBase, w: Words, open: { share: () => void; keys: () => void; palette: () => void }): Action[] {
  const quietly = (work: Promise<void>): void => void work.catch(() => undefined);
  const edits: Action[] = base.canEdit
    ? [
        { id: 'undo', label: w.undo.undo, keys: 'Mod+Z', run: () => base.undo() },
        { id: 'redo', label: w.undo.redo, keys: 'Mod+Shift+Z', run: () => base.redo() },
        { id: 'table.new', label: w.nav.newTable, run: () => quietly(createTable(base, w)) },
        { id: 'dashboard.new', label: w.nav.newDashboard, run: () => quietly(createDashboard(base, w)) },
        { id: 'automation.new', label: w.automation.create, run: () => quietly(createAutomation(base, w)) },
      ]
    : [];
  return [
    ...edits,
    { id: 'share', label: w.share.title, run: open.share },
    { id: 'keys', label: w.keys.title, keys: '?', run: open.keys },
    { id: 'settings', label: w.nav.settings, run: () => route.go({ at: 'settings', base: base.id }) },
    { id: 'bases', label: w.nav.allBases, run: () => route.go({ at: 'bases' }) },
    { id: 'tokens', label: w.nav.tokens, run: () => route.go({ at: 'tokens' }) },
  ];
}
