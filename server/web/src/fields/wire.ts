/**
 * Fields and cell values as the server sends them: the words that the grid, the painters, the store and the editors
 * share. No behavior here. Shapes inside `options` are written by hand because each field type owns its own.
 */

export type BaseId = string & { readonly _: 'base' };
export type TableId = string & { readonly _: 'table' };
export type FieldId = string & { readonly _: 'field' };
export type RecordId = string & { readonly _: 'record' };
export type ViewId = string & { readonly _: 'view' };
export type UserId = string & { readonly _: 'user' };
export type OptionId = string & { readonly _: 'option' };

export type FieldType =
  | 'text'
  | 'longText'
  | 'number'
  | 'rating'
  | 'duration'
  | 'checkbox'
  | 'date'
  | 'singleSelect'
  | 'multiSelect'
  | 'person'
  | 'link'
  | 'url'
  | 'email'
  | 'phone'
  | 'barcode'
  | 'formula'
  | 'lookup'
  | 'rollup'
  | 'count'
  | 'autoNumber'
  | 'createdTime'
  | 'modifiedTime'
  | 'createdBy'
  | 'modifiedBy';

/** A failed computed cell; `error` is what a cell shows (`#DIV/0!`), `message` says why. */
export interface CellError {
  readonly error: string;
  readonly message?: string;
}

/** A linked record with the title it had when the cell was sent. */
export interface LinkRef {
  readonly id: RecordId;
  readonly title: string;
}

/**
 * One cell. Which member is right follows from the field's type (or from `result` of a computed field):
 * text kinds `string`; number, rating, duration (seconds) `number`; checkbox `boolean`; date `"2026-06-18"` or RFC 3339
 * in UTC; single select an option id; multi select and person lists of ids; link `LinkRef[]`; lookup a list of the
 * looked-up type's values; blank `null`.
 */
export type CellValue = null | string | number | boolean | CellError | LinkRef | readonly CellValue[];

export const colorNames = [
  'gray', 'red', 'orange', 'amber', 'lime', 'green', 'teal', 'cyan', 'blue', 'indigo', 'violet', 'pink',
] as const;
export type ColorName = (typeof colorNames)[number];

export interface SelectOption {
  readonly id: OptionId;
  readonly name: string;
  readonly color: ColorName;
}

export type NumberFormat = 'plain' | 'thousands' | 'percent' | 'currency' | 'progress';

/** Everything a field type may keep in `options`; each type reads only its own. */
export interface FieldOptions {
  /** single and multi select */
  readonly options?: readonly SelectOption[];
  /** number */
  readonly format?: NumberFormat | string;
  readonly decimals?: number;
  readonly currency?: string;
  /** rating */
  readonly max?: number;
  readonly icon?: 'star' | 'heart' | 'flag' | 'thumb' | string;
  /** date, createdTime, modifiedTime; `format` is then a pattern ("YYYY-MM-DD"), for durations "h:mm" or "h:mm:ss" */
  readonly time?: boolean;
  readonly zone?: string;
  /** autoNumber */
  readonly prefix?: string;
  readonly digits?: number;
  /** link: the table linked to, the field over there, whether several may be linked */
  readonly table?: TableId;
  readonly field?: FieldId;
  readonly many?: boolean;
  readonly [other: string]: unknown;
}

/** What a computed field gives. */
export interface ResultType {
  readonly type: FieldType;
  readonly options?: FieldOptions;
}

export interface Field {
  readonly id: FieldId;
  readonly name: string;
  readonly type: FieldType;
  readonly description?: string;
  readonly options: FieldOptions;
  readonly computed: boolean;
  readonly result?: ResultType;
}

export interface Person {
  readonly name: string;
  /** A color name of the design language, or any CSS color. */
  readonly color: string;
  readonly avatar?: string;
}

export function isCellError(value: CellValue | undefined): value is CellError {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'error' in value;
}

export function isLinkRef(value: CellValue | undefined): value is LinkRef {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value;
}

export function isBlank(value: CellValue | undefined): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
