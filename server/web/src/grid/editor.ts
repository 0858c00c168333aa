/**
 * One real text area that always has the focus and sits invisible on the active cell, so that input methods, paste and
 * dictation work from the first key. It becomes visible when an edit begins, whichever way: composition, typing, F2,
 * Enter, double click.
 */
import { editMeaning } from './keyboard';
import type { Move } from './source';

/** What the active cell lets the editor do. */
export interface EditTarget {
  /** `text`: here. `rich`: elsewhere, but what was typed goes with it. `no`: typing is ignored. */
  readonly how: 'text' | 'rich' | 'no';
  readonly multiline: boolean;
  readonly align: 'left' | 'right';
  /** Text that the edit starts from when it was not begun by typing. */
  readonly text: string;
}

export interface EditorHooks {
  target(): EditTarget | null;
  /** An edit of the active cell begins. */
  opened(target: EditTarget): void;
  /** A key while nothing is edited. Returns whether it was a command. */
  key(event: KeyboardEvent): boolean;
  commit(text: string, move: Move): void;
  closed(): void;
  rich(initial: string): void;
  refused(): void;
  /** The text grew or shrank. */
  resized(): void;
  copy(event: ClipboardEvent, cut: boolean): void;
  paste(event: ClipboardEvent): void;
  focus(has: boolean): void;
  /** Keys that waited for a rich editor, which has the focus now. */
  held(keys: readonly Held[]): void;
}

/** What was typed while a rich editor was on its way, after the text that opens it. */
export type Held = { readonly text: string } | { readonly key: string; readonly shiftKey: boolean };

/** Keys that mean something besides the letters they write. */
const meant = /^(Enter|Tab|Escape|F2|Arrow\w+)$/;
/** Keys that belong to the text which opens the editor, until another cell is meant. */
const inText = /^(Home|End|Delete|Backspace|PageUp|PageDown| )$/;

export class CellEditor {
  readonly area: HTMLTextAreaElement;
  /**
   * `composing`: an input method is at work over a rich or read-only cell; its text is only collected.
   * `handing`: a rich editor was asked for and has not taken the focus yet; what is typed until then is kept for it.
   */
  private state: 'idle' | 'open' | 'composing' | 'handing' = 'idle';
  /** What waits for the rich editor, in the order typed. Begins with a key: the text before it is in the area. */
  private held: Held[] = [];
  /** The area's text before a composition that belongs to what is held. */
  private before: string | null = null;
  /** Whom to tell that a composition has ended. */
  private whenSettled: (() => void)[] = [];
  private target: EditTarget | null = null;
  private typed = false;
  private composing = false;
  private readonly ending = new AbortController();

  constructor(
    parent: HTMLElement,
    private readonly hooks: EditorHooks,
  ) {
    const area = document.createElement('textarea');
    area.className = 'sheaf-grid-editor';
    area.rows = 1;
    area.spellcheck = false;
    area.autocomplete = 'off';
    area.setAttribute('autocapitalize', 'off');
    // Password managers otherwise offer themselves on every cell.
    area.setAttribute('data-1p-ignore', '');
    area.setAttribute('data-lpignore', 'true');
    parent.append(area);
    this.area = area;
    const { signal } = this.ending;
    area.addEventListener('keydown', (e) => this.keydown(e), { signal });
    area.addEventListener('compositionstart', () => this.compositionStart(), { signal });
    area.addEventListener('compositionend', (e) => this.compositionEnd(e), { signal });
    area.addEventListener('beforeinput', (e) => this.beforeInput(e), { signal });
    area.addEventListener('input', () => this.input(), { signal });
    area.addEventListener('copy', (e) => this.clipboard(e, 'copy'), { signal });
    area.addEventListener('cut', (e) => this.clipboard(e, 'cut'), { signal });
    area.addEventListener('paste', (e) => this.clipboard(e, 'paste'), { signal });
    area.addEventListener('focus', () => hooks.focus(true), { signal });
    area.addEventListener('blur', () => this.blurred(), { signal });
    this.show();
  }

  destroy(): void {
    this.ending.abort();
    this.area.remove();
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get isComposing(): boolean {
    return this.composing;
  }

  /** Whether the text area is to be seen: an edit, or a composition that will become one. */
  get isVisible(): boolean {
    return this.state === 'open' || this.state === 'composing';
  }

  focus(): void {
    if (document.activeElement !== this.area) this.area.focus({ preventScroll: true });
  }

  /** Begins an edit of the text as it is. Returns false where the cell is not edited here. */
  open(): boolean {
    const target = this.hooks.target();
    if (target === null || target.how !== 'text') return false;
    this.begin(target, false);
    this.area.value = target.text;
    this.focus();
    this.area.setSelectionRange(target.text.length, target.text.length);
    this.hooks.resized();
    return true;
  }

  /** Ends the edit, if there is one. */
  finish(commit: boolean, move: Move = 'stay'): void {
    if (this.state !== 'open') return;
    const text = this.area.value;
    this.reset();
    if (commit) this.hooks.commit(text, move);
    this.hooks.closed();
  }

  /** A rich editor is on its way: keep what is typed until it takes the focus. */
  hand(initial: string): void {
    this.state = 'handing';
    this.held = [];
    this.area.value = initial;
    this.show();
  }

  /** What was typed for the rich editor so far. */
  get handing(): string | undefined {
    return this.state === 'handing' ? this.area.value : undefined;
  }

  /** It came and went. */
  handed(): void {
    if (this.state === 'handing') this.reset();
  }

  get isHanding(): boolean {
    return this.state === 'handing';
  }

  /** Resolves when no input method is at work: an editor that took the focus before would cut its text in two. */
  settled(): Promise<void> {
    return this.composing ? new Promise((done) => this.whenSettled.push(done)) : Promise.resolve();
  }

  /** What was typed before goes on waiting, now for the rich editor of another cell. */
  hold(keys: readonly Held[]): void {
    const first = keys.findIndex((item) => 'key' in item && item.key !== ' ');
    const text = keys.slice(0, first < 0 ? keys.length : first);
    this.area.value += text.map((item) => ('text' in item ? item.text : item.key)).join('');
    this.held = [...keys.slice(text.length), ...this.held];
  }

  /** A key or a text as if it were typed now. */
  give(item: Held): void {
    if ('key' in item) {
      const event = new KeyboardEvent('keydown', { key: item.key, shiftKey: item.shiftKey, cancelable: true });
      this.keydown(event);
      if (event.defaultPrevented || this.state !== 'open') return;
      if (item.key === ' ') this.insert(' ');
      else if (item.key === 'Backspace') this.erase();
      return;
    }
    if (this.state === 'open') return this.insert(item.text);
    const target = this.hooks.target();
    if (target?.how === 'rich') return this.hooks.rich(item.text);
    if (target?.how !== 'text') return target === null ? undefined : this.hooks.refused();
    this.begin(target, true);
    this.insert(item.text);
  }

  /** Lays the area over a cell; its size follows the text while it is open. */
  place(rect: { readonly x: number; readonly y: number; readonly w: number; readonly h: number } | undefined, bottom: number): void {
    const { style } = this.area;
    if (rect === undefined) {
      style.transform = 'translate(-9999px, 0)';
      return;
    }
    if (!this.isVisible) {
      style.transform = `translate(${rect.x}px, ${rect.y}px)`;
      style.width = `${rect.w}px`;
      style.height = `${rect.h}px`;
      return;
    }
    const w = Math.max(rect.w + 1, 60);
    style.width = `${w}px`;
    const padding = Math.max((Math.min(rect.h, 34) + 1 - 4 - 20) / 2, 2);
    style.paddingTop = style.paddingBottom = `${padding}px`;
    style.height = '0';
    const h = Math.max(rect.h + 1, Math.min(this.area.scrollHeight + 4, 260));
    style.height = `${h}px`;
    style.transform = `translate(${rect.x - 1}px, ${Math.min(rect.y - 1, Math.max(bottom - h, 0))}px)`;
  }

  private begin(target: EditTarget, typed: boolean): void {
    this.state = 'open';
    this.target = target;
    this.typed = typed;
    this.area.style.textAlign = target.align;
    this.hooks.opened(target);
    this.show();
  }

  private reset(): void {
    this.state = 'idle';
    this.target = null;
    this.typed = false;
    this.held = [];
    this.area.value = '';
    this.area.style.textAlign = 'left';
    this.show();
  }

  private show(): void {
    this.area.classList.toggle('open', this.isVisible);
  }

  private keydown(event: KeyboardEvent): void {
    if (this.state === 'open') {
      // Clicking a place in the text means that arrows shall move in it.
      const what = editMeaning(event, { multiline: this.target?.multiline === true, typed: this.typed });
      // Its own shortcuts (undo of typed text, select all) are the text's; the page's are not to hear them.
      event.stopPropagation();
      if (what === undefined) return;
      event.preventDefault();
      if (what === 'newline') this.insert('\n');
      else this.finish(what.commit, what.move);
      return;
    }
    if (this.composing) return;
    if (this.state === 'handing') {
      event.stopPropagation();
      if (event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!meant.test(event.key) && (this.held.length === 0 || !inText.test(event.key))) return;
      event.preventDefault();
      this.held.push({ key: event.key, shiftKey: event.shiftKey });
      return;
    }
    if (this.hooks.key(event)) event.preventDefault();
  }

  private erase(): void {
    const { selectionStart: at, selectionEnd: end } = this.area;
    this.area.setRangeText('', at === end ? Math.max(0, at - 1) : at, end, 'end');
    this.hooks.resized();
  }

  private insert(text: string): void {
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, 'end');
    this.hooks.resized();
  }

  private compositionStart(): void {
    this.composing = true;
    this.before = this.state === 'handing' && this.held.length > 0 ? this.area.value : null;
    if (this.state === 'open' || this.state === 'handing') return;
    const target = this.hooks.target();
    this.area.value = '';
    if (target?.how === 'text') this.begin(target, true);
    else {
      this.state = 'composing';
      // Over a rich cell the composed text is shown until it is complete; over others nothing is.
      if (target?.how === 'rich') this.show();
    }
    this.hooks.resized();
  }

  private compositionEnd(event: CompositionEvent): void {
    this.composing = false;
    if (this.before !== null) {
      this.area.value = this.before;
      if (event.data !== '') this.held.push({ text: event.data });
    }
    this.before = null;
    for (const done of this.whenSettled.splice(0)) done();
    if (this.state !== 'composing') return;
    const text = this.area.value;
    const rich = this.hooks.target()?.how === 'rich';
    this.reset();
    if (rich && text !== '') this.hooks.rich(text);
    else if (text !== '') this.hooks.refused();
    this.hooks.resized();
  }

  private beforeInput(event: InputEvent): void {
    if (this.state === 'handing' && this.held.length > 0 && !this.composing && event.inputType !== 'insertCompositionText') {
      event.preventDefault();
      if (event.inputType.startsWith('insert') && event.data) this.held.push({ text: event.data });
      return;
    }
    if (this.state !== 'idle' || this.composing) return;
    // A composition announces itself by this type before `compositionstart` in some browsers.
    if (event.isComposing || event.inputType === 'insertCompositionText') return;
    const target = this.hooks.target();
    const inserts = event.inputType.startsWith('insert') && event.inputType !== 'insertLineBreak';
    if (target === null || !inserts || target.how === 'no') {
      event.preventDefault();
      if (inserts && target !== null) this.hooks.refused();
      return;
    }
    if (target.how === 'rich') {
      event.preventDefault();
      this.hooks.rich(event.data ?? '');
      return;
    }
    this.area.value = '';
    this.begin(target, true);
  }

  private input(): void {
    if (this.state === 'idle') this.area.value = '';
    else this.hooks.resized();
  }

  private clipboard(event: ClipboardEvent, what: 'copy' | 'cut' | 'paste'): void {
    if (this.state === 'handing' && this.held.length > 0) {
      event.preventDefault();
      const text = what === 'paste' ? (event.clipboardData?.getData('text/plain') ?? '') : '';
      if (text !== '') this.held.push({ text });
      return;
    }
    if (this.state !== 'idle') return;
    event.preventDefault();
    if (what === 'paste') this.hooks.paste(event);
    else this.hooks.copy(event, what === 'cut');
  }

  private blurred(): void {
    this.finish(true);
    // The window lost the focus, not the area.
    if (this.state === 'handing' && document.activeElement !== this.area) {
      const keys = this.held;
      this.reset();
      // When the editor has the focus, and before the next key comes.
      if (keys.length > 0) queueMicrotask(() => this.hooks.held(keys));
    }
    this.hooks.focus(false);
  }
}
