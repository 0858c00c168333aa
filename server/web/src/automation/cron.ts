/** A schedule as people choose it, and the five-field cron pattern that the server keeps. */
export interface Timing {
  readonly every: 'hour' | 'day' | 'week' | 'month';
  /** "09:00"; for every hour only the minutes count. */
  readonly at: string;
  /** 1 is Monday. */
  readonly weekday?: number;
  readonly day?: number;
}

export function toCron({ every, at, weekday = 1, day = 1 }: Timing): string {
  const [hour = 9, minute = 0] = at.split(':').map(Number);
  switch (every) {
    case 'hour':
      return `${minute} * * * *`;
    case 'day':
      return `${minute} ${hour} * * *`;
    case 'week':
      return `${minute} ${hour} * * ${weekday % 7}`;
    case 'month':
      return `${minute} ${hour} ${day} * *`;
  }
}

/** What `toCron` makes comes back; other patterns are shown as text. */
export function fromCron(cron: string): Timing | null {
  const match = /^(\d{1,2}) (\d{1,2}|\*) (\d{1,2}|\*) \* (\d|\*)$/.exec(cron.trim());
  if (!match) return null;
  const [, minute = '0', hour = '*', day = '*', weekday = '*'] = match;
  const at = `${(hour === '*' ? '00' : hour).padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (hour === '*') return day === '*' && weekday === '*' ? { every: 'hour', at } : null;
  if (day !== '*' && weekday !== '*') return null;
  if (weekday !== '*') return { every: 'week', at, weekday: Number(weekday) || 7 };
  return day === '*' ? { every: 'day', at } : { every: 'month', at, day: Number(day) };
}
