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
});
