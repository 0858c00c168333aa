/** Where the others are, and telling them where we are, at most ten times a second. Framework-free. */
import type { PresenceMessage, UserId, Where } from '../api/types';

export interface Other extends Where {
  readonly session: string;
  readonly who: UserId;
  /** `performance.now()` of the last movement. */
  readonly movedAt: number;
}

const sendMs = 100;

export class PresenceList {
  #others = new Map<string, Other>();
  #mine: Where = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = 0;

  constructor(
    readonly send: (where: Where) => void,
    readonly changed: () => void,
  ) {}

  others(): Other[] {
    return [...this.#others.values()];
  }

  heard(message: PresenceMessage): void {
    const { session, who, table, view, record, field, editing } = message;
    if (message.gone) this.#others.delete(session);
    else {
      this.#others.set(session, {
        session, who, movedAt: performance.now(),
        ...(table ? { table } : {}), ...(view ? { view } : {}), ...(record ? { record } : {}), ...(field ? { field } : {}),
        ...(editing ? { editing } : {}),
      });
    }
    this.changed();
  }

  /** After a reconnect the server tells all of them again. */
  clear(): void {
    this.#others.clear();
    this.changed();
  }

  here(where: Where): void {
    if (JSON.stringify(where) === JSON.stringify(this.#mine)) return;
    this.#mine = where;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sentAt = performance.now();
      this.send(this.#mine);
    }, Math.max(0, this.#sentAt + sendMs - performance.now()));
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
