/** Props of every `Settings.svelte`: it shows `options` of a field to be and reports the changed ones. */
import type { Field, FieldOptions, FieldType, Table } from '../api/types';

export interface SettingsProps {
  readonly options: FieldOptions;
  readonly table: Table;
  readonly type: FieldType;
  /** The field that is changed; absent for a new one. */
  readonly field?: Field;
  readonly onchange: (options: FieldOptions) => void;
}
