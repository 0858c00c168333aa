import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const date: FieldKind = {
  type: 'date',
  name: { en: 'Date', zh: '日期' },
  icon: icons.date,
  paint,
  codec,
  editing: 'rich',
  operators: ['is', 'isNot', 'isBefore', 'isAfter', 'isOnOrBefore', 'isOnOrAfter', 'isWithin', 'isEmpty', 'isNotEmpty'],
  width: 130,
  Editor: () => import('./Editor.svelte'),
  Settings: () => import('./Settings.svelte'),
};
