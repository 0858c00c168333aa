// Edits while the server is away, lost answers and refused edits: nothing is lost, nothing is done twice.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Base, Table } from '../src/api/types';
import { startBrowser } from './browser';
import { GridPage } from './grid';
import { addressOf, closePages, idOf, Sheaf, tableOf, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let context: BrowserContext;
let page: Page;
let base: Base;
let sheet: Table;
let records: string[];
const faults: string[] = [];
const poll = { timeout: 20_000, interval: 100 };
const id = (name: string): string => idOf(sheet, name);
const value = (field: string, n = 0): Promise<unknown> => sheaf.value(base.id, sheet.id, records[n]!, id(field));

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start()]);
  await sheaf.login();
  base = await sheaf.base('Double Eleven');
  await sheaf.act(base.id, { op: 'tables.create', name: 'Away', fields: [{ name: 'Name', type: 'text' }, { name: 'Amount', type: 'number', options: {} }, { name: 'Code', type: 'text' }] });
  base = await sheaf.base('Double Eleven');
  sheet = tableOf(base, 'Away');
  await sheaf.act(base.id, { op: 'fields.update', field: id('Code'), unique: true });
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(async ({ task }) => {
  await closePages([context], task);
  await context.close();
  // Refused requests belong to these tests; what throws does not.
  expect(faults.splice(0).filter((fault) => fault.startsWith('threw'))).toEqual([]);
});

async function open(): Promise<GridPage> {
  const made = await sheaf.act(base.id, { op: 'records.create', table: sheet.id, records: [{ fields: { [id('Name')]: 'one' } }, { fields: { [id('Name')]: 'two' } }] });
  records = made.records as string[];
  context = await sheaf.context(browser);
  page = await context.newPage();
  watch(page, sheaf.url, faults);
  return show();
}
async function show(): Promise<GridPage> {
  await page.goto(sheaf.url + addressOf(base, sheet));
  const grid = new GridPage(page);
  await grid.cell(records[0]!, id('Name')).waitFor({ state: 'attached' });
  return grid;
}
const total = async (): Promise<number> => (await sheaf.api<{ total: number }>('POST', `/bases/${base.id}/query`, { table: sheet.id, limit: 1 })).total;

test('edits made while the server is down arrive once, in order, after a reload', async () => {
  let grid = await open();
  const before = await total();
  await sheaf.kill();
  await grid.click(records[0]!, id('Name'));
  for (const text of ['first', 'second', 'third']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
  }
  await page.keyboard.press('Tab');
  await page.keyboard.type('42');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Enter');
  await page.getByText('5 edits wait').waitFor();
  expect(await grid.text(records[0]!, id('Name'))).toBe('third');
  // The page itself cannot be had now.
  await page.reload().catch(() => undefined);
  await sheaf.revive();
  grid = await show();
  await expect.poll(() => value('Name'), poll).toBe('third');
  await expect.poll(() => value('Amount'), poll).toBe(42);
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
  expect(await total()).toBe(before + 1);
  const history = await sheaf.api<{ field: string; after: unknown }[]>('GET', `/bases/${base.id}/tables/${sheet.id}/records/${records[0]}/history`);
  expect(history.filter((line) => line.field === id('Name')).map((line) => line.after).reverse()).toEqual(['one', 'first', 'second', 'third']);
  // A further reload finds nothing to do.
  await show();
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
  expect(await total()).toBe(before + 1);
});

test('the page stays, the server comes back: what waited goes out by itself', async () => {
  const grid = await open();
  await sheaf.kill();
  await grid.click(records[1]!, id('Name'));
  await page.keyboard.type('patient');
  await page.keyboard.press('Enter');
  await page.getByText('1 edit waits').waitFor();
  await sheaf.revive();
  await expect.poll(() => value('Name', 1), poll).toBe('patient');
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
});

test('an answer that was lost is asked for again, and nothing is done twice', async () => {
  const grid = await open();
  // Commands go out; what the server says of them does not come in.
  await page.routeWebSocket(/\/live$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!/"t":"(ack|nack)"/.test(String(message))) socket.send(message);
    });
  });
  await show();
  const before = await total();
  await grid.click(records[0]!, id('Name'));
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Shift+Enter');
  await expect.poll(total, poll).toBe(before + 2);
  await page.getByText('Saving…').waitFor();
  // Another page without that fault.
  const fresh = await context.newPage();
  await page.close();
  page = fresh;
  watch(page, sheaf.url, faults);
  await show();
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
  expect(await total()).toBe(before + 2);
});

test('what the server refuses waits in the tray, with what and why, and can be done again or dismissed', async () => {
  const grid = await open();
  await sheaf.act(base.id, { op: 'records.update', table: sheet.id, records: [{ id: records[1], fields: { [id('Code')]: 'A-1' } }] });
  await grid.click(records[0]!, id('Code'));
  await page.keyboard.type('A-1');
  await page.keyboard.press('Enter');
  const button = page.getByRole('button', { name: '1 not applied' });
  await button.waitFor();
  // It is there after a reload, too.
  await show();
  await button.click();
  const tray = page.getByRole('dialog', { name: 'Not applied' });
  await tray.getByText('one · Code: A-1').waitFor();
  expect(await tray.textContent()).toMatch(/unique|already|Code/);
  // The reason is gone: it works now.
  await sheaf.act(base.id, { op: 'records.update', table: sheet.id, records: [{ id: records[1], fields: { [id('Code')]: null } }] });
  await tray.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => value('Code'), poll).toBe('A-1');
  await expect.poll(() => button.count(), poll).toBe(0);
  await grid.click(records[1]!, id('Code'));
  await page.keyboard.type('A-1');
  await page.keyboard.press('Enter');
  await button.click();
  await tray.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(() => button.count(), poll).toBe(0);
  await show();
  expect(await button.count()).toBe(0);
  expect(await value('Code', 1)).toBeNull();
});
