/**
 * Helpers over the grid's ARIA mirror: cells are found by record and field (or by name), clicked by coordinates on the
 * canvas, and read as text. Works on the dev page and in the app alike.
 */
import type { CDPSession, Locator, Page } from 'playwright-core';

export class GridPage {
  constructor(readonly page: Page) {}

  get mirror(): Locator {
    return this.page.locator('.sheaf-grid-mirror[role=grid]');
  }

  /** Waits until the mirror shows the grid as it is: 120 ms after the last movement. */
  async settled(): Promise<void> {
    await this.page.waitForTimeout(60);
    await this.page.waitForSelector('.sheaf-grid-mirror[role=grid]:not([aria-busy])', { state: 'attached' });
  }

  cell(record: string, field: string): Locator {
    return this.mirror.locator(`[role=gridcell][data-record="${record}"][data-field="${field}"]`);
  }

  title(name: string): Locator {
    return this.mirror.locator('[role=columnheader]', { hasText: name });
  }

  async text(record: string, field: string): Promise<string> {
    await this.settled();
    return (await this.cell(record, field).textContent()) ?? '';
  }

  /** The visible texts of a column, top to bottom. */
  async column(field: string): Promise<string[]> {
    await this.settled();
    return this.mirror.locator(`[role=gridcell][data-record][data-field="${field}"]`).allTextContents();
  }

  /** Presses "+" after the last column. */
  async newField(): Promise<void> {
    await this.settled();
    const last = await this.mirror.locator('[role=columnheader]').last().boundingBox();
    if (last === null) throw new Error('no column on the screen');
    await this.page.mouse.click(last.x + last.width + 20, last.y + last.height / 2);
  }

  private async point(record: string, field: string): Promise<{ x: number; y: number }> {
    await this.settled();
    const box = await this.cell(record, field).boundingBox();
    if (box === null) throw new Error(`${record} ${field} is not on the screen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  async click(record: string, field: string, options: { readonly shift?: boolean } = {}): Promise<void> {
    const { x, y } = await this.point(record, field);
    if (options.shift === true) await this.page.keyboard.down('Shift');
    await this.page.mouse.click(x, y);
    if (options.shift === true) await this.page.keyboard.up('Shift');
  }

  async doubleClick(record: string, field: string): Promise<void> {
    const { x, y } = await this.point(record, field);
    await this.page.mouse.dblclick(x, y);
  }

  async drag(from: readonly [string, string], to: readonly [string, string]): Promise<void> {
    const a = await this.point(...from);
    const b = await this.point(...to);
    await this.page.mouse.move(a.x, a.y);
    await this.page.mouse.down();
    await this.page.mouse.move(b.x, b.y, { steps: 6 });
    await this.page.mouse.up();
  }

  /** Record and field of the active cell. */
  async active(): Promise<string> {
    await this.settled();
    const cell = this.mirror.locator('[id$="-active"]');
    return `${await cell.getAttribute('data-record')} ${await cell.getAttribute('data-field')}`;
  }

  async selected(): Promise<string[]> {
    await this.settled();
    return this.mirror.locator('[aria-selected=true]').evaluateAll((cells) => cells.map((c) => `${c.getAttribute('data-record')} ${c.getAttribute('data-field')}`));
  }

  /** What Ctrl+C puts on the clipboard, caught at the event. */
  async copied(): Promise<{ plain: string; html: string }> {
    await this.page.evaluate(() => {
      addEventListener('copy', (e) => Object.assign(window, { copied: { plain: e.clipboardData?.getData('text/plain'), html: e.clipboardData?.getData('text/html') } }), { once: true });
    });
    await this.page.keyboard.press('Control+c');
    return this.page.evaluate(() => (window as unknown as { copied: { plain: string; html: string } }).copied);
  }

  /** Pastes a text as the system would: an event with data on the focused element. */
  async paste(plain: string): Promise<void> {
    await this.page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, plain);
  }
}

/**
 * An input method, as Chromium reports a real one: each key first as 229 "Process", then the growing composition; the
 * choice as inserted text. `pinyin` "zhong" with `choice` "中" leaves 中 in the cell.
 */
export class InputMethod {
  private constructor(private readonly cdp: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  async compose(pinyin: string): Promise<void> {
    for (let n = 1; n <= pinyin.length; n++) {
      await this.process();
      const text = pinyin.slice(0, n);
      await this.cdp.send('Input.imeSetComposition', { text, selectionStart: n, selectionEnd: n });
    }
  }

  async choose(choice: string): Promise<void> {
    await this.process();
    await this.cdp.send('Input.insertText', { text: choice });
  }

  private async process(): Promise<void> {
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Process', code: 'KeyZ' });
  }

  /** Enter pressed while composing: takes the letters as they are, and must not end the edit. */
  async enterWhileComposing(): Promise<void> {
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Process', code: 'Enter' });
  }
}
