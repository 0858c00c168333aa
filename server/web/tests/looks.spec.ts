// Every kind of page has something to see: light and dark, wide and on a phone, in both languages.
// SHEAF_SHOTS=folder keeps the pictures.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Base } from '../src/api/types';
import { startBrowser } from './browser';
import { addressOf, ink, Sheaf, tableOf, taken, watch } from './sheaf';

let browser: Browser;
let sheaf: Sheaf;
let base: Base;
let record: string;
const faults: string[] = [];

beforeAll(async () => {
  [browser, sheaf] = await Promise.all([startBrowser(), Sheaf.start('zh-CN')]);
  await sheaf.login();
  base = await sheaf.base('双十一大促');
  const tasks = tableOf(base, '任务');
  record = (await sheaf.api<{ records: { id: string }[] }>('POST', `/bases/${base.id}/query`, { table: tasks.id, limit: 1 })).records[0]!.id;
});
afterAll(async () => {
  await browser?.close();
  await sheaf?.stop();
});
afterEach(() => expect(taken(faults)).toEqual([]));

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Where to go, and what says that it is there. */
function places(): Record<string, [address: string, ready: string]> {
  const tasks = tableOf(base, '任务');
  return {
    bases: ['/', '.cards a'],
    grid: [addressOf(base, tasks, '按状态'), '[data-record][role=gridcell]'],
    record: [`${addressOf(base, tasks, '按状态')}?r=${record}`, 'aside h3'],
    kanban: [addressOf(base, tasks, '进度看板'), '[data-card]'],
    gantt: [addressOf(base, tasks, '甘特图'), '[data-bar]'],
    dashboard: [`/b/${base.id}/d/${base.dashboards[0]!.id}`, '[data-block=gmv-day] canvas, [data-block=gmv-day] svg'],
    automation: [`/b/${base.id}/automations/${base.automations[0]!.id}`, '.steps'],
    settings: [`/b/${base.id}/settings`, 'h2'],
  };
}

test.each([
  ['light', 'wide', 'en-US', {}],
  ['dark', 'wide', 'zh-CN', {}],
  ['light', 'phone', 'zh-CN', phone],
  ['dark', 'phone', 'en-US', phone],
] as const)('%s, %s, %s', async (scheme, width, locale, options) => {
  const context = await sheaf.context(browser, undefined, { ...options, colorScheme: scheme, locale });
  try {
    const page = await context.newPage();
    watch(page, sheaf.url, faults);
    for (const [name, [address, ready]] of Object.entries(places())) {
      await page.goto(sheaf.url + address);
      await page.locator(ready).first().waitFor({ state: 'attached' });
      // Fonts are in, and two pictures were drawn with what came.
      await page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
      const picture = await page.screenshot();
      if (process.env.SHEAF_SHOTS) writeFileSync(join(process.env.SHEAF_SHOTS, `${name}-${scheme}-${width}.png`), picture);
      const { share, colors, ground } = await ink(browser, picture);
      expect(share, `${name}: percent of the picture that is not its ground`).toBeGreaterThan(1);
      expect(colors, `${name}: colors`).toBeGreaterThan(40);
      const bright = Math.max(...ground);
      expect(scheme === 'dark' ? bright < 60 : bright > 220, `${name}: ground ${ground}`).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name}: wider than the screen`).toBeLessThanOrEqual(0);
      expect(await page.evaluate(() => document.documentElement.lang), name).toBe(locale === 'zh-CN' ? 'zh-CN' : 'en');
    }
  } finally {
    await context.close();
  }
});
