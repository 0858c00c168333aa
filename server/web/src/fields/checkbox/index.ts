import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { click, paint } from './paint';

export const checkbox: FieldKind = {
  type: 'checkbox',
  name: { en: 'Checkbox', zh: '复选框' },
  icon: icons.checkbox,
  paint,
  codec,
  editing: 'toggle',
  click,
  operators: ['is'],
  width: 80,
};
