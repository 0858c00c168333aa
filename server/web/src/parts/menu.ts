/** What a menu shows. `'line'` separates; an item without `run` and `items` is a heading. */
import type { Component } from 'svelte';

export interface MenuItem {
  readonly label: string;
  readonly run?: () => void;
  readonly items?: readonly MenuEntry[];
  readonly icon?: Component<{ size?: number }> | readonly string[];
  readonly hint?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly checked?: boolean;
  readonly color?: string;
}
export type MenuEntry = MenuItem | 'line';
