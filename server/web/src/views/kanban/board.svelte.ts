/** A board on the store: the grouped window, cards on their way, and what the person changed. */
import type { OpenBase } from '../../store/base.svelte';
import type { RowWindow, WindowSpec } from '../../store/window';
import type { BoardColumn, Cells, Field, Op, RecordId, Row, Table, View } from '../../api/types';
import type { ColorName, SelectOption } from '../../fields/wire';
import { newRecordFields } from '../../app/newRecord';
import { cardFields, changed, columnsOf, keyOf, optionsOf, type Moved } from './model';

export function boardSpec(table: Table, view: View, field: Field, search: string): WindowSpec {
  const { filter, sort } = view.settings;
  return {
    table: table.id,
    fields: [...new Set([table.primary, field.id, ...cardFields(table, view.settings).map((card) => card.id)])],
    query: { ...(filter ? { filter } : {}), ...(sort?.length ? { sort } : { by_hand: view.id }), group: [{ field: field.id }], ...(search ? { search } : {}) },
  };
}

/** Where a card goes in a column: behind which other one, if the view has an order by hand; and where that is. */
export interface Place {
  readonly after: RecordId | null | undefined;
  readonly index: number;
}

export class Board {
  /** Counts up when rows changed: what reads `rows` also reads this. */
  turn = $state(0);
  moved = $state.raw<ReadonlyMap<RecordId, Moved>>(new Map());
  readonly rows: RowWindow;
  readonly #stop: () => void;
  #frame = 0;

  constructor(readonly base: OpenBase, spec: WindowSpec) {
    this.rows = base.window(spec);
    this.#stop = this.rows.onChange((what) => {
      if (what === 'marks' || this.#frame !== 0) return;
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.turn++;
      });
    });
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#stop();
    this.rows.close();
  }

  columns(field: Field, kept: readonly BoardColumn[], noValue: string): ReturnType<typeof columnsOf> {
    void this.turn;
    return columnsOf(field, kept, this.rows.groups, this.moved, noValue);
  }

  /**
   * Writes the select, and where the view has an order by hand the place: behind `after` (`null`: first), which stands at
   * `index - 1` among the other cards. One command, one undo. The card stands there at once.
   */
  async move(table: Table, view: View, field: Field, record: RecordId, to: string | null, place: Place): Promise<void> {
    const position = this.rows.positionOf(record);
    const row = position === undefined ? undefined : this.rows.row(position);
    if (!row) return;
    const from = keyOf(row.cells[field.id]);
    const ops: Op[] = from === to ? [] : [{ op: 'records.update', table: table.id, records: [{ id: record, fields: { [field.id]: to } }] }];
    if (place.after !== undefined) ops.push({ op: 'records.move', table: table.id, view: view.id, records: [record], after: place.after });
    if (ops.length === 0) return;
    this.#mark(record, { row: { ...row, cells: { ...row.cells, [field.id]: to } }, from, to, index: place.index });
    try {
      await this.base.send(ops);
    } catch {
      // The toast says why; the card goes back.
    } finally {
      this.#mark(record, null);
    }
  }

  async create(table: Table, view: View, field: Field, key: string | null, title: string): Promise<RecordId | undefined> {
    const fields: Cells = { ...newRecordFields(this.base, table, view), ...(key === null ? {} : { [field.id]: key }), [table.primary]: title };
    try {
      const { results } = await this.base.send([{ op: 'records.create', table: table.id, records: [{ fields }], typecast: true }]);
      return (results[0]?.records as RecordId[] | undefined)?.[0];
    } catch {
      return undefined;
    }
  }

  option(field: Field, id: string, change: { name?: string; color?: ColorName }): void {
    this.#options(field, changed(optionsOf(field), id, change));
  }

  addOption(field: Field, name: string, color: ColorName): void {
    // The server gives the id.
    this.#options(field, [...optionsOf(field), { name, color } as SelectOption]);
  }

  #options(field: Field, options: readonly SelectOption[]): void {
    this.base.act({ op: 'fields.update', field: field.id, options: { ...field.options, options } });
  }

  #mark(record: RecordId, move: Moved | null): void {
    const next = new Map(this.moved);
    if (move) next.set(record, move);
    else next.delete(record);
    this.moved = next;
  }
}

export type { Row };
