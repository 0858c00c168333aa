import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const number: FieldKind = {
  type: 'number',
  name: { en: 'Number', zh: '数字' },
  icon: icons.number,
  paint,
  codec,
  editing: 'text',
  align: 'right',
  operators: ['is', 'isNot', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 120,
  Editor: () => import('../edit/Text.svelte'),
  Settings: () => import('./Settings.svelte'),
};
