import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const modifiedTime: FieldKind = {
  type: 'modifiedTime',
  name: { en: 'Modified time', zh: '修改时间' },
  icon: icons.modifiedTime,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'isNot', 'isBefore', 'isAfter', 'isOnOrBefore', 'isOnOrAfter', 'isWithin', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Settings: () => import('../edit/WatchSettings.svelte'),
};
