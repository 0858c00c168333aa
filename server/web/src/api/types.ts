/**
 * The shapes of docs/protocol.md. Names are the wire's. What the server describes itself is taken from `schema.d.ts`; what
 * it writes by hand (bases, rows, frames of the socket) stands here, with ids that cannot be mixed up. Fields and cell
 * values live in `fields/wire.ts`, because painters and codecs need them too.
 */
import type { components } from './schema';
import type { CellValue, ColorName, Field as WireField, FieldId, FieldOptions, FieldType, RecordId, TableId, UserId, ViewId } from '../fields/wire';

export type { CellValue, ColorName, FieldId, FieldOptions, FieldType, RecordId, TableId, UserId, ViewId } from '../fields/wire';

export type Role = 'owner' | 'editor' | 'viewer';
export type Version = number;

export interface Person {
  readonly id: UserId;
  readonly name: string;
  readonly email: string;
  readonly color: ColorName;
  readonly role?: Role;
}

export interface Field extends WireField {
  readonly required?: boolean;
  readonly unique?: boolean;
  readonly default?: CellValue;
  /** A computed field that is broken says why. */
  readonly error?: string;
}

export interface Table {
  readonly id: TableId;
  readonly name: string;
  readonly description?: string;
  readonly primary: FieldId;
  readonly fields: readonly Field[];
  readonly views: readonly View[];
  readonly records: number;
}

export interface Base {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly version: Version;
  readonly schema_version: Version;
  readonly locale: string;
  readonly time_zone: string;
  readonly tables: readonly Table[];
  readonly dashboards: readonly Dashboard[];
  readonly automations: readonly Automation[];
  readonly people: readonly Person[];
}

export type ViewKindName = 'grid' | 'kanban' | 'gantt' | 'calendar' | 'gallery' | 'form';

export interface View {
  readonly id: ViewId;
  readonly table: TableId;
  readonly name: string;
  readonly kind: ViewKindName;
  readonly personal: UserId | null;
  readonly locked: boolean;
  readonly settings: ViewSettings;
}

export interface ColumnSetting {
  readonly field: FieldId;
  readonly width?: number;
  readonly hidden?: boolean;
}

/** A column of a board in its place; `key` is an option, `null` for no value. Options not named come behind, shown. */
export interface BoardColumn {
  readonly key: string | null;
  readonly hidden?: boolean;
  readonly collapsed?: boolean;
}
export interface ViewSettings {
  readonly filter?: Filter | null;
  readonly sort?: readonly Sort[];
  readonly group?: readonly Group[];
  readonly search?: string;
  /** Order of the columns; fields not named come after, shown. */
  readonly fields?: readonly ColumnSetting[];
  readonly frozen?: number;
  readonly row_height?: 28 | 34 | 44 | 68 | 112;
  readonly summaries?: Readonly<Record<string, Summary>>;
  readonly kanban?: { readonly field: FieldId; readonly cards?: readonly FieldId[]; readonly columns?: readonly BoardColumn[] };
  readonly gantt?: {
    readonly start: FieldId;
    readonly end: FieldId;
    readonly progress?: FieldId;
    readonly depends?: FieldId;
    readonly color?: FieldId;
    /** Whether the critical path shows; yes if nothing is said. */
    readonly critical?: boolean;
    /** Whether tasks of one day are milestones; yes if nothing is said. */
    readonly milestones?: boolean;
    readonly zoom?: 'day' | 'week' | 'month';
  };
}

export type Filter = FilterAnd | FilterOr | FilterTest | FilterFormula;
export interface FilterAnd {
  readonly and: readonly Filter[];
}
export interface FilterOr {
  readonly or: readonly Filter[];
}
export interface FilterTest {
  readonly field: FieldId;
  readonly op: FilterOp;
  readonly value?: FilterValue;
}
export interface FilterFormula {
  readonly formula: string;
}
export type FilterOp =
  | 'is' | 'isNot' | 'contains' | 'doesNotContain' | 'startsWith' | 'isEmpty' | 'isNotEmpty'
  | 'gt' | 'gte' | 'lt' | 'lte'
  | 'isAnyOf' | 'isNoneOf' | 'hasAnyOf' | 'hasAllOf' | 'hasNoneOf'
  | 'isBefore' | 'isAfter' | 'isOnOrBefore' | 'isOnOrAfter' | 'isWithin';
export type RelativeDate =
  | 'today' | 'yesterday' | 'tomorrow' | 'daysAgo' | 'daysFromNow'
  | 'thisWeek' | 'lastWeek' | 'nextWeek' | 'thisMonth' | 'lastMonth' | 'nextMonth' | 'thisYear'
  | 'pastDays' | 'nextDays';
export type FilterValue = CellValue | { readonly relative: RelativeDate; readonly n?: number } | { readonly me: true };

export interface Sort {
  readonly field: FieldId;
  readonly desc?: boolean;
}
export type Bucket = 'day' | 'week' | 'month' | 'quarter' | 'year';
export interface Group extends Sort {
  readonly bucket?: Bucket;
}
export type Summary = 'count' | 'empty' | 'filled' | 'unique' | 'sum' | 'average' | 'min' | 'max' | 'median' | 'checked' | 'range';

export type BlockKind = 'metric' | 'bar' | 'line' | 'area' | 'pie' | 'pivot' | 'funnel' | 'table' | 'text';
export interface Block {
  readonly id: string;
  readonly kind: BlockKind;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly table?: TableId;
  readonly view?: ViewId;
  readonly filter?: Filter;
  readonly aggregate?: Aggregate;
  readonly settings?: Readonly<Record<string, unknown>>;
}
export interface Dashboard {
  readonly id: string;
  readonly name: string;
  readonly blocks: readonly Block[];
}
export interface Measure {
  readonly field?: FieldId;
  readonly function: Summary | 'percentile';
  readonly p?: number;
}
export interface Aggregate {
  readonly by: readonly Group[];
  readonly measures: readonly Measure[];
  readonly order?: 'key' | 'value' | '-value';
  readonly limit?: number;
}
export interface AggregateResult {
  readonly groups: readonly {
    readonly keys: readonly CellValue[];
    readonly labels: readonly string[];
    readonly colors: readonly (string | null)[];
    readonly values: readonly (number | null)[];
  }[];
  readonly totals: readonly (number | null)[];
  readonly records: number;
}

export interface Step {
  readonly kind: string;
  readonly [setting: string]: unknown;
}
export interface Automation {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly trigger: Step;
  readonly condition?: Filter | null;
  readonly actions: readonly Step[];
  readonly problem?: string;
}
export interface Run {
  readonly id: string;
  readonly time: string;
  readonly status: string;
  readonly cause?: string;
  readonly log?: readonly string[] | string;
  readonly changes?: readonly unknown[] | number;
  readonly effects?: readonly unknown[] | number;
  readonly duration_ms: number;
  readonly error?: string;
}

/** A record with its cells by field, as everything in the browser wants it. */
export interface Row {
  readonly id: RecordId;
  readonly version: Version;
  readonly cells: Readonly<Record<FieldId, CellValue>>;
}
export interface GroupNode {
  readonly level: number;
  readonly key: CellValue;
  readonly label: string;
  readonly color?: string;
  /** Index of its first record in the order. */
  readonly from: number;
  readonly count: number;
  readonly summaries?: Readonly<Record<string, number | null>>;
}
export type SummaryValues = Readonly<Record<string, number | null>>;

/** What narrows and orders a table, besides or instead of a view. */
export interface RowQuery {
  readonly filter?: Filter;
  readonly sort?: readonly Sort[];
  readonly group?: readonly Group[];
  readonly search?: string;
  /** The view whose order by hand counts where nothing is sorted. */
  readonly by_hand?: ViewId;
}
export interface QueryRequest extends RowQuery {
  readonly table: TableId;
  readonly view?: ViewId;
  readonly fields?: readonly FieldId[];
  readonly summaries?: Readonly<Record<string, Summary>>;
  readonly offset?: number;
  readonly limit?: number;
  readonly aggregate?: Aggregate;
  readonly at?: Version;
}
export interface QueryResult {
  readonly version: Version;
  readonly total: number;
  readonly offset: number;
  readonly records: readonly Row[];
  readonly groups?: readonly GroupNode[];
  readonly summaries?: SummaryValues;
  readonly aggregate?: AggregateResult;
}

/** A command's operations (protocol.md section 3); `as` names what an op makes, later ops say "@name". */
export type Op = { readonly op: string; readonly as?: string } & Readonly<Record<string, unknown>>;
export type Cells = Readonly<Record<FieldId, CellValue>>;
export interface NewField {
  readonly name: string;
  readonly type: FieldType;
  readonly options?: FieldOptions;
  readonly description?: string;
}
export interface Skipped {
  readonly table: TableId;
  readonly record: RecordId;
  readonly field: FieldId;
  readonly why: string;
}
export interface CommandResult {
  readonly version: Version;
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly skipped: readonly Skipped[];
}

/** Made here too, for what never reached the server: then nobody asked. */
export type Problem = Omit<components['schemas']['Problem'], 'field' | 'record' | 'request_id'> & {
  readonly field?: FieldId;
  readonly record?: RecordId;
  readonly request_id?: string;
};

export interface SessionInfo {
  readonly person: Person;
}
export interface BaseEntry {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly color?: ColorName;
}
export interface Template {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tables: readonly string[];
}
export interface HistoryEntry {
  readonly version: Version;
  readonly time: string;
  readonly by: UserId | null;
  readonly cause?: string | null;
  readonly field: FieldId | null;
  readonly before: CellValue;
  readonly after: CellValue;
}
export interface Notification {
  readonly id: string;
  readonly time: string;
  readonly base: string;
  readonly table?: TableId;
  readonly record?: RecordId;
  readonly text: string;
  readonly read: boolean;
}
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly created?: string;
  readonly last_used?: string | null;
  /** Only in the answer that makes it. */
  readonly secret?: string;
}
export type FormulaFunction = components['schemas']['Function'];
export interface FormulaCheck {
  readonly type?: string;
  readonly value?: CellValue;
  readonly diagnostics: readonly { readonly from: number; readonly to: number; readonly message: string; readonly suggestion?: string }[];
}
export interface ScriptCheck {
  readonly diagnostics: readonly { readonly line: number; readonly column: number; readonly message: string }[];
}
export interface ConversionReport {
  readonly converted: number;
  readonly blank: number;
  readonly failed: readonly { readonly record: RecordId; readonly text: string }[];
  readonly n_failed: number;
}

/* The live socket. */

export interface Where {
  readonly table?: TableId;
  readonly view?: ViewId;
  readonly record?: RecordId;
  readonly field?: FieldId;
  readonly editing?: boolean;
}
export interface SubSpec {
  readonly table: TableId;
  readonly view?: ViewId;
  readonly query?: RowQuery;
  readonly fields?: readonly FieldId[];
  readonly range?: { readonly from: number; readonly len: number };
  readonly summaries?: Readonly<Record<string, Summary>>;
  readonly filter?: Filter;
  readonly aggregate?: Aggregate;
}
export type ClientMessage =
  | { t: 'hello'; proto: 1; cid: string; last_n: number; resume?: { sid: string; epoch: number; rev: number }[] }
  | ({ t: 'sub'; sid: string } & SubSpec)
  | { t: 'unsub'; sid: string }
  | { t: 'cmd'; n: number; ops: readonly Op[]; if?: { version: Version }; dry?: boolean }
  | ({ t: 'pres' } & Where)
  | { t: 'ping'; at: number };

export type WireRow = readonly [RecordId, Version, readonly CellValue[]];
export type PatchOp =
  | readonly ['u', number, RecordId, Version, Readonly<Record<string, CellValue>>]
  | readonly ['i', number, WireRow]
  | readonly ['d', number]
  | readonly ['m', number, number]
  | readonly ['t', number]
  | readonly ['g', readonly GroupNode[]]
  | readonly ['s', SummaryValues]
  | readonly ['a', AggregateResult]
  | readonly ['x', string];
export interface Snap {
  readonly t: 'snap';
  readonly sid: string;
  readonly epoch: number;
  readonly rev: Version;
  readonly schema_rev: Version;
  readonly total: number;
  readonly from: number;
  readonly fields: readonly FieldId[];
  readonly rows: readonly WireRow[];
  readonly groups?: readonly GroupNode[];
  readonly summaries?: SummaryValues;
  readonly agg?: AggregateResult;
  /** Instead of rows: the query does not fit the base (any more). */
  readonly error?: Problem;
}
export interface PresenceMessage extends Where {
  readonly t: 'pres';
  readonly who: UserId;
  readonly session: string;
  readonly gone?: true;
}
export type ServerMessage =
  | { t: 'welcome'; session: string; epoch: number; rev: Version; schema_rev: Version; person: UserId; limits?: unknown }
  | Snap
  | { t: 'patch'; from_rev: Version; to_rev: Version; wins: readonly { readonly sid: string; readonly ops: readonly PatchOp[] }[] }
  | { t: 'schema'; rev: Version; base: Base }
  | { t: 'ack'; n: number; rev: Version; results: CommandResult['results']; skipped: readonly Skipped[] }
  | ({ t: 'nack'; n: number } & Problem)
  | PresenceMessage
  | { t: 'inbox'; unread: number }
  | { t: 'reset'; why: string }
  | { t: 'pong'; at: number };
