/**
 * What a tab has sent but not heard back about, kept in the browser's database (IndexedDB): a reload, a crash or a
 * closed tab loses nothing. And the tray: commands that the server refused, until somebody looks at them.
 *
 * Commands are kept under the name of the page that made them, `(cid, n)`, which is also what the server knows them by:
 * sent again by anybody, at any time, they are done once. So nobody asks whether the page that made them still lives.
 * Framework-free. Without IndexedDB (private windows of some browsers) everything works but outlives nothing.
 */
import type { Op, Problem, UserId } from '../api/types';

/** Commands that may wait, and for how long: after that the base has moved on. */
export const waitingMax = 1_000;
export const waitingMs = 7 * 86_400_000;

export interface Kept {
  readonly cid: string;
  readonly n: number;
  /** `Date.now()` when it was made. */
  readonly at: number;
  readonly ops: readonly Op[];
}

/** A command that was refused: what and why. */
export interface Refused {
  readonly id: string;
  readonly at: number;
  readonly ops: readonly Op[];
  readonly problem: Problem;
}

type Owned<T> = T & { readonly base: string; readonly person: UserId };

/** The part of a database that is used; tests give one of their own. */
export interface Shelf {
  put(store: 'pending' | 'refused', value: unknown): void;
  remove(store: 'pending' | 'refused', key: readonly (string | number)[]): void;
  all(store: 'pending' | 'refused', base: string): Promise<readonly unknown[]>;
}

export class Outbox {
  constructor(
    readonly base: string,
    readonly person: UserId,
    readonly shelf: Shelf | null,
  ) {}

  static async open(base: string, person: UserId): Promise<Outbox> {
    return new Outbox(base, person, await openShelf());
  }

  keep(kept: Kept): void {
    this.shelf?.put('pending', { base: this.base, person: this.person, ...kept } satisfies Owned<Kept>);
  }

  answered(cid: string, n: number): void {
    this.shelf?.remove('pending', [this.base, cid, n]);
  }

  refuse(refused: Refused): void {
    this.shelf?.put('refused', { base: this.base, person: this.person, ...refused } satisfies Owned<Refused>);
  }

  dismiss(id: string): void {
    this.shelf?.remove('refused', [this.base, id]);
  }

  /** What earlier pages left, oldest page first, each in the order of its numbers. */
  async left(): Promise<readonly (readonly Kept[])[]> {
    const pages = new Map<string, Kept[]>();
    for (const kept of await this.#own<Kept>('pending')) {
      const page = pages.get(kept.cid);
      if (page) page.push(kept);
      else pages.set(kept.cid, [kept]);
    }
    for (const page of pages.values()) page.sort((a, b) => a.n - b.n);
    return [...pages.values()].sort((a, b) => (a[0]?.at ?? 0) - (b[0]?.at ?? 0));
  }

  async refused(): Promise<readonly Refused[]> {
    return [...(await this.#own<Refused>('refused'))].sort((a, b) => a.at - b.at);
  }

  /** Somebody else may have used this browser: theirs is not ours to send. */
  async #own<T>(store: 'pending' | 'refused'): Promise<readonly T[]> {
    const all = ((await this.shelf?.all(store, this.base)) ?? []) as readonly Owned<T>[];
    return all.filter((entry) => entry.person === this.person);
  }
}

const version = 1;

async function openShelf(): Promise<Shelf | null> {
  if (typeof indexedDB === 'undefined') return null;
  try {
    const db = await new Promise<IDBDatabase>((done, failed) => {
      const asked = indexedDB.open('sheaf', version);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore('pending', { keyPath: ['base', 'cid', 'n'] });
        asked.result.createObjectStore('refused', { keyPath: ['base', 'id'] });
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
      asked.onblocked = () => failed(new Error('blocked'));
    });
    // A newer page may want to change the layout.
    db.onversionchange = () => db.close();
    return new DatabaseShelf(db);
  } catch {
    return null;
  }
}

class DatabaseShelf implements Shelf {
  readonly #db: IDBDatabase;
  constructor(db: IDBDatabase) {
    this.#db = db;
  }

  put(store: 'pending' | 'refused', value: unknown): void {
    this.#write(store, (target) => target.put(value));
  }

  remove(store: 'pending' | 'refused', key: readonly (string | number)[]): void {
    this.#write(store, (target) => target.delete([...key]));
  }

  all(store: 'pending' | 'refused', base: string): Promise<readonly unknown[]> {
    return new Promise((done, failed) => {
      const asked = this.#db.transaction(store).objectStore(store).getAll(IDBKeyRange.bound([base], [base, []]));
      asked.onsuccess = () => done(asked.result as unknown[]);
      asked.onerror = () => failed(asked.error ?? new Error('not read'));
    });
  }

  /** Transactions on a store are done in the order they are made, so nobody waits for one. */
  #write(store: 'pending' | 'refused', write: (target: IDBObjectStore) => void): void {
    try {
      const transaction = this.#db.transaction(store, 'readwrite', { durability: 'relaxed' });
      transaction.onabort = () => undefined;
      write(transaction.objectStore(store));
    } catch {
      // The database was closed, or is full: what is on the line still is.
    }
  }
}
