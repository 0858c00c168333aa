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
const waitMs = (attempt: number): number => Math.min(15_000, 400 * 2 ** attempt) * (0.7 + Math.random() * 0.6);

export class LiveSocket {
  readonly cid = randomId();
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
  readonly #waiting = new Map<number, { ops: readonly Op[]; dry: boolean }>();

  /** `connect` is for tests; by default the base's socket on this host. */
  constructor(base: string, events: SocketEvents, connect?: () => Line) {
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
    this.#waiting.set(n, { ops, dry });
    this.#send({ t: 'cmd', n, ops, ...(dry ? { dry } : {}) });
    return n;
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

  /** The last number all commands up to which are answered. */
  #answered(): number {
    const first = this.#waiting.keys().next();
    return first.done ? this.#n : first.value - 1;
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
      case 'ack':
      case 'nack':
        this.#waiting.delete(message.n);
        break;
    }
    this.#events.message(message);
  }

  #welcome(): void {
    this.#ready = true;
    this.#attempt = 0;
    this.#events.connection('open');
    this.resync();
    for (const [n, { ops, dry }] of this.#waiting) this.#raw({ t: 'cmd', n, ops, ...(dry ? { dry } : {}) });
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
