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

test('pasted texts become cells of their types, and what does not fit is said', async () => {
  const grid = await openSheet();
  const before = await value(2, 'Due');
  await grid.click(records[2]!, id('Due'));
  await grid.paste('2026/10/1\n2026年10月2日\nsome day');
  await expect.poll(() => Promise.all([2, 3].map((n) => value(n, 'Due'))), poll).toEqual(['2026-10-01', '2026-10-02']);
  const toast = page.getByRole('status').filter({ hasText: '1 cell did not fit' });
  await toast.waitFor();
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => Promise.all([2, 3].map((n) => value(n, 'Due'))), poll).toEqual([before, null]);
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
});
