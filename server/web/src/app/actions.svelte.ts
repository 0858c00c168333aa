/**
 * Everything a person can do here, by name: the palette shows it, keys run it. A screen adds its actions while it is shown:
 *
 *     $effect(() => actions.add([{ id: 'record.new', label: w.record.create, keys: 'Shift+N', run }]));
 */
import { untrack } from 'svelte';

export interface Action {
  readonly id: string;
  readonly label: string;
  readonly run: () => void;
  /** As in `keys.ts`: "Mod+K". */
  readonly keys?: string;
  readonly group?: string;
}

class Actions {
  #lists = $state.raw<readonly (readonly Action[])[]>([]);

  get all(): readonly Action[] {
    return this.#lists.flat();
  }

  /** Called in effects, which must not run again because of the list they add to. */
  add(list: readonly Action[]): () => void {
    untrack(() => (this.#lists = [...this.#lists, list]));
    return () => {
      this.#lists = this.#lists.filter((other) => other !== list);
    };
  }
}

export const actions = new Actions();
