import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { click, paint } from './paint';

export const rating: FieldKind = {
  type: 'rating',
  name: { en: 'Rating', zh: '评分' },
  icon: icons.rating,
  paint,
  codec,
  editing: 'text',
  click,
  operators: ['is', 'isNot', 'gt', 'gte', 'lt', 'lte', 'isEmpty', 'isNotEmpty'],
  width: 130,
  Editor: () => import('./Editor.svelte'),
  Settings: () => import('./Settings.svelte'),
};
