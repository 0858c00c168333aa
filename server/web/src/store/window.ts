/**
 * Rows of one order (a view, or a query on a table), loaded where somebody looks. Framework-free.
 *
 *     const rows = base.window({ table, view, fields });   // starts loading the first page
 *     rows.onChange((what) => repaint());                  // 'rows': order, total, groups; 'cells'; 'marks': summaries
 *     rows.need(from, to);                                 // on every frame that moved; cheap; call it once a span
 *     rows.row(i)                                          // undefined while it loads
 *     rows.total, rows.groups, rows.summaries, rows.loaded, rows.positionOf(id)
 *     rows.set(spec)                                       // other filter, sort, group, fields: old rows stay until new come
 *     rows.close()
 *
 * The order is cut into pages of `pageRows`; a live page is a subscription of its own, which the server keeps whole by
 * patches. A page left behind turns cold: its rows are still shown when one scrolls back, until the fresh ones arrive; any
 * change of the order drops all cold pages. Pending edits are laid over the rows when they are read.
 */
import type { FieldId, GroupNode, PatchOp, RecordId, Row, RowQuery, Snap, SubSpec, Summary, SummaryValues, TableId, ViewId } from '../api/types';
import { applyToRows, rowOf } from './rows';

export const pageRows = 200;
const livePages = 8;
const coldPages = 150;
const flushMs = 40;
/** Rows that a copy may load at most. */
const loadRows = 20_000;

export interface WindowSpec {
  readonly table: TableId;
  readonly view?: ViewId;
  readonly query?: RowQuery;
  readonly fields: readonly FieldId[];
  readonly summaries?: Readonly<Record<string, Summary>>;
  /** Pages that are kept up to date at once, the last ones asked for; 8 if nothing is said. */
  readonly live?: number;
}

export type WindowChange = 'rows' | 'cells' | 'marks';

/** What a window needs from the outside; the open base gives it. */
export interface WindowHost {
  sub(sid: string, spec: SubSpec): void;
  unsub(sid: string): void;
  /** Lays pending edits over a confirmed row; returns the same object when there are none. */
  overlay(row: Row): Row;
  /** Rows by request, for copies beyond the live pages. */
  fetchRows(spec: WindowSpec, from: number, len: number): Promise<readonly Row[]>;
  schedule(run: () => void, ms: number): void;
  closed(window: RowWindow): void;
}

interface Page {
  readonly index: number;
  sid: string | null;
  rows: Row[];
  fields: readonly FieldId[];
  /** The `snap` of the present subscription has come. */
  fresh: boolean;
  used: number;
}

export class RowWindow {
  total = 0;
  groups: readonly GroupNode[] = [];
  summaries: SummaryValues = {};
  /** Whether `total` is known. */
  loaded = false;
  /** Why there are no rows: the server refused the query. */
  problem: string | null = null;
  #spec: WindowSpec;
  #generation = 0;
  #turn = 0;
  /** Pages of an older generation are shown until the first snap of the new one. */
  #outdated = false;
  #clock = 0;
  #pages = new Map<number, Page>();
  #bySid = new Map<string, Page>();
  #wanted = new Set<number>();
  #flushing = false;
  #positions: Map<RecordId, number> | null = null;
  #listeners = new Set<(what: WindowChange) => void>();
  #closed = false;

  constructor(
    readonly name: string,
    spec: WindowSpec,
    readonly host: WindowHost,
  ) {
    this.#spec = spec;
    this.#want(0);
    this.#flush();
  }

  get spec(): WindowSpec {
    return this.#spec;
  }

  row(i: number): Row | undefined {
    const page = this.#pages.get(Math.floor(i / pageRows));
    const row = page?.rows[i - page.index * pageRows];
    return row && this.host.overlay(row);
  }

  /** Positions of loaded records only. */
  positionOf(record: RecordId): number | undefined {
    if (this.#positions === null) {
      this.#positions = new Map();
      for (const page of this.#pages.values()) {
        page.rows.forEach((row, i) => this.#positions?.set(row.id, page.index * pageRows + i));
      }
    }
    return this.#positions.get(record);
  }

  /** Asks for rows `from .. to`; spans asked for within some milliseconds add up. */
  need(from: number, to: number): void {
    const last = this.loaded ? Math.min(to, this.total) : to;
    let missing = false;
    for (let k = Math.floor(Math.max(0, from) / pageRows); k * pageRows < last; k++) {
      this.#want(k);
      if (this.#pages.get(k)?.sid == null) missing = true;
    }
    if (!missing || this.#flushing || this.#closed) return;
    this.#flushing = true;
    this.host.schedule(() => {
      this.#flushing = false;
      this.#flush();
    }, flushMs);
  }

  /** Loads all of `spans`, for a copy: resolves when `row` gives them. */
  async load(spans: readonly { readonly from: number; readonly to: number }[]): Promise<void> {
    const missing = new Set<number>();
    let rows = 0;
    for (const { from, to } of spans) {
      rows += to - from;
      for (let k = Math.floor(from / pageRows); k * pageRows < to; k++) if (!this.#pages.get(k)?.fresh) missing.add(k);
    }
    if (rows > loadRows) throw new Error('rangeTooLarge');
    const generation = this.#generation;
    for (const k of missing) {
      const got = await this.host.fetchRows(this.#spec, k * pageRows, pageRows);
      if (this.#closed || generation !== this.#generation) return;
      const page = this.#page(k);
      if (!page.fresh) page.rows = [...got];
    }
    this.#changed('rows');
  }

  onChange(listener: (what: WindowChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another query, other fields or summaries. Rows stay on the screen until the new ones come. */
  set(spec: WindowSpec): void {
    const before = this.#spec;
    if (JSON.stringify(before) === JSON.stringify(spec)) return;
    this.#spec = spec;
    this.#generation++;
    const key = (s: WindowSpec): string => JSON.stringify([s.table, s.view, s.query]);
    this.#outdated ||= key(before) !== key(spec);
    const live = [...this.#bySid.values()].map((page) => page.index);
    for (const page of [...this.#bySid.values()]) this.#cool(page);
    for (const k of this.#outdated ? live.slice(0, 2) : live) this.#want(k);
    if (live.length === 0) this.#want(0);
    this.#flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sid of this.#bySid.keys()) this.host.unsub(sid);
    this.#bySid.clear();
    this.#listeners.clear();
    this.host.closed(this);
  }

  /* Called by the open base. */

  owns(sid: string): boolean {
    return this.#bySid.has(sid);
  }

  snap(snap: Snap): void {
    const page = this.#bySid.get(snap.sid);
    if (!page) return;
    this.problem = snap.error?.message ?? null;
    if (snap.error) {
      this.#pages.clear();
      this.#pages.set(page.index, page);
      page.rows = [];
      page.fresh = false;
      [this.total, this.groups, this.summaries, this.loaded] = [0, [], {}, true];
      this.#changed('rows');
      return;
    }
    if (this.#outdated) {
      for (const other of [...this.#pages.values()]) if (other.sid === null) this.#pages.delete(other.index);
      for (const other of this.#pages.values()) if (other !== page) other.rows = [];
      this.#outdated = false;
    }
    page.fields = snap.fields;
    page.rows = snap.rows.map((row) => rowOf(row, snap.fields));
    page.fresh = true;
    if (this.loaded && snap.total !== this.total) this.#dropCold();
    this.total = snap.total;
    this.groups = snap.groups ?? [];
    this.summaries = snap.summaries ?? {};
    this.loaded = true;
    this.#changed('rows');
  }

  /** Applies one window's ops of a patch frame. */
  patch(sid: string, ops: readonly PatchOp[]): void {
    const page = this.#bySid.get(sid);
    if (!page || !page.fresh) return;
    let change: WindowChange = 'marks';
    const structural = (): void => {
      change = 'rows';
    };
    for (const op of ops) {
      if (!this.#apply(page, op, structural)) {
        this.#resub(page);
        return;
      }
      if (op[0] === 'u' && change === 'marks') change = 'cells';
    }
    page.rows.length = Math.min(page.rows.length, pageRows);
    if ((change as WindowChange) === 'rows') this.#dropCold();
    this.#changed(change);
  }

  /** Pending edits changed: values read by `row` may differ. */
  repaint(): void {
    for (const listener of this.#listeners) listener('cells');
  }

  /** False: the page does not fit the op, it must be loaded again. */
  #apply(page: Page, op: PatchOp, structural: () => void): boolean {
    switch (op[0]) {
      case 't':
        if (this.total !== op[1]) structural();
        this.total = op[1];
        return true;
      case 'g':
        this.groups = op[1];
        structural();
        return true;
      case 's':
        this.summaries = op[1];
        return true;
      case 'a':
        return true;
      case 'x':
        // A snap follows; the rows shown stay until then.
        page.fresh = false;
        return true;
      default:
        if (op[0] !== 'u') structural();
        return applyToRows(page.rows, page.index * pageRows, page.fields, op);
    }
  }

  #want(k: number): void {
    this.#wanted.delete(k);
    this.#wanted.add(k);
    const page = this.#pages.get(k);
    if (page) page.used = ++this.#clock;
  }

  #page(k: number): Page {
    let page = this.#pages.get(k);
    if (!page) {
      page = { index: k, sid: null, rows: [], fields: [], fresh: false, used: ++this.#clock };
      this.#pages.set(k, page);
    }
    return page;
  }

  /** Subscribes the pages wanted since the last time, lets the oldest others go. */
  #flush(): void {
    if (this.#closed) return;
    const wanted = [...this.#wanted].slice(-(this.#spec.live ?? livePages));
    this.#wanted.clear();
    for (const k of wanted) {
      const page = this.#page(k);
      page.used = ++this.#clock;
      if (page.sid === null) this.#resub(page);
    }
    const live = [...this.#bySid.values()].sort((a, b) => b.used - a.used);
    for (const page of live.slice(this.#spec.live ?? livePages)) this.#cool(page);
    const cold = [...this.#pages.values()].filter((page) => page.sid === null).sort((a, b) => b.used - a.used);
    for (const page of cold.slice(coldPages)) this.#pages.delete(page.index);
  }

  #resub(page: Page): void {
    if (page.sid !== null) this.#cool(page);
    const { table, view, query, fields, summaries } = this.#spec;
    page.sid = `${this.name}.${++this.#turn}.${page.index}`;
    page.fresh = false;
    this.#bySid.set(page.sid, page);
    this.host.sub(page.sid, {
      table,
      ...(view ? { view } : {}),
      ...(query ? { query } : {}),
      fields,
      range: { from: page.index * pageRows, len: pageRows },
      ...(summaries ? { summaries } : {}),
    });
  }

  #cool(page: Page): void {
    if (page.sid === null) return;
    this.#bySid.delete(page.sid);
    this.host.unsub(page.sid);
    page.sid = null;
    page.fresh = false;
  }

  #dropCold(): void {
    for (const page of [...this.#pages.values()]) if (page.sid === null) this.#pages.delete(page.index);
  }

  #changed(what: WindowChange): void {
    if (what === 'rows') this.#positions = null;
    for (const listener of this.#listeners) listener(what);
  }
}
