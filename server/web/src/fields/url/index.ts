import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { click, paint } from './paint';

export const url: FieldKind = {
  type: 'url',
  name: { en: 'URL', zh: '链接' },
  icon: icons.url,
  paint,
  codec,
  editing: 'text',
  click,
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 200,
  Editor: () => import('../edit/Text.svelte'),
};
