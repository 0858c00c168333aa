import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const autoNumber: FieldKind = {
  type: 'autoNumber',
  name: { en: 'Autonumber', zh: '自动编号' },
  icon: icons.autoNumber,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'isNot', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 110,
  Settings: () => import('./Settings.svelte'),
};
