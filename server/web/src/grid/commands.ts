/** What keys, the clipboard and the fill handle do: from the selection to one call of the actions. */
import { todayIn } from '../fields/date/zone';
import { kindOf } from '../fields/registry';
import type { CellValue, FieldId } from '../fields/wire';
import { pasted, spread, toHtml, toTsv } from './clipboard';
import { goOn } from './fill';
import { bodyBottom, headerHeight, valueAt } from './frame';
import type { Grid } from './grid';
import type { KeyMeaning } from './keyboard';
import { shiftRows } from './ordering';
import type { Box } from './selection';
import type { CellRange, Span } from './source';

/** Ranges larger than this are neither copied nor filled: a browser's clipboard and memory end about here. */
const cellsMax = 500_000;

/** Returns whether the key was used. */
export function doKey(grid: Grid, what: KeyMeaning): boolean {
  const { selection, actions } = grid;
  switch (what.do) {
    case 'move': {
      const far = what.edge ? 1e9 : 1;
      grid.moved(selection.move(what.dx * far, what.dy * far, what.extend));
      return true;
    }
    case 'page': {
      const lines = Math.max(1, Math.floor((bodyBottom(grid.frame) - headerHeight) / grid.frame.rows.rowHeight) - 1);
      grid.moved(selection.move(0, Number.isFinite(what.dy) ? what.dy * lines : Math.sign(what.dy) * 1e9, what.extend));
      return true;
    }
    case 'step':
      // At the ends Tab leaves the grid, so that the keyboard is not trapped.
      if (!selection.step(what.dx, what.dy)) return false;
      grid.moved(selection.anchor);
      return true;
    case 'all':
      selection.all();
      grid.changed();
      return true;
    case 'escape':
      if (!selection.single && selection.anchor !== null) {
        selection.set(selection.anchor);
        grid.changed();
      } else if (selection.checks.any) grid.check(() => selection.checks.clear());
      return true;
    case 'enter':
      if (!grid.editing.toggle()) grid.editing.begin();
      return true;
    case 'edit':
      grid.editing.begin();
      return true;
    case 'open': {
      const record = grid.activeRecord();
      if (record !== undefined) actions.openRecord(record.id);
      return true;
    }
    case 'clear':
      clear(grid);
      return true;
    case 'undo':
      actions.undo();
      return true;
    case 'redo':
      actions.redo();
      return true;
    case 'fillDown':
      copyInside(grid, 'down');
      return true;
    case 'fillRight':
      copyInside(grid, 'right');
      return true;
    case 'today':
      today(grid);
      return true;
    case 'find':
      if (actions.find === undefined) return false;
      actions.find();
      return true;
    case 'menu':
      grid.menuAtCursor();
      return true;
    case 'newRecord': {
      if (grid.options.readOnly) return true;
      const record = grid.activeRecord();
      const group = grid.frame.rows.groupOf(selection.anchor?.position ?? -1);
      actions.newRecord(record === undefined ? { group } : { group, after: record.id });
      return true;
    }
    case 'checkRow': {
      const { anchor } = selection;
      if (anchor !== null) grid.check(() => selection.checks.toggle(anchor.position, false));
      return true;
    }
    case 'shiftRecord':
      shiftRows(grid, what.by);
      return true;
  }
}

/** The part of a range whose columns may be edited; `null` if nothing is left. */
function writable(grid: Grid, range: CellRange | null): CellRange | null {
  if (range === null || range.spans.length === 0) return null;
  const fields = range.fields.filter((field) => grid.mayEdit(field));
  if (fields.length === 0 || grid.options.readOnly) {
    grid.actions.notice?.('readOnly');
    return null;
  }
  return { spans: range.spans, fields };
}

function clear(grid: Grid): void {
  const range = writable(grid, grid.selection.range());
  if (range !== null) grid.actions.clear(range);
}

function today(grid: Grid): void {
  const cell = grid.activeCell();
  if (cell === undefined || cell.column.field.type !== 'date' || !grid.mayEdit(cell.column.field.id)) return;
  const { options } = cell.column.field;
  const day = todayIn(options.zone ?? grid.options.locale.zone);
  grid.actions.edit(cell.record.id, cell.column.field.id, options.time === true ? `${new Date().toISOString().slice(0, 19)}Z` : day);
}

const count = (spans: readonly Span[]): number => spans.reduce((n, span) => n + span.to - span.from, 0);

function* positions(spans: readonly Span[]): Generator<number> {
  for (const span of spans) for (let at = span.from; at < span.to; at++) yield at;
}

function isLoaded(grid: Grid, spans: readonly Span[]): boolean {
  for (const at of positions(spans)) if (grid.source.row(at) === undefined) return false;
  return true;
}

/**
 * Puts the range on the clipboard. The browser lets us write only now, so a range that is not loaded is fetched, and
 * the person is asked to press the keys again.
 */
export function copy(grid: Grid, data: DataTransfer | null, cut: boolean): void {
  const range = grid.selection.range();
  if (range === null || data === null || range.spans.length === 0) return;
  if (count(range.spans) * range.fields.length > cellsMax) {
    grid.actions.notice?.('rangeTooLarge');
    return;
  }
  if (!isLoaded(grid, range.spans)) {
    void grid.source.load(range.spans).then(
      () => grid.actions.notice?.('loadedPressCopyAgain'),
      () => grid.actions.notice?.('rangeTooLarge'),
    );
    return;
  }
  const columns = range.fields.flatMap((field) => grid.frame.columns.of(field) ?? []);
  const rows = [...positions(range.spans)].map((at) =>
    columns.map(({ field }) => kindOf(field).codec.format(valueAt(grid.frame, at, field.id), field, grid.painter.p)),
  );
  data.setData('text/plain', toTsv(rows));
  data.setData('text/html', toHtml(rows));
  if (cut) clear(grid);
}

/** The texts go to the server as they are; only it knows every form that a value may have. */
export function paste(grid: Grid, data: DataTransfer | null): void {
  const { selection } = grid;
  const box = selection.box();
  if (data === null || box === null) return;
  const rows = pasted(data.getData('text/plain'), data.getData('text/html'));
  if (rows === undefined || rows.length === 0) return;
  if (grid.options.readOnly) {
    grid.actions.notice?.('readOnly');
    return;
  }
  const model = grid.frame.rows;
  const selected = { rows: count(model.spans(box.top, box.bottom)), columns: box.right - box.left + 1 };
  const area = spread(rows, selected);
  const bottom = model.positionAt(model.rankOf(box.top) + area.nRows - 1);
  const right = Math.min(box.left + area.nColumns - 1, grid.frame.columns.columns.length - 1);
  const target: Box = { top: box.top, bottom: Math.max(bottom, box.top), left: box.left, right };
  // Columns that may not be written are skipped together with their texts.
  const all = selection.rangeOf(target);
  const keep = all.fields.map((field) => grid.mayEdit(field));
  const range = writable(grid, all);
  if (range === null) return;
  grid.actions.pasteText(range, area.rows.map((row) => row.filter((_, c) => keep[c] === true)));
  grid.select(target);
}

/** Ctrl+D and Ctrl+R: the first row or column of the range over the rest; of one cell, its neighbour over it. */
function copyInside(grid: Grid, way: 'down' | 'right'): void {
  const { selection } = grid;
  const box = selection.box();
  if (box === null) return;
  const model = grid.frame.rows;
  if (way === 'down') {
    const single = box.top === box.bottom;
    const from = single ? model.positionAt(model.rankOf(box.top) - 1) : box.top;
    const top = single ? box.top : model.positionAt(model.rankOf(box.top) + 1);
    if (from < 0 || top < 0 || (single && from === box.top)) return;
    const range = writable(grid, selection.rangeOf({ ...box, top }));
    if (range !== null) grid.actions.fill(range, [range.fields.map((field) => valueAt(grid.frame, from, field))]);
    return;
  }
  const single = box.left === box.right;
  const source = grid.frame.columns.get(single ? box.left - 1 : box.left)?.field;
  const range = source === undefined ? null : writable(grid, selection.rangeOf({ ...box, left: single ? box.left : box.left + 1 }));
  if (source === undefined || range === null) return;
  acrossFields(grid, range, source.id);
}

/** Copies one column's values to others: values where the types agree, else texts for the server to read. */
function acrossFields(grid: Grid, range: CellRange, source: FieldId): void {
  const from = grid.frame.columns.of(source)?.field;
  if (from === undefined || count(range.spans) * range.fields.length > cellsMax) return;
  const all = [...positions(range.spans)];
  const same = range.fields.every((field) => {
    const to = grid.frame.columns.of(field)?.field;
    return to?.type === from.type && JSON.stringify(to.options) === JSON.stringify(from.options);
  });
  if (same) return grid.actions.fill(range, all.map((at) => range.fields.map(() => valueAt(grid.frame, at, source))));
  const text = (at: number): string => kindOf(from).codec.format(valueAt(grid.frame, at, source), from, grid.painter.p);
  grid.actions.pasteText(range, all.map((at) => range.fields.map(() => text(at))));
}

/** The fill handle was dragged from `source` to `target`, which contains it and is larger in one direction. */
export function fillTo(grid: Grid, source: Box, target: Box): void {
  const { selection } = grid;
  const model = grid.frame.rows;
  grid.select(target);
  if (target.left < source.left || target.right > source.right) {
    const left = target.right > source.right;
    const range = writable(grid, selection.rangeOf({ ...target, left: left ? source.right + 1 : target.left, right: left ? target.right : source.left - 1 }));
    const from = grid.frame.columns.get(left ? source.right : source.left)?.field.id;
    if (range !== null && from !== undefined) acrossFields(grid, range, from);
    return;
  }
  const backward = target.top < source.top;
  if (!backward && target.bottom <= source.bottom) return;
  const part: Box = backward
    ? { ...target, bottom: model.positionAt(model.rankOf(source.top) - 1) }
    : { ...target, top: model.positionAt(model.rankOf(source.bottom) + 1) };
  const range = writable(grid, selection.rangeOf(part));
  if (range === null) return;
  const n = count(range.spans);
  if (n * range.fields.length > cellsMax) {
    grid.actions.notice?.('rangeTooLarge');
    return;
  }
  const from = [...positions(model.spans(source.top, source.bottom))];
  const columns = range.fields.map((id): CellValue[] => {
    const field = grid.frame.columns.of(id)?.field;
    if (field === undefined) return [];
    const values = goOn(from.map((at) => valueAt(grid.frame, at, id)), n, field, backward);
    return backward ? values.reverse() : values;
  });
  grid.actions.fill(range, Array.from({ length: n }, (_, i) => columns.map((values) => values[i] ?? null)));
}
