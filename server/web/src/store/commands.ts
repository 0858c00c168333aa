/**
 * Commands on their way, and what they look like meanwhile: view = overlay(pending, confirmed). A patch only changes the
 * confirmed rows; an ack removes its command (the effects came before it), a nack removes it and says why. Commands are
 * named as on the wire, by (cid, n): those of an earlier page wait beside our own.
 * Framework-free. Views use `base.send` and `base.edit`, not this file.
 */
import { isLinkRef } from '../fields/wire';
import type { CellValue, CommandResult, FieldId, Op, Problem, RecordId, Row } from '../api/types';

/** What a refused command is to its sender. */
export class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    /** Cells that were shown changed and are now as before. */
    readonly cells: readonly { readonly record: RecordId; readonly field: FieldId }[],
  ) {
    super(problem.message);
  }
}

interface Pending {
  readonly ops: readonly Op[];
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (refusal: Refusal) => void;
}

export interface CommandLine {
  readonly cid: string;
  command(ops: readonly Op[], dry?: boolean): number;
}

type Name = `${string} ${number}`;
const nameOf = (cid: string, n: number): Name => `${cid} ${n}`;

export class Commands {
  readonly #line: CommandLine;
  readonly #changed: () => void;
  readonly #pending = new Map<Name, Pending>();
  readonly #dry = new Map<Name, Pending>();
  #overlay = new Map<RecordId, readonly Edit[]>();
  #merged = new WeakMap<Row, { readonly edits: readonly Edit[]; readonly row: Row }>();

  constructor(line: CommandLine, changed: () => void) {
    this.#line = line;
    this.#changed = changed;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Sends `ops` as one commit. The promise is refused with a `Refusal`. `sent` hears what went out, and as what. */
  send(ops: readonly Op[], dry = false, sent?: (n: number, ops: readonly Op[]) => void): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const written = ops.map(wireOp);
      const n = this.#line.command(written, dry);
      (dry ? this.#dry : this.#pending).set(nameOf(this.#line.cid, n), { ops, resolve, reject });
      if (dry) return;
      sent?.(n, written);
      this.#relay();
    });
  }

  /** A command of an earlier page: shown like our own until it is answered. */
  adopt(cid: string, n: number, ops: readonly Op[]): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#pending.set(nameOf(cid, n), { ops, resolve, reject });
      this.#relay();
    });
  }

  ack(cid: string, n: number, result: CommandResult): void {
    this.#take(nameOf(cid, n))?.resolve(result);
  }

  nack(cid: string, n: number, problem: Problem): void {
    this.#refuse(nameOf(cid, n), problem);
  }

  /** The connection ended for good: nothing waiting will be answered. */
  abandon(problem: Problem): void {
    for (const name of [...this.#pending.keys(), ...this.#dry.keys()]) this.#refuse(name, problem);
  }

  #refuse(name: Name, problem: Problem): void {
    const entry = this.#take(name);
    entry?.reject(new Refusal(problem, entry.ops.flatMap(editsOf).map(({ record, field }) => ({ record, field }))));
  }

  /** The row with pending edits laid over it; the same object when there are none, a cached one otherwise. */
  overlay(row: Row): Row {
    const edits = this.#overlay.get(row.id);
    if (!edits) return row;
    const known = this.#merged.get(row);
    if (known?.edits === edits) return known.row;
    const cells: Record<FieldId, CellValue> = { ...row.cells };
    for (const edit of edits) cells[edit.field] = edit.apply(cells[edit.field] ?? null);
    const merged = { id: row.id, version: row.version, cells };
    this.#merged.set(row, { edits, row: merged });
    return merged;
  }

  #take(name: Name): Pending | undefined {
    const dry = this.#dry.get(name);
    if (dry) {
      this.#dry.delete(name);
      return dry;
    }
    const entry = this.#pending.get(name);
    if (entry) {
      this.#pending.delete(name);
      this.#relay();
    }
    return entry;
  }

  #relay(): void {
    const next = new Map<RecordId, Edit[]>();
    for (const { ops } of this.#pending.values()) {
      for (const edit of ops.flatMap(editsOf)) {
        const list = next.get(edit.record);
        if (list) list.push(edit);
        else next.set(edit.record, [edit]);
      }
    }
    this.#overlay = next;
    this.#changed();
  }
}

/** One cell as a pending op will make it, given what it is now. */
export interface Edit {
  readonly record: RecordId;
  readonly field: FieldId;
  readonly apply: (now: CellValue) => CellValue;
}

/** Which cells an op changes and how, as far as the browser can tell; everything else waits for the patch. */
export function editsOf(op: Op): Edit[] {
  switch (op.op) {
    case 'records.update': {
      // Texts that the server still has to read are not shown as values.
      if (op.typecast === true) return [];
      const records = op.records as readonly { id: RecordId; fields: Record<FieldId, CellValue> }[];
      return records.flatMap(({ id, fields }) =>
        Object.entries(fields).map(([field, value]) => ({ record: id, field: field as FieldId, apply: () => value })),
      );
    }
    case 'cells.add':
    case 'cells.remove': {
      const items = op.items as readonly CellValue[];
      const gone = new Set(items.map(idOf));
      const adds = op.op === 'cells.add';
      const apply = (now: CellValue): CellValue => {
        const kept = (Array.isArray(now) ? (now as readonly CellValue[]) : []).filter((item) => !gone.has(idOf(item)));
        return adds ? [...kept, ...items] : kept;
      };
      return [{ record: op.record as RecordId, field: op.field as FieldId, apply }];
    }
    case 'cells.increment': {
      const by = op.by as number;
      return [{ record: op.record as RecordId, field: op.field as FieldId, apply: (now) => (typeof now === 'number' ? now : 0) + by }];
    }
    default:
      return [];
  }
}

function idOf(item: CellValue): CellValue {
  return isLinkRef(item) ? item.id : item;
}

/** Links are shown with titles but written as ids. */
export function wireOp(op: Op): Op {
  const cells = (fields: Record<FieldId, CellValue>): Record<string, CellValue> =>
    Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, wireValue(value)]));
  if (op.op === 'cells.add' || op.op === 'cells.remove') return { ...op, items: (op.items as CellValue[]).map(idOf) };
  if (!op.op.startsWith('records.') || !Array.isArray(op.records)) return op;
  const records = (op.records as readonly unknown[]).map((record) =>
    typeof record === 'object' && record !== null && 'fields' in record
      ? { ...record, fields: cells(record.fields as Record<FieldId, CellValue>) }
      : record,
  );
  return { ...op, records };
}

function wireValue(value: CellValue): CellValue {
  return Array.isArray(value) ? value.map(idOf) : value;
}
