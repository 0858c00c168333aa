/** `npm run dev`, then /dev/gantt.html?theme=dark&tasks=5000&zoom=week&lang=zh. Not part of the build. */
import '../src/styles/base.css';
import '../src/views/gantt/gantt.css';
import { dayOf } from '../src/views/gantt/days';
import { Gantt } from '../src/views/gantt/gantt';
import type { SourceGroup, Task } from '../src/views/gantt/model';
import type { Zoom } from '../src/views/gantt/scale';
import type { ColorName, RecordId } from '../src/fields/wire';

const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get('theme') ?? 'light';
const many = Number(query.get('tasks') ?? 0);
const today = dayOf('2026-11-22', 'UTC') ?? 0;
let tasks: Task[] = [];
let groups: SourceGroup[] = [];

function task(i: number, title: string, start: number | null, days: number, color: ColorName, progress: number | null, depends: number[]): Task {
  const from = start === null ? null : today - 21 + start;
  return { id: `rec${i}` as RecordId, title, start: from, end: from === null ? null : from + Math.max(days, 1) - 1, milestone: days === 0, color, progress, depends: depends.map((n) => `rec${n}` as RecordId) };
}

if (many > 0) {
  const colors: ColorName[] = ['teal', 'violet', 'blue', 'amber', 'pink'];
  for (let i = 0; i < many; i++) tasks.push(task(i, `Task ${i} 任务`, (i * 3) % 400, i % 11 === 0 ? 0 : 2 + (i % 9), colors[i % 5] ?? 'teal', (i % 10) / 10, i % 5 === 0 ? [] : [i - 1]));
} else {
  tasks = [
    task(0, '用户访谈', 0, 5, 'violet', 1, []), task(1, '信息架构', 5, 4, 'violet', 1, [0]), task(2, '视觉稿评审', 9, 5, 'violet', 0.6, [1]), task(3, '设计冻结', 14, 0, 'gray', null, [2]),
    task(4, '网格渲染核心', 10, 9, 'teal', 0.8, [3]), task(5, '协同与撤销', 19, 7, 'teal', 0.3, [4]), task(6, '自动化引擎', 14, 10, 'blue', 0.45, []), task(7, '导入导出', 24, 6, 'blue', 0, [6]), task(8, '公开测试版', 30, 0, 'gray', null, [5]),
    task(9, '压力测试', 32, 5, 'amber', 0, [8]), task(10, '文档与模板', 33, 6, 'amber', 0, []), task(11, '正式发布', null, 0, 'gray', null, []),
  ];
  groups = [{ level: 0, key: 'a', label: '需求与设计', from: 0, count: 4 }, { level: 0, key: 'b', label: '开发', from: 4, count: 5 }, { level: 0, key: 'c', label: '上线', from: 9, count: 3 }];
}
const closed = new Set<string>();
const zh = query.get('lang') !== 'en';
const gantt = new Gantt(document.getElementById('chart') as HTMLElement, {
  words: { tasks: '任务', milestone: '里程碑', today: zh ? '今天' : 'Today', untitled: '未命名', days: (n) => (zh ? `${n} 天` : `${n} days`) },
  locale: zh ? 'zh-CN' : 'en', today, zoom: (query.get('zoom') ?? 'day') as Zoom, pane: 300, label: 'Gantt',
}, {
  open: (record) => console.log('open', record),
  edit: (edit) => {
    console.log('edit', JSON.stringify(edit));
    tasks = tasks.map((one) => {
      if (edit.kind === 'dates') return one.id === edit.record ? { ...one, start: edit.start, end: edit.end, milestone: edit.start === edit.end } : one;
      return one.id === edit.to ? { ...one, depends: [...one.depends, edit.from] } : one;
    });
    build();
  },
  link: () => undefined,
  toggleGroup: (key) => {
    if (!closed.delete(key)) closed.add(key);
    build();
  },
  need: () => undefined, zoomed: () => undefined, paned: () => undefined, selected: () => undefined,
});
Object.assign(gantt.frame, { canEdit: true, canLink: true });
function build(): void {
  gantt.model.build(tasks.length, (i) => tasks[i], groups, closed, today);
  gantt.changed();
}
build();
Object.assign(window, { gantt });
