/** A moment as day and clock of a time zone, and back. */
export function inZone(moment: string, zone: string): { day: string; time: string } {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return { day: moment.slice(0, 10), time: '00:00' };
  const parts = Object.fromEntries(format(zone).formatToParts(at).map((part) => [part.type, part.value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

/** The moment whose clock in `zone` shows `day` and `time`. Two steps settle the hour that a change of summer time moves. */
export function fromZone(day: string, time: string, zone: string): string {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let at = wanted;
  for (let i = 0; i < 2; i++) {
    const seen = inZone(new Date(at).toISOString(), zone);
    at += wanted - Date.parse(`${seen.day}T${seen.time}:00Z`);
  }
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** Today by the calendar of a zone. A base has one "today" for all who work in it. */
export function todayIn(zone: string, now = Date.now()): string {
  return inZone(new Date(now).toISOString(), zone).day;
}

function format(zone: string): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
}
