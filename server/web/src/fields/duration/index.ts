import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const duration: FieldKind = {
  type: 'duration',
  name: { en: 'Duration', zh: '时长' },
  icon: icons.duration,
  paint,
  codec,
  editing: 'text',
  align: 'right',
  operators: ['is', 'isNot', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 110,
  Editor: () => import('../edit/Text.svelte'),
  Settings: () => import('./Settings.svelte'),
};
