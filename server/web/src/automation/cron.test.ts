import { expect, test } from 'vitest';
import { fromCron, toCron, type Timing } from './cron';

test('every choice comes back from its pattern', () => {
  const choices: Timing[] = [
    { every: 'hour', at: '00:15' },
    { every: 'day', at: '09:00' },
    { every: 'week', at: '18:30', weekday: 7 },
    { every: 'month', at: '00:00', day: 31 },
  ];
  for (const choice of choices) expect(fromCron(toCron(choice))).toEqual(choice);
});

test('other patterns are left as they are', () => {
  for (const cron of ['0 9 * * MON-FRI', '*/5 * * * *', '0 9 L * *', '0 9 1 1 *', 'soon', '0 9 1 * 1']) expect(fromCron(cron)).toBeNull();
});
