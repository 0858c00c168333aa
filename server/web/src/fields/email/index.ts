import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { click, paint } from './paint';

export const email: FieldKind = {
  type: 'email',
  name: { en: 'Email', zh: '邮箱' },
  icon: icons.email,
  paint,
  codec,
  editing: 'text',
  click,
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 180,
  Editor: () => import('../edit/Text.svelte'),
};
