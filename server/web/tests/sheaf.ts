/**
 * The real binary with a data folder of its own: started on a free port, stopped and removed at the end.
 * SHEAF_BIN names the program. The page is server/web/dist when that was built, else what the program carries.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Base, Table } from '../src/api/types';

const web = join(import.meta.dirname, '..');
const root = join(web, '../..');
const startMs = 60_000;

export class Sheaf {
  #cookie = '';

  private constructor(
    private child: ChildProcess,
    private readonly data: string,
    readonly url: string,
    /** Logs in once. `api` uses it up. */
    readonly link: string,
  ) {}

  static async start(locale: 'en' | 'zh-CN' = 'en'): Promise<Sheaf> {
    const program = binary();
    const data = mkdtempSync(join(tmpdir(), 'sheaf-e2e-'));
    const child = spawn(program, ['demo', '--locale', locale, '--data', data, '--listen', '127.0.0.1:0', ...page()], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const link = await new Promise<string>((found, failed) => {
      const late = setTimeout(() => failed(new Error(`no login link within ${startMs} ms:\n${said}`)), startMs);
      const hear = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-20_000);
        const match = /http:\/\/\S+\/login\?token=\w+/.exec(said);
        if (match) {
          clearTimeout(late);
          found(match[0]);
        }
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', failed);
      child.on('exit', (code) => failed(new Error(`${program} ended with ${code}:\n${said}`)));
    }).catch((error: unknown) => {
      child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
      throw error;
    });
    return new Sheaf(child, data, new URL(link).origin, link);
  }

  /** Without a farewell, as when a machine goes down. */
  async kill(): Promise<void> {
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Starts the killed program again, on the same data and address. */
  async revive(): Promise<void> {
    this.child = spawn(binary(), ['serve', '--data', this.data, '--listen', new URL(this.url).host, ...page()], { stdio: 'ignore' });
    for (const until = Date.now() + startMs; Date.now() < until; await new Promise((done) => setTimeout(done, 50))) {
      if (await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false)) return;
    }
    throw new Error('the program did not come back');
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.child.once('exit', done));
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      const force = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(force);
    }
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Logs in without a browser. */
  async login(link = this.link): Promise<string> {
    const answer = await fetch(link, { redirect: 'manual' });
    const cookie = /sheaf_session=(\w+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    if (cookie === undefined) throw new Error(`${link} did not log in: ${answer.status}`);
    this.#cookie ||= cookie;
    return cookie;
  }

  /** Whose session `api` uses. */
  use(cookie: string): void {
    this.#cookie = cookie;
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: `sheaf_session=${this.#cookie}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async base(name: string): Promise<Base> {
    const found = (await this.api<{ id: string; name: string }[]>('GET', '/bases')).find((base) => base.name === name);
    if (found === undefined) throw new Error(`no base ${name}`);
    return this.api('GET', `/bases/${found.id}`);
  }

  async act(base: string, op: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { results } = await this.api<{ results: Record<string, unknown>[] }>('POST', `/bases/${base}/commands`, { ops: [op] });
    return results[0] ?? {};
  }

  /** A cell as the server has it. */
  async value(base: string, table: string, record: string, field: string): Promise<unknown> {
    const row = await this.api<{ cells: Record<string, unknown> }>('GET', `/bases/${base}/tables/${table}/records/${record}`);
    return row.cells[field] ?? null;
  }

  /** A browser of its own, logged in with a session. */
  async context(browser: Browser, cookie = this.#cookie, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', colorScheme: 'light', ...options });
    // A step that does not come is named, before the test's own time is up.
    context.setDefaultTimeout(12_000);
    if (cookie !== '') await context.addCookies([{ name: 'sheaf_session', value: cookie, url: this.url }]);
    return context;
  }
}

function binary(): string {
  const named = process.env.SHEAF_BIN;
  const target = process.env.CARGO_TARGET_DIR ?? 'target';
  const program = named ? resolve(named) : join(isAbsolute(target) ? target : join(root, target), 'debug/sheaf');
  if (!existsSync(program)) throw new Error(`${program} is not there: cargo build -p server, or name one with SHEAF_BIN`);
  return program;
}

/** A page older than its sources would be tested in vain. */
function page(): string[] {
  const dist = process.env.SHEAF_WEB_DIR ?? join(web, 'dist');
  const index = join(dist, 'index.html');
  if (!existsSync(index)) return [];
  const built = statSync(index).mtimeMs;
  const newer = readdirSync(join(web, 'src'), { recursive: true, encoding: 'utf8' }).find((name) => !name.endsWith('.test.ts') && /\.\w+$/.test(name) && statSync(join(web, 'src', name)).mtimeMs > built);
  if (newer !== undefined) throw new Error(`src/${newer} is newer than ${dist}: npm run build`);
  return ['--web-dir', dist];
}

export function tableOf(base: Base, name: string): Table {
  const table = base.tables.find((entry) => entry.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

/** The id of a field, or of the option `Field=Option`. */
export function idOf(table: Table, name: string): string {
  const [field, option] = name.split('=');
  const found = table.fields.find((entry) => entry.name === field);
  const id = option === undefined ? found?.id : found?.options.options?.find((entry) => entry.name === option)?.id;
  if (id === undefined) throw new Error(`no ${name} in ${table.name}`);
  return id;
}

/** Address of a view; without a name the first. */
export function addressOf(base: Base, table: Table, view?: string): string {
  const found = view === undefined ? table.views[0] : table.views.find((entry) => entry.name === view);
  if (found === undefined) throw new Error(`no view ${view} in ${table.name}`);
  return `/b/${base.id}/t/${table.id}/v/${found.id}`;
}

/** What a page must never do: throw, complain, break the policy, get a refusal, or ask a foreign host. */
export function watch(page: Page, origin: string, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`threw ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && new URL(url).origin !== origin) faults.push(`asked ${url}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) faults.push(`connected to ${socket.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
}

/** Everything said to be wrong so far, once. */
export function taken(faults: string[]): string[] {
  return [...new Set(faults.splice(0))];
}

/**
 * How much of a picture is not its ground, in percent, and how many colors it has. Decoded by the browser itself, on an
 * empty page.
 */
export async function ink(browser: Browser, picture: Buffer): Promise<{ share: number; colors: number; ground: [number, number, number] }> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(async (base64) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      const counts = new Map<number, number>();
      for (let i = 0; i < data.length; i += 4) {
        const color = (data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!;
        counts.set(color, (counts.get(color) ?? 0) + 1);
      }
      const [color, most] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
      return { share: 100 * (1 - most / (data.length / 4)), colors: counts.size, ground: [color >> 16, (color >> 8) & 255, color & 255] as [number, number, number] };
    }, picture.toString('base64'));
  } finally {
    await page.close();
  }
}

/** For `afterEach`: pictures of what is open when a test failed (into test-results/), then closes it. */
export async function closePages(contexts: readonly BrowserContext[], task: { readonly name: string; readonly result?: { readonly state: string } | undefined }): Promise<void> {
  const failed = task.result?.state === 'fail';
  const into = join(web, 'test-results');
  if (failed) mkdirSync(into, { recursive: true });
  for (const [i, page] of contexts.flatMap((context) => context.pages()).entries()) {
    if (failed) await page.screenshot({ path: join(into, `${task.name.replace(/[^\w]+/g, '-').slice(0, 60)}-${i}.png`) }).catch(() => undefined);
    await page.close();
  }
}
