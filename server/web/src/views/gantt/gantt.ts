/**
 * The chart in its host element: canvas, native scroller over it, splitter, mirror; it draws what `model` says and tells
 * `actions` what the person did. Framework-free; `View.svelte` gives it rows.
 */
import type { RecordId } from '../../fields/wire';
import { TextCache } from '../../grid/text';
import { themeOf } from '../../grid/theme';
import type { Edit } from './drag';
import { barRect, headerHeight, rowHeight, visibleLines, type Frame, type GanttWords } from './frame';
import type { Hit } from './hit';
import { keys } from './keyboard';
import { Mirror } from './mirror';
import { Model, type Link } from './model';
import { paint } from './painter';
import { pointers } from './pointer';
import { Scale, zoomOf, zoomWidths, type Zoom } from './scale';

export interface GanttActions {
  open(record: RecordId): void;
  edit(edit: Edit): void;
  link(link: Link, point: { x: number; y: number }): void;
  toggleGroup(key: string): void;
  /** Positions of the order that are on the screen. */
  need(from: number, to: number): void;
  zoomed(zoom: Zoom): void;
  paned(width: number): void;
  selected(record: RecordId | null): void;
}

export interface GanttOptions {
  readonly words: GanttWords;
  readonly locale: string;
  readonly today: number;
  readonly zoom: Zoom;
  readonly pane: number;
  readonly label: string;
}

let count = 0;

export class Gantt {
  readonly model = new Model();
  readonly frame: Frame;
  readonly scroller: HTMLElement;
  readonly mirror: Mirror;
  readonly #canvas: HTMLCanvasElement;
  readonly #ctx: CanvasRenderingContext2D;
  readonly #spacer: HTMLElement;
  readonly #splitter: HTMLElement;
  readonly #ending = new AbortController();
  readonly #resize: ResizeObserver;
  #asked = 0;
  #placed = false;

  constructor(readonly host: HTMLElement, options: GanttOptions, readonly actions: GanttActions) {
    this.#canvas = element(host, 'canvas', '');
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#ctx = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
    this.scroller = element(host, 'div', 'scroller');
    this.scroller.tabIndex = -1;
    this.#spacer = element(this.scroller, 'div', '');
    this.#splitter = element(host, 'div', 'splitter');
    this.mirror = new Mirror(host, options.label, `gantt${++count}`);
    const scale = new Scale();
    scale.dayWidth = zoomWidths[options.zoom];
    this.frame = {
      width: 0, height: 0, pane: options.pane, scrollX: 0, top: 0, today: options.today, locale: options.locale, words: options.words,
      theme: themeOf(host), text: new TextCache(this.#ctx), model: this.model, scale, hover: null, hoverLine: -1, selected: null, ghost: null,
      showCritical: true, canEdit: false, canLink: false, focused: false,
    };
    const { signal } = this.#ending;
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true, signal });
    host.addEventListener('wheel', (event) => this.#wheel(event), { passive: false, signal });
    window.addEventListener('sheaf:theme', () => this.restyle(), { signal });
    void document.fonts.ready.then(() => this.restyle());
    pointers(this, this.scroller, signal);
    keys(this, signal);
    this.#split(signal);
    this.#resize = new ResizeObserver(() => this.#resized());
    this.#resize.observe(host);
  }

  destroy(): void {
    this.#ending.abort();
    this.#resize.disconnect();
    cancelAnimationFrame(this.#asked);
    this.mirror.destroy();
    this.host.replaceChildren();
  }

  /** The model was built anew. Days stay where they are on the screen. */
  changed(): void {
    const left = this.frame.scale.at(this.frame.scrollX);
    this.#fit();
    if (this.#placed) this.scroller.scrollLeft = this.frame.scale.x(left);
    else if (this.frame.width > 0 && this.model.size > 0) {
      this.#placed = true;
      this.#firstPlace();
    }
    this.#scrolled();
  }

  draw(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      if (this.frame.width === 0) return;
      paint(this.frame, this.#ctx);
      this.mirror.later(this.frame);
    });
  }

  restyle(): void {
    this.frame.theme = themeOf(this.host);
    this.frame.text.clear();
    this.draw();
  }

  zoom(zoom: Zoom): void {
    this.#zoomTo(zoomWidths[zoom], this.frame.pane + (this.frame.width - this.frame.pane) / 2);
  }

  toToday(smooth = true): void {
    const { scale, today, width, pane } = this.frame;
    this.scroller.scrollTo({ left: scale.x(today) - (width - pane) / 2, behavior: smooth && Math.abs(scale.x(today) - this.frame.scrollX) < 4000 ? 'smooth' : 'auto' });
  }

  scrollBy(dx: number, dy: number): void {
    this.scroller.scrollLeft += dx;
    this.scroller.scrollTop += dy;
    this.#scrolled();
  }

  select(record: RecordId | null): void {
    if (this.frame.selected === record) return;
    this.frame.selected = record;
    if (record) this.host.setAttribute('aria-activedescendant', this.mirror.rowId(record));
    else this.host.removeAttribute('aria-activedescendant');
    this.actions.selected(record);
    this.draw();
  }

  /** Scrolls so that a task's row shows, and its bar if it is not on the screen. */
  reveal(record: RecordId): void {
    const line = this.model.lineOf(record);
    if (line === undefined) return;
    const { frame, scroller } = this;
    const view = frame.height - headerHeight;
    const y = line * rowHeight;
    if (y < frame.top) scroller.scrollTop = y;
    else if (y + rowHeight > frame.top + view) scroller.scrollTop = y + rowHeight - view;
    const task = this.model.task(record);
    const rect = task && barRect(frame, task, line);
    if (rect && (rect.x > frame.width - 40 || rect.x + rect.w < frame.pane + 40)) scroller.scrollLeft += rect.x - frame.pane - 80;
    this.#scrolled();
  }

  hover(record: RecordId | null, line: number): void {
    if (this.frame.hover === record && this.frame.hoverLine === line) return;
    this.frame.hover = record;
    this.frame.hoverLine = line;
    this.draw();
  }

  click(at: Hit, event: { clientX: number; clientY: number }): void {
    if (at.kind === 'group') return this.actions.toggleGroup(at.key);
    if (at.kind === 'link') return this.actions.link(at.link, { x: event.clientX, y: event.clientY });
    if (!('record' in at) || at.record === null) return this.select(null);
    this.select(at.record);
    if (at.kind === 'name' && this.frame.width > 640) this.reveal(at.record);
    if (at.kind !== 'row') this.actions.open(at.record);
  }

  edit(edit: Edit): void {
    this.actions.edit(edit);
  }

  /** The day and line under a point of the page, for something dropped from outside. */
  placeAt(x: number, y: number): { day: number; line: number } | undefined {
    const box = this.host.getBoundingClientRect();
    const [left, top] = [x - box.left, y - box.top];
    if (left < this.frame.pane || left > box.width || top < 0 || top > box.height) return undefined;
    return { day: this.frame.scale.day(left - this.frame.pane + this.frame.scrollX), line: Math.max(0, Math.floor((top - headerHeight + this.frame.top) / rowHeight)) };
  }

  #fit(): void {
    const { frame, model } = this;
    const span = model.span ?? { from: frame.today - 7, to: frame.today + 30 };
    frame.scale.fit(span.from, span.to, frame.today, frame.width - frame.pane);
    this.#spacer.style.width = `${frame.scale.width + frame.pane}px`;
    this.#spacer.style.height = `${headerHeight + model.lines.length * rowHeight + 60}px`;
  }

  /** Today a third from the left, or the tasks if today has none of them. */
  #firstPlace(): void {
    const { scale, today, width, pane } = this.frame;
    const span = this.model.span;
    const day = span && (today > span.to || today < span.from) ? span.from + (width - pane) / scale.dayWidth / 3 - 3 : today;
    this.scroller.scrollLeft = scale.x(day) - (width - pane) / 3;
  }

  #scrolled(): void {
    this.frame.scrollX = this.scroller.scrollLeft;
    this.frame.top = this.scroller.scrollTop;
    const { from, to } = visibleLines(this.frame);
    let [first, last] = [Infinity, -Infinity];
    for (let i = from; i < to; i++) {
      const line = this.model.lines[i];
      if (line?.kind !== 'task') continue;
      first = Math.min(first, line.position);
      last = Math.max(last, line.position);
    }
    if (last >= first) this.actions.need(first, last + 1);
    this.draw();
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const x = event.clientX - this.host.getBoundingClientRect().left;
    this.#zoomTo(this.frame.scale.dayWidth * Math.exp(-event.deltaY / 240), x);
  }

  /** Zooms around a place of the screen: the day there stays there. */
  #zoomTo(width: number, x: number): void {
    const { frame } = this;
    const before = zoomOf(frame.scale.dayWidth);
    const anchor = Math.max(0, x - frame.pane);
    const day = frame.scale.at(frame.scrollX + anchor);
    frame.scale.zoomTo(width);
    this.#fit();
    this.scroller.scrollLeft = frame.scale.x(day) - anchor;
    this.#scrolled();
    if (zoomOf(frame.scale.dayWidth) !== before) this.actions.zoomed(zoomOf(frame.scale.dayWidth));
  }

  #resized(): void {
    const { frame, host } = this;
    const ratio = window.devicePixelRatio || 1;
    frame.width = host.clientWidth;
    frame.height = host.clientHeight;
    this.#canvas.width = Math.round(frame.width * ratio);
    this.#canvas.height = Math.round(frame.height * ratio);
    this.#ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    frame.text.forgetFont();
    this.#placePane(frame.pane);
    this.changed();
    // At once: a resized canvas is blank until it is painted.
    if (frame.width > 0) paint(frame, this.#ctx);
  }

  #placePane(width: number): void {
    const most = this.frame.width <= 640 ? this.frame.width * 0.4 : this.frame.width * 0.6;
    this.frame.pane = Math.round(Math.min(Math.max(width, 96), Math.max(96, most)));
    this.#splitter.style.left = `${this.frame.pane - 4}px`;
  }

  #split(signal: AbortSignal): void {
    const splitter = this.#splitter;
    splitter.addEventListener('pointerdown', (event) => {
      splitter.setPointerCapture(event.pointerId);
      event.preventDefault();
    }, { signal });
    splitter.addEventListener('pointermove', (event) => {
      if (!splitter.hasPointerCapture(event.pointerId)) return;
      this.#placePane(event.clientX - this.host.getBoundingClientRect().left);
      this.changed();
    }, { signal });
    splitter.addEventListener('pointerup', () => this.actions.paned(this.frame.pane), { signal });
  }
}

function element<K extends keyof HTMLElementTagNameMap>(parent: HTMLElement, tag: K, name: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (name !== '') made.className = name;
  parent.append(made);
  return made;
}
