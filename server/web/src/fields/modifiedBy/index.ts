import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const modifiedBy: FieldKind = {
  type: 'modifiedBy',
  name: { en: 'Modified by', zh: '修改人' },
  icon: icons.modifiedBy,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Settings: () => import('../edit/WatchSettings.svelte'),
};
