/**
 * The open base: all that a view, a dashboard or a panel asks for.
 *
 *     base.info                                   // Base: tables, dashboards, automations, people (reactive, replaced whole)
 *     base.table(id), base.field(table, id), base.person(id), base.canEdit
 *     const rows = base.window({ table, view, query, fields });      // store/window.ts
 *     const sums = base.aggregate({ table, view, filter, aggregate }); // store/aggregation.ts
 *     base.edit(table, record, { [field]: value });                  // shown at once, taken back if refused
 *     const { results } = await base.send([{ op: 'records.create', table, records: [{ fields }] }]);
 *     await base.send(ops, { dry: true });        // only asks
 *     base.undo(), base.redo(), base.here({ table, view, record, field })
 *
 * A refused `send` shows a toast with the server's sentence and rejects with `Refusal`; callers that only fire and forget
 * use `base.act`, which swallows the rejection. Always `close()` windows and aggregations (return it from `$effect`).
 */
import { api } from '../api/client';
import { LiveSocket, type Connection } from '../api/socket';
import type {
  Base, Cells, CommandResult, Field, FieldId, Op, Person, Problem, RecordId, Row, ServerMessage, Table, TableId, UserId, View, ViewId, Where,
} from '../api/types';
import { Aggregation, type AggregateSpec } from './aggregation';
import { Commands, Refusal } from './commands';
import { notify } from './notices.svelte';
import { PresenceList, type Other } from './presence';
import { skippedRecords, UndoStack } from './undo';
import { RowWindow, type WindowSpec } from './window';
import { words } from '../i18n/index.svelte';

type Live = RowWindow | Aggregation;
interface Index {
  readonly of: Base;
  readonly tables: ReadonlyMap<TableId, Table>;
  readonly fields: ReadonlyMap<FieldId, Field>;
}
export type RefusedCell = { readonly record: RecordId; readonly field: FieldId };

export class OpenBase {
  readonly id: string;
  info = $state.raw<Base>() as Base;
  connection = $state<Connection>('connecting');
  /** Commands not yet answered: "Saving…" while above zero. */
  waiting = $state(0);
  canUndo = $state(false);
  canRedo = $state(false);
  others = $state.raw<readonly Other[]>([]);
  unread = $state(0);
  /** Whether the server refused the session or the base while open. */
  ended = $state<'unauthenticated' | 'forbidden' | null>(null);
  /** The newest version this browser knows. */
  rev = $state(0);
  /** Our own session on the socket. */
  session = '';

  readonly #socket: LiveSocket;
  readonly #commands: Commands;
  readonly #undo = new UndoStack();
  readonly #presence: PresenceList;
  readonly #live = new Set<Live>();
  readonly #refused = new Set<(cells: readonly RefusedCell[]) => void>();
  readonly #patched = new Set<() => void>();
  #names = 0;
  #people = new Map<UserId, Person>();
  #known: Index | undefined;

  constructor(info: Base) {
    this.id = info.id;
    this.#setInfo(info);
    this.#socket = new LiveSocket(info.id, {
      message: (message) => this.#heard(message),
      connection: (state, why) => {
        this.connection = state;
        if (state === 'lost') this.#presence.clear();
        if (why) {
          this.ended = why;
          this.#commands.abandon({ code: why, message: words().connection.ended });
        }
      },
    });
    this.#commands = new Commands(this.#socket, () => {
      this.waiting = this.#commands.waiting;
      for (const live of this.#live) live.repaint();
    });
    this.#presence = new PresenceList(
      (where) => this.#socket.presence(where),
      () => (this.others = this.#presence.others().filter((o) => o.session !== this.session)),
    );
    this.#socket.start();
  }

  static async open(id: string): Promise<OpenBase> {
    return new OpenBase(await api.base(id));
  }

  close(): void {
    for (const live of [...this.#live]) live.close();
    this.#presence.close();
    this.#socket.close();
  }

  get canEdit(): boolean {
    return this.info.role !== 'viewer';
  }

  get isOwner(): boolean {
    return this.info.role === 'owner';
  }

  table(id: TableId | string | undefined): Table | undefined {
    return this.#lookup().tables.get(id as TableId);
  }

  /** A field of any table; ids are unique in a base. */
  field(id: FieldId | string | undefined): Field | undefined {
    return this.#lookup().fields.get(id as FieldId);
  }

  view(id: ViewId | string | undefined): View | undefined {
    for (const table of this.info.tables) {
      const found = table.views.find((view) => view.id === id);
      if (found) return found;
    }
    return undefined;
  }

  person(id: UserId | string): Person | undefined {
    return this.#people.get(id as UserId);
  }

  window(spec: WindowSpec): RowWindow {
    const window = new RowWindow(`w${++this.#names}`, spec, {
      sub: (sid, sub) => this.#socket.sub(sid, sub),
      unsub: (sid) => this.#socket.unsub(sid),
      overlay: (row) => this.#commands.overlay(row),
      fetchRows: async (s, offset, limit) => {
        const { records } = await api.query(this.id, {
          table: s.table, fields: s.fields, offset, limit, ...s.query, ...(s.view ? { view: s.view } : {}),
        });
        return records;
      },
      schedule: (run, ms) => setTimeout(run, ms),
      closed: (w) => this.#live.delete(w),
    });
    this.#live.add(window);
    return window;
  }

  aggregate(spec: AggregateSpec): Aggregation {
    const aggregation = new Aggregation(`a${++this.#names}`, spec, {
      sub: (sid, sub) => this.#socket.sub(sid, sub),
      unsub: (sid) => this.#socket.unsub(sid),
      closed: (a) => this.#live.delete(a),
    });
    this.#live.add(aggregation);
    return aggregation;
  }

  /** One commit: all ops or none. */
  async send(ops: readonly Op[], how: { dry?: boolean; quiet?: boolean } = {}): Promise<CommandResult> {
    try {
      const result = await this.#commands.send(ops, how.dry);
      if (!how.dry) {
        this.#undo.accepted(ops);
        this.#undoChanged();
      }
      return result;
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.cells.length > 0) for (const listener of this.#refused) listener(error.cells);
        if (!how.quiet) notify({ text: error.message, tone: 'danger' });
      }
      throw error;
    }
  }

  /** As `send`, for callers that do not wait: what went wrong was told by the toast. */
  act(...ops: Op[]): void {
    this.send(ops).catch(() => undefined);
  }

  edit(table: TableId, record: RecordId, fields: Cells): void {
    this.act({ op: 'records.update', table, records: [{ id: record, fields }] });
  }

  undo(): void {
    void this.#step('undo');
  }

  redo(): void {
    void this.#step('redo');
  }

  here(where: Where): void {
    this.#presence.here(where);
  }

  /** A row as the browser shows it: pending edits laid over. For rows that came by `api`, not by a window. */
  overlay(row: Row): Row {
    return this.#commands.overlay(row);
  }

  /** Calls `listener` when a cell that was shown changed is taken back. */
  onRefused(listener: (cells: readonly RefusedCell[]) => void): () => void {
    this.#refused.add(listener);
    return () => this.#refused.delete(listener);
  }

  /** Calls `listener` after each commit of anybody. */
  onPatch(listener: () => void): () => void {
    this.#patched.add(listener);
    return () => this.#patched.delete(listener);
  }

  async #step(op: 'undo' | 'redo'): Promise<void> {
    try {
      const { skipped } = await this.send([{ op }], { quiet: true });
      const n = skippedRecords(skipped);
      if (n > 0) notify({ text: words().undo.skipped(n) });
    } catch (error) {
      this.#undo.refused(op);
      this.#undoChanged();
      notify({ text: error instanceof Refusal ? error.message : String(error) });
    }
  }

  #undoChanged(): void {
    this.canUndo = this.#undo.done > 0;
    this.canRedo = this.#undo.undone > 0;
  }

  #heard(message: ServerMessage): void {
    switch (message.t) {
      case 'welcome':
        this.session = message.session;
        this.rev = message.rev;
        // The description may have changed while the line was down.
        if (message.schema_rev !== this.info.schema_version) void api.base(this.id).then((info) => this.#setInfo(info));
        return;
      case 'snap':
        this.rev = Math.max(this.rev, message.rev);
        for (const live of this.#live) if (live.owns(message.sid)) live.snap(message);
        return;
      case 'patch':
        this.rev = message.to_rev;
        for (const { sid, ops } of message.wins) for (const live of this.#live) if (live.owns(sid)) live.patch(sid, ops);
        for (const listener of this.#patched) listener();
        return;
      case 'schema':
        this.#setInfo(message.base);
        return;
      case 'ack':
        this.rev = Math.max(this.rev, message.rev);
        this.#commands.ack(message.n, { version: message.rev, results: message.results, skipped: message.skipped });
        // What we changed may lie in no window: panels look again.
        for (const listener of this.#patched) listener();
        return;
      case 'nack':
        this.#commands.nack(message.n, problemOf(message));
        return;
      case 'pres':
        this.#presence.heard(message);
        return;
      case 'inbox':
        this.unread = message.unread;
        return;
      case 'reset':
        this.#socket.resync();
        void api.base(this.id).then((info) => this.#setInfo(info));
        return;
    }
  }

  #setInfo(info: Base): void {
    this.info = info;
    this.#people = new Map(info.people.map((person) => [person.id, person]));
  }

  #lookup(): Index {
    const info = this.info;
    if (this.#known?.of !== info) {
      this.#known = {
        of: info,
        tables: new Map(info.tables.map((table) => [table.id, table])),
        fields: new Map(info.tables.flatMap((table) => table.fields.map((field) => [field.id, field] as const))),
      };
    }
    return this.#known;
  }
}

function problemOf({ code, message, field, record, op }: Problem): Problem {
  return { code, message, ...(field ? { field } : {}), ...(record ? { record } : {}), ...(op !== undefined ? { op } : {}) };
}
