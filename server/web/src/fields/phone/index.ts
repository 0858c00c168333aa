import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { click, paint } from './paint';

export const phone: FieldKind = {
  type: 'phone',
  name: { en: 'Phone', zh: '电话' },
  icon: icons.phone,
  paint,
  codec,
  editing: 'text',
  click,
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Editor: () => import('../edit/Text.svelte'),
};
