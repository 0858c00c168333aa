import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const lookup: FieldKind = {
  type: 'lookup',
  name: { en: 'Lookup', zh: '查找引用' },
  icon: icons.lookup,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'contains', 'doesNotContain', 'isEmpty', 'isNotEmpty'],
  width: 160,
  Settings: () => import('../edit/ThroughSettings.svelte'),
};
