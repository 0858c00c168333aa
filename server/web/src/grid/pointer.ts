/** Mouse, pen and touch: hover, clicks, taps, menus; drags go on in `drag.ts`. */
import { kindOf } from '../fields/registry';
import { Dragging } from './drag';
import { fitWidth } from './fit';
import { cellRect, headerHeight } from './frame';
import type { Grid } from './grid';
import { hit, type Hit } from './hit';
import { menuTarget } from './menu';
import { rowsWith } from './ordering';

const longPressMs = 500;

export class Pointer {
  private readonly dragging: Dragging;
  private at = { x: 0, y: 0 };
  private inside = false;
  private press: ReturnType<typeof setTimeout> | undefined;
  private pressed = { x: 0, y: 0, long: false };
  private readonly ending = new AbortController();

  constructor(private readonly grid: Grid) {
    this.dragging = new Dragging(grid);
    const { host } = grid;
    const options = { signal: this.ending.signal };
    host.addEventListener('pointerdown', (e) => this.down(e), options);
    host.addEventListener('pointermove', (e) => this.move(e), options);
    host.addEventListener('pointerup', (e) => this.up(e), options);
    host.addEventListener('pointercancel', () => this.cancel(), options);
    host.addEventListener('pointerleave', () => this.leave(), options);
    // The focus stays in the text area, whatever is clicked.
    host.addEventListener('mousedown', (e) => this.ours(e) && e.preventDefault(), options);
    host.addEventListener('dblclick', (e) => this.doubleClick(e), options);
    host.addEventListener('contextmenu', (e) => this.menu(e), options);
    window.addEventListener('keydown', (e) => e.key === 'Escape' && this.dragging.active && this.cancel(), { ...options, capture: true });
  }

  destroy(): void {
    this.ending.abort();
    clearTimeout(this.press);
    this.dragging.cancel();
  }

  /** The content moved under a resting pointer. */
  scrolled(): void {
    clearTimeout(this.press);
    if (this.inside && !this.dragging.active) this.hover(hit(this.grid.frame, this.at.x, this.at.y));
  }

  /** Not in an overlay, not in the open text area, not on a scroll bar. */
  private ours(event: MouseEvent): boolean {
    const { scroller, host, canvas } = this.grid;
    const target = event.target as Node;
    if (target !== host && target !== canvas && !scroller.element.contains(target)) return false;
    const box = scroller.element.getBoundingClientRect();
    const overBar = target === scroller.element && (event.clientX - box.x >= scroller.element.clientWidth || event.clientY - box.y >= scroller.element.clientHeight);
    return !overBar;
  }

  private locate(event: MouseEvent): Hit {
    const box = this.grid.host.getBoundingClientRect();
    this.at = { x: event.clientX - box.x, y: event.clientY - box.y };
    return hit(this.grid.frame, this.at.x, this.at.y);
  }

  private down(event: PointerEvent): void {
    if (!this.ours(event)) return;
    const what = this.locate(event);
    if (event.pointerType === 'touch') {
      this.pressed = { ...this.at, long: false };
      clearTimeout(this.press);
      this.press = setTimeout(() => {
        this.pressed.long = true;
        this.openMenu(what, { x: event.clientX, y: event.clientY });
      }, longPressMs);
      return;
    }
    if (event.button !== 0) return;
    const { grid } = this;
    const { selection } = grid;
    grid.editor.finish(true);
    grid.focus();
    switch (what.kind) {
      case 'cell': {
        const corner = { position: what.line.position, field: what.column.field.id };
        const again = selection.single && selection.anchor?.position === corner.position && selection.anchor.field === corner.field;
        if (event.shiftKey) selection.extend(corner);
        else selection.set(corner);
        this.dragging.start({ kind: 'range' }, event.pointerId);
        grid.changed();
        if (!event.shiftKey) this.click(what, again, isMod(event));
        return;
      }
      case 'handle': {
        const from = selection.box();
        if (from !== null) this.dragging.start({ kind: 'fill', from }, event.pointerId);
        return;
      }
      case 'gutter':
        if (what.part === 'grip') this.dragging.start({ kind: 'rows', spans: rowsWith(grid.frame, what.line.position), startY: this.at.y }, event.pointerId);
        else if (what.part === 'check') grid.check(() => selection.checks.toggle(what.line.position, event.shiftKey));
        else if (what.part === 'expand') {
          const record = grid.source.row(what.line.position);
          if (record !== undefined) grid.actions.openRecord(record.id);
        } else {
          selection.lines(what.line.position, event.shiftKey);
          this.dragging.start({ kind: 'lines' }, event.pointerId);
          grid.changed();
        }
        return;
      case 'title': {
        const { column } = what;
        if (what.part === 'resize') this.dragging.start({ kind: 'resize', field: column.field.id, startX: this.at.x, startWidth: column.width }, event.pointerId);
        else if (what.part === 'menu') grid.menu({ kind: 'column', field: column.field.id }, this.below(event));
        else {
          selection.column(column.field.id, event.shiftKey);
          grid.changed();
          const grip = this.at.x - grid.frame.columns.screenX(column, grid.frame.scrollX);
          if (!grid.options.readOnly) this.dragging.start({ kind: 'column', field: column.field.id, startX: this.at.x, grip, moved: false }, event.pointerId);
        }
        return;
      }
      default:
        this.plain(what, event);
    }
  }

  /** What a mouse button and a tap do alike. */
  private plain(what: Hit, event: MouseEvent): void {
    const { grid } = this;
    switch (what.kind) {
      case 'headerCheck':
        grid.check(() => {
          const { checks } = grid.selection;
          const { rows } = grid.frame;
          if (checks.any) checks.clear();
          else if (rows.nVisible > 0) checks.setAll(rows.spans(rows.positionAt(0), rows.positionAt(rows.nVisible - 1)));
        });
        return;
      case 'add':
        grid.menu({ kind: 'newField' }, this.below(event));
        return;
      case 'group':
        grid.actions.toggleGroup(what.segment.key);
        return;
      case 'new':
        if (!grid.options.readOnly && what.line.segment.kind === 'new') grid.actions.newRecord({ group: what.line.segment.group });
        return;
      default:
    }
  }

  /** Menus of the header open under it. */
  private below(event: MouseEvent): { x: number; y: number } {
    return { x: event.clientX, y: this.grid.host.getBoundingClientRect().y + headerHeight };
  }

  /** A painter may take the click: tick boxes at once, stars only in the active cell, links with Ctrl. */
  private click(what: Extract<Hit, { kind: 'cell' }>, again: boolean, mod: boolean): boolean {
    const { grid } = this;
    const { field } = what.column;
    const kind = kindOf(field);
    const record = grid.source.row(what.line.position);
    const rect = cellRect(grid.frame, what.line.position, what.column);
    if (kind.click === undefined || record === undefined || rect === undefined) return false;
    const answer = kind.click(rect, this.at.x - rect.x, this.at.y - rect.y, record.cells[field.id] ?? null, field, mod);
    if (answer === undefined) return false;
    if (answer.kind === 'open') grid.actions.openUrl(answer.url);
    else if (!grid.mayEdit(field.id) || (kind.editing !== 'toggle' && !again)) return false;
    else grid.actions.edit(record.id, field.id, answer.value);
    return true;
  }

  private move(event: PointerEvent): void {
    this.inside = true;
    const what = this.locate(event);
    if (event.pointerType === 'touch') {
      if (Math.hypot(this.at.x - this.pressed.x, this.at.y - this.pressed.y) > 8) clearTimeout(this.press);
      return;
    }
    if (!this.dragging.active) return this.ours(event) ? this.hover(what) : this.leave();
    this.dragging.move(this.at);
  }

  private up(event: PointerEvent): void {
    clearTimeout(this.press);
    if (event.pointerType === 'touch') {
      const moved = Math.hypot(this.at.x - this.pressed.x, this.at.y - this.pressed.y) > 8;
      if (!this.pressed.long && !moved && this.ours(event)) this.tap(event);
      return;
    }
    this.dragging.end();
  }

  /** Touch: the first tap selects, the second opens; no keyboard pops up by itself. */
  private tap(event: PointerEvent): void {
    const { grid } = this;
    const { selection, frame } = grid;
    const what = this.locate(event);
    if (what.kind === 'cell') {
      const corner = { position: what.line.position, field: what.column.field.id };
      const again = selection.anchor?.position === corner.position && selection.anchor.field === corner.field;
      grid.editor.finish(true);
      selection.set(corner);
      grid.changed();
      if (this.click(what, again, false) || !again) return;
      const record = grid.source.row(corner.position);
      if (frame.narrow && record !== undefined) grid.actions.openRecord(record.id);
      else grid.editing.begin();
    } else if (what.kind === 'gutter') {
      const record = grid.source.row(what.line.position);
      if (record !== undefined) grid.actions.openRecord(record.id);
    } else if (what.kind === 'title') grid.menu({ kind: 'column', field: what.column.field.id }, this.below(event));
    else this.plain(what, event);
  }

  private cancel(): void {
    clearTimeout(this.press);
    this.dragging.cancel();
  }

  private leave(): void {
    this.inside = false;
    if (!this.dragging.active) this.hover({ kind: 'none' });
  }

  private doubleClick(event: MouseEvent): void {
    if (!this.ours(event)) return;
    const what = this.locate(event);
    const { grid } = this;
    if (what.kind === 'cell' && kindOf(what.column.field).editing !== 'toggle') grid.editing.begin();
    else if (what.kind === 'title' && what.part === 'resize') grid.actions.resizeColumn(what.column.field.id, fitWidth(grid.painter.p, grid.frame, what.column));
  }

  private menu(event: MouseEvent): void {
    if (!this.ours(event)) return;
    event.preventDefault();
    if ((event as PointerEvent).pointerType === 'touch') return;
    this.openMenu(this.locate(event), { x: event.clientX, y: event.clientY });
  }

  private openMenu(what: Hit, point: { readonly x: number; readonly y: number }): void {
    const target = menuTarget(this.grid, what);
    if (target !== undefined) this.grid.menu(target, point);
  }

  private hover(what: Hit): void {
    const { frame, host } = this.grid;
    const { hover } = frame;
    const before = `${hover.position} ${hover.field} ${hover.header} ${hover.part} ${hover.row}`;
    hover.position = what.kind === 'cell' || what.kind === 'gutter' ? what.line.position : -1;
    hover.field = what.kind === 'cell' ? what.column.field.id : null;
    hover.header = what.kind === 'title' ? what.column.field.id : null;
    hover.row = what.kind === 'new' ? what.line.row : what.kind === 'group' ? what.row : -1;
    hover.part = null;
    if (what.kind === 'title' && what.part === 'resize') hover.part = 'resize';
    else if (what.kind === 'gutter' && what.part !== 'number') hover.part = what.part;
    else if (what.kind === 'add' || what.kind === 'new' || what.kind === 'group' || what.kind === 'headerCheck') hover.part = what.kind;
    host.style.cursor = what.kind === 'gutter' && what.part === 'grip' ? 'grab' : cursorOf(what);
    if (before !== `${hover.position} ${hover.field} ${hover.header} ${hover.part} ${hover.row}`) this.grid.schedule();
  }
}

function cursorOf(what: Hit): string {
  switch (what.kind) {
    case 'title':
      return what.part === 'resize' ? 'col-resize' : 'pointer';
    case 'handle':
      return 'crosshair';
    case 'gutter':
    case 'group':
    case 'new':
    case 'add':
    case 'headerCheck':
      return 'pointer';
    default:
      return 'default';
  }
}

const isMod = (event: PointerEvent): boolean => event.ctrlKey || event.metaKey;
