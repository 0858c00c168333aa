import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const person: FieldKind = {
  type: 'person',
  name: { en: 'Person', zh: '人员' },
  icon: icons.person,
  paint,
  codec,
  editing: 'rich',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'isEmpty', 'isNotEmpty'],
  width: 160,
  Editor: () => import('./Editor.svelte'),
  Settings: () => import('./Settings.svelte'),
};
