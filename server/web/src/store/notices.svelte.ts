/**
 * Short messages at the edge of the screen: why an edit was refused, what can be taken back.
 *
 *     notify({ text: words.deleted(3), action: { label: words.undo, run: () => base.undo() } });
 */
import { untrack } from 'svelte';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'danger';
  readonly action?: { readonly label: string; readonly run: () => void };
}

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #next = 1;

  add(notice: { text: string; tone?: Notice['tone']; action?: Notice['action']; ms?: number }): void {
    const id = this.#next++;
    const { text, tone = 'plain', action, ms = action || tone === 'danger' ? 7000 : 4000 } = notice;
    // The same sentence twice is one sentence.
    const others = untrack(() => this.list).filter((n) => n.text !== text);
    this.list = [...others, { id, text, tone, ...(action ? { action } : {}) }].slice(-4);
    setTimeout(() => this.remove(id), ms);
  }

  remove(id: number): void {
    this.list = this.list.filter((n) => n.id !== id);
  }
}

export const notices = new Notices();
export const notify = notices.add.bind(notices);
