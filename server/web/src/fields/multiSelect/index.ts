import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const multiSelect: FieldKind = {
  type: 'multiSelect',
  name: { en: 'Multiple select', zh: '多选' },
  icon: icons.multiSelect,
  paint,
  codec,
  editing: 'rich',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'isEmpty', 'isNotEmpty'],
  width: 180,
  Editor: () => import('../edit/Options.svelte'),
  Settings: () => import('../edit/OptionSettings.svelte'),
};
