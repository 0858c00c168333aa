import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const longText: FieldKind = {
  type: 'longText',
  name: { en: 'Long text', zh: '多行文本' },
  icon: icons.longText,
  paint,
  codec,
  editing: 'text',
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 260,
  Editor: () => import('./Editor.svelte'),
};
