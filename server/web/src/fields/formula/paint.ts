import { paintResult } from '../result';
import type { Paint } from '../types';

export const paint: Paint = (p, rect, value, field) => paintResult(p, rect, value, field, typeof value === 'number' ? 'number' : 'text');
