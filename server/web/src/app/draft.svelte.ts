/**
 * The view on the screen, with the settings that the person just changed. They are sent at once where the person may edit
 * the view; a viewer, or anybody on a locked view, keeps them to themselves until leaving.
 */
import type { OpenBase } from '../store/base.svelte';
import type { View, ViewId, ViewSettings } from '../api/types';

export class ViewDraft {
  readonly base: OpenBase;
  #override = $state.raw<{ view: ViewId; settings: ViewSettings } | null>(null);
  #sent = 0;

  constructor(base: OpenBase) {
    this.base = base;
  }

  /** The view with its settings as shown. */
  of(view: View): View {
    return this.#override?.view === view.id ? { ...view, settings: this.#override.settings } : view;
  }

  keepsToMyself(view: View): boolean {
    return !this.base.canEdit || view.locked;
  }

  update(view: View, change: Partial<{ [K in keyof ViewSettings]: ViewSettings[K] | undefined }>): void {
    const settings = { ...this.of(view).settings, ...change } as Record<string, unknown>;
    for (const key of Object.keys(settings)) if (settings[key] === undefined) delete settings[key];
    this.#override = { view: view.id, settings: settings as ViewSettings };
    if (this.keepsToMyself(view)) return;
    const mine = ++this.#sent;
    const done = (): void => {
      if (mine === this.#sent) this.#override = null;
    };
    this.base.send([{ op: 'views.update', view: view.id, settings }]).then(done, done);
  }
}
