/**
 * The only place that fetches. Every method answers the parsed body or throws `ApiError` with the server's code and
 * sentence. A lost network is `ApiError` with the code "offline".
 */
import type {
  Base, BaseEntry, CommandResult, FormulaCheck, FormulaFunction, HistoryEntry, Notification, Op, Person, Problem, QueryRequest, QueryResult,
  Role, Row, Run, ScriptCheck, SessionInfo, Template, Token,
} from './types';
import type { components } from './schema';
import type { RecordId, TableId } from '../fields/wire';

/** Bodies as the server's own description has them. */
type Sent = components['schemas'];

const root = '/api/v1';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problem?: Problem,
  ) {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(root + path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'offline', 'The server cannot be reached');
  }
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function problemOf(answer: Response): Promise<ApiError> {
  try {
    const problem = (await answer.json()) as Problem;
    return new ApiError(answer.status, problem.code ?? 'internal', problem.message ?? answer.statusText, problem);
  } catch {
    return new ApiError(answer.status, 'internal', answer.statusText || `The server answered ${answer.status}`);
  }
}

/** A random id of 128 bits; `crypto.randomUUID` is missing on plain http. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const base = (id: string): string => `/bases/${encodeURIComponent(id)}`;

export const api = {
  session: () => call<SessionInfo>('GET', '/session'),
  login: (email: string, password: string) => call<SessionInfo>('POST', '/session', { email, password } satisfies Sent['Login']),
  logout: () => call<void>('DELETE', '/session'),
  setupNeeded: () => call<{ needed: boolean }>('GET', '/setup'),
  setup: (body: Sent['Setup']) => call<SessionInfo>('POST', '/setup', body),

  bases: () => call<BaseEntry[]>('GET', '/bases'),
  templates: () => call<Template[]>('GET', '/templates'),
  createBase: (body: Sent['NewBase']) => call<{ id: string }>('POST', '/bases', body),
  base: (id: string) => call<Base>('GET', base(id)),
  renameBase: (id: string, name: string) => call<void>('PATCH', base(id), { name } satisfies Sent['BaseSettings']),
  deleteBase: (id: string) => call<void>('DELETE', base(id)),
  people: (id: string) => call<(Person & { role: Role })[]>('GET', `${base(id)}/people`),
  share: (id: string, who: { person?: string; email?: string }, role: Role) => call<{ login_link?: string } | undefined>('PUT', `${base(id)}/people`, { ...who, role } satisfies Sent['Share']),
  unshare: (id: string, person: string) => call<void>('DELETE', `${base(id)}/people/${person}`),

  commands: (id: string, ops: readonly Op[], dry = false) =>
    call<CommandResult>('POST', `${base(id)}/commands`, dry ? { ops, dry } : { ops }, { 'idempotency-key': randomId() }),
  query: (id: string, request: QueryRequest) => call<QueryResult>('POST', `${base(id)}/query`, request),
  record: (id: string, table: TableId, record: RecordId) => call<Row>('GET', `${base(id)}/tables/${table}/records/${record}`),
  history: (id: string, table: TableId, record: RecordId) =>
    call<HistoryEntry[]>('GET', `${base(id)}/tables/${table}/records/${record}/history`),
  exportUrl: (id: string, table: TableId, view?: string) => `${root}${base(id)}/tables/${table}/export.csv${view ? `?view=${view}` : ''}`,
  importCsv: (id: string, table: TableId, file: Blob) =>
    call<unknown>('POST', `${base(id)}/tables/${table}/import`, file, { 'content-type': 'text/csv' }),

  runs: (id: string, automation: string) => call<Run[]>('GET', `${base(id)}/automations/${automation}/runs`),
  test: (id: string, automation: string, record?: RecordId) =>
    call<Run>('POST', `${base(id)}/automations/${automation}/test`, (record ? { record } : {}) satisfies Sent['TestRun']),
  checkScript: (id: string, script: string) => call<ScriptCheck>('POST', `${base(id)}/scripts/check`, { script } satisfies Sent['Script']),
  checkFormula: (id: string, body: { table: TableId; formula: string; record?: RecordId }) =>
    call<FormulaCheck>('POST', `${base(id)}/formulas/check`, body satisfies Sent['Formula']),
  functions: () => call<FormulaFunction[]>('GET', '/functions'),

  inbox: () => call<Notification[]>('GET', '/inbox'),
  inboxRead: () => call<void>('POST', '/inbox/read', {}),
  tokens: () => call<Token[]>('GET', '/tokens'),
  createToken: (name: string) => call<Token>('POST', '/tokens', { name } satisfies Sent['NewToken']),
  deleteToken: (id: string) => call<void>('DELETE', `/tokens/${id}`),
};
