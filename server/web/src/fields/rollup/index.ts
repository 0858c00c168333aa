import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const rollup: FieldKind = {
  type: 'rollup',
  name: { en: 'Rollup', zh: '汇总' },
  icon: icons.rollup,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 130,
  Settings: () => import('../edit/ThroughSettings.svelte'),
};
