import { expect, test } from 'vitest';
import { fromZone, inZone } from './zone';

test('the clock of a zone goes there and back', () => {
  expect(inZone('2026-06-18T01:30:00Z', 'Asia/Shanghai')).toEqual({ day: '2026-06-18', time: '09:30' });
  for (const zone of ['Asia/Shanghai', 'America/New_York', 'UTC', 'Asia/Kolkata'])
    for (const day of ['2026-01-15', '2026-03-29', '2026-11-01', '2026-12-31']) {
      expect(inZone(fromZone(day, '09:30', zone), zone)).toEqual({ day, time: '09:30' });
    }
});
