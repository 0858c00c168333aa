import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const link: FieldKind = {
  type: 'link',
  name: { en: 'Link to table', zh: '关联' },
  icon: icons.link,
  paint,
  codec,
  editing: 'rich',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'contains', 'doesNotContain', 'isEmpty', 'isNotEmpty'],
  width: 180,
  Editor: () => import('./Editor.svelte'),
  Settings: () => import('./Settings.svelte'),
};
