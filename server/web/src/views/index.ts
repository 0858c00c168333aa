/**
 * View kinds: one folder and one line each. A view component gets `{ base, table, view }`, reads rows through
 * `base.window` and reports openings of records by `onopen`; the shell draws the tabs and the toolbar around it. The
 * settings in `view.settings` already contain what the person just changed.
 */
import type { Component } from 'svelte';
import type { OpenBase } from '../store/base.svelte';
import type { RecordId, Table, View, ViewKindName, ViewSettings } from '../api/types';

export interface ViewProps {
  readonly base: OpenBase;
  readonly table: Table;
  readonly view: View;
  /** Opens the record panel. */
  readonly onopen: (record: RecordId) => void;
  /** Text typed into the toolbar's search; a view adds it to its query as `search`. */
  readonly search?: string;
  /** Changes the view's settings (only the named keys); shown at once, sent where the person may edit the view. */
  readonly onchange?: (change: Partial<{ [K in keyof ViewSettings]: ViewSettings[K] | undefined }>) => void;
}

export interface ViewKind {
  readonly kind: ViewKindName;
  /** Lucide paths of a 24 × 24 line icon. */
  readonly icon: readonly string[];
  readonly load: () => Promise<{ default: Component<ViewProps> }>;
}

/** Each folder's `View.svelte`, loaded when first shown. */
const components = import.meta.glob<{ default: Component<ViewProps> }>('./*/View.svelte');
const load = (kind: ViewKindName): ViewKind['load'] => components[`./${kind}/View.svelte`] ?? (() => Promise.reject(new Error(`no view of kind ${kind}`)));

export const viewKinds: readonly ViewKind[] = [
  { kind: 'grid', icon: ['M3 5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z', 'M3 9h18', 'M9 9v12'], load: load('grid') },
  { kind: 'kanban', icon: ['M5 3v14', 'M12 3v8', 'M19 3v18'], load: load('kanban') },
  { kind: 'gantt', icon: ['M3 3v16a2 2 0 0 0 2 2h16', 'M8 6h8', 'M12 11h7', 'M9 16h6'], load: load('gantt') },
];

export function viewKind(kind: string): ViewKind | undefined {
  return viewKinds.find((entry) => entry.kind === kind);
}
