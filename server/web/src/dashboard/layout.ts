/** gridstack behind three calls: it owns where blocks stand while somebody drags, the dashboard's data owns it else. */
import { GridStack } from 'gridstack';
import 'gridstack/dist/gridstack.css';
import './dashboard.css';
import type { Block } from '../api/types';

/** Height of a row; with the gaps a figure of two rows is 112 px high. */
export const rowPx = 62;
const gapPx = 6;

export type Spot = Pick<Block, 'id' | 'x' | 'y' | 'w' | 'h'>;

export class Layout {
  readonly #grid: GridStack;
  #quiet = false;

  constructor(element: HTMLElement, moved: (spots: readonly Spot[]) => void, frozen: boolean, rowHeight = rowPx) {
    const grid = GridStack.init(
      {
        column: 12, cellHeight: rowHeight, margin: gapPx, mode: 'float', animate: false, staticGrid: frozen, handle: '.handle', draggable: { cancel: '[data-no-drag]' }, resizable: { handles: 'e,se,s,sw,w' },
      },
      element,
    );
    if (!grid) throw new Error('gridstack found no element');
    this.#grid = grid;
    this.#grid.on('change', () => {
      if (!this.#quiet) moved(this.spots());
    });
  }

  spots(): Spot[] {
    return this.#grid.engine.nodes.map((node) => ({ id: String(node.id), x: node.x ?? 0, y: node.y ?? 0, w: node.w ?? 1, h: node.h ?? 1 }));
  }

  /** A block's element appeared; returns the function that takes it away. */
  add(element: HTMLElement, spot: Spot): () => void {
    this.#silently(() => this.#grid.makeWidget(element, { id: spot.id, x: spot.x, y: spot.y, w: spot.w, h: spot.h, minW: 2, minH: 2 }));
    return () => this.#silently(() => this.#grid.removeWidget(element, false, false));
  }

  /** Where the data says it stands. */
  place(element: HTMLElement, spot: Spot): void {
    const node = this.#grid.engine.nodes.find((entry) => entry.el === element);
    if (!node || (node.x === spot.x && node.y === spot.y && node.w === spot.w && node.h === spot.h)) return;
    this.#silently(() => this.#grid.update(element, { x: spot.x, y: spot.y, w: spot.w, h: spot.h }));
  }

  freeze(frozen: boolean): void {
    this.#grid.setStatic(frozen);
  }

  destroy(): void {
    this.#quiet = true;
    this.#grid.destroy(false);
  }

  #silently(work: () => void): void {
    this.#quiet = true;
    work();
    this.#quiet = false;
  }
}
