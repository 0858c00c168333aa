/** Columns collapsed or hidden, kept in this browser for each view: the wire has no place for them yet. */
export class Kept {
  collapsed = $state.raw<readonly string[]>([]);
  hidden = $state.raw<readonly string[]>([]);
  readonly #key: string;

  constructor(view: string) {
    this.#key = `sheaf.kanban.${view}`;
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? '{}') as { collapsed?: string[]; hidden?: string[] };
      this.collapsed = kept.collapsed ?? [];
      this.hidden = kept.hidden ?? [];
    } catch {
      // Nothing readable: all columns are shown.
    }
  }

  toggle(what: 'collapsed' | 'hidden', key: string): void {
    this[what] = this[what].includes(key) ? this[what].filter((other) => other !== key) : [...this[what], key];
    this.#save();
  }

  clear(): void {
    this.hidden = [];
    this.#save();
  }

  #save(): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ collapsed: this.collapsed, hidden: this.hidden }));
    } catch {
      // Not kept, but shown.
    }
  }
}
