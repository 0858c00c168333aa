import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const createdBy: FieldKind = {
  type: 'createdBy',
  name: { en: 'Created by', zh: '创建人' },
  icon: icons.createdBy,
  paint,
  codec,
  editing: 'none',
  operators: ['is', 'hasAnyOf', 'hasAllOf', 'hasNoneOf', 'isEmpty', 'isNotEmpty'],
  width: 150,
};
