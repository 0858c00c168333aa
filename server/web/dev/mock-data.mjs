// Sample base of the mock server: campaigns, tasks, daily data. Deterministic.
let seed = 42;
const rnd = (n) => ((seed = (seed * 1103515245 + 12345) % 2147483648), seed % n);
const pick = (list) => list[rnd(list.length)];
const day = (n) => new Date(Date.UTC(2026, 5, 1) + n * 86400000).toISOString().slice(0, 10);
const opts = (prefix, list) => list.map(([name, color], i) => ({ id: `sel${prefix}${i}`, name, color }));

export const people = [
  ['usrWang', 'Wang Fang', 'pink'], ['usrChen', '陈晓', 'blue'], ['usrAna', 'Ana', 'amber'], ['usrKim', 'Kim', 'violet'],
  ['usrLi', '李雷', 'orange'], ['usrTom', 'Tomas', 'teal'],
].map(([id, name, color], i) => ({ id, name, color, email: `${id.slice(3).toLowerCase()}@example.com`, role: i === 0 ? 'owner' : 'editor' }));

const f = (id, name, type, options = {}, more = {}) => ({ id, name, type, description: '', options, computed: false, required: false, unique: false, default: null, ...more });
const status = opts('St', [['待处理', 'gray'], ['进行中', 'blue'], ['评审中', 'violet'], ['已完成', 'green'], ['Blocked', 'red'], ['已取消', 'orange']]);
const tags = opts('Tg', [['前端', 'cyan'], ['后端', 'teal'], ['设计', 'pink'], ['数据', 'amber'], ['Bug', 'red'], ['Infra', 'indigo'], ['Docs', 'lime']]);
const channel = opts('Ch', [['小红书', 'red'], ['抖音', 'gray'], ['微信', 'green'], ['Search', 'blue'], ['Email', 'amber']]);

const tasks = {
  id: 'tblTasks', name: '需求与任务', description: '', primary: 'fldTitle',
  fields: [
    f('fldTitle', '任务名称 Title', 'text'),
    f('fldStatus', '状态 Status', 'singleSelect', { options: status }),
    f('fldTags', '标签 Tags', 'multiSelect', { options: tags }),
    f('fldOwner', '负责人 Owner', 'person', { many: true }),
    f('fldProgress', '进度 Progress', 'number', { format: 'progress', decimals: 0 }),
    f('fldRating', '评分 Rating', 'rating', { max: 5, icon: 'star' }),
    f('fldStart', '开始 Start', 'date', { time: false, format: 'YYYY-MM-DD' }),
    f('fldDue', '截止 Due', 'date', { time: false, format: 'YYYY-MM-DD' }),
    f('fldDone', '完成 Done', 'checkbox'),
    f('fldCampaign', '活动 Campaign', 'link', { table: 'tblCamp', many: false, field: 'fldCTasks' }),
    f('fldCost', '预算 Cost', 'number', { format: 'currency', currency: 'CNY', decimals: 2 }),
    f('fldHours', '工时 Hours', 'duration', { format: 'h:mm' }),
    f('fldDays', '天数 Days', 'formula', { formula: 'DATETIME_DIFF({截止 Due}, {开始 Start}, "days")' }, { computed: true, result: { type: 'number', options: { format: 'plain', decimals: 0 } } }),
    f('fldUrl', '链接 URL', 'url'),
    f('fldNote', '备注 Note', 'longText'),
    f('fldBefore', '前置 Depends', 'link', { table: 'tblTasks', many: true, field: null }),
    f('fldNo', '编号 No', 'autoNumber', { prefix: 'T-', digits: 4 }, { computed: true }),
    f('fldMade', '创建 Created', 'createdTime', { time: true }, { computed: true }),
  ],
  views: [],
};
const camps = {
  id: 'tblCamp', name: '营销活动', description: '', primary: 'fldCName',
  fields: [
    f('fldCName', '活动名称', 'text'),
    f('fldCChannel', '渠道', 'singleSelect', { options: channel }),
    f('fldCOwner', '负责人', 'person', { many: false }),
    f('fldCBudget', '预算', 'number', { format: 'currency', currency: 'CNY', decimals: 0 }),
    f('fldCFrom', '开始', 'date', { time: false, format: 'YYYY-MM-DD' }),
    f('fldCTo', '结束', 'date', { time: false, format: 'YYYY-MM-DD' }),
    f('fldCTasks', '任务', 'link', { table: 'tblTasks', many: true, field: 'fldCampaign' }),
    f('fldCCount', '任务数', 'count', { link: 'fldCTasks' }, { computed: true, result: { type: 'number', options: {} } }),
    f('fldCMail', '联系邮箱', 'email'),
    f('fldCPhone', '电话', 'phone'),
  ],
  views: [],
};
const daily = {
  id: 'tblDaily', name: '每日数据', description: '', primary: 'fldDKey',
  fields: [
    f('fldDKey', '记录', 'text'),
    f('fldDDay', '日期', 'date', { time: false, format: 'YYYY-MM-DD' }),
    f('fldDChannel', '渠道', 'singleSelect', { options: channel }),
    f('fldDViews', '曝光', 'number', { format: 'thousands', decimals: 0 }),
    f('fldDClicks', '点击', 'number', { format: 'thousands', decimals: 0 }),
    f('fldDSpend', '花费', 'number', { format: 'currency', currency: 'CNY', decimals: 2 }),
    f('fldDRate', '点击率', 'formula', { formula: '{点击} / {曝光}' }, { computed: true, result: { type: 'number', options: { format: 'percent', decimals: 1 } } }),
  ],
  views: [],
};
const v = (id, table, name, kind, settings = {}) => ({ id, table, name, kind, personal: null, locked: false, settings });
tasks.views = [
  v('viwAll', 'tblTasks', '全部任务', 'grid', { summaries: { fldProgress: 'average', fldCost: 'sum' } }),
  v('viwGroup', 'tblTasks', '按状态分组', 'grid', { group: [{ field: 'fldStatus' }], summaries: { fldProgress: 'average' } }),
  v('viwKanban', 'tblTasks', '看板', 'kanban', { kanban: { field: 'fldStatus', cards: ['fldOwner', 'fldTags', 'fldDue', 'fldProgress'] } }),
  v('viwGantt', 'tblTasks', '排期甘特', 'gantt', { sort: [{ field: 'fldStart' }], gantt: { start: 'fldStart', end: 'fldDue', progress: 'fldProgress', depends: 'fldBefore', color: 'fldStatus', zoom: 'week' } }),
];
camps.views = [v('viwC', 'tblCamp', '全部活动', 'grid'), v('viwCG', 'tblCamp', '排期', 'gantt', { gantt: { start: 'fldCFrom', end: 'fldCTo', color: 'fldCChannel' } })];
daily.views = [v('viwD', 'tblDaily', '全部数据', 'grid', { summaries: { fldDSpend: 'sum' } })];

export const rows = { tblTasks: [], tblCamp: [], tblDaily: [] };
const campNames = ['夏季上新', '双十一预热', '会员日', '新品发布会', 'Back to school', '品牌联名', '直播专场', 'Q3 再营销'];
for (let i = 0; i < 24; i++) {
  const from = rnd(120);
  rows.tblCamp.push({ id: `recC${i}`, version: 1, cells: {
    fldCName: `${campNames[i % 8]} ${Math.floor(i / 8) + 1}`, fldCChannel: pick(channel).id, fldCOwner: [pick(people).id], fldCBudget: 10000 + rnd(90) * 1000,
    fldCFrom: day(from), fldCTo: day(from + 7 + rnd(30)), fldCTasks: [], fldCMail: 'team@example.com', fldCPhone: '+86 21 5555 01' + (10 + i),
  } });
}
const names = ['Fix export bug', 'Write API docs', 'Prepare quarterly review', '客户访谈纪要', '数据迁移脚本', '优化登录流程', 'Refactor grid renderer', '设计新的看板卡片', '接入支付网关', 'Upgrade dependencies'];
for (let i = 0; i < 480; i++) {
  const from = rnd(150);
  const camp = rows.tblCamp[rnd(24)];
  const id = `recT${i}`;
  const title = `${pick(names)} #${i}`;
  if (i % 3 === 0) camp.cells.fldCTasks.push({ id, title });
  const days = 2 + rnd(25);
  rows.tblTasks.push({ id, version: 1, cells: {
    fldTitle: title, fldStatus: i % 17 === 0 ? null : pick(status).id, fldTags: [...new Set([pick(tags).id, pick(tags).id])], fldOwner: [...new Set([pick(people).id, ...(rnd(3) ? [] : [pick(people).id])])],
    fldProgress: rnd(101) / 100, fldRating: rnd(6) || null, fldStart: day(from), fldDue: day(from + days), fldDone: rnd(4) === 0,
    fldCampaign: i % 3 === 0 ? [{ id: camp.id, title: camp.cells.fldCName }] : [], fldCost: rnd(200000) / 10, fldHours: rnd(40) * 1800, fldDays: days,
    fldUrl: i % 4 === 0 ? 'https://example.com/t/' + i : null, fldNote: i % 5 === 0 ? '先确认范围，再排期。\nSecond line.' : null,
    fldBefore: i > 5 && rnd(3) === 0 ? [{ id: `recT${i - 1 - rnd(4)}`, title: 'before' }] : [], fldNo: i + 1, fldMade: new Date(Date.UTC(2026, 4, 1, 8) + i * 3600000).toISOString(),
  } });
}
for (const c of rows.tblCamp) c.cells.fldCCount = c.cells.fldCTasks.length;
for (let i = 0; i < 400; i++) {
  const views = 2000 + rnd(40000);
  const clicks = Math.floor(views * (0.01 + rnd(60) / 1000));
  const ch = channel[i % 5];
  rows.tblDaily.push({ id: `recD${i}`, version: 1, cells: { fldDKey: `${day(Math.floor(i / 5))} ${ch.name}`, fldDDay: day(Math.floor(i / 5)), fldDChannel: ch.id, fldDViews: views, fldDClicks: clicks, fldDSpend: rnd(90000) / 10, fldDRate: clicks / views } });
}

const m = (fn, field) => ({ function: fn, ...(field ? { field } : {}) });
export const base = {
  id: 'appDemo', name: '研发中心', role: 'owner', version: 1, schema_version: 1, locale: 'zh-CN', time_zone: 'Asia/Shanghai',
  tables: [tasks, camps, daily],
  dashboards: [{ id: 'dshMain', name: '营销仪表盘', blocks: [
    { id: 'b1', kind: 'metric', title: '总花费', x: 0, y: 0, w: 3, h: 2, table: 'tblDaily', aggregate: { by: [], measures: [m('sum', 'fldDSpend')] } },
    { id: 'b2', kind: 'metric', title: '任务数', x: 3, y: 0, w: 3, h: 2, table: 'tblTasks', aggregate: { by: [], measures: [m('count')] } },
    { id: 'b3', kind: 'line', title: '每周花费', x: 0, y: 2, w: 8, h: 5, table: 'tblDaily', aggregate: { by: [{ field: 'fldDDay', bucket: 'week' }], measures: [m('sum', 'fldDSpend')] } },
    { id: 'b4', kind: 'pie', title: '渠道占比', x: 8, y: 2, w: 4, h: 5, table: 'tblDaily', aggregate: { by: [{ field: 'fldDChannel' }], measures: [m('sum', 'fldDSpend')] } },
    { id: 'b5', kind: 'bar', title: '任务状态', x: 0, y: 7, w: 6, h: 5, table: 'tblTasks', aggregate: { by: [{ field: 'fldStatus' }], measures: [m('count')] } },
    { id: 'b6', kind: 'pivot', title: '状态 × 标签', x: 6, y: 7, w: 6, h: 5, table: 'tblTasks', aggregate: { by: [{ field: 'fldStatus' }, { field: 'fldTags' }], measures: [m('count')] } },
  ] }],
  automations: [
    { id: 'autLate', name: '逾期提醒', enabled: true, trigger: { kind: 'recordMatches', table: 'tblTasks', filter: { and: [{ field: 'fldDue', op: 'isBefore', value: { relative: 'today' } }] } }, condition: { and: [{ field: 'fldStatus', op: 'isNot', value: 'selSt3' }] }, actions: [
      { kind: 'updateRecord', record: 'trigger', fields: { fldStatus: 'selSt4', fldNote: '逾期：{{任务名称 Title}}' } },
      { kind: 'script', source: '// 找出逾期 3 天以上、仍未完成的任务\nlet due = args.record["截止 Due"];\nlet days = today().diff_days(due);\n\nif days < 3 || args.record["状态 Status"] == "已完成" {\n    return ();\n}\n\nlet level = switch days {\n    3..=6 => "提醒",\n    7..=13 => "警告",\n    _ => "升级",\n};\n\nargs.record["备注 Note"] = `已逾期 ${days} 天，${level}`;' },
      { kind: 'notify', to: ['owner', 'fldOwner'], text: '{{任务名称 Title}} 已逾期' },
    ] },
    { id: 'autDone', name: '每周汇总', enabled: false, trigger: { kind: 'schedule', cron: '0 9 * * 1' }, condition: null, actions: [{ kind: 'http', url: 'https://example.com/hook', method: 'POST', body: { text: 'Weekly' } }] },
  ],
  people,
};
