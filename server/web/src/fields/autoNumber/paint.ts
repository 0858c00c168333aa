import { paintText } from '../draw';
import type { Paint } from '../types';
import { codec } from './codec';

export const paint: Paint = (p, rect, value, field) => paintText(p, rect, codec.format(value, field, p), { color: p.theme.fg2 });
