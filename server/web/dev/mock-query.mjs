// Filter, sort, group and aggregate of the mock server: plain loops, good enough to look at the app.
const list = (v) => (Array.isArray(v) ? v.map((x) => x?.id ?? x) : v == null || v === '' ? [] : [v]);
const text = (v, field) => {
  if (v == null) return '';
  const o = field?.options?.options;
  return list(v).map((x) => o?.find((e) => e.id === x)?.name ?? (v?.[0]?.title ? v.find((l) => l.id === x)?.title : undefined) ?? String(x)).join(', ');
};
export const label = text;
const today = () => new Date().toISOString().slice(0, 10);
const shift = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
const asDate = (v) => {
  if (!v || typeof v !== 'object' || !('relative' in v)) return v;
  const n = v.n ?? 0;
  return { today: today(), yesterday: shift(-1), tomorrow: shift(1), daysAgo: shift(-n), daysFromNow: shift(n), pastDays: shift(-n), nextDays: shift(n) }[v.relative] ?? today();
};

export function matches(filter, row, fields) {
  if (!filter) return true;
  if (filter.and) return filter.and.every((f) => matches(f, row, fields));
  if (filter.or) return filter.or.length === 0 || filter.or.some((f) => matches(f, row, fields));
  if (filter.formula) return true;
  const v = row.cells[filter.field] ?? null;
  const field = fields.find((f) => f.id === filter.field);
  const want = filter.value?.me ? 'usrWang' : asDate(filter.value);
  const have = list(v), wants = list(want);
  switch (filter.op) {
    case 'is': return field?.type === 'checkbox' ? !!v === !!want : have.length === wants.length && wants.every((w) => have.includes(w));
    case 'isNot': return field?.type === 'checkbox' ? !!v !== !!want : !(have.length === wants.length && wants.every((w) => have.includes(w)));
    case 'contains': return text(v, field).toLowerCase().includes(String(want ?? '').toLowerCase());
    case 'doesNotContain': return !text(v, field).toLowerCase().includes(String(want ?? '').toLowerCase());
    case 'startsWith': return text(v, field).startsWith(String(want ?? ''));
    case 'isEmpty': return have.length === 0;
    case 'isNotEmpty': return have.length > 0;
    case 'gt': case 'isAfter': return v != null && v > want;
    case 'gte': case 'isOnOrAfter': return v != null && v >= want;
    case 'lt': case 'isBefore': return v != null && v < want;
    case 'lte': case 'isOnOrBefore': return v != null && v <= want;
    case 'isAnyOf': case 'hasAnyOf': return wants.some((w) => have.includes(w));
    case 'hasAllOf': return wants.every((w) => have.includes(w));
    case 'isNoneOf': case 'hasNoneOf': return !wants.some((w) => have.includes(w));
    default: return true;
  }
}
const rank = (field, v) => {
  const o = field?.options?.options;
  if (o) return list(v).map((x) => String(o.findIndex((e) => e.id === x)).padStart(3, '0')).join();
  return Array.isArray(v) ? text(v, field) : v;
};
const compare = (a, b) => (a == null || a === '' ? (b == null || b === '' ? 0 : 1) : b == null || b === '' ? -1 : a < b ? -1 : a > b ? 1 : 0);
export const bucket = (v, b) => (!v || !b ? v : b === 'year' ? v.slice(0, 4) : b === 'month' ? v.slice(0, 7) : b === 'week' ? new Date(Date.parse(v) - ((new Date(v).getUTCDay() + 6) % 7) * 86400000).toISOString().slice(0, 10) : b === 'quarter' ? `${v.slice(0, 4)}-Q${Math.ceil(+v.slice(5, 7) / 3)}` : v.slice(0, 10));

export function order(table, rows, { filter, sort = [], group = [], search }) {
  const by = [...group, ...sort];
  let out = rows.filter((r) => matches(filter, r, table.fields));
  if (search) out = out.filter((r) => table.fields.some((f) => text(r.cells[f.id], f).toLowerCase().includes(search.toLowerCase())));
  if (by.length) out = [...out].sort((a, b) => { for (const s of by) { const f = table.fields.find((x) => x.id === s.field); const c = compare(rank(f, bucket(a.cells[s.field], s.bucket)), rank(f, bucket(b.cells[s.field], s.bucket))); if (c) return s.desc ? -c : c; } return 0; });
  return out;
}
export function summarize(rows, field, fn) {
  const v = rows.map((r) => r.cells[field]), n = v.filter((x) => typeof x === 'number').sort((a, b) => a - b), sum = n.reduce((a, b) => a + b, 0);
  switch (fn) {
    case 'count': return rows.length;
    case 'empty': return v.filter((x) => list(x).length === 0).length;
    case 'filled': return v.filter((x) => list(x).length > 0).length;
    case 'unique': return new Set(v.map((x) => JSON.stringify(x))).size;
    case 'checked': return v.filter(Boolean).length;
    case 'sum': return sum;
    case 'average': return n.length ? sum / n.length : null;
    case 'min': return n[0] ?? null;
    case 'max': return n.at(-1) ?? null;
    case 'median': return n[n.length >> 1] ?? null;
    case 'range': return n.length ? n.at(-1) - n[0] : null;
    default: return null;
  }
}
export const summaries = (rows, want) => Object.fromEntries(Object.entries(want ?? {}).map(([f, fn]) => [f, summarize(rows, f, fn)]));
export function groups(table, rows, group, want) {
  const out = [];
  const walk = (from, to, level) => {
    if (level >= group.length) return;
    const g = group[level], f = table.fields.find((x) => x.id === g.field), key = (i) => JSON.stringify(bucket(rows[i].cells[g.field] ?? null, g.bucket));
    for (let i = from; i < to; ) {
      let j = i; while (j < to && key(j) === key(i)) j++;
      const v = bucket(rows[i].cells[g.field] ?? null, g.bucket);
      out.push({ level, key: v, label: text(v, f), color: f?.options?.options?.find((o) => o.id === v)?.color, from: i, count: j - i, summaries: summaries(rows.slice(i, j), want) });
      walk(i, j, level + 1);
      i = j;
    }
  };
  walk(0, rows.length, 0);
  return out;
}
export function aggregate(table, rows, agg) {
  const cells = (rs) => agg.measures.map((m) => summarize(rs, m.field, m.function));
  const map = new Map();
  for (const r of rows) {
    let keys = [[]];
    for (const g of agg.by) { const f = table.fields.find((x) => x.id === g.field); const v = f?.type === 'multiSelect' ? list(r.cells[g.field]) : [bucket(r.cells[g.field] ?? null, g.bucket)]; keys = keys.flatMap((k) => v.map((x) => [...k, x])); }
    for (const k of keys) { const s = JSON.stringify(k); if (!map.has(s)) map.set(s, [k, []]); map.get(s)[1].push(r); }
  }
  const field = (i) => table.fields.find((x) => x.id === agg.by[i].field);
  let out = [...map.values()].map(([keys, rs]) => ({ keys, labels: keys.map((k, i) => text(k, field(i)) || '(empty)'), colors: keys.map((k, i) => field(i)?.options?.options?.find((o) => o.id === k)?.color ?? null), values: cells(rs) }));
  out.sort((a, b) => (agg.order === '-value' ? b.values[0] - a.values[0] : agg.order === 'value' ? a.values[0] - b.values[0] : compare(rank(field(0), a.keys[0]), rank(field(0), b.keys[0]))));
  if (!agg.by.length) out = [];
  return { groups: agg.limit ? out.slice(0, agg.limit) : out, totals: cells(rows), records: rows.length };
}
