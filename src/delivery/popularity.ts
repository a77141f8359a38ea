/** Contents counted. A branch asks for some hundred different ones in a week. */
const COUNTED = 1024;

/** Requests after which all counts are halved: yesterday's pattern must not keep today's out. */
const HALF_LIFE = 1024;

/** How often contents were asked for lately. */
export interface Popularity {
  /** Counts a request; answers how many there were, this one included. */
  asked(name: string): number;
  of(name: string): number;
}

export function createPopularity(): Popularity {
  const counts = new Map<string, number>();
  let since = 0;

  function age(): void {
    since = 0;
    for (const [name, count] of counts) {
      if (count > 1) counts.set(name, count >> 1);
      else counts.delete(name);
    }
  }

  const of = (name: string): number => counts.get(name) ?? 0;
  return {
    of,
    asked(name) {
      since += 1;
      if (since > HALF_LIFE || counts.size >= COUNTED) age();
      const count = of(name) + 1;
      counts.set(name, count);
      return count;
    },
  };
}
