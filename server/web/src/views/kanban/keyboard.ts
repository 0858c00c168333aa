/**
 * Keys of a board: arrows go from card to card, Alt+left and Alt+right move the card to the neighbouring column,
 * Alt+up and Alt+down (with Shift or without) within its own.
 */
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
  const cards = cardsIn(column);
  const at = cards.indexOf(card);
  if (event.altKey) return reorder(card.dataset.card as RecordId, column, at + (step as number), cards.length, board, root);
  if (step !== undefined) return focus(cards[at + step]);
  const all = [...root.querySelectorAll<HTMLElement>('[data-column]')];
  for (let i = all.indexOf(column) + (side as number); i >= 0 && i < all.length; i += side as number) {
    const there = cardsIn(all[i] as HTMLElement);
    if (there.length > 0) return focus(there[Math.min(at, there.length - 1)]);
  }
}

/** One up or down in its column: its place among the other cards is the one it had, one less or more. */
function reorder(record: RecordId, column: HTMLElement, to: number, n: number, board: BoardKeys, root: HTMLElement): void {
  const key = board.columns.find((entry) => (entry.key ?? '') === column.dataset.column)?.key;
  if (key === undefined || to < 0 || to >= n || !board.move) return;
  board.move(record, key, to);
  follow(record, root);
}

function shift(record: RecordId, column: HTMLElement, side: number, board: BoardKeys, root: HTMLElement): void {
  const at = board.columns.findIndex((entry) => (entry.key ?? '') === column.dataset.column);
  const to = board.columns[at + side];
  if (!to || !board.move) return;
  board.move(record, to.key, 0);
  follow(record, root);
}

/** The card is drawn anew in its place: the focus goes with it. */
function follow(record: RecordId, root: HTMLElement): void {
  requestAnimationFrame(() => focus(root.querySelector<HTMLElement>(`[data-card="${CSS.escape(record)}"]`) ?? undefined));
}

/** Where a card would be dropped: its place among the other cards, and the card that it would stand before. */
export interface DropAt {
  readonly index: number;
  /** `null`: behind the last one. */
  readonly before: string | null;
}

export function dropAt(column: HTMLElement, record: RecordId, y: number): DropAt {
  const others = cardsIn(column).filter((card) => card.dataset.card !== record);
  const at = others.findIndex((card) => {
    const box = card.getBoundingClientRect();
    return box.top + box.height / 2 >= y;
  });
  return at < 0 ? { index: others.length, before: null } : { index: at, before: others[at]?.dataset.card ?? null };
}

function cardsIn(column: HTMLElement): HTMLElement[] {
  return [...column.querySelectorAll<HTMLElement>('[data-card]')];
}

function focus(card: HTMLElement | undefined): void {
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
