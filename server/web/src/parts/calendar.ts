/** Days of a month as a calendar shows them. Dates are "2026-06-18" and have no zone. */
export function monthDays(month: string, weekStart: 0 | 1): string[] {
  const first = new Date(`${month}-01T00:00:00Z`);
  const lead = (first.getUTCDay() - weekStart + 7) % 7;
  return Array.from({ length: 42 }, (_, i) => isoDay(new Date(first.getTime() + (i - lead) * 86_400_000)));
}

export function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

export function addDays(day: string, n: number): string {
  return isoDay(new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000));
}

/** The same day of another month, or that month's last. */
export function addMonths(day: string, n: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  const target = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + n + 1, 0));
  target.setUTCDate(Math.min(date.getUTCDate(), target.getUTCDate()));
  return isoDay(target);
}
