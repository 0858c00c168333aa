/** Invisible rows laid over the visible ones: for screen readers, and for tests that look for bars by record. */
import { barRect, headerHeight, lineTop, rowHeight, visibleLines, type Frame, type Rect } from './frame';
import { isScheduled, type Line } from './model';
import { spanText } from './scale';

export class Mirror {
  readonly element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: HTMLElement,
    label: string,
    private readonly id: string,
  ) {
    this.element = document.createElement('div');
    this.element.className = 'mirror';
    this.element.setAttribute('role', 'grid');
    this.element.setAttribute('aria-label', label);
    host.append(this.element);
  }

  /** Lays the mirror once nothing has moved for a moment: it costs a layout. */
  later(frame: Frame): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.lay(frame), 120);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.element.remove();
  }

  rowId(record: string): string {
    return `${this.id}-${record}`;
  }

  private lay(frame: Frame): void {
    const { from, to } = visibleLines(frame);
    this.element.setAttribute('aria-rowcount', String(frame.model.lines.length));
    const rows: HTMLElement[] = [];
    for (let i = from; i < to; i++) {
      const line = frame.model.lines[i];
      if (line) rows.push(this.row(frame, line, i));
    }
    this.element.replaceChildren(...rows);
  }

  private row(frame: Frame, line: Line, i: number): HTMLElement {
    const y = lineTop(frame, i);
    const row = part('row', '', { x: 0, y, w: frame.width, h: rowHeight });
    row.setAttribute('aria-rowindex', String(i + 1));
    const name = (text: string): HTMLElement => part('gridcell', text, { x: 0, y: 0, w: Math.max(1, frame.pane), h: rowHeight });
    if (line.kind === 'group') {
      row.setAttribute('aria-expanded', String(line.open));
      row.dataset.group = line.key;
      row.append(name(line.label));
      return row;
    }
    const task = line.task;
    if (!task) return row;
    row.id = this.rowId(task.id);
    row.dataset.record = task.id;
    row.setAttribute('aria-selected', String(frame.selected === task.id));
    row.append(name(task.title));
    const rect = barRect(frame, task, i);
    if (rect && isScheduled(task) && y + rowHeight > headerHeight) {
      const percent = task.progress === null ? '' : `, ${Math.round(task.progress * 100)}%`;
      const bar = part('gridcell', `${task.title}, ${spanText(task.start, task.end, frame.locale)}${percent}`, { ...rect, y: rect.y - y });
      bar.dataset.bar = task.id;
      bar.dataset.milestone = String(task.milestone);
      row.append(bar);
    }
    return row;
  }
}

function part(role: string, text: string, rect: Rect): HTMLElement {
  const element = document.createElement('div');
  element.setAttribute('role', role);
  element.textContent = text;
  Object.assign(element.style, { left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.w}px`, height: `${rect.h}px` });
  return element;
}
