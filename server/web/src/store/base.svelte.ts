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
 * use `base.act`, which swallows the rejection. Refused edits of records wait in `base.refused` besides, to be done again
 * (`retry`) or forgotten (`dismiss`). What was not answered when a page ended is sent by the next one (store/outbox.ts).
 * Always `close()` windows and aggregations (return it from `$effect`).
 */
import { api } from '../api/client';
import { LiveSocket, type Connection } from '../api/socket';
import type {
  Base, Cells, CommandResult, Field, FieldId, Op, Person, Problem, RecordId, Row, ServerMessage, Table, TableId, UserId, View, ViewId, Where,
} from '../api/types';
import { Aggregation, type AggregateSpec } from './aggregation';
import { Commands, Refusal, wireOp } from './commands';
import { Outbox, waitingMax, waitingMs, type Kept, type Refused } from './outbox';
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
/** Bytes of a frame that the server takes, less what stands around the ops. */
const frameMax = (1 << 20) - 1024;

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
  /** Edits that the server did not take, oldest first. */
  refused = $state.raw<readonly Refused[]>([]);
  /** Whether the server refused the session or the base while open. */
  ended = $state<'unauthenticated' | 'forbidden' | null>(null);
  /** The newest version this browser knows. */
  rev = $state(0);
  /** Our own session on the socket. */
  session = '';

  readonly #socket: LiveSocket;
  readonly #commands: Commands;
  readonly #outbox: Outbox | null;
  /** Sockets that send what earlier pages left. */
  readonly #heirs = new Set<LiveSocket>();
  readonly #undo = new UndoStack();
  readonly #presence: PresenceList;
  readonly #live = new Set<Live>();
  readonly #refused = new Set<(cells: readonly RefusedCell[]) => void>();
  readonly #patched = new Set<() => void>();
  #names = 0;
  #people = new Map<UserId, Person>();
  #known: Index | undefined;

  constructor(info: Base, outbox: Outbox | null = null, left: readonly (readonly Kept[])[] = [], refused: readonly Refused[] = []) {
    this.id = info.id;
    this.#outbox = outbox;
    this.refused = refused;
    this.#setInfo(info);
    this.#socket = new LiveSocket(info.id, {
      message: (message) => this.#heard(message),
      connection: (state, why) => {
        this.connection = state;
        if (state === 'lost') this.#presence.clear();
        if (why) {
          this.ended = why;
          // They stay in the outbox: who signs in again sends them.
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
    void this.#inherit(left);
    this.#socket.start();
  }

  static async open(id: string, person: UserId): Promise<OpenBase> {
    const [info, outbox] = await Promise.all([api.base(id), Outbox.open(id, person)]);
    const [left, refused] = await Promise.all([outbox.left(), outbox.refused()]).catch(() => [[], []] as const);
    return new OpenBase(info, outbox, left, refused);
  }

  close(): void {
    for (const socket of this.#heirs) socket.close();
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
      const result = await this.#queue(ops, how.dry === true);
      if (!how.dry) {
        this.#undo.accepted(ops);
        this.#undoChanged();
      }
      return result;
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.cells.length > 0) for (const listener of this.#refused) listener(error.cells);
        if (!how.quiet) notify({ text: error.message, tone: 'danger' });
        if (!how.dry && this.ended === null && ops.every(isEdit)) this.#refuse(crypto.getRandomValues(new Uint32Array(4)).join('-'), ops, error.problem);
      }
      throw error;
    }
  }

  /** Does a refused edit again. */
  retry(entry: Refused): void {
    this.dismiss(entry);
    this.act(...entry.ops);
  }

  dismiss(entry: Refused): void {
    this.refused = this.refused.filter(({ id }) => id !== entry.id);
    this.#outbox?.dismiss(entry.id);
  }

  #queue(ops: readonly Op[], dry: boolean): Promise<CommandResult> {
    const text = JSON.stringify(ops);
    const refuse = (code: string, message: string): Promise<never> => Promise.reject(new Refusal({ code, message }, []));
    if (text.length * 3 > frameMax && new TextEncoder().encode(text).length > frameMax) return refuse('too_large', words().connection.tooLarge);
    if (!dry && this.#commands.waiting >= waitingMax) return refuse('limit', words().connection.tooMany);
    const { cid } = this.#socket;
    // The database cannot copy the proxies of a component's state.
    return this.#commands.send(ops, dry, (n) => this.#outbox?.keep({ cid, n, at: Date.now(), ops: JSON.parse(text) as Op[] }));
  }

  #refuse(id: string, ops: readonly Op[], problem: Problem): void {
    const entry: Refused = { id, at: Date.now(), ops: JSON.parse(JSON.stringify(ops)) as Op[], problem };
    this.refused = [...this.refused.filter((other) => other.id !== id), entry];
    this.#outbox?.refuse(entry);
  }

  /** Sends what earlier pages left, page after page, before anything of our own. It is shown from the start. */
  async #inherit(left: readonly (readonly Kept[])[]): Promise<void> {
    const oldest = Date.now() - waitingMs;
    const pages = left.map((page) => page.filter((kept) => kept.at >= oldest));
    for (const { cid, n, ops } of left.flatMap((page) => page.filter((kept) => kept.at < oldest))) {
      this.#refuse(`${cid} ${n}`, ops, { code: 'expired', message: words().tray.expired });
      this.#outbox?.answered(cid, n);
    }
    if (pages.every((page) => page.length === 0)) return;
    this.#socket.hold();
    for (const { cid, n, ops } of pages.flat()) {
      this.#commands.adopt(cid, n, ops).catch((error: unknown) => {
        if (error instanceof Refusal && this.ended === null) this.#refuse(`${cid} ${n}`, ops, error.problem);
      });
    }
    for (const page of pages) await this.#finish(page);
    this.#socket.release();
  }

  /** Sends the commands of one earlier page under its name; the server knows which of them it has done. */
  #finish(page: readonly Kept[]): Promise<void> {
    const [first] = page;
    if (!first) return Promise.resolve();
    const { cid } = first;
    return new Promise((done) => {
      const end = (): void => {
        this.#heirs.delete(socket);
        done();
      };
      const socket: LiveSocket = new LiveSocket(
        this.id,
        {
          message: (message) => {
            if (message.t !== 'ack' && message.t !== 'nack') return;
            this.#answered(cid, message);
            if (socket.waiting === 0) socket.close();
          },
          connection: (state) => state === 'closed' && end(),
        },
        undefined,
        { cid, commands: page.map(({ n, ops }) => ({ n, ops: ops.map(wireOp) })) },
      );
      this.#heirs.add(socket);
      socket.start();
    });
  }

  #answered(cid: string, message: Extract<ServerMessage, { t: 'ack' | 'nack' }>): void {
    this.#outbox?.answered(cid, message.n);
    if (message.t === 'nack') this.#commands.nack(cid, message.n, problemOf(message));
    else this.#commands.ack(cid, message.n, { version: message.rev, results: message.results, skipped: message.skipped });
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
        this.#answered(this.#socket.cid, message);
        // What we changed may lie in no window: panels look again.
        for (const listener of this.#patched) listener();
        return;
      case 'nack':
        this.#answered(this.#socket.cid, message);
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

/** What people type into records; all else is done in dialogs and menus that tell by themselves. */
function isEdit({ op }: Op): boolean {
  return op.startsWith('records.') || op.startsWith('cells.');
}

function problemOf({ code, message, field, record, op }: Problem): Problem {
  return { code, message, ...(field ? { field } : {}), ...(record ? { record } : {}), ...(op !== undefined ? { op } : {}) };
}
