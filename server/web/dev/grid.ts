/** `npm run dev`, then /dev/grid.html?theme=dark&grouped=1&rows=1000000&height=34&presence=1. Not part of the build. */
import '../src/styles/base.css';
import '../src/fields';
import { Grid } from '../src/grid/grid';
import type { GridActions, RowHeight } from '../src/grid/source';
import type { FieldId, RecordId, UserId } from '../src/fields/wire';
import { SyntheticSource } from './source';

const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get('theme') ?? 'light';
const source = new SyntheticSource(Number(query.get('rows') ?? 1_000_000), query.has('grouped'));
const log: unknown[][] = [];

const actions: GridActions = {
  edit: (record, field, value) => {
    log.push(['edit', record, field, value]);
    source.set(source.positionOf(record), field, value);
    source.tell({ kind: 'cells' });
  },
  pasteText: (range, rows) => {
    log.push(['pasteText', range, rows]);
    source.each(range, (at, field, r, c) => source.set(at, field, rows[r % rows.length]?.[c] ?? null));
  },
  fill: (range, rows) => {
    log.push(['fill', range, rows]);
    source.each(range, (at, field, r, c) => source.set(at, field, rows[r % rows.length]?.[c] ?? null));
  },
  clear: (range) => {
    log.push(['clear', range]);
    source.each(range, (at, field) => source.set(at, field, null));
  },
  openRecord: (record) => log.push(['openRecord', record]),
  newRecord: (at) => log.push(['newRecord', at]),
  toggleGroup: (key) => source.toggle(key),
  resizeColumn: (field, width) => source.resize(field, width),
  moveColumn: (field, before) => {
    log.push(['moveColumn', field, before]);
    source.move(field, before);
  },
  contextMenu: (target) => log.push(['contextMenu', target]),
  openEditor: (request) => {
    log.push(['openEditor', request.field.id, request.record, request.initial]);
    request.done(undefined);
  },
  openUrl: (url) => log.push(['openUrl', url]),
  undo: () => log.push(['undo']),
  redo: () => log.push(['redo']),
  selected: () => undefined,
  notice: (text) => log.push(['notice', text]),
};

const host = document.getElementById('grid');
if (host === null) throw new Error('no host');
const grid = new Grid(host, source, actions, {
  rowHeight: Number(query.get('height') ?? 34) as RowHeight,
  locale: { tag: 'zh-CN', zone: 'Asia/Shanghai', yes: '是', no: '否' },
  words: { newRecord: '新建记录', records: (n) => `${n.toLocaleString('en')} 条记录`, grid: '表格', selectAll: '全选', expand: '展开', newField: '新字段' },
  canAddField: true,
  readOnly: query.has('readonly'),
  canOrder: !query.has('readonly'),
});
grid.focus();

if (query.has('presence')) {
  source.show([
    { session: 'a', user: 'usr7' as UserId, record: 'rec9' as RecordId, field: 'fldProgress' as FieldId, movedAt: performance.now() + 1e9 },
    { session: 'b', user: 'usr4' as UserId, record: 'rec14' as RecordId, field: 'fldTags' as FieldId, movedAt: performance.now() + 1e9 },
  ]);
}

declare global {
  interface Window {
    dev: { grid: Grid; source: SyntheticSource; log: unknown[][] };
  }
}
window.dev = { grid, source, log };
