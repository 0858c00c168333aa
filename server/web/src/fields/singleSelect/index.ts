import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const singleSelect: FieldKind = {
  type: 'singleSelect',
  name: { en: 'Single select', zh: '单选' },
  icon: icons.singleSelect,
  paint,
  codec,
  editing: 'rich',
  operators: ['is', 'isNot', 'isAnyOf', 'isNoneOf', 'isEmpty', 'isNotEmpty'],
  width: 130,
  Editor: () => import('../edit/Options.svelte'),
  Settings: () => import('../edit/OptionSettings.svelte'),
};
