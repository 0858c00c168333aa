/**
 * A live aggregate: a dashboard block's numbers.
 *
 *     const sums = base.aggregate({ table, view, filter, aggregate });
 *     sums.onChange(() => draw(sums.result));     // result is undefined until the first answer
 *     sums.close();
 */
import type { Aggregate, AggregateResult, Filter, PatchOp, Snap, SubSpec, TableId, ViewId } from '../api/types';

export interface AggregateSpec {
  readonly table: TableId;
  readonly view?: ViewId;
  readonly filter?: Filter;
  readonly aggregate: Aggregate;
}

interface Host {
  sub(sid: string, spec: SubSpec): void;
  unsub(sid: string): void;
  closed(aggregation: Aggregation): void;
}

export class Aggregation {
  result: AggregateResult | undefined;
  /** Why there is none: the server refused the question. */
  problem: string | null = null;
  #turn = 0;
  #sid = '';
  #spec: AggregateSpec;
  #listeners = new Set<() => void>();

  constructor(
    readonly name: string,
    spec: AggregateSpec,
    readonly host: Host,
  ) {
    this.#spec = spec;
    this.#sub();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another question; the old result stays until the new one comes. */
  set(spec: AggregateSpec): void {
    if (JSON.stringify(spec) === JSON.stringify(this.#spec)) return;
    this.#spec = spec;
    this.host.unsub(this.#sid);
    this.#sub();
  }

  close(): void {
    this.host.unsub(this.#sid);
    this.#listeners.clear();
    this.host.closed(this);
  }

  owns(sid: string): boolean {
    return sid === this.#sid;
  }

  snap(snap: Snap): void {
    this.problem = snap.error?.message ?? null;
    this.#show(snap.error ? undefined : snap.agg);
  }

  patch(_sid: string, ops: readonly PatchOp[]): void {
    for (const op of ops) if (op[0] === 'a') this.#show(op[1]);
  }

  /** Pending edits do not change an aggregate. */
  repaint(): void {}

  #sub(): void {
    this.#sid = `${this.name}.${++this.#turn}`;
    this.host.sub(this.#sid, this.#spec);
  }

  #show(result: AggregateResult | undefined): void {
    this.result = result;
    for (const listener of this.#listeners) listener();
  }
}
