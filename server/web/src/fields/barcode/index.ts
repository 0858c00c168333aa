import { icons } from '../icons';
import type { FieldKind } from '../types';
import { codec } from './codec';
import { paint } from './paint';

export const barcode: FieldKind = {
  type: 'barcode',
  name: { en: 'Barcode', zh: '条码' },
  icon: icons.barcode,
  paint,
  codec,
  editing: 'text',
  operators: ['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'isEmpty', 'isNotEmpty'],
  width: 150,
  Editor: () => import('../edit/Text.svelte'),
};
