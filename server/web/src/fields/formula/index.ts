import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const formula: FieldKind = {
  type: 'formula',
  name: { en: 'Formula', zh: '公式' },
  icon: icons.formula,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Settings: () => import('./Settings.svelte'),
};
