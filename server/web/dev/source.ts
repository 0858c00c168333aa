/** A synthetic source: a million records made from their position, pages that take 25 ms, edits kept in memory. */
import type { CellRange, GridColumn, GridRecord, GridSource, Presence, RowSegment, SourceChange, Span } from '../src/grid/source';
import type { CellValue, Field, FieldId, Person, RecordId, UserId } from '../src/fields/wire';

const id = (text: string): FieldId => text as FieldId;
const select = (names: string): Field['options'] => ({
  options: names.split(' ').map((pair, n) => {
    const [name, color] = pair.split(':') as [string, 'teal'];
    return { id: `sel${n}` as never, name, color };
  }),
});

const field = (name: string, label: string, type: Field['type'], options: Field['options'] = {}, more: Partial<Field> = {}): Field => ({
  id: id(name), name: label, type, options, computed: false, ...more,
});

export const fields: readonly Field[] = [
  field('fldTitle', '任务名称 Title', 'text'),
  field('fldStatus', '状态 Status', 'singleSelect', select('待处理:gray 进行中:blue 评审中:violet 已完成:green Blocked:red 已取消:orange')),
  field('fldTags', '标签 Tags', 'multiSelect', select('前端:cyan 后端:teal 设计:pink 数据:amber Infra:indigo Bug:red Docs:lime')),
  field('fldOwner', '负责人 Owner', 'person', { many: true }),
  field('fldProgress', '进度 Progress', 'number', { format: 'progress', decimals: 0 }),
  field('fldRating', '评分 Rating', 'rating', { max: 5 }),
  field('fldDue', '截止 Due', 'date', { format: 'YYYY-MM-DD' }),
  field('fldDone', '完成 Done', 'checkbox'),
  field('fldBudget', '预算 Budget', 'number', { format: 'currency', currency: 'CNY', decimals: 2 }),
  field('fldHours', '工时 Hours', 'number', { format: 'thousands', decimals: 1 }),
  field('fldTime', '耗时 Time', 'duration', { format: 'h:mm' }),
  field('fldLink', '迭代 Sprint', 'link', { many: true }),
  field('fldRatio', '比例 Ratio', 'formula', {}, { computed: true, result: { type: 'number', options: { format: 'percent', decimals: 1 } } }),
  field('fldLookup', '迭代状态', 'lookup', {}, { computed: true, result: { type: 'singleSelect', options: select('计划:gray 进行:blue 结束:green') } }),
  field('fldUrl', '链接 URL', 'url'),
  field('fldMail', '邮箱 Email', 'email'),
  field('fldNotes', '备注 Notes', 'longText'),
  field('fldCount', '数量', 'count', {}, { computed: true }),
  field('fldNo', '编号', 'autoNumber', { prefix: 'T-', digits: 6 }, { computed: true }),
  field('fldCreated', '创建时间', 'createdTime', {}, { computed: true }),
  field('fldBy', '创建人', 'createdBy', {}, { computed: true }),
];

const widths: Record<string, number> = {
  fldTitle: 260, fldStatus: 120, fldTags: 180, fldOwner: 150, fldProgress: 140, fldRating: 120, fldDue: 120, fldDone: 80, fldBudget: 130, fldNotes: 240,
};

const people: readonly (readonly [UserId, Person])[] = (
  [['Kim', 'violet'], ['Tomas', 'cyan'], ['李雷', 'amber'], ['Wang Fang', 'indigo'], ['陈晓', 'blue'], ['Ana', 'green'], ['周杰', 'blue'], ['赵敏', 'pink']] as const
).map(([name, color], n) => [`usr${n}` as UserId, { name, color }]);

const titles = ['Fix export bug', 'Write API docs', 'Prepare quarterly review', '客户访谈纪要', '数据迁移脚本', '优化登录流程', 'Refactor grid renderer', '设计新的看板卡片', '接入支付网关', 'Upgrade dependencies'];

const hash = (a: number, b: number): number => {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2f);
  return (h ^ (h >>> 13)) >>> 0;
};

function make(n: number): GridRecord {
  const r = (k: number, m: number): number => hash(n, k) % m;
  const tags = [r(1, 7), r(2, 7)].slice(0, 1 + r(3, 2)).map((t) => `sel${t}`);
  const owners = [r(4, 8), r(5, 8)].slice(0, 1 + (r(6, 3) === 0 ? 1 : 0)).map((o) => `usr${o}`);
  const date = new Date(Date.UTC(2025, 0, 1 + r(7, 900)));
  const cells: Record<string, CellValue> = {
    fldTitle: `${titles[r(0, titles.length)]} #${n}`,
    fldStatus: `sel${r(8, 6)}`,
    fldTags: [...new Set(tags)],
    fldOwner: [...new Set(owners)],
    fldProgress: r(9, 101) / 100,
    fldRating: r(10, 6) || null,
    fldDue: date.toISOString().slice(0, 10),
    fldDone: r(11, 3) === 0,
    fldBudget: r(12, 9_999_999) / 100,
    fldHours: r(13, 40_000) / 10,
    fldTime: r(14, 40) * 900,
    fldLink: [{ id: `recS${r(15, 9)}` as RecordId, title: `Sprint ${r(15, 9)}` }],
    fldRatio: r(16, 12) === 0 ? { error: '#DIV/0!', message: 'Division by zero' } : r(17, 1000) / 1000,
    fldLookup: [`sel${r(18, 3)}`],
    fldUrl: `https://example.com/tasks/${n}`,
    fldMail: `person${r(19, 90)}@example.com`,
    fldNotes: r(20, 3) === 0 ? '先和客户确认范围，再安排排期。Please check the export twice, then write down what changed and why it did.' : null,
    fldCount: r(21, 30),
    fldNo: n + 1,
    fldCreated: new Date(Date.UTC(2025, 5, 1) + n * 61_000).toISOString(),
    fldBy: `usr${r(22, 8)}`,
  };
  return { id: `rec${n}` as RecordId, cells: cells as GridRecord['cells'] };
}

export class SyntheticSource implements GridSource {
  nRecords: number;
  private readonly pages = new Map<number, boolean>();
  private readonly made = new Map<number, GridRecord>();
  private listeners = new Set<(change: SourceChange) => void>();
  private list: readonly GridColumn[];
  private lines: readonly RowSegment[];
  private others: readonly Presence[] = [];
  private collapsed = new Set<string>();

  constructor(nRecords: number, private readonly grouped: boolean) {
    this.nRecords = nRecords;
    this.list = fields.map((f, n) => ({ field: f, width: widths[f.id] ?? 150, frozen: n === 0, editable: !f.computed, ...(n === 6 ? { sorted: 'asc' as const } : {}) }));
    this.lines = this.makeSegments();
  }

  segments = () => this.lines;
  columns = () => this.list;
  person = (user: UserId) => people.find(([key]) => key === user)?.[1];
  people = () => people;
  presence = () => this.others;
  positionOf = (record: RecordId) => Number(record.slice(3));
  summaries = () => ({ [id('fldProgress')]: '平均 49.8%', [id('fldBudget')]: '合计 ¥49,998,120' });

  row(position: number): GridRecord | undefined {
    if (this.pages.get(Math.floor(position / 200)) !== true || position >= this.nRecords) return undefined;
    let record = this.made.get(position);
    if (record === undefined) this.made.set(position, (record = make(position)));
    return record;
  }

  request(from: number, to: number): void {
    for (let page = Math.floor(from / 200); page <= Math.floor((to - 1) / 200); page++) {
      if (this.pages.has(page)) continue;
      this.pages.set(page, false);
      setTimeout(() => {
        this.pages.set(page, true);
        this.tell({ kind: 'cells' });
      }, 25);
    }
  }

  async load(spans: readonly Span[]): Promise<void> {
    for (const span of spans) this.request(span.from, span.to);
    await new Promise((done) => setTimeout(done, 60));
  }

  listen(listener: (change: SourceChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: SourceChange): void {
    for (const listener of this.listeners) listener(change);
  }

  set(position: number, fieldId: FieldId, value: CellValue): void {
    this.pages.set(Math.floor(position / 200), true);
    const record = this.row(position);
    if (record !== undefined) this.made.set(position, { ...record, cells: { ...record.cells, [fieldId]: value } });
  }

  each(range: CellRange, visit: (position: number, field: FieldId, row: number, column: number) => void): void {
    let row = 0;
    for (const span of range.spans) for (let at = span.from; at < span.to; at++, row++) range.fields.forEach((f, c) => visit(at, f, row, c));
    this.tell({ kind: 'cells' });
  }

  resize(fieldId: FieldId, width: number): void {
    this.list = this.list.map((c) => (c.field.id === fieldId ? { ...c, width } : c));
    this.tell({ kind: 'columns' });
  }

  move(fieldId: FieldId, before: FieldId | null): void {
    const moved = this.list.find((c) => c.field.id === fieldId);
    const rest = this.list.filter((c) => c.field.id !== fieldId);
    const at = before === null ? rest.length : rest.findIndex((c) => c.field.id === before);
    if (moved !== undefined) this.list = [...rest.slice(0, at), { ...moved, frozen: false }, ...rest.slice(at)].map((c, n) => ({ ...c, frozen: n === 0 }));
    this.tell({ kind: 'columns' });
  }

  toggle(key: string): void {
    if (!this.collapsed.delete(key)) this.collapsed.add(key);
    this.lines = this.makeSegments();
    this.tell({ kind: 'rows' });
  }

  show(others: readonly Presence[]): void {
    this.others = others;
    this.tell({ kind: 'marks' });
  }

  private makeSegments(): readonly RowSegment[] {
    if (!this.grouped) return [{ kind: 'records', start: 0, count: this.nRecords }, { kind: 'new', group: null }];
    const out: RowSegment[] = [];
    const [, status, tags] = fields;
    if (status === undefined || tags === undefined) return out;
    let start = 0;
    for (let s = 0; s < 6; s++) {
      const share = s === 5 ? this.nRecords - start : Math.floor(this.nRecords / 6);
      const key = `s${s}`;
      const end = start + share;
      out.push({ kind: 'group', key, level: 0, field: status, value: `sel${s}`, count: share, collapsed: this.collapsed.has(key), summaries: { [id('fldProgress')]: '平均 45%' } });
      for (let t = 0; t < 7 && !this.collapsed.has(key); t++) {
        const count = t === 0 ? 5 : t === 6 ? end - start : Math.floor((share - 5) / 6);
        const inner = `${key}/t${t}`;
        const shut = this.collapsed.has(inner);
        out.push({ kind: 'group', key: inner, level: 1, field: tags, value: [`sel${t}`], label: tags.options.options?.[t]?.name ?? '', color: tags.options.options?.[t]?.color ?? 'gray', count, collapsed: shut, summaries: { [id('fldProgress')]: `平均 4${t}%` } });
        if (!shut) out.push({ kind: 'records', start, count }, { kind: 'new', group: inner });
        start += count;
      }
      start = end;
    }
    return out;
  }
}
