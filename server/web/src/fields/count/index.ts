import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const count: FieldKind = {
  type: 'count',
  name: { en: 'Count', zh: '计数' },
  icon: icons.count,
  paint,
  codec,
  editing: 'none',
  align: 'right',
  operators: ['is', 'isNot', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 100,
  Settings: () => import('../edit/ThroughSettings.svelte'),
};
