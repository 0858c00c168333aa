/**
 * One live connection to a base. It keeps what must survive a lost network: the open subscriptions and the commands not
 * yet answered. After a reconnect it says hello, subscribes again and sends the waiting commands again in order; the
 * server answers a command it already knows with the outcome of the first time, since (cid, n) names it.
 *
 * It does not know rows or fields: `store/` gives it messages and listens.
 */
import { randomId } from './client';
import type { ClientMessage, Op, ServerMessage, SubSpec, Where } from './types';

export type Connection = 'connecting' | 'open' | 'lost' | 'closed';

export interface SocketEvents {
  message(message: ServerMessage): void;
  connection(state: Connection, why?: 'unauthenticated' | 'forbidden'): void;
}

interface Line {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

const pingMs = 20_000;
/** Commands on the way at a time. The server takes 200 at once and keeps the outcomes of the last 256. */
const flying = 64;
/** Refusals that say nothing about the command: it goes out again. A gap is what a busy moment leaves behind. */
const passing = new Set(['busy', 'gap', 'stopped']);
const waitMs = (attempt: number): number => Math.min(15_000, 400 * 2 ** attempt) * (0.7 + Math.random() * 0.6);

interface Waiting {
  readonly ops: readonly Op[];
  readonly dry: boolean;
  sent: boolean;
}

/** What an earlier page left: its name, and its commands by number. */
export interface Legacy {
  readonly cid: string;
  readonly commands: readonly { readonly n: number; readonly ops: readonly Op[] }[];
}

export class LiveSocket {
  readonly cid: string;
  readonly #events: SocketEvents;
  readonly #connect: () => Line;
  #line: Line | null = null;
  #ready = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pinger: ReturnType<typeof setInterval> | undefined;
  #missed = 0;
  #closed = false;
  #n = 0;
  #where: Where | null = null;
  #epoch = 0;
  #rev = 0;
  readonly #subs = new Map<string, SubSpec>();
  /** Subscriptions whose first frame has not come: their state cannot be resumed from `#rev`. */
  readonly #unsettled = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #pause: ReturnType<typeof setTimeout> | undefined;
  #held = false;

  /** `connect` is for tests; by default the base's socket on this host. */
  constructor(base: string, events: SocketEvents, connect?: () => Line, legacy?: Legacy) {
    this.cid = legacy?.cid ?? randomId();
    for (const { n, ops } of legacy?.commands ?? []) this.#waiting.set(n, { ops, dry: false, sent: false });
    this.#n = legacy?.commands.at(-1)?.n ?? 0;
    this.#events = events;
    this.#connect = connect ?? (() => new WebSocket(liveUrl(base)) as Line);
    if (typeof window !== 'undefined') window.addEventListener('online', this.#now);
  }

  start(): void {
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pinger);
    clearTimeout(this.#pause);
    if (typeof window !== 'undefined') window.removeEventListener('online', this.#now);
    this.#line?.close();
    this.#events.connection('closed');
  }

  /** Subscribes, or changes a subscription of the same `sid`. */
  sub(sid: string, spec: SubSpec): void {
    this.#subs.set(sid, spec);
    this.#unsettled.add(sid);
    this.#send({ t: 'sub', sid, ...spec });
  }

  unsub(sid: string): void {
    this.#unsettled.delete(sid);
    if (this.#subs.delete(sid)) this.#send({ t: 'unsub', sid });
  }

  /** Sends a command and returns its number; the answer comes as `ack` or `nack` with it. */
  command(ops: readonly Op[], dry = false): number {
    const n = ++this.#n;
    this.#waiting.set(n, { ops, dry, sent: false });
    this.#pump();
    return n;
  }

  /** Keeps commands back: what an earlier page left goes first. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#pump();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  presence(where: Where): void {
    this.#where = where;
    this.#send({ t: 'pres', ...where });
  }

  /** Subscribes everything again: the confirmed state has a gap. */
  resync(): void {
    for (const [sid, spec] of this.#subs) {
      this.#unsettled.add(sid);
      this.#send({ t: 'sub', sid, ...spec });
    }
  }

  readonly #now = (): void => {
    if (this.#line === null && !this.#closed) this.#open();
  };

  #open(): void {
    clearTimeout(this.#retry);
    this.#events.connection('connecting');
    const line = this.#connect();
    this.#line = line;
    line.onopen = () => {
      const settled = [...this.#subs.keys()].filter((sid) => !this.#unsettled.has(sid));
      const resume = this.#rev > 0 ? settled.map((sid) => ({ sid, epoch: this.#epoch, rev: this.#rev })) : [];
      this.#raw({ t: 'hello', proto: 1, cid: this.cid, last_n: this.#answered(), ...(resume.length > 0 ? { resume } : {}) });
    };
    line.onmessage = (event) => this.#heard(JSON.parse(String(event.data)) as ServerMessage);
    line.onclose = (event) => this.#lost(line, event.code);
  }

  /**
   * The number before which nothing is missing. Those that wait need not follow one another: some between them were
   * answered, or only asked.
   */
  #answered(): number {
    const numbers = [...this.#waiting.keys()];
    const last = numbers.at(-1);
    if (last === undefined) return this.#n;
    const first = numbers[0] ?? last;
    return last - first + 1 === numbers.length ? first - 1 : last - 1;
  }

  /** Sends what was not sent, in order, as far as there is room on the way. */
  #pump(): void {
    if (!this.#ready || this.#held || this.#pause !== undefined) return;
    let room = flying;
    for (const waiting of this.#waiting.values()) if (waiting.sent) room--;
    for (const [n, waiting] of this.#waiting) {
      if (room <= 0) return;
      if (waiting.sent) continue;
      waiting.sent = true;
      room--;
      const { ops, dry } = waiting;
      this.#raw({ t: 'cmd', n, ops, ...(dry ? { dry } : {}) });
    }
  }

  /** The command was not judged: again, when the server has had its time. */
  #later(n: number, seconds: number): void {
    const waiting = this.#waiting.get(n);
    if (waiting) waiting.sent = false;
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#pump();
    }, seconds * 1_000);
  }

  #heard(message: ServerMessage): void {
    this.#missed = 0;
    switch (message.t) {
      case 'pong':
        return;
      case 'welcome':
        this.#epoch = message.epoch;
        this.#welcome();
        break;
      case 'snap':
        this.#rev = Math.max(this.#rev, message.rev);
        this.#unsettled.delete(message.sid);
        break;
      case 'patch':
        this.#rev = Math.max(this.#rev, message.to_rev);
        for (const { sid } of message.wins) this.#unsettled.delete(sid);
        break;
      case 'reset':
        this.#rev = 0;
        break;
      case 'nack':
        if (passing.has(message.code)) return this.#later(message.n, message.retry_after ?? 1);
        this.#waiting.delete(message.n);
        break;
      case 'ack':
        this.#waiting.delete(message.n);
        break;
    }
    this.#events.message(message);
    if (message.t === 'ack' || message.t === 'nack') this.#pump();
  }

  #welcome(): void {
    this.#ready = true;
    this.#attempt = 0;
    this.#events.connection('open');
    this.resync();
    for (const waiting of this.#waiting.values()) waiting.sent = false;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#pump();
    if (this.#where) this.#raw({ t: 'pres', ...this.#where });
    clearInterval(this.#pinger);
    this.#pinger = setInterval(() => this.#ping(), pingMs);
  }

  #ping(): void {
    if (++this.#missed > 2) this.#line?.close();
    else this.#send({ t: 'ping', at: Date.now() });
  }

  #lost(line: Line, code: number): void {
    if (line !== this.#line) return;
    this.#line = null;
    this.#ready = false;
    this.#missed = 0;
    clearInterval(this.#pinger);
    if (this.#closed) return;
    if (code === 4401 || code === 4403) {
      this.#closed = true;
      this.#events.connection('closed', code === 4401 ? 'unauthenticated' : 'forbidden');
      return;
    }
    this.#events.connection('lost');
    this.#retry = setTimeout(() => this.#open(), waitMs(this.#attempt++));
  }

  #send(message: ClientMessage): void {
    if (this.#ready) this.#raw(message);
  }

  #raw(message: ClientMessage): void {
    this.#line?.send(JSON.stringify(message));
  }
}

function liveUrl(base: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/api/v1/bases/${encodeURIComponent(base)}/live`;
}
