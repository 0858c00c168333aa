<<<<<<< HEAD
// The app on the real server: from the login link to undo, on a table of its own in a base made from the template.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Base, Table } from '../src/api/types';
import { startBrowser } from './browser';
import { GridPage, InputMethod } from './grid';
import { addressOf, closePages, idOf, Sheaf, tableOf, taken, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let context: BrowserContext;
let page: Page;
let base: Base;
let sheet: Table;
let records: string[];
const faults: string[] = [];
const poll = { timeout: 15_000, interval: 100 };

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start()]);
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(async ({ task }) => {
  await closePages([context], task);
  expect(taken(faults)).toEqual([]);
});

async function open(address: string, by = context): Promise<GridPage> {
  page = await by.newPage();
  watch(page, sheaf.url, faults);
  await page.goto(sheaf.url + address);
  return new GridPage(page);
}
async function openSheet(): Promise<GridPage> {
  const grid = await open(addressOf(base, sheet));
  await grid.cell(records[0]!, idOf(sheet, 'Name')).waitFor({ state: 'attached' });
  return grid;
}
const id = (name: string): string => idOf(sheet, name);
const value = (n: number, field: string): Promise<unknown> => sheaf.value(base.id, sheet.id, records[n]!, id(field));
const shown = (grid: GridPage, field: string): Promise<string[]> => grid.column(id(field));

test('the link logs in, once', async () => {
  context = await sheaf.context(browser, '');
  await open('/');
  await page.getByRole('heading', { name: 'Sign in to Sheaf' }).waitFor();
  // The refused question of who is there is part of it.
  taken(faults);
  await page.goto(sheaf.link);
  await page.getByRole('heading', { name: 'Bases' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await page.getByRole('link', { name: /Double Eleven/ }).count()).toBe(1);
  expect((await fetch(sheaf.link, { redirect: 'manual' })).status).toBeGreaterThanOrEqual(400);
  const session = (await context.cookies()).find((cookie) => cookie.name === 'sheaf_session');
  expect(session?.httpOnly).toBe(true);
  sheaf.use(session!.value);
});

test('a base is made from the template', async () => {
  await open('/');
  await page.getByRole('button', { name: /Campaign tracker/ }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Spring sale');
  await page.getByRole('button', { name: 'New base' }).click();
  const side = page.getByRole('navigation', { name: 'Spring sale' });
  await side.getByRole('link', { name: 'Daily figures' }).waitFor();
  expect(await side.getByRole('link').allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining('Campaigns'), expect.stringContaining('Tasks'), expect.stringContaining('Automations')]));
  // The first table is open, with its views and its fields.
  await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
  await new GridPage(page).title('Target reached').waitFor({ state: 'attached' });
  await page.getByText('No records yet').waitFor();

  base = await sheaf.base('Spring sale');
  const made = await sheaf.act(base.id, {
    op: 'tables.create',
    name: 'Sheet',
    fields: [
      { name: 'Name', type: 'text' },
      { name: 'Amount', type: 'number', options: { format: 'thousands', decimals: 0 } },
      { name: 'Status', type: 'singleSelect', options: { options: [{ name: 'Open', color: 'blue' }, { name: 'Doing', color: 'amber' }, { name: 'Done', color: 'green' }] } },
      { name: 'Due', type: 'date', options: { time: false, format: 'YYYY-MM-DD' } },
      { name: 'Ready', type: 'checkbox' },
      { name: 'Note', type: 'text' },
    ],
  });
  base = await sheaf.base('Spring sale');
  sheet = tableOf(base, 'Sheet');
  expect(made.table).toBe(sheet.id);
  // It came to the open page by itself.
  await side.getByRole('link', { name: 'Sheet' }).waitFor();
  const rows = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta'].map((name, i) => ({ fields: { [id('Name')]: name, [id('Amount')]: (i + 1) * 1000, [id('Status')]: id(`Status=${i % 2 === 0 ? 'Open' : 'Doing'}`) } }));
  records = (await sheaf.act(base.id, { op: 'records.create', table: sheet.id, records: rows })).records as string[];
});

describe('cells', () => {
  test('text, number, select, date and checkbox are edited in place and are there after a reload', async () => {
    const grid = await openSheet();
    await grid.click(records[0]!, id('Name'));
    await page.keyboard.type('Alpha one');
    await page.keyboard.press('Tab');
    await page.keyboard.type('12,345');
    await page.keyboard.press('Tab');
    // A select opens its list with what was typed.
    await page.keyboard.type('don');
    await page.getByRole('option', { name: 'Done' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await grid.active()).toBe(`${records[0]} ${id('Due')}`);
    await expect.poll(() => value(0, 'Status'), poll).toBe(id('Status=Done'));
    await page.keyboard.type('2026/6/18');
    await page.keyboard.press('Enter');
    await expect.poll(() => grid.text(records[0]!, id('Due')), poll).toBe('2026-06-18');
    await grid.doubleClick(records[1]!, id('Due'));
    await page.getByRole('button', { name: 'Today' }).click();
    // A click on the box ticks it, Enter does the same.
    await grid.click(records[0]!, id('Ready'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => value(1, 'Ready'), poll).toBe(true);
    await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
    await page.reload();
    await grid.cell(records[0]!, id('Ready')).waitFor({ state: 'attached' });
    expect(await Promise.all(['Name', 'Amount', 'Status', 'Due'].map((name) => grid.text(records[0]!, id(name))))).toEqual(['Alpha one', '12,345', 'Done', '2026-06-18']);
    expect(await value(0, 'Ready')).toBe(true);
    expect(await value(0, 'Amount')).toBe(12345);
    expect(await grid.text(records[1]!, id('Due'))).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('an input method loses no key', async () => {
    const grid = await openSheet();
    await grid.click(records[1]!, id('Note'));
    const ime = await InputMethod.of(page);
    await ime.compose('zhong');
    expect(await page.locator('.sheaf-grid-editor.open').inputValue()).toBe('zhong');
    await ime.enterWhileComposing();
    await ime.choose('中文');
    await page.keyboard.press('Enter');
    expect(await grid.text(records[1]!, id('Note'))).toBe('中文');
    await expect.poll(() => value(1, 'Note'), poll).toBe('中文');
    expect(await grid.active()).toBe(`${records[2]} ${id('Note')}`);
  });

  test('a range is copied and pasted, and goes on into new records', async () => {
    const grid = await openSheet();
    await grid.drag([records[1]!, id('Name')], [records[2]!, id('Status')]);
    expect(await grid.selected()).toHaveLength(6);
    const { plain, html } = await grid.copied();
    expect(plain.trimEnd()).toBe('Beta\t2,000\tDoing\nGamma\t3,000\tOpen');
    expect(html).toContain('<table>');
    await grid.click(records[5]!, id('Name'));
    await grid.paste(plain);
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Beta', 'Gamma']);
    expect(await shown(grid, 'Amount')).toEqual(['12,345', '2,000', '3,000', '4,000', '5,000', '2,000', '3,000']);
    expect(await value(5, 'Status')).toBe(id('Status=Doing'));
    // One command, one undo.
    await page.keyboard.press('Control+z');
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta']);
  });
});

describe('the toolbar', () => {
  test('filters', async () => {
    const grid = await openSheet();
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('button', { name: 'Add filter', exact: true }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('eta');
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Beta', 'Zeta']);
    // Another field, another kind of value.
    await page.getByRole('button', { name: 'Field', exact: true }).click();
    await page.getByRole('option', { name: 'Amount' }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('4,000');
    await page.getByRole('button', { name: 'Condition' }).click();
    await page.getByRole('menuitemcheckbox', { name: '≥' }).click();
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Delta', 'Epsilon', 'Zeta']);
    await page.keyboard.press('Escape');
    // It belongs to the view: a reload shows it.
    await page.reload();
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Delta', 'Epsilon', 'Zeta']);
    await page.getByRole('button', { name: '1 filter' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(async () => (await shown(grid, 'Name')).length, poll).toBe(6);
  });

  test('sorts', async () => {
    const grid = await openSheet();
    await page.getByRole('button', { name: 'Sort', exact: true }).click();
    await page.getByRole('button', { name: 'Add sort' }).click();
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Beta', 'Delta', 'Epsilon', 'Gamma', 'Zeta']);
    await page.getByRole('button', { name: 'A → Z' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Z → A' }).click();
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Zeta', 'Gamma', 'Epsilon', 'Delta', 'Beta', 'Alpha one']);
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => shown(grid, 'Name'), poll).toEqual(['Alpha one', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta']);
  });

  test('groups', async () => {
    const grid = await openSheet();
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Group', exact: true }).click();
    const groups = grid.mirror.locator('[data-group]');
    await expect.poll(async () => { await grid.settled(); return groups.allTextContents(); }, poll).toEqual(['Open 2 records', 'Doing 3 records', 'Done 1 record']);
    expect(await shown(grid, 'Name')).toEqual(['Gamma', 'Epsilon', 'Beta', 'Delta', 'Zeta', 'Alpha one']);
    await page.keyboard.press('Escape');
    // An edit moves its record to the other group.
    await sheaf.act(base.id, { op: 'records.update', table: sheet.id, records: [{ id: records[2], fields: { [id('Status')]: id('Status=Done') } }] });
    await expect.poll(async () => { await grid.settled(); return groups.allTextContents(); }, poll).toEqual(['Open 1 record', 'Doing 3 records', 'Done 2 records']);
    await page.getByRole('button', { name: 'By Status' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => groups.count(), poll).toBe(0);
  });
});

test('"+" makes a field, also a formula that follows its cells', async () => {
  const grid = await openSheet();
  await grid.newField();
  const dialog = page.getByRole('dialog', { name: 'New field' });
  await dialog.getByRole('textbox', { name: 'Field name' }).fill('Double');
  await dialog.getByRole('button', { name: 'Type' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Formula' }).click();
  const editor = dialog.getByRole('textbox', { name: 'Formula' });
  await editor.click();
  // A fault is said where it is.
  await page.keyboard.type('{Amont} * 2');
  await dialog.getByRole('alert').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('{Amount} * 2');
  await dialog.getByText('Gives: Number').waitFor();
  await dialog.getByRole('button', { name: 'Create field' }).click();
  await dialog.waitFor({ state: 'detached' });
  await grid.title('Double').waitFor({ state: 'attached' });
  base = await sheaf.base('Spring sale');
  sheet = tableOf(base, 'Sheet');
  await expect.poll(() => grid.text(records[1]!, id('Double')), poll).toBe('4000');
  await grid.click(records[1]!, id('Amount'));
  await page.keyboard.type('21');
  await page.keyboard.press('Enter');
  await expect.poll(() => grid.text(records[1]!, id('Double')), poll).toBe('42');

  await grid.newField();
  await dialog.getByRole('textbox', { name: 'Field name' }).fill('Score');
  await dialog.getByRole('button', { name: 'Type' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Rating' }).click();
  await dialog.getByRole('button', { name: 'Create field' }).click();
  await grid.title('Score').waitFor({ state: 'attached' });
});

test('the record panel shows every field and the history', async () => {
  const grid = await openSheet();
  await grid.click(records[3]!, id('Name'));
  await page.keyboard.press('Space');
  const panel = page.getByRole('complementary', { name: 'Open record' });
  await panel.getByRole('button', { name: 'Delta' }).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('r'), poll).toBe(records[3]);
  await panel.getByRole('button', { name: 'Note' }).click();
  await page.getByRole('textbox', { name: 'Note' }).fill('from the panel');
  await page.keyboard.press('Enter');
  await expect.poll(() => value(3, 'Note'), poll).toBe('from the panel');
  // Who, what, before and after; and that the record was made.
  const history = panel.getByRole('list').last();
  await history.getByText('from the panel').waitFor();
  await history.getByText('created the record').waitFor();
  await panel.getByRole('button', { name: 'Next record' }).click();
  await panel.getByRole('button', { name: 'Epsilon' }).waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
  await panel.waitFor({ state: 'detached' });
  await expect.poll(() => grid.text(records[3]!, id('Note')), poll).toBe('from the panel');
});

test('a second person sees the cursor and the edit at once, undo takes it back', async () => {
  const invited = await sheaf.api<{ login_link: string }>('PUT', `/bases/${base.id}/people`, { email: 'lin@example.org', role: 'editor' });
  const theirs = await sheaf.context(browser, await sheaf.login(sheaf.url + invited.login_link));
  try {
    const mine = await openSheet();
    const first = page;
    const other = await open(addressOf(base, sheet), theirs);
    await other.cell(records[4]!, id('Note')).waitFor({ state: 'attached' });
    await other.click(records[4]!, id('Note'));
    // The cursor, with the name of its owner.
    await expect.poll(async () => { await mine.settled(); return mine.cell(records[4]!, id('Note')).getAttribute('data-others'); }, poll).toBe('lin');
    const before = Date.now();
    await page.keyboard.type('seen');
    await page.keyboard.press('Enter');
    await expect.poll(() => mine.text(records[4]!, id('Note')), { timeout: 15_000, interval: 20 }).toBe('seen');
    console.info(`seen by the other after ${Date.now() - before} ms, typing included`);
    // Undo is one's own: mine does not touch theirs, theirs does.
    await first.bringToFront();
    await mine.click(records[0]!, id('Note'));
    await first.keyboard.type('mine');
    await first.keyboard.press('Enter');
    await expect.poll(() => other.text(records[0]!, id('Note')), poll).toBe('mine');
    await page.bringToFront();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => mine.text(records[4]!, id('Note')), poll).toBe('');
    expect(await value(4, 'Note')).toBeNull();
    expect(await value(0, 'Note')).toBe('mine');
    await page.getByRole('button', { name: /^Redo/ }).click();
    await expect.poll(() => mine.text(records[4]!, id('Note')), poll).toBe('seen');
    await page.close();
    // Who leaves takes the cursor along.
    await expect.poll(async () => { await mine.settled(); return mine.mirror.locator('[data-others]').count(); }, poll).toBe(0);
  } finally {
    await theirs.close();
  }
});

test('an automation opens, and a fault in a script is shown where it is', async () => {
  await open(`/b/${base.id}/automations`);
  await page.getByRole('link', { name: /Every morning at 9/ }).click();
  await page.getByRole('button', { name: /Run a script/ }).click();
  const editor = page.getByRole('textbox', { name: 'Run a script' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('let total = 1;\nlet x = total +;\n');
  const fault = page.locator('.cm-lintRange-error');
  await fault.waitFor();
  // On the second line, and it says so.
  expect(await page.locator('.cm-line').nth(1).locator('.cm-lintRange-error').count()).toBe(1);
  await fault.hover();
  await expect.poll(() => page.locator('.cm-diagnostic-error').first().textContent(), poll).toMatch(/^2:\d+ /);
=======
// The app on the real server: one campaign base, seen and edited as people do.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startBrowser } from './browser';
import { GridPage, InputMethod } from './grid';
import { Api, startDemo, type Demo } from './server';

const base = '双十一大促';
const tasks = '任务';

let browser: Browser;
let demo: Demo;
let context: BrowserContext;
let page: Page;
let api: Api;
const faults: string[] = [];

/** A window of somebody who is logged in; what it complains about fails the test. */
async function open(within: BrowserContext, path: string): Promise<Page> {
  const opened = await within.newPage();
  opened.on('pageerror', (error) => faults.push(error.message));
  opened.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  opened.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== demo.origin) faults.push(`asks a foreign host: ${request.url()}`);
  });
  await opened.goto(demo.origin + path);
  return opened;
}

async function eventually<T>(read: () => Promise<T>, expected: (value: T) => boolean): Promise<T> {
  const until = Date.now() + 15_000;
  for (;;) {
    const value = await read();
    if (expected(value) || Date.now() > until) return value;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const titles = async (shown: Page): Promise<string[]> =>
  shown.locator('.sheaf-grid-mirror [role=columnheader]').allTextContents();

/** A record of the open grid that is on the screen, with its title. */
async function firstRecord(shown: Page, field: string): Promise<{ record: string; title: string }> {
  const cell = shown.locator(`.sheaf-grid-mirror [role=gridcell][data-field="${field}"][data-record]`).first();
  await cell.waitFor({ state: 'attached' });
  return { record: (await cell.getAttribute('data-record')) ?? '', title: (await cell.textContent()) ?? '' };
}

beforeAll(async () => {
  [browser, demo] = await Promise.all([startBrowser(), startDemo()]);
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
  page = await open(context, demo.link.slice(demo.origin.length));
  await page.getByText(base, { exact: true }).first().waitFor();
  api = await Api.of(page, base);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await demo.stop();
});

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});

test('a base is made from the template, with its tables, views and dashboard', async () => {
  await page.goto(demo.origin + '/');
  await page.getByText('大促活动管理', { exact: true }).first().click();
  await page.getByRole('textbox').last().fill('年货节');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/b\/app/);
  for (const name of ['活动', '任务', '每日数据', '大促作战室']) await page.getByText(name, { exact: true }).first().waitFor();
});

test('a cell that is typed into is kept, and a second browser and an undo see it', async () => {
  const field = api.field(tasks, '任务名称').id;
  await page.goto(demo.origin + api.path(tasks, '按状态'));
  const { record, title } = await firstRecord(page, field);
  const other = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: await context.storageState() });
  const second = await open(other, api.path(tasks, '按状态'));
  await second.locator(`[data-record="${record}"][data-field="${field}"]`).waitFor({ state: 'attached' });

  const grid = new GridPage(page);
  await grid.click(record, field);
  await page.keyboard.press('F2');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('618 预热海报');
  await page.keyboard.press('Enter');
  expect(await eventually(() => api.value(tasks, record, '任务名称'), (v) => v === '618 预热海报')).toBe('618 预热海报');
  const seen = () => second.locator(`[data-record="${record}"][data-field="${field}"]`).textContent();
  expect(await eventually(seen, (v) => v === '618 预热海报')).toBe('618 预热海报');
  await other.close();

  await page.keyboard.press('Control+z');
  expect(await eventually(() => api.value(tasks, record, '任务名称'), (v) => v === title)).toBe(title);
  await page.reload();
  expect((await firstRecord(page, field)).title).toBe(title);
});

test('an input method writes its first key into a cell of the app', async () => {
  const field = api.field(tasks, '任务名称').id;
  await page.goto(demo.origin + api.path(tasks, '按状态'));
  const { record, title } = await firstRecord(page, field);
  const grid = new GridPage(page);
  await grid.click(record, field);
  const ime = await InputMethod.of(page);
  await ime.compose('zhong');
  await ime.choose('中秋备货');
  await page.keyboard.press('Enter');
  expect(await eventually(() => api.value(tasks, record, '任务名称'), (v) => v === '中秋备货')).toBe('中秋备货');
  await api.set(tasks, record, '任务名称', title);
});

test('a pasted range becomes cells of their types', async () => {
  const field = api.field(tasks, '开始日期').id;
  await page.goto(demo.origin + api.path(tasks, '全部逾期'));
  const cells = page.locator(`.sheaf-grid-mirror [role=gridcell][data-field="${api.field(tasks, '任务名称').id}"][data-record]`);
  await cells.nth(1).waitFor({ state: 'attached' });
  const records = [await cells.nth(0).getAttribute('data-record'), await cells.nth(1).getAttribute('data-record')] as string[];
  const grid = new GridPage(page);
  const before = await Promise.all(records.map((record) => api.value(tasks, record, '开始日期')));
  await grid.click(records[0] ?? '', field);
  await grid.paste('2026/10/1\n2026年10月2日');
  const after = () => Promise.all(records.map((record) => api.value(tasks, record, '开始日期')));
  expect(await eventually(after, (v) => v[0] === '2026-10-01' && v[1] === '2026-10-02')).toEqual(['2026-10-01', '2026-10-02']);
  await page.keyboard.press('Control+z');
  expect(await eventually(after, (v) => v[0] === before[0] && v[1] === before[1])).toEqual(before);
});

test('a card that is dragged to another column changes its status', async () => {
  await page.goto(demo.origin + api.path(tasks, '进度看板'));
  const status = (name: string) => api.option(tasks, '状态', name);
  const from = page.locator(`section.column[data-column="${status('进行中')}"]`);
  const to = page.locator(`section.column[data-column="${status('待验收')}"]`);
  const card = from.locator('[data-card]').first();
  await card.waitFor();
  const record = (await card.getAttribute('data-card')) ?? '';
  const [a, b] = [await card.boundingBox(), await to.boundingBox()];
  if (a === null || b === null) throw new Error('columns are not on the screen');
  await page.mouse.move(a.x + a.width / 2, a.y + 16);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 20, a.y + 30, { steps: 4 });
  await page.mouse.move(b.x + b.width / 2, b.y + 120, { steps: 8 });
  await page.mouse.up();
  expect(await eventually(() => api.value(tasks, record, '状态'), (v) => v === status('待验收'))).toBe(status('待验收'));
  await page.keyboard.press('Control+z');
  expect(await eventually(() => api.value(tasks, record, '状态'), (v) => v === status('进行中'))).toBe(status('进行中'));
});

test('a bar that is dragged moves both dates', async () => {
  await page.goto(demo.origin + api.path(tasks, '甘特图'));
  const bars = page.locator('[data-bar]');
  await bars.first().waitFor({ state: 'attached' });
  const bar = await eventually(
    async () => {
      for (const one of await bars.all()) {
        const box = await one.boundingBox();
        if (box !== null && box.x > 560 && box.x + box.width < 1380 && box.y > 250 && box.y < 820 && box.width > 40) return { one, box };
      }
      return null;
    },
    (found) => found !== null,
  );
  if (bar === null) throw new Error('no bar is on the screen');
  const record = (await bar.one.getAttribute('data-bar')) ?? '';
  const before = String(await api.value(tasks, record, '开始日期'));
  const y = bar.box.y + bar.box.height / 2;
  await page.mouse.move(bar.box.x + bar.box.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(bar.box.x + bar.box.width / 2 + 60, y, { steps: 8 });
  await page.mouse.up();
  const after = String(await eventually(() => api.value(tasks, record, '开始日期'), (v) => v !== before));
  expect(Date.parse(after)).toBeGreaterThan(Date.parse(before));
  await page.keyboard.press('Control+z');
  expect(await eventually(() => api.value(tasks, record, '开始日期'), (v) => v === before)).toBe(before);
});

test('the dashboard follows an edit', async () => {
  await page.goto(`${demo.origin}/b/${api.base.id as string}/d/${api.base.dashboards[0].id as string}`);
  const total = page.locator('text=/^¥[0-9,]+$/').nth(1);
  await total.waitFor();
  const shown = await total.textContent();
  const [record] = await api.records('每日数据', { limit: 1 });
  if (record === undefined) throw new Error('no daily figures');
  const before = await api.value('每日数据', record.id, 'GMV');
  await api.set('每日数据', record.id, 'GMV', 9_999_999);
  expect(await eventually(() => total.textContent(), (text) => text !== shown)).not.toBe(shown);
  await api.set('每日数据', record.id, 'GMV', before);
  expect(await eventually(() => total.textContent(), (text) => text === shown)).toBe(shown);
});

test('a phone sees the grid and opens a record; the dark theme is dark', async () => {
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    colorScheme: 'dark',
    locale: 'en-US',
    storageState: await context.storageState(),
  });
  const small = await open(phone, api.path(tasks, '按状态'));
  await firstRecord(small, api.field(tasks, '任务名称').id);
  expect((await titles(small)).length).toBeGreaterThan(0);
  const ground = await small.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(ground.match(/\d+/g)?.slice(0, 3).every((part) => Number(part) < 60)).toBe(true);
  expect(await small.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await phone.close();
>>>>>>> main
});
