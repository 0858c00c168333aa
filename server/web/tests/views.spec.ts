// Kanban, Gantt and dashboard over the demo's data: what is dragged is stored, what is stored is shown at once.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Base, Table } from '../src/api/types';
import { startBrowser } from './browser';
import { GridPage } from './grid';
import { addressOf, closePages, idOf, Sheaf, tableOf, taken, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let context: BrowserContext;
let base: Base;
let tasks: Table;
const faults: string[] = [];
const poll = { timeout: 15_000, interval: 100 };

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start()]);
  await sheaf.login();
  base = await sheaf.base('Double Eleven');
  tasks = tableOf(base, 'Tasks');
  context = await sheaf.context(browser);
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(async ({ task }) => {
  await closePages([context], task);
  expect(taken(faults)).toEqual([]);
});

async function open(address: string): Promise<Page> {
  const page = await context.newPage();
  watch(page, sheaf.url, faults);
  await page.goto(sheaf.url + address);
  return page;
}
const value = (record: string, field: string): Promise<unknown> => sheaf.value(base.id, tasks.id, record, idOf(tasks, field));
const days = (from: unknown, to: unknown): number => Math.round((Date.parse(String(to)) - Date.parse(String(from))) / 86_400_000);

async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + Math.sign(to.x - from.x) * 8, from.y, { steps: 2 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}

test('a card is dragged to another column', async () => {
  const page = await open(addressOf(base, tasks, 'Progress board'));
  const status = tasks.fields.find((field) => field.id === idOf(tasks, 'Status'));
  const [from, to] = (status?.options.options ?? []).map((option) => page.locator(`[data-column="${option.id}"]`));
  if (from === undefined || to === undefined) throw new Error('no columns');
  const card = from.locator('[data-card]').first();
  await card.waitFor();
  await to.locator('[data-card]').first().waitFor();
  const record = (await card.getAttribute('data-card'))!;
  const count = async (): Promise<number> => Number((await from.locator('.count').textContent())?.replace(/\D/g, ''));
  const before = await count();
  const [a, b] = [await card.boundingBox(), await to.boundingBox()];
  await drag(page, { x: a!.x + 60, y: a!.y + 20 }, { x: b!.x + 100, y: b!.y + 90 });
  await expect.poll(() => value(record, 'Status'), poll).toBe(await to.getAttribute('data-column'));
  await to.locator(`[data-card="${record}"]`).waitFor();
  await expect.poll(() => from.locator(`[data-card="${record}"]`).count(), poll).toBe(0);
  await expect.poll(count, poll).toBe(before - 1);
  // A click is not a drag: it opens the record.
  await to.locator(`[data-card="${record}"]`).click();
  await page.getByRole('complementary', { name: 'Open record' }).waitFor();
  await page.getByRole('complementary', { name: 'Open record' }).getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('Control+z');
  await expect.poll(() => value(record, 'Status'), poll).toBe(await from.getAttribute('data-column'));
});

test('a bar is dragged to other days, its end to a longer task', async () => {
  const page = await open(addressOf(base, tasks, 'Gantt'));
  const pane = page.getByRole('application', { name: 'Gantt chart' });
  await pane.waitFor();
  const bar = page.locator('[data-bar][data-milestone=false]');
  await bar.first().waitFor({ state: 'attached' });
  // One that lies wholly in the picture, with room to its right.
  const box = (await pane.boundingBox())!;
  const all = await bar.evaluateAll((elements) => elements.map((element) => ({ id: element.getAttribute('data-bar')!, ...element.getBoundingClientRect().toJSON() as { x: number; y: number; width: number; height: number } })));
  const found = all.find((one) => one.width > 60 && one.x > box.x + 330 && one.x + one.width < box.x + box.width - 200 && one.y > box.y + 60 && one.y < box.y + box.height - 60);
  if (found === undefined) throw new Error(`no bar in the picture: ${JSON.stringify(all.slice(0, 5))}`);
  const before = { start: await value(found.id, 'Start'), due: await value(found.id, 'Due') };
  const day = found.width / (days(before.start, before.due) + 1);
  const middle = { x: found.x + found.width / 2, y: found.y + found.height / 2 };
  await drag(page, middle, { x: middle.x + 3 * day, y: middle.y });
  await expect.poll(async () => days(before.start, await value(found.id, 'Start')), poll).toBe(3);
  expect(days(before.due, await value(found.id, 'Due'))).toBe(3);
  const moved = page.locator(`[data-bar="${found.id}"]`);
  await expect.poll(async () => Math.round(((await moved.boundingBox())!.x - found.x) / day), poll).toBe(3);

  // Sorted by start: its row is another one now.
  const at = (await moved.boundingBox())!;
  await drag(page, { x: at.x + at.width - 3, y: at.y + at.height / 2 }, { x: at.x + at.width - 3 + 2 * day, y: at.y + at.height / 2 });
  await expect.poll(async () => days(before.due, await value(found.id, 'Due')), poll).toBe(5);
  expect(days(before.start, await value(found.id, 'Start'))).toBe(3);

  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => [await value(found.id, 'Start'), await value(found.id, 'Due')], poll).toEqual([before.start, before.due]);
});

test('the dashboard follows an edit in another tab', async () => {
  const board = await open(`/b/${base.id}/d/${base.dashboards[0]!.id}`);
  const total = board.locator('[data-block=gmv-total] strong');
  await total.waitFor();
  const shown = async (): Promise<number> => Number((await total.textContent())?.replace(/[^\d.-]/g, ''));
  await expect.poll(shown, poll).toBeGreaterThan(0);
  const chart = board.locator('[data-block=gmv-channel] [role=img]');
  const summary = await chart.getAttribute('aria-label');
  const before = await shown();

  const figures = tableOf(base, 'Daily figures');
  const page = await open(addressOf(base, figures, 'Last 7 days'));
  const grid = new GridPage(page);
  const gmv = idOf(figures, 'GMV');
  const cell = grid.mirror.locator(`[role=gridcell][data-record][data-field="${gmv}"]`).first();
  await cell.waitFor({ state: 'attached' });
  await grid.settled();
  const record = (await cell.getAttribute('data-record'))!;
  const old = Number(await sheaf.value(base.id, figures.id, record, gmv));
  await grid.click(record, gmv);
  await page.keyboard.type('5000000');
  await page.keyboard.press('Enter');
  await expect.poll(shown, poll).toBe(Math.round(before - old + 5_000_000));
  await expect.poll(() => chart.getAttribute('aria-label'), poll).not.toBe(summary);
});
