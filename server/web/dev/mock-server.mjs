// A mock of docs/protocol.md in memory, to look at the app without the real server: `node dev/mock-server.mjs`, then
// `npm run dev`. Patches are fresh snapshots diffed row by row. Not part of the build.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { base, people, rows } from './mock-data.mjs';
import { aggregate, groups, label, order, summaries } from './mock-query.mjs';

const port = Number(process.env.PORT ?? 7300);
let rev = 1, next = 1, signedIn = process.env.SIGNED_OUT !== '1';
const sessions = new Set(), history = [], undoStack = [], redoStack = [];
const tableOf = (id) => base.tables.find((t) => t.id === id);
const fieldOf = (id) => base.tables.flatMap((t) => t.fields).find((f) => f.id === id);
const viewOf = (id) => base.tables.flatMap((t) => t.views).find((v) => v.id === id);
const id = (kind) => `${kind}New${next++}`;
const refuse = (code, message, more = {}) => Object.assign(new Error(message), { problem: { code, message, ...more } });
const describe = () => ({ ...base, version: rev, tables: base.tables.map((t) => ({ ...t, records: rows[t.id].length })) });

function typed(field, v, typecast) {
  if (v == null || v === '') return null;
  const o = field.options?.options;
  const fail = () => refuse('invalid', `field "${field.name}" does not accept "${v}"`, { field: field.id });
  switch (field.type) {
    case 'number': case 'rating': case 'duration': { const n = typeof v === 'number' ? v : Number(String(v).replace(/[,¥$%\s]/g, '')); if (Number.isNaN(n)) throw fail(); return typeof v === 'string' && v.includes('%') ? n / 100 : n; }
    case 'checkbox': return v === true || ['true', 'yes', '是', '✓', '1'].includes(v);
    case 'date': { const m = /(\d{4})\D+(\d{1,2})\D+(\d{1,2})/.exec(v); if (!m) throw fail(); return String(v).includes('T') ? v : `${m[1]}-${m[2].padStart(2, '0')}-${m[3].padStart(2, '0')}`; }
    case 'singleSelect': { if (o.some((x) => x.id === v)) return v; let x = o.find((e) => e.name === v); if (!x && typecast) o.push((x = { id: id('sel'), name: v, color: 'gray' })); if (!x) throw fail(); return x.id; }
    case 'multiSelect': return (Array.isArray(v) ? v : String(v).split(/[,，]\s*/)).map((x) => typed({ ...field, type: 'singleSelect' }, x, typecast));
    case 'person': return (Array.isArray(v) ? v : String(v).split(/[,，]\s*/)).map((x) => people.find((p) => p.id === x || p.name === x)?.id).filter(Boolean);
    case 'link': { const t = tableOf(field.options.table); return (Array.isArray(v) ? v : [v]).map((x) => { const r = rows[t.id].find((e) => e.id === (x?.id ?? x) || e.cells[t.primary] === x); return r && { id: r.id, title: String(r.cells[t.primary] ?? '') }; }).filter(Boolean); }
    default: return String(v);
  }
}
function write(table, record, fields, undo, typecast) {
  const row = rows[table].find((r) => r.id === record);
  if (!row) throw refuse('not_found', 'The record is gone', { record });
  for (const [f, v] of Object.entries(fields)) {
    const field = fieldOf(f), before = row.cells[f] ?? null, after = typed(field, v, typecast);
    history.unshift({ version: rev + 1, time: new Date().toISOString(), by: 'usrWang', cause: null, table, record, field: f, before, after });
    undo.push(() => { row.cells[f] = before; row.version++; });
    row.cells[f] = after;
    row.version++;
  }
  if (table === 'tblTasks') row.cells.fldDays = row.cells.fldDue && row.cells.fldStart ? (Date.parse(row.cells.fldDue) - Date.parse(row.cells.fldStart)) / 86400000 : null;
}
const insertAfter = (list, item, after) => list.splice(after == null ? (after === null ? 0 : list.length) : list.findIndex((x) => x.id === after) + 1, 0, item);
const move = (list, what, after) => { const i = list.findIndex((x) => x.id === what); insertAfter(list, list.splice(i, 1)[0], after); };
function create(table, records, undo, typecast) {
  return records.map(({ fields }) => { const row = { id: id('rec'), version: 1, cells: { fldNo: rows[table].length + 1, fldMade: new Date().toISOString() } }; rows[table].push(row); write(table, row.id, fields ?? {}, [], typecast); undo.push(() => rows[table].splice(rows[table].indexOf(row), 1)); return row.id; });
}
const ops = {
  'base.update': (o) => Object.assign(base, o.name && { name: o.name }, o.locale && { locale: o.locale }, o.time_zone && { time_zone: o.time_zone }),
  'tables.create': (o) => { const t = { id: id('tbl'), name: o.name, description: o.description ?? '', primary: '', fields: [], views: [], records: 0 }; t.fields = o.fields.map((f) => ({ id: id('fld'), description: '', computed: false, default: null, ...f, options: f.options ?? {} })); t.primary = t.fields[0].id; const v = { id: id('viw'), table: t.id, name: 'Grid', kind: 'grid', personal: null, locked: false, settings: {} }; t.views = [v]; rows[t.id] = []; base.tables.push(t); return { table: t.id, fields: t.fields.map((f) => f.id), view: v.id }; },
  'tables.update': (o) => Object.assign(tableOf(o.table), o.name && { name: o.name }, o.primary && { primary: o.primary }),
  'tables.delete': (o, u) => { const i = base.tables.findIndex((t) => t.id === o.table), [t] = base.tables.splice(i, 1); u.push(() => base.tables.splice(i, 0, t)); },
  'tables.move': (o) => move(base.tables, o.table, o.after),
  'fields.create': (o, u) => { const t = tableOf(o.table), f = { id: id('fld'), name: o.name, type: o.type, description: o.description ?? '', options: o.options ?? {}, default: o.default ?? null, computed: ['formula', 'lookup', 'rollup', 'count', 'autoNumber', 'createdTime', 'modifiedTime', 'createdBy', 'modifiedBy'].includes(o.type) }; if (['formula', 'rollup', 'count'].includes(o.type)) f.result = { type: 'number', options: {} }; for (const x of f.options.options ?? []) x.id ||= id('sel'); insertAfter(t.fields, f, o.after); u.push(() => t.fields.splice(t.fields.indexOf(f), 1)); return { field: f.id }; },
  'fields.update': (o, u) => { const f = fieldOf(o.field), was = { ...f }; u.push(() => Object.assign(f, was)); for (const k of ['name', 'description', 'options', 'default', 'required', 'unique']) if (k in o) f[k] = o[k]; for (const x of f.options.options ?? []) x.id ||= id('sel'); },
  'fields.convert': (o, u, dry) => { const f = fieldOf(o.field), t = base.tables.find((x) => x.fields.includes(f)), target = { ...f, type: o.type, options: { options: [], ...o.options } }; const failed = []; let converted = 0, blank = 0; const out = rows[t.id].map((r) => { const s = label(r.cells[f.id], f); if (!s) { blank++; return null; } try { const v = typed(target, s, true); converted++; return v; } catch { failed.push({ record: r.id, text: s }); return null; } }); if (!dry) { const was = { ...f }, cells = rows[t.id].map((r) => r.cells[f.id]); Object.assign(f, { type: o.type, options: target.options }); rows[t.id].forEach((r, i) => (r.cells[f.id] = out[i])); u.push(() => { Object.assign(f, was); rows[t.id].forEach((r, i) => (r.cells[f.id] = cells[i])); }); } return { converted, blank, failed: failed.slice(0, 100), n_failed: failed.length }; },
  'fields.delete': (o, u) => { const t = base.tables.find((x) => x.fields.some((f) => f.id === o.field)), i = t.fields.findIndex((f) => f.id === o.field); if (t.primary === o.field) throw refuse('invalid', 'The primary field cannot be deleted'); const [f] = t.fields.splice(i, 1); u.push(() => t.fields.splice(i, 0, f)); },
  'fields.move': (o) => { const t = base.tables.find((x) => x.fields.some((f) => f.id === o.field)); move(t.fields, o.field, o.after); },
  'records.create': (o, u) => ({ records: create(o.table, o.records, u, o.typecast) }),
  'records.update': (o, u) => { for (const r of o.records) write(o.table, r.id, r.fields, u, o.typecast); },
  'records.delete': (o, u) => { for (const r of o.records) { const i = rows[o.table].findIndex((x) => x.id === r); if (i < 0) continue; const [row] = rows[o.table].splice(i, 1); u.push(() => rows[o.table].splice(i, 0, row)); } },
  'cells.add': (o, u) => { const r = rows[o.table].find((x) => x.id === o.record), now = r.cells[o.field] ?? []; write(o.table, o.record, { [o.field]: [...now.map((x) => x.id ?? x), ...o.items] }, u); },
  'cells.remove': (o, u) => { const r = rows[o.table].find((x) => x.id === o.record); write(o.table, o.record, { [o.field]: (r.cells[o.field] ?? []).map((x) => x.id ?? x).filter((x) => !o.items.includes(x)) }, u); },
  'cells.paste': (o, u) => { const failed = [], created = []; o.rows.forEach((line, i) => { let rec = o.records[i]; if (!rec) { if (!o.create) return; [rec] = create(o.table, [{ fields: {} }], u); created.push(rec); } line.forEach((s, j) => { if (!o.fields[j]) return; try { write(o.table, rec, { [o.fields[j]]: s }, u, true); } catch (e) { failed.push({ row: i, column: j, message: e.message }); } }); }); return { created, failed }; },
  'views.create': (o) => { const v = { id: id('viw'), table: o.table, name: o.name, kind: o.kind, personal: o.personal ? 'usrWang' : null, locked: false, settings: o.settings ?? {} }; tableOf(o.table).views.push(v); return { view: v.id }; },
  'views.update': (o, u) => { const v = viewOf(o.view), was = { ...v }; u.push(() => Object.assign(v, was)); for (const k of ['name', 'settings', 'locked']) if (k in o) v[k] = o[k]; },
  'views.delete': (o, u) => { const v = viewOf(o.view), t = tableOf(v.table), i = t.views.indexOf(v); if (t.views.length === 1) throw refuse('invalid', 'A table keeps one view'); t.views.splice(i, 1); u.push(() => t.views.splice(i, 0, v)); },
  'views.move': (o) => move(tableOf(viewOf(o.view).table).views, o.view, o.after),
  'dashboards.create': (o) => { const d = { id: id('dsh'), name: o.name, blocks: o.blocks ?? [] }; base.dashboards.push(d); return { dashboard: d.id }; },
  'dashboards.update': (o) => { const d = base.dashboards.find((x) => x.id === o.dashboard); for (const k of ['name', 'blocks']) if (k in o) d[k] = o[k]; },
  'dashboards.delete': (o) => { base.dashboards = base.dashboards.filter((x) => x.id !== o.dashboard); },
  'automations.create': (o) => { const a = { id: id('aut'), enabled: false, condition: null, ...o }; delete a.op; base.automations.push(a); return { automation: a.id }; },
  'automations.update': (o) => { const a = base.automations.find((x) => x.id === o.automation); for (const k of ['name', 'trigger', 'condition', 'actions', 'enabled']) if (k in o) a[k] = o[k]; },
  'automations.delete': (o) => { base.automations = base.automations.filter((x) => x.id !== o.automation); },
};
function run(list, dry) {
  const kind = list[0]?.op;
  if (kind === 'undo' || kind === 'redo') {
    const entry = (kind === 'undo' ? undoStack : redoStack).pop();
    if (!entry) throw refuse('invalid', 'There is nothing to take back');
    if (kind === 'undo') { for (const u of [...entry.undo].reverse()) u(); redoStack.push(entry); } else run(entry.list);
    rev++;
    return { version: rev, results: [{ undone: rev - 1 }], skipped: [] };
  }
  const undo = [];
  try {
    const results = list.map((o) => { const f = ops[o.op]; if (!f) throw refuse('invalid', `unknown op ${o.op}`); return f(o, undo, dry) ?? {}; });
    if (!dry) { rev++; undoStack.push({ list, undo }); redoStack.length = 0; }
    return { version: rev, results: results.map((r) => (r && !Array.isArray(r) ? { ...r } : {})), skipped: [] };
  } catch (e) { for (const u of undo.reverse()) u(); throw e; }
}
function ask(q) {
  const table = tableOf(q.table), view = q.view ? viewOf(q.view)?.settings ?? {} : {}, r = { ...q.query, ...(q.filter && { filter: q.filter }), ...(q.sort && { sort: q.sort }), ...(q.group && { group: q.group }), ...(q.search && { search: q.search }) };
  const how = { sort: r.sort ?? view.sort, group: r.group ?? view.group ?? [], search: r.search, filter: { and: [view.filter, r.filter].filter(Boolean) } };
  const list = order(table, rows[q.table], how);
  return { table, list, groups: how.group.length ? groups(table, list, how.group, q.summaries) : undefined, summaries: summaries(list, q.summaries) };
}
function snap(sid, sub) {
  const { table, list, groups: g, summaries: s } = ask(sub);
  const fields = sub.fields ?? table.fields.map((f) => f.id), { from, len } = sub.range ?? { from: 0, len: 0 };
  if (sub.aggregate) return { t: 'snap', sid, epoch: 1, rev, schema_rev: base.schema_version, total: 0, from: 0, fields: [], rows: [], agg: aggregate(table, list, sub.aggregate) };
  return { t: 'snap', sid, epoch: 1, rev, schema_rev: base.schema_version, total: list.length, from, fields, groups: g, summaries: s, rows: list.slice(from, from + len).map((r) => [r.id, r.version, fields.map((f) => r.cells[f] ?? null)]) };
}
function diff(was, now) {
  if (now.agg) return [['a', now.agg]];
  const ops = [], have = was.rows.map((r) => r[0]), want = new Map(now.rows.map((r) => [r[0], r]));
  for (let i = have.length - 1; i >= 0; i--) if (!want.has(have[i])) { have.splice(i, 1); ops.push(['d', now.from + i]); }
  now.rows.forEach((r, i) => { if (have[i] === r[0]) return; const k = have.indexOf(r[0]); if (k >= 0) { have.splice(i, 0, ...have.splice(k, 1)); ops.push(['m', now.from + k, now.from + i]); } else { have.splice(i, 0, r[0]); ops.push(['i', now.from + i, r]); } });
  const old = new Map(was.rows.map((r) => [r[0], r]));
  now.rows.forEach((r, i) => { const o = old.get(r[0]); if (!o) return; const c = {}; r[2].forEach((v, k) => { if (JSON.stringify(v) !== JSON.stringify(o[2][k])) c[k] = v; }); if (Object.keys(c).length) ops.push(['u', now.from + i, r[0], r[1], c]); });
  if (was.total !== now.total) ops.push(['t', now.total]);
  if (JSON.stringify(was.groups) !== JSON.stringify(now.groups)) ops.push(['g', now.groups ?? []]);
  if (JSON.stringify(was.summaries) !== JSON.stringify(now.summaries)) ops.push(['s', now.summaries]);
  return ops;
}
function publish(before, schema) {
  for (const s of sessions) {
    if (schema) s.send({ t: 'schema', rev, base: describe() });
    const wins = [];
    for (const [sid, sub] of s.subs) { if (!tableOf(sub.spec.table)) continue; const now = snap(sid, sub.spec), o = diff(sub.last, now); sub.last = now; if (o.length) wins.push({ sid, ops: o }); }
    s.send({ t: 'patch', from_rev: before, to_rev: rev, wins });
  }
}
function commit(list, dry) {
  const before = rev, options = JSON.stringify(base.tables.map((t) => t.fields)), result = run(list, dry);
  if (!dry) { const schema = list.some((o) => !/^(records|cells)\./.test(o.op)) || JSON.stringify(base.tables.map((t) => t.fields)) !== options; if (schema) base.schema_version++; publish(before, schema); }
  return result;
}

const routes = [
  ['GET', /^\/session$/, () => { if (!signedIn) throw refuse('unauthenticated', 'Sign in first'); return { person: people[0], csrf: null }; }],
  ['POST', /^\/session$/, (_, b) => { if (b.password !== 'demo') throw refuse('unauthenticated', 'E-mail or password is wrong'); signedIn = true; return { person: people[0] }; }],
  ['DELETE', /^\/session$/, () => { signedIn = false; return {}; }],
  ['GET', /^\/setup$/, () => ({ needed: process.env.SETUP === '1' })],
  ['POST', /^\/setup$/, () => { signedIn = true; return { person: people[0] }; }],
  ['GET', /^\/bases$/, () => [{ id: base.id, name: base.name, role: 'owner', color: 'teal' }, { id: 'appOther', name: '市场部 2026', role: 'editor', color: 'indigo' }]],
  ['POST', /^\/bases$/, () => ({ id: base.id })],
  ['GET', /^\/templates$/, () => [['project', '项目管理', '任务、里程碑、依赖、工时'], ['bugs', '缺陷跟踪', '严重度、复现步骤、版本'], ['crm', '客户关系', '线索、跟进、合同'], ['content', '内容日历', '选题、排期、渠道'], ['stock', '库存管理', 'SKU、出入库、预警'], ['expense', '费用报销', '审批流、凭证、汇总']].map(([i, n, d]) => ({ id: i, name: n, description: d, tables: [n] }))],
  ['GET', /^\/bases\/\w+$/, (m) => { if (!m[0].endsWith('appDemo')) throw refuse('not_found', 'There is no such base'); return describe(); }],
  ['GET', /^\/bases\/\w+\/people$/, () => people],
  ['PUT', /^\/bases\/\w+\/people/, () => ({})], ['DELETE', /^\/bases\/\w+\/people\/\w+$/, () => ({})],
  ['POST', /^\/bases\/\w+\/commands$/, (_, b) => commit(b.ops, b.dry)],
  ['POST', /^\/bases\/\w+\/query$/, (_, b) => { const a = ask(b), from = b.offset ?? 0, fs = b.fields; return { version: rev, total: a.list.length, offset: from, groups: a.groups, summaries: a.summaries, aggregate: b.aggregate && aggregate(a.table, a.list, b.aggregate), records: a.list.slice(from, from + (b.limit ?? 100)).map((r) => ({ id: r.id, version: r.version, cells: fs ? Object.fromEntries(fs.map((f) => [f, r.cells[f] ?? null])) : r.cells })) }; }],
  ['GET', /^\/bases\/\w+\/tables\/(\w+)\/records\/(\w+)$/, (m) => { const r = rows[m[1]]?.find((x) => x.id === m[2]); if (!r) throw refuse('not_found', 'There is no such record'); return r; }],
  ['GET', /^\/bases\/\w+\/tables\/(\w+)\/records\/(\w+)\/history$/, (m) => history.filter((h) => h.record === m[2])],
  ['GET', /^\/bases\/\w+\/automations\/\w+\/runs$/, () => [{ id: 'run2', time: new Date(Date.now() - 3600e3).toISOString(), status: 'ok', cause: 'schedule', log: ['[09:00:00.412] Fix export bug #118 已逾期 4 天 → 提醒', '[09:00:00.415] 接入支付网关 #204 已逾期 9 天 → 警告'], changes: 5, effects: 5, duration_ms: 12 }, { id: 'run1', time: new Date(Date.now() - 90000e3).toISOString(), status: 'failed', cause: 'schedule', log: [], changes: 0, effects: 0, duration_ms: 3, error: 'line 3: function not found: diff_days' }]],
  ['POST', /^\/bases\/\w+\/automations\/\w+\/test$/, () => ({ id: 'dry', time: new Date().toISOString(), status: 'ok', log: ['[09:00:00.412] Fix export bug #118 已逾期 4 天 → 提醒'], changes: [{ table: 'tblTasks', record: 'recT3', field: 'fldNote', before: null, after: '已逾期 4 天' }], effects: ['notify Wang Fang'], duration_ms: 12 })],
  ['POST', /^\/bases\/\w+\/scripts\/check$/, (_, b) => ({ diagnostics: b.script.includes('oops') ? [{ line: 1 + b.script.slice(0, b.script.indexOf('oops')).split('\n').length - 1, column: 1, message: 'unknown name "oops"' }] : [] })],
  ['POST', /^\/bases\/\w+\/formulas\/check$/, (_, b) => { const bad = /\{([^}]*)\}/g, d = []; for (let m; (m = bad.exec(b.formula)); ) if (!tableOf(b.table).fields.some((f) => f.name === m[1])) d.push({ from: m.index, to: m.index + m[0].length, message: `There is no field "${m[1]}"`, suggestion: `{${tableOf(b.table).fields[0].name}}` }); return d.length ? { diagnostics: d } : { type: 'number', value: 42, diagnostics: [] }; }],
  ['GET', /^\/functions$/, () => [['IF', 'logic', '(condition, then, else = blank) -> any', 'One of two values.'], ['SUM', 'number', '(values…) -> number', 'The sum of numbers.'], ['LEFT', 'text', '(text, count: number = 1) -> text', 'The first `count` characters of `text`.'], ['DATETIME_DIFF', 'date', '(a, b, unit) -> number', 'The time between two dates.'], ['TODAY', 'date', '() -> date', 'Today in the time zone of the base.']].map(([name, family, signature, doc]) => ({ name, family, signature, doc, examples: [] }))],
  ['GET', /^\/inbox$/, () => [{ id: 'n1', time: new Date(Date.now() - 600e3).toISOString(), base: base.id, table: 'tblTasks', record: 'recT3', text: '陈晓 把任务交给了你', read: false }]],
  ['POST', /^\/inbox\/read$/, () => ({})],
  ['GET', /^\/tokens$/, () => [{ id: 'tok1', name: 'CI', created: '2026-05-01T08:00:00Z', last_used: null }]],
  ['POST', /^\/tokens$/, (_, b) => ({ id: 'tok2', name: b.name, secret: 'shf_5Qw8…mock', created: new Date().toISOString() })],
  ['DELETE', /^\/tokens\/\w+$/, () => ({})],
];
const server = createServer(async (req, res) => {
  let body = ''; for await (const c of req) body += c;
  const path = new URL(req.url, 'http://x').pathname.replace(/^\/api\/v1/, '');
  const out = (status, v) => { res.writeHead(status, { 'content-type': 'application/json' }); res.end(JSON.stringify(v)); };
  for (const [method, re, f] of routes) {
    const m = method === req.method && re.exec(path);
    if (!m) continue;
    try { return out(200, f(m, body ? JSON.parse(body) : {})); } catch (e) { return out({ unauthenticated: 401, not_found: 404, invalid: 422 }[e.problem?.code] ?? 500, e.problem ?? { code: 'internal', message: String(e.stack) }); }
  }
  out(404, { code: 'not_found', message: `no route ${req.method} ${path}` });
});
server.on('upgrade', (req, socket) => {
  const key = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  const s = { subs: new Map(), send: (m) => { const d = Buffer.from(JSON.stringify(m)); const h = d.length < 126 ? Buffer.from([0x81, d.length]) : d.length < 65536 ? Buffer.from([0x81, 126, d.length >> 8, d.length & 255]) : (() => { const b = Buffer.alloc(10); b[0] = 0x81; b[1] = 127; b.writeBigUInt64BE(BigInt(d.length), 2); return b; })(); socket.write(Buffer.concat([h, d])); } };
  sessions.add(s);
  let buf = Buffer.alloc(0);
  const end = () => { sessions.delete(s); socket.destroy(); };
  socket.on('close', end).on('error', end).on('data', (d) => {
    buf = Buffer.concat([buf, d]);
    for (;;) {
      if (buf.length < 2) return;
      let len = buf[1] & 127, at = 2;
      if (len === 126) { if (buf.length < 4) return; len = buf.readUInt16BE(2); at = 4; } else if (len === 127) { if (buf.length < 10) return; len = Number(buf.readBigUInt64BE(2)); at = 10; }
      if (buf.length < at + 4 + len) return;
      const mask = buf.subarray(at, at + 4), data = Buffer.from(buf.subarray(at + 4, at + 4 + len)).map((b, i) => b ^ mask[i % 4]), opcode = buf[0] & 15;
      buf = buf.subarray(at + 4 + len);
      if (opcode === 8) return end();
      if (opcode === 1) hear(s, JSON.parse(data.toString()));
    }
  });
});
function hear(s, m) {
  if (m.t === 'hello') { s.send({ t: 'welcome', session: `ses${next++}`, epoch: 1, rev, schema_rev: base.schema_version, person: 'usrWang', limits: {} }); s.send({ t: 'inbox', unread: 1 }); s.send({ t: 'pres', who: 'usrChen', session: 'x1', table: 'tblTasks', view: 'viwAll', record: 'recT14', field: 'fldTags' }); s.send({ t: 'pres', who: 'usrAna', session: 'x2', table: 'tblTasks', view: 'viwAll', record: 'recT9', field: 'fldProgress' }); }
  else if (m.t === 'ping') s.send({ t: 'pong', at: m.at });
  else if (m.t === 'sub') { const { t: _t, sid, ...spec } = m, last = snap(sid, spec); s.subs.set(sid, { spec, last }); s.send(last); }
  else if (m.t === 'unsub') s.subs.delete(m.sid);
  else if (m.t === 'cmd') setTimeout(() => { try { const r = commit(m.ops, m.dry); s.send({ t: 'ack', n: m.n, rev: r.version, results: r.results, skipped: r.skipped }); } catch (e) { s.send({ t: 'nack', n: m.n, ...(e.problem ?? { code: 'internal', message: String(e) }) }); } }, 60);
}
server.listen(port, '127.0.0.1', () => console.log(`mock on ${port}`));
