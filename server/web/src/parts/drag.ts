/**
 * Dragging by pointer: mouse, pen and finger alike, and Playwright's `dragTo`. A mouse drags after 4 px, a finger after a
 * long press of 220 ms (so that lists still scroll). A ghost follows the pointer, Escape cancels, edges scroll. Framework-free.
 *
 *     const stop = draggable(list, {
 *       handle: '[data-card]',                                // what can be picked up: the closest match of the target
 *       start: (item) => item.dataset.card,                   // what is dragged; undefined refuses
 *       over: (card, hit, point) => place(hit, point),        // where it would go: shown by the caller; undefined: nowhere
 *       drop: (card, place) => base.act(…),
 *       end: () => hideMark(),                                // always, also when cancelled
 *     });
 *
 * `hit` are the elements under the pointer, top first, without the ghost; find yours by `hit.find((e) => e.matches(…))`.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface DragOptions<Item, Place> {
  readonly handle: string;
  readonly start: (element: HTMLElement, point: Point) => Item | undefined;
  readonly over: (item: Item, hit: readonly Element[], point: Point) => Place | undefined;
  readonly drop: (item: Item, place: Place, point: Point) => void;
  readonly end?: () => void;
  /** Elements that must not start a drag though they lie inside a handle. */
  readonly ignore?: string;
  /** `false`: no ghost; the caller moves something itself in `over`. */
  readonly ghost?: boolean;
}

const mousePx = 4;
const pressMs = 220;
const edgePx = 36;

export function draggable<Item, Place>(root: HTMLElement, options: DragOptions<Item, Place>): () => void {
  let finish: (() => void) | null = null;

  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || finish) return;
    const target = event.target as Element;
    const element = target.closest<HTMLElement>(options.handle);
    if (!element || !root.contains(element)) return;
    if (target.closest(options.ignore ?? 'input, textarea, select, [contenteditable], [data-no-drag]')) return;
    finish = follow(event, element, options, () => (finish = null));
  };
  root.addEventListener('pointerdown', down);
  return () => {
    root.removeEventListener('pointerdown', down);
    finish?.();
  };
}

function follow<Item, Place>(first: PointerEvent, element: HTMLElement, options: DragOptions<Item, Place>, done: () => void): () => void {
  const origin: Point = { x: first.clientX, y: first.clientY };
  const touch = first.pointerType === 'touch';
  let point = origin;
  let item: Item | undefined;
  let place: Place | undefined;
  let ghost: HTMLElement | null = null;
  let frame = 0;
  let dragging = false;
  const press = touch ? setTimeout(() => begin(), pressMs) : undefined;

  const begin = (): void => {
    item = options.start(element, origin);
    if (item === undefined) return stop();
    dragging = true;
    if (options.ghost !== false) ghost = makeGhost(element);
    document.documentElement.classList.add('dragging');
    getSelection()?.removeAllRanges();
    frame = requestAnimationFrame(tick);
    look();
  };
  const look = (): void => {
    if (ghost) ghost.style.translate = `${point.x - origin.x}px ${point.y - origin.y}px`;
    place = options.over(item as Item, document.elementsFromPoint(point.x, point.y), point);
  };
  const tick = (): void => {
    if (scrollEdges(point)) look();
    frame = requestAnimationFrame(tick);
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== first.pointerId) return;
    point = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(point.x - origin.x, point.y - origin.y);
    if (!dragging) {
      // A finger that moves before the long press scrolls.
      if (touch && far > 8) return stop();
      if (!touch && far > mousePx) begin();
      return;
    }
    event.preventDefault();
    look();
  };
  const up = (event: PointerEvent): void => {
    if (event.pointerId !== first.pointerId) return;
    const [dropped, to] = [item, place];
    const was = dragging;
    if (was) swallowClick();
    stop();
    if (was && dropped !== undefined && to !== undefined) options.drop(dropped, to, point);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !dragging) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
  };
  const noScroll = (event: TouchEvent): void => {
    if (dragging) event.preventDefault();
  };
  const noMenu = (event: Event): void => {
    if (touch) event.preventDefault();
  };
  const stop = (): void => {
    clearTimeout(press);
    cancelAnimationFrame(frame);
    ghost?.remove();
    document.documentElement.classList.remove('dragging');
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', up);
    window.removeEventListener('pointercancel', stop);
    window.removeEventListener('keydown', key, true);
    window.removeEventListener('touchmove', noScroll);
    window.removeEventListener('contextmenu', noMenu);
    if (dragging) options.end?.();
    dragging = false;
    done();
  };
  window.addEventListener('pointermove', move, { passive: false });
  window.addEventListener('pointerup', up);
  window.addEventListener('pointercancel', stop);
  window.addEventListener('keydown', key, true);
  window.addEventListener('touchmove', noScroll, { passive: false });
  window.addEventListener('contextmenu', noMenu);
  return stop;
}

function makeGhost(element: HTMLElement): HTMLElement {
  const box = element.getBoundingClientRect();
  const ghost = element.cloneNode(true) as HTMLElement;
  ghost.removeAttribute('id');
  ghost.setAttribute('aria-hidden', 'true');
  Object.assign(ghost.style, {
    position: 'fixed', left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px`, margin: '0',
    pointerEvents: 'none', zIndex: '1000', opacity: '0.9', boxShadow: 'var(--sh-2)', rotate: '1deg',
  });
  document.body.append(ghost);
  return ghost;
}

/** Scrolls the scrollers under the pointer near their edges; true when something moved. */
function scrollEdges(point: Point): boolean {
  for (const element of document.elementsFromPoint(point.x, point.y)) {
    const box = element.getBoundingClientRect();
    const dx = speed(point.x - box.left, box.right - point.x, element.scrollWidth > element.clientWidth);
    const dy = speed(point.y - box.top, box.bottom - point.y, element.scrollHeight > element.clientHeight);
    const [x, y] = [element.scrollLeft, element.scrollTop];
    if (dx !== 0 || dy !== 0) element.scrollBy(dx, dy);
    if (element.scrollLeft !== x || element.scrollTop !== y) return true;
  }
  return false;
}

function speed(fromStart: number, fromEnd: number, scrolls: boolean): number {
  if (!scrolls) return 0;
  if (fromStart < edgePx) return -Math.ceil((edgePx - fromStart) / 3);
  if (fromEnd < edgePx) return Math.ceil((edgePx - fromEnd) / 3);
  return 0;
}

/** The click that a drag ends with must not open what was dragged. */
function swallowClick(): void {
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, true), 0);
}
