/** Drags of the chart as commands. Moments keep their time of day; a computed date cannot be written and is left out. */
import type { OpenBase } from '../../store/base.svelte';
import type { CellValue, FieldId, Row, Table } from '../../api/types';
import type { Edit } from './drag';
import { dayOf, movedTo } from './days';
import type { Link, Roles } from './model';

export function datesOf(row: Row | undefined, roles: Roles, zone: string, start: number, end: number): Record<FieldId, CellValue> {
  const cells: Record<FieldId, CellValue> = {};
  const write = (field: Roles['start'], to: number): void => {
    if (field.computed) return;
    const before = row?.cells[field.id];
    cells[field.id] = movedTo(before, dayOf(before, zone), to, field.options.time === true);
  };
  write(roles.start, start);
  if (roles.end.id !== roles.start.id) write(roles.end, end);
  return cells;
}

export function send(base: OpenBase, table: Table, roles: Roles, edit: Edit, row: Row | undefined): void {
  if (edit.kind === 'dates') base.edit(table.id, edit.record, datesOf(row, roles, base.info.time_zone, edit.start, edit.end));
  else if (roles.depends) base.act({ op: 'cells.add', table: table.id, record: edit.to, field: roles.depends.id, items: [edit.from] });
}

export function unlink(base: OpenBase, table: Table, roles: Roles, link: Link): void {
  if (roles.depends) base.act({ op: 'cells.remove', table: table.id, record: link.to, field: roles.depends.id, items: [link.from] });
}
