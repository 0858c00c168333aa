/**
 * Undo and redo of this tab's own commands. The server keeps the inverses; here is only what may be asked for, so that the
 * buttons know whether they do something. A new command ends the redo stack, as on the server.
 */
import type { Op, Skipped } from '../api/types';

export class UndoStack {
  done = 0;
  undone = 0;

  /** A command was accepted. */
  accepted(ops: readonly Op[]): void {
    const op = ops[0]?.op;
    if (op === 'undo') {
      this.done = Math.max(0, this.done - 1);
      this.undone++;
    } else if (op === 'redo') {
      this.undone = Math.max(0, this.undone - 1);
      this.done++;
    } else {
      this.done++;
      this.undone = 0;
    }
  }

  /** The server knows of nothing to take back: its stack is shorter (another server after a restart). */
  refused(which: 'undo' | 'redo'): void {
    if (which === 'undo') this.done = 0;
    else this.undone = 0;
  }
}

/** What undo left alone, by record, for the notice. */
export function skippedRecords(skipped: readonly Skipped[]): number {
  return new Set(skipped.map((s) => s.record)).size;
}
