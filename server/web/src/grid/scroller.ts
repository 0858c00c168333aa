/** The native scroller that lies over the canvas: inertia, touch, wheel and bars are the browser's; positions are `ScrollMap`'s. */
import { footerHeight, headerHeight } from './frame';
import { ScrollMap } from './viewport';

const settleMs = 150;

export class Scroller {
  readonly element: HTMLElement;
  readonly map = new ScrollMap();
  private readonly spacer: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ending = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    private readonly onScroll: () => void,
  ) {
    this.element = document.createElement('div');
    this.element.className = 'sheaf-grid-scroller';
    this.element.tabIndex = -1;
    this.element.setAttribute('aria-hidden', 'true');
    this.spacer = document.createElement('div');
    this.element.append(this.spacer);
    host.append(this.element);
    const { signal } = this.ending;
    this.element.addEventListener('scroll', () => this.scrolled(), { passive: true, signal });
    // Over the header, the footer and an open text area the wheel scrolls too.
    host.addEventListener('wheel', (event) => this.wheel(event), { passive: true, signal });
  }

  destroy(): void {
    this.ending.abort();
    clearTimeout(this.timer);
    this.element.remove();
  }

  get top(): number {
    return this.map.top;
  }

  get left(): number {
    return this.element.scrollLeft;
  }

  /** Width inside the scroll bar. */
  get width(): number {
    return this.element.clientWidth || this.host.clientWidth;
  }

  private get height(): number {
    return this.element.clientHeight || Math.max(0, this.host.clientHeight - headerHeight - footerHeight);
  }

  /** A new size of the content; some room after the last line and column. */
  content(width: number, height: number): void {
    this.spacer.style.width = `${width + 80}px`;
    const full = height + 80;
    this.spacer.style.height = `${Math.min(full, 8_000_000)}px`;
    this.set(this.map.resize(full, this.height));
  }

  /** Scrolls just so far that the content from `top` to `bottom` shows, and sideways to `left`. */
  reveal(top: number, bottom: number, left: number): void {
    const before = this.element.scrollLeft;
    if (left !== before) this.element.scrollLeft = left;
    if (top < this.map.top) this.set(this.map.goTo(top));
    else if (bottom > this.map.top + this.height) this.set(this.map.goTo(bottom - this.height));
    // The browser tells of it only with the next frame; an editor that opens now must know.
    else if (this.element.scrollLeft === before) return;
    this.onScroll();
  }

  by(dx: number, dy: number): void {
    if (dx !== 0) this.element.scrollLeft += dx;
    if (dy !== 0) {
      this.set(this.map.goTo(this.map.top + dy));
      this.onScroll();
    }
  }

  private set(native: number): void {
    if (Math.abs(this.element.scrollTop - native) >= 1) this.element.scrollTop = native;
    this.map.sync(this.element.scrollTop);
  }

  private scrolled(): void {
    this.map.moved(this.element.scrollTop);
    if (this.map.stuck) this.set(this.map.settled());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set(this.map.settled()), settleMs);
    this.onScroll();
  }

  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || this.element.contains(event.target as Node)) return;
    const unit = event.deltaMode === 1 ? 20 : 1;
    this.element.scrollLeft += event.deltaX * unit + (event.shiftKey ? event.deltaY * unit : 0);
    if (!event.shiftKey) this.element.scrollTop += event.deltaY * unit;
  }
}
