/** Pointer events of the chart: hover, click, drags of bars and links; a finger drags after a long press, else it scrolls. */
import type { Drag } from './drag';
import { begin, drop, show } from './drag';
import type { Gantt } from './gantt';
import { cursorOf, hit, type Hit } from './hit';

const mousePx = 4;
const pressMs = 220;
const edgePx = 40;

export function pointers(gantt: Gantt, surface: HTMLElement, signal: AbortSignal): void {
  let held: { hit: Hit; x: number; y: number; id: number; touch: boolean } | null = null;
  let drag: Drag | null = null;
  let last = { x: 0, y: 0 };
  let press: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  const { frame: view } = gantt;

  const point = (event: PointerEvent): { x: number; y: number } => {
    const box = gantt.host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const look = (): void => {
    if (!drag) return;
    view.ghost = show(view, drag, last.x, last.y, hit(view, last.x, last.y, true));
    gantt.draw();
  };
  const start = (): void => {
    if (!held) return;
    const found = begin(view, held.hit, held.x);
    if (!found) return;
    drag = found;
    gantt.select(found.record);
    document.documentElement.classList.add('dragging');
    look();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tick);
  };
  /** Scrolls while the pointer stands at an edge. */
  const tick = (): void => {
    if (!drag) return;
    const speed = (low: number, high: number): number => (low < edgePx ? low - edgePx : high < edgePx ? edgePx - high : 0) / 3;
    const dx = speed(last.x - view.pane, view.width - last.x);
    const dy = drag.kind === 'link' ? speed(last.y - 56, view.height - last.y) : 0;
    if (dx !== 0 || dy !== 0) {
      gantt.scrollBy(dx, dy);
      look();
    }
    frame = requestAnimationFrame(tick);
  };
  const end = (): void => {
    clearTimeout(press);
    cancelAnimationFrame(frame);
    document.documentElement.classList.remove('dragging');
    held = null;
    drag = null;
    view.ghost = null;
    gantt.draw();
  };

  surface.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || drag) return;
    const { x, y } = point(event);
    // On the scroll bars the browser drags.
    if (event.offsetX - surface.scrollLeft > surface.clientWidth || x > surface.clientWidth) return;
    last = { x, y };
    const touch = event.pointerType === 'touch';
    held = { hit: hit(view, x, y, touch), x, y, id: event.pointerId, touch };
    if (touch) press = setTimeout(start, pressMs);
    else gantt.host.focus({ preventScroll: true });
  }, { signal });

  window.addEventListener('pointermove', (event) => {
    const inside = surface.contains(event.target as Node);
    if (!held && !inside) {
      if (view.hover !== null || view.hoverLine >= 0) gantt.hover(null, -1);
      return;
    }
    const { x, y } = point(event);
    last = { x, y };
    if (!held) {
      const at = hit(view, x, y);
      gantt.hover('record' in at ? at.record : null, 'line' in at ? at.line : -1);
      surface.style.cursor = cursorOf(at, view);
      return;
    }
    if (event.pointerId !== held.id) return;
    if (drag) return look();
    const far = Math.hypot(x - held.x, y - held.y);
    if (held.touch && far > 8) end();
    else if (!held.touch && far > mousePx) start();
  }, { signal });

  window.addEventListener('pointerup', (event) => {
    if (!held || event.pointerId !== held.id) return;
    const [was, by, ghost] = [held, drag, view.ghost];
    if (by && ghost) {
      const edit = drop(view, by, ghost);
      end();
      if (edit) gantt.edit(edit);
      return;
    }
    const moved = Math.hypot(last.x - was.x, last.y - was.y) > (was.touch ? 8 : mousePx);
    end();
    if (!moved) gantt.click(was.hit, event);
  }, { signal });

  window.addEventListener('pointercancel', () => held && end(), { signal });
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !drag) return;
    event.preventDefault();
    event.stopPropagation();
    end();
  }, { signal, capture: true });
  surface.addEventListener('touchmove', (event) => drag && event.preventDefault(), { signal, passive: false });
  surface.addEventListener('contextmenu', (event) => held?.touch && event.preventDefault(), { signal });
}
