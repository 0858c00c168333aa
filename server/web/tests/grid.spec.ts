// The grid alone, on its dev page with a million synthetic records, in a real browser.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { serveDevPage, startBrowser } from './browser';
import { GridPage, InputMethod } from './grid';

let browser: Browser;
let server: Awaited<ReturnType<typeof serveDevPage>>;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  [browser, server] = await Promise.all([startBrowser(), serveDevPage()]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  await page.context().close();
  expect(faults.splice(0)).toEqual([]);
});

async function open(query = '', options: BrowserContextOptions = {}): Promise<GridPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(server.url(query));
  await page.waitForFunction(() => 'dev' in window);
  const grid = new GridPage(page);
  await page.waitForSelector('[data-record=rec0]', { state: 'attached' });
  return grid;
}

const log = (): Promise<unknown[][]> => page.evaluate(() => window.dev.log);
const value = (at: number, field: string): Promise<unknown> => page.evaluate(([n, f]) => window.dev.source.row(n)?.cells[f as never], [at, field] as const);

test('an input method writes its first key into the selected cell, and Enter while composing does not end the edit', async () => {
  const grid = await open();
  await grid.click('rec2', 'fldTitle');
  const ime = await InputMethod.of(page);
  await ime.compose('zhong');
  expect(await page.locator('.sheaf-grid-editor.open').inputValue()).toBe('zhong');
  await ime.enterWhileComposing();
  expect(await page.locator('.sheaf-grid-editor.open').count()).toBe(1);
  await ime.choose('中文');
  expect(await value(2, 'fldTitle')).not.toBe('中文');
  await page.keyboard.press('Enter');
  expect(await value(2, 'fldTitle')).toBe('中文');
  expect(await grid.text('rec2', 'fldTitle')).toBe('中文');
  expect(await grid.active()).toBe('rec3 fldTitle');
  expect((await log()).filter(([what]) => what === 'edit')).toHaveLength(1);
});

test('an input method over a rich cell opens its editor with what was composed', async () => {
  const grid = await open();
  await grid.click('rec2', 'fldStatus');
  const ime = await InputMethod.of(page);
  await ime.compose('jin');
  await ime.choose('进');
  expect((await log()).at(-1)).toEqual(['openEditor', 'fldStatus', 'rec2', '进']);
});

test('an input method over a computed cell changes nothing', async () => {
  const grid = await open('', { viewport: { width: 3200, height: 800 } });
  await grid.click('rec2', 'fldRatio');
  const ime = await InputMethod.of(page);
  await ime.compose('ni');
  await ime.choose('你');
  expect((await log()).at(-1)).toEqual(['notice', 'readOnly']);
  await page.keyboard.press('ArrowLeft');
  expect(await grid.active()).toBe('rec2 fldLink');
});

test('typing replaces, F2 and double click keep the text, Escape takes back', async () => {
  const grid = await open();
  await grid.click('rec1', 'fldTitle');
  await page.keyboard.type('New');
  await page.keyboard.press('Tab');
  expect(await value(1, 'fldTitle')).toBe('New');
  expect(await grid.active()).toBe('rec1 fldStatus');
  await grid.doubleClick('rec1', 'fldTitle');
  await page.keyboard.type('er');
  await page.keyboard.press('Enter');
  expect(await value(1, 'fldTitle')).toBe('Newer');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('F2');
  await page.keyboard.type('!!');
  await page.keyboard.press('Escape');
  expect(await value(1, 'fldTitle')).toBe('Newer');
});

test('numbers are read by the codec, what it cannot read goes to the server as text', async () => {
  const grid = await open('', { viewport: { width: 1700, height: 800 } });
  await grid.click('rec1', 'fldBudget');
  await page.keyboard.type('1,234.5');
  await page.keyboard.press('Enter');
  expect(await value(1, 'fldBudget')).toBe(1234.5);
  await page.keyboard.type('about ten');
  await page.keyboard.press('Enter');
  expect((await log()).at(-1)).toMatchObject(['pasteText', { spans: [{ from: 2, to: 3 }], fields: ['fldBudget'] }, [['about ten']]]);
});

test('a range is copied as text and as a table, and pastes back', async () => {
  const grid = await open();
  await grid.drag(['rec2', 'fldStatus'], ['rec4', 'fldTags']);
  expect(await grid.selected()).toHaveLength(6);
  const { plain, html } = await grid.copied();
  expect(plain.split('\n')).toHaveLength(3);
  expect(plain.split('\n')[0]?.split('\t')).toEqual([await grid.text('rec2', 'fldStatus'), await grid.text('rec2', 'fldTags')]);
  expect(html).toContain('<table><tr><td>');
  await grid.click('rec6', 'fldTitle');
  await grid.paste('A1\tx\nA2\ty\n');
  expect((await log()).at(-1)).toEqual(['pasteText', { spans: [{ from: 6, to: 8 }], fields: ['fldTitle', 'fldStatus'] }, [['A1', 'x'], ['A2', 'y']]]);
  expect(await grid.selected()).toHaveLength(4);
});

test('Shift, Ctrl and the edges', async () => {
  const grid = await open();
  await grid.click('rec2', 'fldStatus');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  expect(await grid.selected()).toEqual(['rec2 fldStatus', 'rec2 fldTags', 'rec3 fldStatus', 'rec3 fldTags']);
  await page.keyboard.press('Delete');
  expect(await value(3, 'fldTags')).toBeNull();
  await page.keyboard.press('Control+ArrowDown');
  await page.waitForTimeout(300);
  expect(await grid.active()).toBe('rec999999 fldStatus');
  await page.keyboard.press('Control+ArrowUp');
  expect(await grid.active()).toBe('rec0 fldStatus');
  await page.keyboard.press('Space');
  expect((await log()).at(-1)).toEqual(['openRecord', 'rec0']);
});

test('the fill handle goes on with a series', async () => {
  const grid = await open('', { viewport: { width: 2000, height: 800 } });
  for (const [at, text] of [[0, '10'], [1, '12']] as const) {
    await grid.click(`rec${at}`, 'fldHours');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }
  await grid.click('rec0', 'fldHours');
  await grid.click('rec1', 'fldHours', { shift: true });
  await grid.settled();
  const box = await grid.cell('rec1', 'fldHours').boundingBox();
  const end = await grid.cell('rec4', 'fldHours').boundingBox();
  if (box === null || end === null) throw new Error('not on the screen');
  await page.mouse.move(box.x + box.width - 3, box.y + box.height - 3);
  await page.mouse.down();
  await page.mouse.move(end.x + 20, end.y + 10, { steps: 5 });
  await page.mouse.up();
  expect(await Promise.all([2, 3, 4].map((at) => value(at, 'fldHours')))).toEqual([14, 16, 18]);
  expect(await grid.selected()).toHaveLength(5);
});

test('columns are resized and moved by their titles', async () => {
  const grid = await open();
  await grid.settled();
  const status = await grid.title('Status').boundingBox();
  const owner = await grid.title('Owner').boundingBox();
  if (status === null || owner === null) throw new Error('not on the screen');
  await page.mouse.move(status.x + status.width - 2, 18);
  await page.mouse.down();
  await page.mouse.move(status.x + status.width + 58, 18, { steps: 4 });
  await page.mouse.up();
  await grid.settled();
  expect((await grid.title('Status').boundingBox())?.width).toBe(180);
  await page.mouse.move(status.x + 60, 18);
  await page.mouse.down();
  await page.mouse.move(owner.x + owner.width, 18, { steps: 6 });
  await page.mouse.up();
  expect((await log()).at(-1)).toEqual(['moveColumn', 'fldStatus', 'fldProgress']);
});

test('tick boxes and group headers answer the mouse', async () => {
  const grid = await open('grouped=1');
  const before = await page.evaluate(() => window.dev.grid.frame.rows.nVisible);
  await page.mouse.click(40, 36 + 40 + 18);
  expect(await page.evaluate(() => window.dev.grid.frame.rows.nVisible)).toBe(before - 5);
  await page.mouse.click(22, 36 + 20);
  await grid.settled();
  expect(await grid.mirror.locator('[data-group=s0]').getAttribute('aria-expanded')).toBe('false');
});

test('dragging a range beyond the edge scrolls', async () => {
  const grid = await open();
  await grid.settled();
  const box = await grid.cell('rec3', 'fldStatus').boundingBox();
  if (box === null) throw new Error('not on the screen');
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + 10, 830, { steps: 3 });
  await page.waitForTimeout(700);
  await page.mouse.up();
  expect(await page.evaluate(() => window.dev.grid.scroller.top)).toBeGreaterThan(200);
  expect(await page.evaluate(() => window.dev.grid.selection.box()?.top)).toBe(3);
});

test('touch: the first tap selects without a keyboard, the second opens the record', async () => {
  const grid = await open('', { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await grid.settled();
  const box = await grid.cell('rec4', 'fldTitle').boundingBox();
  if (box === null) throw new Error('not on the screen');
  await page.touchscreen.tap(box.x + 50, box.y + 15);
  expect(await grid.active()).toBe('rec4 fldTitle');
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA');
  await page.touchscreen.tap(box.x + 50, box.y + 15);
  expect((await log()).at(-1)).toEqual(['openRecord', 'rec4']);
});

test('a screen reader sees a grid of a million rows, cells exactly over the painted ones', async () => {
  const grid = await open();
  await grid.click('rec1', 'fldTitle');
  await grid.settled();
  expect(await grid.mirror.getAttribute('aria-rowcount')).toBe('1000002');
  const cell = page.getByRole('gridcell', { name: await grid.text('rec1', 'fldTitle') }).first();
  expect(await cell.boundingBox()).toEqual({ x: 64, y: 70, width: 260, height: 34 });
  expect(await page.locator('.sheaf-grid-editor').getAttribute('aria-label')).toContain('Title: ');
});
