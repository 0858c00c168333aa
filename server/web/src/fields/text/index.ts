import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const text: FieldKind = {
  type: 'text',
  name: { en: 'Text', zh: '文本' },
  icon: icons.text,
  paint,
  codec,
  editing: 'text',
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 200,
  Editor: () => import('../edit/Text.svelte'),
};
