/** The real server for browser tests: `sheaf demo` in a folder of its own on a free port, with the page as it was built. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const root = join(import.meta.dirname, '../../..');

/** SHEAF_BIN, or what the Rust tests built. */
function binary(): string {
  const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/sheaf');
  const path = process.env.SHEAF_BIN ?? built;
  if (!existsSync(path)) throw new Error(`there is no ${path}: build it with cargo build -p server, or set SHEAF_BIN`);
  return path;
}

export interface Demo {
  /** Logs in, once. */
  readonly link: string;
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startDemo(): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), 'sheaf-e2e-'));
  const page = join(root, 'server/web/dist');
  const child = spawn(binary(), ['demo', '--data', data, '--listen', '127.0.0.1:0', '--web-dir', page], { stdio: ['ignore', 'pipe', 'pipe'] });
  const link = await said(child, /http:\/\/\S+\/login\?token=\w+/);
  return {
    link,
    origin: new URL(link).origin,
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function said(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((found, failed) => {
    let text = '';
    const read = (bytes: Buffer): void => {
      text += bytes.toString();
      const match = what.exec(text);
      if (match !== null) found(match[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => failed(new Error(`sheaf ended with ${code}: ${text}`)));
  });
}

type Json = Record<string, any>;

/** The API as the logged-in page may use it, with names in place of ids. */
export class Api {
  private constructor(private readonly page: Page, readonly base: Json) {}

  /** The base of this name. */
  static async of(page: Page, name: string): Promise<Api> {
    const bases = await call(page, 'GET', '/bases');
    const list = (Array.isArray(bases) ? bases : bases.bases) as Json[];
    const found = list.find((base) => base.name === name);
    if (found === undefined) throw new Error(`no base ${name}`);
    return new Api(page, await call(page, 'GET', `/bases/${found.id}`));
  }

  table(name: string): Json {
    const table = this.base.tables.find((one: Json) => one.name === name);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }

  field(table: string, name: string): Json {
    const field = this.table(table).fields.find((one: Json) => one.name === name);
    if (field === undefined) throw new Error(`no field ${name}`);
    return field;
  }

  view(table: string, name: string): Json {
    const view = this.table(table).views.find((one: Json) => one.name === name);
    if (view === undefined) throw new Error(`no view ${name}`);
    return view;
  }

  option(table: string, field: string, name: string): string {
    return this.field(table, field).options.options.find((one: Json) => one.name === name).id;
  }

  /** The address of a view in the app. */
  path(table: string, view: string): string {
    return `/b/${this.base.id}/t/${this.table(table).id}/v/${this.view(table, view).id}`;
  }

  async records(table: string, query: Json = {}): Promise<Json[]> {
    const answer = await call(this.page, 'POST', `/bases/${this.base.id}/query`, { table: this.table(table).id, limit: 500, ...query });
    return answer.records;
  }

  async value(table: string, record: string, field: string): Promise<unknown> {
    const answer = await call(this.page, 'GET', `/bases/${this.base.id}/tables/${this.table(table).id}/records/${record}`);
    return (answer.cells ?? answer.record?.cells)[this.field(table, field).id];
  }

  async set(table: string, record: string, field: string, value: unknown): Promise<void> {
    const records = [{ id: record, fields: { [this.field(table, field).id]: value } }];
    await call(this.page, 'POST', `/bases/${this.base.id}/commands`, { ops: [{ op: 'records.update', table: this.table(table).id, records }] });
  }
}

async function call(page: Page, method: string, path: string, body?: Json): Promise<any> {
  return page.evaluate(
    async ([how, where, what]) => {
      const init: RequestInit = { method: how as string };
      if (what !== undefined) Object.assign(init, { body: JSON.stringify(what), headers: { 'content-type': 'application/json' } });
      const answer = await fetch(`/api/v1${where as string}`, init);
      if (!answer.ok) throw new Error(`${how as string} ${where as string}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    [method, path, body] as const,
  );
}
