/** Edits of the active cell: in the text area, by a toggle, or by the view's rich editor; and what becomes of them. */
import { kindOf } from '../fields/registry';
import type { CellValue, FieldId, RecordId } from '../fields/wire';
import { copy, doKey, paste } from './commands';
import { CellEditor, type EditTarget, type Held } from './editor';
import { bodyBottom, cellRect, headerHeight } from './frame';
import type { ActiveCell, Grid } from './grid';
import { meaning } from './keyboard';
import type { Move } from './source';

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

export class Editing {
  readonly editor: CellEditor;
  private readonly layer: HTMLElement;
  /** The cell in the open text area as it was when the edit began. */
  private edited: (ActiveCell & { readonly before: string }) | null = null;
  /** Cell of the rich editor that the view has open, and where it last was. */
  private rich: { readonly record: RecordId; readonly field: FieldId; at: string } | null = null;

  constructor(private readonly grid: Grid) {
    this.layer = document.createElement('div');
    this.layer.className = 'sheaf-grid-layer';
    grid.host.append(this.layer);
    this.editor = new CellEditor(this.layer, {
      target: () => this.target(),
      opened: (target) => {
        const cell = grid.activeCell();
        this.edited = cell === undefined ? null : { ...cell, before: target.text };
      },
      key: (event) => {
        const what = meaning(event, isMac);
        return what !== undefined && doKey(grid, what);
      },
      commit: (text, move) => this.commitText(text, move),
      closed: () => grid.changed(),
      rich: (initial) => this.openRich(initial),
      refused: () => grid.actions.notice?.('readOnly'),
      resized: () => this.place(),
      copy: (event, cut) => copy(grid, event.clipboardData, cut),
      paste: (event) => paste(grid, event.clipboardData),
      focus: (has) => {
        grid.frame.focused = has || this.rich !== null;
        grid.schedule();
      },
      held: (keys) => this.replay(keys),
    });
  }

  destroy(): void {
    this.editor.destroy();
    this.layer.remove();
  }

  /** After each picture: the text area and the rich editor stay on their cell. */
  follow(): void {
    this.place();
    this.followRich();
  }

  /** Enter or a click on a tick box. */
  toggle(): boolean {
    const cell = this.grid.activeCell();
    if (cell === undefined || kindOf(cell.column.field).editing !== 'toggle') return false;
    if (this.grid.mayEdit(cell.column.field.id)) this.grid.actions.edit(cell.record.id, cell.column.field.id, cell.value !== true);
    else this.grid.actions.notice?.('readOnly');
    return true;
  }

  /** Begins to edit the active cell; a cell that cannot be edited opens its record. */
  begin(): void {
    const cell = this.grid.activeCell();
    if (cell === undefined) return;
    if (!this.grid.mayEdit(cell.column.field.id)) return this.grid.actions.openRecord(cell.record.id);
    if (this.editor.open()) this.grid.moved(this.grid.selection.anchor);
    else this.openRich();
  }

  openRich(initial?: string): void {
    const cell = this.grid.activeCell();
    if (cell === undefined || !this.grid.mayEdit(cell.column.field.id)) return;
    // The cursor may have been scrolled out of sight.
    this.grid.moved(this.grid.selection.anchor);
    const rect = this.grid.rectOf(cell.record.id, cell.column.field.id);
    if (rect === null) return;
    const { record, column, value } = cell;
    const field = column.field;
    const mine = { record: record.id, field: field.id, at: JSON.stringify(rect) };
    this.rich = mine;
    const { editor } = this;
    let typed = initial ?? '';
    let ended = false;
    editor.hand(typed);
    this.grid.actions.openEditor({
      field,
      record: record.id,
      value,
      rect,
      // Read when the editor begins, which may be some keys later.
      get initial() {
        typed = editor.handing ?? typed;
        return initial === undefined && typed === '' ? undefined : typed;
      },
      settled: () => editor.settled(),
      done: (changed, move = 'stay') => {
        if (ended) return;
        ended = true;
        editor.handed();
        if (this.rich === mine) this.rich = null;
        const edit = (next: CellValue | undefined): void => {
          if (next !== undefined) this.grid.actions.edit(record.id, field.id, next);
        };
        if (changed instanceof Promise) void changed.then(edit);
        else edit(changed);
        this.grid.focus();
        this.walk(move);
      },
    });
  }

  /** The cursor went elsewhere, by the mouse, before the rich editor came: it is not wanted any more. */
  left(cell: ActiveCell | undefined): void {
    const { rich } = this;
    if (rich === null || !this.editor.isHanding) return;
    if (cell === undefined || cell.record.id !== rich.record || cell.column.field.id !== rich.field) this.grid.actions.moveEditor?.(null);
  }

  /** Gives keys that had to wait to what has the focus when their turn comes: an editor, the grid, the next editor. */
  private replay(keys: readonly Held[]): void {
    for (const [i, item] of keys.entries()) {
      if (this.editor.isHanding) return this.editor.hold(keys.slice(i));
      const focus = document.activeElement;
      if (focus === this.editor.area) this.editor.give(item);
      else if (focus !== null) press(focus, item);
    }
  }

  private target(): EditTarget | null {
    const cell = this.grid.activeCell();
    if (cell === undefined) return null;
    const { field } = cell.column;
    const kind = kindOf(field);
    const how = !this.grid.mayEdit(field.id) || kind.editing === 'toggle' ? 'no' : kind.editing === 'text' ? 'text' : 'rich';
    const text = (kind.codec.edit ?? kind.codec.format)(cell.value, field, this.grid.painter.p);
    return { how, multiline: field.type === 'longText', align: kind.align ?? 'left', text };
  }

  /** To the record that was being edited, even if the cursor had to leave it because others moved or deleted it. */
  private commitText(text: string, move: Move): void {
    const { edited, grid } = this;
    this.edited = null;
    if (edited !== null && text !== edited.before) {
      const { field } = edited.column;
      const value = kindOf(field).codec.parse(text, field, grid.painter.p);
      const at = grid.source.positionOf(edited.record.id);
      if (value !== undefined) grid.actions.edit(edited.record.id, field.id, value);
      else if (at !== undefined) grid.actions.pasteText({ spans: [{ from: at, to: at + 1 }], fields: [field.id] }, [[text]]);
    }
    this.walk(move);
  }

  private walk(move: Move): void {
    const dx = move === 'left' ? -1 : move === 'right' ? 1 : 0;
    const dy = move === 'up' ? -1 : move === 'down' ? 1 : 0;
    if (dx === 0 && dy === 0) return this.grid.changed();
    this.grid.selection.step(dx, dy);
    this.grid.moved(this.grid.selection.anchor);
  }

  place(): void {
    const { anchor } = this.grid.selection;
    const column = anchor === null ? undefined : this.grid.frame.columns.of(anchor.field);
    const rect = anchor === null || column === undefined ? undefined : cellRect(this.grid.frame, anchor.position, column);
    // A scrolled cell must not be edited over the frozen ones: the layer begins where they end.
    const left = column === undefined || column.frozen ? 0 : this.grid.frame.columns.frozenRight - 1;
    this.layer.style.left = `${left}px`;
    this.editor.place(rect === undefined ? undefined : { ...rect, x: rect.x - left, y: rect.y - headerHeight }, bodyBottom(this.grid.frame) - headerHeight);
  }

  private followRich(): void {
    if (this.rich === null || this.grid.actions.moveEditor === undefined) return;
    const rect = this.grid.rectOf(this.rich.record, this.rich.field);
    const at = JSON.stringify(rect);
    if (at === this.rich.at) return;
    this.rich.at = at;
    this.grid.actions.moveEditor(rect);
  }
}

/** A key or a text as if it were typed into an element. */
function press(element: Element, item: Held): void {
  if ('key' in item) {
    const left = element.dispatchEvent(new KeyboardEvent('keydown', { key: item.key, shiftKey: item.shiftKey, bubbles: true, cancelable: true }));
    if (!left || item.key !== ' ') return;
  }
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return;
  const data = 'text' in item ? item.text : item.key;
  element.setRangeText(data, element.selectionStart ?? element.value.length, element.selectionEnd ?? element.value.length, 'end');
  element.dispatchEvent(new InputEvent('input', { data, inputType: 'insertText', bubbles: true }));
}
