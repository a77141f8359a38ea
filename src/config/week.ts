/** In the order of `Date.getDay`. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * `mon-fri`, `sat,sun`, `fri-mon,wed` → days of the week as numbers, Sunday is 0. Ranges hold both ends and may go over the
 * end of the week. Undefined for anything else.
 */
export function parseDays(text: string): ReadonlySet<number> | undefined {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first = -1, last = first, ...more] = part.split('-').map((name) => DAYS.indexOf(name.trim()));
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    const count = ((last - first + 7) % 7) + 1;
    for (let i = 0; i < count; i += 1) days.add((first + i) % 7);
  }
  return days;
}

/** `08:30` → minutes since midnight, 00:00 to 23:59. Undefined for anything else. */
export function parseTimeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}
