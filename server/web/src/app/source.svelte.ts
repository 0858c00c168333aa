/** The order that the view on the screen shows, for the record panel's previous and next. Set by the views that have one. */
import type { RecordId } from '../api/types';

export interface Rows {
  readonly total: number;
  positionOf(record: RecordId): number | undefined;
  recordAt(position: number): RecordId | undefined;
  need(from: number, to: number): void;
}

class RowSource {
  rows = $state.raw<Rows | null>(null);
  /** Counts changes of the order, so that positions are looked up again. */
  turn = $state(0);
}

export const rowSource = new RowSource();
