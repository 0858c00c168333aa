import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const createdTime: FieldKind = {
  type: 'createdTime',
  name: { en: 'Created time', zh: '创建时间' },
  icon: icons.createdTime,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'isNot', 'isBefore', 'isAfter', 'isOnOrBefore', 'isOnOrAfter', 'isWithin', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Settings: () => import('../date/Settings.svelte'),
};
