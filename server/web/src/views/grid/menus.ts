/** Menus of the grid: of a column, a cell, checked records. */
import ArrowDown from '@lucide/svelte/icons/arrow-down-a-z';
import ArrowUp from '@lucide/svelte/icons/arrow-up-a-z';
import Copy from '@lucide/svelte/icons/copy';
import EyeOff from '@lucide/svelte/icons/eye-off';
import Group from '@lucide/svelte/icons/group';
import Link from '@lucide/svelte/icons/link';
import ListFilter from '@lucide/svelte/icons/list-filter';
import Maximize2 from '@lucide/svelte/icons/maximize-2';
import ArrowLeft from '@lucide/svelte/icons/arrow-left-to-line';
import ArrowRight from '@lucide/svelte/icons/arrow-right-to-line';
import Pencil from '@lucide/svelte/icons/pencil';
import Pin from '@lucide/svelte/icons/pin';
import Plus from '@lucide/svelte/icons/plus';
import Sigma from '@lucide/svelte/icons/sigma';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { Field, RecordId, Summary, Table, View, ViewSettings } from '../../api/types';
import { effectiveType } from '../../app/filter';
import { copyText } from '../../app/copy';
import { href } from '../../app/router';
import { columnsOf, settingsOf } from '../../app/toolbar/columns';
import type { MenuTarget, Span } from '../../grid/source';
import type { MenuEntry } from '../../parts/menu';
import { notify } from '../../store/notices.svelte';
import type { OpenBase } from '../../store/base.svelte';
import { words } from '../../i18n/index.svelte';
import type { GridCommands } from './actions';

type Change = Partial<{ [K in keyof ViewSettings]: ViewSettings[K] | undefined }>;

interface ColumnContext {
  readonly base: OpenBase;
  readonly table: Table;
  readonly view: View;
  readonly field: Field;
  readonly onchange: (change: Change) => void;
  readonly edit: () => void;
  readonly insert: (side: 'left' | 'right') => void;
  readonly filter: () => void;
}

/** Summaries that say something about a type. */
export function summariesOf(field: Field): readonly Summary[] {
  const type = effectiveType(field);
  if (type === 'number' || type === 'rating' || type === 'duration') return ['sum', 'average', 'min', 'max', 'median', 'range', 'filled', 'empty', 'unique'];
  if (type === 'checkbox') return ['checked', 'count'];
  return ['filled', 'empty', 'unique', 'count'];
}

export function columnMenu({ base, table, view, field, onchange, edit, insert, filter }: ColumnContext): MenuEntry[] {
  const w = words();
  const { settings } = view;
  const primary = field.id === table.primary;
  const rest = <T extends { field: string }>(list: readonly T[] | undefined): T[] => (list ?? []).filter((entry) => entry.field !== field.id);
  const columns = columnsOf(table, settings);
  const shown = columns.filter((column) => !column.hidden);
  const summary = settings.summaries?.[field.id];
  const summarize = (name: Summary | undefined): void => {
    const { [field.id]: _, ...others } = settings.summaries ?? {};
    onchange({ summaries: name ? { ...others, [field.id]: name } : others });
  };
  const entries: MenuEntry[] = [
    { label: w.field.sortAsc, icon: ArrowUp, run: () => onchange({ sort: [{ field: field.id }, ...rest(settings.sort)] }) },
    { label: w.field.sortDesc, icon: ArrowDown, run: () => onchange({ sort: [{ field: field.id, desc: true }, ...rest(settings.sort)] }) },
    { label: w.field.filterBy, icon: ListFilter, run: filter },
    {
      label: w.field.groupBy, icon: Group,
      run: () => onchange({ group: [...rest(settings.group), { field: field.id, ...(effectiveType(field) === 'date' ? { bucket: 'month' as const } : {}) }].slice(-3) }),
    },
    {
      label: w.field.summary, icon: Sigma,
      items: [
        { label: w.summaries.none, checked: summary === undefined, run: () => summarize(undefined) },
        ...summariesOf(field).map((name) => ({ label: w.summaries[name], checked: summary === name, run: () => summarize(name) })),
      ],
    },
    'line',
    { label: w.field.freeze, icon: Pin, run: () => onchange({ frozen: shown.findIndex((column) => column.field.id === field.id) + 1 }) },
    { label: w.field.hide, icon: EyeOff, disabled: primary, run: () => onchange({ fields: settingsOf(columns.map((column) => (column.field.id === field.id ? { ...column, hidden: true } : column))) }) },
  ];
  if (!base.canEdit) return entries;
  const remove = async (): Promise<void> => {
    try {
      await base.send([{ op: 'fields.delete', field: field.id }]);
      notify({ text: w.field.deleted(field.name), action: { label: w.undo.undo, run: () => base.undo() } });
    } catch {
      // The toast said why.
    }
  };
  return [
    { label: w.field.edit, icon: Pencil, run: edit },
    ...(primary ? [] : [{ label: w.field.insertLeft, icon: ArrowLeft, run: () => insert('left') }]),
    { label: w.field.insertRight, icon: ArrowRight, run: () => insert('right') },
    'line',
    ...entries,
    'line',
    { label: w.field.delete, icon: Trash2, danger: true, disabled: primary, run: () => void remove() },
  ];
}

export function cellMenu(
  base: OpenBase,
  commands: GridCommands,
  target: Extract<MenuTarget, { kind: 'cell' }>,
  go: { open: (record: RecordId) => void; create: () => void },
): MenuEntry[] {
  const w = words();
  const { record } = target.cell;
  const { table, view } = commands.now();
  const n = target.range.spans.reduce((sum, span) => sum + span.to - span.from, 0);
  const link = `${location.origin}${href({ at: 'table', base: base.id, table: table.id, view: view.id, record })}`;
  return [
    { label: w.record.open, icon: Maximize2, hint: 'Space', run: () => go.open(record) },
    { label: w.grid.copyLink, icon: Link, run: () => void copyText(link) },
    ...(base.canEdit
      ? ([
          'line',
          { label: w.grid.newRecord, icon: Plus, run: go.create },
          { label: w.grid.duplicate, icon: Copy, run: () => commands.duplicate(record) },
          'line',
          { label: w.grid.deleteRecords(n), icon: Trash2, danger: true, run: () => commands.delete(target.range.spans) },
        ] satisfies MenuEntry[])
      : []),
  ];
}

export function recordsMenu(base: OpenBase, commands: GridCommands, spans: readonly Span[]): MenuEntry[] {
  const n = spans.reduce((sum, span) => sum + span.to - span.from, 0);
  return base.canEdit ? [{ label: words().grid.deleteRecords(n), icon: Trash2, danger: true, run: () => commands.delete(spans) }] : [];
}
