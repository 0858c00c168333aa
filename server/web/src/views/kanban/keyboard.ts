/** Keys of a board: arrows go from card to card, Alt+left and Alt+right move the card to the neighbouring column. */
import type { RecordId } from '../../api/types';
import type { Column } from './model';

export interface BoardKeys {
  readonly columns: readonly Column[];
  readonly move: ((record: RecordId, to: string | null, index?: number) => void) | undefined;
}

export function boardKey(event: KeyboardEvent, board: BoardKeys): void {
  const card = event.target as HTMLElement;
  if (!card.dataset.card || event.isComposing || event.ctrlKey || event.metaKey) return;
  const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const column = card.closest<HTMLElement>('[data-column]');
  if (!column || (side === undefined && step === undefined)) return;
  event.preventDefault();
  const root = column.parentElement as HTMLElement;
  if (event.altKey && side !== undefined) return shift(card.dataset.card as RecordId, column, side, board, root);
  if (event.altKey) return;
  const cards = cardsIn(column);
  const at = cards.indexOf(card);
  if (step !== undefined) return focus(cards[at + step]);
  const all = [...root.querySelectorAll<HTMLElement>('[data-column]')];
  for (let i = all.indexOf(column) + (side as number); i >= 0 && i < all.length; i += side as number) {
    const there = cardsIn(all[i] as HTMLElement);
    if (there.length > 0) return focus(there[Math.min(at, there.length - 1)]);
  }
}

function shift(record: RecordId, column: HTMLElement, side: number, board: BoardKeys, root: HTMLElement): void {
  const at = board.columns.findIndex((entry) => (entry.key ?? '') === column.dataset.column);
  const to = board.columns[at + side];
  if (!to || !board.move) return;
  board.move(record, to.key, 0);
  // The card is drawn anew in its column: the focus goes with it.
  requestAnimationFrame(() => focus(root.querySelector<HTMLElement>(`[data-card="${CSS.escape(record)}"]`) ?? undefined));
}

/** Where among a column's cards a point falls. */
export function dropIndex(column: HTMLElement, y: number): number {
  return cardsIn(column).filter((card) => {
    const box = card.getBoundingClientRect();
    return box.top + box.height / 2 < y;
  }).length;
}

function cardsIn(column: HTMLElement): HTMLElement[] {
  return [...column.querySelectorAll<HTMLElement>('[data-card]')];
}

function focus(card: HTMLElement | undefined): void {
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
