/** What a right click or a long press is about. */
import type { Grid } from './grid';
import type { Hit } from './hit';
import type { MenuTarget } from './source';

/** A right click inside the range keeps it, outside it goes there. */
export function menuTarget(grid: Grid, what: Hit): MenuTarget | undefined {
  const { selection } = grid;
  if (what.kind === 'title') return { kind: 'column', field: what.column.field.id };
  if (what.kind === 'group') return { kind: 'group', key: what.segment.key };
  if (what.kind === 'add') return { kind: 'newField' };
  if (what.kind !== 'cell' && what.kind !== 'gutter') return undefined;
  const { position } = what.line;
  if (selection.checks.has(position)) return { kind: 'records', spans: selection.checks.spans };
  const box = selection.box();
  const index = what.kind === 'cell' ? what.column.index : (box?.left ?? 0);
  const inside = box !== null && position >= box.top && position <= box.bottom && index >= box.left && index <= box.right;
  if (!inside) {
    if (what.kind === 'cell') selection.set({ position, field: what.column.field.id });
    else selection.lines(position, false);
    grid.changed();
  }
  const cell = grid.activeCell();
  const range = selection.range();
  return cell === undefined || range === null ? undefined : { kind: 'cell', cell: grid.ref(cell), range };
}
