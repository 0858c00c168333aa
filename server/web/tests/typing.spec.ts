// Typing faster than an editor loads: every key belongs to the cell that was active when it was pressed.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Base, Table } from '../src/api/types';
import type { LinkRef } from '../src/fields/wire';
import { startBrowser } from './browser';
import { GridPage, InputMethod } from './grid';
import { addressOf, closePages, idOf, Sheaf, tableOf, taken, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let page: Page;
let base: Base;
let sheet: Table;
let records: string[];
const contexts: BrowserContext[] = [];
const faults: string[] = [];
const poll = { timeout: 10_000, interval: 100 };
const id = (name: string): string => idOf(sheet, name);

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start()]);
  await sheaf.login();
  base = await sheaf.base('Double Eleven');
  await sheaf.act(base.id, { op: 'tables.create', name: 'Brands', fields: [{ name: 'Name', type: 'text' }] });
  base = await sheaf.base('Double Eleven');
  const brands = tableOf(base, 'Brands');
  await sheaf.act(base.id, { op: 'records.create', table: brands.id, records: ['Aurora Plus', 'Aurora', 'Boreal', 'Cirrus'].map((name) => ({ fields: { [idOf(brands, 'Name')]: name } })) });
  await sheaf.act(base.id, {
    op: 'tables.create',
    name: 'Fast',
    fields: [
      { name: 'Name', type: 'text' },
      { name: 'Status', type: 'singleSelect', options: { options: [{ name: 'Open', color: 'blue' }, { name: 'Doing', color: 'amber' }, { name: '进行中', color: 'green' }] } },
      { name: 'Tags', type: 'multiSelect', options: { options: [{ name: 'Red', color: 'red' }, { name: 'Blue', color: 'blue' }] } },
      { name: 'Due', type: 'date', options: { time: false, format: 'YYYY-MM-DD' } },
      { name: 'Owner', type: 'person', options: { many: true } },
      { name: 'Brand', type: 'link', options: { table: brands.id, many: false, field: null } },
      { name: 'Brands', type: 'link', options: { table: brands.id, many: true, field: null } },
      { name: 'Note', type: 'text' },
    ],
  });
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(async ({ task }) => {
  await closePages(contexts, task);
  expect(taken(faults)).toEqual([]);
});

/** Opens the table; what editors are made of comes `slowMs` late. */
async function open(slowMs: number, slow = /\/assets\/(?!index)[A-Z]\w*-[\w-]+\.js/): Promise<GridPage> {
  base = await sheaf.base('Double Eleven');
  sheet = tableOf(base, 'Fast');
  const blank = await sheaf.act(base.id, { op: 'records.create', table: sheet.id, records: [{ fields: {} }, { fields: {} }] });
  records = blank.records as string[];
  const context = await sheaf.context(browser, undefined, { viewport: { width: 1700, height: 900 }, timezoneId: 'America/Los_Angeles' });
  contexts.push(context);
  page = await context.newPage();
  watch(page, sheaf.url, faults);
  await page.goto(sheaf.url + addressOf(base, sheet));
  const grid = new GridPage(page);
  await grid.cell(records[0]!, id('Name')).waitFor({ state: 'attached' });
  await page.route(slow, async (route) => {
    await new Promise((done) => setTimeout(done, slowMs));
    await route.continue().catch(() => undefined);
  });
  return grid;
}
const value = (field: string, n = 0): Promise<unknown> => sheaf.value(base.id, sheet.id, records[n]!, id(field));
const titles = async (field: string): Promise<string[]> => ((await value(field)) as LinkRef[] | null)?.map((link) => link.title) ?? [];

describe('while the editor loads', () => {
  test('a whole line typed without a pause lands in its cells', async () => {
    const grid = await open(700);
    await grid.click(records[0]!, id('Status'));
    await page.keyboard.type('Doi');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Blu');
    await page.keyboard.press('Tab');
    await page.keyboard.type('2026/6/18');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Boreal');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('a note');
    await page.keyboard.press('Enter');
    await expect.poll(() => value('Note'), poll).toBe('a note');
    await expect.poll(() => titles('Brand'), poll).toEqual(['Boreal']);
    expect(await value('Status')).toBe(id('Status=Doing'));
    expect(await value('Tags')).toEqual([id('Tags=Blue')]);
    expect(await value('Due')).toBe('2026-06-18');
    expect(await value('Name')).toBeNull();
    expect(await grid.active()).toBe(`${records[1]} ${id('Note')}`);
  });

  test('Enter or F2, text and Enter again, then the next record', async () => {
    const grid = await open(600);
    await grid.click(records[0]!, id('Status'));
    for (const key of ['Enter', 'F2']) {
      await page.keyboard.press(key);
      await page.keyboard.type('Ope');
      await page.keyboard.press('Enter');
    }
    await expect.poll(() => value('Status', 1), poll).toBe(id('Status=Open'));
    expect(await value('Status', 0)).toBe(id('Status=Open'));
  });

  test('an input method writes into the cell it was begun on', async () => {
    const grid = await open(600);
    const ime = await InputMethod.of(page);
    await grid.click(records[0]!, id('Status'));
    await ime.compose('jin');
    await ime.choose('进');
    // A second composition is at work when the editor could open.
    await ime.compose('xing');
    await page.waitForTimeout(900);
    await ime.choose('行');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await ime.compose('bei');
    await ime.choose('备注');
    await page.keyboard.press('Enter');
    await expect.poll(() => value('Note'), poll).toBe('备注');
    expect(await value('Status')).toBe(id('Status=进行中'));
  });

  test('a composition after Tab waits for its own cell', async () => {
    const grid = await open(900);
    const ime = await InputMethod.of(page);
    await grid.click(records[0]!, id('Status'));
    await page.keyboard.type('Doi');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await ime.compose('hong');
    await ime.choose('红');
    await page.keyboard.press('Tab');
    await expect.poll(async () => (await sheaf.base('Double Eleven')).tables.find((t) => t.id === sheet.id)?.fields.find((f) => f.name === 'Tags')?.options.options?.map((o) => o.name), poll).toContain('红');
    expect(await value('Status')).toBe(id('Status=Doing'));
    await expect.poll(async () => ((await value('Tags')) as string[] | null)?.length, poll).toBe(1);
  });

  test('a click elsewhere before it came takes the text back', async () => {
    const grid = await open(900);
    await grid.click(records[0]!, id('Status'));
    await page.keyboard.type('Doi');
    await grid.click(records[1]!, id('Note'));
    await page.keyboard.type('below');
    await page.waitForTimeout(1200);
    await page.keyboard.press('Enter');
    await expect.poll(() => value('Note', 1), poll).toBe('below');
    expect(await value('Status')).toBeNull();
    expect(await page.getByRole('combobox').count()).toBe(0);
  });
});

describe('a link', () => {
  test('Tab and Enter take what the search finds, even before it has answered', async () => {
    const grid = await open(0);
    await page.route(/\/query$/, async (route) => {
      await new Promise((done) => setTimeout(done, 500));
      await route.continue().catch(() => undefined);
    });
    await grid.click(records[0]!, id('Brand'));
    await page.keyboard.type('Aurora');
    await page.keyboard.press('Tab');
    // The whole name is meant, though another record comes first.
    await expect.poll(() => titles('Brand'), poll).toEqual(['Aurora']);
    expect(await grid.active()).toBe(`${records[0]} ${id('Brands')}`);
    await page.keyboard.type('Cir');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Bor');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.keyboard.type('after');
    await expect.poll(() => titles('Brands'), poll).toEqual(['Cirrus', 'Boreal']);
  });

  test('the list follows what is typed, and arrows choose from it', async () => {
    const grid = await open(0);
    await grid.click(records[0]!, id('Brand'));
    await page.keyboard.press('Enter');
    const options = page.getByRole('option');
    await expect.poll(() => options.count(), poll).toBe(4);
    await page.keyboard.type('Aur');
    await expect.poll(() => options.allTextContents(), poll).toEqual([expect.stringContaining('Aurora Plus'), expect.stringContaining('Aurora'), expect.stringContaining('Aur')]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await expect.poll(() => titles('Brand'), poll).toEqual(['Aurora']);
  });

  test('a text that nothing has is said with Tab, and makes a record with Enter', async () => {
    const grid = await open(0);
    await grid.click(records[0]!, id('Brand'));
    await page.keyboard.type('Zephyr');
    await page.keyboard.press('Tab');
    await page.getByText('No record “Zephyr” was found').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('Zephyr');
    await page.keyboard.press('Enter');
    await expect.poll(() => titles('Brand'), poll).toEqual(['Zephyr']);
  });
});

test("today is the base's day, wherever the person is", async () => {
  const grid = await open(0);
  const today = (zone: string): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
  const zone = base.time_zone;
  // One of the two has another date than the browser's at any time of the day.
  const far = today('Pacific/Kiritimati') === today('America/Los_Angeles') ? 'Etc/GMT+12' : 'Pacific/Kiritimati';
  await sheaf.act(base.id, { op: 'base.update', time_zone: far });
  try {
    await page.reload();
    await grid.cell(records[0]!, id('Due')).waitFor({ state: 'attached' });
    await grid.click(records[0]!, id('Due'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Today' }).click();
    await expect.poll(() => value('Due'), poll).toBe(today(far));
    await grid.click(records[1]!, id('Due'));
    await page.keyboard.press('Control+;');
    await expect.poll(() => value('Due', 1), poll).toBe(today(far));
  } finally {
    await sheaf.act(base.id, { op: 'base.update', time_zone: zone });
  }
});
