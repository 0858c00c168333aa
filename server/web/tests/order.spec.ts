// Records ordered by hand: cards of a board, rows of a grid, by mouse and by keys; a colleague sees it at once.
// SHEAF_SHOTS=folder keeps pictures.
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Base, Table } from '../src/api/types';
import { startBrowser } from './browser';
import { GridPage } from './grid';
import { closePages, idOf, Sheaf, tableOf, taken, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let contexts: BrowserContext[];
let base: Base;
let tasks: Table;
const faults: string[] = [];
const poll = { timeout: 15_000, interval: 100 };

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start()]);
  await sheaf.login();
  base = await sheaf.base('Double Eleven');
  tasks = tableOf(base, 'Tasks');
  contexts = [await sheaf.context(browser), await sheaf.context(browser)];
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(async ({ task }) => {
  await closePages(contexts, task);
  expect(taken(faults)).toEqual([]);
});

async function made(kind: string, name: string, settings: object): Promise<{ view: string; address: string }> {
  const view = (await sheaf.act(base.id, { op: 'views.create', table: tasks.id, kind, name, settings })).view as string;
  return { view, address: `/b/${base.id}/t/${tasks.id}/v/${view}` };
}
async function open(address: string, who = 0): Promise<Page> {
  const page = await contexts[who]!.newPage();
  watch(page, sheaf.url, faults);
  await page.goto(sheaf.url + address);
  return page;
}
async function picture(page: Page, name: string): Promise<void> {
  if (process.env.SHEAF_SHOTS) await page.screenshot({ path: join(process.env.SHEAF_SHOTS, `${name}.png`) });
}
/** The first records of a view, as the server orders them. */
async function first(view: string, n: number, more: object = {}): Promise<string[]> {
  const { records } = await sheaf.api<{ records: { id: string }[] }>('POST', `/bases/${base.id}/query`, { table: tasks.id, view, limit: n, ...more });
  return records.map((record) => record.id);
}
const middle = (box: { x: number; y: number; width: number; height: number } | null): { x: number; y: number } => {
  if (box === null) throw new Error('not on the screen');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};

async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }, held?: () => Promise<void>): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 3, from.y + Math.sign(to.y - from.y || 1) * 8, { steps: 2 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await held?.();
  await page.mouse.up();
}

test('a card is dragged within its column and between two cards of another; a colleague sees it', async () => {
  const { address } = await made('kanban', 'By hand', { kanban: { field: idOf(tasks, 'Status') } });
  const [page, other] = [await open(address), await open(address, 1)];
  const [one, two] = ['To do', 'In progress'].map((name) => idOf(tasks, `Status=${name}`));
  const cards = (on: Page, column: string | undefined) => on.locator(`[data-column="${column}"] [data-card]`);
  const order = (on: Page, column: string | undefined, n = 4): Promise<(string | null)[]> => cards(on, column).evaluateAll((all, n) => all.slice(0, n).map((card) => card.getAttribute('data-card')), n);
  await Promise.all([cards(page, one).nth(3).waitFor(), cards(other, two).nth(1).waitFor()]);
  const [a, b, c, d] = await order(page, one);

  // The first one between the third and the fourth.
  const third = (await cards(page, one).nth(2).boundingBox())!;
  await drag(page, middle(await cards(page, one).nth(0).boundingBox()), { x: third.x + 80, y: third.y + third.height - 4 }, async () => {
    await page.locator(`[data-column="${one}"] hr.mark`).waitFor();
    await picture(page, 'kanban-drag');
  });
  await expect.poll(() => order(page, one), poll).toEqual([b, c, a, d]);
  await expect.poll(() => order(other, one), poll).toEqual([b, c, a, d]);

  // Into another column, before its second card.
  const [x, y] = await order(page, two, 2);
  const second = (await cards(page, two).nth(1).boundingBox())!;
  await drag(page, middle(await cards(page, one).nth(2).boundingBox()), { x: second.x + 80, y: second.y + 4 });
  await expect.poll(() => order(page, two, 3), poll).toEqual([x, a, y]);
  await expect.poll(() => order(other, two, 3), poll).toEqual([x, a, y]);
  await expect.poll(() => sheaf.value(base.id, tasks.id, a!, idOf(tasks, 'Status')), poll).toBe(two);

  // The column and the place are one command.
  await page.keyboard.press('Control+z');
  await expect.poll(() => order(page, one), poll).toEqual([b, c, a, d]);
  await expect.poll(() => order(other, two, 2), poll).toEqual([x, y]);

  // Keys: down, and up again twice.
  await cards(page, one).nth(0).focus();
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await expect.poll(() => order(other, one), poll).toEqual([c, b, a, d]);
  await page.keyboard.press('Alt+Shift+ArrowUp');
  await expect.poll(() => order(other, one), poll).toEqual([b, c, a, d]);
});

test('columns of a board are hidden, folded and moved for everybody', async () => {
  const { address } = await made('kanban', 'Columns', { kanban: { field: idOf(tasks, 'Status') } });
  const [page, other] = [await open(address), await open(address, 1)];
  const columns = (on: Page): Promise<(string | null)[]> => on.locator('[data-column]').evaluateAll((all) => all.map((column) => column.getAttribute('data-column')));
  await Promise.all([page.locator('[data-card]').first().waitFor(), other.locator('[data-card]').first().waitFor()]);
  const before = await columns(page);
  const menu = async (name: string, item: string): Promise<void> => {
    await page.getByRole('button', { name: `Column ${name}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu('In progress', 'Move left');
  const moved = [...before];
  const at = moved.indexOf(idOf(tasks, 'Status=In progress'));
  [moved[at - 1], moved[at]] = [moved[at]!, moved[at - 1]!];
  await expect.poll(() => columns(other), poll).toEqual(moved);
  await menu('Done', 'Hide column');
  await expect.poll(() => columns(other), poll).toEqual(moved.filter((key) => key !== idOf(tasks, 'Status=Done')));
  await menu('To do', 'Collapse');
  await other.locator(`[data-folded][data-column="${idOf(tasks, 'Status=To do')}"]`).waitFor();
  await picture(other, 'kanban-columns');
  await page.reload();
  await page.getByRole('button', { name: '1 hidden column' }).click();
  await expect.poll(() => columns(other), poll).toEqual(moved);
});

test('rows are dragged at their handle, several together, and moved by keys', async () => {
  const { view, address } = await made('grid', 'Rows', {});
  const [page, other] = [await open(address), await open(address, 1)];
  const [grid, far] = [new GridPage(page), new GridPage(other)];
  const title = idOf(tasks, 'Title');
  const [a, b, c, d, e] = await first(view, 5);
  const order = async (on: GridPage, n = 5): Promise<(string | null)[]> => {
    await on.settled();
    return on.mirror.locator(`[role=gridcell][data-record][data-field="${title}"]`).evaluateAll((all, n) => all.slice(0, n).map((cell) => cell.getAttribute('data-record')), n);
  };
  await Promise.all([grid.cell(a!, title).waitFor({ state: 'attached' }), far.cell(a!, title).waitFor({ state: 'attached' })]);
  const host = (await page.locator('.sheaf-grid').boundingBox())!;
  const row = async (record: string): Promise<{ y: number; height: number }> => {
    await grid.settled();
    return (await grid.cell(record, title).boundingBox())!;
  };
  const grip = async (record: string): Promise<{ x: number; y: number }> => {
    const { y, height } = await row(record);
    return { x: host.x + 7, y: y + height / 2 };
  };

  // The first row behind the third.
  const third = await row(c!);
  await drag(page, await grip(a!), { x: host.x + 200, y: third.y + third.height - 4 }, () => picture(page, 'grid-drag'));
  await expect.poll(() => order(grid), poll).toEqual([b, c, a, d, e]);
  await expect.poll(() => order(far), poll).toEqual([b, c, a, d, e]);

  // Two selected rows together, to the start.
  await grid.click(a!, title);
  await grid.click(d!, title, { shift: true });
  const top = await row(b!);
  await drag(page, await grip(d!), { x: host.x + 200, y: top.y + 3 });
  await expect.poll(() => order(far), poll).toEqual([a, d, b, c, e]);
  expect(await first(view, 5)).toEqual([a, d, b, c, e]);

  await page.keyboard.press('Control+z');
  await expect.poll(() => order(far), poll).toEqual([b, c, a, d, e]);

  // Keys, twice in a row: each press starts from what the last one made, and the cursor goes along.
  await grid.click(b!, title);
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await expect.poll(() => order(far), poll).toEqual([c, a, b, d, e]);
  await expect.poll(() => grid.active(), poll).toBe(`${b} ${title}`);
  await page.keyboard.press('Alt+Shift+ArrowUp');
  await expect.poll(() => order(far), poll).toEqual([c, b, a, d, e]);
});

test('a row dragged into another group gets its value; a sorted view says that it has no order by hand', async () => {
  const status = idOf(tasks, 'Status');
  const { view, address } = await made('grid', 'Groups', { group: [{ field: status }] });
  const page = await open(address);
  const grid = new GridPage(page);
  const title = idOf(tasks, 'Title');
  const groups = (await sheaf.api<{ groups: { key: string; from: number; count: number }[] }>('POST', `/bases/${base.id}/query`, { table: tasks.id, view, limit: 1 })).groups;
  const [small, next] = groups;
  const ids = await first(view, 200);
  const source = ids[0]!;
  await grid.cell(source, title).waitFor({ state: 'attached' });
  const host = (await page.locator('.sheaf-grid').boundingBox())!;
  // Close the first group but for its rows on the screen: the second group's first rows are reached by the wheel.
  const target = ids[next!.from]!;
  expect(small!.count).toBeGreaterThan(1);
  await grid.settled();
  for (let i = 0; i < 30 && (await grid.cell(target, title).count()) === 0; i++) {
    await page.mouse.move(host.x + 400, host.y + 300);
    await page.mouse.wheel(0, 200);
    await grid.settled();
  }
  const record = ids[next!.from - 1]!;
  const from = (await grid.cell(record, title).boundingBox())!;
  const to = (await grid.cell(target, title).boundingBox())!;
  await drag(page, { x: host.x + 7, y: from.y + from.height / 2 }, { x: host.x + 200, y: to.y + to.height - 4 });
  await expect.poll(() => sheaf.value(base.id, tasks.id, record, status), poll).toBe(next!.key);
  const now = await first(view, 200);
  expect(now.indexOf(record)).toBe(now.indexOf(target) + 1);
  await page.keyboard.press('Control+z');
  await expect.poll(() => sheaf.value(base.id, tasks.id, record, status), poll).toBe(small!.key);
  await expect.poll(() => first(view, 200), poll).toEqual(ids);

  await sheaf.act(base.id, { op: 'views.update', view, settings: { sort: [{ field: title }] } });
  const answer = await fetch(`${sheaf.url}/api/v1/bases/${base.id}/commands`, {
    method: 'POST', headers: { cookie: `sheaf_session=${(await contexts[0]!.cookies())[0]!.value}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ops: [{ op: 'records.move', table: tasks.id, view, records: [record], after: null }] }),
  });
  expect(answer.status).toBe(422);
  expect(((await answer.json()) as { message: string }).message).toBe('a sorted view cannot be ordered by hand; remove the sort');
  await grid.settled();
  await page.mouse.move(host.x + 400, host.y + 300);
  await page.mouse.wheel(0, -20_000);
  const sorted = await first(view, 1);
  await grid.cell(sorted[0]!, title).waitFor({ state: 'attached' });
  await grid.click(sorted[0]!, title);
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await page.getByText('A sorted view cannot be ordered by hand').waitFor();
});

test('the chart keeps what it shows in the view', async () => {
  const roles = { start: idOf(tasks, 'Start'), end: idOf(tasks, 'Due'), depends: idOf(tasks, 'Waits for') };
  const { address } = await made('gantt', 'Chart', { group: [{ field: idOf(tasks, 'Status') }], gantt: roles });
  const [page, other] = [await open(address), await open(address, 1)];
  await Promise.all([page.locator('[data-bar]').first().waitFor({ state: 'attached' }), other.locator('[data-bar]').first().waitFor({ state: 'attached' })]);
  await picture(page, 'gantt');
  await page.getByRole('button', { name: 'Critical path' }).click();
  await other.getByRole('button', { name: 'Critical path', pressed: false }).waitFor();
  await page.getByRole('button', { name: 'Gantt settings' }).click();
  await page.getByRole('switch', { name: 'One-day tasks are milestones' }).click();
  await expect.poll(() => other.locator('[data-bar][data-milestone=true]').count(), poll).toBe(0);
});
